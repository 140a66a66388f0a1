//! Corpus stage `phrases`: how often each sampled piece of text occurs among all reviews.
//!
//! Default texts and complaints that everybody words alike ("too slow", "broken on arrival") say nothing about who wrote them; only
//! phrasing that hardly occurs elsewhere does. Counts are kept by hash in a fixed table, so two pieces may share a count: a
//! phrase can look more common than it is, never rarer.

use crate::codec::{Reader, Writer};

/// Entries of the table; 4 bytes each.
const SIZE: usize = 1 << 20;

/// Counts of pieces.
#[derive(Clone, PartialEq)]
pub struct Phrases {
    reviews: u64,
    /// The sum of `counts`.
    pieces: u64,
    counts: Vec<u32>,
}

impl Default for Phrases {
    fn default() -> Self {
        Self { reviews: 0, pieces: 0, counts: vec![0; SIZE] }
    }
}

impl Phrases {
    /// Counts the pieces of one review.
    pub fn add(&mut self, pieces: &[u32]) {
        self.reviews += 1;
        self.pieces += pieces.len() as u64;
        for piece in pieces {
            let slot = &mut self.counts[*piece as usize % SIZE];
            *slot = slot.saturating_add(1);
        }
    }

    /// In how many reviews a piece was counted, with those of other pieces that share its place.
    pub fn count(&self, piece: u32) -> u32 {
        self.counts[piece as usize % SIZE]
    }

    /// How much of a piece's count is other pieces', on average.
    pub fn strangers(&self) -> u32 {
        (self.pieces / SIZE as u64) as u32
    }

    /// The reviews counted.
    pub fn reviews(&self) -> u64 {
        self.reviews
    }

    /// How uncommon a piece is elsewhere, in nats: `here` of its occurrences are set aside.
    pub fn rarity(&self, piece: u32, here: u32) -> f32 {
        let count = self.counts[piece as usize % SIZE].saturating_sub(here);
        ((self.reviews as f32 + 1.0) / (count as f32 + 1.0)).ln()
    }

    /// Adds another table.
    pub fn merge(&mut self, other: &Self) {
        self.reviews += other.reviews;
        self.pieces += other.pieces;
        for (mine, theirs) in self.counts.iter_mut().zip(&other.counts) {
            *mine = mine.saturating_add(*theirs);
        }
    }

    /// As bytes: the used entries, or all of them when most are used.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut w = Writer::new();
        let used = self.counts.iter().filter(|c| **c > 0).count();
        w.u64(self.reviews);
        if used < SIZE / 2 {
            w.u32(used as u32);
            for (i, count) in self.counts.iter().enumerate().filter(|(_, c)| **c > 0) {
                w.u32(i as u32).u32(*count);
            }
        } else {
            w.u32(u32::MAX);
            for count in &self.counts {
                w.u32(*count);
            }
        }
        w.into_bytes()
    }

    /// From bytes; `None` when they are not what [`Phrases::to_bytes`] gave.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut r = Reader(bytes);
        let mut out = Self { reviews: r.u64()?, ..Self::default() };
        match r.u32()? {
            u32::MAX => {
                for count in &mut out.counts {
                    *count = r.u32()?;
                }
            }
            used => {
                for _ in 0..used {
                    let i = r.u32()? as usize;
                    *out.counts.get_mut(i)? = r.u32()?;
                }
            }
        }
        out.pieces = out.counts.iter().map(|count| u64::from(*count)).sum();
        Some(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crowded_table_tells_how_crowded_it_is() {
        let mut table = Phrases::default();
        assert_eq!(table.strangers(), 0);
        let pieces: Vec<u32> = (0..SIZE as u32).map(|i| i.wrapping_mul(0x9e37_79b1)).collect();
        (0..3).for_each(|_| table.add(&pieces));
        assert_eq!(table.strangers(), 3);
        assert!(Phrases::from_bytes(&table.to_bytes()).is_some_and(|back| back == table));
    }

    #[test]
    fn tables_merge_and_survive_as_bytes() {
        let (mut a, mut b) = (Phrases::default(), Phrases::default());
        a.add(&[1, 2]);
        b.add(&[2, 3]);
        a.merge(&b);
        assert!(Phrases::from_bytes(&a.to_bytes()).is_some_and(|back| back == a));
        assert!(a.rarity(1, 0) > a.rarity(2, 0));
        assert!(a.rarity(2, 2) > a.rarity(2, 0));
        assert_eq!((a.count(1), a.count(2), a.count(4), a.reviews()), (1, 2, 0, 2));
    }
}
