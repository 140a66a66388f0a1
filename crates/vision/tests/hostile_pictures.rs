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
