//! The evidence of a finding, so that somebody else can check it and the reviewer can object: the ledger that sums to the score, the
//! score without each family and each signal, and what each rests on.
//!
//! What must stay true: accounts go by pseudonyms, of other people's texts only short passages without contacts are told, and lists are
//! bounded, with counts that say how long they are. Of a crowd of hundreds one review in sixteen tells everything; the others are `brief`:
//! their ledger has a line for each family, and the model makes the lines of each signal from `signals`, which stay.

use std::collections::BTreeSet;

use huoyan_ledger::{Ledger, Model};
use huoyan_sdk::Evidence;

use super::{STRATA, composition, stratum};
use crate::ReviewMalice;
use crate::aside::Excerpt;
use crate::days::Usual;
use crate::facts::{Facts, Ring};
use crate::listing::side;
use crate::signal::{Family, Signal};
use crate::sketch::hash;

/// Copies told.
const COPIES: usize = 3;
/// Passages told of each.
const PASSAGES: usize = 3;
/// From so many reviews or accounts a campaign is a crowd; of these one in so many tells everything.
const CROWD: u32 = 256;
const ONE_IN: u64 = 16;
/// Meetings told of a ring. The report puts those of all its members together.
const MEETINGS: usize = 6;

pub(super) fn evidence(
    record: &str,
    facts: &Facts,
    ledger: &Ledger<'_>,
    detector: &ReviewMalice,
    usual: &Usual,
) -> Evidence {
    let model = &detector.model;
    let (side, stratum) = (side(facts.polarity), stratum(facts));
    let brief = is_brief(record, facts);
    let mut evidence = Evidence::new()
        .objects("ledger", if brief { sums(ledger) } else { entries(facts, ledger, model) })
        .texts("families", independent(ledger, model))
        .number("log_odds", ledger.total())
        .object("review", review(facts, usual))
        .text("side", crate::SIDES[side])
        .text("stratum", STRATA[stratum])
        .object("signals", signals(facts));
    let without = ledger.families.iter().map(|family| {
        let score = model.without(side, Some(stratum), &facts.signals.0, *family);
        Evidence::new().text("without", model.family(*family)).number("score", round(score))
    });
    evidence = evidence.objects("counterfactual", without);
    if let Some(w) = facts.window {
        let window = Evidence::new()
            .number("from", w.from as f64)
            .number("to", w.to as f64)
            .number("observed", f64::from(w.observed))
            .number("expected", round(f64::from(w.expected)));
        evidence = evidence.object("window", window);
    }
    if let Some(told) = composition::told(&facts.aside.composition, brief) {
        evidence = evidence.object("composition", told);
    }
    if !facts.copied.is_empty() {
        evidence = evidence.objects("copies", copies(facts, brief));
    }
    if let Some(told) = &facts.ring {
        evidence = evidence.object("ring", ring(told, usual, brief));
    }
    if brief {
        evidence = evidence.flag("brief", true);
    }
    let families: Vec<&str> = Family::ALL.iter().map(|family| family.as_str()).collect();
    let against = ledger
        .entries
        .iter()
        .filter(|e| e.contribution < 0.0 && e.signal != "family_cap" && families.contains(&e.family));
    evidence.texts("speaks_against", against.map(|e| e.signal))
}

/// Whether a review is one of a crowd whose others tell the same.
fn is_brief(record: &str, facts: &Facts) -> bool {
    let crowd = facts.window.map_or(0, |w| w.observed).max(facts.ring.as_ref().map_or(0, |ring| ring.agreed));
    crowd >= CROWD && !hash(record.as_bytes()).is_multiple_of(ONE_IN)
}

/// A line for each family, and one for what every review has. They sum to the same, to the last bit.
fn sums(ledger: &Ledger<'_>) -> Vec<Evidence> {
    let mut sums: Vec<(&str, f64)> = Vec::new();
    for entry in &ledger.entries {
        match sums.iter_mut().find(|(family, _)| *family == entry.family) {
            Some((_, sum)) => *sum += entry.contribution,
            None => sums.push((entry.family, entry.contribution)),
        }
    }
    let line = |(family, sum)| Evidence::new().text("signal", "all").text("family", family).number("contribution", sum);
    sums.into_iter().map(line).collect()
}

