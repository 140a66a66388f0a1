//! Exact search in sublinear time: multi-index hashing (Norouzi, Punjani and Fleet, PAMI 2014).
//!
//! A code is cut into parts. If the distance of two codes is at most `r`, some part `i` differs in at most `r_i` bits, for any
//! `r_i` whose `r_i + 1` add up to `r + 1`: were every part further off, the whole would be, too. So only the buckets within
//! `r_i` of each part of the query are looked into. What must stay true: every code within the radius is found, for any
//! radius; where the buckets would hold too much, all codes are compared instead.

use rayon::prelude::*;

use super::{Near, distance, scan_into};
use crate::simd;

/// Sets smaller than this are compared one by one, which is faster and needs no memory.
const SCANNED: usize = 1 << 16;
/// Most bits of a part that may differ.
const REACH: usize = 2;
/// Buckets looked up together, so that one waits for memory while the others are asked for.
const TOGETHER: usize = 256;

/// How codes are cut into parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    parts: usize,
}

impl Layout {
    /// As few parts as 125 bytes a code allow, for fewer parts read less memory; `None` for sets that are best compared one by one.
    /// Below 150,000 codes the buckets' fixed 4 MB are more than that a code.
    pub fn of(codes: usize) -> Option<Self> {
        match codes {
            0..SCANNED => None,
            SCANNED..700_000 => Some(Self { parts: 16 }),
            700_000..1_600_000 => Some(Self { parts: 14 }),
            1_600_000..4_000_000 => Some(Self { parts: 13 }),
            4_000_000..9_600_000 => Some(Self { parts: 12 }),
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

    /// The number of bucket starts of all parts.
    pub fn starts(self) -> usize {
        self.starts_before(self.parts)
    }

    /// The number of parts.
    pub fn parts(self) -> usize {
        self.parts
    }

    /// First bit and number of bits of a part; the first ones are a bit wider where 256 does not divide.
    #[inline(always)]
    fn bits(self, part: usize) -> (usize, usize) {
        let (width, wider) = (256 / self.parts, 256 % self.parts);
        (part * width + part.min(wider), width + usize::from(part < wider))
    }

    /// The bucket of a code in a part.
    #[inline(always)]
    fn bucket(self, code: &[u8; 32], part: usize) -> usize {
        let (first, width) = self.bits(part);
        // At most 26 bits from a bit within a byte on fit in eight bytes; the last parts are read from the last eight.
        let at = (first / 8).min(24);
        let word = code[at..].first_chunk().map_or(0, |b| u64::from_le_bytes(*b));
        (word >> (first - 8 * at)) as usize & ((1 << width) - 1)
    }

    /// Where the bucket starts of a part begin; `parts` gives the number of all.
    fn starts_before(self, part: usize) -> usize {
        (0..part).map(|p| (1usize << self.bits(p).1) + 1).sum()
    }

    /// How many bits may differ in a part for a radius; `None` when the part need not be looked at.
    fn reach(self, part: usize, radius: u32) -> Option<usize> {
        let (all, more) = ((radius as usize + 1) / self.parts, (radius as usize + 1) % self.parts);
        // Wider parts have fuller keys and emptier buckets: they take the larger share.
        (all + usize::from(part < more)).checked_sub(1)
    }

    /// Whether looking into buckets beats comparing all of so many codes.
    fn pays(self, radius: u32, codes: usize) -> bool {
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

/// The buckets of an [`Index`] as they are kept in a file: little-endian numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Buckets {
    /// For each part, where each bucket's places begin, and where the last one ends.
    pub starts: Vec<[u8; 4]>,
    /// For each part, the places of all codes in the order of their buckets.
    pub places: Vec<[u8; 4]>,
}

impl Buckets {
    /// Sorts codes into buckets.
    ///
    /// # Panics
    /// When there are 2^32 codes or more.
    pub fn of(codes: &[[u8; 32]], layout: Layout) -> Self {
        assert!(u32::try_from(codes.len()).is_ok(), "invariant: fewer than 2^32 codes");
        let mut starts = vec![[0; 4]; layout.starts_before(layout.parts)];
        let mut places = vec![[0; 4]; layout.parts * codes.len()];
        let mut rest = starts.as_mut_slice();
        let mut parts = Vec::with_capacity(layout.parts);
        for (part, places) in places.chunks_exact_mut(codes.len().max(1)).enumerate() {
            let (own, others) = rest.split_at_mut((1 << layout.bits(part).1) + 1);
            rest = others;
            parts.push((part, own, places));
        }
        parts.into_par_iter().for_each(|(part, starts, places)| {
            let mut next = vec![0u32; starts.len()];
            for code in codes {
                next[layout.bucket(code, part) + 1] += 1;
            }
            let mut sum = 0;
            for (next, start) in next.iter_mut().zip(starts) {
                sum += *next;
                *next = sum;
                *start = sum.to_le_bytes();
            }
            for (i, code) in codes.iter().enumerate() {
                let slot = &mut next[layout.bucket(code, part)];
                places[*slot as usize] = (i as u32).to_le_bytes();
                *slot += 1;
            }
        });
        Self { starts, places }
    }
}

/// A set of codes that is searched in place. Damaged buckets may hide codes or make a search as slow as one without them for
/// every bucket looked into, no more.
#[derive(Clone, Copy, Debug)]
pub struct Index<'a> {
    codes: &'a [[u8; 32]],
    layout: Option<Layout>,
    starts: &'a [[u8; 4]],
    places: &'a [[u8; 4]],
}

impl<'a> Index<'a> {
    /// Codes that are compared one by one.
    pub fn scanning(codes: &'a [[u8; 32]]) -> Self {
        Self { codes, layout: None, starts: &[], places: &[] }
    }

    /// Codes with their buckets; `None` when their sizes do not belong together.
    pub fn new(codes: &'a [[u8; 32]], layout: Layout, starts: &'a [[u8; 4]], places: &'a [[u8; 4]]) -> Option<Self> {
        let fits = starts.len() == layout.starts_before(layout.parts) && places.len() == layout.parts * codes.len();
        fits.then_some(Self { codes, layout: Some(layout), starts, places })
    }

    /// The codes, in their order.
    pub fn codes(&self) -> &'a [[u8; 32]] {
        self.codes
    }

    /// Every code within `radius` bits, in the order of the set.
    pub fn within(&self, query: &[u8; 32], radius: u32) -> Vec<Near> {
        let mut found = Vec::new();
        self.within_into(query, radius, &mut Scratch::default(), &mut found);
        found
    }

    /// [`Index::within`] into a list that is emptied first.
    pub fn within_into(&self, query: &[u8; 32], radius: u32, scratch: &mut Scratch, found: &mut Vec<Near>) {
        found.clear();
        match self.layout.filter(|layout| layout.pays(radius, self.codes.len())) {
            Some(layout) => simd::counting(Within { index: self, layout, query, radius, scratch, found }),
            None => scan_into(self.codes, query, radius, found),
        }
    }
}

/// Memory that searches use again.
#[derive(Clone, Debug, Default)]
pub struct Scratch {
    /// Places in `starts`, and the part.
    keys: Vec<(u32, u32)>,
    /// From and to in `places`.
    ranges: Vec<(usize, usize)>,
    /// Places in `codes`.
    candidates: Vec<u32>,
}

struct Within<'a> {
    index: &'a Index<'a>,
    layout: Layout,
    query: &'a [u8; 32],
    radius: u32,
    scratch: &'a mut Scratch,
    found: &'a mut Vec<Near>,
}

