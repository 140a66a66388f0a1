//! Group stage `listing`: what the reviews of one listing show together.
//!
//! A burst alone says little: a bad batch and a lost lorry make bursts too. So every burst is also tested for its
//! composition (do its members share rare traits — written hours after delivery, accounts made yesterday, praise in words
//! under one star?), and a burst of ordinary buyers speaks against malice. Each review is judged by the *others*: nobody is
//! suspicious for being alone.

use std::collections::{BTreeMap, BTreeSet};

use crate::days::{DAY, Usual, day};
use crate::facts::{Facts, Polarity};
use crate::phrases::Phrases;
use crate::scan::{Best, scan, surplus};
use crate::signal::Signal;
use crate::wording::Kind;

const SHORT: &[i64] = &[1, 3];
const LONG: &[i64] = &[7, 14, 30, 70];
/// Windows in which traits are compared.
const TRAIT: &[i64] = &[3, 14, 40, 75];
/// Reviews further apart than this were not handed out together.
const COPY_REACH: i64 = 90 * DAY;
/// A piece that more reviews of the listing have than this is the listing's own name, not a shared phrase.
const MAX_POSTINGS: usize = 300;
/// Nats below which a piece is everyday language.
pub const EVERYDAY: f32 = 4.0;
/// Log-odds from which a text praises.
pub const PRAISES: f32 = 0.8;
/// Usual share of low ratings whose words praise, and of wording of one kind.
const MISMATCHES: f64 = 0.05;
const WORDINGS: f64 = 0.03;

/// One review of the group.
pub struct Member {
    /// Its key.
    pub record: String,
    /// What is known of it.
    pub facts: Facts,
}

/// Sets the signals of a listing's reviews. `members` come in order of time.
pub fn judge(members: &mut [Member], usual: &Usual, phrases: &Phrases) {
    alone(members, usual);
    for polarity in [Polarity::Negative, Polarity::Positive] {
        bursts(members, polarity, usual);
    }
    copies(members, phrases);
}

/// Signals that need no other review.
pub fn alone(members: &mut [Member], usual: &Usual) {
    for m in members {
        let f = &mut m.facts;
        let praise = f.tone.praise;
        let (fast, fresh) = (usual.delay(f.delay_hours), usual.age(f.age_days, day(f.time)));
        let nats = |share: f64| (0.3 / share.max(0.003)).ln().max(0.0) as f32;
        if let Some(low) = fast {
            f.signals.set(Signal::FastReview, nats(low.share));
        }
        if let Some(low) = fresh {
            f.signals.set(Signal::FreshAccount, nats(low.share));
        }
        if f.verified == Some(false) {
            f.signals.set(Signal::Unverified, 1.0);
        }
        match f.polarity {
            Polarity::Negative => {
                f.signals.set(Signal::Mismatch, praise.max(0.0));
                f.signals.set(Signal::NoComplaint, f32::from(f.tone.words == 0 && f.chars > 1));
            }
            Polarity::Positive => f.signals.set(Signal::Mismatch, (-praise - 1.0).max(0.0)),
            Polarity::Neutral => {}
        }
        for i in 0..f.hits.len() {
            let hit = f.hits[i];
            let signal = match hit.kind {
                Kind::Extort => Signal::Extort,
                Kind::Advert => Signal::Advert,
                Kind::Abuse => Signal::Abuse,
                Kind::Nonsense => Signal::Nonsense,
                Kind::Paid if f.polarity == Polarity::Positive => Signal::Paid,
                Kind::Told if f.polarity != Polarity::Positive => Signal::Told,
                Kind::Paid | Kind::Told => continue,
            };
            f.signals.set(signal, hit.weight.abs());
        }
    }
}

