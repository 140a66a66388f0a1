//! Look-alike spellings, found where a character that stands there itself touches one that only looks alike.
//!
//! A form of which some characters stand there and the others are look-alikes has such an *edge*, and the two characters
//! at it are looked up together: the one by its number, the other by each of its parts, because look-alikes share one.

use super::check::{self, Found};
use super::form::Form;
use super::lane::{Lane, Symbol};
use crate::{Disguises, Folded, Key, Variants, parts, sound};

/// The edges that the forms with look-alikes may have. Their spellings are those of the plain lane.
#[derive(Clone, Debug, Default)]
pub(super) struct Edges {
    /// By number, the parts of the characters that stand beside it in the forms, before it and after it, as bits.
    beside: [Vec<u64>; 2],
    /// By hash of side, part and number.
    filter: Vec<u64>,
    filter_shift: u32,
    /// The entries of the hashes with the same upper bits begin here.
    buckets: Vec<u32>,
    bucket_shift: u32,
    /// A spelling of the plain lane and the place of the first of the two characters in it.
    entries: Vec<u32>,
}

/// Where the look-alike stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Before = 0,
    After = 1,
}

/// Bits of an entry that are the place; of longer spellings only this many characters are looked up, so that one whose
/// first edge lies farther in is not found.
const PLACE_BITS: u32 = 6;
const MOST_PLACES: usize = 1 << PLACE_BITS;

fn hash(side: Side, part: u16, number: u16) -> u32 {
    let key = u32::from(part) << 16 | u32::from(number);
    let spread = key.wrapping_mul(0x9E37_79B1);
    (spread ^ spread >> 15 ^ side as u32).wrapping_mul(0x85EB_CA6B)
}

/// Whether look-alikes of a form are looked for; a spelling that is a disguise of its own has none.
fn has_look_alikes(form: &Form) -> bool {
    form.codes.len() >= 2 && form.disguises == Disguises::NONE && form.variants.contains(Variants::GLYPH)
}

