use std::fmt::Write as _;

/// Text as HTML, its line ends kept.
pub(super) fn inline(text: &str) -> String {
    escape(text, "<br>")
}

/// Text for a title or an attribute: no markup, not even line ends.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match hidden(c) || c == '\n' || c == '\t' {
            true => out.push(' '),
            false => push(&mut out, c),
        }
    }
    out
}

fn escape(text: &str, line_end: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' if chars.peek() == Some(&'\n') => {}
            '\n' => out.push_str(line_end),
            '\t' => out.push(' '),
            c if hidden(c) => {
                let _ = write!(out, "<span class=\"hidden\">U+{:04X}</span>", c as u32);
            }
            c => push(&mut out, c),
        }
    }
    out
}

fn push(out: &mut String, c: char) {
    match c {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        '"' => out.push_str("&quot;"),
        '\'' => out.push_str("&#39;"),
        c => out.push(c),
    }
}

/// Whether a character is not seen, or turns the text around it: shown by its number, so that nothing is hidden or dropped.
pub fn hidden(c: char) -> bool {
    let turns = matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200E}' | '\u{200F}' | '\u{061C}');
    let unseen = matches!(
        c,
        '\u{200B}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}' | '\u{00AD}' | '\u{034F}' | '\u{180E}' | '\u{2028}' | '\u{2029}'
            | '\u{115F}' | '\u{1160}' | '\u{3164}' | '\u{FFA0}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}'
    );
    // Characters without a meaning in HTML, which a parser would replace or drop.
    let none = (c as u32) & 0xFFFE == 0xFFFE || matches!(c, '\u{FDD0}'..='\u{FDEF}');
    turns || unseen || none || c.is_control() && c != '\n' && c != '\t'
}

/// A string for a style sheet, with its quotes: every character but letters and figures by its number.
pub(super) fn css_string(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        if c.is_ascii_alphanumeric() || !c.is_ascii() && c.is_alphanumeric() {
            out.push(c);
        } else if hidden(c) || c.is_control() {
            out.push(' ');
        } else {
            let _ = write!(out, "\\{:06x}", c as u32);
        }
    }
    out.push('"');
    out
}
