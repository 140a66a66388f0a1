//! The one pass over a text: characters become atoms with a folded code, everything between them becomes a gap.
//!
//! The table (`tables/fold.bin`) says for each code point its kind, its folded code and the disguise that the folding
//! takes off. It must map every code it yields to itself, so that folding a folded word changes nothing.

use std::sync::OnceLock;

use crate::{Disguises, emoji};

/// What a character is after folding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// A letter of another script.
    Other = 0,
    /// A Han character.
    Han = 1,
    /// A letter a–z.
    Latin = 2,
    /// A figure 0–9.
    Digit = 3,
    /// A number of two figures in one character (⑫); the folder makes two atoms of it.
    Number = 4,
    /// Nothing to see: zero width, combining.
    Skip = 5,
    /// White space.
    Space = 6,
    /// Punctuation or another sign.
    Punctuation = 7,
    /// A picture, an arrow, a box.
    Emoji = 8,
    /// The end of a clause or line.
    Boundary = 9,
}

impl Kind {
    const fn of(entry: u32) -> Self {
        match entry >> 26 {
            1 => Self::Han,
            2 => Self::Latin,
            3 => Self::Digit,
            4 => Self::Number,
            5 => Self::Skip,
            6 => Self::Space,
            7 => Self::Punctuation,
            8 => Self::Emoji,
            9 => Self::Boundary,
            _ => Self::Other,
        }
    }
}

/// What stood between an atom and the one before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gap(u8);

impl Gap {
    /// Nothing visible.
    pub const NONE: Self = Self(0);
    const COUNT: u8 = 0x0F;
    /// Some white space.
    pub const SPACE: Self = Self(0x10);
    /// Some punctuation.
    pub const PUNCTUATION: Self = Self(0x20);
    /// Some picture.
    pub const EMOJI: Self = Self(0x40);
    /// A clause or line ended.
    pub const BOUNDARY: Self = Self(0x80);

    /// Visible characters in the gap, 15 for 15 or more.
    pub const fn len(self) -> u8 {
        self.0 & Self::COUNT
    }

    /// Whether the two atoms touch.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether the gap holds something of this class.
    pub const fn has(self, class: Self) -> bool {
        self.0 & class.0 != 0
    }

    fn add(&mut self, class: Self) {
        let count = self.len();
        self.0 = (self.0 | class.0) & !Self::COUNT | (count + u8::from(count < Self::COUNT));
    }

    /// The disguises that such a gap inside a word is.
    pub const fn disguises(self) -> Disguises {
        let mut set = Disguises::NONE;
        if self.has(Self::SPACE) {
            set = set.and(Disguises::SPACE);
        }
        if self.has(Self::PUNCTUATION) || self.has(Self::BOUNDARY) {
            set = set.and(Disguises::NOISE);
        }
        if self.has(Self::EMOJI) {
            set = set.and(Disguises::EMOJI_NOISE);
        }
        set
    }
}

/// One character of the folded text.
#[derive(Clone, Copy, Debug)]
pub struct Atom {
    /// The folded character.
    pub code: char,
    /// Where it begins in the original, in bytes.
    pub start: u32,
    /// Where it ends in the original, with marks and invisible characters that follow it.
    pub end: u32,
    /// What the folding took off.
    pub disguises: Disguises,
    /// Its kind.
    pub kind: Kind,
    /// What stood before it.
    pub gap: Gap,
}

/// A run of equal atoms with no clause end between them.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// The folded character.
    pub code: char,
    /// The first atom.
    pub first: u32,
    /// How many atoms.
    pub atoms: u32,
    /// How often the character stands there; figures always stand alone.
    pub run: u32,
}

/// A folded text. The buffers are reused from text to text.
#[derive(Clone, Debug, Default)]
pub struct Folded {
    atoms: Vec<Atom>,
    keys: Vec<Key>,
    pictures: bool,
    tail: Gap,
}

const INDEX: usize = 512;

struct Table {
    index: [u16; INDEX],
    /// The pages of 256 entries, one after the other.
    entries: Vec<u32>,
}

