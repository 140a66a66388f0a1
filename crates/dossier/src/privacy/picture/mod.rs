//! Pictures: metadata taken off without touching pixels, and regions that a person names blacked out in a copy.

mod cover;
mod jpeg;
mod png;
mod webp;

use std::fmt;

use huoyan_model::Localized;

pub use cover::{Covered, Rect, copy_name, cover, lie_inside};

/// A picture without metadata.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stripped {
    /// The copy. Its pixels are coded as before.
    pub bytes: Vec<u8>,
    /// What was taken off, such as `Exif`, `XMP`, `tEXt`, `trailing bytes`.
    pub removed: Vec<String>,
}

/// Why a picture cannot be copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PictureError {
    /// Neither JPEG nor PNG nor WebP.
    Unknown,
    /// It ends or contradicts itself at this byte.
    Damaged {
        /// The byte.
        at: usize,
        /// What is wrong there.
        why: &'static str,
    },
    /// The pixels cannot be read.
    Undecodable(String),
    /// A region lies outside the picture, so that nothing would be covered.
    Outside(Rect),
    /// No region was named.
    NoRegion,
}

impl PictureError {
    /// The message in both languages.
    pub fn message(&self) -> Localized {
        match self {
            Self::Unknown => Localized::new(
                "不是 JPEG、PNG 或 WebP 图片；请转换为其中之一",
                "not a JPEG, PNG or WebP picture; convert it to one of these",
            ),
            Self::Damaged { at, why } => Localized::new(
                format!("图片在第 {at} 字节处损坏；请重新获取"),
                format!("the picture is damaged at byte {at} ({why}); fetch it again"),
            ),
            Self::Undecodable(why) => Localized::new(
                format!("图片无法解码（{why}）；请重新获取"),
                format!("the picture cannot be decoded ({why}); fetch it again"),
            ),
            Self::Outside(Rect { x, y, width, height }) => Localized::new(
                format!("左上角 {x},{y}、大小 {width}x{height} 的区域在图片之外；请从左上角起按像素给出"),
                format!(
                    "the region at {x},{y} of {width}x{height} lies outside the picture; give pixels from the upper left corner"
                ),
            ),
            Self::NoRegion => {
                Localized::new("没有要涂黑的区域；请至少给出一个", "no region to cover; name at least one")
            }
        }
    }
}

impl fmt::Display for PictureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message().en)
    }
}

impl std::error::Error for PictureError {}

/// Copies a JPEG, PNG or WebP picture without Exif, XMP, IPTC, colour profiles, comments, thumbnails, unknown parts and what stands behind its
/// end. The pixels stay as they are coded; which way up the picture is shown stays too.
///
/// # Errors
/// The format is another, or the file is damaged: then nothing may leave.
pub fn strip_metadata(bytes: &[u8]) -> Result<Stripped, PictureError> {
    match bytes {
        [0xFF, 0xD8, ..] => jpeg::strip(bytes),
        [0x89, b'P', b'N', b'G', ..] => png::strip(bytes),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => webp::strip(bytes),
        _ => Err(PictureError::Unknown),
    }
}

/// Bytes from `at` on, or where the file ends too early.
fn part(bytes: &[u8], at: usize, len: usize) -> Result<&[u8], PictureError> {
    at.checked_add(len)
        .and_then(|end| bytes.get(at..end))
        .ok_or(PictureError::Damaged { at: bytes.len(), why: "it ends too early" })
}

#[cfg(test)]
mod tests;
