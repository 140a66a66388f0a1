//! Group stage `judge`: everything known of one review, as one score and, when it is suspected, a finding with its evidence.

use std::fmt::Write as _;

use huoyan_ledger::{Ledger, Model};
use huoyan_sdk::{Evidence, Finding, Sink};

use crate::ReviewMalice;
use crate::days::Usual;
use crate::facts::{Facts, Polarity};
use crate::listing::side;
use crate::signal::{Family, Signal};
use crate::wording::Kind;

/// Other reviews named as members of the same campaign.
const MAX_MEMBERS: usize = 16;

/// Reviews are compared with those of accounts about as active: that wrote nothing else, up to three others, or more.
pub const STRATA: [&str; 3] = ["one", "few", "many"];

/// The stratum of a review. Of a nameless one no more is known than of one whose author wrote nothing else.
pub fn stratum(facts: &Facts) -> usize {
    match facts.others.unwrap_or(0) {
        0 => 0,
        1..=3 => 1,
        _ => 2,
    }
}

/// The rule for a review whose leading signal is this.
fn rule(signal: Signal) -> &'static str {
    use Signal as S;
    match signal {
        S::BurstShort | S::BurstLong | S::BurstShop | S::Campaign => "RM001",
        S::FastTogether | S::FreshTogether | S::UnverifiedTogether | S::OrdinaryBuyers | S::OddBuyers => "RM001",
        S::BadCompany | S::GoodCompany | S::NearCompany | S::UnlikeCompany | S::WorstNear | S::InnocentNear => "RM001",
        S::PhraseNearest | S::PhraseSeveral | S::CopyAcross | S::CopySelf => "RM002",
        S::Ring | S::RingWide => "RM003",
        S::SerialShare
        | S::SerialPace
        | S::NegativeShare
        | S::SerialHarsh
        | S::SerialMild
        | S::Established
        | S::Steady
        | S::Balanced
        | S::FreshAccount
        | S::OldAccount
        | S::Lone => "RM004",
        S::Mismatch | S::NoComplaint | S::MismatchTogether | S::Moderate => "RM005",
        S::Extort | S::Told => "RM006",
        S::Advert => "RM007",
        S::Abuse | S::Nonsense => "RM008",
        S::Paid => "RM009",
        S::RefundSerial => "RM010",
        S::FastReview | S::SlowReview | S::Unverified => "RM011",
        S::WordingTogether | S::WordingAccount => "RM006",
    }
}

fn rule_of(facts: &Facts, leading: Option<Signal>) -> &'static str {
    let said = [(Kind::Extort, "RM006"), (Kind::Advert, "RM007"), (Kind::Abuse, "RM008"), (Kind::Nonsense, "RM008")];
    let rule = leading.map_or("RM001", rule);
    if facts.polarity == Polarity::Positive {
        return if rule == "RM003" || rule == "RM005" { rule } else { "RM009" };
    }
    if matches!(leading, Some(Signal::WordingTogether)) {
        return said.iter().find(|(kind, _)| facts.says(*kind)).map_or(rule, |(_, rule)| rule);
    }
    rule
}

/// Gives the score, and a finding when the score is at least what is to be reported.
pub fn report(record: &str, facts: &Facts, detector: &ReviewMalice, usual: &Usual, sink: &mut Sink<'_>) {
    let (side, stratum, values) = (side(facts.polarity), Some(stratum(facts)), &facts.signals.0);
    let total = detector.model.total(side, stratum, values);
    let score = 1.0 / (1.0 + (-total).exp());
    sink.score(record, score);
    if score < detector.report_from {
        return;
    }
    let ledger = detector.model.judge(side, stratum, values);
    let leading = ledger.leading.map(|at| Signal::ALL[at]);
    let evidence = evidence(facts, &ledger, detector, usual);
    let members = facts.companions.iter().map(String::as_str).filter(|m| *m != record).take(MAX_MEMBERS);
    let mut finding = Finding::new(record, rule_of(facts, leading), score).evidence_json(&evidence).members(members);
    let strongest = facts.hits.iter().filter(|h| h.kind != Kind::Told && h.span.0 < h.span.1);
    if let Some(hit) = strongest.max_by(|a, b| a.weight.total_cmp(&b.weight).then(b.span.cmp(&a.span))) {
        finding = finding.field("text", hit.span.0 as usize..hit.span.1 as usize);
    }
    sink.finding(&finding);
}

/// A name for an account that tells it from others of the same run. Who knows some accounts and their names cannot find others: that
/// takes the key, which only who has all reviews can make.
fn account(reviewer: u64, usual: &Usual) -> String {
    let name = blake3::keyed_hash(&usual.key, &reviewer.to_le_bytes());
    format!("acc-{}", &name.to_hex()[..10])
}

