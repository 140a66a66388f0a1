//! An alphabet, the forms spelled in it, and the automaton that finds them.

use std::collections::BTreeMap;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::form::Form;
use crate::{Key, sound};

/// The numbers of the characters that occur in a lane's forms; every other character is 0.
#[derive(Clone, Debug, Default)]
struct Alphabet {
    /// By code point below [`Self::TABLE`].
    numbers: Vec<u16>,
    /// The rest.
    rare: BTreeMap<char, u16>,
    len: u16,
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

    fn number(&mut self, c: char) -> Option<u16> {
        let known = self.get(c);
        if known != 0 {
            return Some(known);
        }
        self.len = self.len.checked_add(1)?;
        let at = Self::slot(c);
        if at < Self::TABLE {
            self.numbers.resize(Self::TABLE, 0);
            self.numbers[at] = self.len;
        } else {
            self.rare.insert(c, self.len);
        }
        Some(self.len)
    }

    #[inline]
    fn get(&self, c: char) -> u16 {
        match self.numbers.get(Self::slot(c)) {
            Some(number) => *number,
            None if self.rare.is_empty() => 0,
            None => self.rare.get(&c).copied().unwrap_or(0),
        }
    }
}

/// Appends `number` in one to three bytes that cannot be mistaken for a part of another number, as in UTF-8.
#[inline]
fn write(number: u16, out: &mut Vec<u8>) {
    if number < 0x80 {
        out.push(number as u8);
    } else if number < 0x800 {
        out.extend_from_slice(&[0xC0 | (number >> 6) as u8, 0x80 | (number & 63) as u8]);
    } else {
        out.extend_from_slice(&[
            0xE0 | (number >> 12) as u8,
            0x80 | (number >> 6 & 63) as u8,
            0x80 | (number & 63) as u8,
        ]);
    }
}

/// For each pair of characters that some form begins with, how many keys the longest such form has: the filter that keeps
/// the automaton from reading text in which nothing can begin.
#[derive(Clone, Debug, Default)]
struct Beginnings {
    /// By hash of the pair; 0 for none.
    pairs: Vec<u8>,
    /// By number, whether a form is that character alone.
    single: Vec<bool>,
    shift: u32,
}

impl Beginnings {
    fn new<'f>(forms: impl Iterator<Item = &'f Vec<u16>> + Clone) -> Self {
        let bits = (8 * forms.clone().count()).next_power_of_two().trailing_zeros().clamp(10, 20);
        let mut out = Self { pairs: vec![0; 1 << bits], single: Vec::new(), shift: 32 - bits };
        for numbers in forms {
            match numbers[..] {
                [only] => {
                    let at = usize::from(only);
                    out.single.resize(out.single.len().max(at + 1), false);
                    out.single[at] = true;
                }
                [first, second, ..] => {
                    let slot = out.slot(first, second);
                    out.pairs[slot] = out.pairs[slot].max(u8::try_from(numbers.len()).unwrap_or(u8::MAX));
                }
                [] => {}
            }
        }
        out
    }

    #[inline]
    fn slot(&self, first: u16, second: u16) -> usize {
        let pair = u32::from(first) << 16 | u32::from(second);
        (pair.wrapping_mul(0x9E37_79B1) >> self.shift) as usize
    }

    /// How many keys from the first one on may belong to a form that begins with it; 0 when none does.
    #[inline]
    fn reach(&self, first: u16, second: u16) -> usize {
        if first == 0 {
            return 0;
        }
        let alone = usize::from(self.single.get(usize::from(first)).copied().unwrap_or(false));
        if second == 0 {
            return alone;
        }
        match self.pairs[self.slot(first, second)] {
            u8::MAX => usize::MAX,
            len => usize::from(len).max(alone),
        }
    }
}

/// Collects forms for a [`Lane`].
#[derive(Clone, Debug, Default)]
pub(super) struct LaneBuilder {
    alphabet: Alphabet,
    forms: BTreeMap<Vec<u16>, Vec<Form>>,
}

