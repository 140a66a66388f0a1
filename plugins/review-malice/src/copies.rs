//! Record stage `bands` and group stage `copies`: near copies by other accounts on other listings.
//!
//! Texts that are half alike or more meet in one of a few buckets with high probability and are then compared. A bucket is
//! a piece of text, one of the four smallest by hash of the uncommon pieces that somebody else has too. Smallest by hash is
//! the same order in every text (bottom-k sampling, Broder 1997), so that two texts with half of all their pieces in common
//! share one of the four 97 times in a hundred; bands of two min-hashes would need a dozen rows. What everybody writes never
//! gets a bucket: a text whose phrasing is common ([`crate::phrases`]), or too short to tell anything, emits no rows. Pieces that many
//! have come last and need a second piece beside them, which keeps buckets small however many reviews there are.

use std::ops::Deref;

use crate::codec::{Reader, Writer};
use crate::days::DAY;
use crate::listing::{EVERYDAY, telling};
use crate::phrases::Phrases;
use crate::sketch::{PIECES, mix};

/// Most rows per review.
pub const BANDS: usize = 4;
/// A piece that more reviews have, beyond what the table's crowding explains, needs a second one beside it to make a bucket.
const CROWD: u32 = 256;
/// Words of the summary by which those that meet are compared.
const WORDS: usize = 3;
/// Copies agree in so many of a hundred slots that either fills. Summaries are rough: of texts that are half alike nearly all
/// agree so far, of texts that are a quarter alike few.
const AGREE_PERCENT: u64 = 38;
/// Nats of uncommon phrasing below which a text is not worth a bucket.
const LEAST_NATS: f32 = 8.0;
/// Copies further apart in time were not handed out together.
const REACH: i64 = 90 * DAY;
/// Neighbours in time compared on each side.
const NEIGHBOURS: usize = 32;
/// Copies looked for on each side: of a later text the nearest, of an earlier one the last that found it.
const PARTNERS: usize = 8;
/// Copies named.
const NAMED: usize = 6;

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
    slots: Slots,
}

impl Copy {
    /// As bytes.
    pub fn write(&self) -> Vec<u8> {
        let mut w = Writer::new();
        w.u64(self.reviewer).u64(self.listing).i64(self.time).u8(self.vote).f32(self.nats);
        self.slots.0.iter().for_each(|word| {
            w.u64(*word);
        });
        w.into_bytes()
    }

    /// From bytes.
    pub fn read(r: &mut Reader<'_>) -> Option<Self> {
        let (reviewer, listing, time, vote, nats) = (r.u64()?, r.u64()?, r.i64()?, r.u8()?, r.f32()?);
        let mut slots = Slots::default();
        for word in &mut slots.0 {
            *word = r.u64()?;
        }
        Some(Self { reviewer, listing, time, vote, nats, slots })
    }
}

/// By which two texts are compared: one-permutation min-hashes (Li, Owen, Zhang 2012), sixteen slots of four bits to a word.
/// A slot holds a few bits of the smallest piece that falls into it, 0 when none does.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Slots([u64; WORDS]);

/// The lowest bit of each slot.
const ONES: u64 = 0x1111_1111_1111_1111;

impl Slots {
    /// The slots of a sketch.
    fn of(pieces: &[u32]) -> Self {
        let mut out = Self::default();
        // Pieces ascend, so the first in a slot is the smallest.
        for piece in pieces {
            let hash = piece.wrapping_mul(0x85eb_ca6b);
            let slot = ((u64::from(hash) * (WORDS as u64 * 16)) >> 32) as usize;
            let (word, shift) = (&mut out.0[slot / 16], slot % 16 * 4);
            if *word >> shift & 15 == 0 {
                *word |= u64::from(1 + piece % 15) << shift;
            }
        }
        out
    }

    /// Whether enough of the slots that either fills are equal.
    #[inline]
    fn agree(&self, other: &Self) -> bool {
        // Sums of one bit in each slot; three words do not overflow a slot.
        let (mut equal, mut filled) = (0, 0);
        for (a, b) in self.0.iter().zip(&other.0) {
            let either = any(a | b);
            filled += either;
            equal += either & !any(a ^ b);
        }
        sum(equal) * 100 >= sum(filled) * AGREE_PERCENT
    }
}

/// The lowest bit of each slot that is not 0.
#[inline]
fn any(word: u64) -> u64 {
    (word | word >> 1 | word >> 2 | word >> 3) & ONES
}

