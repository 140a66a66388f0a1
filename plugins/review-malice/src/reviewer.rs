//! Group stage `reviewer`: what the account did otherwise.
//!
//! Only the account's *other* reviews count, so an account with one review is neutral, never suspicious. Somebody who has had
//! bad luck with nine purchases in two years is no professional; nine in six weeks is another matter, so all is counted
//! within a window.

use std::collections::BTreeSet;

use crate::days::{DAY, Usual};
use crate::facts::Polarity;
use crate::listing::{EVERYDAY, Member, telling};
use crate::phrases::Phrases;
use crate::scan::share_surplus;
use crate::signal::Signal;
use crate::wording::Kind;

/// Days before and after a review.
const REACH: i64 = 45;
/// Neighbours looked at on each side, so that an account with a million reviews costs no more than its share.
const NEIGHBOURS: usize = 64;

/// Sets the account's signals. `members` come in order of time and all belong to one account.
pub fn judge(members: &mut [Member], usual: &Usual, phrases: &Phrases) {
    for i in 0..members.len() {
        let me = &members[i].facts;
        let Some(now) = me.time else { continue };
        if me.polarity != Polarity::Negative {
            continue;
        }
        let (mut negative, mut all, mut refunded, mut known) = (0.0, 0.0, 0.0, 0.0);
        let mut shops = BTreeSet::new();
        let (mut said, mut copied) = (0f32, 0f32);
        for (j, other) in members.iter().enumerate().take(i + NEIGHBOURS).skip(i.saturating_sub(NEIGHBOURS)) {
            let f = &other.facts;
            let near = f.time.is_some_and(|t| t.abs_diff(now) <= (REACH * DAY) as u64);
            if j == i || !near || (f.listing == me.listing && f.listing != 0) {
                continue;
            }
            all += 1.0;
            if f.polarity == Polarity::Negative {
                negative += 1.0;
                if f.shop == 0 || f.shop != me.shop {
                    shops.insert(if f.shop == 0 { f.listing } else { f.shop });
                }
                known += f64::from(u8::from(f.refunded.is_some()));
                refunded += f64::from(u8::from(f.refunded == Some(true)));
                let offence = |k: Kind| matches!(k, Kind::Extort | Kind::Advert | Kind::Abuse);
                said = f.hits.iter().filter(|h| offence(h.kind)).map(|h| h.weight).fold(said, f32::max);
                copied = copied.max(telling(me.chars) * shared(&me.pieces, &f.pieces, phrases));
            }
        }
        let refunds = if me.refunded == Some(true) { share_surplus(refunded, known, usual.refunded) } else { 0.0 };
        let signals = &mut members[i].facts.signals;
        signals.set(Signal::SerialShare, share_surplus(negative, all, usual.negative) as f32);
        signals.set(Signal::SerialPace, shops.len() as f32);
        signals.set(Signal::RefundSerial, refunds as f32);
        signals.set(Signal::WordingAccount, said);
        signals.set(Signal::CopySelf, copied);
    }
}

/// Nats of uncommon phrasing that two reviews share. Pieces ascend.
fn shared(a: &[u32], b: &[u32], phrases: &Phrases) -> f32 {
    let both = a.iter().filter(|piece| b.binary_search(piece).is_ok());
    both.map(|piece| (phrases.rarity(*piece, 2) - EVERYDAY).max(0.0)).sum()
}
