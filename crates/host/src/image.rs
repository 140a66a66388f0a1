//! The verified copy of a plugin's file: what was digested and looked into is what is loaded.
//!
//! A path may name other bytes a moment later. So the file is opened once and copied to where nobody writes any more, and digest, manifest,
//! resources and library are all taken from that copy. On Linux it is a sealed file in memory, which even this process cannot change; elsewhere, and
//! where the system allows no code in such files, a file in a folder that only this user may enter.

use std::fs::File;
use std::io::{self, Read, Seek as _};
use std::path::{Path, PathBuf};

use huoyan_model::Localized;
use tempfile::TempDir;

use crate::HostError;
use crate::ffi::Bytes;

/// The largest file that is looked into, in bytes.
const MAX_PLUGIN_BYTES: u64 = 1 << 30;

/// A copy of a plugin's file that no longer changes.
pub struct PluginImage {
    digest: String,
    bytes: Bytes,
    facts: Facts,
    place: Place,
}

/// Who may change the file that was copied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Facts {
    /// Its owner and its mode, where the system has these.
    pub(crate) owner_and_mode: Option<(u32, u32)>,
}

enum Place {
    #[cfg(target_os = "linux")]
    Memory(File),
    Folder {
        // Removed with the image.
        _folder: TempDir,
        library: PathBuf,
    },
}

impl PluginImage {
    /// Copies a file.
    ///
    /// # Errors
    /// When it cannot be read, is no regular file, is too large, changes while it is read, or the copy cannot be made.
    pub fn read(path: &Path) -> Result<Self, HostError> {
        Self::read_to(path, Place::new)
    }

    fn read_to(path: &Path, place: fn(&Path) -> io::Result<(Place, File)>) -> Result<Self, HostError> {
        let fail = |what: Localized| HostError::new(path, what);
        let unreadable =
            |e: io::Error| fail(Localized::new(format!("无法读取：{e}"), format!("it cannot be read: {e}")));
        let mut file = open(path).map_err(unreadable)?;
        let before = file.metadata().map_err(unreadable)?;
        if !before.is_file() {
            return Err(fail(
                ("不是普通文件；插件必须是一个库文件", "it is no regular file; a plugin is a library file").into(),
            ));
        }
        if before.len() > MAX_PLUGIN_BYTES {
            let size = before.len();
            return Err(fail(Localized::new(
                format!("有 {size} 字节，超过插件的上限 {MAX_PLUGIN_BYTES}"),
                format!("it has {size} bytes, more than the {MAX_PLUGIN_BYTES} a plugin may have"),
            )));
        }
        let uncopied = |e: io::Error| {
            fail(Localized::new(
                format!("无法为其建立私有副本：{e}；请腾出空间，或把 TMPDIR 设为别的文件夹"),
                format!("no private copy of it can be made: {e}; free some space or set TMPDIR to another folder"),
            ))
        };
        let (place, mut copy) = place(path).map_err(uncopied)?;
        let copied = io::copy(&mut (&mut file).take(before.len() + 1), &mut copy).map_err(uncopied)?;
        let after = file.metadata().map_err(unreadable)?;
        if copied != before.len() || after.len() != before.len() || after.modified().ok() != before.modified().ok() {
            return Err(fail(
                ("读取时文件正被改动；请等它写完再试", "it was changed while it was read; try again when it is whole")
                    .into(),
            ));
        }
        place.close(&copy).map_err(uncopied)?;
        copy.rewind().map_err(uncopied)?;
        let bytes = Bytes::of_copy(&copy).map_err(uncopied)?;
        // Of the copy, never of what was read: what the digest vouches for is what will run.
        let digest = blake3::hash(bytes.as_slice()).to_hex().to_string();
        Ok(Self { digest, bytes, facts: Facts::of(&before), place })
    }

    /// BLAKE3 of the copy, in hexadecimal.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// The copy's bytes.
    pub fn as_slice(&self) -> &[u8] {
        self.bytes.as_slice()
    }

    /// The path by which this process loads the copy. It is valid as long as the image lives.
    pub fn library_path(&self) -> PathBuf {
        match &self.place {
            #[cfg(target_os = "linux")]
            Place::Memory(file) => {
                use std::os::fd::AsRawFd as _;
                PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()))
            }
            Place::Folder { library, .. } => library.clone(),
        }
    }

    /// The copy as an open file, to be handed to a child process; none where it lies in a folder.
    #[cfg(target_os = "linux")]
    pub fn memory_file(&self) -> Option<&File> {
        match &self.place {
            Place::Memory(file) => Some(file),
            Place::Folder { .. } => None,
        }
    }

    pub(crate) fn facts(&self) -> Facts {
        self.facts
    }
}