/// The sum of all slots.
#[inline]
fn sum(word: u64) -> u64 {
    let bytes = (word & 0x0f0f_0f0f_0f0f_0f0f) + (word >> 4 & 0x0f0f_0f0f_0f0f_0f0f);
    bytes.wrapping_mul(0x0101_0101_0101_0101) >> 56
}

impl Copy {
    /// Whether two different accounts wrote nearly the same on two listings.
    fn copies(&self, other: &Self) -> bool {
        let known = self.reviewer != 0 && other.reviewer != 0;
        let apart = self.reviewer != other.reviewer && self.listing != other.listing;
        known && apart && self.vote == other.vote && self.slots.agree(&other.slots)
    }
}

/// The buckets of a text, at most [`BANDS`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Keys {
    keys: [u64; BANDS],
    len: usize,
}

impl Deref for Keys {
    type Target = [u64];

    fn deref(&self) -> &[u64] {
        &self.keys[..self.len]
    }
}

/// The buckets of a text, and the text as it is kept there; none when it tells nothing. `pieces` are its sketch.
pub fn bands(pieces: &[u32], chars: u16, phrases: &Phrases, text: impl FnOnce() -> Copy) -> Option<(Copy, Keys)> {
    // The sum of what each piece's rarity, the text itself set aside, has above everyday language, with one logarithm for all.
    let reviews = phrases.reviews() as f64 + 1.0;
    let everyday = reviews * f64::from(-EVERYDAY).exp();
    let mut product = 1.0;
    let mut rare = 0u32;
    // Those of them that somebody else may have too.
    let mut shared = [(0u32, 0u32); PIECES];
    let mut len = 0;
    for piece in pieces.iter().take(PIECES) {
        let count = phrases.count(*piece);
        let counted = f64::from(count.max(1));
        if counted < everyday {
            product *= counted;
            rare += 1;
            if count > 1 {
                shared[len] = (*piece, count);
                len += 1;
            }
        }
    }
    let nats = f64::from(rare) * (reviews.ln() - f64::from(EVERYDAY)) - product.ln();
    let nats = nats as f32 * telling(chars);
    if nats < LEAST_NATS {
        return None;
    }
    let mut copy = text();
    copy.nats = nats;
    copy.slots = Slots::of(pieces);
    let mut out = Keys::default();
    let shared = &shared[..len];
    let crowd = phrases.strangers().saturating_add(CROWD);
    let few = shared.iter().filter(|(_, count)| *count <= crowd).map(|(piece, _)| (*piece, 0));
    let many = shared.iter().filter(|(_, count)| *count > crowd).map(|(piece, _)| (*piece, beside(*piece, shared)));
    for (piece, beside) in few.chain(many).take(BANDS) {
        // Texts that vote differently are no copies of each other.
        let key = u64::from(piece) << 32 | u64::from(beside);
        out.keys[out.len] = mix(key.wrapping_add(u64::from(copy.vote)));
        out.len += 1;
    }
    Some((copy, out))
}

/// Another piece of the text, in an order that each piece has for itself; 0 when there is none.
fn beside(piece: u32, pieces: &[(u32, u32)]) -> u32 {
    let order = |other: u32| (other ^ piece).wrapping_mul(0x9e37_79b1);
    let others = pieces.iter().map(|other| other.0).filter(|other| *other != piece);
    others.min_by_key(|other| order(*other)).unwrap_or(0)
}

/// A text with nothing compared yet.
pub fn copy(reviewer: u64, listing: u64, time: i64, vote: u8) -> Copy {
    Copy { reviewer, listing, time, vote, nats: 0.0, slots: Slots::default() }
}

/// What a bucket says about one of its texts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Copied {
    /// Nats of uncommon phrasing it shares, 0 when with nobody.
    pub value: f32,
    /// Other accounts that wrote it on other listings, as far as they were counted: 16 at most.
    pub accounts: usize,
    /// Indices of up to six of their reviews.
    pub with: Vec<usize>,
}

