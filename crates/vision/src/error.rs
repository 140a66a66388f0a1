use std::fmt;

/// Why a picture cannot be judged. The text names what is wrong and, where a limit was hit, the limit and the value.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PictureError {
    /// No bytes at all.
    Empty,
    /// More encoded bytes than [`crate::Limits::bytes`].
    TooManyBytes {
        /// Bytes given.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// A vector picture: what it shows depends on the viewer's fonts and network, so it is refused.
    Vector,
    /// None of the formats that are read.
    UnknownFormat,
    /// The header cannot be read.
    Header(String),
    /// A side of length 0, or longer than [`crate::Limits::side`].
    Side {
        /// Width in pixels, as the header says.
        width: u64,
        /// Height in pixels, as the header says.
        height: u64,
        /// The longest side allowed.
        limit: u32,
    },
    /// More pixels than [`crate::Limits::pixels`].
    TooManyPixels {
        /// Width times height, as the header says.
        pixels: u64,
        /// The limit.
        limit: u64,
    },
    /// More scans than [`crate::Limits::scans`]: each costs the time of a whole picture.
    TooManyScans {
        /// Scans in the file.
        scans: usize,
        /// The limit.
        limit: usize,
    },
    /// The data ends before the picture does.
    Truncated,
    /// The data contradicts its header or itself.
    Corrupt(String),
}

impl fmt::Display for PictureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the picture is empty (0 bytes)"),
            Self::TooManyBytes { bytes, limit } => {
                write!(f, "the picture has {bytes} bytes, more than the {limit} allowed")
            }
            Self::Vector => f.write_str("the picture is a vector drawing (SVG), which is not rendered"),
            Self::UnknownFormat => {
                f.write_str("the picture is in none of the formats read (JPEG, PNG, WebP, GIF, BMP)")
            }
            Self::Header(why) => write!(f, "the picture's header cannot be read: {why}"),
            Self::Side { width, height, limit } => {
                write!(f, "the picture says it is {width}x{height} pixels; each side must lie between 1 and {limit}")
            }
            Self::TooManyPixels { pixels, limit } => {
                write!(f, "the picture says it has {pixels} pixels, more than the {limit} allowed")
            }
            Self::TooManyScans { scans, limit } => {
                write!(f, "the picture comes in {scans} scans, more than the {limit} allowed")
            }
            Self::Truncated => f.write_str("the picture is cut off before its end"),
            Self::Corrupt(why) => write!(f, "the picture is damaged: {why}"),
        }
    }
}

impl std::error::Error for PictureError {}