impl Facts {
    pub(crate) fn of(metadata: &std::fs::Metadata) -> Self {
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt as _;
            Self { owner_and_mode: Some((metadata.uid(), metadata.mode())) }
        }
        #[cfg(not(unix))]
        {
            let _ = metadata;
            Self::default()
        }
    }
}

/// Opens a file without waiting for a writer, should it be a pipe.
fn open(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed());
    }
    options.open(path)
}

impl Place {
    fn new(path: &Path) -> io::Result<(Self, File)> {
        #[cfg(target_os = "linux")]
        if let Ok(found) = Self::memory() {
            return Ok(found);
        }
        Self::folder(path)
    }

    #[cfg(target_os = "linux")]
    fn memory() -> io::Result<(Self, File)> {
        use rustix::fs::{MemfdFlags, memfd_create};
        let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
        // Kernels before 6.3 do not know the flag and need none; with vm.memfd_noexec = 2 neither is granted.
        let file = memfd_create("huoyan-plugin", flags | MemfdFlags::EXEC)
            .or_else(|e| if e == rustix::io::Errno::INVAL { memfd_create("huoyan-plugin", flags) } else { Err(e) })?;
        let file = File::from(file);
        Ok((Self::Memory(file.try_clone()?), file))
    }

    fn folder(path: &Path) -> io::Result<(Self, File)> {
        let mut builder = tempfile::Builder::new();
        builder.prefix("huoyan-plugin-");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            builder.permissions(std::fs::Permissions::from_mode(0o700));
        }
        let folder = builder.tempdir()?;
        let library = folder.path().join(path.file_name().unwrap_or("plugin".as_ref()));
        let file = File::options().read(true).write(true).create_new(true).open(&library)?;
        Ok((Self::Folder { _folder: folder, library }, file))
    }

    /// Ends the time in which the copy can be written.
    fn close(&self, copy: &File) -> io::Result<()> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Memory(_) => {
                use rustix::fs::{SealFlags, fcntl_add_seals};
                let seals = SealFlags::SHRINK | SealFlags::GROW | SealFlags::WRITE | SealFlags::SEAL;
                Ok(fcntl_add_seals(copy, seals)?)
            }
            Self::Folder { .. } => copy.sync_all(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn file(bytes: &[u8]) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        file
    }

    #[test]
    fn the_copy_is_what_was_there_whatever_becomes_of_the_file() {
        let file = file(b"first");
        for place in [Place::new as fn(&Path) -> _, Place::folder] {
            std::fs::write(file.path(), b"first").unwrap();
            let image = PluginImage::read_to(file.path(), place).unwrap();
            std::fs::write(file.path(), b"other").unwrap();
            assert_eq!(image.as_slice(), b"first");
            assert_eq!(image.digest(), blake3::hash(b"first").to_hex().as_str());
            assert_eq!(std::fs::read(image.library_path()).unwrap(), b"first");
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_copy_in_memory_cannot_be_written_any_more() {
        let image = PluginImage::read(file(b"sealed").path()).unwrap();
        let path = image.library_path();
        assert!(image.memory_file().is_some(), "this system has files in memory");
        let written = File::options().write(true).open(&path).and_then(|mut file| file.write_all(b"x"));
        assert_eq!(written.unwrap_err().kind(), io::ErrorKind::PermissionDenied);
        assert!(File::options().write(true).open(&path).and_then(|file| file.set_len(0)).is_err());
    }

    #[test]
    #[cfg(unix)]
    fn a_copy_in_a_folder_is_for_this_user_alone_and_goes_with_the_image() {
        use std::os::unix::fs::PermissionsExt as _;
        let image = PluginImage::read_to(file(b"x").path(), Place::folder).unwrap();
        let path = image.library_path();
        let folder = path.parent().unwrap().to_owned();
        assert_eq!(folder.metadata().unwrap().permissions().mode() & 0o777, 0o700);
        drop(image);
        assert!(!folder.exists());
    }

    #[test]
    fn what_is_no_regular_file_is_refused_at_once() {
        let dir = tempfile::tempdir().unwrap();
        assert!(PluginImage::read(dir.path()).is_err());
        assert!(PluginImage::read(&dir.path().join("absent")).is_err());
        #[cfg(unix)]
        {
            let pipe = dir.path().join("pipe");
            let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
            assert!(made.success());
            let error = PluginImage::read(&pipe).err().unwrap().to_string();
            assert!(error.contains("no regular file"), "{error}");
        }
    }
}
