//! The alphabet of a lane's forms, and the index of the forms spelled in it.

use std::collections::BTreeMap;

use crate::sound;

/// Something with a number in a lane's alphabet.
pub(super) trait Numbered: Copy {
    /// The number; 0 for what no form contains.
    fn number(self) -> u16;
}

impl Numbered for u16 {
    #[inline]
    fn number(self) -> u16 {
        self
    }
}

/// The numbers of the characters that occur in a lane's forms; every other character is 0.
#[derive(Clone, Debug, Default)]
pub(super) struct Alphabet {
    /// By code point below [`Self::TABLE`].
    numbers: Vec<u16>,
    /// The rest.
    rare: BTreeMap<char, u16>,
    /// The characters, in the order of their numbers.
    pub(super) characters: Vec<char>,
}

impl Alphabet {
    /// Code points below U+A000, then the codes of sounds.
    const TABLE: usize = 0xA000 + 0x400;

    /// Where a character's number stands.
    #[inline]
    fn slot(c: char) -> usize {
        let code = c as usize;
        if code < 0xA000 {
            code
        } else {
            code.checked_sub(sound::FIRST_CODE as usize).map_or(usize::MAX, |class| 0xA000 + class)
        }
    }

    pub(super) fn number(&mut self, c: char) -> Option<u16> {
        let known = self.get(c);
        if known != 0 {
            return Some(known);
        }
        let number = u16::try_from(self.characters.len() + 1).ok()?;
        self.characters.push(c);
        let at = Self::slot(c);
        if at < Self::TABLE {
            self.numbers.resize(Self::TABLE, 0);
            self.numbers[at] = number;
        } else {
            self.rare.insert(c, number);
        }
        Some(number)
    }

    #[inline]
    pub(super) fn get(&self, c: char) -> u16 {
        match self.numbers.get(Self::slot(c)) {
            Some(number) => *number,
            None if self.rare.is_empty() => 0,
            None => self.rare.get(&c).copied().unwrap_or(0),
        }
    }
}

/// The spellings of a lane, sorted, with an index by their first two numbers. Titles are short and few of their pairs begin
/// a spelling, so that looking at each pair costs less than feeding every number to an automaton.
#[derive(Clone, Debug, Default)]
pub(super) struct Spellings {
    /// All spellings, one after the other.
    numbers: Vec<u16>,
    /// Where each ends in `numbers`; they are in lexicographic order.
    ends: Vec<u32>,
    /// By hash of the first two numbers of the spellings that have no more, and of the first three of the longer ones: the
    /// filter that spares most places the look-up.
    filter: Vec<u64>,
    filter_shift: u32,
    /// By hash of a pair, the pair and the range of spellings that begin with it; an empty range is a free slot.
    pairs: Vec<(u32, u32, u32)>,
    pairs_shift: u32,
    /// By number, one more than the spelling that is this number alone; 0 for none.
    single: Vec<u32>,
}

/// Spreads a pair of numbers over 32 bits, the upper ones best.
#[inline]
fn spread(pair: u32) -> u32 {
    pair.wrapping_mul(0x9E37_79B1)
}

/// The same for a pair and the number behind it.
#[inline]
fn spread_three(pair: u32, third: u16) -> u32 {
    (spread(pair) ^ u32::from(third)).wrapping_mul(0x85EB_CA6B)
}

#[inline]
fn pair(first: u16, second: u16) -> u32 {
    u32::from(first) << 16 | u32::from(second)
}

