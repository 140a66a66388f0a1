//! What every page has: the footer with the page's number, and the stamp in the corner.

use super::line;
use crate::document::Document;
use crate::error::{Error, Lang};
use crate::font::Fonts;
use crate::page::{Area, Op, Page};
use crate::text::breaks::{self, Mode};
use crate::text::{self, Cell};
use crate::theme::{self, Ink};

/// Kept free for the page's number.
const NUMBER_WIDTH: f32 = 110.0;

/// The footer, broken into lines.
pub(super) fn footer_lines(document: &Document, fonts: &mut Fonts) -> Result<Vec<Vec<Cell>>, Error> {
    let cells = text::cells(fonts, &document.footer, theme::FOOTER);
    let lines = breaks::lines(&cells, (theme::WIDTH - NUMBER_WIDTH) / theme::FOOTER.size, Mode::Words);
    if lines.len() > theme::FOOTER_LINES {
        return Err(Error::FooterTooLong { lines: lines.len(), limit: theme::FOOTER_LINES });
    }
    Ok(lines.into_iter().map(|range| cells[range].to_vec()).collect())
}

/// Adds footer, number and corner stamp to every page.
pub(super) fn add(pages: &mut [Page], document: &Document, footer: &[Vec<Cell>], stamp: &[Cell], fonts: &mut Fonts) {
    let count = pages.len();
    let top = theme::PAGE.1 - theme::BOTTOM - (footer.len().max(1) - 1) as f32 * theme::FOOTER.leading;
    for (at, page) in pages.iter_mut().enumerate() {
        let rule = Area { x: theme::SIDE, y: top - 4.0, w: theme::WIDTH, h: 0.5 };
        page.ops.push(Op::Fill { at: rule, ink: Ink::Rule });
        for (nth, cells) in footer.iter().enumerate().filter(|(_, cells)| !cells.is_empty()) {
            let y = top + nth as f32 * theme::FOOTER.leading;
            page.ops.push(Op::Text(line(theme::SIDE, y, theme::FOOTER, cells, 0.0, 0)));
        }
        let number = text::cells(fonts, &page_number(&document.lang, at + 1, count), theme::FOOTER);
        let x = theme::SIDE + theme::WIDTH - text::width(&number) * theme::FOOTER.size;
        page.ops.push(Op::Text(line(x, top, theme::FOOTER, &number, 0.0, 0)));
        corner_stamp(page, stamp);
    }
}

fn page_number(lang: &str, page: usize, count: usize) -> String {
    match Lang::of(lang) {
        Lang::Zh => format!("第 {page} 页 / 共 {count} 页"),
        Lang::En => format!("Page {page} of {count}"),
    }
}

/// The stamp in a frame, upper right.
fn corner_stamp(page: &mut Page, cells: &[Cell]) {
    if cells.is_empty() {
        return;
    }
    let mut style = theme::STAMP;
    style.size = style.size.min((theme::WIDTH - 16.0) / text::width(cells));
    let width = text::width(cells) * style.size + 16.0;
    let (x, y, h) = (theme::SIDE + theme::WIDTH - width, 26.0, style.leading + 2.0);
    for at in (Area { x, y, w: width, h }).edges(0.9) {
        page.ops.push(Op::Fill { at, ink: Ink::Alarm });
    }
    page.ops.push(Op::Text(line(x + 8.0, y + 1.0, style, cells, 0.0, 0)));
}
