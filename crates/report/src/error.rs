use std::fmt;
use std::io;

/// Why an output could not be written. It names the file and what to do about it.
#[derive(Debug)]
pub struct Error {
    target: String,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Io(io::Error),
    Format(String),
}

impl Error {
    pub(crate) fn io(target: &str, error: io::Error) -> Self {
        Self { target: target.to_owned(), kind: Kind::Io(error) }
    }

    pub(crate) fn format(target: &str, error: impl fmt::Display) -> Self {
        Self { target: target.to_owned(), kind: Kind::Format(error.to_string()) }
    }

    /// Whether the reader of a pipe went away (`huoyan scan … | head`), which is no failure of the run.
    pub fn is_broken_pipe(&self) -> bool {
        matches!(&self.kind, Kind::Io(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot write {}: ", self.target)?;
        match &self.kind {
            Kind::Io(error) => {
                write!(f, "{error}")?;
                let help = match error.kind() {
                    io::ErrorKind::PermissionDenied => "choose a folder you may write to, as in -o FORMAT=PATH",
                    io::ErrorKind::StorageFull => "free some space or choose another disk",
                    io::ErrorKind::NotFound => "check the folder's name",
                    _ => return Ok(()),
                };
                write!(f, "; {help}")
            }
            Kind::Format(message) => f.write_str(message),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.kind {
            Kind::Io(error) => Some(error),
            Kind::Format(_) => None,
        }
    }
}
