//! Uncommon phrasing that reviews of a listing share.

use std::collections::BTreeMap;

use crate::days::DAY;
use crate::facts::{Copied, Facts};
use crate::listing::{EVERYDAY, Member, NAMED, name, telling};
use crate::passages::shared;
use crate::phrases::Phrases;
use crate::signal::Signal;
use crate::sketch::mix;

/// Reviews further apart than this were not handed out together.
const REACH: i64 = 90 * DAY;
/// A piece that more reviews of the listing have than this is the listing's own name, not a shared phrase.
const MAX_POSTINGS: usize = 64;
/// Texts of fewer pieces may be anybody's.
const LONG_PIECES: usize = 10;
/// Nats of shared phrasing from which the other review is named as a companion.
const ALIKE: f32 = 10.0;

/// Sets the signals of uncommon phrasing shared with other accounts' reviews of this listing.
pub(super) fn judge(members: &mut [Member], phrases: &Phrases) {
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
            let far = matches!((me.time, other.time), (Some(a), Some(b)) if a.abs_diff(b) > REACH as u64);
            other.polarity == me.polarity && !same_account && !far
        };
        let weight = telling(me.chars);
        let mut nats: Vec<(f32, u32)> =
            touched.iter().filter(|j| alike(j)).map(|j| (weight * shared[*j as usize], *j)).collect();
        nats.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let alike: Vec<Copied> =
            nats.iter().take(NAMED / 2).filter(|n| n.0 > ALIKE).map(|n| copied(me, &members[n.1 as usize])).collect();
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

fn copied(me: &Facts, other: &Member) -> Copied {
    Copied { record: other.record.clone(), shared: shared(&me.pieces, &other.facts.pieces) }
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
            let others = group[k.saturating_sub(NAMED / 2)..k].iter().chain(group.iter().skip(k + 1).take(NAMED / 2));
            let others: Vec<String> = others.map(|j| members[*j as usize].record.clone()).collect();
            let facts = &mut members[*i as usize].facts;
            let nats = nats * telling(facts.chars);
            facts.signals.set(Signal::PhraseNearest, nats);
            facts.signals.set(Signal::PhraseSeveral, nats);
            others.into_iter().for_each(|other| name(facts, other));
        }
    }
}
