//! Group stage `listing`: what the reviews of one listing show together.
//!
//! A burst alone says little: a bad batch and a lost lorry make bursts too. So every burst is also tested for its
//! composition (do its members share rare traits — written hours after delivery, accounts made yesterday, praise in words
//! under one star?), and a burst of ordinary buyers speaks against malice. Each review is judged by the *others*: nobody is
//! suspicious for being alone.

use std::collections::{BTreeMap, BTreeSet};

use huoyan_ledger::Model;

use crate::days::{DAY, Low, Usual, day};
use crate::facts::{Copied, Facts, MAX_COMPANIONS, Piece, Polarity, Window};
use crate::phrases::Phrases;
use crate::scan::{Best, scan, surplus};
use crate::signal::Signal;
use crate::sketch::mix;
use crate::wording::Kind;

const SHORT: &[i64] = &[1, 3];
const LONG: &[i64] = &[7, 14, 30, 70];
/// Windows in which a campaign is looked for.
const CAMPAIGN: &[i64] = &[3, 14, 40, 75];
/// The share of a campaign's reviews that are the campaigners' own.
const CAMPAIGNERS: f64 = 0.6;
/// Others nearest in time that are looked at, and how many days off they may be.
const NEAREST: usize = 4;
const NEAR: i64 = 45 * DAY;
/// Companions named of each kind.
const NAMED: usize = 6;
/// Windows in which traits are compared.
const TRAIT: &[i64] = &[3, 14, 40, 75];
/// Reviews further apart than this were not handed out together.
const COPY_REACH: i64 = 90 * DAY;
/// A piece that more reviews of the listing have than this is the listing's own name, not a shared phrase.
const MAX_POSTINGS: usize = 64;
/// Nats below which a piece is everyday language.
pub const EVERYDAY: f32 = 4.0;
/// Nats of shared phrasing from which the other review is named as a companion.
const ALIKE: f32 = 10.0;
/// Log-likelihood ratio from which a window, and those who share a trait in it, are kept as evidence.
const SURPRISING: f64 = 2.0;
/// Log-odds from which a text praises.
pub const PRAISES: f32 = 0.8;
/// A complaint of this many characters has a word of complaint; a shorter one may just have a word we do not know.
const ENOUGH_CHARS: u16 = 7;
/// Usual share of low ratings whose words praise, and of wording of one kind.
const MISMATCHES: f64 = 0.05;
/// Usual share of low ratings without a complaint in words.
const UNFOUNDED: f64 = 0.15;
const WORDINGS: f64 = 0.03;

/// One review of the group.
pub struct Member {
    /// Its key.
    pub record: String,
    /// What is known of it.
    pub facts: Facts,
}

/// The model's side for a polarity.
pub fn side(polarity: Polarity) -> usize {
    usize::from(polarity == Polarity::Positive)
}

/// Sets the signals of a listing's reviews. `members` come in order of time.
pub fn judge(members: &mut [Member], usual: &Usual, phrases: &Phrases, model: &Model) {
    alone(members, usual);
    copies(members, phrases);
    for polarity in [Polarity::Negative, Polarity::Positive] {
        bursts(members, polarity, usual, model);
    }
}

