//! Pages as they will be drawn: what stands where, in points from the upper left corner.

use crate::text::Cell;
use crate::theme::Ink;

/// Something on a page.
#[derive(Clone, Debug, PartialEq)]
pub enum Op {
    /// A line of text.
    Text(Text),
    /// A filled rectangle.
    Fill {
        /// Where.
        at: Area,
        /// The colour.
        ink: Ink,
    },
    /// A picture, by its place among the document's pictures.
    Picture {
        /// Where.
        at: Area,
        /// Its place among the pictures.
        index: usize,
    },
}

/// A line of text.
#[derive(Clone, Debug, PartialEq)]
pub struct Text {
    /// Where it begins.
    pub x: f32,
    /// The line on which the letters stand.
    pub baseline: f32,
    /// The size in points.
    pub size: f32,
    /// Added after each character so that both edges of a paragraph are straight, in points.
    pub spread: f32,
    /// The characters.
    pub cells: Vec<Cell>,
    /// The text of the document that it is part of, counted from 1 in the order of layout; 0 for what the pages add.
    pub piece: u32,
}

/// A rectangle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Area {
    /// Left.
    pub x: f32,
    /// Top.
    pub y: f32,
    /// Width.
    pub w: f32,
    /// Height.
    pub h: f32,
}

/// A page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// What is on it, in reading order.
    pub ops: Vec<Op>,
    /// References to exhibits.
    pub links: Vec<Link>,
}

/// A reference that leads to the row or picture of its exhibit.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// Where it stands.
    pub at: Area,
    /// The exhibit, as `E01`.
    pub exhibit: String,
}

/// A place in the document.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spot {
    /// The page, from 0.
    pub page: usize,
    /// From the top.
    pub y: f32,
}

/// An entry of the outline.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// 1 to 3.
    pub level: u8,
    /// The heading.
    pub text: String,
    /// Where it stands.
    pub spot: Spot,
}

impl Area {
    /// The four edges of a frame that runs within the rectangle.
    pub fn edges(self, thick: f32) -> [Area; 4] {
        let Area { x, y, w, h } = self;
        [
            Area { x, y, w, h: thick },
            Area { x, y: y + h - thick, w, h: thick },
            Area { x, y, w: thick, h },
            Area { x: x + w - thick, y, w: thick, h },
        ]
    }
}

impl Text {
    /// The text that is seen.
    pub fn shown(&self) -> String {
        crate::text::shown(&self.cells)
    }
}

impl Page {
    /// The lines of text of the page.
    pub fn texts(&self) -> impl Iterator<Item = &Text> {
        self.ops.iter().filter_map(|op| match op {
            Op::Text(text) => Some(text),
            _ => None,
        })
    }
}
