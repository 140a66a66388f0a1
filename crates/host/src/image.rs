//! The verified copy of a plugin's file: what was digested and looked into is what is loaded.
//!
//! A path may name other bytes a moment later. So the file is opened once and copied to where nobody writes any more, and digest, manifest,
//! resources and library are all taken from that copy. On Linux it is a sealed file in memory, which even this process cannot change, or, where
//! the system allows no code in such files, one whose name is gone before anything is done with it. Elsewhere it is a file in a folder that only this
//! user may enter, which goes with the image; what a run leaves there that was killed, or on a system that removes no library in use, a later
//! one removes.

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
    /// A file without a name: in memory, or of a folder that is gone.
    #[cfg(target_os = "linux")]
    Open(File),
    Folder {
        // Removed with the image.
        #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "it is only dropped"))]
        folder: TempDir,
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

    /// As [`Self::read`] where the system has no files in memory.
    #[cfg(test)]
    pub(crate) fn read_to_folder(path: &Path) -> Result<Self, HostError> {
        Self::read_to(path, Place::folder)
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
        let (place, mut copy) = place.close(copy).map_err(uncopied)?;
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
            Place::Open(file) => {
                use std::os::fd::AsRawFd as _;
                PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()))
            }
            Place::Folder { library, .. } => library.clone(),
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
pub(crate) fn open(path: &Path) -> io::Result<File> {
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
        Ok((Self::Open(file.try_clone()?), file))
    }

    fn folder(path: &Path) -> io::Result<(Self, File)> {
        #[cfg(not(target_os = "linux"))]
        sweep(&std::env::temp_dir(), LEFT_AFTER);
        let mut builder = tempfile::Builder::new();
        builder.prefix(PREFIX);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            builder.permissions(std::fs::Permissions::from_mode(0o700));
        }
        let folder = builder.tempdir()?;
        let library = folder.path().join(path.file_name().unwrap_or("plugin".as_ref()));
        let file = File::options().read(true).write(true).create_new(true).open(&library)?;
        Ok((Self::Folder { folder, library }, file))
    }

    /// Ends the time in which the copy can be written, and on Linux that in which it has a name: nothing is left of it however the process ends.
    /// Gives the copy back as it is to be read.
    fn close(self, copy: File) -> io::Result<(Self, File)> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Open(file) => {
                use rustix::fs::{SealFlags, fcntl_add_seals};
                let seals = SealFlags::SHRINK | SealFlags::GROW | SealFlags::WRITE | SealFlags::SEAL;
                fcntl_add_seals(&copy, seals)?;
                Ok((Self::Open(file), copy))
            }
            #[cfg(target_os = "linux")]
            Self::Folder { folder, library } => {
                copy.sync_all()?;
                let file = File::open(library)?;
                folder.close()?;
                Ok((Self::Open(file), copy))
            }
            #[cfg(not(target_os = "linux"))]
            Self::Folder { ref library, .. } => {
                copy.sync_all()?;
                // Windows loads no library that somebody has open for writing.
                drop(copy);
                let mut options = File::options();
                options.read(true);
                #[cfg(windows)]
                {
                    // Others may read it too, but neither write nor remove it.
                    const FILE_SHARE_READ: u32 = 1;
                    std::os::windows::fs::OpenOptionsExt::share_mode(&mut options, FILE_SHARE_READ);
                }
                let copy = options.open(library)?;
                Ok((self, copy))
            }
        }
    }
}

/// What the name of a copy's folder begins with.
const PREFIX: &str = "huoyan-plugin-";

/// No run takes as long; what is older was left.
#[cfg(not(target_os = "linux"))]
const LEFT_AFTER: std::time::Duration = std::time::Duration::from_secs(7 * 24 * 3600);

/// Removes what earlier runs left, as far as this user may.
#[cfg(any(test, not(target_os = "linux")))]
fn sweep(folder: &Path, left_after: std::time::Duration) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let age = entry.metadata().and_then(|metadata| metadata.modified()).ok().and_then(|at| at.elapsed().ok());
        if entry.file_name().to_string_lossy().starts_with(PREFIX) && age.is_some_and(|age| age >= left_after) {
            let _ = std::fs::remove_dir_all(entry.path());
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
        assert!(std::fs::read_link(&path).unwrap().to_string_lossy().contains("memfd:"), "it has files in memory");
        let written = File::options().write(true).open(&path).and_then(|mut file| file.write_all(b"x"));
        assert_eq!(written.unwrap_err().kind(), io::ErrorKind::PermissionDenied);
        assert!(File::options().write(true).open(&path).and_then(|file| file.set_len(0)).is_err());
    }

    #[test]
    #[cfg(unix)]
    fn a_copy_in_a_folder_is_for_this_user_alone_and_goes_with_the_image() {
        use std::os::unix::fs::PermissionsExt as _;
        let (place, copy) = Place::folder(Path::new("x")).unwrap();
        let Place::Folder { folder, .. } = &place else { panic!("it is a folder") };
        let folder = folder.path().to_owned();
        assert_eq!(folder.metadata().unwrap().permissions().mode() & 0o777, 0o700);
        let (place, _copy) = place.close(copy).unwrap();
        // On Linux it is gone at once, so that a run that is killed leaves nothing either.
        assert_eq!(folder.exists(), cfg!(not(target_os = "linux")));
        drop(place);
        assert!(!folder.exists());
    }

    #[test]
    fn what_was_left_is_swept_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let (left, other) = (dir.path().join("huoyan-plugin-left"), dir.path().join("other"));
        for folder in [&left, &other] {
            std::fs::create_dir(folder).unwrap();
            std::fs::write(folder.join("lib.so"), "x").unwrap();
        }
        sweep(dir.path(), std::time::Duration::from_secs(3600));
        assert!(left.exists());
        sweep(dir.path(), std::time::Duration::ZERO);
        assert!(!left.exists() && other.exists());
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
