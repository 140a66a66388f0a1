//! The first look at a text: one pass over its characters that tells which searches can find anything at all.
//!
//! Nearly all texts are innocent, so what a text costs is what it costs to see that. The pass reads each character's entry
//! in one table (its numbers in the lanes, what it folds to, what it may be part of), writes the numbers down and looks
//! for spellings among them. It leaves out what needs places in the text: noise, common words, allowed phrases.
//!
//! What must stay true: where the searches behind it would find something, the pass says so. It may say so in vain.

use super::lane::Symbol;
use super::table::{BOUNDARY, DIGIT, EMOJI, Entry, HAN, LATIN, NUMBER, OTHER, SKIP, entry};
use crate::contact::{MOST_BETWEEN, is_domain};
use crate::sound;

/// What a text may hold, by a first look. What it does not name is not there; what it names may turn out to be nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Signs(u16);

impl Signs {
    /// A pattern as folding shows it.
    pub(super) const PLAIN: Self = Self(1);
    /// A pattern by its sound.
    pub(super) const SOUND: Self = Self(2);
    /// A pattern by its look.
    pub(super) const GLYPH: Self = Self(4);
    /// A character taken apart.
    pub(super) const SPLIT: Self = Self(8);
    /// A picture with a meaning.
    pub(super) const PICTURE: Self = Self(16);
    /// A number to call.
    pub const NUMBER: Self = Self(32);
    /// An address to write to or to open.
    pub const ADDRESS: Self = Self(64);
    /// A token to be pasted.
    pub const TOKEN: Self = Self(128);
    /// Eleven figures, in whatever pieces.
    pub const FIGURES: Self = Self(256);
    /// Four masked figures in a row.
    pub const MASKED: Self = Self(512);

    /// Everything.
    pub(super) const ALL: Self = Self(1023);

    const PATTERNS: u16 = 31;
    const CONTACTS: u16 = 32 | 64 | 128;

    /// Whether it names all of `other`.
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether the text holds nothing.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether some pattern may be there.
    pub const fn patterns(self) -> bool {
        self.0 & Self::PATTERNS != 0
    }

    /// Whether some contact may be there.
    pub const fn contacts(self) -> bool {
        self.0 & Self::CONTACTS != 0
    }

    #[inline]
    fn set(&mut self, other: Self, when: bool) {
        self.0 |= if when { other.0 } else { 0 };
    }
}

/// What the pass writes down.
#[derive(Clone, Debug, Default)]
pub(super) struct Symbols {
    plain: Vec<Symbol>,
    /// Where forms may begin in `plain`.
    starts: Vec<u32>,
    sound: Vec<Symbol>,
    pinyin: Vec<Pinyin>,
    /// Words seen lately that are no pinyin though their letters look so, packed, by hash.
    foreign: Vec<u64>,
}

/// Slots for words that are no pinyin: a catalogue has few thousand words, most of which come again and again.
const FOREIGN_BITS: u32 = 11;

/// Letters that are pinyin: the symbols that they are, and how they are cut into syllables.
#[derive(Clone, Copy, Debug)]
struct Pinyin {
    first: u32,
    end: u32,
    letters: [u8; sound::LONGEST],
    cuts: [u8; sound::LONGEST + 1],
}

/// A run of letters that touch.
#[derive(Default)]
struct Letters {
    /// The last twelve, packed; how many there are.
    packed: u64,
    len: u32,
    /// The letters from the first that is not a repeat of the word before on, and where their symbols begin among the sounds.
    own: [u8; sound::LONGEST],
    own_len: usize,
    at: usize,
    /// Whether they can be pinyin so far.
    pinyin: bool,
    /// Whether what stands before may be a dot.
    dotted: bool,
}

impl super::Matcher {
    /// Looks over a text for what [`Self::find`] and [`contacts`](crate::contacts) could find in it.
    pub fn glance(&self, text: &str, scratch: &mut super::Scratch) -> Signs {
        self.look_over::<true>(text, scratch)
    }

