//! Originals: read and compared with what the case says of them, never written.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use super::AssembleError;
use crate::bundle::Sha256;
use crate::case::Exhibit;

/// A whole original, compared with the case.
pub(super) fn read(exhibit: &Exhibit, folder: &Path) -> Result<Vec<u8>, AssembleError> {
    let path = folder.join(&exhibit.file);
    let bytes = std::fs::read(&path).map_err(AssembleError::io(&path))?;
    expect(exhibit, Sha256::of(&bytes))?;
    Ok(bytes)
}

/// An original, open for reading.
pub(super) fn open(exhibit: &Exhibit, folder: &Path) -> Result<File, AssembleError> {
    let path = folder.join(&exhibit.file);
    File::open(&path).map_err(AssembleError::io(&path))
}

/// The first bytes of an original, to see what it is.
pub(super) fn head(exhibit: &Exhibit, folder: &Path, most: u64) -> Result<Vec<u8>, AssembleError> {
    let path = folder.join(&exhibit.file);
    let mut bytes = Vec::new();
    let file = File::open(&path).map_err(AssembleError::io(&path))?;
    file.take(most).read_to_end(&mut bytes).map_err(AssembleError::io(&path))?;
    Ok(bytes)
}

/// Compares a long original with the case, without holding it.
pub(super) fn compare(exhibit: &Exhibit, folder: &Path) -> Result<(), AssembleError> {
    let path = folder.join(&exhibit.file);
    let (is, _) = Sha256::of_reader(&mut open(exhibit, folder)?).map_err(AssembleError::io(&path))?;
    expect(exhibit, is)
}

/// Ends the build where an original is no longer what the case says.
pub(super) fn expect(exhibit: &Exhibit, is: Sha256) -> Result<(), AssembleError> {
    let was = exhibit.sha256;
    if was == is {
        Ok(())
    } else {
        Err(AssembleError::Changed { exhibit: exhibit.id, file: exhibit.file.clone(), was, is })
    }
}
