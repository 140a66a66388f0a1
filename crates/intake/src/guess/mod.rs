//! Guesses what a file holds: the row that names its columns, the kind of its records, and which column is which field.
//!
//! All formats come here as a [`Sample`], so that a CSV and a JSONL of the same shop are understood the same way. A guess
//! is always printed and can always be overruled; when nothing speaks for listings or reviews, the file is refused with
//! the reason rather than scanned as something it is not.

pub(crate) mod columns;
pub(crate) mod foreign;
pub(crate) mod header;
pub(crate) mod names;
pub(crate) mod profile;

/// The first rows of an input, as texts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sample {
    /// Names of the columns, where the format or a header row tells them.
    pub headers: Vec<String>,
    /// Cells by row; a row may be shorter or longer than the headers. Empty means null.
    pub rows: Vec<Vec<String>>,
}