fn bursts(members: &mut [Member], polarity: Polarity, usual: &Usual) {
    let dated: Vec<i64> = members.iter().filter(|m| day(m.facts.time).is_some()).filter_map(|m| m.facts.time).collect();
    let at: Vec<usize> = (0..members.len())
        .filter(|i| members[*i].facts.polarity == polarity && day(members[*i].facts.time).is_some())
        .collect();
    if at.len() < 2 {
        return;
    }
    let times: Vec<i64> = at.iter().filter_map(|i| members[*i].facts.time).collect();
    // Each account counts once, with its first review; nameless ones count each.
    let mut seen = BTreeSet::new();
    let mut counted = vec![0.0; at.len() + 1];
    for (k, i) in at.iter().enumerate() {
        let who = members[*i].facts.reviewer;
        counted[k + 1] = counted[k] + f64::from(u8::from(who == 0 || seen.insert(who)));
    }
    let first_day = dated[0].div_euclid(DAY);
    let life = usual.exposure(first_day, usual.range().1);
    let base = if polarity == Polarity::Negative { usual.negative } else { usual.positive };
    let expected = |start: usize, end: usize, days: i64| {
        let n = counted[end] - counted[start];
        let from = dated.partition_point(|t| *t < times[start]);
        let to = dated.partition_point(|t| *t <= times[end - 1]);
        let all_outside = (dated.len() - (to - from)) as f64;
        let mine_outside = counted[at.len()] - n;
        let start_day = times[start].div_euclid(DAY);
        let window = usual.exposure(start_day, start_day + days - 1).max(0.3);
        let rate = (all_outside + 1.0) / (life - window).max(life * 0.1 + 1.0);
        let share = (mine_outside + 2.0 * base) / (all_outside + 2.0);
        rate * share * window
    };
    let mut best = vec![Best::default(); at.len()];
    for (lengths, signal) in [(SHORT, Signal::BurstShort), (LONG, Signal::BurstLong)] {
        let mut value = vec![0.0f64; at.len()];
        for days in lengths {
            let found = scan(&times, days * DAY, |a, b| surplus(counted[b] - counted[a] - 1.0, expected(a, b, *days)));
            for (k, window) in found.into_iter().enumerate() {
                value[k] = value[k].max(window.value);
                if window.value > best[k].value {
                    best[k] = window;
                }
            }
        }
        for (k, i) in at.iter().enumerate() {
            members[*i].facts.signals.set(signal, value[k] as f32);
        }
    }
    let rare = |low: Option<crate::days::Low>| low.map(|l| (l.rare, l.base));
    let facts = |i: usize| &members[i].facts;
    let fast: Vec<_> = at.iter().map(|i| rare(usual.delay(facts(*i).delay_hours))).collect();
    let fresh: Vec<_> = at.iter().map(|i| rare(usual.age(facts(*i).age_days, day(facts(*i).time)))).collect();
    let unverified: Vec<_> = at.iter().map(|i| facts(*i).verified.map(|v| (!v, usual.unverified))).collect();
    let mismatch: Vec<_> = at
        .iter()
        .map(|i| Some((polarity == Polarity::Negative && facts(*i).tone.praise > PRAISES, MISMATCHES)))
        .collect();
    let mut found: Vec<(Signal, Vec<f64>)> = Vec::new();
    let mut look = |signal: Signal, have: &[Option<(bool, f64)>]| {
        found.push((signal, together(&times, have, |a, b, days| expected(a, b, days), &counted)));
    };
    look(Signal::FastTogether, &fast);
    look(Signal::FreshTogether, &fresh);
    look(Signal::UnverifiedTogether, &unverified);
    look(Signal::MismatchTogether, &mismatch);
    for kind in [Kind::Extort, Kind::Advert, Kind::Abuse, Kind::Nonsense, Kind::Paid] {
        let said: Vec<_> = at.iter().map(|i| Some((facts(*i).says(kind), WORDINGS))).collect();
        look(Signal::WordingTogether, &said);
    }
    let company: Vec<(f64, f64)> = (0..at.len()).map(|k| company(k, best[k], &fast, &fresh)).collect();
    for (k, i) in at.iter().enumerate() {
        let signals = &mut members[*i].facts.signals;
        for (signal, values) in &found {
            signals.set(*signal, signals.get(*signal).max(values[k] as f32));
        }
        signals.set(Signal::OrdinaryBuyers, company[k].0 as f32);
        signals.set(Signal::OddBuyers, company[k].1 as f32);
    }
}

