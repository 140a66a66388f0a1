use std::fs::{self, File};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::BundleError;

/// A folder that appears under its name with everything in it, or not at all.
///
/// It is filled under a hidden name beside its place, all of it is brought to the disk, and then one rename makes it visible. A process that
/// is killed leaves at most a folder `.NAME.unfinished-…` that nothing takes for a bundle, and that the next one for the same place sweeps: a
/// file in it is locked for as long as its process lives.
pub(crate) struct Unpublished {
    folder: TempDir,
    lock: File,
    place: PathBuf,
    parent: PathBuf,
}

impl Unpublished {
    pub fn new(place: &Path) -> Result<Self, BundleError> {
        if fs::symlink_metadata(place).is_ok() {
            return Err(BundleError::Exists { path: place.display().to_string() });
        }
        let parent = place.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let name = place.file_name().unwrap_or_default().to_string_lossy();
        let prefix = format!(".{name}.unfinished-");
        sweep(parent, &prefix);
        let folder = tempfile::Builder::new().prefix(&prefix).tempdir_in(parent);
        let folder = folder.map_err(BundleError::io(parent))?;
        let lock = hold(folder.path()).map_err(BundleError::io(folder.path()))?;
        Ok(Self { folder, lock, place: place.to_owned(), parent: parent.to_owned() })
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Makes it visible. Its files must have been brought to the disk before.
    pub fn publish(self) -> Result<(), BundleError> {
        let lock = self.folder.path().join(LOCK);
        fs::remove_file(&lock).map_err(BundleError::io(&lock))?;
        // Held until it has its name: who has opened it to sweep waits, and then finds nothing. Windows renames no folder with an open file.
        let _held = cfg!(unix).then_some(self.lock);
        sync_folder(self.folder.path())?;
        // Looked at again, since a rename would replace an empty folder; onto a filled one it fails by itself.
        if fs::symlink_metadata(&self.place).is_ok() {
            return Err(BundleError::Exists { path: self.place.display().to_string() });
        }
        fs::rename(self.folder.path(), &self.place).map_err(BundleError::io(&self.place))?;
        let _moved = self.folder.keep();
        sync_folder(&self.parent)
    }
}

/// What the process that fills a folder has locked in it.
const LOCK: &str = ".lock";

/// Locks a folder that is being filled. The lock is there before its name is, so that no sweep comes between.
fn hold(folder: &Path) -> std::io::Result<File> {
    let new = folder.join(".lock-new");
    let file = File::create_new(&new)?;
    file.lock()?;
    fs::rename(new, folder.join(LOCK))?;
    Ok(file)
}

/// Removes what killed processes have left. A folder without a lock is left alone: its process has just begun, or is about to publish it. What
/// cannot be removed is in nobody's way.
fn sweep(parent: &Path, prefix: &str) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let is_left = entry.file_name().to_string_lossy().starts_with(prefix)
            && entry.file_type().is_ok_and(|kind| kind.is_dir())
            && File::open(entry.path().join(LOCK)).is_ok_and(|lock| lock.try_lock().is_ok());
        if is_left {
            let _gone = fs::remove_dir_all(entry.path());
        }
    }
}

/// Replaces a file by what `write` makes, at once or not at all.
pub(crate) fn replace_file(
    path: &Path,
    write: impl FnOnce(&mut File) -> Result<(), BundleError>,
) -> Result<(), BundleError> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let temporary = tempfile::Builder::new().prefix(".unfinished-").tempfile_in(parent);
    let mut temporary = temporary.map_err(BundleError::io(parent))?;
    write(temporary.as_file_mut())?;
    temporary.as_file().sync_all().map_err(BundleError::io(path))?;
    temporary.persist(path).map_err(|error| BundleError::io(path)(error.error))?;
    sync_folder(parent)
}

pub(crate) fn sync_folder(path: &Path) -> Result<(), BundleError> {
    // Windows has no handle on a folder to flush.
    if cfg!(unix) {
        let folder = File::open(path).map_err(BundleError::io(path))?;
        folder.sync_all().map_err(BundleError::io(path))?;
    }
    Ok(())
}
