//! Detector `prohibited-keyword`: suspected prohibited goods and advertising claims in listings. The smallest readable
//! detector: read this one first.
//!
//! The rules are data (`rules/*.toml`, `contexts.toml`); this crate reads a term's language ([`pack`]), searches for it
//! through disguises and judges what stands about it ([`Screen`]). What must stay true: every finding belongs to a rule of a
//! pack, spans lie on character boundaries of the field, and a listing is judged by its own words alone.

mod bundled;
mod context;
mod frequent;
pub mod pack;
mod phrase;
mod reading;
mod screen;
mod trust;

pub use bundled::{PACKS, bundled};
pub use screen::{Found, Screen, ScreenRule, Workspace};
