//! Galleries: a brand's own pictures, prepared once so that millions of suspects can be held against them.
//!
//! A gallery is a folder of immutable segments, of which `gallery.json` says which count; removals are appended to a file. What is
//! changed is written beside and put in place by rename, then mapped and read in place. What must stay true: what was tampered with
//! or cut off is refused or, where only a full check can tell ([`Gallery::verify`]), at worst gives fewer or wrong matches, never a
//! panic; the same pictures give the same bytes; whoever is killed half-way leaves the gallery as it was.

mod build;
mod error;
mod exchange;
mod format;
mod manifest;
mod segment;
mod set;
mod store;
mod write;

pub use build::{Options, Report, Skipped, add, build, read, stem};
pub use error::GalleryError;
pub use exchange::{read_hashes, write_hashes};
pub use manifest::MANIFEST;
pub use segment::{Picture, Segment};
pub use set::Gallery;
pub use store::{Added, Store};
pub use write::{Entry, Prepared, prepare};