fn evidence(facts: &Facts, ledger: &Ledger<'_>, detector: &ReviewMalice, usual: &Usual) -> String {
    let model = &detector.model;
    let (side, stratum) = (side(facts.polarity), stratum(facts));
    let entries = serde_json::to_string(&ledger.entries).unwrap_or_else(|_| "[]".to_owned());
    let mut evidence = Evidence::new()
        .raw("ledger", &entries)
        .texts("families", independent(ledger, model))
        .number("log_odds", ledger.total())
        .raw("review", &review(facts, usual))
        .text("side", crate::SIDES[side])
        .text("stratum", STRATA[stratum])
        .raw("signals", &signals(facts));
    let mut without = String::from("[");
    for family in &ledger.families {
        let score = model.without(side, Some(stratum), &facts.signals.0, *family);
        let one = Evidence::new().text("without", model.family(*family)).number("score", round(score)).finish();
        let _ = write!(without, "{}{one}", if without.len() > 1 { "," } else { "" });
    }
    evidence = evidence.raw("counterfactual", &format!("{without}]"));
    if let Some(w) = facts.window {
        let window = Evidence::new()
            .number("from", w.from as f64)
            .number("to", w.to as f64)
            .number("observed", f64::from(w.observed))
            .number("expected", round(f64::from(w.expected)))
            .finish();
        evidence = evidence.raw("window", &window);
    }
    if !facts.copied.is_empty() {
        let each = facts.copied.iter().map(|copied| {
            let spans: Vec<String> = copied.shared.spans.iter().map(|s| format!("{s:?}")).collect();
            Evidence::new()
                .text("record", &copied.record)
                .number("percent", f64::from(copied.shared.percent))
                .raw("shared", &format!("[{}]", spans.join(",")))
                .finish()
        });
        evidence = evidence.raw("copies", &format!("[{}]", each.collect::<Vec<_>>().join(",")));
    }
    if let Some(ring) = &facts.ring {
        let meetings = ring.meetings.iter().map(|met| {
            let told = Evidence::new()
                .text("account", &account(met.reviewer, usual))
                .text("listing", &format!("{:016x}", met.listing))
                .number("at", met.time as f64);
            if met.stars > 0 { told.number("stars", f64::from(met.stars)) } else { told }.finish()
        });
        let told = Evidence::new()
            .number("agreed", f64::from(ring.agreed))
            .number("met", f64::from(ring.met))
            .number("chance", round(f64::from(ring.chance)))
            .raw("meetings", &format!("[{}]", meetings.collect::<Vec<_>>().join(",")))
            .finish();
        evidence = evidence.raw("ring", &told);
    }
    let families: Vec<&str> = Family::ALL.iter().map(|family| family.as_str()).collect();
    let against = ledger
        .entries
        .iter()
        .filter(|e| e.contribution < 0.0 && e.signal != "family_cap" && families.contains(&e.family));
    evidence.texts("speaks_against", against.map(|e| e.signal)).finish()
}

/// The families that speak, as far as they are independent: how many come at once and what they are like is one crowd seen twice, and
/// stands for one, so that a bad batch of quick buyers is never rejected on account of both.
fn independent<'m>(ledger: &Ledger<'_>, model: &'m Model) -> Vec<&'m str> {
    let names: Vec<&str> = ledger.families.iter().map(|family| model.family(*family)).collect();
    let burst = names.contains(&Family::Burst.as_str());
    names.into_iter().filter(|name| !(burst && *name == Family::Company.as_str())).collect()
}

fn round(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}

/// What the review itself is, its author under another name.
fn review(facts: &Facts, usual: &Usual) -> String {
    let [listing, shop] = &facts.ids;
    let mut out = Evidence::new();
    if let Some(time) = facts.time {
        out = out.number("at", time as f64);
    }
    for (key, id) in [("listing", listing), ("shop", shop)].into_iter().filter(|(_, id)| !id.is_empty()) {
        out = out.text(key, id);
    }
    if facts.ring.is_some() {
        out = out.text("listing_key", &format!("{:016x}", facts.listing));
    }
    if facts.reviewer != 0 {
        out = out.text("account", &account(facts.reviewer, usual));
    }
    if facts.stars > 0 {
        out = out.number("stars", f64::from(facts.stars));
    }
    for (key, value) in [("verified", facts.verified), ("refunded", facts.refunded)] {
        if let Some(value) = value {
            out = out.flag(key, value);
        }
    }
    for (key, value) in [("delay_hours", facts.delay_hours), ("account_age_days", facts.age_days)] {
        if let Some(value) = value {
            out = out.number(key, round(f64::from(value)));
        }
    }
    out.finish()
}

/// The signals that are not 0, as JSON.
fn signals(facts: &Facts) -> String {
    Signal::ALL
        .iter()
        .filter(|s| facts.signals.get(**s) != 0.0)
        .fold(Evidence::new(), |e, s| e.number(s.as_str(), f64::from(facts.signals.get(*s))))
        .finish()
}