/// Judges the texts of a bucket; they come in order of time.
pub fn judge(bucket: &[Copy]) -> Vec<Copied> {
    let mut earlier = vec![Nearest::default(); bucket.len()];
    let mut accounts: Vec<u64> = Vec::new();
    let mut out = Vec::with_capacity(bucket.len());
    for (i, me) in bucket.iter().enumerate() {
        // Each pair is compared once, by its earlier text.
        let later = bucket.iter().enumerate().skip(i + 1).take(NEIGHBOURS);
        let near = later.take_while(|(_, other)| me.time.abs_diff(other.time) <= REACH as u64);
        let mut with = Vec::new();
        for (j, _) in near.filter(|(_, other)| me.copies(other)).take(PARTNERS) {
            earlier[j].push(i);
            with.push(j);
        }
        with.extend(earlier[i].iter());
        accounts.clear();
        for other in &with {
            let who = bucket[*other].reviewer;
            if !accounts.contains(&who) {
                accounts.push(who);
            }
        }
        with.sort_unstable_by_key(|other| (other.abs_diff(i), *other));
        with.truncate(NAMED);
        with.sort_unstable();
        out.push(Copied { value: if with.is_empty() { 0.0 } else { me.nats }, accounts: accounts.len(), with });
    }
    out
}

/// The last few of the copies before a text.
#[derive(Clone, Copy, Default)]
struct Nearest {
    at: [u32; PARTNERS],
    len: u32,
}

impl Nearest {
    fn push(&mut self, i: usize) {
        self.at[self.len as usize % PARTNERS] = i as u32;
        self.len += 1;
    }

