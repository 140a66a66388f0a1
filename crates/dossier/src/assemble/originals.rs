//! Originals: read and compared with what the case says of them, and sealed to those who may see them.

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
    use sha2::Digest as _;
    let path = folder.join(&exhibit.file);
    let mut file = File::open(&path).map_err(AssembleError::io(&path))?;
    let mut hasher = sha2::Sha256::new();
    let mut chunk = vec![0; 256 * 1024];
    loop {
        match file.read(&mut chunk).map_err(AssembleError::io(&path))? {
            0 => break,
            read => hasher.update(&chunk[..read]),
        }
    }
    expect(exhibit, Sha256::from_hasher(hasher))
}

fn expect(exhibit: &Exhibit, is: Sha256) -> Result<(), AssembleError> {
    let was = exhibit.sha256;
    if was == is {
        Ok(())
    } else {
        Err(AssembleError::Changed { exhibit: exhibit.id, file: exhibit.file.clone(), was, is })
    }
}

/// Seals every original to the recipients: `sealed/E02.age`. A seal is never the same twice, so each is made once and kept in the case, under a
/// name that tells original and recipients; that is what makes the next bundle equal to this one.
#[cfg(feature = "seal")]
pub(super) fn seal(
    case: &crate::case::Case,
    folder: &Path,
    options: &super::Options<'_>,
    copies: &mut [super::CopyNote],
) -> Result<Vec<crate::bundle::Payload>, AssembleError> {
    use crate::bundle::{BagPath, Payload};
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
        compare(exhibit, folder)?;
        let kept = store.join(format!("{}-{}-{}.age", exhibit.id, &exhibit.sha256.to_string()[..16], &keys[..16]));
        if !kept.is_file() {
            let path = folder.join(&exhibit.file);
            let mut original = File::open(&path).map_err(AssembleError::io(&path))?;
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
