//! The fold table: code point → kind, disguise and folded code.
//!
//! `fold.bin` is little-endian: 512 page numbers (u16, one per 256 code points up to U+1FFFF), then pages of 256 entries
//! (u32). An entry is `kind << 26 | disguise << 21 | code`; kinds and disguises as in `huoyan_text::fold`.

use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_properties::{GeneralCategory as G, UnicodeEmoji, UnicodeGeneralCategory};

use crate::extra;

/// The kinds, numbered as `huoyan_text::fold::Kind`.
const OTHER: u32 = 0;
const HAN: u32 = 1;
const LATIN: u32 = 2;
const DIGIT: u32 = 3;
const NUMBER: u32 = 4;
const SKIP: u32 = 5;
const SPACE: u32 = 6;
const PUNCTUATION: u32 = 7;
const EMOJI: u32 = 8;
const BOUNDARY: u32 = 9;

/// The disguises, numbered as the bits of `huoyan_text::Disguises`.
const NONE: u32 = 0;
const FULLWIDTH: u32 = 1;
const TRADITIONAL: u32 = 2;
const CONFUSABLE: u32 = 3;
const CIRCLED: u32 = 4;
const STYLED: u32 = 5;
const COMBINING: u32 = 6;
const ZERO_WIDTH: u32 = 7;
const DIGITS: u32 = 8;

/// The whole table.
pub fn table() -> Vec<u8> {
    let mut index = Vec::new();
    let mut pages: Vec<u8> = Vec::new();
    let mut seen: HashMap<Vec<u8>, u16> = HashMap::new();
    for page in 0..512_u32 {
        let bytes: Vec<u8> = (page * 256..page * 256 + 256).flat_map(|code| entry(code).to_le_bytes()).collect();
        let number = *seen.entry(bytes.clone()).or_insert_with(|| {
            pages.extend_from_slice(&bytes);
            (pages.len() / 1024 - 1) as u16
        });
        index.extend_from_slice(&number.to_le_bytes());
    }
    index.extend_from_slice(&pages);
    index
}

/// What a Han character folds to.
pub fn folded(c: char) -> char {
    char::from_u32(entry(c as u32) & 0x1F_FFFF).unwrap_or(c)
}

/// Whether the character is a Han character that folds to itself.
pub fn is_plain_han(c: char) -> bool {
    let entry = entry(c as u32);
    entry >> 26 == HAN && entry & 0x1F_FFFF == c as u32
}

fn pack(kind: u32, disguise: u32, code: u32) -> u32 {
    kind << 26 | disguise << 21 | code
}

fn entry(code: u32) -> u32 {
    let Some(c) = char::from_u32(code) else { return pack(OTHER, NONE, 0xFFFD) };
    if let Some(kind) = unwritten(c) {
        return kind;
    }
    if let Some((_, letter)) = extra::LETTERS.iter().find(|(from, _)| *from == c) {
        return written(*letter, CONFUSABLE);
    }
    if let Some(folded) = enclosed(c) {
        return written(folded, CIRCLED);
    }
    if c.is_ascii() {
        return written(c.to_ascii_lowercase(), NONE);
    }
    let compat: String = c.nfkc().collect::<String>().to_lowercase();
    let bare: String = compat.chars().filter(|c| !matches!(c, '(' | ')' | '.' | ',' | '〔' | '〕')).collect();
    if let Ok(number) = bare.parse::<u32>()
        && bare.len() > 1
        && number < 100
    {
        return pack(NUMBER, CIRCLED, number);
    }
    let mut chars = bare.chars();
    if let (Some(only), None) = (chars.next(), chars.next()) {
        let lower = c.to_lowercase().eq(std::iter::once(only));
        let disguise = if only == c || lower { NONE } else { style(c) };
        return plain(only, disguise);
    }
    plain(c, NONE)
}

/// Code points without a shape of their own.
fn unwritten(c: char) -> Option<u32> {
    let filler = matches!(
        c,
        '\u{115F}' | '\u{1160}' | '\u{3164}' | '\u{FFA0}' | '\u{2800}' | '\u{034F}' | '\u{180E}' | '\u{FFFC}'
    );
    let category = c.general_category();
    if matches!(c, '\n' | '\u{B}' | '\u{C}' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}') {
        return Some(pack(BOUNDARY, NONE, '\n' as u32));
    }
    if c == '\t' {
        return Some(pack(SPACE, NONE, ' ' as u32));
    }
    if is_combining_mark(c) || category == G::EnclosingMark {
        // A variation selector after an emoji is its normal spelling, no disguise; the folder looks only at marks on letters.
        let selector = matches!(c as u32, 0xFE00..=0xFE0F | 0x180B..=0x180D);
        return Some(pack(SKIP, if selector { NONE } else { COMBINING }, c as u32));
    }
    if filler || matches!(category, G::Format | G::Control) {
        return Some(pack(SKIP, ZERO_WIDTH, c as u32));
    }
    None
}

