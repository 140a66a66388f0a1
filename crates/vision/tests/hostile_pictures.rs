//! Pictures that lie, break off or are not what they seem: each gets a clear outcome, none a panic.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::io::Cursor;

use huoyan_vision::{Limits, PictureError, decode};
use image::codecs::gif::GifEncoder;
use image::{DynamicImage, Frame, ImageBuffer, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};

fn picture() -> RgbImage {
    RgbImage::from_fn(90, 60, |x, y| Rgb([(x * 2) as u8, (y * 4) as u8, ((x * y) % 251) as u8]))
}

fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn outcome(bytes: &[u8]) -> Result<(usize, usize), PictureError> {
    decode(bytes, &Limits::default()).map(|p| (p.width(), p.height()))
}

#[test]
fn every_format_gives_the_same_picture() {
    let rgb = DynamicImage::ImageRgb8(picture());
    let exact = decode(&encoded(&rgb, ImageFormat::Png), &Limits::default()).unwrap();
    for format in [ImageFormat::Bmp, ImageFormat::WebP] {
        assert_eq!(decode(&encoded(&rgb, format), &Limits::default()).unwrap(), exact, "{format:?}");
    }
    for format in [ImageFormat::Jpeg, ImageFormat::Gif] {
        let other = decode(&encoded(&rgb, format), &Limits::default()).unwrap();
        let off: u32 = exact.data().iter().zip(other.data()).map(|(&a, &b)| u32::from(a.abs_diff(b))).sum();
        assert!(off / (90 * 60) < 12, "{format:?}: {off}");
    }
    let deep = DynamicImage::ImageRgb16(rgb.to_rgb16());
    assert_eq!(outcome(&encoded(&deep, ImageFormat::Png)), Ok((90, 60)));
}

#[test]
fn what_is_transparent_is_white() {
    let clear: RgbaImage = ImageBuffer::from_pixel(8, 8, Rgba([0, 0, 0, 0]));
    let decoded = decode(&encoded(&DynamicImage::ImageRgba8(clear), ImageFormat::Png), &Limits::default()).unwrap();
    assert!(decoded.data().iter().all(|&p| p == 255));
}

#[test]
fn an_animation_is_judged_by_its_first_frame() {
    let mut bytes = Vec::new();
    {
        let mut encoder = GifEncoder::new(&mut bytes);
        for value in [40u8, 200] {
            let frame = ImageBuffer::from_pixel(16, 16, Rgba([value, value, value, 255]));
            encoder.encode_frame(Frame::new(frame)).unwrap();
        }
    }
    let decoded = decode(&bytes, &Limits::default()).unwrap();
    assert!(decoded.data().iter().all(|&p| p.abs_diff(40) < 4), "{}", decoded.data()[0]);
}

#[test]
fn exif_orientation_is_applied() {
    let plain = encoded(&DynamicImage::ImageRgb8(picture()), ImageFormat::Jpeg);
    let tiff = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
    let mut turned = plain[..2].to_vec();
    turned.extend([0xff, 0xe1]);
    turned.extend((tiff.len() as u16 + 2).to_be_bytes());
    turned.extend(tiff);
    turned.extend(&plain[2..]);
    assert_eq!((outcome(&plain), outcome(&turned)), (Ok((90, 60)), Ok((60, 90))));
}

#[test]
fn says_what_is_wrong() {
    let jpeg = encoded(&DynamicImage::ImageRgb8(picture()), ImageFormat::Jpeg);
    let png = encoded(&DynamicImage::ImageRgb8(picture()), ImageFormat::Png);
    assert_eq!(outcome(b""), Err(PictureError::Empty));
    assert_eq!(outcome(b"<?xml version='1.0'?><svg xmlns='x'/>"), Err(PictureError::Vector));
    assert_eq!(outcome(b"<html>404</html>"), Err(PictureError::UnknownFormat));
    assert_eq!(outcome(&jpeg[..jpeg.len() - 40]), Err(PictureError::Truncated));
    assert_eq!(outcome(&jpeg[..30]), Err(PictureError::Truncated));
    assert!(matches!(outcome(&png[..png.len() / 2]), Err(PictureError::Truncated | PictureError::Corrupt(_))));
    let small = Limits { bytes: 10, ..Limits::default() };
    assert_eq!(decode(&jpeg, &small), Err(PictureError::TooManyBytes { bytes: jpeg.len(), limit: 10 }));
}

