//! What the end-to-end tests share: the built `huoyan` command, a scratch folder, and readers of its outputs.
//!
//! The tests speak to the command as its users do, through files and exit statuses, and never link the product. What must
//! stay true: a test never sees a stale command, and tests do not see each other's files.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise, in its helpers too")]

mod command;
mod output;

pub use command::{Finished, Scratch, huoyan};
pub use output::{Findings, Label, csv_rows, labels};

use std::path::{Path, PathBuf};

/// The project's root folder.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The library of `plugins/misbehaving`: a dependency of the tests, so cargo leaves it in `deps/` beside them.
pub fn misbehaving() -> PathBuf {
    let name = format!("{}misbehaving{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    std::env::current_exe().unwrap().parent().unwrap().join(name)
}

/// A file of the fixtures shop.
pub fn shop(name: &str) -> String {
    root().join("fixtures/shop").join(name).to_str().unwrap().to_owned()
}