impl LaneBuilder {
    /// Adds a form spelled as `codes`; false when the alphabet is full.
    pub(super) fn add(&mut self, codes: impl Iterator<Item = char>, form: Form) -> bool {
        let mut numbers = Vec::new();
        for code in codes {
            let Some(number) = self.alphabet.number(code) else { return false };
            numbers.push(number);
        }
        self.forms.entry(numbers).or_default().push(form);
        true
    }

    pub(super) fn build(self) -> Result<Lane, aho_corasick::BuildError> {
        let beginnings = Beginnings::new(self.forms.keys());
        let spellings: Vec<Vec<u8>> = self
            .forms
            .keys()
            .map(|numbers| {
                let mut bytes = Vec::new();
                numbers.iter().for_each(|number| write(*number, &mut bytes));
                bytes
            })
            .collect();
        let bytes: usize = spellings.iter().map(Vec::len).sum();
        // A dense table is quicker but takes up to a kilobyte a state.
        let kind = if bytes < 4_000 { AhoCorasickKind::DFA } else { AhoCorasickKind::ContiguousNFA };
        let automaton = if spellings.is_empty() {
            None
        } else {
            let mut builder = AhoCorasick::builder();
            builder.match_kind(MatchKind::Standard).kind(Some(kind)).prefilter(false);
            Some(builder.build(&spellings)?)
        };
        let (mut forms, mut ranges) = (Vec::new(), Vec::new());
        for group in self.forms.into_values() {
            let first = forms.len() as u32;
            forms.extend(group);
            ranges.push((first, forms.len() as u32));
        }
        Ok(Lane { alphabet: self.alphabet, beginnings, automaton, forms, ranges })
    }
}

/// One view's search.
#[derive(Clone, Debug)]
pub(super) struct Lane {
    alphabet: Alphabet,
    beginnings: Beginnings,
    automaton: Option<AhoCorasick>,
    forms: Vec<Form>,
    /// The range of forms of each pattern of the automaton.
    ranges: Vec<(u32, u32)>,
}

/// The buffers of a search.
#[derive(Clone, Debug, Default)]
pub(super) struct Buffers {
    numbers: Vec<u16>,
    encoded: Vec<u8>,
    /// Which key each encoded byte belongs to.
    key_at: Vec<u32>,
}

impl Lane {
    pub(super) fn is_empty(&self) -> bool {
        self.automaton.is_none()
    }

    /// Gives `check` every stretch of `keys` that is spelled as some forms are.
    pub(super) fn search(&self, keys: &[Key], buffers: &mut Buffers, mut check: impl FnMut(&[Form], &[Key])) {
        let Some(automaton) = &self.automaton else { return };
        let Buffers { numbers, encoded, key_at } = buffers;
        numbers.clear();
        numbers.extend(keys.iter().map(|key| self.alphabet.get(key.code)));
        let mut at = 0;
        while at < numbers.len() {
            let second = numbers.get(at + 1).copied().unwrap_or(0);
            let mut end = at.saturating_add(self.beginnings.reach(numbers[at], second));
            if end == at {
                at += 1;
                continue;
            }
            // Something may begin here: write the text from here on for as long as something may go on.
            encoded.clear();
            key_at.clear();
            let mut i = at;
            while i < end.min(numbers.len()) {
                if i > at {
                    let second = numbers.get(i + 1).copied().unwrap_or(0);
                    end = end.max(i.saturating_add(self.beginnings.reach(numbers[i], second)));
                }
                write(numbers[i], encoded);
                key_at.resize(encoded.len(), i as u32);
                i += 1;
            }
            for found in automaton.find_overlapping_iter(encoded.as_slice()) {
                let (first, last) = self.ranges[found.pattern().as_usize()];
                let forms = &self.forms[first as usize..last as usize];
                let (first, last) = (key_at[found.start()] as usize, key_at[found.end() - 1] as usize);
                check(forms, &keys[first..=last]);
            }
            at = i;
        }
    }
}
