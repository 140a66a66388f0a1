use std::borrow::Cow;
use std::fmt::Write;

/// Makes hostile text harmless on a terminal and honest to the eye: control characters (so also ANSI escapes, which
/// start with one), bidirectional overrides, and invisible characters are shown as `⟨U+202E⟩`; line breaks and tabs
/// become spaces.
///
/// Joiners between emoji and variation selectors are kept: they are invisible, but taking them apart would change
/// what a person sees.
pub fn sanitise(text: &str) -> Cow<'_, str> {
    if text.chars().all(|c| class(c) == Class::Plain) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    text.chars().for_each(|c| push_sanitised(c, &mut out));
    Cow::Owned(out)
}

/// Appends one character as [`sanitise`] shows it.
pub(crate) fn push_sanitised(c: char, out: &mut String) {
    match class(c) {
        Class::Plain => out.push(c),
        Class::Space => out.push(' '),
        Class::Hidden => {
            // Writing to a String cannot fail.
            let _ = write!(out, "⟨U+{:04X}⟩", c as u32);
        }
    }
}

#[derive(PartialEq, Eq)]
enum Class {
    Plain,
    Space,
    Hidden,
}

fn class(c: char) -> Class {
    match c {
        '\t' | '\n' | '\r' | '\u{2028}' | '\u{2029}' | '\u{85}' => Class::Space,
        c if c.is_control() => Class::Hidden,
        // Soft hyphen, Arabic letter mark, Hangul fillers, zero-width space and non-joiner, direction marks,
        // embeddings and isolates, invisible operators, byte order mark, interlinear marks, tag characters.
        '\u{ad}'
        | '\u{61c}'
        | '\u{115f}'
        | '\u{1160}'
        | '\u{180e}'
        | '\u{200b}'
        | '\u{200c}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{3164}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0001}'
        | '\u{e0020}'..='\u{e007f}' => Class::Hidden,
        _ => Class::Plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_not_copied() {
        assert!(matches!(sanitise("正品 100% 👨‍👩‍👧 ok"), Cow::Borrowed(_)));
    }

    #[test]
    fn terminal_escapes_and_overrides_become_visible() {
        assert_eq!(sanitise("a\x1b[31mred\u{202e}gnp\0"), "a⟨U+001B⟩[31mred⟨U+202E⟩gnp⟨U+0000⟩");
        assert_eq!(sanitise("a\r\nb\tc\u{9b}2J"), "a  b c⟨U+009B⟩2J");
        assert_eq!(sanitise("加\u{200b}V"), "加⟨U+200B⟩V");
    }
}
