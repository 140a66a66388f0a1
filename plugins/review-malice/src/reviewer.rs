//! Group stage `reviewer`: what the account did otherwise.
//!
//! Only the account's *other* reviews count, so an account with one review is neutral, never suspicious. Somebody who has had
//! bad luck with nine purchases in two years is no professional; nine in six weeks is another matter, so all is counted
//! within windows, and what the account praised speaks for it.

use std::collections::BTreeSet;

use crate::days::{DAY, Usual};
use crate::facts::{Facts, Polarity};
use crate::listing::{EVERYDAY, Member, telling};
use crate::passages::Piece;
use crate::phrases::Phrases;
use crate::scan::share_surplus;
use crate::signal::Signal;
use crate::wording::Kind;

/// Days before and after a review.
const REACH: i64 = 90;
/// Windows in which an account may be unusually negative, in days.
const WINDOWS: [i64; 3] = [30, 60, 90];
/// Neighbours looked at on each side, so that an account with a million reviews costs no more than its share.
const NEIGHBOURS: usize = 48;

/// Sets the account's signals. `members` come in order of time and all belong to one account, or each to none.
pub fn judge(members: &mut [Member], usual: &Usual, phrases: &Phrases) {
    let others = u16::try_from(members.len() - 1).unwrap_or(u16::MAX - 1);
    for member in members.iter_mut() {
        member.facts.others = Some(others);
        if others == 0 {
            member.facts.signals.set(Signal::Lone, (1.0 / usual.lone).ln().max(0.0) as f32);
        }
    }
    if others == 0 {
        return;
    }
    let serial = serial(members, usual);
    for i in 0..members.len() {
        let me = &members[i].facts;
        let Some(now) = me.time else { continue };
        if me.polarity != Polarity::Negative {
            continue;
        }
        let (mut harsh, mut balanced, mut negative, mut refunded, mut known) = (0.0f32, 0.0f32, 0.0f32, 0.0, 0.0);
        let mut shops = BTreeSet::new();
        let (mut said, mut copied) = (0f32, 0f32);
        for (j, other) in members.iter().enumerate().take(i + NEIGHBOURS).skip(i.saturating_sub(NEIGHBOURS)) {
            let f = &other.facts;
            let near = f.time.is_some_and(|t| t.abs_diff(now) <= (REACH * DAY) as u64);
            if j == i || !near || (f.listing == me.listing && f.listing != 0) {
                continue;
            }
            if f.polarity != Polarity::Negative {
                balanced += 1.0;
                continue;
            }
            negative += 1.0;
            harsh += f32::from(f.stars == 1);
            if f.shop == 0 || f.shop != me.shop {
                shops.insert(if f.shop == 0 { f.listing } else { f.shop });
            }
            known += f64::from(u8::from(f.refunded.is_some()));
            refunded += f64::from(u8::from(f.refunded == Some(true)));
            let offence = |k: Kind| matches!(k, Kind::Extort | Kind::Advert | Kind::Abuse);
            said = f.hits.iter().filter(|h| offence(h.kind)).map(|h| h.weight).fold(said, f32::max);
            copied = copied.max(telling(me.chars) * shared(&me.pieces, &f.pieces, phrases));
        }
        let far = members.len() - within(members, now);
        let refunds = if me.refunded == Some(true) { share_surplus(refunded, known, usual.refunded) } else { 0.0 };
        let signals = &mut members[i].facts.signals;
        signals.set(Signal::SerialShare, serial[i] as f32);
        signals.set(Signal::SerialPace, shops.len() as f32);
        let surplus = share_surplus(f64::from(harsh), f64::from(negative), usual.harsh);
        signals.set(Signal::SerialHarsh, surplus as f32);
        signals.set(Signal::SerialMild, negative - harsh);
        signals.set(Signal::Balanced, balanced);
        signals.set(Signal::NegativeShare, negative / (negative + balanced + 1.0));
        signals.set(Signal::Established, (1.0 + far as f32).log2());
        signals.set(Signal::Steady, (1.0 + balanced.min(far as f32)).log2());
        signals.set(Signal::RefundSerial, refunds as f32);
        signals.set(Signal::WordingAccount, said);
        signals.set(Signal::CopySelf, copied);
    }
}

/// How many reviews of the account are within reach of a time; they come in order of time.
fn within(members: &[Member], now: i64) -> usize {
    let before = members.partition_point(|m| m.facts.time.is_none_or(|t| t < now.saturating_sub(REACH * DAY)));
    let up_to = members.partition_point(|m| m.facts.time.is_none_or(|t| t <= now.saturating_add(REACH * DAY)));
    up_to - before
}

/// For each negative review the most surprising share of other negative reviews in a window that holds it.
fn serial(members: &[Member], usual: &Usual) -> Vec<f64> {
    let mut best = vec![0.0f64; members.len()];
    let negative = |f: &Facts| f.polarity == Polarity::Negative;
    for days in WINDOWS {
        for (i, first) in members.iter().enumerate() {
            let (true, Some(start)) = (negative(&first.facts), first.facts.time) else { continue };
            let within = |m: &&Member| m.facts.time.is_some_and(|t| t.saturating_sub(start) <= days * DAY);
            let window = members[i..].iter().take(NEIGHBOURS).take_while(within);
            let (mut all, mut low) = (-1.0, -1.0);
            let mut end = i;
            for member in window {
                all += 1.0;
                low += f64::from(u8::from(negative(&member.facts)));
                end += 1;
            }
            let value = share_surplus(low, all, usual.negative);
            for (best, member) in best[i..end].iter_mut().zip(&members[i..end]) {
                if negative(&member.facts) {
                    *best = best.max(value);
                }
            }
        }
    }
    best
}

/// Nats of uncommon phrasing that two reviews share. Pieces ascend.
fn shared(a: &[Piece], b: &[Piece], phrases: &Phrases) -> f32 {
    let both = a.iter().filter(|piece| b.binary_search_by_key(&piece.hash, |other| other.hash).is_ok());
    both.map(|piece| (phrases.rarity(piece.hash, 2) - EVERYDAY).max(0.0)).sum()
}
