//! Text as it is compared here: folded characters, each with its bytes in the original.

use huoyan_text::{Kind, fold_char};

/// A folded character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Letter {
    /// The folded character.
    pub code: char,
    /// Its kind.
    pub kind: Kind,
    /// Where it begins in the original, in bytes.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
}

/// All characters of a text that can be seen.
pub fn letters(text: &str) -> Vec<Letter> {
    text.char_indices()
        .map(|(start, c)| {
            let (kind, code, _) = fold_char(c);
            Letter { code, kind, start, end: start + c.len_utf8() }
        })
        .filter(|letter| letter.kind != Kind::Skip)
        .collect()
}

/// A text folded for comparison: no case, no width, no spaces.
pub fn folded(text: &str) -> String {
    letters(text).into_iter().filter(|l| l.kind != Kind::Space).map(|l| l.code).collect()
}
