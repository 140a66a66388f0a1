//! An alphabet, the forms spelled in it, and the index that finds them.

use std::collections::BTreeMap;

use super::form::{Draft, Form, Forms};
use super::spellings::{Alphabet, Numbered, Spellings};
use crate::{Folded, Key, Variants, sound};

/// Collects forms for a [`Lane`].
#[derive(Clone, Debug, Default)]
pub(super) struct LaneBuilder {
    alphabet: Alphabet,
    forms: BTreeMap<Vec<u16>, Vec<Draft>>,
}

impl LaneBuilder {
    /// Adds a form spelled as `codes`; false when the alphabet is full.
    pub(super) fn add(&mut self, codes: impl Iterator<Item = char>, form: Draft) -> bool {
        let mut numbers = Vec::new();
        for code in codes {
            let Some(number) = self.alphabet.number(code) else { return false };
            numbers.push(number);
        }
        self.forms.entry(numbers).or_default().push(form);
        true
    }

    pub(super) fn build(self) -> Lane {
        let spellings = Spellings::new(self.forms.keys());
        let (mut forms, mut ends) = (Forms::default(), Vec::with_capacity(self.forms.len()));
        for group in self.forms.into_values() {
            group.into_iter().for_each(|form| forms.push(form));
            ends.push(forms.len() as u32);
        }
        forms.finish();
        let none = vec![0; self.alphabet.characters.len() + 1];
        let mut begins = Begins { word: none.clone(), inside: none };
        let mut first = 0;
        for (at, end) in (0..).zip(ends.iter().copied()) {
            let spelling = spellings.spelling(at);
            let bits = spelling.get(1).map_or(u64::MAX, |second| 1 << (second & 63));
            let slot = usize::from(spelling[0]);
            begins.word[slot] |= bits;
            if forms.range(first..end).any(|form| !form.starts_a_word()) {
                begins.inside[slot] |= bits;
            }
            first = end;
        }
        Lane { alphabet: self.alphabet, heard: Vec::new(), begins, spellings, forms, ends }
    }
}

/// By number, the numbers behind it in the forms that begin with it, as bits by their low six bits; all bits where a form
/// is that number alone. It rules out most places with one look.
#[derive(Clone, Debug, Default)]
struct Begins {
    /// Of all forms.
    word: Vec<u64>,
    /// Of those that may begin inside a word.
    inside: Vec<u64>,
}

/// One view's search.
///
/// A lane of sounds need not see the view of most texts: where no letters are pinyin and no neighbours sound the same, the
/// view has the folded keys with other codes, and `heard` numbers them directly.
#[derive(Clone, Debug, Default)]
pub(super) struct Lane {
    alphabet: Alphabet,
    /// In a lane of sounds the numbers of characters as heard, by code point; beyond it they sound as they are.
    heard: Vec<u16>,
    begins: Begins,
    spellings: Spellings,
    forms: Forms,
    /// The end of the forms of each spelling.
    ends: Vec<u32>,
}

/// A character of a text at first look: its number in a lane and what the place asks, packed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Symbol {
    /// Its number in the lane; 0 for what no form contains, and for what none may extend over.
    pub number: u16,
    /// Its number in the lane of sounds; behind a number there, that in the plain lane.
    pub sound: u16,
    /// The character as written, for look-alikes, below the flags.
    bits: u32,
}

impl Numbered for Symbol {
    #[inline]
    fn number(self) -> u16 {
        self.number
    }
}

impl Symbol {
    const TOUCHES: u32 = 1 << 31;
    const REPEATS: u32 = 1 << 30;
    const JOINS: u32 = 1 << 29;

    /// `touches`: it stands right behind a character of its own kind. `joins`: it is heard as one with an equal one before.
    #[inline]
    pub(super) fn new(number: u16, sound: u16, seen: u32, touches: bool, joins: bool) -> Self {
        let flag = |flag, when| if when { flag } else { 0 };
        Self { number, sound, bits: seen | flag(Self::TOUCHES, touches) | flag(Self::JOINS, joins) }
    }