/// For each point that has the trait: how surprising it is that so many others near in time have it too, given how many
/// wrote at all. The point itself is left out of both counts.
fn together(
    times: &[i64],
    have: &[Option<(bool, f64)>],
    expected: impl Fn(usize, usize, i64) -> f64,
    counted: &[f64],
) -> Vec<f64> {
    let mut out = vec![0.0f64; times.len()];
    let mut with = vec![0.0; times.len() + 1];
    for (k, h) in have.iter().enumerate() {
        let counts = counted[k + 1] - counted[k];
        with[k + 1] = with[k] + if h.is_some_and(|(yes, _)| yes) { counts } else { 0.0 };
    }
    if with[times.len()] < 2.0 {
        return out;
    }
    for days in TRAIT {
        let windows = scan(times, days * DAY, |a, b| {
            let (n, k) = (counted[b] - counted[a] - 1.0, with[b] - with[a] - 1.0);
            let share = have[a..b].iter().flatten().map(|(_, p)| *p).fold(0.0, f64::max);
            if k <= 0.0 || share == 0.0 { 0.0 } else { surplus(k, share * n.max(expected(a, b, *days))) }
        });
        for (k, window) in windows.into_iter().enumerate() {
            if have[k].is_some_and(|(yes, _)| yes) {
                out[k] = out[k].max(window.value);
            }
        }
    }
    out
}

/// How much more the others of the window look like ordinary buyers than like a campaign many of which are fast and fresh, and
/// how much less.
fn company(
    me: usize,
    window: Best,
    fast: &[Option<(bool, f64)>],
    fresh: &[Option<(bool, f64)>],
) -> (f64, f64) {
    if window.value <= 0.0 {
        return (0.0, 0.0);
    }
    let nats = |have: &[Option<(bool, f64)>]| {
        let mut sum = 0.0;
        for (yes, p) in (window.start..window.end).filter(|k| *k != me).filter_map(|k| have[k]) {
            let p = p.clamp(0.02, 0.34);
            sum += if yes { (p / 0.4).ln() } else { ((1.0 - p) / 0.6).ln() };
        }
        sum
    };
    let (a, b) = (nats(fast), nats(fresh));
    (a.min(b).max(0.0), (-a).max(0.0) + (-b).max(0.0))
}

/// Uncommon phrasing shared with other accounts' reviews of this listing.
fn copies(members: &mut [Member], phrases: &Phrases) {
    let mut postings: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (i, m) in members.iter().enumerate() {
        for piece in &m.facts.pieces {
            postings.entry(*piece).or_default().push(i as u32);
        }
    }
    postings.retain(|_, of| (2..=MAX_POSTINGS).contains(&of.len()));
    let mut shared: BTreeMap<u32, f32> = BTreeMap::new();
    for i in 0..members.len() {
        shared.clear();
        let me = &members[i].facts;
        for piece in &me.pieces {
            let Some(of) = postings.get(piece) else { continue };
            let nats = phrases.rarity(*piece, of.len() as u32) - EVERYDAY;
            if nats <= 0.0 {
                continue;
            }
            for j in of.iter().filter(|j| **j as usize != i) {
                let other = &members[*j as usize].facts;
                let same_account = me.reviewer != 0 && me.reviewer == other.reviewer;
                let far = matches!((me.time, other.time), (Some(a), Some(b)) if a.abs_diff(b) > COPY_REACH as u64);
                if other.polarity == me.polarity && !same_account && !far {
                    *shared.entry(*j).or_default() += nats;
                }
            }
        }
        let mut nats: Vec<f32> = shared.values().copied().collect();
        nats.sort_by(|a, b| b.total_cmp(a));
        let signals = &mut members[i].facts.signals;
        signals.set(Signal::PhraseNearest, nats.first().copied().unwrap_or(0.0));
        signals.set(Signal::PhraseSeveral, nats.get(2).copied().unwrap_or(0.0));
    }
}

