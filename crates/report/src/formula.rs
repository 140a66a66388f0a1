//! Formula escaping: a cell that a spreadsheet would run must not run because a seller wrote it into a title.

use std::borrow::Cow;

/// Puts an apostrophe before text that starts with a character after which Excel, WPS or LibreOffice expect a formula
/// or skip to one. The full-width forms count, since Chinese and Japanese Excel accept them.
pub(crate) fn escape(text: &str) -> Cow<'_, str> {
    match text.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠') => {
            Cow::Owned(format!("'{text}"))
        }
        _ => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_start_a_formula_is_escaped_and_nothing_else() {
        for hostile in ["=cmd()", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠x"] {
            assert_eq!(escape(hostile), format!("'{hostile}"));
        }
        for plain in ["", "标题", " =1", "1=1", "a@b"] {
            assert_eq!(escape(plain), plain);
        }
    }
}
