//! Judges a folder by the letter of BagIt, versions 0.93 to 1.0 (RFC 8493): what any bag must keep, ours or not.
//!
//! This is the plain format, without signatures and without the closed world of [`verify`](super::verify()): a bag may be valid here and still be
//! nobody's. Warnings are for what the conformance suite of the Library of Congress calls so: legal, and a trap on some system.

mod contents;
mod text;

use std::io;
use std::path::Path;

use huoyan_model::Localized;

/// What a bag is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judgement {
    /// Why it is no valid bag; empty for a valid one.
    pub errors: Vec<Finding>,
    /// What may go wrong with it elsewhere.
    pub warnings: Vec<Finding>,
}

impl Judgement {
    /// Whether it is a complete and valid bag.
    pub fn is_valid(&self) -> bool {
        self.errors.is_empty()
    }

    fn error(&mut self, place: impl Into<String>, zh: impl Into<String>, en: impl Into<String>) {
        self.errors.push(Finding { place: place.into(), message: Localized::new(zh, en) });
    }

    fn warn(&mut self, place: impl Into<String>, zh: impl Into<String>, en: impl Into<String>) {
        self.warnings.push(Finding { place: place.into(), message: Localized::new(zh, en) });
    }
}

/// Something about a file of the bag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The file, as the manifest or the folder has it.
    pub place: String,
    /// What is wrong.
    pub message: Localized,
}

/// A version of BagIt, as `bagit.txt` names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Version(u32, u32);

const KNOWN: [Version; 6] =
    [Version(0, 93), Version(0, 94), Version(0, 95), Version(0, 96), Version(0, 97), Version(1, 0)];

/// Judges a bag. An error is one of reading, not of the bag.
pub fn judge(folder: &Path) -> io::Result<Judgement> {
    let mut judgement = Judgement::default();
    let declared = match std::fs::read(folder.join("bagit.txt")) {
        Ok(bytes) => text::declaration(&bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err("it is not there"),
        Err(error) => return Err(error),
    };
    match declared {
        Ok((version, encoding)) => contents::judge(folder, version, encoding, &mut judgement)?,
        Err(what) => {
            judgement.error("bagit.txt", format!("不是有效的声明：{what}"), format!("no valid declaration: {what}"))
        }
    }
    Ok(judgement)
}
