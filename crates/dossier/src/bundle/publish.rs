use std::fs::{self, File};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::BundleError;

/// A folder that appears under its name with everything in it, or not at all.
///
/// It is filled under a hidden name beside its place, all of it is brought to the disk, and then one rename makes it visible. A process that
/// is killed leaves at most a folder `.NAME.unfinished-…` that nothing takes for a bundle.
pub(crate) struct Unpublished {
    folder: TempDir,
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
        let folder = tempfile::Builder::new().prefix(&format!(".{name}.unfinished-")).tempdir_in(parent);
        let folder = folder.map_err(BundleError::io(parent))?;
        Ok(Self { folder, place: place.to_owned(), parent: parent.to_owned() })
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Makes it visible. Its files must have been brought to the disk before.
    pub fn publish(self) -> Result<(), BundleError> {
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