    /// The character as written.
    pub(super) fn seen(self) -> char {
        char::from_u32(self.bits & 0x1F_FFFF).unwrap_or('\0')
    }

    /// Marks it as standing there more than once.
    #[inline]
    pub(super) fn repeat(&mut self) {
        self.bits |= Self::REPEATS;
    }

    /// The same with the two numbers exchanged.
    #[inline]
    pub(super) fn heard(self) -> Self {
        Self { number: self.sound, sound: self.number, ..self }
    }

    pub(super) fn joins(self) -> bool {
        self.bits & Self::JOINS != 0
    }

    /// Whether it is a syllable in letters.
    fn is_spelled(self) -> bool {
        self.bits & 0x1F_FFFF == 0
    }

    fn touches(self) -> bool {
        self.bits & Self::TOUCHES != 0
    }

    fn repeats(self) -> bool {
        self.bits & Self::REPEATS != 0
    }

    /// Whether no word can begin here. Of repeats some may belong to the word before.
    #[inline]
    fn inside_word(self) -> bool {
        self.bits & (Self::TOUCHES | Self::REPEATS) == Self::TOUCHES
    }
}

/// Whether the form may stand at `symbols[at..at + len]`, which spell it: repeats and the edges of words.
fn fits(form: Form<'_>, symbols: &[Symbol], at: usize, len: usize) -> bool {
    let here = &symbols[at..at + len];
    if !form.single && here.iter().enumerate().any(|(i, symbol)| form.run(i) > 1 && !symbol.repeats()) {
        return false;
    }
    if form.starts_a_word() && here[0].inside_word() {
        return false;
    }
    if !form.numbers.is_empty() {
        // A form that stands there itself is the plain lane's; one of too many replaced characters is none.
        let exact = here.iter().zip(form.numbers.iter()).filter(|(symbol, number)| symbol.sound == **number).count();
        let spelled = here.iter().all(|symbol| symbol.is_spelled());
        let wanted = if spelled { Variants::PINYIN } else { Variants::HOMOPHONE };
        if exact == len || !form.variants.contains(wanted) || !spelled && exact < usize::from(form.min_exact) {
            return false;
        }
    }
    // Masked figures behind a word are no part of it.
    let goes_on = |next: &Symbol| next.touches() && next.seen() != 'x';
    !(form.ends_a_word() && !here[len - 1].repeats() && symbols.get(at + len).is_some_and(goes_on))
}

/// The buffers of a search.
#[derive(Clone, Debug, Default)]
pub(super) struct Buffers {
    numbers: Vec<u16>,
}

impl Lane {
    /// The same lane, ready for [`Self::search_sounds`]; its forms are in `plain`, too.
    pub(super) fn of_sounds(mut self, plain: &Self) -> Self {
        self.forms.number(|code| plain.number(code));
        if !self.is_empty() {
            self.heard = vec![0; 0xA000];
            for (number, sound) in (1..).zip(&self.alphabet.characters) {
                let silent = (sound::readings(*sound)[0] == 0).then_some(*sound);
                for c in silent.into_iter().chain(sound::heard_as(*sound)) {
                    if let Some(slot) = self.heard.get_mut(c as usize) {
                        *slot = number;
                    }
                }
            }
        }
        self
    }

    /// The characters that occur in its forms.
    pub(super) fn characters(&self) -> impl Iterator<Item = char> {
        self.alphabet.characters.iter().copied()
    }

    /// The forms by the number of their spelling.
    pub(super) fn groups(&self) -> impl Iterator<Item = (u32, impl Iterator<Item = Form<'_>>)> {
        (0..self.ends.len() as u32).map(|at| (at, self.forms_of(at)))
    }

