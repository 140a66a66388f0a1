//! Appeal evidence: from findings, records and files to a dossier that a third person can check.

pub mod assemble;
pub mod bundle;
pub mod case;
pub mod check;
pub mod contents;
pub mod deadline;
mod io_words;
pub mod lint;
pub mod package;
pub mod page;
pub mod privacy;
pub mod records;
pub mod statement;
pub mod timeline;

pub use io_words::io_words;
