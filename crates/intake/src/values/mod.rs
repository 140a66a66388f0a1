//! Reads single values as people write them: prices with currency signs, dates in a dozen shapes, lists of pictures.
//!
//! Every reader here is a pure function of one text. What it cannot read it says so of; the caller then leaves the
//! column null and keeps the original under `attributes`, so that nothing is guessed and nothing is lost.

pub(crate) mod identity;
pub(crate) mod images;
pub(crate) mod number;
pub(crate) mod price;
pub(crate) mod time;
