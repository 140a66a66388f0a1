//! Files a detector needs, mapped once, digested, and handed over as aligned bytes.

use std::path::Path;
use std::sync::Arc;

use crate::HostError;
use crate::ffi::Bytes;

/// A resource's bytes with their digest. Cheap to clone; the bytes stay in place until the last clone is gone.
#[derive(Clone)]
pub struct ResourceData {
    /// The name the detector knows it by.
    pub name: String,
    /// BLAKE3 of the bytes, in hexadecimal; empty for a file that its folder's index vouches for, see [`ResourceData::map_gallery`].
    pub digest: String,
    bytes: Arc<Bytes>,
    /// The bytes as a file without a name, made when a child process needs them.
    #[cfg(unix)]
    shared: Arc<std::sync::OnceLock<std::fs::File>>,
}

impl ResourceData {
    /// Maps a file. Files that huoyan writes are replaced by rename and never changed in place, so the map is stable.
    ///
    /// # Errors
    /// When the file cannot be opened or mapped.
    pub fn map(name: &str, path: &Path) -> Result<Self, HostError> {
        Ok(Self::new(name, Bytes::map(path).map_err(|e| unreadable(name, path, &e))?))
    }

    /// Maps the gallery that lies in a folder: its files are the resources `gallery/NTH/FILE`. Only its index, which names the others with
    /// their digests, is read in full here, so that a gallery larger than the memory costs nothing until it is used. What a program
    /// replaces meanwhile is mapped as it was before or after.
    ///
    /// # Errors
    /// When a file cannot be mapped, or the folder never stands still.
    pub fn map_gallery(nth: usize, dir: &Path) -> Result<Vec<Self>, HostError> {
        Self::map_folder(&format!("gallery/{nth}"), dir, "gallery.json")
    }

    /// Each file as `PREFIX/FILE`; `index` is the one that names the others.
    fn map_folder(prefix: &str, dir: &Path, index: &str) -> Result<Vec<Self>, HostError> {
        let fail = |e: &std::io::Error| unreadable(prefix, dir, e);
        let name = format!("{prefix}/{index}");
        for _ in 0..5 {
            let first = Self::map(&name, &dir.join(index))?;
            let mut files = Vec::new();
            let mut changed = false;
            for entry in std::fs::read_dir(dir).map_err(|e| fail(&e))? {
                let entry = entry.map_err(|e| fail(&e))?;
                let file = entry.file_name().to_string_lossy().into_owned();
                if file == index || file.starts_with('.') || !entry.file_type().is_ok_and(|kind| kind.is_file()) {
                    continue;
                }
                let name = format!("{prefix}/{file}");
                match Bytes::map(&entry.path()) {
                    Ok(bytes) => files.push(Self::from_parts(name, String::new(), bytes)),
                    Err(e) if e.kind() == std::io::ErrorKind::NotFound => changed = true,
                    Err(e) => return Err(unreadable(&name, &entry.path(), &e)),
                }
            }
            if !changed && Self::map(&name, &dir.join(index))?.digest == first.digest {
                files.push(first);
                return Ok(files);
            }
        }
        Err(fail(&std::io::Error::new(std::io::ErrorKind::ResourceBusy, "it is being changed")))
    }

    /// Copies bytes that are in memory already.
    pub fn copy(name: &str, bytes: &[u8]) -> Self {
        Self::new(name, Bytes::copy(bytes))
    }

    fn new(name: &str, bytes: Bytes) -> Self {
        let digest = blake3::hash(bytes.as_slice()).to_hex().to_string();
        Self::from_parts(name.to_owned(), digest, bytes)
    }

    pub(crate) fn from_parts(name: String, digest: String, bytes: Bytes) -> Self {
        let bytes = Arc::new(bytes);
        Self {
            name,
            digest,
            bytes,
            #[cfg(unix)]
            shared: Arc::default(),
        }
    }

    /// A file that holds the bytes, to be handed to a child process.
    #[cfg(unix)]
    pub(crate) fn file(&self) -> std::io::Result<&std::fs::File> {
        if let Some(file) = self.bytes.file().or_else(|| self.shared.get()) {
            return Ok(file);
        }
        let file = crate::child::file_of(self.as_slice())?;
        Ok(self.shared.get_or_init(|| file))
    }

    /// The bytes, aligned to 64.
    pub fn as_slice(&self) -> &[u8] {
        self.bytes.as_slice()
    }
}

/// A file that is read in place. Like [`ResourceData::map`], it asks that the file is replaced, not changed.
pub struct MappedFile(Bytes);

impl MappedFile {
    /// Maps a file.
    ///
    /// # Errors
    /// When it cannot be opened or mapped.
    pub fn open(path: &Path) -> std::io::Result<Self> {
        Bytes::map(path).map(Self)
    }
}

impl AsRef<[u8]> for MappedFile {
    fn as_ref(&self) -> &[u8] {
        self.0.as_slice()
    }
}

fn unreadable(name: &str, path: &Path, e: &std::io::Error) -> HostError {
    HostError::new(
        path,
        (
            format!("无法读取资源 '{name}'：{e}；请检查路径"),
            format!("resource '{name}' cannot be read: {e}; check the path"),
        ),
    )
}
