//! Rows of cells: tables and pairs. A row that does not fit goes on, cell by cell, on the next page, below a repeated head.

use std::ops::Range;

use super::Flow;
use crate::error::Error;
use crate::font::Weight;
use crate::page::Area;
use crate::text::breaks::{self, Mode};
use crate::text::{self, Cell, Style};
use crate::theme::{self, Ink};

/// Columns that a page can hold.
const MOST_COLUMNS: usize = 20;
/// Left and right of a cell's text.
const PAD_X: f32 = 4.0;
/// Above and below a cell's text.
const PAD_Y: f32 = 3.5;

/// A table of the document.
pub(super) struct Table<'a> {
    pub caption: &'a str,
    pub head: &'a [String],
    pub widths: &'a [u16],
    pub code: &'a [usize],
    pub rows: &'a [Vec<String>],
}

/// A cell, broken into lines.
struct Filled {
    cells: Vec<Cell>,
    lines: Vec<Range<usize>>,
    style: Style,
    x: f32,
    piece: u32,
}

/// A row that is drawn again at the top of the pages that a table goes on to.
#[derive(Clone, Copy)]
struct Head<'a>(&'a [Filled]);

impl Table<'_> {
    /// Whether the parts agree.
    pub(super) fn check(&self, index: usize) -> Result<(), Error> {
        let columns = self.head.len();
        let wrong = |detail: String| Err(Error::Block { index, detail });
        if columns == 0 || columns > MOST_COLUMNS {
            return wrong(format!("a table has 1 to {MOST_COLUMNS} columns, this one {columns}"));
        }
        if self.widths.len() != columns || self.widths.contains(&0) {
            return wrong(format!("a table of {columns} columns needs as many widths above 0, not {:?}", self.widths));
        }
        if let Some((at, row)) = self.rows.iter().enumerate().find(|(_, row)| row.len() != columns) {
            return wrong(format!("row {at} has {} cells in a table of {columns} columns", row.len()));
        }
        match self.code.iter().find(|&&column| column >= columns) {
            Some(column) => wrong(format!("code column {column} in a table of {columns} columns, counted from 0")),
            None => Ok(()),
        }
    }

    /// Where each column begins and how wide it is.
    fn columns(&self) -> Vec<(f32, f32)> {
        let whole: f32 = self.widths.iter().map(|&width| f32::from(width)).sum();
        let mut x = theme::SIDE;
        let mut columns = Vec::with_capacity(self.widths.len());
        for &width in self.widths {
            let width = f32::from(width) / whole * theme::WIDTH;
            columns.push((x, width));
            x += width;
        }
        columns
    }
}

