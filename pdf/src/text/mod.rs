//! Text turned into glyphs, and glyphs into lines.

pub mod breaks;
mod squeeze;

pub use squeeze::squeeze;

use crate::font::{Fonts, Weight};
use crate::theme::Ink;

/// A character that stands on a line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cell {
    /// The character that is seen, `\n` for the end of a line.
    pub ch: char,
    /// The face, an index into the fonts.
    pub face: u16,
    /// The glyph's number.
    pub id: u32,
    /// The width in ems.
    pub width: f32,
    /// The colour.
    pub ink: Ink,
    /// Whether it belongs to the reference to an exhibit.
    pub cites: bool,
}

/// How a text is set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Style {
    /// The size in points.
    pub size: f32,
    /// The height of a line in points.
    pub leading: f32,
    /// The face.
    pub weight: Weight,
    /// The colour.
    pub ink: Ink,
}

/// The cells of a text. Every way to end a line becomes `\n`.
pub fn cells(fonts: &mut Fonts, text: &str, style: Style) -> Vec<Cell> {
    let mut cells = Vec::with_capacity(text.len() / 2);
    let mut chars = text.chars().peekable();
    while let Some(ch) = chars.next() {
        let (ch, wider) = match ch {
            '\r' if chars.peek() == Some(&'\n') => continue,
            '\r' | '\n' | '\u{0B}' | '\u{0C}' | '\u{85}' | '\u{2028}' | '\u{2029}' => {
                cells.push(Cell { ch: '\n', face: 0, id: 0, width: 0.0, ink: style.ink, cites: false });
                continue;
            }
            '\t' => (' ', 4.0),
            ch => (ch, 1.0),
        };
        if let Some(glyph) = fonts.glyph(ch, style.weight) {
            cells.push(Cell {
                ch: glyph.shown,
                face: glyph.face as u16,
                id: glyph.id,
                width: glyph.width * wider,
                ink: style.ink,
                cites: false,
            });
        }
    }
    if style.weight != Weight::Code {
        squeeze(&mut cells);
    }
    cells
}

/// The width of cells in ems.
pub fn width(cells: &[Cell]) -> f32 {
    cells.iter().map(|cell| cell.width).sum()
}

/// The text that cells show.
pub fn shown(cells: &[Cell]) -> String {
    cells.iter().map(|cell| cell.ch).collect()
}
