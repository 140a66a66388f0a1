//! Exact search in sublinear time: multi-index hashing (Norouzi, Punjani and Fleet, PAMI 2014).
//!
//! A code within `r` bits of another agrees with it up to `r / m` bits in at least one of `m` parts. With sixteen parts of
//! 16 bits, a radius up to 31 needs only the buckets at distance 0 or 1 in each part. What must stay true: every code within the
//! radius is found, for any radius; wider ones fall back to comparing with every code.

use super::{Near, distance, scan};
use crate::simd;

const PARTS: usize = 16;
const BUCKETS: usize = 1 << 16;

/// An index over a set of codes, which it copies.
#[derive(Debug)]
pub struct Index {
    codes: Vec<[u8; 32]>,
    /// For each part, where each bucket's places begin.
    starts: Vec<u32>,
    /// For each part, the places in the order of their buckets.
    places: Vec<u32>,
}

fn part(code: &[u8; 32], part: usize) -> usize {
    usize::from(u16::from_le_bytes(code.as_chunks::<2>().0[part]))
}

impl Index {
    /// The widest radius that is answered from the buckets.
    pub const RADIUS: u32 = 2 * PARTS as u32 - 1;

    /// Indexes a set of codes.
    ///
    /// # Panics
    /// When there are 2^32 codes or more.
    pub fn new(codes: Vec<[u8; 32]>) -> Self {
        let n = u32::try_from(codes.len()).expect("invariant: fewer than 2^32 codes") as usize;
        let mut starts = vec![0u32; PARTS * (BUCKETS + 1)];
        let mut places = vec![0u32; PARTS * n];
        for p in 0..PARTS {
            let starts = &mut starts[p * (BUCKETS + 1)..][..BUCKETS + 1];
            for code in &codes {
                starts[part(code, p) + 1] += 1;
            }
            for b in 0..BUCKETS {
                starts[b + 1] += starts[b];
            }
            let mut next = starts.to_vec();
            let places = &mut places[p * n..][..n];
            for (i, code) in codes.iter().enumerate() {
                let slot = &mut next[part(code, p)];
                places[*slot as usize] = i as u32;
                *slot += 1;
            }
        }
        Self { codes, starts, places }
    }

    /// The codes, in their order.
    pub fn codes(&self) -> &[[u8; 32]] {
        &self.codes
    }

    /// Every code within `radius` bits, in the order of the set.
    pub fn within(&self, query: &[u8; 32], radius: u32) -> Vec<Near> {
        if radius > Self::RADIUS {
            return scan(&self.codes, query, radius);
        }
        simd::accelerated(Within { index: self, query, radius })
    }

    #[inline(always)]
    fn look(&self, p: usize, bucket: usize, query: &[u8; 32], radius: u32, found: &mut Vec<Near>) {
        let starts = &self.starts[p * (BUCKETS + 1) + bucket..];
        let places = &self.places[p * self.codes.len()..];
        for &place in &places[starts[0] as usize..starts[1] as usize] {
            let distance = distance(&self.codes[place as usize], query);
            if distance <= radius {
                found.push(Near { place, distance });
            }
        }
    }
}

struct Within<'a> {
    index: &'a Index,
    query: &'a [u8; 32],
    radius: u32,
}

impl simd::Kernel for Within<'_> {
    type Output = Vec<Near>;

    #[inline(always)]
    fn run(self) -> Vec<Near> {
        let Self { index, query, radius } = self;
        let mut found = Vec::new();
        for p in 0..PARTS {
            let key = part(query, p);
            index.look(p, key, query, radius, &mut found);
            // A radius below the number of parts leaves one part without any difference.
            if radius >= PARTS as u32 {
                for bit in 0..16 {
                    index.look(p, key ^ (1 << bit), query, radius, &mut found);
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(n: usize) -> Vec<[u8; 32]> {
        (0..n).map(|i| *blake3::hash(&i.to_le_bytes()).as_bytes()).collect()
    }

    #[test]
    fn finds_exactly_what_a_scan_finds() {
        let mut set = codes(3000);
        let query = set[17];
        // Neighbours at every distance from 0 to 40, with the differing bits spread over the parts or crowded in one.
        for d in 0..=40u32 {
            for stride in [1, 6] {
                let mut near = query;
                for k in 0..d {
                    let bit = (k * stride % 256) as usize;
                    near[bit / 8] ^= 1 << (bit % 8);
                }
                set.push(near);
            }
        }
        let index = Index::new(set.clone());
        for radius in [0, 1, 7, 15, 16, 17, 30, 31, 32, 40, 256] {
            assert_eq!(index.within(&query, radius), scan(&set, &query, radius), "radius {radius}");
            assert_eq!(index.within(&[0; 32], radius), scan(&set, &[0; 32], radius), "radius {radius}");
        }
    }

    #[test]
    fn an_empty_set_has_no_neighbours() {
        assert_eq!(Index::new(Vec::new()).within(&[0; 32], 31), []);
    }
}