/// Signals that need no other review.
pub fn alone(members: &mut [Member], usual: &Usual) {
    for m in members {
        let f = &mut m.facts;
        let praise = f.tone.praise;
        let (fast, fresh) = (usual.delay(f.delay_hours), usual.age(f.age_days, day(f.time)));
        let nats = |share: f64| (0.3 / share.max(0.003)).ln().max(0.0) as f32;
        // Above the middle, of those that are as high or higher.
        let late = |share: f64| (0.5 / (1.0 - share).max(0.02)).ln().max(0.0) as f32;
        if let Some(low) = fast {
            f.signals.set(Signal::FastReview, nats(low.share));
            f.signals.set(Signal::SlowReview, late(low.share));
        }
        if let Some(low) = fresh {
            f.signals.set(Signal::FreshAccount, nats(low.share));
            f.signals.set(Signal::OldAccount, late(low.share));
        }
        if f.verified == Some(false) {
            f.signals.set(Signal::Unverified, 1.0);
        }
        match f.polarity {
            Polarity::Negative => {
                f.signals.set(Signal::Moderate, f32::from(f.stars == 2));
                f.signals.set(Signal::Mismatch, praise.max(0.0));
                f.signals.set(Signal::NoComplaint, f32::from(f.tone.words == 0 && f.chars >= ENOUGH_CHARS));
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

fn bursts(members: &mut [Member], polarity: Polarity, usual: &Usual, model: &Model) {
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
        let share = ((mine_outside + 2.0 * base) / (all_outside + 2.0)).clamp(0.02, 0.97);
        // A listing that all kinds of reviews pour in on is busy, not attacked: as many of these as go with so many of the others.
        let of_others = (to - from).saturating_sub(end - start) as f64;
        let usual_share = share.max(base).min(0.97);
        (rate * share * window).max(of_others * usual_share / (1.0 - usual_share))
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
    let facts = |i: usize| &members[i].facts;
    let delays: Vec<Option<Low>> = at.iter().map(|i| usual.delay(facts(*i).delay_hours)).collect();
    let ages: Vec<Option<Low>> = at.iter().map(|i| usual.age(facts(*i).age_days, day(facts(*i).time))).collect();
    let rare = |lows: &[Option<Low>]| lows.iter().map(|l| l.map(|l| (l.rare, l.base))).collect::<Vec<_>>();
    let (fast, fresh) = (rare(&delays), rare(&ages));
    let unverified: Vec<_> = at.iter().map(|i| facts(*i).verified.map(|v| (!v, usual.unverified))).collect();
    let negative = polarity == Polarity::Negative;
    let sounds = |least: f32, usual: f64| -> Vec<_> {
        let unfounded = |f: &Facts| f.tone.praise >= least && (f.tone.praise > 0.0 || f.chars >= ENOUGH_CHARS);
        at.iter().map(|i| Some((negative && unfounded(facts(*i)), usual))).collect()
    };
    let mut found: Vec<(Signal, Vec<Best>)> = Vec::new();
    let mut companions: Vec<(f64, Vec<usize>)> = vec![(SURPRISING, Vec::new()); at.len()];
    let mut look = |signal: Signal, have: &[Option<(bool, f64)>]| {
        let windows = together(&times, have, expected, &counted);
        for (k, window) in windows.iter().enumerate() {
            if window.value > companions[k].0 {
                companions[k] = (window.value, nearest(k, *window, have));
            }
        }
        found.push((signal, windows));
    };
    look(Signal::FastTogether, &fast);
    look(Signal::FreshTogether, &fresh);
    look(Signal::UnverifiedTogether, &unverified);
    look(Signal::MismatchTogether, &sounds(PRAISES, MISMATCHES));
    look(Signal::MismatchTogether, &sounds(0.0, UNFOUNDED));
    for kind in [Kind::Extort, Kind::Advert, Kind::Abuse, Kind::Nonsense, Kind::Paid] {
        let said: Vec<_> = at.iter().map(|i| Some((facts(*i).says(kind), WORDINGS))).collect();
        look(Signal::WordingTogether, &said);
    }
    let buyers = buyers(&best, &delays, &ages);
    let own: Vec<f64> = at.iter().map(|i| model.company(side(polarity), &facts(*i).signals.0)).collect();
    let campaigns = campaigns(&times, &own, &counted, expected);
    let who: Vec<u64> = at.iter().map(|i| facts(*i).reviewer).collect();
    let near = nearby(&times, &own, &who);
    for (k, i) in at.iter().enumerate() {
        let named: Vec<String> = companions[k].1.iter().map(|j| members[at[*j]].record.clone()).collect();
        let facts = &mut members[*i].facts;
        for record in named {
            name(facts, record);
        }
        if best[k].value > SURPRISING {
            let Best { start, end, .. } = best[k];
            let days = (times[end - 1] - times[start]) / DAY + 1;
            facts.window = Some(Window {
                from: times[start],
                to: times[end - 1],
                observed: (counted[end] - counted[start]) as u32,
                expected: expected(start, end, days) as f32,
            });
        }
        let signals = &mut facts.signals;
        for (signal, windows) in &found {
            signals.set(*signal, signals.get(*signal).max(windows[k].value as f32));
        }
        signals.set(Signal::OrdinaryBuyers, buyers[k].0 as f32);
        signals.set(Signal::OddBuyers, buyers[k].1 as f32);
        signals.set(Signal::Campaign, campaigns[k].0.max(0.0) as f32);
        signals.set(Signal::BadCompany, campaigns[k].1.max(0.0) as f32);
        signals.set(Signal::GoodCompany, (-campaigns[k].1).max(0.0) as f32);
        if let Some((mean, worst)) = near[k] {
            signals.set(Signal::NearCompany, mean.max(0.0) as f32);
            signals.set(Signal::InnocentNear, (-mean).max(0.0) as f32);
            signals.set(Signal::WorstNear, worst.max(0.0) as f32);
            // Whoever complains honestly in the midst of a campaign is not of it.
            let unlike = if mean > 0.0 { (mean - own[k]).max(0.0) } else { 0.0 };
            signals.set(Signal::UnlikeCompany, unlike as f32);
        }
    }
}

/// Adds a companion, unless it is known or there are enough.
pub fn name(facts: &mut Facts, record: String) {
    if facts.companions.len() < MAX_COMPANIONS && !facts.companions.contains(&record) {
        facts.companions.push(record);
    }
}

/// For each point, the most campaign-like window that holds it, by how many others are in it and what they are like: what both say,
/// and what the second says alone. A campaign's reviews are a mixture of the campaigners' and of everybody's.
fn campaigns(
    times: &[i64],
    own: &[f64],
    counted: &[f64],
    expected: impl Fn(usize, usize, i64) -> f64,
) -> Vec<(f64, f64)> {
    let like = |k: usize| {
        let mixture = 1.0 - CAMPAIGNERS + CAMPAIGNERS * own[k].clamp(-8.0, 8.0).exp();
        mixture.ln() * (counted[k + 1] - counted[k])
    };
    let mut sums = vec![0.0; own.len() + 1];
    for k in 0..own.len() {
        sums[k + 1] = sums[k] + like(k);
    }
    let mut out = vec![(0.0, 0.0); own.len()];
    for days in CAMPAIGN {
        let windows = scan(times, days * DAY, |a, b| {
            let others = counted[b] - counted[a] - 1.0;
            if others < 1.0 { 0.0 } else { surplus(others, expected(a, b, *days)) + sums[b] - sums[a] }
        });
        for (k, window) in windows.into_iter().enumerate() {
            if counted[window.end] - counted[window.start] >= 2.0 && window.value - like(k) > out[k].0 {
                out[k] = (window.value - like(k), sums[window.end] - sums[window.start] - like(k));
            }
        }
    }
    out
}

/// For each point the mean and the highest of what the others nearest in time are like; none when nobody is near.
fn nearby(times: &[i64], own: &[f64], who: &[u64]) -> Vec<Option<(f64, f64)>> {
    let of = |k: usize| {
        let (mut before, mut after) = (k, k + 1);
        let (mut sum, mut worst, mut count) = (0.0, f64::MIN, 0);
        for _ in 0..2 * NEAREST {
            let back = before.checked_sub(1).map(|j| (times[k].abs_diff(times[j]), j));
            let forth = times.get(after).map(|t| (t.abs_diff(times[k]), after));
            let (distance, j) = match (back, forth) {
                (Some(back), Some(forth)) if forth.0 < back.0 => forth,
                (Some(back), _) => back,
                (None, Some(forth)) => forth,
                (None, None) => break,
            };
            if distance > NEAR as u64 {
                break;
            }
            if j < k {
                before = j
            } else {
                after = j + 1
            }
            if who[j] != 0 && who[j] == who[k] {
                continue;
            }
            sum += own[j];
            worst = own[j].max(worst);
            count += 1;
            if count == NEAREST {
                break;
            }
        }
        (count > 0).then(|| (sum / count as f64, worst))
    };
    (0..own.len()).map(of).collect()
}

/// For each point that has the trait: how surprising it is that so many others near in time have it too, given how many
/// wrote at all. The point itself is left out of both counts.
fn together(
    times: &[i64],
    have: &[Option<(bool, f64)>],
    expected: impl Fn(usize, usize, i64) -> f64,
    counted: &[f64],
) -> Vec<Best> {
    let mut out = vec![Best::default(); times.len()];
    let mut with = vec![0.0; times.len() + 1];
    for (k, h) in have.iter().enumerate() {
        let counts = counted[k + 1] - counted[k];
        with[k + 1] = with[k] + if h.is_some_and(|(yes, _)| yes) { counts } else { 0.0 };
    }
    if with[times.len()] < 2.0 {
        return out;
    }
    // Shares differ a little from quarter to quarter; the largest is the cautious one.
    let share = have.iter().flatten().map(|(_, p)| *p).fold(0.0, f64::max);
    for days in TRAIT {
        let windows = scan(times, days * DAY, |a, b| {
            let (n, k) = (counted[b] - counted[a] - 1.0, with[b] - with[a] - 1.0);
            if k <= 0.0 { 0.0 } else { surplus(k, share * n.max(expected(a, b, *days))) }
        });
        for (k, window) in windows.into_iter().enumerate() {
            if have[k].is_some_and(|(yes, _)| yes) && window.value > out[k].value {
                out[k] = window;
            }
        }
    }
    out
}

/// The points of the window that have the trait and are nearest to `k`.
fn nearest(k: usize, window: Best, have: &[Option<(bool, f64)>]) -> Vec<usize> {
    let yes = |j: &usize| have[*j].is_some_and(|(yes, _)| yes);
    let before = (window.start..k).rev().filter(yes).take(NAMED / 2);
    let after = (k + 1..window.end).filter(yes).take(NAMED / 2);
    before.chain(after).collect()
}

/// How much likelier a value this low in the platform's order is in a campaign than among ordinary buyers, in nats. Campaigns
/// are taken to be ordinary to two fifths and otherwise crowded towards the low end.
fn oddness(low: Option<Low>) -> f64 {
    low.map_or(0.0, |l| (0.4 + 1.8 * (1.0 - l.share).powi(2)).ln())
}

/// For each point, how much more the others of its busiest window look like ordinary buyers than like a campaign, and how
/// much less.
fn buyers(best: &[Best], fast: &[Option<Low>], fresh: &[Option<Low>]) -> Vec<(f64, f64)> {
    let sums = |have: &[Option<Low>]| {
        let mut sum = 0.0;
        let grow = have.iter().map(|low| {
            sum += oddness(*low);
            sum
        });
        std::iter::once(0.0).chain(grow).collect::<Vec<f64>>()
    };
    let (fast_sums, fresh_sums) = (sums(fast), sums(fresh));
    let of = |k: usize, window: &Best| {
        if window.value <= 0.0 {
            return (0.0, 0.0);
        }
        let a = fast_sums[window.end] - fast_sums[window.start] - oddness(fast[k]);
        let b = fresh_sums[window.end] - fresh_sums[window.start] - oddness(fresh[k]);
        ((-a).min(-b).max(0.0), a.max(0.0) + b.max(0.0))
    };
    best.iter().enumerate().map(|(k, window)| of(k, window)).collect()
}

/// How much it tells that two texts agree, by the length of one: four characters are anybody's, twelve are not.
pub fn telling(chars: u16) -> f32 {
    ((f32::from(chars) - 4.0) / 8.0).clamp(0.0, 1.0)
}

/// Uncommon phrasing shared with other accounts' reviews of this listing.
fn copies(members: &mut [Member], phrases: &Phrases) {
    let mut pieces: Vec<(u32, u32)> = Vec::new();
    for (i, m) in members.iter().enumerate() {
        pieces.extend(m.facts.pieces.iter().map(|piece| (piece.hash, i as u32)));
    }
    pieces.sort_unstable();
    // Groups of reviews that share an uncommon piece, and the groups of each review.
    let mut groups: Vec<(f32, &[(u32, u32)])> = Vec::new();
    let mut of: Vec<Vec<u32>> = vec![Vec::new(); members.len()];
    for group in pieces.chunk_by(|a, b| a.0 == b.0) {
        if !(2..=MAX_POSTINGS).contains(&group.len()) {
            continue;
        }
        let nats = phrases.rarity(group[0].0, group.len() as u32) - EVERYDAY;
        if nats > 0.0 {
            for (_, i) in group {
                of[*i as usize].push(groups.len() as u32);
            }
            groups.push((nats, group));
        }
    }
    floods(members, phrases);
    let mut shared = vec![0f32; members.len()];
    let mut touched: Vec<u32> = Vec::new();
    for i in 0..members.len() {
        if of[i].is_empty() {
            continue;
        }
        let me = &members[i].facts;
        for g in &of[i] {
            let (nats, group) = groups[*g as usize];
            for (_, j) in group.iter().filter(|(_, j)| *j as usize != i) {
                if shared[*j as usize] == 0.0 {
                    touched.push(*j);
                }
                shared[*j as usize] += nats;
            }
        }
        let alike = |j: &u32| {
            let other = &members[*j as usize].facts;
            let same_account = me.reviewer != 0 && me.reviewer == other.reviewer;
            let far = matches!((me.time, other.time), (Some(a), Some(b)) if a.abs_diff(b) > COPY_REACH as u64);
            other.polarity == me.polarity && !same_account && !far
        };
        let weight = telling(me.chars);
        let mut nats: Vec<(f32, u32)> =
            touched.iter().filter(|j| alike(j)).map(|j| (weight * shared[*j as usize], *j)).collect();
        nats.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let alike: Vec<Copied> =
            nats.iter().take(3).filter(|n| n.0 > ALIKE).map(|n| copied(me, &members[n.1 as usize])).collect();
        let facts = &mut members[i].facts;
        for (signal, found) in [(Signal::PhraseNearest, nats.first()), (Signal::PhraseSeveral, nats.get(1))] {
            facts.signals.set(signal, found.map_or(0.0, |n| n.0).max(facts.signals.get(signal)));
        }
        for other in &alike {
            name(facts, other.record.clone());
        }
        facts.copied = alike;
        for j in touched.drain(..) {
            shared[j as usize] = 0.0;
        }
    }
}

/// The same text many times over. Its pieces are too many to be compared one by one, and look like everybody's own words; but
/// no two strangers write the same long sentence, and no listing makes them.
fn floods(members: &mut [Member], phrases: &Phrases) {
    let mut same: BTreeMap<u64, Vec<u32>> = BTreeMap::new();
    for (i, m) in members.iter().enumerate().filter(|(_, m)| m.facts.pieces.len() >= LONG_PIECES) {
        let mut hash = u64::from(m.facts.polarity as u8);
        m.facts.pieces.iter().for_each(|piece| hash = mix(hash ^ u64::from(piece.hash)));
        same.entry(hash).or_default().push(i as u32);
    }
    for group in same.into_values().filter(|group| group.len() > MAX_POSTINGS) {
        let here = group.len() as u32;
        let pieces = &members[group[0] as usize].facts.pieces;
        let nats: f32 = pieces.iter().map(|p| (phrases.rarity(p.hash, here) - EVERYDAY).max(0.0)).sum();
        for (k, i) in group.iter().enumerate() {
            let others = group[k.saturating_sub(3)..k].iter().chain(group.iter().skip(k + 1).take(3));
            let others: Vec<String> = others.map(|j| members[*j as usize].record.clone()).collect();
            let facts = &mut members[*i as usize].facts;
            let nats = nats * telling(facts.chars);
            facts.signals.set(Signal::PhraseNearest, nats);
            facts.signals.set(Signal::PhraseSeveral, nats);
            others.into_iter().for_each(|other| name(facts, other));
        }
    }
}

/// Texts of fewer pieces may be anybody's.
const LONG_PIECES: usize = 10;

/// Bytes that may stand between shared pieces of one passage.
const GAP: u16 = 36;
/// Passages told of each pair.
const PASSAGES: usize = 6;

/// What a review shares with another, as passages of both texts.
fn copied(me: &Facts, other: &Member) -> Copied {
    let theirs: BTreeMap<u32, Piece> = other.facts.pieces.iter().map(|piece| (piece.hash, *piece)).collect();
    let mut both: Vec<(Piece, Piece)> =
        me.pieces.iter().filter_map(|piece| Some((*piece, *theirs.get(&piece.hash)?))).collect();
    let percent = both.len() * 100 / me.pieces.len().max(1);
    both.retain(|(a, b)| a.from != u16::MAX && b.from != u16::MAX);
    both.sort_unstable_by_key(|(a, b)| (a.from, b.from));
    let mut spans: Vec<[u16; 4]> = Vec::new();
    for (a, b) in both {
        let (a, b) = ([a.from, a.from.saturating_add(a.len.into())], [b.from, b.from.saturating_add(b.len.into())]);
        match spans.last_mut() {
            Some(last)
                if a[0] <= last[1].saturating_add(GAP) && (last[2]..=last[3].saturating_add(GAP)).contains(&b[0]) =>
            {
                (last[1], last[3]) = (last[1].max(a[1]), last[3].max(b[1]));
            }
            _ => spans.push([a[0], a[1], b[0], b[1]]),
        }
    }
    spans.sort_by_key(|span| (u16::MAX - (span[1] - span[0]), span[0]));
    spans.truncate(PASSAGES);
    Copied { record: other.record.clone(), percent: percent as u8, spans }
}
