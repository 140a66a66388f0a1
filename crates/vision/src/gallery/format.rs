//! The layout of a segment file. All numbers are little-endian; sections start at multiples of 64 bytes.
//!
//! ```text
//!   0  8  "HYSEGMNT"
//!   8  4  version of the layout (4)
//!  12  4  number of sections
//!  16  8  length of the file in bytes
//!  24  8  0
//!  32 32  BLAKE3 of the section table: as it holds each section's digest, it vouches for the whole file
//!  64  .. section table, 64 bytes each: kind u32, parameter u32, offset u64, length u64, 0 u64, BLAKE3 of the section
//! ```
//!
//! | section | content |
//! |---|---|
//! | pictures | 96 bytes a picture in the order of their names, see [`super::Picture`] and `write.rs` |
//! | text | names of files, items and brands, UTF-8 |
//! | hashes | PDQ, 32 bytes a picture |
//! | keypoints | 12 bytes each: x and y in 1/8 pixel of the frame (u16), level u8, angle u8, 0 u16, picture u32 |
//! | descriptors | 32 bytes a keypoint |
//! | buckets | for each band of the descriptors, where each bucket's postings begin (u32); parameter: bands << 8 \| bits |
//! | postings | for each band and bucket: keypoint u32, and 32 other bits of its descriptor |
//! | proofs | grey pixels of the shrunk pictures |
//! | bounds | see [`crate::hamming::Buckets`]; parameter: parts, 0 where there are so few hashes that all are compared |
//! | places | see [`crate::hamming::Buckets`] |
//!
//! A picture of which only the hash is known has a frame of 0 x 0, no keypoints and no pixels.

pub(super) const MAGIC: &[u8; 8] = b"HYSEGMNT";
pub(super) const VERSION: u32 = 4;
pub(super) const HEADER: usize = 64;
pub(super) const TABLE_ENTRY: usize = 64;
pub(super) const PICTURE: usize = 96;
pub(super) const KEYPOINT: usize = 12;
/// Parts of a descriptor by which it can be found.
pub(super) const BANDS: usize = 10;
/// Sub-pixel steps of a keypoint's place.
pub(super) const STEPS: f32 = 8.0;

/// The sections, in file order; their place here plus one is their kind.
pub(super) const SECTIONS: usize = 10;
pub(super) const PICTURES: usize = 0;
pub(super) const TEXT: usize = 1;
pub(super) const HASHES: usize = 2;
pub(super) const KEYPOINTS: usize = 3;
pub(super) const DESCRIPTORS: usize = 4;
pub(super) const BUCKETS: usize = 5;
pub(super) const POSTINGS: usize = 6;
pub(super) const PROOFS: usize = 7;
pub(super) const BOUNDS: usize = 8;
pub(super) const PLACES: usize = 9;

/// Bits of the bucket number for so many keypoints: about two to a bucket.
pub(super) fn bucket_bits(keypoints: usize) -> u32 {
    (usize::BITS - (keypoints / 2).leading_zeros()).clamp(8, 20)
}

/// The bucket of a descriptor in a band.
#[inline(always)]
pub(super) fn bucket(descriptor: &[u8; 32], band: usize, bits: u32) -> usize {
    let at = 3 * band;
    let key = u32::from_le_bytes([descriptor[at], descriptor[at + 1], descriptor[at + 2], descriptor[at + 3]]);
    (key & ((1 << bits) - 1)) as usize
}

/// 32 bits of a descriptor from far off the band's own.
#[inline(always)]
pub(super) fn sketch(descriptor: &[u8; 32], band: usize) -> u32 {
    let at = (14 + 3 * band) % 28;
    u32::from_le_bytes([descriptor[at], descriptor[at + 1], descriptor[at + 2], descriptor[at + 3]])
}
