//! Encoded bytes to grey pixels, within bounds that are checked before anything is decoded.
//!
//! Listing pictures are hostile input: headers lie, files are cut off, a few bytes claim gigapixels. What must stay true:
//! no input makes this panic, and with [`Limits::default`] it never holds more than about 256 MB. An animated picture is
//! judged by its first frame, transparency is laid on white, and the picture is turned upright as its EXIF data says.

use std::io::Cursor;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits as CodecLimits};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use crate::{Luma, PictureError};

/// What a picture may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Encoded bytes.
    pub bytes: usize,
    /// Pixels, as the header states them.
    pub pixels: u64,
    /// The longest side in pixels.
    pub side: u32,
    /// Passes over the picture: each scan of a progressive JPEG goes over all of it again. Encoders make about ten.
    pub scans: usize,
}

impl Default for Limits {
    /// 32 MiB, 24 million pixels, 16,384 pixels a side, 40 scans: a progressive JPEG of that size needs about 200 MB to decode.
    fn default() -> Self {
        Self { bytes: 32 << 20, pixels: 24_000_000, side: 16_384, scans: 40 }
    }
}

/// Decodes a picture to grey, upright.
///
/// # Errors
/// A [`PictureError`] that says why the picture cannot be judged.
pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Luma, PictureError> {
    if bytes.is_empty() {
        return Err(PictureError::Empty);
    }
    if bytes.len() > limits.bytes {
        return Err(PictureError::TooManyBytes { bytes: bytes.len(), limit: limits.bytes });
    }
    if bytes.starts_with(&[0xff, 0xd8]) {
        return decode_jpeg(bytes, limits);
    }
    match image::guess_format(bytes) {
        Ok(format @ (ImageFormat::Png | ImageFormat::WebP | ImageFormat::Gif | ImageFormat::Bmp)) => {
            decode_other(bytes, format, limits)
        }
        _ if looks_like_svg(bytes) => Err(PictureError::Vector),
        _ => Err(PictureError::UnknownFormat),
    }
}

/// Grey is all that is looked at, so the colour planes of a JPEG are not even transformed.
fn decode_jpeg(bytes: &[u8], limits: &Limits) -> Result<Luma, PictureError> {
    let options = DecoderOptions::default()
        .set_max_width(limits.side as usize)
        .set_max_height(limits.side as usize)
        .set_strict_mode(false);
    let mut headers = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    headers.decode_headers().map_err(|e| jpeg_header_error(bytes, &e))?;
    let (width, height) = headers
        .info()
        .map(|info| (u64::from(info.width), u64::from(info.height)))
        .ok_or_else(|| PictureError::Header("no frame header".to_owned()))?;
    check_size(width, height, limits)?;
    // Decoders fill in what a cut-off file does not say; a half-grey picture would be judged as if the seller had made it.
    if !bytes.windows(2).skip(bytes.len().saturating_sub(64 << 10)).any(|w| w == [0xff, 0xd9])
        && !bytes.windows(2).any(|w| w == [0xff, 0xd9])
    {
        return Err(PictureError::Truncated);
    }
    let scans = scans(bytes);
    if scans > limits.scans {
        return Err(PictureError::TooManyScans { scans, limit: limits.scans });
    }
    let orientation = headers.exif().and_then(|exif| Orientation::from_exif_chunk(exif));
    let inks = matches!(headers.input_colorspace(), Some(ColorSpace::CMYK | ColorSpace::YCCK));
    let target = if inks { ColorSpace::RGB } else { ColorSpace::Luma };
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options.jpeg_set_out_colorspace(target));
    let pixels = decoder.decode().map_err(|e| PictureError::Corrupt(e.to_string()))?;
    let (width, height) = (width as usize, height as usize);
    let data = if inks { pixels.as_chunks::<3>().0.iter().map(|&[r, g, b]| luma(r, g, b)).collect() } else { pixels };
    if data.len() != width * height {
        return Err(PictureError::Corrupt(format!("{} pixels where the header says {}", data.len(), width * height)));
    }
    Ok(upright(Luma::new(width, height, data), orientation.unwrap_or(Orientation::NoTransforms)))
}

/// The scans of a JPEG, those of thumbnails in its metadata left out.
fn scans(bytes: &[u8]) -> usize {
    let mut scans = 0;
    let mut at = 2;
    while let Some(&[mark, kind]) = bytes.get(at..).and_then(|rest| rest.first_chunk()) {
        if mark != 0xff || matches!(kind, 0x00 | 0x01 | 0xd0..=0xd8 | 0xff) {
            // Coded data, in which a mark is always followed by 0 or a restart; or padding.
            let next = bytes[at + 1..].iter().position(|&b| b == 0xff);
            let Some(next) = next else { break };
            at += 1 + next;
            continue;
        }
        if kind == 0xd9 {
            break;
        }
        scans += usize::from(kind == 0xda);
        let length = bytes.get(at + 2..).and_then(|rest| rest.first_chunk()).map_or(2, |b| u16::from_be_bytes(*b));
        at += 2 + usize::from(length.max(2));
    }
    scans
}

