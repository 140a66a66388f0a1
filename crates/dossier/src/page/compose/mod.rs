//! The documents of a dossier, made from a case and what was found of it.
//!
//! The cover is one page and read in half a minute: what is asked, three facts, how many exhibits, until when. What must stay
//! true: nothing is told here that the case, its rows, the tables and the check do not say; the page on completeness is the
//! merchant's own and is never sent.

mod compare;
mod completeness;
mod cover;
mod exhibits;
mod timeline;

use huoyan_model::{Locale, Localized};

use super::{Block, Document};
use crate::assemble::CopyNote;
use crate::case::Case;
use crate::check::{Completeness, Tables};
use crate::deadline::Instant;
use crate::records::{Place, Row};
use crate::statement::Statement;
use crate::timeline::Timeline;

/// What the documents are made from.
#[derive(Clone, Copy, Debug)]
pub struct Material<'m> {
    /// The case.
    pub case: &'m Case,
    /// The rows of its exhibits.
    pub rows: &'m [(Place, Row)],
    /// The course of its orders.
    pub timeline: &'m Timeline,
    /// What it lacks.
    pub completeness: &'m Completeness,
    /// Its statement, in the language of the documents.
    pub statement: &'m Statement,
    /// What goes out of each exhibit; `None` until copies are made.
    pub copies: Option<&'m [CopyNote]>,
    /// The tables of types and targets.
    pub tables: &'m Tables<'m>,
    /// The fingerprint of the key that signs; `None` until it is known.
    pub signer: Option<&'m str>,
    /// When the documents are made.
    pub now: Instant,
    /// Their language.
    pub locale: Locale,
}

/// A document with its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Composed {
    /// The name of its files, without their ending: `00-封面与陈述`.
    pub name: String,
    /// Whether it is sent; what is not is for the merchant alone.
    pub sent: bool,
    /// The document.
    pub document: Document,
}

/// Makes the documents: cover and statement, timeline, exhibits, comparisons where there are any, and completeness.
pub fn compose(material: &Material) -> Vec<Composed> {
    let Material { locale, .. } = *material;
    let mut made = Vec::new();
    let mut add = |name: Localized, sent, title: Localized, blocks: Vec<Block>| {
        let (name, document) = (name.get(locale).to_owned(), document(material, title.get(locale), blocks));
        made.push(Composed { name, sent, document });
    };
    let title = cover::title(material);
    add(("00-封面与陈述", "00-cover-and-statement").into(), true, title, cover::blocks(material));
    add(("01-时间线", "01-timeline").into(), true, ("时间线", "Timeline").into(), timeline::blocks(material));
    add(("02-证据清单", "02-exhibits").into(), true, ("证据清单", "Exhibits").into(), exhibits::blocks(material));
    let pairs = compare::pairs(material.case);
    if !pairs.is_empty() {
        let title = ("图片对照", "Pictures side by side");
        add(("03-图片对照", "03-pictures").into(), true, title.into(), compare::blocks(&pairs, locale));
    }
    let title = ("完整性检查（商家自用，不随申诉提交）", "Completeness (for the shop alone, not sent)");
    add(("完整性检查-自用", "completeness-own").into(), false, title.into(), completeness::blocks(material));
    made
}

fn document(material: &Material, title: &str, blocks: Vec<Block>) -> Document {
    let Material { case, completeness, locale, now, .. } = *material;
    let stamp = if completeness.complete { Localized::default() } else { ("未完整", "INCOMPLETE").into() };
    let shop = shorten(if case.shop.name.is_empty() { &case.shop.id } else { &case.shop.name }, 40);
    Document {
        title: title.to_owned(),
        lang: if locale == Locale::Zh { "zh-CN" } else { "en" }.to_owned(),
        case_id: case.id.clone(),
        made_at: now.to_china().to_string(),
        stamp: stamp.get(locale).to_owned(),
        footer: format!("{} · {shop} · {title}", case.id),
        blocks: std::iter::once(Block::Heading { level: 1, text: title.to_owned() }).chain(blocks).collect(),
    }
}

/// The beginning of a text, on one line, with `…` where something was left out; at most as wide as so many letters.
fn shorten(text: &str, most: usize) -> String {
    let line: Vec<&str> = text.split_whitespace().collect();
    let line = line.join(" ");
    let (mut wide, mut short) = (0, String::new());
    for c in line.chars() {
        wide += letters(c);
        if wide > most {
            short.push('…');
            return short;
        }
        short.push(c);
    }
    line
}

/// How many letters wide a character is at most: a Chinese one is two, one that is shown by its number is eight.
fn letters(c: char) -> usize {
    match c {
        ' '..='~' => 1,
        c if super::html::is_shown_by_number(c) => 8,
        c if c.is_ascii() => 1,
        _ => 2,
    }
}

fn table(caption: &str, columns: &[(&str, u16)], code: &[usize], rows: Vec<Vec<String>>) -> Block {
    Block::Table {
        caption: caption.to_owned(),
        head: columns.iter().map(|(name, _)| (*name).to_owned()).collect(),
        widths: columns.iter().map(|(_, width)| *width).collect(),
        code: code.to_vec(),
        rows,
    }
}

fn heading(text: &str) -> Block {
    Block::Heading { level: 2, text: text.to_owned() }
}

fn paragraph(text: impl Into<String>) -> Block {
    Block::Paragraph { text: text.into() }
}

fn notice(tone: &str, text: impl Into<String>) -> Block {
    Block::Notice { tone: tone.to_owned(), text: text.into() }
}
