//! Rare traits that many of those who come at once have: a burst's composition.

use crate::days::{DAY, Low};
use crate::facts::{Facts, Polarity};
use crate::listing::company::REASON;
use crate::listing::crowd::Crowd;
use crate::listing::{ENOUGH_CHARS, Member, NAMED, name};
use crate::scan::{Best, scan, surplus};
use crate::signal::Signal;
use crate::wording::Kind;

/// Windows, in days.
const WINDOWS: &[i64] = &[3, 14, 40, 75];
/// Log-likelihood ratio from which those who share a trait are named.
const SURPRISING: f64 = 2.0;
/// Log-odds from which a text praises.
const PRAISES: f32 = 0.8;
/// Usual share of low ratings whose words praise, of those without a complaint in words, and of wording of one kind.
const MISMATCHES: f64 = 0.05;
const UNFOUNDED: f64 = 0.15;
const WORDINGS: f64 = 0.03;

/// For each point whether it has the trait, and how usual that is; nothing where it is not known.
type Trait = Vec<Option<(bool, f64)>>;

/// Sets the signals of traits shared with others near in time, and names companions.
pub(super) fn judge(members: &mut [Member], crowd: &Crowd<'_>) {
    let rare = |lows: Vec<Option<Low>>| lows.into_iter().map(|low| low.map(|low| (low.rare, low.base))).collect();
    let unverified = crowd.facts(members).map(|f| f.verified.map(|v| (!v, crowd.usual.unverified)));
    let negative = crowd.polarity == Polarity::Negative;
    let sounds = |least: f32, usual: f64| -> Trait {
        let unfounded = |f: &Facts| f.tone.praise >= least && (f.tone.praise > 0.0 || f.chars >= ENOUGH_CHARS);
        crowd.facts(members).map(|f| Some((negative && unfounded(f), usual))).collect()
    };
    let mut traits: Vec<(Signal, Trait)> = vec![
        (Signal::FastTogether, rare(crowd.delays(members))),
        (Signal::FreshTogether, rare(crowd.ages(members))),
        (Signal::UnverifiedTogether, unverified.collect()),
        (Signal::MismatchTogether, sounds(PRAISES, MISMATCHES)),
        (Signal::MismatchTogether, sounds(0.0, UNFOUNDED)),
    ];
    for kind in [Kind::Extort, Kind::Advert, Kind::Abuse, Kind::Nonsense, Kind::Paid] {
        traits.push((Signal::WordingTogether, crowd.facts(members).map(|f| Some((f.says(kind), WORDINGS))).collect()));
    }
    let mut companions: Vec<(f64, Vec<usize>)> = vec![(SURPRISING, Vec::new()); crowd.at.len()];
    for (signal, have) in &traits {
        for (k, window) in together(crowd, have).into_iter().enumerate() {
            if window.value > companions[k].0 {
                companions[k] = (window.value, nearest(k, window, have));
            }
            let honest = matches!(signal, Signal::FastTogether | Signal::FreshTogether);
            let value = if honest { window.value.min(REASON) } else { window.value };
            let signals = &mut members[crowd.at[k]].facts.signals;
            signals.set(*signal, signals.get(*signal).max(value as f32));
        }
    }
    for (i, (_, others)) in crowd.at.iter().zip(&companions) {
        for other in others {
            let record = members[crowd.at[*other]].record.clone();
            name(&mut members[*i].facts, record);
        }
    }
}

/// For each point that has the trait: how surprising it is that so many others near in time have it too, given how many
/// wrote at all. The point itself is left out of both counts.
fn together(crowd: &Crowd<'_>, have: &Trait) -> Vec<Best> {
    let has = |k: usize| have[k].is_some_and(|(yes, _)| yes);
    let mut out = vec![Best::default(); have.len()];
    let with = crowd.sums(|k| f64::from(u8::from(has(k))));
    if with[have.len()] < 2.0 {
        return out;
    }
    // Shares differ a little from quarter to quarter; the largest is the cautious one.
    let share = have.iter().flatten().map(|(_, p)| *p).fold(0.0, f64::max);
    for days in WINDOWS {
        let windows = scan(&crowd.times, days * DAY, |a, b| {
            let (n, k) = (crowd.accounts(a, b) - 1.0, with[b] - with[a] - 1.0);
            if k <= 0.0 { 0.0 } else { surplus(k, share * n.max(crowd.expected(a, b, *days))) }
        });
        for (k, window) in windows.into_iter().enumerate() {
            if has(k) && window.value > out[k].value {
                out[k] = window;
            }
        }
    }
    out
}

/// The points of the window that have the trait and are nearest to `k`.
fn nearest(k: usize, window: Best, have: &Trait) -> Vec<usize> {
    let has = |j: &usize| have[*j].is_some_and(|(yes, _)| yes);
    let before = (window.start..k).rev().filter(has).take(NAMED / 2);
    let after = (k + 1..window.end).filter(has).take(NAMED / 2);
    before.chain(after).collect()
}
