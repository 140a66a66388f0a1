//! Writes an appeal dossier as PDF/A with embedded Chinese fonts.
//!
//! A [`Document`], plain text in plain blocks, is laid out on pages and written as PDF/A-2b. It is a
//! program of its own so that the main build carries neither a PDF library nor fonts. What must stay true: nothing of the
//! text is lost in silence, text is never markup, and equal documents with equal fonts give equal bytes.

pub mod check;
pub mod date;
pub mod document;
pub mod error;
pub mod font;
pub mod layout;
pub mod page;
pub mod picture;
pub mod text;
pub mod theme;
pub mod write;

use std::path::Path;

use document::Document;
use error::{Error, Lang};
use font::{Choice, Fonts, Replaced};
use layout::Laid;
use picture::Pictures;

/// The largest JSON that is read.
pub const MOST_JSON: usize = 16 << 20;
/// Pages of a document unless the caller allows more.
pub const MOST_PAGES: usize = 1000;

/// How to render.
#[derive(Clone, Debug)]
pub struct Options<'a> {
    /// The folder of the pictures.
    pub files: &'a Path,
    /// The fonts.
    pub fonts: Choice,
    /// The most pages.
    pub max_pages: usize,
}

/// A rendered document.
#[derive(Debug)]
pub struct Rendered {
    /// The PDF.
    pub bytes: Vec<u8>,
    /// What is not drawn as itself.
    pub replaced: Vec<Replaced>,
    /// The pages, for the comparison of their text.
    pub laid: Laid,
}

/// Reads a document.
pub fn parse(json: &[u8]) -> Result<Document, Error> {
    if json.len() > MOST_JSON {
        return Err(Error::InputTooLarge { limit: MOST_JSON });
    }
    serde_json::from_slice(json).map_err(|error| Error::Json { detail: error.to_string() })
}

/// Renders a document.
pub fn render(document: &Document, options: &Options) -> Result<Rendered, Error> {
    date::parse(&document.made_at)?;
    let mut fonts = Fonts::open(&options.fonts, Lang::of(&document.lang))?;
    let pictures = Pictures::load(document, options.files)?;
    let laid = layout::lay_out(document, &mut fonts, &pictures, options.max_pages)?;
    let bytes = write::write(document, &laid, &fonts, &pictures)?;
    Ok(Rendered { bytes, replaced: fonts.report(), laid })
}
