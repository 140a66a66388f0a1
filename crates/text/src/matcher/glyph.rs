//! Look-alike spellings, found where a character that stands there itself touches one that only looks alike.
//!
//! A form of which some characters stand there and the others are look-alikes has such an *edge*. At each two neighbours
//! of a text the one is taken as it is and the other for each character that it looks like, and the pairs of neighbours
//! in the forms are looked up.

use super::check::{self, Found};
use super::form::Form;
use super::lane::{Lane, Symbol};
use crate::{Disguises, Folded, Key, Variants, parts, sound};

/// The edges that the forms with look-alikes may have. Their spellings are those of the plain lane.
#[derive(Clone, Debug, Default)]
pub(super) struct Edges {
    alike: Alike,
    /// By number, one bit for each character that has a reading.
    read: Vec<u64>,
    /// By hash of a pair of numbers, whether it stands in some form.
    filter: Vec<u64>,
    filter_shift: u32,
    /// The pairs of the hashes with the same upper bits begin here.
    buckets: Vec<u32>,
    bucket_shift: u32,
    /// The pairs by hash, each with the end of its places.
    pairs: Vec<(u32, u32)>,
    /// A spelling of the plain lane and the place of the pair in it.
    places: Vec<u32>,
}

/// Which of the two neighbours is the look-alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Before,
    After,
}

/// Bits of an entry that are the place; of longer spellings only this many characters are looked up, so that one whose
/// first edge lies farther in is not found.
const PLACE_BITS: u32 = 6;
const MOST_PLACES: usize = 1 << PLACE_BITS;

/// Two numbers, and their hash.
#[inline]
fn pair(first: u16, second: u16) -> u32 {
    u32::from(first) << 16 | u32::from(second)
}

#[inline]
fn spread(pair: u32) -> u32 {
    let spread = pair.wrapping_mul(0x9E37_79B1);
    (spread ^ spread >> 15).wrapping_mul(0x85EB_CA6B)
}

/// Whether look-alikes of a form are looked for; a spelling that is a disguise of its own has none.
fn has_look_alikes(form: &Form<'_>) -> bool {
    form.codes.len() >= 2 && form.disguises == Disguises::NONE && form.variants.contains(Variants::GLYPH)
}

impl Edges {
    /// The edges of the forms of `plain`.
    pub(super) fn new(plain: &Lane) -> Self {
        let mut all: Vec<(u32, u32, u32)> = Vec::new();
        let mut codes: Vec<(u16, char)> = Vec::new();
        for (at, forms) in plain.groups() {
            let Some(form) = { forms }.find(has_look_alikes) else { continue };
            if at >= 1 << (32 - PLACE_BITS) {
                break;
            }
            let numbers = plain.spelling(at);
            codes.extend(numbers.iter().copied().zip(form.codes.iter().copied()));
            for (place, two) in (0..MOST_PLACES as u32).zip(numbers.windows(2)) {
                let pair = pair(two[0], two[1]);
                all.push((spread(pair), pair, at << PLACE_BITS | place));
            }
        }
        if all.is_empty() {
            return Self::default();
        }
        codes.sort_unstable();
        codes.dedup();
        all.sort_unstable();
        let bits = |each: usize| (each * all.len()).next_power_of_two().trailing_zeros().clamp(6, 26);
        let (filter_shift, bucket_shift) = (32 - bits(16), 32 - bits(1).saturating_sub(1));
        let mut out = Self {
            filter: vec![0; 1 << (26 - filter_shift)],
            filter_shift,
            buckets: vec![0; (1 << (32 - bucket_shift)) + 1],
            bucket_shift,
            alike: Alike::new(&codes),
            ..Self::default()
        };
        out.read = vec![0; usize::from(codes.last().map_or(0, |last| last.0)) / 64 + 1];
        for (number, code) in codes {
            if sound::readings(code)[0] != 0 {
                out.read[usize::from(number) / 64] |= 1 << (number % 64);
            }
        }
        for (hash, pair, entry) in all {
            out.places.push(entry);
            let end = out.places.len() as u32;
            match out.pairs.last_mut() {
                Some(last) if last.0 == pair => last.1 = end,
                _ => {
                    let bit = hash >> filter_shift;
                    out.filter[(bit >> 6) as usize] |= 1 << (bit & 63);
                    out.buckets[(hash >> bucket_shift) as usize + 1] += 1;
                    out.pairs.push((pair, end));
                }
            }
        }
        let mut sum = 0;
        for bucket in &mut out.buckets {
            sum += *bucket;
            *bucket = sum;
        }
        out
    }