impl Edges {
    /// The edges of the forms of `plain`.
    pub(super) fn new(plain: &Lane) -> Self {
        let mut all: Vec<(u32, u32)> = Vec::new();
        let mut out = Self::default();
        for (at, forms) in plain.groups() {
            let Some(form) = forms.iter().find(|form| has_look_alikes(form)) else { continue };
            if at >= 1 << (32 - PLACE_BITS) {
                break;
            }
            let numbers = plain.spelling(at);
            for place in 0..(numbers.len() - 1).min(MOST_PLACES) {
                let (codes, numbers) = (&form.codes[place..place + 2], &numbers[place..place + 2]);
                let entry = at << PLACE_BITS | place as u32;
                for (side, code, number) in [(Side::Before, codes[0], numbers[1]), (Side::After, codes[1], numbers[0])]
                {
                    let beside = &mut out.beside[side as usize];
                    beside.resize(beside.len().max(usize::from(number) + 1), 0);
                    beside[usize::from(number)] |= parts::bits(code);
                    all.extend(parts::ids(code).iter().map(|part| (hash(side, *part, number), entry)));
                }
            }
        }
        if all.is_empty() {
            return out;
        }
        all.sort_unstable();
        let bits = |each: usize| (each * all.len()).next_power_of_two().trailing_zeros().clamp(6, 26);
        (out.filter_shift, out.bucket_shift) = (32 - bits(16), 32 - bits(1).saturating_sub(1));
        out.filter = vec![0; 1 << (26 - out.filter_shift)];
        out.buckets = vec![0; (1 << (32 - out.bucket_shift)) + 1];
        for (hash, entry) in all {
            let bit = hash >> out.filter_shift;
            out.filter[(bit >> 6) as usize] |= 1 << (bit & 63);
            out.buckets[(hash >> out.bucket_shift) as usize + 1] += 1;
            out.entries.push(entry);
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
        if self.entries.is_empty() {
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
        self.places(plain, symbols, |forms, start| {
            for form in forms.iter().filter(|form| has_look_alikes(form)) {
                check::looking(form, &keys[start..start + form.codes.len()], folded, found);
            }
            false
        });
    }

    /// Whether some form may stand in a text of these symbols.
    pub(super) fn may_find(&self, plain: &Lane, symbols: &[Symbol]) -> bool {
        self.places(plain, symbols, |_, _| true)
    }

    /// Gives `report` the forms of each spelling and place where its characters stand or are seen; ends, with true, when
    /// `report` wants no more.
    fn places(&self, plain: &Lane, symbols: &[Symbol], mut report: impl FnMut(&[Form], usize) -> bool) -> bool {
        if self.entries.is_empty() {
            return false;
        }
        let beside =
            |side: Side, number: u16| self.beside[side as usize].get(usize::from(number)).copied().unwrap_or(0);
        let bits_of = |symbol: &Symbol| parts::bits(symbol.seen());
        let mut first_bits = symbols.first().map_or(0, bits_of);
        for (at, pair) in symbols.windows(2).enumerate() {
            let (first, second) = (&pair[0], &pair[1]);
            let second_bits = bits_of(second);
            let sides = [
                (Side::Before, first_bits & beside(Side::Before, second.number), first, second),
                (Side::After, second_bits & beside(Side::After, first.number), second, first),
            ];
            for (side, common, seen, stands) in sides {
                if common != 0 && self.look_up(side, seen, stands, plain, symbols, at, &mut report) {
                    return true;
                }
            }
            first_bits = second_bits;
        }
        false
    }

    /// As [`Self::places`], for one side of the pair at `at`, of which one character is `seen` and the other `stands` there.
    #[expect(clippy::too_many_arguments, reason = "one step of the loop above")]
    #[inline]
    fn look_up(
        &self,
        side: Side,
        seen: &Symbol,
        stands: &Symbol,
        plain: &Lane,
        symbols: &[Symbol],
        at: usize,
        report: &mut impl FnMut(&[Form], usize) -> bool,
    ) -> bool {
        for (nth, part) in parts::ids(seen.seen()).iter().enumerate() {
            let hash = hash(side, *part, stands.number);
            let bit = hash >> self.filter_shift;
            if self.filter[(bit >> 6) as usize] & 1 << (bit & 63) == 0 {
                continue;
            }
            let bucket = (hash >> self.bucket_shift) as usize;
            for entry in &self.entries[self.buckets[bucket] as usize..self.buckets[bucket + 1] as usize] {
                let (spelling, place) = (entry >> PLACE_BITS, *entry as usize & (MOST_PLACES - 1));
                let numbers = plain.spelling(spelling);
                let (stands_at, seen_at) = if side == Side::Before { (place + 1, place) } else { (place, place + 1) };
                if numbers[stands_at] != stands.number || numbers[seen_at] == seen.number {
                    continue;
                }
                let Some(start) = at.checked_sub(place) else { continue };
                let Some(here) = symbols.get(start..start + numbers.len()) else { continue };
                let exact = |i: usize| here[i].number == numbers[i];
                // The first edge reports the place, so that it is reported once.
                if (0..place).any(|i| exact(i) == (side == Side::Before)) {
                    continue;
                }
                let forms = plain.forms_of(spelling);
                let codes = &forms[0].codes;
                let first_exact = codes[if side == Side::Before { stands_at } else { 0 }];
                let alike = |i: usize| exact(i) || parts::look_alike(here[i].seen(), codes[i]);
                // And the first part that the two look-alikes share.
                let shares = |part: &u16| parts::ids(codes[seen_at]).contains(part);
                if sound::readings(first_exact)[0] != 0
                    && shares(part)
                    && (0..here.len()).all(alike)
                    && !parts::ids(seen.seen())[..nth].iter().any(shares)
                    && report(forms, start)
                {
                    return true;
                }
            }
        }
        false
    }
}
