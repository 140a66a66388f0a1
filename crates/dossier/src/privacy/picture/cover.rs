//! Regions blacked out.

use std::io::Cursor;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, Rgba};

use super::PictureError;

/// A region in pixels of the picture as it is shown, from its upper left corner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Rect {
    /// Columns from the left.
    pub x: u32,
    /// Rows from above.
    pub y: u32,
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

/// A copy of a picture with regions blacked out. It is a copy, and [`copy_name`] says so in its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Covered {
    /// The copy, a PNG without metadata.
    pub png: Vec<u8>,
    /// What was covered, cut to the picture.
    pub regions: Vec<Rect>,
    /// What a reader is told: 遮盖副本 (redacted copy).
    pub label: &'static str,
}

/// What every covered copy is called.
const LABEL: &str = "遮盖副本 (redacted copy)";

/// Most bytes that a picture may take in memory.
const MOST_BYTES: u64 = 512 * 1024 * 1024;
/// Most pixels along a side.
const MOST_SIDE: u32 = 32_768;

/// Blacks out regions that a person named: faces, QR codes, the label of a parcel. The picture is decoded, the regions are overwritten, and what is
/// left is coded as PNG, so nothing of what was under them stays.
///
/// # Errors
/// No region, a region outside the picture, or pixels that cannot be read.
pub fn cover(bytes: &[u8], regions: &[Rect]) -> Result<Covered, PictureError> {
    let undecodable = |e: &dyn std::fmt::Display| PictureError::Undecodable(e.to_string());
    if regions.is_empty() {
        return Err(PictureError::NoRegion);
    }
    let mut decoder = decoder(bytes)?;
    let way = decoder.orientation().map_err(|e| undecodable(&e))?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|e| undecodable(&e))?;
    picture.apply_orientation(way);
    let (wide, high) = (picture.width(), picture.height());
    let mut pixels = picture.into_rgba8();
    let mut covered = Vec::with_capacity(regions.len());
    for region in regions {
        let region = region.within(wide, high)?;
        for y in region.y..region.y + region.height {
            for x in region.x..region.x + region.width {
                pixels.put_pixel(x, y, Rgba([0, 0, 0, 255]));
            }
        }
        covered.push(region);
    }
    let mut png = Vec::new();
    pixels.write_to(&mut Cursor::new(&mut png), ImageFormat::Png).map_err(|e| undecodable(&e))?;
    Ok(Covered { png, regions: covered, label: LABEL })
}

/// Whether regions lie in a picture, so that each would cover something. Only its head is decoded.
///
/// # Errors
/// A region outside the picture, or bytes that are no picture.
pub fn lie_inside(bytes: &[u8], regions: &[Rect]) -> Result<(), PictureError> {
    let mut decoder = decoder(bytes)?;
    let (mut wide, mut high) = decoder.dimensions();
    let way = decoder.orientation().map_err(|e| PictureError::Undecodable(e.to_string()))?;
    if matches!(
        way,
        Orientation::Rotate90 | Orientation::Rotate270 | Orientation::Rotate90FlipH | Orientation::Rotate270FlipH
    ) {
        (wide, high) = (high, wide);
    }
    regions.iter().try_for_each(|region| region.within(wide, high).map(|_| ()))
}

fn decoder(bytes: &[u8]) -> Result<impl ImageDecoder + '_, PictureError> {
    let undecodable = |e: &dyn std::fmt::Display| PictureError::Undecodable(e.to_string());
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(|e| undecodable(&e))?;
    if reader.format().is_some_and(|f| !matches!(f, ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP)) {
        return Err(PictureError::Unknown);
    }
    let mut limits = Limits::default();
    limits.max_alloc = Some(MOST_BYTES);
    limits.max_image_width = Some(MOST_SIDE);
    limits.max_image_height = Some(MOST_SIDE);
    reader.limits(limits);
    reader.into_decoder().map_err(|e| undecodable(&e))
}

impl Rect {
    /// The region, cut to a picture of this size.
    fn within(self, wide: u32, high: u32) -> Result<Self, PictureError> {
        let right = self.x.saturating_add(self.width).min(wide);
        let below = self.y.saturating_add(self.height).min(high);
        if self.x >= right || self.y >= below {
            return Err(PictureError::Outside(self));
        }
        Ok(Self { width: right - self.x, height: below - self.y, ..self })
    }
}

/// The name of a covered copy: `遮盖副本-…png`.
pub fn copy_name(original: &str) -> String {
    let stem = original.rfind('.').filter(|dot| *dot > 0).map_or(original, |dot| &original[..dot]);
    if stem.starts_with("遮盖副本-") { format!("{stem}.png") } else { format!("遮盖副本-{stem}.png") }
}