    /// Finds the forms of which at least one character stands in the text and the others are look-alikes.
    pub(super) fn search(
        &self,
        text: &str,
        folded: &Folded,
        plain: &Lane,
        symbols: &mut Vec<Symbol>,
        found: &mut Found,
    ) {
        if self.places.is_empty() {
            return;
        }
        // A reader sees the character as written, not as folded: 徵 looks like 微, its simplified form 征 does not.
        let seen = |key: &Key| {
            let atom = &folded.atoms()[key.first as usize];
            if !atom.disguises.contains(Disguises::TRADITIONAL) {
                return atom.code;
            }
            text.get(atom.start as usize..).and_then(|rest| rest.chars().next()).unwrap_or(atom.code)
        };
        let keys = folded.keys();
        symbols.clear();
        symbols
            .extend(keys.iter().map(|key| Symbol::new(plain.number(key.code), 0, u32::from(seen(key)), false, false)));
        self.edges(plain, symbols, |spelling, start| {
            for form in plain.forms_of(spelling).filter(has_look_alikes) {
                check::looking(form, &keys[start..start + form.codes.len()], folded, found);
            }
            false
        });
    }

    /// Whether some form may stand in a text of these symbols.
    pub(super) fn may_find(&self, plain: &Lane, symbols: &[Symbol]) -> bool {
        self.edges(plain, symbols, |_, _| true)
    }

    /// Gives `report` each spelling and place where its characters stand or are seen; ends, with true, when `report` wants
    /// no more.
    fn edges(&self, plain: &Lane, symbols: &[Symbol], mut report: impl FnMut(u32, usize) -> bool) -> bool {
        if self.places.is_empty() {
            return false;
        }
        let mut first_like = symbols.first().map_or(&[][..], |first| self.alike.to(first.seen()));
        for (at, two) in symbols.windows(2).enumerate() {
            let (first, second) = (two[0].number, two[1].number);
            let second_like = self.alike.to(two[1].seen());
            if second != 0 {
                for number in first_like.iter().filter(|number| **number != first) {
                    let pair = pair(*number, second);
                    if self.passes(pair) && self.look_up(pair, Side::Before, plain, symbols, at, &mut report) {
                        return true;
                    }
                }
            }
            if first != 0 {
                for number in second_like.iter().filter(|number| **number != second) {
                    let pair = pair(first, *number);
                    if self.passes(pair) && self.look_up(pair, Side::After, plain, symbols, at, &mut report) {
                        return true;
                    }
                }
            }
            first_like = second_like;
        }
        false
    }

    #[inline]
    fn passes(&self, pair: u32) -> bool {
        let bit = spread(pair) >> self.filter_shift;
        self.filter[(bit >> 6) as usize] & 1 << (bit & 63) != 0
    }

