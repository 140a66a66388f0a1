//! From patterns to forms, alphabet and automaton.

use std::collections::BTreeMap;
use std::fmt;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::Matcher;
use crate::{Boundary, Disguises, Folded, Kind, Pattern, fold_char};

/// The role of a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Pattern,
    Allow,
    Cut,
}

/// One folded spelling of a pattern.
#[derive(Clone, Debug)]
pub(super) struct Form {
    pub id: u32,
    pub pattern: u32,
    /// The repeats that each key must have at least.
    pub runs: Vec<u32>,
    pub role: Role,
    pub max_noise: u8,
    pub boundary: Boundary,
    /// The disguise that this spelling is.
    pub disguises: Disguises,
    pub changed: u8,
}

/// The numbers of the characters that occur in forms.
#[derive(Clone, Debug, Default)]
pub(super) struct Alphabet {
    /// By code point below U+20000; 0 for characters that no form has.
    numbers: Vec<u16>,
    /// The rest.
    rare: BTreeMap<char, u16>,
    len: u16,
}

impl Alphabet {
    fn number(&mut self, c: char) -> Option<u16> {
        let known = self.get(c);
        if known != 0 {
            return Some(known);
        }
        self.len = self.len.checked_add(1)?;
        let at = c as usize;
        if at < 0x2_0000 {
            if self.numbers.is_empty() {
                self.numbers.resize(0x2_0000, 0);
            }
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

    /// Writes the keys of `folded` in numbers; `key_at` says for each byte which key it belongs to.
    pub(super) fn encode(&self, folded: &Folded, out: &mut Vec<u8>, key_at: &mut Vec<u32>) {
        out.clear();
        key_at.clear();
        for (at, key) in folded.keys().iter().enumerate() {
            Self::write(self.get(key.code), out);
            key_at.resize(out.len(), at as u32);
        }
    }
}

/// Why a set of patterns cannot be searched for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatcherError {
    message: String,
}

impl fmt::Display for MatcherError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for MatcherError {}

/// Collects patterns and allowed phrases.
#[derive(Clone, Debug, Default)]
pub struct MatcherBuilder {
    alphabet: Alphabet,
    forms: BTreeMap<Vec<u8>, Vec<Form>>,
    patterns: u32,
    error: Option<MatcherError>,
}

impl MatcherBuilder {
    /// Adds a pattern. One without a letter, figure or Han character is an error, given back by [`Self::build`].
    #[must_use]
    pub fn pattern(mut self, pattern: Pattern) -> Self {
        self.add(&pattern);
        self
    }

    /// Adds many patterns.
    #[must_use]
    pub fn patterns(mut self, patterns: impl IntoIterator<Item = Pattern>) -> Self {
        for pattern in patterns {
            self.add(&pattern);
        }
        self
    }

    /// Allows a phrase: hits inside it, or equal to it, are left out. It matches as written, folded, without noise.
    #[must_use]
    pub fn allow(mut self, phrase: &str) -> Self {
        self.guard(phrase, Role::Allow);
        self
    }

    /// Names a word that a pattern must not be cut out of: hits that begin or end inside it are left out, such as 京东 in
    /// 北京东路 when 北京 is one.
    #[must_use]
    pub fn cut(mut self, word: &str) -> Self {
        self.guard(word, Role::Cut);
        self
    }

    /// Builds the matcher.
    ///
    /// # Errors
    /// A pattern that is empty after folding, or more than 65,535 different characters.
    pub fn build(self) -> Result<Matcher, MatcherError> {
        if let Some(error) = self.error {
            return Err(error);
        }
        let bytes: usize = self.forms.keys().map(Vec::len).sum();
        // A dense table is quicker but takes a kilobyte a state.
        let kind = if bytes < 4_000 { AhoCorasickKind::DFA } else { AhoCorasickKind::ContiguousNFA };
        let automaton = if self.forms.is_empty() {
            None
        } else {
            let built = AhoCorasick::builder()
                .match_kind(MatchKind::Standard)
                .kind(Some(kind))
                .prefilter(false)
                .build(self.forms.keys());
            Some(built.map_err(|error| MatcherError { message: format!("cannot build the automaton: {error}") })?)
        };
        Ok(Matcher { alphabet: self.alphabet, automaton, forms: self.forms.into_values().collect() })
    }

    fn add(&mut self, pattern: &Pattern) {
        let index = self.patterns;
        self.patterns += 1;
        let form = Form {
            id: pattern.id,
            pattern: index,
            runs: Vec::new(),
            role: Role::Pattern,
            max_noise: pattern.max_noise,
            boundary: pattern.boundary,
            disguises: Disguises::NONE,
            changed: 0,
        };
        self.form(&pattern.text, form);
    }

    fn guard(&mut self, phrase: &str, role: Role) {
        let form = Form {
            id: 0,
            pattern: u32::MAX,
            runs: Vec::new(),
            role,
            max_noise: 0,
            boundary: Boundary::Word,
            disguises: Disguises::NONE,
            changed: 0,
        };
        self.form(phrase, form);
    }

    fn form(&mut self, text: &str, mut form: Form) {
        let mut bytes = Vec::new();
        let mut last = None;
        for c in text.chars() {
            let (kind, code, _) = fold_char(c);
            let figures: [Option<char>; 2] = match kind {
                Kind::Han | Kind::Latin | Kind::Digit | Kind::Other => [Some(code), None],
                Kind::Number => [char::from_digit(code as u32 / 10 % 10, 10), char::from_digit(code as u32 % 10, 10)],
                _ => continue,
            };
            for code in figures.into_iter().flatten() {
                if last == Some(code) && !code.is_ascii_digit() {
                    if let Some(run) = form.runs.last_mut() {
                        *run += 1;
                    }
                    continue;
                }
                last = Some(code);
                let Some(number) = self.alphabet.number(code) else {
                    self.fail("the patterns have more than 65535 different characters: split the pack".to_owned());
                    return;
                };
                Alphabet::write(number, &mut bytes);
                form.runs.push(1);
            }
        }
        if bytes.is_empty() {
            self.fail(format!("pattern '{text}' has no letter, figure or Han character: remove it or write it out"));
            return;
        }
        self.forms.entry(bytes).or_default().push(form);
    }

    fn fail(&mut self, message: String) {
        self.error.get_or_insert(MatcherError { message });
    }
}
