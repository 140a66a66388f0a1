//! Codes sorted by their parts, as they are kept in a file.

use rayon::prelude::*;

use super::Layout;
use crate::simd;

/// Buckets whose bounds are kept together.
pub(super) const BLOCK: usize = 64;
/// Codes of a block that one byte can count.
const COUNTED: u32 = 255;
/// In the base of a block: its bounds stand among the wide ones, at the number of the other bits.
const WIDE: u32 = 1 << 31;
/// Numbers of a wide block: where it begins, and where each bucket ends.
pub(super) const WIDE_BLOCK: usize = BLOCK + 1;

/// The buckets of an [`Index`](super::Index) as they are kept in a file. Where a bucket lies takes little more than a byte: of each 64 buckets the
/// place of the first, and for each how many codes the block holds up to its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Buckets {
    /// The base of each block (u32, little-endian, padded to a multiple of 64 bytes), the ends of all buckets (u8), and the wide blocks
    /// (65 u32 each), which hold more codes than a byte counts.
    pub bounds: Vec<u8>,
    /// For each part, the places of all codes in the order of their buckets, little-endian.
    pub places: Vec<[u8; 4]>,
}

/// [`Buckets::bounds`], taken apart.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds<'a> {
    bases: &'a [[u8; 4]],
    ends: &'a [u8],
    wide: &'a [[u8; 4]],
}

impl<'a> Bounds<'a> {
    /// `None` when the bytes are not those of so many buckets.
    pub(super) fn new(bytes: &'a [u8], buckets: usize) -> Option<Self> {
        let bases = buckets / BLOCK * 4;
        let (ends_at, wide_at) = (bases.next_multiple_of(64), bases.next_multiple_of(64) + buckets);
        let wide = bytes.get(wide_at..)?;
        let whole = wide.len().is_multiple_of(4 * WIDE_BLOCK);
        whole.then(|| Self {
            bases: bytes[..bases].as_chunks().0,
            ends: &bytes[ends_at..wide_at],
            wide: wide.as_chunks().0,
        })
    }

    /// From where to where the codes of a bucket stand among the places of its part; nonsense in damaged bounds.
    #[inline(always)]
    pub(super) fn of(&self, bucket: usize) -> (u32, u32) {
        let base = u32::from_le_bytes(self.bases[bucket / BLOCK]);
        let within = bucket % BLOCK;
        if base & WIDE == 0 {
            let from = if within == 0 { 0 } else { self.ends[bucket - 1] };
            return (base + u32::from(from), base + u32::from(self.ends[bucket]));
        }
        let at = (base & !WIDE) as usize * WIDE_BLOCK + within;
        let number = |at: usize| self.wide.get(at).map_or(0, |b| u32::from_le_bytes(*b));
        (number(at), number(at + 1))
    }

    /// Bases are few enough to stay in the cache.
    #[inline(always)]
    pub(super) fn ask(&self, bucket: usize) {
        simd::prefetch(&self.ends[bucket]);
    }
}

impl Buckets {
    /// Sorts codes into buckets.
    ///
    /// # Panics
    /// When there are 2^31 codes or more.
    pub fn of(codes: &[[u8; 32]], layout: Layout) -> Self {
        assert!(codes.len() < WIDE as usize, "invariant: fewer than 2^31 codes");
        let buckets = layout.buckets_before(layout.parts());
        let bases = buckets / BLOCK * 4;
        let mut bounds = vec![0; bases.next_multiple_of(64) + buckets];
        let mut places = vec![[0; 4]; layout.parts() * codes.len()];
        let (mut rest_bases, mut rest_ends) = bounds.split_at_mut(bases.next_multiple_of(64));
        let mut parts = Vec::with_capacity(layout.parts());
        for (part, places) in places.chunks_exact_mut(codes.len().max(1)).enumerate() {
            let buckets = 1 << layout.bits(part).1;
            let (bases, more) = rest_bases.split_at_mut(buckets / BLOCK * 4);
            let (ends, others) = rest_ends.split_at_mut(buckets);
            (rest_bases, rest_ends) = (more, others);
            parts.push((part, bases.as_chunks_mut::<4>().0, ends, places));
        }
        let wide: Vec<Vec<(usize, [u32; WIDE_BLOCK])>> = parts
            .into_par_iter()
            .map(|(part, bases, ends, places)| {
                let mut next = vec![0u32; ends.len() + 1];
                for code in codes {
                    next[layout.bucket(code, part) + 1] += 1;
                }
                for i in 1..next.len() {
                    next[i] += next[i - 1];
                }
                let mut wide = Vec::new();
                for (block, (base, ends)) in bases.iter_mut().zip(ends.as_chunks_mut::<BLOCK>().0).enumerate() {
                    let starts = &next[block * BLOCK..][..WIDE_BLOCK];
                    *base = starts[0].to_le_bytes();
                    if starts[BLOCK] - starts[0] > COUNTED {
                        wide.push((block, std::array::from_fn(|i| starts[i])));
                    } else {
                        for (end, start) in ends.iter_mut().zip(&starts[1..]) {
                            *end = (start - starts[0]) as u8;
                        }
                    }
                }
                for (i, code) in codes.iter().enumerate() {
                    let slot = &mut next[layout.bucket(code, part)];
                    places[*slot as usize] = (i as u32).to_le_bytes();
                    *slot += 1;
                }
                wide
            })
            .collect();
        let mut number = 0u32;
        for (part, wide) in wide.into_iter().enumerate() {
            let before = layout.buckets_before(part) / BLOCK;
            for (block, starts) in wide {
                bounds[4 * (before + block)..][..4].copy_from_slice(&(WIDE | number).to_le_bytes());
                bounds.extend(starts.iter().flat_map(|start| start.to_le_bytes()));
                number += 1;
            }
        }
        Self { bounds, places }
    }
}
