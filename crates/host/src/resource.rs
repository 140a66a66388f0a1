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
    /// BLAKE3 of the bytes, in hexadecimal.
    pub digest: String,
    bytes: Arc<Bytes>,
}

impl ResourceData {
    /// Maps a file. Files that huoyan writes are replaced by rename and never changed in place, so the map is stable.
    ///
    /// # Errors
    /// When the file cannot be opened or mapped.
    pub fn map(name: &str, path: &Path) -> Result<Self, HostError> {
        let bytes = Bytes::map(path).map_err(|e| {
            HostError::new(
                path,
                (
                    format!("无法读取资源 '{name}'：{e}；请检查路径"),
                    format!("resource '{name}' cannot be read: {e}; check the path"),
                ),
            )
        })?;
        Ok(Self::new(name, bytes))
    }

    /// Copies bytes that are in memory already.
    pub fn copy(name: &str, bytes: &[u8]) -> Self {
        Self::new(name, Bytes::copy(bytes))
    }

    fn new(name: &str, bytes: Bytes) -> Self {
        let digest = blake3::hash(bytes.as_slice()).to_hex().to_string();
        Self { name: name.to_owned(), digest, bytes: Arc::new(bytes) }
    }

    /// The bytes, aligned to 64.
    pub fn as_slice(&self) -> &[u8] {
        self.bytes.as_slice()
    }
}