/// Letters in negative or squared shapes, which NFKC leaves alone.
fn enclosed(c: char) -> Option<char> {
    let letter = |base: u32| char::from_u32('a' as u32 + c as u32 - base);
    let digit = |base: u32, first: u32| char::from_u32('0' as u32 + first + c as u32 - base);
    match c as u32 {
        0x1F150..=0x1F169 => letter(0x1F150),
        0x1F170..=0x1F189 => letter(0x1F170),
        0x1F1E6..=0x1F1FF => letter(0x1F1E6),
        0x2776..=0x277E => digit(0x2776, 1),
        0x2780..=0x2788 => digit(0x2780, 1),
        0x278A..=0x2792 => digit(0x278A, 1),
        0x24F5..=0x24FD => digit(0x24F5, 1),
        0x24FF | 0x1F10B | 0x1F10C => Some('0'),
        _ => None,
    }
}

fn style(c: char) -> u32 {
    match c as u32 {
        0xFF01..=0xFFEF | 0x3000 => FULLWIDTH,
        0x2460..=0x24FF | 0x3200..=0x33FF | 0x1F100..=0x1F1FF => CIRCLED,
        0x2E80..=0x2FDF | 0xF900..=0xFAFF => TRADITIONAL,
        _ => STYLED,
    }
}

/// Folds what is left after compatibility mapping: accents, confusables, traditional characters, figures.
fn plain(c: char, disguise: u32) -> u32 {
    if let Some((_, to)) = extra::RADICALS.iter().find(|(from, _)| *from == c) {
        return written(*to, NONE);
    }
    if let Some((_, figure)) = extra::FIGURES.iter().find(|(from, _)| *from == c) {
        return written(*figure, DIGITS);
    }
    if let Some((_, to)) = extra::VARIANTS.iter().find(|(from, to)| *from == c && from != to) {
        return written(*to, TRADITIONAL);
    }
    if let Some((_, letter)) = extra::LETTERS.iter().find(|(from, _)| *from == c) {
        return written(*letter, CONFUSABLE);
    }
    if is_han(c) {
        let mut simple = fast2s::convert(&c.to_string()).chars().collect::<Vec<_>>();
        let simple = if simple.len() == 1 { simple.remove(0) } else { c };
        if let Some((_, figure)) = extra::FIGURES.iter().find(|(from, _)| *from == simple) {
            return written(*figure, DIGITS);
        }
        return written(simple, if simple == c { disguise } else { TRADITIONAL });
    }
    if !c.is_ascii() && c.is_alphabetic() {
        let mut marks = c.nfkd().filter(|c| !is_combining_mark(*c));
        if let (Some(base), None) = (marks.next(), marks.next())
            && base.is_ascii_alphabetic()
        {
            return written(base.to_ascii_lowercase(), COMBINING);
        }
        let mut shape =
            unicode_security::confusable_detection::skeleton(c.encode_utf8(&mut [0; 4])).collect::<Vec<_>>();
        shape.retain(|c| !is_combining_mark(*c));
        if let [letter] = shape[..]
            && letter.is_ascii_alphabetic()
            && !matches!(c as u32, 0x3000..=0x318F | 0x0600..=0x0DFF | 0xAC00..=0xD7FF)
        {
            return written(letter.to_ascii_lowercase(), CONFUSABLE);
        }
    }
    written(c, disguise)
}

fn is_han(c: char) -> bool {
    matches!(c as u32, 0x2E80..=0x2FDF | 0x3005..=0x3007 | 0x31C0..=0x31EF | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0x2_0000..=0x3_FFFF)
}

fn written(c: char, disguise: u32) -> u32 {
    let code = c as u32;
    let kind = if c.is_ascii_alphabetic() {
        LATIN
    } else if c.is_ascii_digit() {
        DIGIT
    } else if matches!(c, '丶' | '丨' | '丿' | '乀') {
        // Strokes that nobody writes but as separators.
        PUNCTUATION
    } else if is_han(c) {
        HAN
    } else if c == '\n' || "。．！？；，,!?;｡…".contains(c) && c != '…' && c != '．' {
        BOUNDARY
    } else if c.is_whitespace() {
        SPACE
    } else if c.is_alphanumeric() {
        OTHER
    } else if c.is_emoji_char() && !c.is_ascii()
        || matches!(code, 0x2190..=0x21FF | 0x2500..=0x27BF | 0x2900..=0x2BFF | 0x1F000..=0x1FAFF)
    {
        EMOJI
    } else {
        PUNCTUATION
    };
    // A disguise is one of words and figures; decorated punctuation hides nothing.
    let disguise = if matches!(kind, SPACE | PUNCTUATION | EMOJI | BOUNDARY) { NONE } else { disguise };
    pack(kind, disguise, code)
}
