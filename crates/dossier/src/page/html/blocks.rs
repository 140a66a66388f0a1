use std::fmt::Write as _;

use base64::Engine as _;

use super::super::{Block, Cited, Figure};
use super::text::{inline, plain};

/// Writes one block.
pub(super) fn write(out: &mut String, block: &Block, pictures: &impl Fn(&str) -> Option<Vec<u8>>) {
    let _ = match block {
        Block::Heading { level, text } => {
            let level = (*level).clamp(1, 3);
            writeln!(out, "<h{level}>{}</h{level}>", inline(text))
        }
        Block::Paragraph { text } => writeln!(out, "<p>{}</p>", inline(text)),
        Block::Ask { label, text } => {
            writeln!(out, "<section class=\"ask\"><span>{}</span><p>{}</p></section>", inline(label), inline(text))
        }
        Block::Notice { tone, text } => {
            let tone = ["missing", "warning"].into_iter().find(|known| known == tone).unwrap_or("info");
            writeln!(out, "<p class=\"notice {tone}\">{}</p>", inline(text))
        }
        Block::PageBreak => writeln!(out, "<div class=\"break\"></div>"),
        Block::Facts { items } => facts(out, items),
        Block::Pairs { items } => pairs(out, items),
        Block::Table { caption, head, widths, code, rows } => table(out, caption, head, widths, code, rows),
        Block::Pictures { items } => figures(out, items, pictures),
    };
}

fn facts(out: &mut String, items: &[Cited]) -> std::fmt::Result {
    out.push_str("<ol class=\"facts\">\n");
    for Cited { text, exhibits } in items {
        write!(out, "<li>{}", inline(text))?;
        for exhibit in exhibits {
            write!(out, "<span class=\"cite\">[{}]</span>", inline(exhibit))?;
        }
        out.push_str("</li>\n");
    }
    writeln!(out, "</ol>")
}

fn pairs(out: &mut String, items: &[(String, String)]) -> std::fmt::Result {
    out.push_str("<dl>\n");
    for (name, value) in items {
        writeln!(out, "<dt>{}</dt><dd>{}</dd>", inline(name), inline(value))?;
    }
    writeln!(out, "</dl>")
}

fn table(
    out: &mut String,
    caption: &str,
    head: &[String],
    widths: &[u16],
    code: &[usize],
    rows: &[Vec<String>],
) -> std::fmt::Result {
    out.push_str("<table>\n");
    if !caption.is_empty() {
        writeln!(out, "<caption>{}</caption>", inline(caption))?;
    }
    let whole = widths.iter().map(|width| u32::from(*width)).sum::<u32>().max(1);
    out.push_str("<colgroup>");
    for width in widths {
        // Thousandths in whole numbers, so that every machine writes the same.
        let part = u32::from(*width) * 1_000 / whole;
        write!(out, "<col style=\"width:{}.{}%\">", part / 10, part % 10)?;
    }
    out.push_str("</colgroup>\n<thead><tr>");
    for name in head {
        write!(out, "<th scope=\"col\">{}</th>", inline(name))?;
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for row in rows {
        out.push_str("<tr>");
        for (column, cell) in row.iter().enumerate() {
            match code.contains(&column) {
                true => write!(out, "<td><code>{}</code></td>", inline(cell))?,
                false => write!(out, "<td>{}</td>", inline(cell))?,
            }
        }
        out.push_str("</tr>\n");
    }
    writeln!(out, "</tbody>\n</table>")
}

fn figures(out: &mut String, items: &[Figure], pictures: &impl Fn(&str) -> Option<Vec<u8>>) -> std::fmt::Result {
    out.push_str("<div class=\"pictures\">\n");
    for Figure { caption, file, sha256 } in items {
        out.push_str("<figure>");
        let bytes = pictures(file);
        match bytes.as_deref().and_then(|bytes| Some((media_type(bytes)?, bytes))) {
            Some((media_type, bytes)) => {
                let data = base64::engine::general_purpose::STANDARD.encode(bytes);
                write!(out, "<img alt=\"{}\" src=\"data:{media_type};base64,{data}\">", plain(caption))?;
            }
            None => write!(out, "<div class=\"none\">{}</div>", inline(file))?,
        }
        writeln!(out, "<figcaption>{}<code>SHA-256 {}</code></figcaption></figure>", inline(caption), inline(sha256))?;
    }
    writeln!(out, "</div>")
}

/// What a browser shows without a script in it: SVG is left out.
fn media_type(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => Some("image/png"),
        [0xFF, 0xD8, 0xFF, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', ..] => Some("image/gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}
