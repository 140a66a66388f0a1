use std::fmt;
use std::path::PathBuf;

/// Why a gallery cannot be built, changed or used.
#[derive(Debug)]
#[non_exhaustive]
pub enum GalleryError {
    /// Not a gallery, or one of another layout.
    Format(String),
    /// A part does not match its digest.
    Digest(String),
    /// `gallery.csv` or a list of hashes cannot be used.
    Table(String),
    /// There is no picture to build from.
    NoPictures(PathBuf),
    /// The folder holds something that is no gallery.
    Occupied(PathBuf),
    /// Another program is changing the gallery.
    Busy(PathBuf),
    /// More than a gallery can hold.
    TooLarge(String),
    /// Reading or writing failed.
    Io(PathBuf, std::io::Error),
}

impl fmt::Display for GalleryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Format(why) => {
                write!(f, "this is no usable gallery: {why}; build it again with `huoyan gallery build`")
            }
            Self::Digest(part) => {
                write!(
                    f,
                    "the gallery's {part} do not match their digest; they were changed or damaged: build it again"
                )
            }
            Self::Table(why) => write!(f, "{why}"),
            Self::NoPictures(dir) => write!(
                f,
                "no picture that can be used was found in '{}'; put JPEG, PNG, WebP, GIF or BMP files there",
                dir.display()
            ),
            Self::Occupied(path) => {
                write!(
                    f,
                    "'{}' exists and is no gallery; nothing of it was touched, name another place",
                    path.display()
                )
            }
            Self::Busy(path) => write!(f, "'{}' is being changed by another program; try again later", path.display()),
            Self::TooLarge(what) => write!(f, "a gallery cannot hold {what}; make two of it"),
            Self::Io(path, error) => write!(f, "'{}': {error}", path.display()),
        }
    }
}

impl std::error::Error for GalleryError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(_, error) => Some(error),
            _ => None,
        }
    }
}
