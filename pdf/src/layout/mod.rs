//! From blocks to pages: who stands where, what goes on to the next page, what repeats there.
//!
//! What must stay true: every character of the document is on a page, each text in its order; nothing reaches into the
//! margins; every step either places something or begins a page, so that layout ends.

mod furniture;
mod grid;
mod pictures;
mod prose;

use std::collections::BTreeMap;

use crate::document::{Block, Document};
use crate::error::{Error, Lang};
use crate::font::Fonts;
use crate::page::{Area, Entry, Link, Op, Page, Spot, Text};
use crate::picture::Pictures;
use crate::text::{self, Cell, Style};
use crate::theme;

/// A document laid out.
#[derive(Debug)]
pub struct Laid {
    /// The pages.
    pub pages: Vec<Page>,
    /// The outline.
    pub outline: Vec<Entry>,
    /// Where each exhibit is listed or shown first.
    pub exhibits: BTreeMap<String, Spot>,
    /// The stamp that is written across every page.
    pub stamp: Vec<Cell>,
}

/// Lays a document out on at most `max_pages` pages.
pub fn lay_out(document: &Document, fonts: &mut Fonts, pictures: &Pictures, max_pages: usize) -> Result<Laid, Error> {
    let lang = Lang::of(&document.lang);
    let footer = furniture::footer_lines(document, fonts)?;
    let mut stamp = text::cells(fonts, document.stamp.trim(), theme::STAMP);
    stamp.retain(|cell| cell.ch != '\n');
    let footer_height = (footer.len().saturating_sub(1)) as f32 * theme::FOOTER.leading;
    let mut flow = Flow::new(fonts, lang, max_pages, theme::PAGE.1 - theme::BOTTOM - 20.0 - footer_height);
    flow.title(document)?;
    for (index, block) in document.blocks.iter().enumerate() {
        if !document.repeats_title(index) {
            flow.block(index, block, pictures)?;
        }
    }
    flow.replacements()?;
    let Flow { mut pages, outline, exhibits, .. } = flow;
    furniture::add(&mut pages, document, &footer, &stamp, fonts);
    Ok(Laid { pages, outline, exhibits, stamp })
}

/// The pages so far and the place where the next thing stands.
struct Flow<'a> {
    fonts: &'a mut Fonts,
    lang: Lang,
    max_pages: usize,
    pages: Vec<Page>,
    y: f32,
    bottom: f32,
    outline: Vec<Entry>,
    exhibits: BTreeMap<String, Spot>,
    piece: u32,
}

impl<'a> Flow<'a> {
    fn new(fonts: &'a mut Fonts, lang: Lang, max_pages: usize, bottom: f32) -> Self {
        Self {
            fonts,
            lang,
            max_pages,
            pages: vec![Page::default()],
            y: theme::TOP,
            bottom,
            outline: Vec::new(),
            exhibits: BTreeMap::new(),
            piece: 0,
        }
    }

    fn block(&mut self, index: usize, block: &Block, pictures: &Pictures) -> Result<(), Error> {
        match block {
            Block::Heading { level, text } => self.heading(index, *level, text),
            Block::Paragraph { text } => self.paragraph(text),
            Block::Ask { label, text } => self.ask(label, text),
            Block::Facts { items } => self.facts(items),
            Block::Pairs { items } => self.pairs(items),
            Block::Table { caption, head, widths, code, rows } => {
                let table = grid::Table { caption, head, widths, code, rows };
                table.check(index)?;
                self.table(&table)
            }
            Block::Pictures { items } => self.pictures(items, pictures),
            Block::Notice { tone, text } => self.notice(index, tone, text),
            Block::PageBreak => {
                if self.at_top() {
                    Ok(())
                } else {
                    self.begin_page()
                }
            }
        }
    }

    fn at_top(&self) -> bool {
        self.pages.last().is_none_or(|page| page.ops.is_empty())
    }

    fn room(&self) -> f32 {
        self.bottom - self.y
    }

    fn spot(&self) -> Spot {
        Spot { page: self.pages.len() - 1, y: self.y }
    }

    fn page(&mut self) -> &mut Page {
        self.pages.last_mut().expect("invariant: a flow begins with a page and never takes one away")
    }

    fn begin_page(&mut self) -> Result<(), Error> {
        if self.pages.len() >= self.max_pages {
            return Err(Error::TooManyPages { limit: self.max_pages });
        }
        self.pages.push(Page::default());
        self.y = theme::TOP;
        Ok(())
    }

    /// Begins a page unless `height` fits, or the page is still empty and nothing would be gained.
    fn need(&mut self, height: f32) -> Result<(), Error> {
        if self.room() < height && !self.at_top() { self.begin_page() } else { Ok(()) }
    }

    /// Leaves a distance, which vanishes at the edges of a page.
    fn space(&mut self, height: f32) {
        if !self.at_top() {
            self.y = (self.y + height).min(self.bottom);
        }
    }

    fn next_piece(&mut self) -> u32 {
        self.piece += 1;
        self.piece
    }

    /// Puts a line of text whose line box begins at `top`.
    fn put_line(&mut self, x: f32, top: f32, style: Style, cells: &[Cell], spread: f32, piece: u32) {
        let page = self.page();
        page.links.extend(links(x, top, style, cells, spread));
        if !cells.is_empty() {
            page.ops.push(Op::Text(line(x, top, style, cells, spread, piece)));
        }
    }

    fn put_fill(&mut self, at: Area, ink: theme::Ink) {
        self.page().ops.push(Op::Fill { at, ink });
    }
}

/// A line of text whose line box begins at `top`: the letters stand in the middle of the box.
fn line(x: f32, top: f32, style: Style, cells: &[Cell], spread: f32, piece: u32) -> Text {
    let baseline = top + (style.leading - style.size) / 2.0 + 0.88 * style.size;
    Text { x, baseline, size: style.size, spread, cells: cells.to_vec(), piece }
}

/// The references on a line: neighbours that cite, up to what is no letter or digit.
fn links(x: f32, top: f32, style: Style, cells: &[Cell], spread: f32) -> Vec<Link> {
    let mut links: Vec<Link> = Vec::new();
    let (mut at, mut open) = (x, false);
    for cell in cells {
        let advance = cell.width * style.size + spread;
        let cites = cell.cites && cell.ch.is_alphanumeric();
        match links.last_mut().filter(|_| open) {
            Some(link) if cites => {
                link.at.w += advance;
                link.exhibit.push(cell.ch);
            }
            _ if cites => {
                let at = Area { x: at, y: top, w: advance, h: style.leading };
                links.push(Link { at, exhibit: cell.ch.to_string() });
            }
            _ => {}
        }
        open = cites;
        at += advance;
    }
    links
}