#[test]
fn a_header_that_claims_too_much_is_refused_before_decoding() {
    let mut jpeg = encoded(&DynamicImage::ImageRgb8(picture()), ImageFormat::Jpeg);
    let frame = jpeg.windows(2).position(|w| w == [0xff, 0xc0]).unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0x30, 0x00, 0x30, 0x00]);
    assert_eq!(outcome(&jpeg), Err(PictureError::TooManyPixels { pixels: 12_288 * 12_288, limit: 24_000_000 }));
    let mut png = encoded(&DynamicImage::ImageRgb8(picture()), ImageFormat::Png);
    png[16..20].copy_from_slice(&0x7fff_ffffu32.to_be_bytes());
    assert!(outcome(&png).is_err());
}

/// A progressive JPEG whose scans are repeated: small in bytes, and each costs the time of a whole picture.
fn many_scans(repeated: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut bytes, 80);
    encoder.set_progressive(true);
    encoder.encode(picture().as_raw(), 90, 60, jpeg_encoder::ColorType::Rgb).unwrap();
    let last = bytes.windows(2).rposition(|w| w == [0xff, 0xda]).unwrap();
    let end = bytes.len() - 2;
    let scan = bytes[last..end].to_vec();
    for _ in 0..repeated {
        bytes.splice(end..end, scan.iter().copied());
    }
    bytes
}

#[test]
fn a_picture_that_comes_in_ever_more_scans_is_refused() {
    assert_eq!(outcome(&many_scans(0)), Ok((90, 60)));
    let refused = outcome(&many_scans(60));
    assert!(matches!(refused, Err(PictureError::TooManyScans { scans: 61.., limit: 40 })), "{refused:?}");
    // A thumbnail in the metadata is a JPEG of its own, whose scans are none of the picture's.
    let (plain, thumbnail) = (many_scans(0), many_scans(45));
    let mut carrying = plain[..2].to_vec();
    for piece in thumbnail.chunks(60_000) {
        carrying.extend([0xff, 0xe5]);
        carrying.extend((piece.len() as u16 + 2).to_be_bytes());
        carrying.extend(piece);
    }
    carrying.extend(&plain[2..]);
    assert_eq!(outcome(&carrying), Ok((90, 60)));
}

#[test]
fn ink_pictures_and_grey_ones_are_read() {
    let inks: Vec<u8> = picture().pixels().flat_map(|Rgb([r, g, b])| [255 - r, 255 - g, 255 - b, 0]).collect();
    let exact = decode(&encoded(&DynamicImage::ImageRgb8(picture()), ImageFormat::Png), &Limits::default()).unwrap();
    for kind in [jpeg_encoder::ColorType::Cmyk, jpeg_encoder::ColorType::CmykAsYcck] {
        let mut bytes = Vec::new();
        jpeg_encoder::Encoder::new(&mut bytes, 95).encode(&inks, 90, 60, kind).unwrap();
        let read = decode(&bytes, &Limits::default()).unwrap();
        let off: u32 = exact.data().iter().zip(read.data()).map(|(&a, &b)| u32::from(a.abs_diff(b))).sum();
        assert!(off / (90 * 60) < 12, "{kind:?}: {off}");
    }
    let grey = DynamicImage::ImageLuma8(DynamicImage::ImageRgb8(picture()).to_luma8());
    assert_eq!(outcome(&encoded(&grey, ImageFormat::Jpeg)), Ok((90, 60)));
}

#[test]
fn a_picture_without_a_side_is_refused() {
    let mut jpeg = encoded(&DynamicImage::ImageRgb8(picture()), ImageFormat::Jpeg);
    let frame = jpeg.windows(2).position(|w| w == [0xff, 0xc0]).unwrap();
    jpeg[frame + 7..frame + 9].copy_from_slice(&[0, 0]);
    assert!(outcome(&jpeg).is_err());
    for format in [ImageFormat::Png, ImageFormat::Bmp, ImageFormat::Gif] {
        let mut bytes = encoded(&DynamicImage::ImageRgb8(picture()), format);
        let width = match format {
            ImageFormat::Png => 16..20,
            ImageFormat::Bmp => 18..22,
            _ => 6..8,
        };
        bytes[width].fill(0);
        assert!(outcome(&bytes).is_err(), "{format:?}");
    }
}

#[test]
fn no_damage_makes_it_panic() {
    let mut state = 7u64;
    let mut random = |n: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 16) as usize % n
    };
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif, ImageFormat::Bmp] {
        let whole = encoded(&DynamicImage::ImageRgb8(picture()), format);
        for _ in 0..150 {
            let mut bytes = whole.clone();
            for _ in 0..1 + random(6) {
                let at = random(bytes.len());
                bytes[at] = random(256) as u8;
            }
            bytes.truncate(1 + random(2 * bytes.len()).min(bytes.len() - 1));
            let _ = outcome(&bytes);
        }
    }
}
