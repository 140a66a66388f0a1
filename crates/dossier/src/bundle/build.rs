mod planned;
mod writing;

use std::path::{Path, PathBuf};

use self::planned::Planned;
use self::writing::WritingPart;
use super::publish::Unpublished;
use super::{BundleError, BundleInfo, Limits, Payload, Sha256, SigningKey, names};

/// A part as it lies there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// From 1.
    pub number: usize,
    /// How many there are.
    pub of: usize,
    /// The ZIP file.
    pub path: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// Files of the payload in it.
    pub files: usize,
    /// How many of them are pieces of a file that was cut.
    pub pieces: usize,
    /// The digest of the tag manifest, which stands for all of it: what the cover and the mail quote.
    pub tag_manifest: Sha256,
}

/// Writes a bundle into a new folder `out`, which appears complete or not at all.
pub fn build(
    payload: &[Payload],
    info: &BundleInfo,
    key: &SigningKey,
    limits: &Limits,
    out: &Path,
) -> Result<Vec<Part>, BundleError> {
    build_with(payload, info, key, limits, out, |_, _| Ok(()))
}

/// The same with what lies beside the parts: written by `beside` into the folder that it is given, before that appears as `out`.
///
/// Same payload, info, key and limits give the same bytes. Memory stays at a few chunks and the manifests, however long the exhibits are;
/// each exhibit is read once, and once more if it must be split.
pub(crate) fn build_with<E: From<BundleError>>(
    payload: &[Payload],
    info: &BundleInfo,
    key: &SigningKey,
    limits: &Limits,
    out: &Path,
    beside: impl FnOnce(&[Part], &Path) -> Result<(), E>,
) -> Result<Vec<Part>, E> {
    info.check()?;
    if payload.is_empty() {
        return Err(BundleError::Empty.into());
    }
    let has_record = payload.iter().any(|file| file.path.in_bag() == names::CUSTODY);
    if has_record != info.custody_head.is_some() {
        return Err(BundleError::Custody { has_record }.into());
    }
    let planned = Planned::new(payload, info, key, limits)?;
    let folder = Unpublished::new(out)?;
    let mut writing = Vec::new();
    for number in 1..=planned.parts.len() {
        writing.push(WritingPart::new(folder.path(), &planned, info, key, number)?);
    }
    for part in &mut writing {
        part.write_payload(&planned)?;
    }
    let index = planned.index(info, &writing)?;
    let mut parts = Vec::new();
    for part in writing {
        parts.push(part.finish(&index, key, out)?);
    }
    beside(&parts, folder.path())?;
    folder.publish()?;
    Ok(parts)
}

fn own_file_fits(name: &str, bytes: u64) -> Result<(), BundleError> {
    let max = names::max_bytes(name);
    if bytes <= max { Ok(()) } else { Err(BundleError::TooLong { name: name.to_owned(), bytes, max }) }
}

fn expect(file: &Payload, same: bool, expected: impl ToString, found: impl ToString) -> Result<(), BundleError> {
    let (expected, found) = (expected.to_string(), found.to_string());
    if same { Ok(()) } else { Err(BundleError::Changed { path: file.path.to_string(), expected, found }) }
}

fn expect_digest(file: &Payload, found: Sha256) -> Result<(), BundleError> {
    file.sha256.map_or(Ok(()), |expected| expect(file, expected == found, expected, found))
}
