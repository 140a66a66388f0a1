//! An alphabet, the forms spelled in it, and the automaton that finds them.

use std::collections::BTreeMap;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::form::Form;
use crate::Key;

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
    const TABLE: usize = 0xA000;

    fn number(&mut self, c: char) -> Option<u16> {
        let known = self.get(c);
        if known != 0 {
            return Some(known);
        }
        self.len = self.len.checked_add(1)?;
        let at = c as usize;
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
        match self.numbers.get(c as usize) {
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

/// Collects forms for a [`Lane`].
#[derive(Clone, Debug, Default)]
pub(super) struct LaneBuilder {
    alphabet: Alphabet,
    forms: BTreeMap<Vec<u8>, Vec<Form>>,
}

impl LaneBuilder {
    /// Adds a form spelled as `codes`; false when the alphabet is full.
    pub(super) fn add(&mut self, codes: impl Iterator<Item = char>, form: Form) -> bool {
        let mut bytes = Vec::new();
        for code in codes {
            let Some(number) = self.alphabet.number(code) else { return false };
            write(number, &mut bytes);
        }
        self.forms.entry(bytes).or_default().push(form);
        true
    }

    pub(super) fn build(self) -> Result<Lane, aho_corasick::BuildError> {
        let bytes: usize = self.forms.keys().map(Vec::len).sum();
        // A dense table is quicker but takes up to a kilobyte a state.
        let kind = if bytes < 4_000 { AhoCorasickKind::DFA } else { AhoCorasickKind::ContiguousNFA };
        let automaton = if self.forms.is_empty() {
            None
        } else {
            let mut builder = AhoCorasick::builder();
            builder.match_kind(MatchKind::Standard).kind(Some(kind)).prefilter(false);
            Some(builder.build(self.forms.keys())?)
        };
        Ok(Lane { alphabet: self.alphabet, automaton, forms: self.forms.into_values().collect() })
    }
}

/// One view's search.
#[derive(Clone, Debug)]
pub(super) struct Lane {
    alphabet: Alphabet,
    automaton: Option<AhoCorasick>,
    /// Forms by automaton pattern.
    forms: Vec<Vec<Form>>,
}

impl Lane {
    pub(super) fn is_empty(&self) -> bool {
        self.automaton.is_none()
    }

    /// Gives `check` every stretch of `keys` that is spelled as some forms are.
    pub(super) fn search(
        &self,
        keys: &[Key],
        encoded: &mut Vec<u8>,
        key_at: &mut Vec<u32>,
        mut check: impl FnMut(&[Form], &[Key]),
    ) {
        let Some(automaton) = &self.automaton else { return };
        encoded.clear();
        key_at.clear();
        for (at, key) in keys.iter().enumerate() {
            write(self.alphabet.get(key.code), encoded);
            key_at.resize(encoded.len(), at as u32);
        }
        for found in automaton.find_overlapping_iter(encoded.as_slice()) {
            let forms = &self.forms[found.pattern().as_usize()];
            let first = key_at[found.start()] as usize;
            let end = key_at[found.end() - 1] as usize + 1;
            check(forms, &keys[first..end]);
        }
    }
}
