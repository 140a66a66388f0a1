//! Latin words that no pattern can touch, so that the first look passes over them as a whole.
//!
//! A catalogue has few thousand words, most of which come again and again: each is judged once and remembered. What must
//! stay true: a word judged dull changes nothing about what the searches find, whatever stands around it.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use super::form::Form;
use super::lane::Lane;
use crate::contact::{domains, is_domain};
use crate::{Disguises, Variants, sound};

/// Letters of the longest word that is judged: so many fit in a packed word.
const LONGEST: usize = 12;

/// A form with letters.
#[derive(Clone, Debug)]
struct Lettered {
    codes: Arc<[char]>,
    /// Whether it is found only where a word ends.
    ends_a_word: bool,
    /// Whether its Han characters may be written in pinyin.
    spelled: bool,
}

/// A place in a form.
#[derive(Clone, Copy, Debug)]
struct Place {
    /// The next three letters, five bits each; 0 where the form is over, [`OTHER`] for what is no letter.
    letters: u16,
    from: u16,
    form: u32,
    /// What may stand before it, as [`beside`] tells it: also of other forms that go on alike.
    before: u32,
}

/// Places in forms, sorted by the next three letters.
#[derive(Clone, Debug, Default)]
struct Places {
    sorted: Vec<Place>,
    /// Which letters there are, as bits.
    known: Vec<u64>,
    /// By two letters, where in `sorted` they begin.
    bounds: Vec<u32>,
}

/// The forms with Latin letters, by what a word has to begin with to be part of them.
#[derive(Clone, Debug)]
pub(super) struct Words {
    forms: Vec<Lettered>,
    /// Beginnings of forms.
    heads: Places,
    /// Those of forms that may begin inside a word.
    inside: Places,
    /// What forms have from a later letter on.
    tails: Places,
    /// What most words are seen to be dull by, without being judged.
    at_sight: AtSight,
    /// Tells the words of different matchers apart.
    digest: u64,
}

/// Tables that tell most words to be dull by pairs of letters and the first three.
#[derive(Clone, Debug, Default)]
struct AtSight {
    /// By two letters, flags of [`Flags`].
    pairs: Vec<u8>,
    /// Which three letters a form begins with, and which it has later, as bits. Addresses and figures are among the first.
    heads: Vec<u64>,
    tails: Vec<u64>,
    /// By its last letter, what may stand behind a word when a form begins with that letter.
    behind: [u32; 32],
    /// Letters that pinyin begins and ends with.
    pinyin: (u32, u32),
}

/// What pairs of letters tell of a word.
struct Flags;

impl Flags {
    /// No pinyin has the pair.
    const FOREIGN: u8 = 1;
    /// A form may begin with it inside a word.
    const BEGINS: u8 = 2;
    /// A letter stands twice.
    const REPEATS: u8 = 4;
}

/// A word as it is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word {
    /// Letters; the last [`LONGEST`] packed, and the first three.
    pub(super) len: usize,
    packed: u64,
    head: u16,
    last: u8,
    flags: u8,
}

/// What is remembered of words, by hash; for one matcher at a time.
#[derive(Clone, Debug, Default)]
pub(super) struct Judged {
    digest: u64,
    slots: Vec<Judgement>,
}

/// What has to stand around a word for it to be part of a form, as bits by the low five bits of letters; see [`beside`].
#[derive(Clone, Copy, Debug, Default)]
struct Judgement {
    packed: u64,
    before: u32,
    behind: u32,
}

/// The bit for what stands beside a word: a letter's own, or one for all that is none.
pub(super) fn beside(code: u32) -> u32 {
    char::from_u32(code).map_or(1, |c| 1 << letter(c))
}

/// Beside a word stands anything, or nobody knows what.
pub(super) const ANYTHING: u32 = u32::MAX;
/// Beside a word stands nothing that belongs to the same clause.
pub(super) const NOTHING: u32 = ALWAYS;
/// A word that is never dull. No letter has this bit.
const ALWAYS: u32 = 1 << 31;

/// Slots for words, a power of two.
const BITS: u32 = 13;

/// In a [`Place`], what is no letter.
const OTHER: u16 = 31;

/// A letter's number; 0 for what is none.
fn letter(c: char) -> u16 {
    if c.is_ascii_lowercase() { c as u16 & 31 } else { 0 }
}