impl Flow<'_> {
    pub(super) fn table(&mut self, table: &Table) -> Result<(), Error> {
        let columns = table.columns();
        self.space(4.0);
        self.caption(table.caption)?;
        let head = self.fill(table.head, &columns, |_| theme::HEAD);
        let repeated = height(&head) < 0.3 * (self.bottom - theme::TOP);
        self.need(height(&head).min(200.0) + 2.0 * PAD_Y + theme::CELL.leading)?;
        self.row(&head, Some(Ink::HeadGround), None)?;
        // Repeated heads say again what has been said; they belong to no text of the document.
        let again: Vec<Filled> = head.into_iter().map(|filled| Filled { piece: 0, ..filled }).collect();
        for row in table.rows {
            let filled =
                self.fill(row, &columns, |column| if table.code.contains(&column) { theme::CODE } else { theme::CELL });
            self.keep_row(&filled, repeated.then_some(Head(&again)))?;
            self.remember(row);
            self.row(&filled, None, repeated.then_some(Head(&again)))?;
        }
        self.space(10.0);
        Ok(())
    }

    pub(super) fn pairs(&mut self, items: &[(String, String)]) -> Result<(), Error> {
        let names: Vec<Vec<Cell>> = items.iter().map(|(name, _)| text::cells(self.fonts, name, theme::NAME)).collect();
        let lines = names.iter().flat_map(|cells| cells.split(|cell| cell.ch == '\n'));
        let widest = lines.map(text::width).fold(0.0, f32::max) * theme::NAME.size;
        let first = (widest + 2.0 * PAD_X + 8.0).clamp(60.0, 0.32 * theme::WIDTH);
        for (name, (_, value)) in names.into_iter().zip(items) {
            let value = text::cells(self.fonts, value, theme::VALUE);
            let row = [
                self.filled(name, (theme::SIDE, first), theme::NAME),
                self.filled(value, (theme::SIDE + first, theme::WIDTH - first), theme::VALUE),
            ];
            self.keep_row(&row, None)?;
            self.row(&row, None, None)?;
        }
        self.space(8.0);
        Ok(())
    }

    fn caption(&mut self, caption: &str) -> Result<(), Error> {
        if caption.trim().is_empty() {
            return Ok(());
        }
        let cells = text::cells(self.fonts, caption, theme::CAPTION);
        let piece = self.next_piece();
        for range in breaks::lines(&cells, theme::WIDTH / theme::CAPTION.size, Mode::Words) {
            self.need(70.0)?;
            let y = self.y;
            self.put_line(theme::SIDE, y, theme::CAPTION, &cells[range], 0.0, piece);
            self.y += theme::CAPTION.leading;
        }
        self.space(2.0);
        Ok(())
    }

    fn fill(&mut self, row: &[String], columns: &[(f32, f32)], style: impl Fn(usize) -> Style) -> Vec<Filled> {
        let mut filled = Vec::with_capacity(row.len());
        for (column, words) in row.iter().enumerate() {
            let cells = text::cells(self.fonts, words, style(column));
            filled.push(self.filled(cells, columns[column], style(column)));
        }
        filled
    }

    fn filled(&mut self, cells: Vec<Cell>, (x, width): (f32, f32), style: Style) -> Filled {
        let mode = if style.weight == Weight::Code { Mode::Anywhere } else { Mode::Words };
        let lines = breaks::lines(&cells, (width - 2.0 * PAD_X).max(1.0) / style.size, mode);
        Filled { cells, lines, style, x: x + PAD_X, piece: self.next_piece() }
    }

    /// Begins a page for a row that would otherwise be cut without need.
    fn keep_row(&mut self, row: &[Filled], head: Option<Head>) -> Result<(), Error> {
        let height = height(row);
        if height > self.room() && height < 0.4 * (self.bottom - theme::TOP) { self.next_page(head) } else { Ok(()) }
    }

    fn next_page(&mut self, head: Option<Head>) -> Result<(), Error> {
        self.begin_page()?;
        match head {
            Some(Head(row)) => self.row(row, Some(Ink::HeadGround), None),
            None => Ok(()),
        }
    }

    /// Draws a row over as many pages as it needs.
    fn row(&mut self, row: &[Filled], ground: Option<Ink>, head: Option<Head>) -> Result<(), Error> {
        let mut next: Vec<usize> = vec![0; row.len()];
        loop {
            let fits: Vec<usize> = row.iter().zip(&next).map(|(filled, &from)| self.fitting(filled, from)).collect();
            let left = row.iter().zip(&next).any(|(filled, &from)| from < filled.lines.len());
            if left && fits.iter().all(|&fits| fits == 0) {
                self.next_page(head)?;
                continue;
            }
            self.part(row, &next, &fits, ground);
            for (next, fits) in next.iter_mut().zip(&fits) {
                *next += fits;
            }
            if row.iter().zip(&next).all(|(filled, &next)| next == filled.lines.len()) {
                return Ok(());
            }
            self.next_page(head)?;
        }
    }

    /// How many lines of a cell fit on this page; at the top of a page at least one.
    fn fitting(&self, filled: &Filled, from: usize) -> usize {
        let left = filled.lines.len() - from;
        let room = ((self.room() - 2.0 * PAD_Y + 0.01) / filled.style.leading).floor().max(0.0) as usize;
        left.min(if self.at_top() { room.max(1) } else { room })
    }

    /// Draws the part of a row that is on this page.
    fn part(&mut self, row: &[Filled], next: &[usize], fits: &[usize], ground: Option<Ink>) {
        let tallest = row.iter().zip(fits).map(|(filled, &fits)| fits as f32 * filled.style.leading);
        let height = tallest.fold(0.0, f32::max) + 2.0 * PAD_Y;
        let y = self.y;
        if let Some(ground) = ground {
            self.put_fill(Area { x: theme::SIDE, y, w: theme::WIDTH, h: height }, ground);
        }
        for ((filled, &from), &fits) in row.iter().zip(next).zip(fits) {
            for (at, range) in filled.lines[from..from + fits].iter().enumerate() {
                let top = y + PAD_Y + at as f32 * filled.style.leading;
                self.put_line(filled.x, top, filled.style, &filled.cells[range.clone()], 0.0, filled.piece);
            }
        }
        self.put_fill(Area { x: theme::SIDE, y: y + height - 0.5, w: theme::WIDTH, h: 0.5 }, Ink::Rule);
        self.y += height;
    }

    /// Remembers where an exhibit is listed: the row whose first cell is its name.
    fn remember(&mut self, row: &[String]) {
        let spot = self.spot();
        if let Some(name) = row.first().map(|name| name.trim()).filter(|name| is_exhibit(name)) {
            self.exhibits.entry(name.to_owned()).or_insert(spot);
        }
    }
}

/// Whether a text is the name of an exhibit, as `E01`.
pub(super) fn is_exhibit(name: &str) -> bool {
    name.strip_prefix('E')
        .is_some_and(|number| (1..=4).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit()))
}

fn height(row: &[Filled]) -> f32 {
    row.iter().map(|filled| filled.lines.len() as f32 * filled.style.leading).fold(0.0, f32::max) + 2.0 * PAD_Y
}