    /// As [`Self::glance`]; what tells of contacts is left out unless `CONTACTS`.
    pub(super) fn look_over<const CONTACTS: bool>(&self, text: &str, scratch: &mut super::Scratch) -> Signs {
        let Symbols { plain, starts, sound, pinyin, foreign } = &mut scratch.symbols;
        plain.clear();
        starts.clear();
        pinyin.clear();
        foreign.resize(1 << FOREIGN_BITS, 0);
        // A title of a catalogue never needs more, and a longer text grows the buffer by itself.
        plain.reserve(text.len().min(1 << 16));
        let mut look = Look::<CONTACTS> {
            matcher: self,
            listens: !self.sound.is_empty(),
            plain,
            starts,
            sound,
            pinyin,
            foreign,
            han: false,
            heard: 0,
            heard_before_word: 0,
            listening: false,
            signs: Signs::default(),
            last: NOTHING,
            last_kind: OTHER,
            part: false,
            gap: 0,
            apart: false,
            dots: false,
            letters: Letters::default(),
            dot: false,
            chain: 0,
            figures: 0,
            dotted: 0,
            masked: 0,
            tokens: 0,
        };
        let rare = |c: char| entry(c, &self.plain, &self.sound, &self.compositions, self.pictures);
        let digit = |figure: u32| char::from_digit(figure % 10, 10).unwrap_or('0');
        let bytes = text.as_bytes();
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            if byte.is_ascii_alphabetic() {
                at += look.word(&bytes[at..]);
                continue;
            }
            let c = match byte {
                ..0x80 => char::from(*byte),
                _ => text[at..].chars().next().unwrap_or('\0'),
            };
            at += c.len_utf8();
            let entry = self.table.entry(c, &rare);
            match entry.kind() {
                ..=DIGIT => look.atom(entry, c),
                NUMBER => {
                    // A number of two figures in one character.
                    for figure in [digit(entry.code() / 10), digit(entry.code())] {
                        look.atom(self.table.entry(figure, &rare), figure);
                    }
                }
                SKIP => {}
                // \/ is drawn as a V.
                _ if entry.code() == u32::from(b'\\') && bytes.get(at) == Some(&b'/') => {
                    at += 1;
                    look.atom(self.table.entry('v', &rare), 'v');
                }
                _ => look.gap(entry),
            }
        }
        look.finish()
    }
}

/// No character.
const NOTHING: u32 = u32::MAX;

/// The letters taken for figures, as bits by the low five bits of their codes.
const FIGURES: u32 = 1 << 15 | 1 << 12 | 1 << 9;

/// Figures of the shortest number to call.
const SHORTEST_NUMBER: u32 = 10;

/// The pass on its way through a text.
struct Look<'a, const CONTACTS: bool> {
    matcher: &'a super::Matcher,
    /// Whether there is a lane of sounds.
    listens: bool,
    plain: &'a mut Vec<Symbol>,
    starts: &'a mut Vec<u32>,
    sound: &'a mut Vec<Symbol>,
    pinyin: &'a mut Vec<Pinyin>,
    foreign: &'a mut [u64],
    /// Whether there is a Han character.
    han: bool,
    /// The number last heard, the one before the letters, and whether some two were heard that a form begins with.
    heard: u16,
    heard_before_word: u16,
    listening: bool,
    signs: Signs,
    /// What the last character folds to, its kind, and whether a character taken apart may begin with it.
    last: u32,
    last_kind: u64,
    part: bool,
    /// Characters since then that are noise, whether a clause ended among them.
    gap: u8,
    apart: bool,
    /// Whether a sign or character since the last name is written for a dot.
    dots: bool,
    letters: Letters,
    /// Whether the letters before spell a dot.
    dot: bool,
    /// Characters in a row that may be figures.
    chain: u32,
    /// Figures; those parted from the one before by one character; masked ones in a row.
    figures: u32,
    dotted: u32,
    masked: u32,
    /// Signs that tokens begin and end with.
    tokens: u32,
}

