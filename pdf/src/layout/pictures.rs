//! Pictures, two at most in a row, each with its caption and the hash of its file.

use super::Flow;
use super::grid::is_exhibit;
use crate::document::Figure;
use crate::error::Error;
use crate::page::{Area, Op};
use crate::picture::Pictures;
use crate::text::breaks::{self, Mode};
use crate::text::{self, Cell, Style};
use crate::theme::{self, Ink};

/// Between two pictures.
const GAP: f32 = 16.0;
/// The tallest a picture stands: two rows of telephone screens fill a page.
const TALLEST: f32 = 300.0;
/// A pixel is at most this large, so that small pictures are not blown up.
const PIXEL: f32 = 0.75;

/// A line below a picture.
struct Below {
    x: f32,
    style: Style,
    cells: Vec<Cell>,
    piece: u32,
}

impl Flow<'_> {
    pub(super) fn pictures(&mut self, items: &[Figure], pictures: &Pictures) -> Result<(), Error> {
        let each = if items.len() == 1 { theme::WIDTH } else { (theme::WIDTH - GAP) / 2.0 };
        self.space(6.0);
        for pair in items.chunks(2) {
            self.picture_row(pair, each, pictures)?;
        }
        Ok(())
    }

    fn picture_row(&mut self, pair: &[Figure], each: f32, pictures: &Pictures) -> Result<(), Error> {
        let sizes: Vec<(f32, f32)> =
            pair.iter().map(|figure| scaled(pictures.size(&figure.file), each, TALLEST)).collect();
        let columns: Vec<Vec<Below>> = pair
            .iter()
            .enumerate()
            .map(|(at, figure)| self.below(figure, theme::SIDE + at as f32 * (each + GAP), each))
            .collect();
        let tallest = sizes.iter().map(|size| size.1).fold(0.0, f32::max);
        let text =
            columns.iter().map(|column| column.iter().map(|line| line.style.leading).sum::<f32>()).fold(0.0, f32::max);
        self.need(tallest + 4.0 + text.min(120.0))?;
        let y = self.y;
        for (at, (figure, size)) in pair.iter().zip(&sizes).enumerate() {
            let area = Area { x: theme::SIDE + at as f32 * (each + GAP), y, w: size.0, h: size.1 };
            self.page().ops.push(Op::Picture { at: area, index: pictures.index(&figure.file) });
            // After the picture, which viewers round up to whole pixels and would draw over its frame.
            let frame = Area { x: area.x - 0.6, y: y - 0.6, w: size.0 + 1.2, h: size.1 + 1.2 };
            for edge in frame.edges(0.6) {
                self.put_fill(edge, Ink::Rule);
            }
            self.remember_figure(figure);
        }
        self.y += tallest + 4.0;
        self.lines_below(columns)?;
        self.space(12.0);
        Ok(())
    }

    /// The caption and the hash, broken into lines.
    fn below(&mut self, figure: &Figure, x: f32, width: f32) -> Vec<Below> {
        let mut lines = Vec::new();
        let texts = [(&figure.caption, theme::FIGURE, Mode::Words), (&figure.sha256, theme::HASH, Mode::Anywhere)];
        for (words, style, mode) in texts {
            let cells = text::cells(self.fonts, words, style);
            let piece = self.next_piece();
            let ranges = breaks::lines(&cells, width / style.size, mode);
            lines.extend(ranges.into_iter().map(|range| Below { x, style, cells: cells[range].to_vec(), piece }));
        }
        lines
    }

    /// Draws what stands below the pictures, side by side and on over pages if a caption is that long.
    fn lines_below(&mut self, columns: Vec<Vec<Below>>) -> Result<(), Error> {
        let mut rest: Vec<std::collections::VecDeque<Below>> = columns.into_iter().map(Into::into).collect();
        while rest.iter().any(|column| !column.is_empty()) {
            self.need(theme::FIGURE.leading)?;
            let (top, mut lowest) = (self.y, self.y);
            for column in &mut rest {
                let mut y = top;
                while let Some(line) = column.front().filter(|line| y + line.style.leading <= self.bottom + 0.01) {
                    self.put_line(line.x, y, line.style, &line.cells, 0.0, line.piece);
                    y += line.style.leading;
                    column.pop_front();
                }
                lowest = f32::max(lowest, y);
            }
            self.y = lowest;
            if rest.iter().any(|column| !column.is_empty()) {
                self.begin_page()?;
            }
        }
        Ok(())
    }

    /// Remembers where an exhibit is shown that no table lists: a caption that begins with its name.
    fn remember_figure(&mut self, figure: &Figure) {
        let name: String = figure.caption.chars().take_while(char::is_ascii_alphanumeric).collect();
        let spot = self.spot();
        if is_exhibit(&name) {
            self.exhibits.entry(name).or_insert(spot);
        }
    }
}

/// A picture's size on the page: as wide as its column or as tall as allowed, never larger than its pixels.
fn scaled((width, height): (u32, u32), room: f32, tallest: f32) -> (f32, f32) {
    let (width, height) = (width.max(1) as f32, height.max(1) as f32);
    let scale = (room / width).min(tallest / height).min(PIXEL);
    ((width * scale).max(1.0), (height * scale).max(1.0))
}

#[cfg(test)]
mod tests {
    use super::scaled;

    #[test]
    fn pictures_fit_their_column_and_keep_their_shape() {
        assert_eq!(scaled((1000, 500), 200.0, 300.0), (200.0, 100.0));
        assert_eq!(scaled((1000, 3000), 200.0, 300.0), (100.0, 300.0));
    }

    #[test]
    fn small_pictures_are_not_blown_up() {
        assert_eq!(scaled((100, 40), 200.0, 300.0), (75.0, 30.0));
    }

    #[test]
    fn a_picture_as_thin_as_a_hair_can_still_be_drawn() {
        assert_eq!(scaled((1, 30_000), 200.0, 300.0), (1.0, 300.0));
    }
}