/// The table, decoded once into aligned memory.
fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let bytes: &[u8] = include_bytes!("../tables/fold.bin");
        let (head, body) = bytes.split_at(2 * INDEX);
        let mut index = [0; INDEX];
        for (slot, pair) in index.iter_mut().zip(head.chunks_exact(2)) {
            *slot = u16::from_le_bytes([pair[0], pair[1]]);
        }
        let entries =
            body.chunks_exact(4).map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]])).collect();
        Table { index, entries }
    })
}

impl Table {
    #[inline]
    fn entry(&self, c: char) -> u32 {
        let code = c as u32;
        match self.index.get((code >> 8) as usize) {
            Some(page) => self.entries[usize::from(*page) << 8 | (code & 255) as usize],
            // Beyond the table lie the rare Han planes, tags and variation selectors.
            None if code < 0x4_0000 => (Kind::Han as u32) << 26 | code,
            None if (0xE_0000..0xE_1000).contains(&code) => (Kind::Skip as u32) << 26 | code,
            None => code & 0x1F_FFFF,
        }
    }
}

/// The kind, folded character and disguise of one character on its own.
pub fn fold_char(c: char) -> (Kind, char, Disguises) {
    let entry = table().entry(c);
    (Kind::of(entry), char::from_u32(entry & 0x1F_FFFF).unwrap_or(c), Disguises::numbered(entry >> 21 & 31))
}

impl Folded {
    /// An empty one, to be filled by [`Self::fold`].
    pub fn new() -> Self {
        Self::default()
    }

    /// Folds `text`, replacing what was here. Bytes beyond the first 4 GiB are not looked at.
    pub fn fold(&mut self, text: &str) {
        self.fold_as::<false>(text);
    }

    /// As [`Self::fold`], with pictures read as the characters they mean instead of as noise.
    pub fn fold_pictures(&mut self, text: &str) {
        self.fold_as::<true>(text);
    }

    fn fold_as<const PICTURES: bool>(&mut self, text: &str) {
        self.atoms.clear();
        self.keys.clear();
        self.pictures = false;
        let table = table();
        let limit = text.len().min(u32::MAX as usize - 8);
        // Chinese takes three bytes a character.
        self.atoms.reserve(limit.min(1 << 16) / 2);
        self.keys.reserve(limit.min(1 << 16) / 2);
        let mut gap = Gap::NONE;
        // Touching marks belong to the atom before them only when nothing visible stands between.
        let mut attached = false;
        let mut chars = text.chars();
        let mut end = 0_u32;
        while let Some(c) = chars.next() {
            let start = end;
            if start as usize > limit {
                break;
            }
            end += c.len_utf8() as u32;
            let mut entry = table.entry(c);
            if c == '\\' && chars.as_str().starts_with('/') {
                // \/ is drawn as a V.
                chars.next();
                end += 1;
                entry = (Kind::Latin as u32) << 26 | 3 << 21 | 'v' as u32;
            }
            let kind = Kind::of(entry);
            let disguises = Disguises::numbered(entry >> 21 & 31);
            match kind {
                Kind::Han | Kind::Latin | Kind::Digit | Kind::Other => {
                    let code = char::from_u32(entry & 0x1F_FFFF).unwrap_or(c);
                    self.push(Atom { code, start, end, disguises, kind, gap });
                    (gap, attached) = (Gap::NONE, true);
                }
                Kind::Number => {
                    let number = entry & 0x1F_FFFF;
                    for (i, figure) in [number / 10, number % 10].into_iter().enumerate() {
                        let code = char::from_digit(figure % 10, 10).unwrap_or('0');
                        let gap = if i == 0 { gap } else { Gap::NONE };
                        self.push(Atom { code, start, end, disguises, kind: Kind::Digit, gap });
                    }
                    (gap, attached) = (Gap::NONE, true);
                }
                Kind::Skip => {
                    if attached && let Some(atom) = self.atoms.last_mut() {
                        atom.end = end;
                        atom.disguises |= disguises;
                    }
                }
                Kind::Space => {
                    gap.add(Gap::SPACE);
                    attached = false;
                }
                Kind::Punctuation => {
                    gap.add(Gap::PUNCTUATION);
                    attached = false;
                }
                Kind::Emoji => {
                    self.pictures = true;
                    if PICTURES && let Some(meaning) = emoji::meaning(c) {
                        for code in meaning.chars() {
                            self.push(Atom { code, start, end, disguises: Disguises::EMOJI, kind: Kind::Han, gap });
                            gap = Gap::NONE;
                        }
                        attached = true;
                        continue;
                    }
                    gap.add(Gap::EMOJI);
                    attached = false;
                }
                Kind::Boundary => {
                    gap.add(Gap::BOUNDARY);
                    attached = false;
                }
            }
        }
        self.tail = gap;
    }

