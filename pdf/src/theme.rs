//! Sizes, distances and colours of the pages, in points. A4 upright.

use crate::font::Weight;
use crate::text::Style;

/// The page.
pub const PAGE: (f32, f32) = (595.28, 841.89);
/// Left and right of the text.
pub const SIDE: f32 = 56.0;
/// Above the text.
pub const TOP: f32 = 56.0;
/// Below the text, without the footer.
pub const BOTTOM: f32 = 40.0;
/// The width of the text.
pub const WIDTH: f32 = PAGE.0 - 2.0 * SIDE;
/// Lines that a footer may take.
pub const FOOTER_LINES: usize = 4;

/// A colour by its role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// Running text.
    Text,
    /// What stands back: footers, hashes, captions.
    Quiet,
    /// Headings and references.
    Accent,
    /// A warning, the stamp.
    Alarm,
    /// Something is missing.
    Amber,
    /// The line of a table.
    Rule,
    /// The ground of a table's head.
    HeadGround,
    /// The ground of what is asked for.
    AskGround,
    /// The ground of an information.
    InfoGround,
    /// The ground of something missing.
    AmberGround,
    /// The ground of a warning.
    AlarmGround,
}

impl Ink {
    /// Red, green and blue.
    pub fn rgb(self) -> (u8, u8, u8) {
        match self {
            Self::Text => (0x1c, 0x1f, 0x24),
            Self::Quiet => (0x5f, 0x67, 0x72),
            Self::Accent => (0x1a, 0x4b, 0x8c),
            Self::Alarm => (0xb4, 0x23, 0x18),
            Self::Amber => (0xa8, 0x62, 0x00),
            Self::Rule => (0xc3, 0xc9, 0xd1),
            Self::HeadGround => (0xee, 0xf1, 0xf5),
            Self::AskGround => (0xf1, 0xf5, 0xfb),
            Self::InfoGround => (0xf3, 0xf6, 0xfa),
            Self::AmberGround => (0xfd, 0xf5, 0xe6),
            Self::AlarmGround => (0xfd, 0xf0, 0xee),
        }
    }
}

const fn style(size: f32, leading: f32, weight: Weight, ink: Ink) -> Style {
    Style { size, leading, weight, ink }
}

/// The title of the first page.
pub const TITLE: Style = style(20.0, 28.0, Weight::Bold, Ink::Text);
/// The case and the time below the title.
pub const BYLINE: Style = style(9.0, 14.0, Weight::Regular, Ink::Quiet);
/// Headings of level 1, 2 and 3.
pub const HEADINGS: [Style; 3] = [
    style(15.0, 23.0, Weight::Bold, Ink::Accent),
    style(12.5, 20.0, Weight::Bold, Ink::Accent),
    style(10.5, 17.0, Weight::Bold, Ink::Text),
];
/// Running text.
pub const BODY: Style = style(10.5, 17.5, Weight::Regular, Ink::Text);
/// The number of a fact.
pub const NUMBER: Style = style(10.5, 17.5, Weight::Bold, Ink::Accent);
/// A reference to an exhibit.
pub const CITE: Style = style(10.5, 17.5, Weight::Bold, Ink::Accent);
/// The label of what is asked for.
pub const ASK_LABEL: Style = style(10.5, 16.0, Weight::Bold, Ink::Accent);
/// What is asked for.
pub const ASK: Style = style(16.0, 25.0, Weight::Bold, Ink::Text);
/// The name of a pair.
pub const NAME: Style = style(10.0, 15.5, Weight::Bold, Ink::Quiet);
/// The value of a pair.
pub const VALUE: Style = style(10.0, 15.5, Weight::Regular, Ink::Text);
/// The caption of a table.
pub const CAPTION: Style = style(10.0, 16.0, Weight::Bold, Ink::Text);
/// The head of a table.
pub const HEAD: Style = style(9.0, 13.5, Weight::Bold, Ink::Text);
/// The cell of a table.
pub const CELL: Style = style(9.0, 13.5, Weight::Regular, Ink::Text);
/// The cell of a code column.
pub const CODE: Style = style(8.0, 13.5, Weight::Code, Ink::Text);
/// The caption of a picture.
pub const FIGURE: Style = style(9.0, 13.5, Weight::Regular, Ink::Text);
/// The hash of a picture.
pub const HASH: Style = style(6.2, 10.0, Weight::Code, Ink::Quiet);
/// A notice.
pub const NOTICE: Style = style(9.5, 15.0, Weight::Regular, Ink::Text);
/// The footer.
pub const FOOTER: Style = style(8.0, 12.0, Weight::Regular, Ink::Quiet);
/// The stamp in the upper corner of a page.
pub const STAMP: Style = style(11.0, 16.0, Weight::Bold, Ink::Alarm);
