//! A document as one HTML file: no script, nothing loaded, readable on a screen and printed on A4.
//!
//! What must stay true: all text is escaped, and characters that are not seen or turn text around are shown by their numbers; the
//! policy of the file allows its own style and pictures only; the same document gives the same bytes.

mod blocks;
mod style;
mod text;

use std::fmt::Write as _;

pub(crate) use text::hidden as is_shown_by_number;

use super::Document;

/// Renders a document. `pictures` gives a figure's bytes by its path; where it gives none, the path and digest stand instead.
pub fn render(document: &Document, pictures: impl Fn(&str) -> Option<Vec<u8>>) -> String {
    let Document { title, lang, case_id, made_at, stamp, footer, blocks } = document;
    let mut out = String::with_capacity(16 * 1024);
    let lang = if lang == "en" { "en" } else { "zh-CN" };
    let _ = write!(out, "<!DOCTYPE html>\n<html lang=\"{lang}\">\n<head>\n<meta charset=\"utf-8\">\n");
    out.push_str("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'\">\n");
    out.push_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    out.push_str("<meta name=\"referrer\" content=\"no-referrer\">\n");
    let _ = writeln!(out, "<title>{} · {}</title>", text::plain(title), text::plain(case_id));
    out.push_str("<style>\n");
    out.push_str(style::STYLE);
    style::page_margins(&mut out, footer);
    out.push_str("</style>\n</head>\n<body>\n");
    out.push_str("<main>\n");
    if !stamp.is_empty() {
        let long = if stamp.chars().count() > 5 { " long" } else { "" };
        let stamp = text::inline(stamp);
        let _ = writeln!(out, "<div class=\"watermark{long}\" aria-hidden=\"true\"><span>{stamp}</span></div>");
    }
    out.push_str("<header>");
    let _ = write!(out, "<span>{}</span>", text::inline(case_id));
    if !stamp.is_empty() {
        let _ = write!(out, "<strong class=\"stamp\">{}</strong>", text::inline(stamp));
    }
    let _ = writeln!(out, "<time>{}</time></header>", text::inline(made_at));
    for block in blocks {
        blocks::write(&mut out, block, &pictures);
    }
    let _ = writeln!(out, "<footer>{}</footer>", text::inline(footer));
    out.push_str("</main>\n</body>\n</html>\n");
    out
}
