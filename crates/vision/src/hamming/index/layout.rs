//! How codes are cut into parts, and when that pays.

/// Sets smaller than this are compared one by one, which is faster and needs no memory.
pub(super) const SCANNED: usize = 1 << 16;
/// Most bits of a part that may differ.
pub(super) const REACH: usize = 2;
/// One more than the radius that parts are cut for: the one at which pictures are held to be the same.
const DESIGNED_FOR: usize = 32;
/// How codes are cut into parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    parts: usize,
}

impl Layout {
    /// As few parts as 125 bytes a code allow, for fewer parts read less memory; `None` for sets that are best compared one by one.
    pub fn of(codes: usize) -> Option<Self> {
        match codes {
            0..SCANNED => None,
            SCANNED..80_000 => Some(Self { parts: 16 }),
            80_000..420_000 => Some(Self { parts: 15 }),
            420_000..600_000 => Some(Self { parts: 14 }),
            600_000..1_500_000 => Some(Self { parts: 13 }),
            1_500_000..2_800_000 => Some(Self { parts: 12 }),
            _ => Some(Self { parts: 11 }),
        }
    }

    /// So many parts of nearly the same size.
    ///
    /// # Panics
    /// When there are not 10 to 32 of them: the buckets of larger parts would not fit, smaller ones say nothing.
    pub fn with_parts(parts: usize) -> Self {
        assert!((10..=32).contains(&parts), "invariant: 10 to 32 parts");
        Self { parts }
    }

    /// The number of parts.
    pub fn parts(self) -> usize {
        self.parts
    }

    /// First bit and number of bits of a part. Parts in which more bits may differ at [`DESIGNED_FOR`] are wider and so have emptier
    /// buckets, at the cost of the others, of which few are looked into; among equals the first ones are a bit wider.
    #[inline(always)]
    pub(super) fn bits(self, part: usize) -> (usize, usize) {
        let (plain, further) = (256 / self.parts, DESIGNED_FOR % self.parts);
        let narrow = plain - 1;
        let shared = 256 - narrow * (self.parts - further);
        if further == 0 || narrow < 8 || shared / further > plain + 3 {
            let wider = 256 % self.parts;
            return (part * plain + part.min(wider), plain + usize::from(part < wider));
        }
        if part >= further {
            return (shared + (part - further) * narrow, narrow);
        }
        let (width, wider) = (shared / further, shared % further);
        (part * width + part.min(wider), width + usize::from(part < wider))
    }

    /// The bucket of a code in a part.
    #[inline(always)]
    pub(super) fn bucket(self, code: &[u8; 32], part: usize) -> usize {
        let (first, width) = self.bits(part);
        // At most 26 bits from a bit within a byte on fit in eight bytes; the last parts are read from the last eight.
        let at = (first / 8).min(24);
        let word = code[at..].first_chunk().map_or(0, |b| u64::from_le_bytes(*b));
        (word >> (first - 8 * at)) as usize & ((1 << width) - 1)
    }

    /// The number of buckets of the parts before one; `parts` gives the number of all. A multiple of 64.
    pub(super) fn buckets_before(self, part: usize) -> usize {
        (0..part).map(|p| 1usize << self.bits(p).1).sum()
    }

    /// How many bits may differ in a part for a radius; `None` when the part need not be looked at.
    pub(super) fn reach(self, part: usize, radius: u32) -> Option<usize> {
        let (all, more) = ((radius as usize + 1) / self.parts, (radius as usize + 1) % self.parts);
        // Wider parts have fuller keys and emptier buckets: they take the larger share.
        (all + usize::from(part < more)).checked_sub(1)
    }

    /// Whether looking into buckets beats comparing all of so many codes.
    pub(super) fn pays(self, radius: u32, codes: usize) -> bool {
        let mut looked = 0;
        for part in 0..self.parts {
            let Some(reach) = self.reach(part, radius) else { continue };
            if reach > REACH {
                return false;
            }
            let width = self.bits(part).1;
            let buckets = 1 + if reach >= 1 { width } else { 0 } + if reach >= 2 { width * (width - 1) / 2 } else { 0 };
            looked += buckets + buckets * codes / (1 << width);
        }
        // A code from a bucket costs about eight times one that is simply next.
        8 * looked < codes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_cover_every_bit_once_and_wider_ones_come_first() {
        for parts in 10..=32 {
            let layout = Layout::with_parts(parts);
            let (mut next, mut last) = (0, usize::MAX);
            for part in 0..parts {
                let (first, width) = layout.bits(part);
                assert!(first == next && width <= last && (8..=26).contains(&width), "{parts} parts: {first} {width}");
                (next, last) = (first + width, width);
            }
            assert_eq!(next, 256, "{parts} parts");
        }
    }
}
