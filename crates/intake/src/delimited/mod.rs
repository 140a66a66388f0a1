//! Cells between separators: CSV, TSV, and the odd separators that exports use.
//!
//! [`split`] finds where records end (a cell in quotes may hold line feeds), [`parse`] reads the cells of one record, and
//! [`dialect`] finds out which separator a file uses. The first two must agree on what a quote means.

pub(crate) mod dialect;
pub(crate) mod parse;
pub(crate) mod split;
