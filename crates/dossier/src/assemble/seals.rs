//! Originals sealed to those who may see them.

use std::path::Path;

use super::{AssembleError, CopyNote, Options, originals};
use crate::bundle::{BagPath, Payload, Sha256};
use crate::case::Case;

/// Seals every original to the recipients: `sealed/E02.age`. A seal is never the same twice, so each is made once and kept in the case, under a
/// name that tells original and recipients; that is what makes the next bundle equal to this one.
pub(super) fn seal(
    case: &Case,
    folder: &Path,
    options: &Options<'_>,
    copies: &mut [CopyNote],
) -> Result<Vec<Payload>, AssembleError> {
    if options.seal_to.is_empty() {
        return Ok(Vec::new());
    }
    let store = folder.join("sealed");
    std::fs::create_dir_all(&store).map_err(AssembleError::io(&store))?;
    let mut keys: Vec<String> = options.seal_to.iter().map(ToString::to_string).collect();
    keys.sort();
    keys.dedup();
    let keys = Sha256::of(keys.join("\n").as_bytes()).to_string();
    let mut payload = Vec::new();
    for exhibit in &case.exhibits {
        originals::compare(exhibit, folder)?;
        let kept = store.join(format!("{}-{}-{}.age", exhibit.id, &exhibit.sha256.to_string()[..16], &keys[..16]));
        if !kept.is_file() {
            let mut original = originals::open(exhibit, folder)?;
            let mut sealed = tempfile::NamedTempFile::new_in(&store).map_err(AssembleError::io(&store))?;
            crate::privacy::seal(&mut original, sealed.as_file_mut(), &options.seal_to)
                .map_err(|error| AssembleError::Seal(error.to_string()))?;
            sealed.persist(&kept).map_err(|error| AssembleError::io(&kept)(error.error))?;
        }
        let path = BagPath::tamed(&format!("sealed/{}.age", exhibit.id));
        if let Some(note) = copies.iter_mut().find(|note| note.exhibit == exhibit.id) {
            note.sealed = Some(path.to_string());
        }
        payload.push(Payload::file(path, kept));
    }
    Ok(payload)
}
