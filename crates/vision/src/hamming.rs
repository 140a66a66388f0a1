//! Distances between 256-bit codes, and all codes of a set within a distance of another.

mod index;

pub use index::{Buckets, Index, Layout, Scratch};

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
    let mut found = Vec::new();
    scan_into(codes, query, radius, &mut found);
    found
}

/// [`scan`] that adds to a list.
pub fn scan_into(codes: &[[u8; 32]], query: &[u8; 32], radius: u32, found: &mut Vec<Near>) {
    simd::counting(Scan { codes, query, radius, found });
}

struct Scan<'a> {
    codes: &'a [[u8; 32]],
    query: &'a [u8; 32],
    radius: u32,
    found: &'a mut Vec<Near>,
}

impl simd::Kernel for Scan<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { codes, query, radius, found } = self;
        for (i, code) in codes.iter().enumerate() {
            let distance = distance(code, query);
            if distance <= radius {
                found.push(Near { place: i as u32, distance });
            }
        }
    }
}
