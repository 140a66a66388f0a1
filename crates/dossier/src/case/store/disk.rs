//! Reading and writing within a case folder: never through a link, and at once or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write as _};
use std::path::Path;

use super::error::{StoreError, What};
use crate::bundle::publish::{replace_file, sync_folder};
use crate::bundle::{Hashing, Sha256};

/// So many bytes are held at a time.
const CHUNK: usize = 256 * 1024;
/// So many of the first bytes are kept for guessing what the file is.
pub(super) const HEAD: usize = 64 * 1024;

/// What a copy was of.
pub(super) struct Copied {
    pub sha256: Sha256,
    pub bytes: u64,
    pub head: Vec<u8>,
}

/// What stands at a path, without following a link; `None` for a regular file.
pub(super) fn irregular(found: &fs::Metadata) -> Option<What> {
    let kind = found.file_type();
    if kind.is_symlink() {
        Some(What::Link)
    } else if kind.is_dir() {
        Some(What::Directory)
    } else if kind.is_file() {
        None
    } else {
        Some(What::Special)
    }
}

/// A file that is a regular one, and the one that was looked at.
pub(super) fn open_regular(path: &Path) -> Result<File, StoreError> {
    let looked_at = fs::symlink_metadata(path).map_err(StoreError::io(path))?;
    if let Some(what) = irregular(&looked_at) {
        return Err(StoreError::NotAFile { path: path.display().to_string(), what });
    }
    let file = File::open(path).map_err(StoreError::io(path))?;
    let opened = file.metadata().map_err(StoreError::io(path))?;
    // Somebody may have put a link there between the two.
    if same_file(&looked_at, &opened) { Ok(file) } else { Err(StoreError::Moving { path: path.display().to_string() }) }
}

#[cfg(unix)]
fn same_file(first: &fs::Metadata, second: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    (first.dev(), first.ino()) == (second.dev(), second.ino())
}

#[cfg(not(unix))]
fn same_file(first: &fs::Metadata, second: &fs::Metadata) -> bool {
    second.is_file() && first.len() == second.len()
}

/// Copies to a new file in bounded memory and brings it to the disk.
pub(super) fn copy_to_new(source: &mut dyn Read, from: &Path, to: &Path) -> Result<Copied, StoreError> {
    let mut out = OpenOptions::new().write(true).create_new(true).open(to).map_err(StoreError::io(to))?;
    let mut hashing = Hashing::new(&mut out);
    let mut head = Vec::new();
    let mut chunk = vec![0; CHUNK];
    loop {
        let read = match source.read(&mut chunk) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(StoreError::io(from)(error)),
        };
        let read = &chunk[..read];
        head.extend_from_slice(&read[..read.len().min(HEAD - head.len())]);
        hashing.write_all(read).map_err(StoreError::io(to))?;
    }
    let (sha256, bytes) = hashing.finish();
    out.sync_all().map_err(StoreError::io(to))?;
    Ok(Copied { sha256, bytes, head })
}

/// The digest and length of a file in the store.
pub(super) fn digest(path: &Path) -> Result<(Sha256, u64), StoreError> {
    Sha256::of_reader(&mut open_regular(path)?).map_err(StoreError::io(path))
}

/// Replaces a small file of the store.
pub(super) fn write(path: &Path, text: &str) -> Result<(), StoreError> {
    Ok(replace_file(path, |file| file.write_all(text.as_bytes()).map_err(crate::bundle::BundleError::io(path)))?)
}

/// Moves a folder to its place within the same parent.
pub(super) fn publish(from: &Path, to: &Path) -> Result<(), StoreError> {
    sync_folder(from)?;
    fs::rename(from, to).map_err(StoreError::io(to))?;
    Ok(sync_folder(to.parent().unwrap_or(Path::new(".")))?)
}

/// Takes away a folder or file that may not be there.
pub(super) fn clear(path: &Path) -> Result<(), StoreError> {
    let gone = match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match gone {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(StoreError::io(path)(error)),
        _ => Ok(()),
    }
}
