//! An alphabet, the forms spelled in it, and the index that finds them.

use std::collections::BTreeMap;

use super::form::Form;
use crate::{Folded, Key, Variants, sound};

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
struct Alphabet {
    /// By code point below [`Self::TABLE`].
    numbers: Vec<u16>,
    /// The rest.
    rare: BTreeMap<char, u16>,
    /// The characters, in the order of their numbers.
    characters: Vec<char>,
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
    fn get(&self, c: char) -> u16 {
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
struct Spellings {
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
    fn new<'f>(sorted: impl Iterator<Item = &'f Vec<u16>> + Clone) -> Self {
        let count = sorted.clone().count();
        let bits = |each: usize, least: u32| (each * count).next_power_of_two().trailing_zeros().clamp(least, 26);
        let (filter_bits, pair_bits) = (bits(16, 10), bits(2, 4));
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

    /// The slot of a pair, or the free slot where it would be. There are twice as many slots as spellings.
    fn slot(&self, key: u32) -> usize {
        let mut slot = (spread(key) >> self.pairs_shift) as usize;
        while self.pairs[slot].1 != self.pairs[slot].2 && self.pairs[slot].0 != key {
            slot = (slot + 1) & (self.pairs.len() - 1);
        }
        slot
    }

    fn spelling(&self, at: u32) -> &[u16] {
        let first = at.checked_sub(1).map_or(0, |before| self.ends[before as usize]);
        &self.numbers[first as usize..self.ends[at as usize] as usize]
    }

    /// Gives `report` the number and length of every spelling that `text` begins with.
    #[inline]
    fn starting<N: Numbered>(&self, text: &[N], report: &mut impl FnMut(usize, usize)) {
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

    pub(super) fn build(self) -> Lane {
        let spellings = Spellings::new(self.forms.keys());
        let (mut forms, mut ranges) = (Vec::new(), Vec::new());
        for group in self.forms.into_values() {
            let first = forms.len() as u32;
            forms.extend(group);
            ranges.push((first, forms.len() as u32));
        }
        let none = vec![0; self.alphabet.characters.len() + 1];
        let mut begins = Begins { word: none.clone(), inside: none };
        for (at, (first, last)) in (0..).zip(ranges.iter().copied()) {
            let spelling = spellings.spelling(at);
            let bits = spelling.get(1).map_or(u64::MAX, |second| 1 << (second & 63));
            let slot = usize::from(spelling[0]);
            begins.word[slot] |= bits;
            if forms[first as usize..last as usize].iter().any(|form| !form.starts_a_word()) {
                begins.inside[slot] |= bits;
            }
        }
        Lane { alphabet: self.alphabet, heard: Vec::new(), begins, spellings, forms, ranges }
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
    forms: Vec<Form>,
    /// The range of forms of each spelling.
    ranges: Vec<(u32, u32)>,
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
fn fits(form: &Form, symbols: &[Symbol], at: usize, len: usize) -> bool {
    let here = &symbols[at..at + len];
    if !form.single && here.iter().zip(form.runs.iter()).any(|(symbol, run)| *run > 1 && !symbol.repeats()) {
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
        for form in &mut self.forms {
            form.numbers = form.codes.iter().map(|code| plain.number(*code)).collect();
        }
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
            let (first, last) = self.ranges[spelling];
            found = found || self.forms[first as usize..last as usize].iter().any(|form| fits(form, symbols, at, len));
        });
        found
    }

    /// As [`Self::search`] on the text as it sounds; `view` is a buffer.
    pub(super) fn search_sounds(
        &self,
        folded: &Folded,
        view: &mut Vec<Key>,
        buffers: &mut Buffers,
        check: impl FnMut(&[Form], &[Key]),
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
        self.forms.is_empty()
    }

    /// Gives `check` every stretch of `keys` that is spelled as some forms are.
    pub(super) fn search(&self, keys: &[Key], buffers: &mut Buffers, check: impl FnMut(&[Form], &[Key])) {
        if self.is_empty() {
            return;
        }
        buffers.numbers.clear();
        buffers.numbers.extend(keys.iter().map(|key| self.alphabet.get(key.code)));
        self.spelled(keys, &buffers.numbers, check);
    }

    fn spelled(&self, keys: &[Key], numbers: &[u16], mut check: impl FnMut(&[Form], &[Key])) {
        for at in 0..numbers.len() {
            self.spellings.starting(&numbers[at..], &mut |spelling, len| {
                let (first, last) = self.ranges[spelling];
                check(&self.forms[first as usize..last as usize], &keys[at..at + len]);
            });
        }
    }
}