impl Spellings {
    /// Indexes `sorted`, which must be in lexicographic order.
    pub(super) fn new<'f>(sorted: impl Iterator<Item = &'f Vec<u16>> + Clone) -> Self {
        let count = sorted.clone().count();
        let mut different = 0;
        let mut last = None;
        for two in sorted.clone().filter_map(|numbers| numbers.get(..2)) {
            different += usize::from(last != Some(two));
            last = Some(two);
        }
        let filter_bits = (16 * count).next_power_of_two().trailing_zeros().clamp(10, 26);
        // A fifth of the slots is free at least.
        let pair_bits = (different + different / 4).next_power_of_two().trailing_zeros().clamp(4, 26);
        let mut out = Self {
            filter: vec![0; 1 << (filter_bits - 6)],
            filter_shift: 32 - filter_bits,
            pairs: vec![(0, 0, 0); 1 << pair_bits],
            pairs_shift: 32 - pair_bits,
            ..Self::default()
        };
        for (at, numbers) in (0_u32..).zip(sorted) {
            out.numbers.extend(numbers);
            out.ends.push(out.numbers.len() as u32);
            match numbers[..] {
                [only] => {
                    let slot = usize::from(only);
                    out.single.resize(out.single.len().max(slot + 1), 0);
                    out.single[slot] = at + 1;
                }
                [first, second, ..] => {
                    let key = pair(first, second);
                    let hash = numbers.get(2).map_or(spread(key), |third| spread_three(key, *third));
                    let bit = hash >> out.filter_shift;
                    out.filter[(bit >> 6) as usize] |= 1 << (bit & 63);
                    let slot = out.slot(key);
                    if out.pairs[slot].1 == out.pairs[slot].2 {
                        out.pairs[slot] = (key, at, at);
                    }
                    out.pairs[slot].2 = at + 1;
                }
                [] => {}
            }
        }
        out
    }

    /// The slot of a pair, or the free slot where it would be. There are more slots than pairs.
    fn slot(&self, key: u32) -> usize {
        let mut slot = (spread(key) >> self.pairs_shift) as usize;
        while self.pairs[slot].1 != self.pairs[slot].2 && self.pairs[slot].0 != key {
            slot = (slot + 1) & (self.pairs.len() - 1);
        }
        slot
    }

    pub(super) fn spelling(&self, at: u32) -> &[u16] {
        let first = at.checked_sub(1).map_or(0, |before| self.ends[before as usize]);
        &self.numbers[first as usize..self.ends[at as usize] as usize]
    }

    /// Gives `report` the number and length of every spelling that `text` begins with.
    #[inline]
    pub(super) fn starting<N: Numbered>(&self, text: &[N], report: &mut impl FnMut(usize, usize)) {
        let [first, rest @ ..] = text else { return };
        let first = first.number();
        if first == 0 {
            return;
        }
        if let Some(alone @ 1..) = self.single.get(usize::from(first)).copied() {
            report(alone as usize - 1, 1);
        }
        let number = |at: usize| rest.get(at).map_or(0, |symbol| symbol.number());
        let (second, third) = (number(0), number(1));
        if second == 0 {
            return;
        }
        let key = pair(first, second);
        if self.passes(spread(key)) || self.passes(spread_three(key, third)) {
            self.walk(key, text, report);
        }
    }

    #[inline]
    fn passes(&self, hash: u32) -> bool {
        let bit = hash >> self.filter_shift;
        self.filter[(bit >> 6) as usize] & 1 << (bit & 63) != 0
    }

    /// Narrows the spellings that begin with the pair down, number by number.
    fn walk<N: Numbered>(&self, key: u32, text: &[N], report: &mut impl FnMut(usize, usize)) {
        let (_, mut low, mut high) = self.pairs[self.slot(key)];
        let mut depth = 2;
        while low < high {
            // The shortest of a range sorts first.
            if self.spelling(low).len() == depth {
                report(low as usize, depth);
                low += 1;
            }
            let Some(next @ 1..) = text.get(depth).map(|symbol| symbol.number()) else { return };
            if high - low > FEW {
                let at = |i: u32| self.spelling(i)[depth];
                low = bisect(low, high, |i| at(i) < next);
                high = bisect(low, high, |i| at(i) <= next);
            } else {
                while low < high && self.spelling(low)[depth] != next {
                    low += 1;
                }
                while low < high && self.spelling(high - 1)[depth] != next {
                    high -= 1;
                }
            }
            depth += 1;
        }
    }
}

/// So few spellings are looked through one by one.
const FEW: u32 = 8;

/// The first of `low..high` for which `before` no longer holds.
fn bisect(mut low: u32, mut high: u32, before: impl Fn(u32) -> bool) -> u32 {
    while low < high {
        let middle = low + (high - low) / 2;
        if before(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}
