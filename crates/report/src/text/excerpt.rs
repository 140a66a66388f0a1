//! A piece of a text that fits a terminal line, with what is around a span.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::sanitise::push_sanitised;

/// A piece of text around a span, sanitised and cut to a width in columns.
pub(super) struct Excerpt {
    pub(super) before: String,
    pub(super) marked: String,
    pub(super) after: String,
}

impl Excerpt {
    pub(super) fn of(text: &str, span: Option<(usize, usize)>, columns: usize) -> Self {
        let (start, end) = span.unwrap_or((0, 0));
        let marked = head(text[start..end].chars(), columns);
        let rest = columns.saturating_sub(marked.width());
        let (left, right) = (text[..start].chars(), text[end..].chars());
        // A third before and the rest after: what follows a match mostly explains it.
        let before = tail(left, if end == start { 0 } else { rest / 3 });
        let after = head(right, columns.saturating_sub(marked.width() + before.width()));
        Self { before, marked, after }
    }
}

fn shown(c: char) -> String {
    let mut piece = String::new();
    push_sanitised(c, &mut piece);
    piece
}

fn piece_width(piece: &str) -> usize {
    piece.chars().map(|c| c.width().unwrap_or(0)).sum()
}

/// As many characters from the front as fit, with `…` where some are left out.
fn head(mut chars: std::str::Chars<'_>, columns: usize) -> String {
    let mut out = String::new();
    let mut used = 0;
    while let Some(c) = chars.next() {
        let piece = shown(c);
        let width = piece_width(&piece);
        if used + width > columns.saturating_sub(usize::from(!chars.as_str().is_empty())) {
            out.push('…');
            return out;
        }
        used += width;
        out.push_str(&piece);
    }
    out
}

/// As many characters from the back as fit, with `…` where some are left out.
fn tail(mut chars: std::str::Chars<'_>, columns: usize) -> String {
    let mut pieces = Vec::new();
    let mut used = 0;
    while let Some(c) = chars.next_back() {
        let piece = shown(c);
        let width = piece_width(&piece);
        if used + width > columns.saturating_sub(usize::from(!chars.as_str().is_empty())) {
            pieces.push("…".to_owned());
            break;
        }
        used += width;
        pieces.push(piece);
    }
    pieces.reverse();
    pieces.concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_excerpt_keeps_the_span_and_fits_the_width() {
        let text = format!("{}加薇信{}", "好".repeat(200), "货".repeat(200));
        let start = text.find('加').unwrap();
        let excerpt = Excerpt::of(&text, Some((start, start + 9)), 60);
        assert_eq!(excerpt.marked, "加薇信");
        assert!(excerpt.before.starts_with('…') && excerpt.after.ends_with('…'));
        let width = excerpt.before.width() + excerpt.marked.width() + excerpt.after.width();
        assert!((55..=60).contains(&width), "{width}");
    }

    #[test]
    fn a_short_text_is_shown_whole() {
        let excerpt = Excerpt::of("全网最低价", Some((0, 6)), 60);
        assert_eq!((excerpt.before.as_str(), excerpt.marked.as_str(), excerpt.after.as_str()), ("", "全网", "最低价"));
    }

    #[test]
    fn without_a_span_the_front_is_shown() {
        let excerpt = Excerpt::of(&"字".repeat(100), None, 21);
        assert_eq!((excerpt.before.as_str(), excerpt.marked.as_str()), ("", ""));
        assert_eq!(excerpt.after, format!("{}…", "字".repeat(10)));
    }
}