impl Within<'_> {
    /// Looks into the buckets whose numbers are in `scratch.keys`; each round asks the memory for what the next one reads.
    #[inline(always)]
    fn look(&mut self) {
        let Scratch { keys, ranges, candidates } = &mut *self.scratch;
        let Index { codes, starts, places, .. } = *self.index;
        ranges.clear();
        for &(key, part) in keys.iter() {
            let (key, first) = (key as usize, part as usize * codes.len());
            let (from, to) = (u32::from_le_bytes(starts[key]), u32::from_le_bytes(starts[key + 1]));
            // Within the part, whatever the file says.
            if from < to && to as usize <= codes.len() {
                simd::prefetch(&places[first + from as usize]);
                ranges.push((first + from as usize, first + to as usize));
            }
        }
        keys.clear();
        candidates.clear();
        for &(from, to) in ranges.iter() {
            for place in &places[from..to] {
                let place = u32::from_le_bytes(*place);
                if let Some(code) = codes.get(place as usize) {
                    simd::prefetch(code);
                    candidates.push(place);
                }
            }
        }
        for &place in candidates.iter() {
            let distance = distance(&codes[place as usize], self.query);
            if distance <= self.radius {
                self.found.push(Near { place, distance });
            }
        }
    }

    #[inline(always)]
    fn ask(&mut self, key: usize, part: usize) {
        simd::prefetch(&self.index.starts[key]);
        self.scratch.keys.push((key as u32, part as u32));
    }
}

impl simd::Kernel for Within<'_> {
    type Output = ();

    #[inline(always)]
    fn run(mut self) {
        let layout = self.layout;
        let mut before = 0;
        self.scratch.keys.clear();
        for part in 0..layout.parts {
            let width = layout.bits(part).1;
            if let Some(reach) = layout.reach(part, self.radius) {
                let key = layout.bucket(self.query, part);
                self.ask(before + key, part);
                for a in 0..if reach >= 1 { width } else { 0 } {
                    let key = key ^ 1 << a;
                    self.ask(before + key, part);
                    for b in 0..if reach >= 2 { a } else { 0 } {
                        self.ask(before + (key ^ 1 << b), part);
                    }
                    if self.scratch.keys.len() >= TOGETHER {
                        self.look();
                    }
                }
            }
            before += (1 << width) + 1;
        }
        self.look();
        self.found.sort_unstable();
        self.found.dedup();
    }
}