impl Places {
    fn add(&mut self, form: &Lettered, number: u32, from: usize) {
        let letter = |at: usize| match form.codes.get(from + at).map(|code| letter(*code)) {
            Some(0) => OTHER,
            known => known.unwrap_or(0),
        };
        // Behind what is no letter nothing is looked at.
        let second = letter(1);
        let third = if second == 0 || second == OTHER { 0 } else { letter(2) };
        self.sorted.push(Place {
            letters: letter(0) << 10 | second << 5 | third,
            from: u16::try_from(from).unwrap_or(u16::MAX),
            form: number,
            before: from.checked_sub(1).map_or(0, |at| form.wants(form.codes[at])),
        });
    }

    /// Sorts the places and joins those that go on alike.
    fn finish(&mut self, forms: &[Lettered]) {
        let rest = |place: &Place| {
            let form = &forms[place.form as usize];
            (place.letters, &form.codes[usize::from(place.from)..], form.ends_a_word, form.spelled)
        };
        self.sorted.sort_unstable_by(|a, b| rest(a).cmp(&rest(b)));
        self.sorted.dedup_by(|next, kept| {
            let alike = rest(next) == rest(kept);
            if alike {
                kept.before |= next.before;
            }
            alike
        });
        let begins = |two: u16| self.sorted.partition_point(|place| place.letters >> 5 < two) as u32;
        self.bounds = (0..=1 << 10).map(begins).collect();
        self.known = vec![0; 1 << 9];
        for Place { letters, .. } in &self.sorted {
            self.known[usize::from(letters >> 6)] |= 1 << (letters & 63);
        }
    }

    /// Gives `report` the places that may stand before these letters.
    fn before(&self, forms: &[Lettered], letters: &[u8], mut report: impl FnMut(&Place)) {
        let number = |at: usize| letters.get(at).map(|letter| u16::from(letter & 31));
        let range = |first: u16, last: u16| {
            let bound = |two: u16| self.bounds[usize::from(two)] as usize;
            let places = &self.sorted[bound(first >> 5)..bound((last >> 5) + 1)];
            let from = places.partition_point(|place| place.letters < first);
            let len = places[from..].partition_point(|place| place.letters <= last);
            &places[from..from + len]
        };
        let one = |letters: u16| {
            let known = self.known[usize::from(letters >> 6)] & 1 << (letters & 63) != 0;
            if known { range(letters, letters) } else { &[] }
        };
        // What comes behind the last letter is not known.
        match (number(0).unwrap_or(0) << 10, number(1).map(|second| second << 5), number(2)) {
            (first, Some(second), Some(third)) => {
                one(first).iter().chain(one(first | second)).for_each(&mut report);
                let mut places = one(first | second | third);
                for (depth, letter) in letters.iter().enumerate().skip(3) {
                    if places.is_empty() {
                        return;
                    }
                    let next =
                        |place: &Place| forms[place.form as usize].codes.get(usize::from(place.from) + depth).copied();
                    // The shortest sort first.
                    let (ended, longer) = places.split_at(places.partition_point(|place| next(place).is_none()));
                    ended.iter().for_each(&mut report);
                    let letter = Some(char::from(*letter));
                    let from = longer.partition_point(|place| next(place) < letter);
                    places = &longer[from..];
                    places = &places[..places.partition_point(|place| next(place) <= letter)];
                }
                places.iter().for_each(report);
            }
            (first, Some(second), None) => {
                one(first).iter().chain(range(first | second, first | second | 31)).for_each(report);
            }
            (first, None, _) => range(first, first | 1023).iter().for_each(report),
        }
    }
}

impl AtSight {
    fn new(words: &Words) -> Self {
        let mut sight = Self {
            pairs: vec![0; 1 << 10],
            heads: vec![0; 1 << 9],
            tails: vec![0; 1 << 9],
            behind: [0; 32],
            pinyin: sound::edges(),
        };
        for (first, second) in (1..27_u8).flat_map(|first| (1..27_u8).map(move |second| (first, second))) {
            let flags = &mut sight.pairs[usize::from(first) << 5 | usize::from(second)];
            *flags |= if sound::may_follow(first, second) { 0 } else { Flags::FOREIGN };
            *flags |= if first == second { Flags::REPEATS } else { 0 };
        }
        for place in &words.inside.sorted {
            let form = &words.forms[place.form as usize];
            let (first, second) = (place.letters >> 10, place.letters >> 5 & 31);
            sight.behind[usize::from(first)] |= form.codes.get(1).map_or(ALWAYS, |next| form.wants(*next));
            for letter in (0..32).filter(|letter| form.codes.len() == 1 || *letter == second) {
                sight.pairs[usize::from(first << 5 | letter)] |= Flags::BEGINS;
            }
        }
        for (places, bits) in [(&words.heads, &mut sight.heads), (&words.tails, &mut sight.tails)] {
            places.sorted.iter().for_each(|place| place.mark(&words.forms[place.form as usize], bits));
        }
        let mut mark = |letters: u64| sight.heads[(letters >> 6) as usize & 511] |= 1 << (letters & 63);
        [WWW, DOT].into_iter().for_each(&mut mark);
        domains().for_each(|domain| domain.get(..3).into_iter().for_each(|three| mark(pack(three))));
        for three in [9, 12, 15_u64]
            .into_iter()
            .flat_map(|a| [9, 12, 15].into_iter().flat_map(move |b| [9, 12, 15].map(|c| a << 10 | b << 5 | c)))
        {
            mark(three);
        }
        sight
    }
}

