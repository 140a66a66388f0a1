//! The table of the first look: what it needs to know of each character, in one entry.
//!
//! A table without patterns is made once in a process; a matcher's is that one, changed where its patterns are. What must
//! stay true: an entry is the same as one made for the character from nothing.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::compose::Compositions;
use super::lane::{Lane, Symbol};
use crate::contact::{is_dot, is_token_sign, may_be_figure};
use crate::{Disguises, Kind, emoji, fold_char, sound};

/// A character's entry, packed into 64 bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Entry(u64);

impl Entry {
    /// The picture means something, or the sign may stand at a token's ends.
    pub(super) const MEANS: u64 = 1 << 57;
    pub(super) const TRADITIONAL: u64 = 1 << 58;
    pub(super) const FIGURE: u64 = 1 << 59;
    /// A character taken apart may begin with it.
    pub(super) const PART: u64 = 1 << 60;
    /// A form of the plain lane begins with it.
    pub(super) const BEGINS: u64 = 1 << 61;
    /// It is written for the dot of an address, or only right between two names.
    pub(super) const DOT: u64 = 1 << 62;
    pub(super) const COMMA: u64 = 1 << 63;

    /// The number in the plain lane.
    #[inline]
    pub(super) fn plain(self) -> u16 {
        self.0 as u16
    }

    /// The number in the lane of sounds.
    #[inline]
    pub(super) fn sound(self) -> u16 {
        (self.0 >> 16) as u16
    }

    #[inline]
    pub(super) fn code(self) -> u32 {
        (self.0 >> 32) as u32 & 0x1F_FFFF
    }

    #[inline]
    pub(super) fn kind(self) -> u64 {
        self.0 >> 53 & 15
    }

    #[inline]
    pub(super) fn is(self, flag: u64) -> bool {
        self.0 & flag != 0
    }
}

pub(super) const HAN: u64 = Kind::Han as u64;
pub(super) const LATIN: u64 = Kind::Latin as u64;
pub(super) const DIGIT: u64 = Kind::Digit as u64;
pub(super) const OTHER: u64 = Kind::Other as u64;
pub(super) const NUMBER: u64 = Kind::Number as u64;
pub(super) const SKIP: u64 = Kind::Skip as u64;
pub(super) const EMOJI: u64 = Kind::Emoji as u64;
pub(super) const BOUNDARY: u64 = Kind::Boundary as u64;

/// Code points with an entry in the table, as pages of 256.
const PAGES: u32 = 512;

/// The table of a matcher.
#[derive(Clone, Debug)]
pub(super) struct Table {
    index: Vec<u16>,
    /// The pages that differ, ASCII first.
    entries: Vec<Entry>,
    /// By the low five bits of a letter, its symbol inside a word; as bits, those with which a form may begin there.
    pub(super) inside: [Symbol; 32],
    pub(super) begins_inside: u32,
    /// Whether there is any such letter in the lane of sounds.
    pub(super) begins_inside_heard: bool,
}

impl Table {
    /// The table of a matcher without patterns, with the entries of the characters changed that fold to, sound like or
    /// belong to what the lanes hold. So a pack of one word costs as many entries, not a table.
    pub(super) fn new(plain: &Lane, sound: &Lane, compositions: &Compositions, pictures: bool) -> Self {
        let blank = blank();
        let mut out = Self {
            index: blank.index.clone(),
            entries: blank.entries.clone(),
            inside: [Symbol::default(); 32],
            begins_inside: 0,
            begins_inside_heard: false,
        };
        let mut shared = blank.shared.clone();
        let mut codes: Vec<char> = plain.characters().chain(compositions.first_parts()).collect();
        for character in sound.characters() {
            codes.push(character);
            codes.extend(sound::heard_as(character));
        }
        codes.sort_unstable();
        codes.dedup();
        let mut change = |c: char| out.set(c, entry(c, plain, sound, compositions, pictures), &mut shared);
        for code in codes {
            change(code);
            let first = blank.folded.partition_point(|(folded, _)| *folded < code);
            blank.folded[first..].iter().take_while(|(folded, _)| *folded == code).for_each(|(_, c)| change(*c));
        }
        if pictures {
            emoji::pictures().for_each(change);
        }
        for letter in 'a'..='z' {
            let (entry, slot) = (out.entries[letter as usize], letter as usize & 31);
            out.inside[slot] = Symbol::new(entry.plain(), entry.sound(), u32::from(letter), true, false);
            out.begins_inside |= u32::from(plain.begins_inside(entry.plain())) << slot;
            out.begins_inside_heard |= !sound.is_empty() && sound.begins_inside(entry.sound());
        }
        out
    }

    /// Changes an entry; a page that others share is copied first.
    fn set(&mut self, c: char, entry: Entry, shared: &mut Vec<bool>) {
        let Some(page) = self.index.get_mut(c as usize >> 8) else { return };
        if shared[usize::from(*page)] {
            let first = usize::from(*page) << 8;
            *page = shared.len() as u16;
            shared.push(false);
            self.entries.extend_from_within(first..first + 256);
        }
        self.entries[usize::from(*page) << 8 | c as usize & 255] = entry;
    }

