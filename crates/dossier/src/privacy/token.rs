//! The tokens that stand for values: `[手机·A3F7]`.
//!
//! A token's figures are hexadecimal, at least one of them a letter, and 4, 6, 8 … of them, so that no number can pass for a token.

use std::ops::Range;

use super::Kind;

/// Which language tokens are written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// `[手机·A3F7]`
    #[default]
    Zh,
    /// `[phone·A3F7]`
    En,
}

/// The dot between a token's kind and its figures.
const DOT: char = '·';

/// Most figures of a token.
pub(crate) const MOST_FIGURES: usize = 64;

/// Writes a token.
pub(crate) fn write(kind: Kind, figures: &str, language: Language) -> String {
    let name = match language {
        Language::Zh => kind.zh(),
        Language::En => kind.en(),
    };
    format!("[{name}{DOT}{figures}]")
}

/// Whether these can be a token's figures.
pub(crate) fn are_figures(figures: &str) -> bool {
    (4..=MOST_FIGURES).contains(&figures.len())
        && figures.len().is_multiple_of(2)
        && figures.bytes().all(|byte| byte.is_ascii_digit() || (b'A'..=b'F').contains(&byte))
        && figures.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// Where tokens stand in a text.
pub(crate) fn ranges(text: &str) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    for (start, _) in text.match_indices('[') {
        let rest = &text[start + 1..];
        let Some((len, name)) = Kind::ALL
            .iter()
            .flat_map(|kind| [kind.zh(), kind.en()])
            .filter(|name| rest.strip_prefix(name).is_some_and(|rest| rest.starts_with(DOT)))
            .map(|name| (name.len() + DOT.len_utf8(), name))
            .next()
        else {
            continue;
        };
        debug_assert!(!name.is_empty());
        let Some(close) = rest.bytes().take(len + MOST_FIGURES + 1).position(|byte| byte == b']') else { continue };
        if rest.get(len..close).is_some_and(are_figures) {
            out.push(start..start + 1 + close + 1);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_in_brackets_is_no_token() {
        assert_eq!(ranges("[手机·A3F7] [phone·A3F7B2]"), [0..14, 15..30]);
        for text in [
            "[手机·1380]",
            "[手机·13800138000]",
            "[QQ·12345678]",
            "[手机A3F7]",
            "[手机·A3F7",
            "[·A3F7]",
            "[手机·a3f7]",
            "[手机·A3F]",
        ] {
            assert!(ranges(text).is_empty(), "{text}");
        }
    }
}