impl Place {
    /// Marks the three letters that a word of three or more may begin with to stand here.
    fn mark(&self, form: &Lettered, bits: &mut [u64]) {
        let mut mark = |letters: u16| bits[usize::from(letters >> 6)] |= 1 << (letters & 63);
        let x = u16::from(b'x' & 31);
        // A form that is over goes on in no word, but for masked figures.
        let next = if form.ends_a_word { x..=x } else { 1..=26 };
        match (self.letters >> 5 & 31, self.letters & 31) {
            (0, _) => next.for_each(|second| (1..=26).for_each(|third| mark(self.letters | second << 5 | third))),
            (OTHER, _) | (_, OTHER) => {}
            (_, 0) => next.for_each(|third| mark(self.letters | third)),
            _ => mark(self.letters),
        }
    }
}

/// Three letters, five bits each.
fn pack(letters: &str) -> u64 {
    letters.bytes().fold(0, |packed, letter| packed << 5 | u64::from(letter & 31))
}

/// The letters taken for figures, as bits by the low five bits of their codes.
pub(super) const FIGURES: u32 = 1 << 15 | 1 << 12 | 1 << 9;

/// `www` and `dot`, five bits a letter.
pub(super) const WWW: u64 = (23 << 5 | 23) << 5 | 23;
pub(super) const DOT: u64 = (4 << 5 | 15) << 5 | 20;

impl Words {
    /// Of the forms of a plain lane; those of the other lanes have no letters beyond these.
    pub(super) fn new(plain: &Lane) -> Self {
        let mut words = Self {
            forms: Vec::new(),
            heads: Places::default(),
            inside: Places::default(),
            tails: Places::default(),
            at_sight: AtSight::default(),
            digest: 0,
        };
        let mut hasher = DefaultHasher::new();
        for form in plain.forms().iter().filter(|form| form.codes.iter().any(|code| letter(*code) != 0)) {
            // A repeated letter may be the last of one word and the first of the next: men nn.
            let begins_inside = !form.starts_a_word() || form.runs[0] > 1;
            words.add(form, begins_inside);
            let Some(added) = words.forms.last() else { continue };
            (added.codes.iter().collect::<String>(), added.ends_a_word, added.spelled, begins_inside).hash(&mut hasher);
        }
        words.digest = hasher.finish();
        for places in [&mut words.heads, &mut words.inside, &mut words.tails] {
            places.finish(&words.forms);
        }
        words.at_sight = AtSight::new(&words);
        words
    }

    fn add(&mut self, form: &Form, begins_inside: bool) {
        let number = self.forms.len() as u32;
        let form = Lettered {
            codes: form.codes.clone(),
            ends_a_word: form.ends_a_word(),
            spelled: form.disguises == Disguises::NONE
                && (form.variants.contains(Variants::PINYIN) || form.variants.contains(Variants::HOMOPHONE)),
        };
        for (at, _) in form.codes.iter().enumerate().filter(|(_, code)| letter(**code) != 0) {
            if at > 0 {
                self.tails.add(&form, number, at);
                continue;
            }
            self.heads.add(&form, number, at);
            if begins_inside {
                self.inside.add(&form, number, at);
            }
        }
        self.forms.push(form);
    }

    /// Reads the ASCII letters that `bytes` begin with; the first of them must be one.
    #[inline]
    pub(super) fn read(&self, bytes: &[u8]) -> Word {
        let mut before = bytes[0] & 31;
        let (mut packed, mut flags, mut head) = (u64::from(before), 0, 0);
        let mut len = 1;
        for byte in &bytes[1..] {
            if !byte.is_ascii_alphabetic() {
                break;
            }
            len += 1;
            let letter = byte & 31;
            flags |= self.at_sight.pairs[usize::from(before) << 5 | usize::from(letter)];
            packed = packed << 5 | u64::from(letter);
            if len == 3 {
                head = packed as u16;
            }
            before = letter;
        }
        Word { len, packed, head, last: before, flags }
    }