    #[inline]
    pub(super) fn ascii(&self, byte: u8) -> Entry {
        self.entries[usize::from(byte & 127)]
    }

    #[inline]
    pub(super) fn entry(&self, c: char, rare: &impl Fn(char) -> Entry) -> Entry {
        let code = c as usize;
        match self.index.get(code >> 8) {
            Some(page) => self.entries[usize::from(*page) << 8 | code & 255],
            None => rare(c),
        }
    }
}

/// The table of a matcher without patterns, and what it takes to change it.
struct Blank {
    index: Vec<u16>,
    entries: Vec<Entry>,
    /// By page of `entries`, whether several pages of code points are it.
    shared: Vec<bool>,
    /// The characters that fold to another, by what they fold to.
    folded: Vec<(char, char)>,
}

fn blank() -> &'static Blank {
    static BLANK: OnceLock<Blank> = OnceLock::new();
    BLANK.get_or_init(|| {
        let (lane, compositions) = (Lane::default(), Compositions::default());
        let entry = |c: Option<char>| c.map_or(Entry::default(), |c| entry(c, &lane, &lane, &compositions, false));
        let mut known: HashMap<Vec<Entry>, u16> = HashMap::new();
        let mut blank = Blank { index: Vec::new(), entries: Vec::new(), shared: Vec::new(), folded: Vec::new() };
        for page in 0..PAGES {
            let characters = || (page << 8..(page + 1) << 8).map(char::from_u32);
            let page: Vec<Entry> = characters().map(entry).collect();
            let next = known.len() as u16;
            let at = *known.entry(page).or_insert_with_key(|page| {
                blank.entries.extend(page);
                next
            });
            if at == next {
                blank.shared.push(false);
            } else {
                blank.shared[usize::from(at)] = true;
            }
            blank.index.push(at);
            for c in characters().flatten() {
                let (_, code, _) = fold_char(c);
                if code != c {
                    blank.folded.push((code, c));
                }
            }
        }
        blank.folded.sort_unstable();
        blank
    })
}

pub(super) fn entry(c: char, plain: &Lane, sound: &Lane, compositions: &Compositions, pictures: bool) -> Entry {
    let (kind, code, disguises) = fold_char(c);
    let mut flags = 0;
    let mut flag = |bit, when| flags |= if when { bit } else { 0 };
    let (mut numbers, mut code_bits) = (0, code as u64);
    match kind {
        Kind::Han | Kind::Latin | Kind::Digit | Kind::Other => {
            let (plain_number, heard) = (plain.number(code), if sound.is_empty() { 0 } else { sound.heard(code) });
            numbers = u64::from(heard) << 16 | u64::from(plain_number);
            flag(Entry::TRADITIONAL, disguises.contains(Disguises::TRADITIONAL));
            flag(Entry::FIGURE, may_be_figure(kind, code));
            flag(Entry::PART, compositions.may_begin(code));
            flag(Entry::BEGINS, plain.begins(plain_number));
            flag(Entry::DOT, is_dot(code));
            if kind == Kind::Other && numbers == 0 {
                // Nobody looks at it, and the table's pages become alike.
                code_bits = 0;
            }
        }
        Kind::Number => {}
        _ => {
            flag(Entry::MEANS, is_token_sign(c) || kind == Kind::Emoji && pictures && emoji::meaning(c).is_some());
            flag(Entry::DOT, is_dot(c));
            flag(Entry::COMMA, matches!(c, ',' | '，'));
            code_bits = if c == '\\' { u64::from(b'\\') } else { 0 };
        }
    }
    Entry(flags | (kind as u64) << 53 | code_bits << 32 | numbers)
}

#[cfg(test)]
mod tests {
    use super::entry;
    use crate::{Matcher, Pattern, Variants};

    #[test]
    fn a_changed_table_is_the_one_made_from_nothing() {
        let all = ["homophone", "glyph", "split", "pinyin", "initials", "emoji", "digits"];
        let all = all.iter().filter_map(|name| Variants::named(name)).fold(Variants::NONE, |a, b| a | b);
        for words in [&["微信", "枪支123", "炸弹", "vx加好友", "Ⅷ級", "ёж"][..], &["淘宝"], &[]] {
            for variants in [Variants::NONE, all] {
                let patterns = words.iter().map(|word| Pattern::new(0, *word).variants(variants));
                let matcher = Matcher::builder().patterns(patterns).build().expect("has letters");
                let Matcher { table, plain, sound, compositions, pictures, .. } = &matcher;
                for c in ('\0'..='\u{1FFFF}').filter(|c| *c != '\0') {
                    let anew = entry(c, plain, sound, compositions, *pictures);
                    assert_eq!(table.entry(c, &|_| unreachable!()), anew, "{words:?} {c:?} U+{:04X}", c as u32);
                }
            }
        }
    }
}
