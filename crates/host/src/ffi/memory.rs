//! Mapped and aligned memory, as resources and batches lie in it.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::fs::File;
use std::path::Path;
use std::ptr::{self, NonNull};
use std::{io, slice};

const ALIGNMENT: usize = 64;

/// Bytes aligned to 64, mapped from a file or copied.
pub(crate) enum Bytes {
    Mapped {
        map: memmap2::Mmap,
        // What a child process maps, where there are any.
        #[cfg_attr(not(unix), expect(dead_code, reason = "keeps the file open"))]
        file: File,
    },
    Copied {
        start: NonNull<u8>,
        len: usize,
    },
}

// SAFETY: the bytes are never written after construction.
unsafe impl Send for Bytes {}
// SAFETY: as for Send.
unsafe impl Sync for Bytes {}

impl Bytes {
    pub(crate) fn map(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        match usize::try_from(file.metadata()?.len()) {
            Ok(len) => Self::map_file(file, len),
            Err(_) => Err(io::ErrorKind::FileTooLarge.into()),
        }
    }

    /// Maps the first `len` bytes of an open file.
    pub(crate) fn map_file(file: File, len: usize) -> io::Result<Self> {
        if len == 0 {
            return Ok(Self::copy(&[]));
        }
        // SAFETY: resources are replaced by rename and never changed in place; a file that somebody truncates under us
        // is outside what a mapping can defend against, and is named so in the documentation.
        let map = unsafe { memmap2::MmapOptions::new().len(len).map(&file)? };
        Ok(Self::Mapped { map, file })
    }

    /// The file that the bytes are mapped from.
    #[cfg(unix)]
    pub(crate) fn file(&self) -> Option<&File> {
        match self {
            Self::Mapped { file, .. } => Some(file),
            Self::Copied { .. } => None,
        }
    }

    /// Maps the whole of a private copy that is written no more. A private mapping, since older kernels allow no shared one of a sealed file.
    pub(crate) fn of_copy(file: &File) -> io::Result<Self> {
        if file.metadata()?.len() == 0 {
            return Ok(Self::copy(&[]));
        }
        // SAFETY: the file is sealed, or lies in a folder that only this user may enter, and nobody here writes to it again.
        let map = unsafe { memmap2::MmapOptions::new().map_copy_read_only(file)? };
        Ok(Self::Mapped { map, file: file.try_clone()? })
    }

    pub(crate) fn copy(bytes: &[u8]) -> Self {
        if bytes.is_empty() {
            return Self::Copied { start: NonNull::dangling(), len: 0 };
        }
        let layout = Self::layout(bytes.len());
        // SAFETY: the layout is not empty; the copy stays within the allocation.
        let start = unsafe {
            let start = NonNull::new(alloc(layout)).unwrap_or_else(|| handle_alloc_error(layout));
            ptr::copy_nonoverlapping(bytes.as_ptr(), start.as_ptr(), bytes.len());
            start
        };
        Self::Copied { start, len: bytes.len() }
    }

    fn layout(len: usize) -> Layout {
        Layout::from_size_align(len, ALIGNMENT).expect("invariant: a slice's length fits a layout")
    }

    pub(crate) fn as_slice(&self) -> &[u8] {
        match self {
            // A page is aligned to far more than 64.
            Self::Mapped { map, .. } => map,
            // SAFETY: `copy` initialised `len` bytes; an empty slice may dangle.
            Self::Copied { start, len } => unsafe { slice::from_raw_parts(start.as_ptr(), *len) },
        }
    }
}

impl Drop for Bytes {
    fn drop(&mut self) {
        if let Self::Copied { start, len } = self
            && *len > 0
        {
            // SAFETY: allocated by `copy` with this layout.
            unsafe { dealloc(start.as_ptr(), Self::layout(*len)) };
        }
    }
}

/// Maps memory that the host writes to and this process reads.
#[cfg(unix)]
pub(crate) fn map_shared(file: &File, len: usize) -> io::Result<memmap2::Mmap> {
    // SAFETY: the host writes to the file only between calls, when no batch lies in it: a child that still holds one says
    // so, and is given another file. The file is never made shorter than what was announced.
    unsafe { memmap2::MmapOptions::new().len(len).map(file) }
}