    /// Whether a word can be part of nothing that is looked for with what stands [`beside`] it.
    #[inline]
    pub(super) fn is_dull(&self, word: &Word, before: u32, behind: u32, judged: &mut Judged) -> bool {
        let sight = &self.at_sight;
        let pinyin = word.flags & Flags::FOREIGN == 0
            && sight.pinyin.0 & 1 << (word.head >> 10) != 0
            && sight.pinyin.1 & 1 << word.last != 0;
        let bit = |bits: &[u64]| bits[usize::from(word.head >> 6)] & 1 << (word.head & 63) != 0;
        let seen = word.len >= 3
            && !pinyin
            && word.flags & (Flags::BEGINS | Flags::REPEATS) == 0
            && sight.behind[usize::from(word.last)] & (behind | ALWAYS) == 0
            && !bit(&sight.heads)
            && (before == NOTHING || !bit(&sight.tails));
        seen || (2..=LONGEST).contains(&word.len) && self.is_judged_dull(word.packed, word.len, before, behind, judged)
    }

    fn is_judged_dull(&self, packed: u64, len: usize, before: u32, behind: u32, judged: &mut Judged) -> bool {
        if judged.digest != self.digest || judged.slots.is_empty() {
            judged.digest = self.digest;
            judged.slots.clear();
            judged.slots.resize(1 << BITS, Judgement::default());
        }
        let slot = (packed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - BITS)) as usize;
        if judged.slots[slot].packed != packed {
            let (before, behind) = self.judge(packed, len).unwrap_or((0, ALWAYS));
            judged.slots[slot] = Judgement { packed, before, behind };
        }
        let known = &judged.slots[slot];
        known.before & before == 0 && known.behind & (behind | ALWAYS) == 0
    }

    /// What has to stand before and behind the word for it to be part of a form; nothing when it is looked for as it is.
    fn judge(&self, packed: u64, len: usize) -> Option<(u32, u32)> {
        let small = packed as u32;
        if packed == WWW || packed == DOT || len <= 6 && is_domain(small) {
            return None;
        }
        let mut letters = [0_u8; LONGEST];
        for (at, letter) in letters[..len].iter_mut().enumerate() {
            *letter = (packed >> (5 * (len - 1 - at)) & 31) as u8 | 0x60;
        }
        let letters = &letters[..len];
        // Figures, masked figures, pinyin.
        let figures = |letter: &u8| FIGURES & 1 << (letter & 31) != 0;
        if letters.iter().all(figures)
            || letters.windows(2).any(|pair| pair == b"xx")
            || sound::segment(letters, &mut [0; sound::LONGEST + 1])
        {
            return None;
        }
        // Repeats are joined as folding joins them.
        let (mut word, mut repeats) = ([0_u8; LONGEST], [false; LONGEST]);
        let mut end = 0;
        for letter in letters {
            if end > 0 && word[end - 1] == *letter {
                repeats[end - 1] = true;
            } else {
                word[end] = *letter;
                end += 1;
            }
        }
        let (word, repeats) = (&word[..end], &repeats[..end]);
        // Joined letters hide what they are read as one by one.
        if end < len && (letters.last().is_some_and(figures) || sound::segment(word, &mut [0; sound::LONGEST + 1])) {
            return None;
        }
        let (mut before, mut behind) = (0, 0);
        for at in 0..end {
            let places = if at == 0 || repeats[at] { &self.heads } else { &self.inside };
            places.before(&self.forms, &word[at..], |place| {
                let (form, from) = (&self.forms[place.form as usize], usize::from(place.from));
                if form.stands(from, &word[at..], &repeats[at..]) {
                    behind |= form.codes.get(from + end - at).map_or(ALWAYS, |next| form.wants(*next));
                }
            });
        }
        self.tails.before(&self.forms, word, |place| {
            if self.forms[place.form as usize].stands(usize::from(place.from), word, repeats) {
                before |= place.before;
            }
        });
        Some((before, behind))
    }
}

impl Lettered {
    /// What may stand for one of its characters, as [`beside`] tells it.
    fn wants(&self, code: char) -> u32 {
        if self.spelled && !code.is_ascii() { ANYTHING & !ALWAYS } else { beside(u32::from(code)) }
    }

    /// Whether it may stand, from one of its letters on, where these letters begin, as far as they go.
    fn stands(&self, from: usize, word: &[u8], repeats: &[bool]) -> bool {
        let codes = &self.codes[from..];
        if !codes.iter().zip(word).all(|(code, letter)| *code == char::from(*letter)) {
            return false;
        }
        // Masked figures behind a word are no part of it.
        let goes_on = word.get(codes.len()).is_some_and(|next| *next != b'x');
        !(self.ends_a_word && goes_on && !repeats[codes.len() - 1])
    }
}
