//! Where bytes go: standard output, or a temporary file beside the target that is renamed when it is whole.
//!
//! A reader never sees half a file, and a run that dies leaves the previous report in place.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use huoyan_model::{RunStatus, RunSummary};
use tempfile::NamedTempFile;

use crate::{Destination, Error};

/// A destination being written.
pub(crate) struct Sink {
    name: String,
    writer: Option<BufWriter<Inner>>,
    target: Option<PathBuf>,
}

enum Inner {
    Stdout(Box<dyn Write + Send>),
    /// A device or a named pipe (`/dev/null`), which must never be replaced by a file.
    Device(File),
    File(NamedTempFile),
}

impl Write for Inner {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stdout(writer) => writer.write(bytes),
            Self::Device(file) => file.write(bytes),
            Self::File(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stdout(writer) => writer.flush(),
            Self::Device(file) => file.flush(),
            Self::File(file) => file.flush(),
        }
    }
}

impl Sink {
    pub(crate) fn open(destination: &Destination, stdout: fn() -> Box<dyn Write + Send>) -> Result<Self, Error> {
        let name = destination.to_string();
        let (inner, target) = match destination {
            Destination::Stdout => (Inner::Stdout(stdout()), None),
            Destination::File(path) => at(path).map_err(|error| Error::io(&name, error))?,
        };
        Ok(Self { name, writer: Some(BufWriter::with_capacity(1 << 16, inner)), target })
    }

    /// The destination as messages name it.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Whether this is standard output rather than a file.
    pub(crate) fn is_stdout(&self) -> bool {
        self.target.is_none()
    }

    pub(crate) fn error(&self, error: io::Error) -> Error {
        Error::io(&self.name, error)
    }

    /// Writes with the destination named in any error.
    pub(crate) fn put(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.write_all(bytes).map_err(|error| self.error(error))
    }

    /// Flushes and gives the file its name.
    pub(crate) fn commit(&mut self) -> Result<(), Error> {
        let target = self.target.clone();
        self.commit_to(target.as_deref())
    }

    /// As [`Self::commit`], for formats without a place to say that the run was interrupted: their file then gets the
    /// name `PATH.partial`, so that nobody takes the part for the whole.
    pub(crate) fn commit_marked(&mut self, summary: &RunSummary) -> Result<(), Error> {
        let target = self.target.clone().map(|path| {
            if summary.status != RunStatus::Interrupted {
                return path;
            }
            let mut name = path.into_os_string();
            name.push(".partial");
            PathBuf::from(name)
        });
        self.commit_to(target.as_deref())
    }

    fn commit_to(&mut self, target: Option<&Path>) -> Result<(), Error> {
        let Some(writer) = self.writer.take() else { return Ok(()) };
        let inner = writer.into_inner().map_err(|error| self.error(error.into_error()))?;
        match (inner, target) {
            (Inner::File(file), Some(path)) => {
                file.as_file().sync_all().map_err(|error| self.error(error))?;
                file.persist(path).map_err(|error| self.error(error.error))?;
            }
            (Inner::Stdout(mut writer), _) => writer.flush().map_err(|error| self.error(error))?,
            (Inner::Device(_) | Inner::File(_), _) => {}
        }
        Ok(())
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.writer {
            Some(writer) => writer.write(bytes),
            None => Err(io::Error::other("the output is finished already")),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.as_mut().map_or(Ok(()), Write::flush)
    }
}

/// What is written for a path, and the name it gets in the end.
fn at(path: &Path) -> io::Result<(Inner, Option<PathBuf>)> {
    match std::fs::metadata(path) {
        Ok(found) if found.is_dir() => Err(io::Error::other("it is a folder; name a file in it")),
        Ok(found) if !found.is_file() => {
            let device = OpenOptions::new().write(true).open(path)?;
            Ok((Inner::Device(device), Some(path.to_owned())))
        }
        // A symbolic link stays one: the file it points to is replaced.
        Ok(_) => {
            let path = path.canonicalize()?;
            Ok((Inner::File(beside(&path)?), Some(path)))
        }
        Err(_) => Ok((Inner::File(beside(path)?), Some(path.to_owned()))),
    }
}

/// A temporary file in the target's folder, since a rename cannot cross file systems.
fn beside(path: &Path) -> io::Result<NamedTempFile> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    std::fs::create_dir_all(folder)?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(".huoyan-").suffix(".part");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // Reports are shared: the user's umask decides, not the private mode of temporary files.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}
