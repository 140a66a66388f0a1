//! PDQ, the 256-bit perceptual hash of Meta's ThreatExchange, computed bit for bit as the reference does.
//!
//! Sharing hashes only works when everyone's bits agree, so every sum here is taken in the reference's order and in its
//! precision (32-bit floats); see the PDQ paper, "PDQ and TMK+PDQF" (2019), and `pdq/cpp` of ThreatExchange. The slow,
//! literal form of the algorithm is kept in the tests, and the fast one must equal it exactly.

mod dct;
mod jarosz;

use std::fmt;
use std::str::FromStr;

use crate::Luma;

/// A picture with a side shorter than this has no hash.
pub const MIN_SIDE: usize = 5;

/// 256 bits of a picture's coarse structure. Pictures within [`Hash::CLOSE`] bits are held to be the same.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// The distance up to which the reference calls two pictures the same.
    pub const CLOSE: u32 = 31;

    /// The number of differing bits, 0 to 256.
    #[inline]
    pub fn distance(&self, other: &Self) -> u32 {
        crate::hamming::distance(&self.0, &other.0)
    }

    /// Sets bit `k` in the order of the reference: bit 0 is the lowest bit of the last byte.
    fn set(&mut self, k: usize) {
        self.0[31 - k / 8] |= 1 << (k % 8);
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({self})")
    }
}

/// A text that is no hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAHash;

impl fmt::Display for NotAHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a PDQ hash is 64 hexadecimal digits")
    }
}

impl std::error::Error for NotAHash {}

impl FromStr for Hash {
    type Err = NotAHash;

    fn from_str(text: &str) -> Result<Self, NotAHash> {
        let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return Err(NotAHash) };
        if pairs.len() != 32 {
            return Err(NotAHash);
        }
        let mut hash = [0; 32];
        for (byte, &pair) in hash.iter_mut().zip(pairs) {
            let digit = |c: u8| (c as char).to_digit(16).ok_or(NotAHash);
            *byte = (digit(pair[0])? << 4 | digit(pair[1])?) as u8;
        }
        Ok(Self(hash))
    }
}

/// The hash of a picture in its eight orientations, and how much there is to hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pdq {
    /// In the order of [`ORIENTATIONS`]; the first is the picture as it is.
    pub hashes: [Hash; 8],
    /// 0 (nothing but flat areas) to 100. Below 50 the hash says too little to match by.
    pub quality: u8,
}

/// Names of the orientations, in the order of [`Pdq::hashes`]: what was done to the picture to get the hash.
pub const ORIENTATIONS: [&str; 8] = [
    "original",
    "rotate90",
    "rotate180",
    "rotate270",
    "flip_vertical",
    "flip_horizontal",
    "rotate90_flip_vertical",
    "rotate90_flip_horizontal",
];

/// Hashes a grey picture; `None` when a side is shorter than [`MIN_SIDE`].
pub fn hash(picture: &Luma) -> Option<Pdq> {
    if picture.width().min(picture.height()) < MIN_SIDE {
        return None;
    }
    Some(finish(&jarosz::shrink_grey(picture)))
}

/// Hashes a colour picture as the reference does: luma is not rounded to whole numbers. `rgb` holds three bytes a pixel.
///
/// # Panics
/// When `rgb` does not hold `width * height` pixels.
pub fn hash_rgb(width: usize, height: usize, rgb: &[u8]) -> Option<Pdq> {
    assert!(rgb.len() == width * height * 3, "invariant: pixels fill the picture");
    if width.min(height) < MIN_SIDE {
        return None;
    }
    let plane = rgb
        .as_chunks::<3>()
        .0
        .iter()
        .map(|&[r, g, b]| 0.299f32 * f32::from(r) + 0.587f32 * f32::from(g) + 0.114f32 * f32::from(b));
    Some(finish(&jarosz::shrink_plane(width, height, plane.collect())))
}

fn finish(small: &jarosz::Small) -> Pdq {
    let spectrum = dct::low_frequencies(small);
    Pdq { hashes: dct::orientations(&spectrum).map(|s| bits(&s)), quality: quality(small) }
}

/// Each bit says whether a frequency is stronger than the median one; of 256, the reference takes the lower median.
fn bits(spectrum: &dct::Spectrum) -> Hash {
    let mut sorted = *spectrum.as_flattened().first_chunk::<256>().expect("invariant: 16 x 16 frequencies");
    let (_, &mut median, _) = sorted.select_nth_unstable_by(127, f32::total_cmp);
    let mut hash = Hash([0; 32]);
    for (k, &value) in spectrum.as_flattened().iter().enumerate() {
        if value > median {
            hash.set(k);
        }
    }
    hash
}

/// The sum of all steps between neighbours, each rounded towards 0 in percent of the full range, over 90.
fn quality(small: &jarosz::Small) -> u8 {
    let step = |u: f32, v: f32| (((u - v) * 100.0) / 255.0).trunc().abs() as u32;
    let down: u32 = small.windows(2).flat_map(|w| w[0].iter().zip(&w[1]).map(|(&u, &v)| step(u, v))).sum();
    let across: u32 = small.iter().flat_map(|row| row.windows(2).map(|w| step(w[0], w[1]))).sum();
    ((down + across) / 90).min(100) as u8
}

#[cfg(test)]
mod tests;
