//! Exact search in sublinear time: multi-index hashing (Norouzi, Punjani and Fleet, PAMI 2014).
//!
//! A code is cut into parts. If the distance of two codes is at most `r`, some part `i` differs in at most `r_i` bits, for any
//! `r_i` whose `r_i + 1` add up to `r + 1`: were every part further off, the whole would be, too. So only the buckets within
//! `r_i` of each part of the query are looked into. What must stay true: every code within the radius is found, for any
//! radius; where the buckets would hold too much, all codes are compared instead.

mod buckets;
mod layout;

use self::buckets::Bounds;
pub use self::buckets::Buckets;
pub use self::layout::Layout;
use super::{Near, distance, scan_into};
use crate::simd;

/// Buckets looked up together, so that one waits for memory while the others are asked for.
const TOGETHER: usize = 256;

/// A set of codes that is searched in place. Damaged buckets may hide codes or make a search as slow as one without them for
/// every bucket looked into, no more.
#[derive(Clone, Copy, Debug)]
pub struct Index<'a> {
    codes: &'a [[u8; 32]],
    /// Nothing when all codes are compared.
    buckets: Option<(Layout, Bounds<'a>)>,
    places: &'a [[u8; 4]],
}

impl<'a> Index<'a> {
    /// Codes that are compared one by one.
    pub fn scanning(codes: &'a [[u8; 32]]) -> Self {
        Self { codes, buckets: None, places: &[] }
    }

    /// Codes with their buckets; `None` when their sizes do not belong together.
    pub fn new(codes: &'a [[u8; 32]], layout: Layout, bounds: &'a [u8], places: &'a [[u8; 4]]) -> Option<Self> {
        let bounds = Bounds::new(bounds, layout.buckets_before(layout.parts()))?;
        (places.len() == layout.parts() * codes.len()).then_some(Self {
            codes,
            buckets: Some((layout, bounds)),
            places,
        })
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
        match self.buckets.filter(|(layout, _)| layout.pays(radius, self.codes.len())) {
            Some((layout, bounds)) => {
                simd::counting(Within { index: self, layout, bounds, query, radius, scratch, found });
            }
            None => scan_into(self.codes, query, radius, found),
        }
    }
}

/// Memory that searches use again.
#[derive(Clone, Debug, Default)]
pub struct Scratch {
    /// Buckets, and their part.
    keys: Vec<(u32, u32)>,
    /// From and to in `places`.
    ranges: Vec<(usize, usize)>,
    /// Places in `codes`.
    candidates: Vec<u32>,
}

struct Within<'a> {
    index: &'a Index<'a>,
    layout: Layout,
    bounds: Bounds<'a>,
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
        let Index { codes, places, .. } = *self.index;
        ranges.clear();
        for &(key, part) in keys.iter() {
            let first = part as usize * codes.len();
            let (from, to) = self.bounds.of(key as usize);
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
        self.bounds.ask(key);
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
        for part in 0..layout.parts() {
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
            before += 1 << width;
        }
        self.look();
        self.found.sort_unstable();
        self.found.dedup();
    }
}

#[cfg(test)]
mod tests {
    use super::super::scan;
    use super::buckets::{BLOCK, WIDE_BLOCK};
    use super::layout::{REACH, SCANNED};
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
        let ((layout, bounds), mut scratch, mut found) = (index.buckets.unwrap(), Scratch::default(), Vec::new());
        simd::counting(Within { index, layout, bounds, query, radius, scratch: &mut scratch, found: &mut found });
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
            let index = Index::new(&set, layout, &buckets.bounds, &buckets.places).unwrap();
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
    fn a_block_of_more_codes_than_a_byte_counts_is_kept_wide() {
        // All in one bucket of most parts, and in neighbouring ones of the first.
        let set: Vec<[u8; 32]> =
            (0..3000u32).map(|i| std::array::from_fn(|at| if at == 0 { (i % 7) as u8 } else { 0 })).collect();
        let layout = Layout::with_parts(13);
        let buckets = Buckets::of(&set, layout);
        let plain = layout.buckets_before(13);
        assert!(buckets.bounds.len() >= (plain / BLOCK * 4).next_multiple_of(64) + plain + 13 * 4 * WIDE_BLOCK);
        let index = Index::new(&set, layout, &buckets.bounds, &buckets.places).unwrap();
        for query in [&set[0], &set[3], &[0xff; 32]] {
            for radius in [0, 1, 2, 31] {
                assert_eq!(by_buckets(&index, query, radius), scan(&set, query, radius));
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
        let index = Index::new(&set, layout, &buckets.bounds, &buckets.places).unwrap();
        for radius in [0, 7, 15, 16, 31, 33, 47, 64] {
            assert_eq!(index.within(&query, radius), scan(&set, &query, radius), "radius {radius}");
        }
    }

    #[test]
    fn a_layout_takes_at_most_125_bytes_a_code() {
        for n in [SCANNED, 80_000, 420_000, 600_000, 1_500_000, 2_800_000, 10_000_000, 100_000_000] {
            let layout = Layout::of(n).unwrap();
            let buckets = layout.buckets_before(layout.parts());
            let bytes = 32 * n + buckets + buckets / BLOCK * 4 + 64 + 4 * layout.parts() * n;
            assert!(bytes <= 125 * n, "{n} codes in {} parts: {}", layout.parts(), bytes / n);
        }
        assert_eq!(Layout::of(SCANNED - 1), None);
    }

    #[test]
    fn damaged_buckets_hide_codes_and_no_more() {
        let set = codes(300);
        let layout = Layout::with_parts(16);
        let mut buckets = Buckets::of(&set, layout);
        for (i, byte) in buckets.bounds.iter_mut().enumerate().filter(|(i, _)| i % 3 == 0) {
            *byte = (i as u32).wrapping_mul(0x9e37_79b9).to_le_bytes()[3];
        }
        for (i, place) in buckets.places.iter_mut().enumerate() {
            if i % 5 == 0 {
                *place = u32::MAX.to_le_bytes();
            }
        }
        let index = Index::new(&set, layout, &buckets.bounds, &buckets.places).unwrap();
        let truth = scan(&set, &set[9], 31);
        assert!(by_buckets(&index, &set[9], 31).iter().all(|near| truth.contains(near)));
        assert!(Index::new(&set[1..], layout, &buckets.bounds, &buckets.places).is_none());
    }

    #[test]
    fn an_empty_set_has_no_neighbours() {
        assert_eq!(Index::scanning(&[]).within(&[0; 32], 31), []);
        let layout = Layout::with_parts(16);
        let buckets = Buckets::of(&[], layout);
        assert_eq!(by_buckets(&Index::new(&[], layout, &buckets.bounds, &buckets.places).unwrap(), &[7; 32], 31), []);
    }
}
