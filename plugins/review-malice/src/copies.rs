//! Record stage `bands` and group stage `copies`: near copies by other accounts on other listings.
//!
//! Texts that are at least half alike meet in one of a few buckets (min-hash bands, Broder 1997) with high probability and are
//! then compared. What everybody writes never gets a bucket: a text whose phrasing is common ([`crate::phrases`]), or too short
//! to tell anything, emits no rows, which also keeps buckets small.

use std::collections::BTreeSet;

use crate::codec::{Reader, Writer};
use crate::days::DAY;
use crate::listing::{EVERYDAY, telling};
use crate::phrases::Phrases;
use crate::sketch::mix;

/// Rows per review.
pub const BANDS: usize = 3;
/// Smallest hashes that make one band; two texts of similarity s share it with probability about s².
const ROWS: usize = 2;
/// Further min-hashes, to compare those that meet.
const SIGNATURE: usize = 6;
/// Of which so many must agree.
const AGREE: usize = 3;
/// Nats of uncommon phrasing below which a text is not worth a bucket.
const LEAST_NATS: f32 = 8.0;
/// Copies further apart in time were not handed out together.
const REACH: i64 = 90 * DAY;
/// Neighbours in time compared on each side.
const NEIGHBOURS: usize = 64;

/// One text in a bucket.
#[derive(Clone, Debug, PartialEq)]
pub struct Copy {
    /// The account, 0 for none.
    pub reviewer: u64,
    /// The listing.
    pub listing: u64,
    /// Unix seconds.
    pub time: i64,
    /// Which way it votes.
    pub vote: u8,
    /// Nats of uncommon phrasing.
    pub nats: f32,
    signature: [u32; SIGNATURE],
}

impl Copy {
    /// As bytes.
    pub fn write(&self) -> Vec<u8> {
        let mut w = Writer::new();
        w.u64(self.reviewer).u64(self.listing).i64(self.time).u8(self.vote).f32(self.nats);
        self.signature.iter().for_each(|s| {
            w.u32(*s);
        });
        w.into_bytes()
    }

    /// From bytes.
    pub fn read(r: &mut Reader<'_>) -> Option<Self> {
        let (reviewer, listing, time, vote, nats) = (r.u64()?, r.u64()?, r.i64()?, r.u8()?, r.f32()?);
        let mut signature = [0; SIGNATURE];
        for s in &mut signature {
            *s = r.u32()?;
        }
        Some(Self { reviewer, listing, time, vote, nats, signature })
    }

    fn agrees(&self, other: &Self) -> bool {
        self.signature.iter().zip(&other.signature).filter(|(a, b)| a == b).count() >= AGREE
    }
}

fn least(pieces: &[u32], seed: u64) -> u32 {
    pieces.iter().map(|p| mix(u64::from(*p) | seed << 32) as u32).min().unwrap_or(0)
}

/// The buckets of a text, and the text as it is kept there; none when it tells nothing.
pub fn bands(
    pieces: &[u32],
    chars: u16,
    phrases: &Phrases,
    text: impl FnOnce() -> Copy,
) -> Option<(Copy, [u64; BANDS])> {
    let nats: f32 = pieces.iter().map(|p| (phrases.rarity(*p, 1) - EVERYDAY).max(0.0)).sum();
    let nats = nats * telling(chars);
    if nats < LEAST_NATS {
        return None;
    }
    let mut copy = text();
    copy.nats = nats;
    for (i, s) in copy.signature.iter_mut().enumerate() {
        *s = least(pieces, 100 + i as u64);
    }
    let mut keys = [0u64; BANDS];
    for (b, key) in keys.iter_mut().enumerate() {
        *key = b as u64 + 1;
        for row in 0..ROWS {
            *key = mix(*key << 32 ^ u64::from(least(pieces, (b * ROWS + row) as u64 + 1)));
        }
    }
    Some((copy, keys))
}

/// A text with nothing compared yet.
pub fn copy(reviewer: u64, listing: u64, time: i64, vote: u8) -> Copy {
    Copy { reviewer, listing, time, vote, nats: 0.0, signature: [0; SIGNATURE] }
}

/// What a bucket says about one of its texts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Copied {
    /// Nats of uncommon phrasing it shares, 0 when with nobody.
    pub value: f32,
    /// Other accounts that wrote it on other listings.
    pub accounts: usize,
    /// Indices of up to six of their reviews.
    pub with: Vec<usize>,
}

/// Judges the texts of a bucket; they come in order of time.
pub fn judge(bucket: &[Copy]) -> Vec<Copied> {
    let mut out = Vec::with_capacity(bucket.len());
    for (i, me) in bucket.iter().enumerate() {
        let before = bucket[..i].iter().enumerate().rev().take(NEIGHBOURS);
        let after = bucket.iter().enumerate().skip(i + 1).take(NEIGHBOURS);
        let mut accounts = BTreeSet::new();
        let mut with = Vec::new();
        for (j, other) in before.chain(after) {
            let known_other = me.reviewer != 0 && other.reviewer != 0 && me.reviewer != other.reviewer;
            let elsewhere = me.listing != other.listing;
            let near = me.time.abs_diff(other.time) <= REACH as u64;
            if known_other && elsewhere && near && me.vote == other.vote && me.agrees(other) {
                accounts.insert(other.reviewer);
                if with.len() < 6 {
                    with.push(j);
                }
            }
        }
        with.sort_unstable();
        let value = if accounts.is_empty() { 0.0 } else { me.nats };
        out.push(Copied { value, accounts: accounts.len(), with });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sketch::sketch;

    fn in_bands(text: &str, reviewer: u64, listing: u64) -> Option<(Copy, [u64; BANDS])> {
        let chars: Vec<char> = text.chars().collect();
        let mut phrases = Phrases::default();
        for i in 0..2_000 {
            phrases.add(&[i]);
        }
        bands(&sketch(&chars), chars.len() as u16, &phrases, || copy(reviewer, listing, 1_700_000_000, 0))
    }

    #[test]
    fn near_copies_meet_and_short_texts_never_do() {
        let (a, x) = in_bands("收到的杯子盖子根本拧不紧倒了一桌子水客服还让我自己想办法", 1, 1).unwrap();
        let (b, y) = in_bands("收到的杯子盖子根本拧不紧倒了一桌子水客服竟让我自己想办法", 2, 2).unwrap();
        assert!(x.iter().zip(&y).any(|(a, b)| a == b));
        assert!(judge(&[a, b]).iter().all(|c| c.value > 20.0 && c.accounts == 1));
        assert!(in_bands("太慢了", 1, 1).is_none());
    }

    #[test]
    fn an_account_that_repeats_itself_is_not_several() {
        let text = "收到的杯子盖子根本拧不紧倒了一桌子水客服还让我自己想办法";
        let (a, b) = (in_bands(text, 1, 1).unwrap().0, in_bands(text, 1, 2).unwrap().0);
        assert!(judge(&[a, b]).iter().all(|c| c.value == 0.0));
    }
}