impl<const CONTACTS: bool> Look<'_, CONTACTS> {
    #[inline]
    fn gap(&mut self, entry: Entry) {
        let kind = entry.kind();
        self.gap = self.gap.saturating_add(1);
        self.apart |= kind == BOUNDARY;
        if CONTACTS {
            self.dots |= entry.is(Entry::DOT) || entry.is(Entry::COMMA) && self.gap == 1;
        }
        if entry.is(Entry::MEANS) {
            self.signs.set(Signs::PICTURE, kind == EMOJI);
            self.tokens += u32::from(kind != EMOJI);
        }
    }

    /// Takes the ASCII letters that `bytes` begin with, as [`Self::atom`] takes them one by one, and gives their number.
    fn word(&mut self, bytes: &[u8]) -> usize {
        let table = &self.matcher.table;
        // One look at each letter, without a branch but the one that ends the word.
        let (mut len, mut repeats, mut pinyin, mut figures) = (1, false, true, true);
        let mut packed = u64::from(bytes[0] & 31);
        let mut before = bytes[0];
        for byte in &bytes[1..] {
            if !byte.is_ascii_alphabetic() {
                break;
            }
            len += 1;
            repeats |= (before ^ byte) & !32 == 0;
            pinyin &= sound::may_follow(before, *byte);
            figures &= !CONTACTS || FIGURES & 1 << (byte & 31) != 0;
            packed = packed << 5 | u64::from(byte & 31);
            before = *byte;
        }
        let (head, rest) = (bytes[0], &bytes[1..len]);
        self.atom(table.ascii(head), char::from(head));
        if rest.is_empty() || repeats || self.letters.own_len != 1 || self.letters.len != 1 {
            rest.iter().for_each(|byte| self.atom(table.ascii(*byte), char::from(*byte)));
            return len;
        }
        let first = self.plain.len();
        self.plain.extend(rest.iter().map(|byte| table.inside[usize::from(byte & 31)]));
        for (at, byte) in (first as u32..).zip(rest).filter(|_| table.begins_inside != 0) {
            if table.begins_inside & 1 << (byte & 31) != 0 {
                self.starts.push(at);
            }
        }
        // Letters are figures only among figures; a word with another letter in it ends the row.
        if CONTACTS {
            self.chain = if figures && self.chain > 0 { self.chain + rest.len() as u32 } else { 0 };
            self.signs.set(Signs::NUMBER, self.chain >= SHORTEST_NUMBER);
            self.masked = u32::from(before | 32 == b'x');
        }
        let letters = &mut self.letters;
        letters.pinyin = pinyin && len <= sound::LONGEST;
        if letters.pinyin {
            letters.own[..len].iter_mut().zip(bytes).for_each(|(letter, byte)| *letter = byte | 32);
        }
        letters.own_len = len;
        letters.len = len as u32;
        letters.packed = packed;
        self.listening |= table.begins_inside_heard;
        self.hear(table.inside[usize::from(rest[0] & 31)].sound, false);
        self.heard = table.inside[usize::from(before & 31)].sound;
        self.last = u32::from(bytes[len - 1] | 32);
        self.part = false;
        len
    }

    #[inline]
    fn atom(&mut self, entry: Entry, c: char) {
        let (kind, code) = (entry.kind(), entry.code());
        let touches = kind == self.last_kind && self.gap == 0;
        if self.last_kind == LATIN && !touches {
            self.close();
        }
        if self.apart {
            // No form extends over the end of a clause.
            self.plain.push(Symbol::default());
            self.heard = 0;
            (self.last, self.part) = (NOTHING, false);
        }
        if CONTACTS && entry.is(Entry::FIGURE) {
            self.figure(kind);
        } else {
            self.chain = 0;
        }
        let joins = code == self.last && kind != DIGIT;
        if kind == LATIN {
            self.letter(code, touches, joins);
        } else {
            self.masked = 0;
        }
        if joins {
            // The folding joins repeats, so that 微微信 is 微信.
            self.plain.last_mut().into_iter().for_each(Symbol::repeat);
            if entry.is(Entry::BEGINS) {
                // The first of them may have stood inside a word, the last may begin one: weixin new.
                self.starts.push(self.plain.len() as u32 - 1);
            }
            self.hear(entry.sound(), kind == HAN);
        } else {
            if self.part && self.matcher.compositions.begins(self.last, code) {
                self.signs.set(Signs::SPLIT, true);
            }
            self.part = entry.is(Entry::PART);
            self.han |= kind == HAN;
            let seen = if entry.is(Entry::TRADITIONAL) { u32::from(c) } else { code };
            if entry.is(Entry::BEGINS) {
                self.starts.push(self.plain.len() as u32);
            }
            self.plain.push(Symbol::new(entry.plain(), entry.sound(), seen, touches, kind == HAN));
            self.hear(entry.sound(), kind == HAN);
        }
        (self.last, self.last_kind) = (code, kind);
        (self.gap, self.apart, self.dots) = (0, false, entry.is(Entry::DOT));
    }

    /// Notices whether a form may begin with the number last heard and this one. Equal neighbours are heard as one, which
    /// may be a form of its own.
    #[inline]
    fn hear(&mut self, number: u16, joins: bool) {
        if self.listens {
            let one = joins && number != 0 && number == self.heard;
            self.listening |= one || self.matcher.sound.may_begin_with(self.heard, number);
            self.heard = number;
        }
    }

    /// Counts what makes numbers to call.
    fn figure(&mut self, kind: u64) {
        self.chain = if self.gap <= MOST_BETWEEN { self.chain + 1 } else { 1 };
        self.signs.set(Signs::NUMBER, self.chain >= SHORTEST_NUMBER);
        if kind == DIGIT {
            self.figures += 1;
            self.dotted += u32::from(self.last_kind == DIGIT && self.gap == 1);
        }
    }

    #[inline]
    fn letter(&mut self, code: u32, touches: bool, joins: bool) {
        if CONTACTS {
            self.masked = if code == u32::from(b'x') { self.masked + 1 } else { 0 };
            self.signs.set(Signs::MASKED, self.masked >= 4);
        }
        let letters = &mut self.letters;
        if !touches {
            (letters.packed, letters.len, letters.own_len, letters.pinyin) = (0, 0, 0, true);
            letters.dotted = CONTACTS && (self.dots || self.dot);
        }
        letters.packed = letters.packed << 5 | u64::from(code & 31);
        letters.len += 1;
        if joins && letters.own_len == 0 {
            return;
        }
        if letters.own_len == 0 {
            letters.at = self.plain.len();
            self.heard_before_word = self.heard;
        } else if let Some(before) = letters.own.get(letters.own_len - 1) {
            letters.pinyin &= sound::may_follow(*before, code as u8);
        }
        match letters.own.get_mut(letters.own_len) {
            Some(slot) => *slot = code as u8,
            None => letters.pinyin = false,
        }
        letters.own_len += 1;
    }

    /// Ends a run of letters: a domain's name, pinyin.
    fn close(&mut self) {
        let letters = &self.letters;
        if CONTACTS {
            let domain = letters.dotted && (2..=6).contains(&letters.len) && is_domain(letters.packed as u32);
            self.signs.set(Signs::ADDRESS, domain || letters.len == 3 && letters.packed == WWW);
            self.dot = letters.len == 3 && letters.packed == DOT;
        }
        if !(letters.pinyin && self.listens && letters.own_len >= 2) {
            return;
        }
        // Twelve letters fill the packed word; one of a repeat of the word before is not all in `own`.
        let known = letters.len <= 12 && letters.own_len == letters.len as usize;
        let slot = (letters.packed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - FOREIGN_BITS)) as usize;
        if known && self.foreign[slot] == letters.packed {
            return;
        }
        let mut cuts = [0; sound::LONGEST + 1];
        if sound::segment(&letters.own[..letters.own_len], &mut cuts) {
            let (first, end) = (letters.at as u32, self.plain.len() as u32);
            self.heard = self.heard_before_word;
            let mut from = 0;
            while cuts[from] > 0 {
                let len = usize::from(cuts[from]);
                let number = self.matcher.sound.number(sound::written_code(&self.letters.own[from..from + len]));
                self.hear(number, true);
                from += len;
            }
            self.pinyin.push(Pinyin { first, end, letters: self.letters.own, cuts });
        } else if known {
            self.foreign[slot] = letters.packed;
        }
    }

    /// Writes the symbols down as they sound, equal neighbours joined.
    fn listen(&mut self) {
        let sound = &mut *self.sound;
        sound.clear();
        sound.reserve(self.plain.len());
        let mut hear = |symbol: Symbol| match sound.last_mut() {
            Some(last) if symbol.joins() && symbol.number != 0 && last.number == symbol.number => last.repeat(),
            _ => sound.push(symbol),
        };
        let mut at = 0;
        for word in self.pinyin.iter() {
            self.plain[at..word.first as usize].iter().for_each(|symbol| hear(symbol.heard()));
            let mut from = 0;
            while word.cuts[from] > 0 {
                let len = usize::from(word.cuts[from]);
                let number = self.matcher.sound.number(sound::written_code(&word.letters[from..from + len]));
                hear(Symbol::new(number, 0, 0, false, true));
                from += len;
            }
            at = word.end as usize;
        }
        self.plain[at..].iter().for_each(|symbol| hear(symbol.heard()));
    }

    fn finish(mut self) -> Signs {
        if self.last_kind == LATIN {
            self.close();
        }
        let matcher = self.matcher;
        let mut signs = self.signs;
        if CONTACTS {
            signs.set(Signs::FIGURES, self.figures >= 11);
            signs.set(Signs::ADDRESS, self.dotted >= 3);
            signs.set(Signs::TOKEN, self.tokens >= 2);
        }
        signs.set(Signs::PLAIN, matcher.plain.may_find_at(self.plain, self.starts));
        if self.listening && self.listens && (self.han || !self.pinyin.is_empty()) {
            self.listen();
            signs.set(Signs::SOUND, matcher.sound.may_find(self.sound));
        }
        signs.set(Signs::GLYPH, self.han && matcher.edges.may_find(&matcher.plain, self.plain));
        signs
    }
}

/// `www` and `dot`, packed as [`Letters::packed`] is.
const WWW: u64 = (23 << 5 | 23) << 5 | 23;
const DOT: u64 = (4 << 5 | 15) << 5 | 20;
