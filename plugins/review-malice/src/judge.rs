//! Group stage `judge`: everything known of one review, as one score and, when it is suspected, findings with their evidence.

use std::collections::BTreeSet;

use huoyan_sdk::{Evidence, Finding, Sink};

use crate::ReviewMalice;
use crate::codec::{Reader, Writer};
use crate::facts::Facts;
use crate::model::Ledger;
use crate::signal::Signal;
use crate::wording::Kind;

/// Other reviews named as members of the same campaign.
const MAX_MEMBERS: usize = 16;

/// What one pair of listings, or one bucket of near copies, says about a review.
#[derive(Clone, Debug, PartialEq)]
pub struct Meetings<'a> {
    /// Log-likelihood ratio against agreeing by chance.
    pub value: f32,
    /// Other accounts that agreed.
    pub agreeing: u32,
    /// Other accounts that met.
    pub met: u32,
    /// Keys of reviews of those that agreed.
    pub members: Vec<&'a str>,
}

impl<'a> Meetings<'a> {
    /// As bytes.
    pub fn write(&self) -> Vec<u8> {
        let mut w = Writer::new();
        w.f32(self.value).u32(self.agreeing).u32(self.met).u8(self.members.len() as u8);
        for member in &self.members {
            w.text(member);
        }
        w.into_bytes()
    }

    /// From bytes.
    pub fn read(r: &mut Reader<'a>) -> Option<Self> {
        let (value, agreeing, met) = (r.f32()?, r.u32()?, r.u32()?);
        let count = r.u8()?;
        let members = (0..count).map(|_| r.text()).collect::<Option<_>>()?;
        Some(Self { value, agreeing, met, members })
    }
}

/// Everything known of one review.
pub struct Case {
    /// The review with its signals.
    pub facts: Facts,
    /// Keys of other reviews of the same campaign.
    pub members: BTreeSet<String>,
    agreeing: u32,
    met: u32,
}

impl Case {
    /// A case with nothing but the review's own row.
    pub fn new(facts: Facts) -> Self {
        let members = facts.companions.iter().cloned().collect();
        Self { facts, members, agreeing: 0, met: 0 }
    }

    /// Adds what a pair of listings ([`Signal::Ring`]) or a bucket of near copies ([`Signal::CopyAcross`]) says.
    pub fn join(&mut self, signal: Signal, meetings: Meetings<'_>) {
        let signals = &mut self.facts.signals;
        signals.set(signal, signals.get(signal).max(meetings.value));
        if signal == Signal::Ring && meetings.agreeing > self.agreeing {
            (self.agreeing, self.met) = (meetings.agreeing, meetings.met);
        }
        self.members.extend(meetings.members.into_iter().map(str::to_owned));
    }
}

/// The rule for a review whose leading signal is this.
fn rule(signal: Signal) -> &'static str {
    use Signal as S;
    match signal {
        S::BurstShort | S::BurstLong | S::BurstShop | S::FastTogether | S::FreshTogether | S::UnverifiedTogether => {
            "RM001"
        }
        S::OrdinaryBuyers | S::OddBuyers => "RM001",
        S::PhraseNearest | S::PhraseSeveral | S::CopyAcross | S::CopySelf => "RM002",
        S::Ring => "RM003",
        S::SerialShare | S::SerialPace | S::FreshAccount => "RM004",
        S::Mismatch | S::NoComplaint | S::MismatchTogether => "RM005",
        S::Extort | S::Told => "RM006",
        S::Advert => "RM007",
        S::Abuse | S::Nonsense => "RM008",
        S::Paid => "RM009",
        S::RefundSerial => "RM010",
        S::FastReview | S::Unverified => "RM011",
        S::WordingTogether | S::WordingAccount => "RM006",
    }
}

fn rule_of(case: &Case, ledger: &Ledger) -> &'static str {
    use crate::facts::Polarity;
    let leading = ledger.leading.map_or("RM001", rule);
    let said = [(Kind::Extort, "RM006"), (Kind::Advert, "RM007"), (Kind::Abuse, "RM008"), (Kind::Nonsense, "RM008")];
    if case.facts.polarity == Polarity::Positive {
        return if leading == "RM003" || leading == "RM005" { leading } else { "RM009" };
    }
    if ledger.leading == Some(Signal::WordingTogether) {
        return said.iter().find(|(kind, _)| case.facts.says(*kind)).map_or(leading, |(_, rule)| rule);
    }
    leading
}

/// Gives the score, and a finding when the score is at least what is to be reported.
pub fn report(record: &str, case: &Case, detector: &ReviewMalice, sink: &mut Sink<'_>) {
    let ledger = detector.model.judge(case.facts.polarity, &case.facts.signals);
    let score = ledger.score();
    sink.score(record, score);
    if score < detector.report_from {
        return;
    }
    let entries = serde_json::to_string(&ledger.entries).unwrap_or_else(|_| "[]".to_owned());
    let mut evidence = Evidence::new()
        .raw("ledger", &entries)
        .texts("families", ledger.families.iter().map(|f| f.as_str()))
        .number("log_odds", ledger.total())
        .raw("signals", &signals(case));
    if case.met > 0 {
        evidence =
            evidence.number("accounts_agreeing", f64::from(case.agreeing)).number("accounts_met", f64::from(case.met));
    }
    if let Some(w) = case.facts.window {
        let window = Evidence::new()
            .number("from", w.from as f64)
            .number("to", w.to as f64)
            .number("observed", f64::from(w.observed))
            .number("expected", f64::from(w.expected))
            .finish();
        evidence = evidence.raw("window", &window);
    }
    let against: Vec<&str> =
        ledger.entries.iter().filter(|e| e.contribution < 0.0 && e.family != "base").map(|e| e.signal).collect();
    let evidence = evidence.texts("speaks_against", against).finish();
    let members = case.members.iter().map(String::as_str).filter(|m| *m != record).take(MAX_MEMBERS);
    let mut finding = Finding::new(record, rule_of(case, &ledger), score).evidence_json(&evidence).members(members);
    let strongest = case.facts.hits.iter().filter(|h| h.kind != Kind::Told && h.span.0 < h.span.1);
    if let Some(hit) = strongest.max_by(|a, b| a.weight.total_cmp(&b.weight).then(b.span.cmp(&a.span))) {
        finding = finding.field("text", hit.span.0 as usize..hit.span.1 as usize);
    }
    sink.finding(&finding);
}

/// The signals that are not 0, as JSON.
fn signals(case: &Case) -> String {
    Signal::ALL
        .iter()
        .filter(|s| case.facts.signals.get(**s) != 0.0)
        .fold(Evidence::new(), |e, s| e.number(s.as_str(), f64::from(case.facts.signals.get(*s))))
        .finish()
}