#[cfg(test)]
mod tests {
    use super::super::scan;
    use super::*;

    fn codes(n: usize) -> Vec<[u8; 32]> {
        (0..n).map(|i| *blake3::hash(&i.to_le_bytes()).as_bytes()).collect()
    }

    /// Neighbours of a code at every distance from 0 to 40, the differing bits spread over the parts or crowded in one.
    fn neighbours(of: &[u8; 32]) -> Vec<[u8; 32]> {
        let mut near = Vec::new();
        for d in 0..=40u32 {
            for (stride, first) in [(1, 0), (6, 0), (16, 3), (23, 11), (1, 200)] {
                let mut code = *of;
                for k in 0..d {
                    let bit = ((first + k * stride) % 256) as usize;
                    code[bit / 8] ^= 1 << (bit % 8);
                }
                near.push(code);
            }
        }
        near
    }

    /// Looks into buckets whatever that costs, so that small sets test them, too.
    fn by_buckets(index: &Index<'_>, query: &[u8; 32], radius: u32) -> Vec<Near> {
        let (layout, mut scratch, mut found) = (index.layout.unwrap(), Scratch::default(), Vec::new());
        simd::counting(Within { index, layout, query, radius, scratch: &mut scratch, found: &mut found });
        found
    }

    #[test]
    fn finds_exactly_what_a_scan_finds() {
        let mut set = codes(2000);
        let (one, other) = (set[17], set[44]);
        set.extend(neighbours(&one));
        // Codes that share most of their parts: crowded buckets.
        set.extend(codes(500).into_iter().map(|mut code| {
            code[..24].fill(0);
            code
        }));
        for parts in [10, 11, 12, 13, 14, 16, 17, 19, 23, 32] {
            let layout = Layout::with_parts(parts);
            let buckets = Buckets::of(&set, layout);
            let index = Index::new(&set, layout, &buckets.starts, &buckets.places).unwrap();
            for radius in 0..(parts * (REACH + 1)) as u32 {
                for query in [&one, &other, &[0; 32]] {
                    let found = by_buckets(&index, query, radius);
                    assert_eq!(found, scan(&set, query, radius), "{parts} parts, radius {radius}");
                }
            }
            for radius in [40, 99, 256] {
                assert_eq!(index.within(&one, radius), scan(&set, &one, radius), "{parts} parts, radius {radius}");
            }
        }
    }

    #[test]
    fn large_sets_are_answered_from_buckets() {
        let mut set = codes(SCANNED);
        let query = set[5];
        set.extend(neighbours(&query));
        let layout = Layout::of(set.len()).unwrap();
        assert!(layout.pays(31, set.len()) && layout.pays(7, set.len()) && !layout.pays(64, set.len()));
        let buckets = Buckets::of(&set, layout);
        let index = Index::new(&set, layout, &buckets.starts, &buckets.places).unwrap();
        for radius in [0, 7, 15, 16, 31, 33, 47, 64] {
            assert_eq!(index.within(&query, radius), scan(&set, &query, radius), "radius {radius}");
        }
    }

    #[test]
    fn a_layout_takes_at_most_125_bytes_a_code() {
        for n in [150_000, 699_999, 700_000, 1_599_999, 1_600_000, 4_000_000, 9_599_999, 9_600_000, 100_000_000] {
            let layout = Layout::of(n).unwrap();
            let bytes = 32 * n + 4 * (layout.starts_before(layout.parts) + layout.parts * n);
            assert!(bytes <= 125 * n, "{n} codes in {} parts: {}", layout.parts, bytes / n);
        }
        assert_eq!(Layout::of(SCANNED - 1), None);
    }

    #[test]
    fn damaged_buckets_hide_codes_and_no_more() {
        let set = codes(300);
        let layout = Layout::with_parts(16);
        let mut buckets = Buckets::of(&set, layout);
        for (i, start) in buckets.starts.iter_mut().enumerate() {
            if i % 3 == 0 {
                *start = (i as u32).wrapping_mul(0x9e37_79b9).to_le_bytes();
            }
        }
        for (i, place) in buckets.places.iter_mut().enumerate() {
            if i % 5 == 0 {
                *place = u32::MAX.to_le_bytes();
            }
        }
        let index = Index::new(&set, layout, &buckets.starts, &buckets.places).unwrap();
        let truth = scan(&set, &set[9], 31);
        assert!(by_buckets(&index, &set[9], 31).iter().all(|near| truth.contains(near)));
        assert!(Index::new(&set[1..], layout, &buckets.starts, &buckets.places).is_none());
    }

    #[test]
    fn an_empty_set_has_no_neighbours() {
        assert_eq!(Index::scanning(&[]).within(&[0; 32], 31), []);
        let layout = Layout::with_parts(16);
        let buckets = Buckets::of(&[], layout);
        assert_eq!(by_buckets(&Index::new(&[], layout, &buckets.starts, &buckets.places).unwrap(), &[7; 32], 31), []);
    }
}