    #[inline]
    fn push(&mut self, atom: Atom) {
        let first = self.atoms.len() as u32;
        self.atoms.push(atom);
        if let Some(key) = self.keys.last_mut()
            && key.code == atom.code
            && atom.kind != Kind::Digit
            && !atom.gap.has(Gap::BOUNDARY)
        {
            key.run += 1;
            key.atoms += 1;
            return;
        }
        self.keys.push(Key { code: atom.code, first, atoms: 1, run: 1 });
    }

    /// The characters, in order.
    pub fn atoms(&self) -> &[Atom] {
        &self.atoms
    }

    /// The characters with repeats joined.
    pub fn keys(&self) -> &[Key] {
        &self.keys
    }

    /// Whether the text has pictures.
    pub fn has_pictures(&self) -> bool {
        self.pictures
    }

    /// What stands after the last atom.
    pub fn tail(&self) -> Gap {
        self.tail
    }

    /// The gap before atom `at`, or after the last one.
    pub fn gap_before(&self, at: usize) -> Gap {
        self.atoms.get(at).map_or(self.tail, |atom| atom.gap)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> String {
        let mut folded = Folded::new();
        folded.fold(text);
        folded.atoms().iter().map(|atom| atom.code).collect()
    }

    #[test]
    fn takes_off_width_case_style_and_script() {
        assert_eq!(folded("ＶＸ ⓥⓧ 𝓿𝔁 ᵛˣ ᴠx ⅴⅹ 🆅🆇 wеіхіn \\/✘"), "vxvxvxvxvxvxvxweixinvx");
        assert_eq!(folded("淘寶 閒魚 微̶信̶ 加微\u{200B}信"), "淘宝闲鱼微信加微信");
        assert_eq!(
            folded("①③⑧ ❾❽ ⑫ 壹貳叁 ㈠㈢ ５"),
            "13898121 二三一三5".replace(' ', "").replace("13898121二三", "1389812一二三")
        );
    }

    #[test]
    fn every_folded_code_folds_to_itself() {
        for code in 0..0x2_0000 {
            let Some(c) = char::from_u32(code) else { continue };
            let (kind, to, _) = fold_char(c);
            if matches!(kind, Kind::Han | Kind::Latin | Kind::Digit | Kind::Other) {
                let (again, twice, _) = fold_char(to);
                assert_eq!((kind, to), (again, twice), "U+{code:04X}");
            }
        }
    }

    #[test]
    fn atoms_cover_character_boundaries_in_order() {
        let text = "加微❤️信\u{301}: ａｂ⑫ \u{200B}x";
        let mut folded = Folded::new();
        folded.fold(text);
        let mut last = 0;
        for atom in folded.atoms() {
            assert!(text.is_char_boundary(atom.start as usize) && text.is_char_boundary(atom.end as usize));
            assert!(atom.start >= last || atom.kind == Kind::Digit);
            last = atom.start;
        }
    }

    #[test]
    fn repeats_join_but_not_over_a_clause_end() {
        let mut folded = Folded::new();
        folded.fold("多多。多 11");
        let runs: Vec<_> = folded.keys().iter().map(|key| (key.code, key.run)).collect();
        assert_eq!(runs, [('多', 2), ('多', 1), ('1', 1), ('1', 1)]);
    }
}