    /// The forms of a spelling, one at least.
    #[inline]
    pub(super) fn forms_of(&self, spelling: u32) -> impl Iterator<Item = Form<'_>> {
        let at = spelling as usize;
        self.forms.range(at.checked_sub(1).map_or(0, |before| self.ends[before])..self.ends[at])
    }

    /// A spelling in numbers.
    #[inline]
    pub(super) fn spelling(&self, at: u32) -> &[u16] {
        self.spellings.spelling(at)
    }

    /// The number of a folded character.
    pub(super) fn number(&self, code: char) -> u16 {
        self.alphabet.get(code)
    }

    /// The number of a folded character as it sounds, in a lane of sounds.
    pub(super) fn heard(&self, code: char) -> u16 {
        self.heard.get(code as usize).copied().unwrap_or_else(|| self.alphabet.get(code))
    }

    /// Whether a form begins with this number.
    pub(super) fn begins(&self, number: u16) -> bool {
        self.begins.word.get(usize::from(number)).is_some_and(|next| *next != 0)
    }

    /// Whether a form may begin with these two numbers, at the beginning of a word or inside.
    #[inline]
    pub(super) fn may_begin_with(&self, first: u16, second: u16) -> bool {
        self.begins.word[usize::from(first)] & 1 << (second & 63) != 0
    }

    /// Whether a form begins with this number and may begin inside a word.
    pub(super) fn begins_inside(&self, number: u16) -> bool {
        self.begins.inside[usize::from(number)] != 0
    }

    /// Whether some form may stand in a text of these symbols. What stands between them is not looked at.
    pub(super) fn may_find(&self, symbols: &[Symbol]) -> bool {
        (0..symbols.len()).any(|at| self.may_begin(symbols, at))
    }

    /// As [`Self::may_find`], for forms that begin at one of `starts`.
    pub(super) fn may_find_at(&self, symbols: &[Symbol], starts: &[u32]) -> bool {
        starts.iter().any(|at| self.may_begin(symbols, *at as usize))
    }

    #[inline]
    fn may_begin(&self, symbols: &[Symbol], at: usize) -> bool {
        let symbol = symbols[at];
        let begins = if symbol.inside_word() { &self.begins.inside } else { &self.begins.word };
        let next = symbols.get(at + 1).map_or(0, |next| next.number);
        if begins[usize::from(symbol.number)] & 1 << (next & 63) == 0 {
            return false;
        }
        let mut found = false;
        self.spellings.starting(&symbols[at..], &mut |spelling, len| {
            found = found || self.forms_of(spelling as u32).any(|form| fits(form, symbols, at, len));
        });
        found
    }

    /// As [`Self::search`] on the text as it sounds; `view` is a buffer.
    pub(super) fn search_sounds(
        &self,
        folded: &Folded,
        view: &mut Vec<Key>,
        buffers: &mut Buffers,
        check: impl FnMut(Form<'_>, &[Key]),
    ) {
        if self.is_empty() {
            return;
        }
        let (keys, numbers) = (folded.keys(), &mut buffers.numbers);
        numbers.clear();
        let (mut last, mut letters_to) = (0, 0);
        for key in keys {
            let number = match self.heard.get(key.code as usize) {
                Some(number) => *number,
                None => self.alphabet.get(key.code),
            };
            let joins = number == last && number != 0 && !key.code.is_ascii();
            let spelled = key.code.is_ascii_lowercase() && key.first >= letters_to && {
                let (end, pinyin) = sound::letters(folded, key.first as usize);
                letters_to = end as u32;
                pinyin
            };
            if joins || spelled {
                sound::view(folded, view);
                self.search(view, buffers, check);
                return;
            }
            numbers.push(number);
            last = number;
        }
        self.spelled(keys, numbers, check);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.forms.len() == 0
    }

    /// Gives `check` every stretch of `keys` that is spelled as some forms are.
    pub(super) fn search(&self, keys: &[Key], buffers: &mut Buffers, check: impl FnMut(Form<'_>, &[Key])) {
        if self.is_empty() {
            return;
        }
        buffers.numbers.clear();
        buffers.numbers.extend(keys.iter().map(|key| self.alphabet.get(key.code)));
        self.spelled(keys, &buffers.numbers, check);
    }

    fn spelled(&self, keys: &[Key], numbers: &[u16], mut check: impl FnMut(Form<'_>, &[Key])) {
        for at in 0..numbers.len() {
            self.spellings.starting(&numbers[at..], &mut |spelling, len| {
                self.forms_of(spelling as u32).for_each(|form| check(form, &keys[at..at + len]));
            });
        }
    }
}
