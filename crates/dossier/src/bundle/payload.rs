use std::fs::File;
use std::io::{Read, Seek as _, SeekFrom};
use std::path::PathBuf;

use super::{BagPath, BundleError, Sha256};

/// One file to put under `data/`.
#[derive(Clone, Debug)]
pub struct Payload {
    /// Where it goes.
    pub path: BagPath,
    /// Where it comes from.
    pub source: Source,
    /// Which part it belongs in.
    pub placement: Placement,
    /// What the exhibit store says of it; a file that is now another ends the build.
    pub sha256: Option<Sha256>,
}

/// Where a file's bytes come from.
#[derive(Clone, Debug)]
pub enum Source {
    /// A file on the disk, read once and never as a whole.
    File(PathBuf),
    /// Something small that was just made.
    Bytes(Vec<u8>),
}

/// Which part a file belongs in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Placement {
    /// Whichever has room.
    #[default]
    Any,
    /// The first, as long as it has room: the cover, `case.json`.
    First,
}

impl Payload {
    /// A file on the disk, in any part.
    pub fn file(path: BagPath, source: impl Into<PathBuf>) -> Self {
        Self { path, source: Source::File(source.into()), placement: Placement::Any, sha256: None }
    }

    /// Bytes in memory, in the first part.
    pub fn bytes(path: BagPath, bytes: impl Into<Vec<u8>>) -> Self {
        Self { path, source: Source::Bytes(bytes.into()), placement: Placement::First, sha256: None }
    }

    /// How long it is now.
    pub(crate) fn len(&self) -> Result<u64, BundleError> {
        match &self.source {
            Source::Bytes(bytes) => Ok(bytes.len() as u64),
            Source::File(path) => {
                let found = std::fs::metadata(path).map_err(BundleError::io(path))?;
                if !found.is_file() {
                    let message = ("不是普通文件", "it is no regular file").into();
                    return Err(BundleError::Io { path: path.display().to_string(), message });
                }
                Ok(found.len())
            }
        }
    }

    /// Its bytes from `from` on, `len` of them at most.
    pub(crate) fn open(&self, from: u64, len: u64) -> Result<Box<dyn Read + '_>, BundleError> {
        match &self.source {
            Source::Bytes(bytes) => Ok(Box::new(bytes[from as usize..].take(len))),
            Source::File(path) => {
                let mut file = File::open(path).map_err(BundleError::io(path))?;
                file.seek(SeekFrom::Start(from)).map_err(BundleError::io(path))?;
                Ok(Box::new(file.take(len)))
            }
        }
    }
}
