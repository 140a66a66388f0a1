//! Group stage `judge`: everything known of one review, as one score and, when it is suspected, a finding with its evidence.

mod chance;
mod composition;
mod evidence;
#[cfg(test)]
mod tests;

use huoyan_sdk::{Finding, Sink};

use crate::ReviewMalice;
use crate::days::Usual;
use crate::facts::{Facts, Polarity};
use crate::listing::side;
use crate::signal::Signal;
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
    let evidence = evidence::evidence(record, facts, &ledger, detector, usual);
    let members = facts.companions.iter().map(String::as_str).filter(|m| *m != record).take(MAX_MEMBERS);
    let mut finding = Finding::new(record, rule_of(facts, leading), score).evidence(evidence).members(members);
    let strongest = facts.hits.iter().filter(|h| h.kind != Kind::Told && h.span.0 < h.span.1);
    if let Some(hit) = strongest.max_by(|a, b| a.weight.total_cmp(&b.weight).then(b.span.cmp(&a.span))) {
        finding = finding.carried("text", hit.span.0 as usize..hit.span.1 as usize);
    }
    sink.finding(&finding);
}