fn jpeg_header_error(bytes: &[u8], error: &zune_jpeg::errors::DecodeErrors) -> PictureError {
    use zune_jpeg::errors::DecodeErrors as E;
    match error {
        E::ZeroError => PictureError::Side { width: 0, height: 0, limit: Limits::default().side },
        E::ExhaustedData | E::IoErrors(_) => PictureError::Truncated,
        E::LargeDimensions(side) => {
            PictureError::Side { width: *side as u64, height: *side as u64, limit: Limits::default().side }
        }
        _ if bytes.len() < 128 => PictureError::Truncated,
        other => PictureError::Header(one_line(&format!("{other:?}"))),
    }
}

fn decode_other(bytes: &[u8], format: ImageFormat, limits: &Limits) -> Result<Luma, PictureError> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut codec = CodecLimits::default();
    codec.max_image_width = Some(limits.side);
    codec.max_image_height = Some(limits.side);
    codec.max_alloc = Some(limits.pixels.saturating_mul(8));
    reader.limits(codec);
    let mut decoder = reader.into_decoder().map_err(|e| codec_error(e, true, limits))?;
    let (width, height) = decoder.dimensions();
    check_size(u64::from(width), u64::from(height), limits)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let transparent = decoder.color_type().has_alpha();
    let picture = DynamicImage::from_decoder(decoder).map_err(|e| codec_error(e, false, limits))?;
    let data = to_luma(picture, transparent);
    Ok(upright(Luma::new(width as usize, height as usize, data), orientation))
}

/// Rows at a time, so that no second full-size colour picture is ever held.
fn to_luma(picture: DynamicImage, transparent: bool) -> Vec<u8> {
    match (&picture, transparent) {
        (DynamicImage::ImageLuma8(_), _) => picture.into_bytes(),
        (DynamicImage::ImageRgb8(p), _) => {
            p.as_raw().as_chunks::<3>().0.iter().map(|&[r, g, b]| luma(r, g, b)).collect()
        }
        (DynamicImage::ImageRgba8(p), _) => {
            p.as_raw().as_chunks::<4>().0.iter().map(|&[r, g, b, a]| over_white(luma(r, g, b), a)).collect()
        }
        (DynamicImage::ImageLumaA8(p), _) => {
            p.as_raw().as_chunks::<2>().0.iter().map(|&[l, a]| over_white(l, a)).collect()
        }
        (DynamicImage::ImageLuma16(p), _) => p.as_raw().iter().map(|&l| (l >> 8) as u8).collect(),
        (DynamicImage::ImageLumaA16(p), _) => {
            p.as_raw().as_chunks::<2>().0.iter().map(|&[l, a]| over_white((l >> 8) as u8, (a >> 8) as u8)).collect()
        }
        (DynamicImage::ImageRgb16(p), _) => p
            .as_raw()
            .as_chunks::<3>()
            .0
            .iter()
            .map(|c| c.map(|v| (v >> 8) as u8))
            .map(|[r, g, b]| luma(r, g, b))
            .collect(),
        (DynamicImage::ImageRgba16(p), _) => p
            .as_raw()
            .as_chunks::<4>()
            .0
            .iter()
            .map(|c| c.map(|v| (v >> 8) as u8))
            .map(|[r, g, b, a]| over_white(luma(r, g, b), a))
            .collect(),
        _ => picture.to_luma8().into_raw(),
    }
}

fn check_size(width: u64, height: u64, limits: &Limits) -> Result<(), PictureError> {
    let side = 1..=u64::from(limits.side);
    if !side.contains(&width) || !side.contains(&height) {
        return Err(PictureError::Side { width, height, limit: limits.side });
    }
    if width * height > limits.pixels {
        return Err(PictureError::TooManyPixels { pixels: width * height, limit: limits.pixels });
    }
    Ok(())
}

fn codec_error(error: ImageError, header: bool, limits: &Limits) -> PictureError {
    match error {
        ImageError::Limits(_) => PictureError::TooManyPixels { pixels: u64::MAX, limit: limits.pixels },
        ImageError::IoError(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => PictureError::Truncated,
        other if header => PictureError::Header(one_line(&other.to_string())),
        other => PictureError::Corrupt(one_line(&other.to_string())),
    }
}

fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(160).collect()
}

/// BT.601 luma, as JPEG uses it, in 16-bit fixed point.
fn luma(r: u8, g: u8, b: u8) -> u8 {
    ((19_595 * u32::from(r) + 38_470 * u32::from(g) + 7_471 * u32::from(b) + 32_768) >> 16) as u8
}

fn over_white(value: u8, alpha: u8) -> u8 {
    let (value, alpha) = (u32::from(value), u32::from(alpha));
    ((value * alpha + 255 * (255 - alpha) + 127) / 255) as u8
}

fn upright(picture: Luma, orientation: Orientation) -> Luma {
    if orientation == Orientation::NoTransforms {
        return picture;
    }
    let (width, height) = (picture.width() as u32, picture.height() as u32);
    let buffer = image::GrayImage::from_raw(width, height, picture.data().to_vec());
    let mut turned = DynamicImage::ImageLuma8(buffer.expect("invariant: the pixels fill the picture"));
    turned.apply_orientation(orientation);
    Luma::new(turned.width() as usize, turned.height() as usize, turned.into_bytes())
}

fn looks_like_svg(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(4096)];
    let starts = head.iter().find(|b| !b.is_ascii_whitespace() && !matches!(b, 0xef | 0xbb | 0xbf)) == Some(&b'<');
    starts && head.windows(4).any(|w| w.eq_ignore_ascii_case(b"<svg"))
}