    /// As [`Self::edges`], for the neighbours at `at` taken for `pair`.
    fn look_up(
        &self,
        pair: u32,
        side: Side,
        plain: &Lane,
        symbols: &[Symbol],
        at: usize,
        report: &mut impl FnMut(u32, usize) -> bool,
    ) -> bool {
        let bucket = (spread(pair) >> self.bucket_shift) as usize;
        let range = self.buckets[bucket] as usize..self.buckets[bucket + 1] as usize;
        let Some(nth) = range.into_iter().find(|nth| self.pairs[*nth].0 == pair) else { return false };
        let first = nth.checked_sub(1).map_or(0, |before| self.pairs[before].1);
        for entry in &self.places[first as usize..self.pairs[nth].1 as usize] {
            let (spelling, place) = (entry >> PLACE_BITS, *entry as usize & (MOST_PLACES - 1));
            let numbers = plain.spelling(spelling);
            let Some(start) = at.checked_sub(place) else { continue };
            let Some(here) = symbols.get(start..start + numbers.len()) else { continue };
            let stands = |i: usize| here[i].number == numbers[i];
            let seen = |i: usize| self.alike.to(here[i].seen()).contains(&numbers[i]);
            // The first edge reports the place, so that it is reported once.
            let before = match side {
                Side::Before => (0..place).all(|i| !stands(i) && seen(i)),
                Side::After => (0..place).all(stands),
            };
            let first_standing = if side == Side::Before { place + 1 } else { 0 };
            if before
                && (place + 2..here.len()).all(|i| stands(i) || seen(i))
                && self.is_read(numbers[first_standing])
                && report(spelling, start)
            {
                return true;
            }
        }
        false
    }

    fn is_read(&self, number: u16) -> bool {
        self.read[usize::from(number) / 64] & 1 << (number % 64) != 0
    }
}

/// The characters of the forms that each character looks like.
#[derive(Clone, Debug, Default)]
struct Alike {
    /// By code point from U+3400 on, 64 together: one bit for each that looks like some, and how many do so before.
    blocks: Vec<(u64, u32)>,
    /// Where the numbers of each begin in `numbers`.
    from: Vec<u32>,
    /// The numbers of the characters that it looks like.
    numbers: Vec<u16>,
}

impl Alike {
    /// For forms of these characters.
    fn new(codes: &[(u16, char)]) -> Self {
        let mut with: Vec<(u32, u16, char)> = Vec::new();
        for (number, code) in codes {
            with.extend(parts::features(*code).iter().map(|feature| (*feature, *number, *code)));
        }
        with.sort_unstable();
        // Most features are those of no character here, which this sees without a search.
        let bits = (16 * with.len()).next_power_of_two().trailing_zeros().clamp(6, 26);
        let slot = |feature: u32| (feature.wrapping_mul(0x9E37_79B1) >> (32 - bits)) as usize;
        let mut filter = vec![0_u64; 1 << (bits - 6)];
        for (feature, _, _) in &with {
            filter[slot(*feature) / 64] |= 1 << (slot(*feature) % 64);
        }
        let mut out = Self { from: vec![0], ..Self::default() };
        for c in parts::characters() {
            if u32::from(c) % 64 == 0 {
                out.blocks.push((0, out.from.len() as u32 - 1));
            }
            let own = out.numbers.len();
            for feature in parts::features(c) {
                if filter[slot(*feature) / 64] & 1 << (slot(*feature) % 64) == 0 {
                    continue;
                }
                let first = with.partition_point(|with| with.0 < *feature);
                for (_, number, code) in with[first..].iter().take_while(|with| with.0 == *feature) {
                    if *code != c && !out.numbers[own..].contains(number) {
                        out.numbers.push(*number);
                    }
                }
            }
            if out.numbers.len() > own {
                out.from.push(out.numbers.len() as u32);
                if let Some(block) = out.blocks.last_mut() {
                    block.0 |= 1 << (u32::from(c) % 64);
                }
            }
        }
        out
    }

    /// The numbers of the characters that `c` looks like.
    #[inline]
    fn to(&self, c: char) -> &[u16] {
        let at = (c as usize).wrapping_sub(parts::FIRST);
        let Some((bits, before)) = self.blocks.get(at / 64) else { return &[] };
        let bit = 1 << (at % 64);
        if bits & bit == 0 {
            return &[];
        }
        let at = (before + (bits & (bit - 1)).count_ones()) as usize;
        &self.numbers[self.from[at] as usize..self.from[at + 1] as usize]
    }
}
