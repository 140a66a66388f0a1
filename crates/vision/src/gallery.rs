//! Galleries: a brand's own pictures, prepared once so that millions of suspects can be held against them.
//!
//! A gallery file is one immutable segment: written whole, put in place by rename, mapped and read in place. What must
//! stay true: a file that was tampered with or cut off is refused or, where only a full check can tell ([`Gallery::verify`]), at
//! worst gives wrong matches, never a panic; the same pictures give the same bytes.

mod build;
mod format;
mod open;
mod write;

pub use build::{BuildReport, Options, Skipped, build};
pub use format::GalleryError;
pub use open::{Gallery, Picture};
pub use write::{Entry, Prepared, assemble, prepare};
