//! Distances between 256-bit codes, and all codes of a set within a distance of another.

mod index;

pub use index::Index;

use crate::simd;

/// The number of bits in which two codes differ, 0 to 256.
#[inline(always)]
pub fn distance(a: &[u8; 32], b: &[u8; 32]) -> u32 {
    let (a, b) = (a.as_chunks::<8>().0, b.as_chunks::<8>().0);
    let mut bits = 0;
    for i in 0..4 {
        bits += (u64::from_le_bytes(a[i]) ^ u64::from_le_bytes(b[i])).count_ones();
    }
    bits
}

/// A code of a set, and how far it is from the one asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Near {
    /// The place of the code in its set.
    pub place: u32,
    /// The number of differing bits.
    pub distance: u32,
}

/// Compares with every code: the plain form that faster ones are tested against, and the fastest for small sets.
/// Results are in the order of the set.
pub fn scan(codes: &[[u8; 32]], query: &[u8; 32], radius: u32) -> Vec<Near> {
    simd::accelerated(Scan { codes, query, radius })
}

struct Scan<'a> {
    codes: &'a [[u8; 32]],
    query: &'a [u8; 32],
    radius: u32,
}

impl simd::Kernel for Scan<'_> {
    type Output = Vec<Near>;

    #[inline(always)]
    fn run(self) -> Vec<Near> {
        let near = |(i, code)| Near { place: i as u32, distance: distance(code, self.query) };
        self.codes.iter().enumerate().map(near).filter(|n| n.distance <= self.radius).collect()
    }
}