    fn iter(&self) -> impl Iterator<Item = usize> {
        self.at.iter().take(self.len as usize).map(|i| *i as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sketch::sketch;

    const ONE: &str = "收到的杯子盖子根本拧不紧倒了一桌子水客服还让我自己想办法";
    const EDITED: &str = "收到的杯子盖子根本拧不紧倒了一桌子水客服竟让我自己想办法";

    /// Two thousand other reviews, and these.
    fn counted(texts: &[&str]) -> Phrases {
        let mut phrases = Phrases::default();
        (0..2_000).for_each(|i| phrases.add(&[i]));
        texts.iter().for_each(|text| phrases.add(&sketch(&text.chars().collect::<Vec<_>>())));
        phrases
    }

    fn in_bands(text: &str, reviewer: u64, listing: u64, phrases: &Phrases) -> Option<(Copy, Keys)> {
        let chars: Vec<char> = text.chars().collect();
        let text = || copy(reviewer, listing, 1_700_000_000, 0);
        bands(&sketch(&chars), chars.len() as u16, phrases, text)
    }

    #[test]
    fn near_copies_meet_and_short_texts_never_do() {
        let phrases = counted(&[ONE, EDITED, "太慢了", "太慢了"]);
        let (a, x) = in_bands(ONE, 1, 1, &phrases).unwrap();
        let (b, y) = in_bands(EDITED, 2, 2, &phrases).unwrap();
        assert!(x.iter().any(|key| y.contains(key)));
        assert!(judge(&[a, b]).iter().all(|c| c.value > 20.0 && c.accounts == 1));
        assert!(in_bands("太慢了", 1, 1, &phrases).is_none());
    }

    #[test]
    fn an_account_that_repeats_itself_is_not_several() {
        let phrases = counted(&[ONE, ONE]);
        let (a, b) = (in_bands(ONE, 1, 1, &phrases).unwrap().0, in_bands(ONE, 1, 2, &phrases).unwrap().0);
        assert!(judge(&[a, b]).iter().all(|c| c.value == 0.0));
    }

    #[test]
    fn nats_are_the_sum_of_what_pieces_have_above_everyday_language() {
        let phrases = counted(&[ONE, ONE, ONE, EDITED]);
        let chars: Vec<char> = ONE.chars().collect();
        let sum: f32 = sketch(&chars).iter().map(|p| (phrases.rarity(*p, 1) - EVERYDAY).max(0.0)).sum();
        let nats = in_bands(ONE, 1, 1, &phrases).unwrap().0.nats;
        assert!((nats - sum * telling(chars.len() as u16)).abs() < 1e-3, "{nats} {sum}");
    }

    #[test]
    fn what_nobody_else_writes_gets_no_bucket() {
        assert!(in_bands(ONE, 1, 1, &counted(&[ONE])).unwrap().1.is_empty());
        assert_eq!(in_bands(ONE, 1, 1, &counted(&[ONE, ONE])).unwrap().1.len(), BANDS);
    }

    #[test]
    fn a_crowded_piece_needs_a_second_one_and_copies_still_meet() {
        let mut phrases = counted(&[ONE; 300]);
        (0..100_000).for_each(|i| phrases.add(&[i]));
        let (a, b) = (in_bands(ONE, 1, 1, &phrases).unwrap(), in_bands(ONE, 2, 2, &phrases).unwrap());
        assert_eq!(a.1, b.1);
        assert_ne!(a.1, in_bands(ONE, 1, 1, &counted(&[ONE, ONE])).unwrap().1);
    }

    #[test]
    fn texts_of_different_votes_share_no_bucket() {
        let phrases = counted(&[ONE, ONE]);
        let chars: Vec<char> = ONE.chars().collect();
        let keys = |vote| bands(&sketch(&chars), 28, &phrases, || copy(1, 1, 0, vote)).unwrap().1;
        assert!(keys(0).iter().all(|key| !keys(2).contains(key)));
    }

    #[test]
    fn texts_agree_as_a_plain_count_of_slots_says() {
        let slot = |slots: &Slots, i: usize| slots.0[i / 16] >> (i % 16 * 4) & 15;
        let (mut yes, mut no) = (0, 0);
        for seed in 0..4_000u64 {
            let pieces = |text: u64| -> Vec<u32> {
                let shared = |i: u64| mix(seed << 8 | i) % 4 < seed % 4 + 1;
                let mut all: Vec<u32> = (0..24 - seed % 20)
                    .map(|i| mix(seed << 16 | i << 4 | if shared(i) { 0 } else { text }) as u32)
                    .collect();
                all.sort_unstable();
                all
            };
            let (a, b) = (Slots::of(&pieces(1)), Slots::of(&pieces(2)));
            let filled = (0..WORDS * 16).filter(|i| slot(&a, *i) + slot(&b, *i) > 0).count() as u64;
            let equal = (0..WORDS * 16).filter(|i| slot(&a, *i) > 0 && slot(&a, *i) == slot(&b, *i)).count() as u64;
            let agree = equal * 100 >= filled * AGREE_PERCENT;
            assert_eq!((a.agree(&b), b.agree(&a)), (agree, agree), "{equal} of {filled}");
            (yes, no) = (yes + u32::from(agree), no + u32::from(!agree));
        }
        assert!(yes > 500 && no > 500, "{yes} {no}");
    }

    #[test]
    fn a_bucket_names_the_nearest_copies_on_both_sides() {
        let (one, _) = in_bands(ONE, 1, 1, &counted(&[ONE, ONE])).unwrap();
        let (other, _) = in_bands(&ONE.chars().rev().collect::<String>(), 1, 1, &counted(&[ONE, ONE])).unwrap();
        let bucket: Vec<Copy> = (0..20u64)
            .map(|i| Copy {
                reviewer: i + 1,
                listing: i + 1,
                time: i as i64,
                ..if i % 2 == 0 { one.clone() } else { other.clone() }
            })
            .collect();
        let judged = judge(&bucket);
        assert_eq!(judged[8].with, [2, 4, 6, 10, 12, 14]);
        assert_eq!(judged[0].with, [2, 4, 6, 8, 10, 12]);
        assert_eq!(judged[9].with, [3, 5, 7, 11, 13, 15]);
    }

    #[test]
    fn a_copy_survives_the_way_as_bytes() {
        let (one, _) = in_bands(ONE, 7, 8, &counted(&[ONE, ONE])).unwrap();
        assert_eq!(Copy::read(&mut Reader(&one.write())), Some(one.clone()));
        assert_eq!(Copy::read(&mut Reader(&one.write()[..40])), None);
    }

    #[test]
    fn copies_far_apart_in_time_and_ever_so_many_copies_are_bounded() {
        let (one, _) = in_bands(ONE, 1, 1, &counted(&[ONE, ONE])).unwrap();
        let at = |i: u64, apart: i64| Copy { reviewer: i + 1, listing: i + 1, time: i as i64 * apart, ..one.clone() };
        let far: Vec<Copy> = (0..3).map(|i| at(i, REACH + 1)).collect();
        assert!(judge(&far).iter().all(|c| c.value == 0.0));
        let many: Vec<Copy> = (0..200).map(|i| at(i, 60)).collect();
        let judged = judge(&many);
        assert!(judged.iter().all(|c| c.value > 0.0 && c.with.len() == NAMED && c.accounts <= 2 * PARTNERS));
        assert_eq!((judged[0].accounts, judged[100].accounts), (PARTNERS, 2 * PARTNERS));
    }
}
