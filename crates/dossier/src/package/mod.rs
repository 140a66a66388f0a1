//! What each type of package must show, and what each target takes: tables with sources, read from `data/`.
//!
//! The checks and the statement know no type by name; they follow these tables. What must stay true: every number, article and
//! list here has a source with a date and a confidence, and a new type is a new entry of the table, never new code.

mod error;
mod item;
mod packages;
mod target;

pub use error::TableError;
pub use item::{Fact, Item, Principle};
pub use packages::{Against, Basis, OneOf, Packages, Type};
pub use target::{Target, Targets};
