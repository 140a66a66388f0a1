//! The byte strings that a plugin exports beside its entry: its manifest and the resources it brings along.
//!
//! All types here have alignment 1 and no padding, so that what a reader finds in the file is what the header describes.

use core::fmt;

/// First bytes of the manifest.
pub const MANIFEST_MAGIC: [u8; 8] = *b"HYMANIF1";
/// First bytes of the embedded resources.
pub const RESOURCES_MAGIC: [u8; 8] = *b"HYRESRC1";

/// The exported manifest: magic, length, JSON.
#[repr(C)]
pub struct Blob<const N: usize> {
    magic: [u8; 8],
    len: [u8; 8],
    json: [u8; N],
}

impl<const N: usize> Blob<N> {
    /// Wraps a manifest.
    pub const fn manifest(json: &[u8; N]) -> Self {
        Self { magic: MANIFEST_MAGIC, len: (N as u64).to_le_bytes(), json: *json }
    }
}

/// The exported resources: magic, then a chain of [`ResourceEntry`] that ends with [`END`].
#[repr(C)]
pub struct Resources<T> {
    magic: [u8; 8],
    first: T,
}

impl<T: Copy> Resources<T> {
    /// Wraps a chain of entries.
    pub const fn new(first: T) -> Self {
        Self { magic: RESOURCES_MAGIC, first }
    }
}

/// The end of a chain.
pub const END: [u8; 8] = [0; 8];

/// One embedded resource and what follows it.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ResourceEntry<const N: usize, const M: usize, T> {
    name_len: [u8; 8],
    data_len: [u8; 8],
    name: [u8; N],
    data: [u8; M],
    rest: T,
}

impl<const N: usize, const M: usize, T: Copy> ResourceEntry<N, M, T> {
    /// An entry called `name`, which must have `N` bytes and at least one.
    pub const fn new(name: &str, data: &[u8; M], rest: T) -> Self {
        assert!(name.len() == N && N > 0, "a resource needs a name");
        let mut copy = [0; N];
        let mut i = 0;
        while i < N {
            copy[i] = name.as_bytes()[i];
            i += 1;
        }
        Self { name_len: (N as u64).to_le_bytes(), data_len: (M as u64).to_le_bytes(), name: copy, data: *data, rest }
    }
}

/// Why an exported byte string cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlobError {
    /// It does not start with the expected magic bytes.
    Magic,
    /// It ends before the lengths in it say.
    Truncated,
    /// A resource's name is not UTF-8.
    Name,
}

impl fmt::Display for BlobError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Magic => "it does not start with the expected magic bytes",
            Self::Truncated => "it is shorter than the lengths in it say",
            Self::Name => "a resource name in it is not UTF-8",
        })
    }
}

impl core::error::Error for BlobError {}

/// The JSON of an exported manifest, given the bytes from its symbol on.
///
/// # Errors
/// When the magic is wrong or the bytes end early.
pub fn read_manifest(bytes: &[u8]) -> Result<&[u8], BlobError> {
    let rest = bytes.strip_prefix(&MANIFEST_MAGIC).ok_or(BlobError::Magic)?;
    let (len, rest) = length(rest)?;
    rest.get(..len).ok_or(BlobError::Truncated)
}

/// Calls `each` with the name and data of every embedded resource, given the bytes from its symbol on.
///
/// # Errors
/// When the magic is wrong, a name is not UTF-8 or the bytes end early.
pub fn read_resources<'a>(bytes: &'a [u8], mut each: impl FnMut(&'a str, &'a [u8])) -> Result<(), BlobError> {
    let mut rest = bytes.strip_prefix(&RESOURCES_MAGIC).ok_or(BlobError::Magic)?;
    loop {
        let (name_len, after) = length(rest)?;
        if name_len == 0 {
            return Ok(());
        }
        let (data_len, after) = length(after)?;
        let name = after.get(..name_len).ok_or(BlobError::Truncated)?;
        let end = name_len.checked_add(data_len).ok_or(BlobError::Truncated)?;
        let data = after.get(name_len..end).ok_or(BlobError::Truncated)?;
        each(core::str::from_utf8(name).map_err(|_| BlobError::Name)?, data);
        rest = &after[end..];
    }
}

fn length(bytes: &[u8]) -> Result<(usize, &[u8]), BlobError> {
    let (len, rest) = bytes.split_first_chunk::<8>().ok_or(BlobError::Truncated)?;
    let len = usize::try_from(u64::from_le_bytes(*len)).map_err(|_| BlobError::Truncated)?;
    Ok((len, rest))
}