/// The lines of the ledger; each that raises the score says what it were without it.
fn entries(facts: &Facts, ledger: &Ledger<'_>, model: &Model) -> Vec<Evidence> {
    let (side, stratum) = (side(facts.polarity), stratum(facts));
    // Lines of signals come in the signals' order, so each is looked for behind the one before.
    let mut rest = Signal::ALL;
    let lines = ledger.entries.iter().map(|entry| {
        let line = Evidence::new()
            .text("signal", entry.signal)
            .text("family", entry.family)
            .number("contribution", entry.contribution);
        let at = rest.iter().position(|s| s.as_str() == entry.signal).filter(|_| entry.contribution > 0.0);
        let signal = at.map(|at| rest[at]);
        rest = &rest[at.map_or(0, |at| at + 1)..];
        let Some(signal) = signal else { return line };
        let mut values = facts.signals.0;
        values[signal as usize] = 0.0;
        let total = model.total(side, Some(stratum), &values);
        line.number("without", round(1.0 / (1.0 + (-total).exp())))
    });
    lines.collect()
}

/// The reviews with the same phrasing: the passages by their bytes, and the longest in both texts with what stands around it. `own` is left
/// out where it is the one of the copy before, `other` where it is `same` as one's own.
fn copies(facts: &Facts, brief: bool) -> impl Iterator<Item = Evidence> {
    let mut told: Option<&Excerpt> = None;
    facts.copied.iter().take(COPIES).enumerate().map(move |(i, copied)| {
        let spans = copied.shared.spans.iter().take(PASSAGES).map(|span| format!("{span:?}").replace(' ', ""));
        let copy = Evidence::new()
            .text("record", &copied.record)
            .number("percent", f64::from(copied.shared.percent))
            .raw("shared", &list(spans));
        let excerpt = facts.aside.excerpts.get(i).filter(|excerpt| !brief && !excerpt.own[1].is_empty());
        let Some(excerpt) = excerpt else { return copy };
        let texts = |texts: &[String; 3]| serde_json::to_string(texts).unwrap_or_else(|_| "[]".to_owned());
        let again = told.replace(excerpt).is_some_and(|before| before.own == excerpt.own);
        let copy = if again { copy } else { copy.raw("own", &texts(&excerpt.own)) };
        let same = excerpt.own == excerpt.other;
        if same { copy.flag("same", true) } else { copy.raw("other", &texts(&excerpt.other)) }
    })
}

fn ring(ring: &Ring, usual: &Usual, brief: bool) -> Evidence {
    let meetings = ring.meetings.iter().take(if brief { 0 } else { MEETINGS }).map(|met| {
        let told = Evidence::new()
            .text("account", &account(met.reviewer, usual))
            .text("listing", &format!("{:016x}", met.listing))
            .number("at", met.time as f64);
        if met.stars > 0 { told.number("stars", f64::from(met.stars)) } else { told }
    });
    let listings: BTreeSet<u64> = ring.meetings.iter().map(|met| met.listing).collect();
    Evidence::new()
        .number("agreed", f64::from(ring.agreed))
        .number("met", f64::from(ring.met))
        .number("chance", round(f64::from(ring.chance)))
        .number("listings", listings.len() as f64)
        .objects("meetings", meetings)
}

/// A name for an account that tells it from others of the same run. Who knows some accounts and their names cannot find others: that
/// takes the key, which only who has all reviews can make.
fn account(reviewer: u64, usual: &Usual) -> String {
    let name = blake3::keyed_hash(&usual.key, &reviewer.to_le_bytes());
    format!("acc-{}", &name.to_hex()[..10])
}

/// The families that speak, as far as they are independent: how many come at once and what they are like is one crowd seen twice, and
/// stands for one, so that a bad batch of quick buyers is never rejected on account of both.
fn independent<'m>(ledger: &Ledger<'_>, model: &'m Model) -> Vec<&'m str> {
    let names: Vec<&str> = ledger.families.iter().map(|family| model.family(*family)).collect();
    let burst = names.contains(&Family::Burst.as_str());
    names.into_iter().filter(|name| !(burst && *name == Family::Company.as_str())).collect()
}

/// What the review itself is, its author under another name.
fn review(facts: &Facts, usual: &Usual) -> Evidence {
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
    out
}

/// The signals that are not 0, in as few digits as tell them apart.
fn signals(facts: &Facts) -> Evidence {
    let told = |s: &&Signal| facts.signals.get(**s) != 0.0;
    let each = Signal::ALL.iter().filter(told).map(|s| (s.as_str(), facts.signals.get(*s).to_string()));
    each.fold(Evidence::new(), |all, (name, value)| all.raw(name, &value))
}

fn list(parts: impl Iterator<Item = String>) -> String {
    format!("[{}]", parts.collect::<Vec<_>>().join(","))
}

pub(super) fn round(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}

/// A chance in two digits, however small.
pub(super) fn number(value: f64) -> String {
    if value >= 0.01 { ((value * 1e3).round() / 1e3).to_string() } else { format!("{value:.1e}") }
}
