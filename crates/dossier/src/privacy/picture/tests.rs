use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};

use super::*;

fn picture() -> DynamicImage {
    let image = RgbaImage::from_fn(48, 32, |x, y| Rgba([(x * 5) as u8, (y * 7) as u8, 90, 255]));
    DynamicImage::ImageRgba8(image)
}

fn coded(format: ImageFormat) -> Vec<u8> {
    let mut out = Vec::new();
    let picture = if format == ImageFormat::Jpeg { DynamicImage::ImageRgb8(picture().into_rgb8()) } else { picture() };
    picture.write_to(&mut Cursor::new(&mut out), format).unwrap();
    out
}

fn pixels(bytes: &[u8]) -> Vec<u8> {
    image::load_from_memory(bytes).unwrap().into_rgba8().into_raw()
}

fn holds(bytes: &[u8], needle: &str) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle.as_bytes())
}

const SECRET: &str = "13800138000";

/// A JPEG with Exif (turned by 90 degrees), XMP, a comment and bytes behind its end.
fn told_jpeg() -> Vec<u8> {
    let plain = coded(ImageFormat::Jpeg);
    let mut exif = b"Exif\0\0II\x2A\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0".to_vec();
    exif.extend(SECRET.bytes());
    let mut out = plain[..2].to_vec();
    for (marker, body) in
        [(0xE1, exif), (0xE1, format!("http://ns.adobe.com/xap/1.0/\0{SECRET}").into_bytes()), (0xFE, SECRET.into())]
    {
        out.extend([0xFF, marker]);
        out.extend((body.len() as u16 + 2).to_be_bytes());
        out.extend(body);
    }
    out.extend_from_slice(&plain[2..]);
    out.extend(SECRET.bytes());
    out
}

fn told_png() -> Vec<u8> {
    let plain = coded(ImageFormat::Png);
    let mut out = plain[..33].to_vec();
    for name in [b"tEXt", b"eXIf", b"prVt"] {
        out.extend((SECRET.len() as u32).to_be_bytes());
        out.extend(name);
        out.extend(SECRET.bytes());
        out.extend([0; 4]);
    }
    out.extend_from_slice(&plain[33..]);
    out.extend(SECRET.bytes());
    out
}

fn told_webp() -> Vec<u8> {
    let mut out = coded(ImageFormat::WebP);
    for name in [b"EXIF", b"XMP "] {
        out.extend(name);
        out.extend((SECRET.len() as u32).to_le_bytes());
        out.extend(SECRET.bytes());
        out.push(0);
    }
    let size = (out.len() - 8) as u32;
    out[4..8].copy_from_slice(&size.to_le_bytes());
    out.extend(SECRET.bytes());
    out
}

#[test]
fn metadata_goes_and_pixels_stay() {
    for (told, plain) in [
        (told_jpeg(), coded(ImageFormat::Jpeg)),
        (told_png(), coded(ImageFormat::Png)),
        (told_webp(), coded(ImageFormat::WebP)),
    ] {
        assert!(holds(&told, SECRET));
        let stripped = strip_metadata(&told).unwrap();
        assert!(!holds(&stripped.bytes, SECRET) && !stripped.removed.is_empty(), "{:?}", stripped.removed);
        assert_eq!(pixels(&stripped.bytes), pixels(&plain));
        // A second time there is nothing left to take.
        assert_eq!(strip_metadata(&stripped.bytes).unwrap().bytes, stripped.bytes);
    }
}

#[test]
fn the_way_up_stays() {
    let stripped = strip_metadata(&told_jpeg()).unwrap().bytes;
    let exif = stripped.windows(6).position(|window| window == b"Exif\0\0").unwrap();
    assert_eq!(super::jpeg::orientation(&stripped[exif + 6..]), Some(6));
    let covered = cover(&stripped, &[Rect { x: 0, y: 0, width: 1, height: 1 }]).unwrap();
    let shown = image::load_from_memory(&covered.png).unwrap();
    assert_eq!((shown.width(), shown.height()), (32, 48));
}

#[test]
fn damaged_pictures_are_refused_without_panic() {
    for told in [told_jpeg(), told_png(), told_webp()] {
        for end in 0..told.len() - SECRET.len() {
            let cut = strip_metadata(&told[..end]);
            assert!(cut.is_err() || end >= told.len() - SECRET.len() - 2, "cut at {end}");
        }
        for at in 0..told.len() {
            let mut changed = told.clone();
            changed[at] ^= 0x55;
            let _ = strip_metadata(&changed);
        }
    }
    assert_eq!(strip_metadata(b"GIF89a"), Err(PictureError::Unknown));
}

#[test]
fn named_regions_are_black_and_the_rest_is_as_it_was() {
    let region = Rect { x: 10, y: 4, width: 100, height: 6 };
    let covered = cover(&coded(ImageFormat::Png), &[region]).unwrap();
    assert_eq!(covered.regions, [Rect { width: 38, ..region }]);
    let (before, after) = (picture().into_rgba8(), image::load_from_memory(&covered.png).unwrap().into_rgba8());
    for (x, y, pixel) in after.enumerate_pixels() {
        let inside = x >= 10 && (4..10).contains(&y);
        let expected = if inside { Rgba([0, 0, 0, 255]) } else { *before.get_pixel(x, y) };
        assert_eq!(*pixel, expected, "{x},{y}");
    }
    assert_eq!(copy_name("面单.jpg"), "遮盖副本-面单.png");
    assert!(covered.label.contains("遮盖副本"));
}

#[test]
fn a_region_that_covers_nothing_is_a_mistake() {
    let png = coded(ImageFormat::Png);
    for region in [
        Rect { x: 48, y: 0, width: 5, height: 5 },
        Rect { x: 0, y: 0, width: 0, height: 5 },
        Rect { x: 0, y: u32::MAX, width: 5, height: 5 },
    ] {
        assert_eq!(cover(&png, &[region]), Err(PictureError::Outside(region)));
    }
    assert_eq!(cover(&png, &[]), Err(PictureError::NoRegion));
    assert!(matches!(
        cover(b"no picture", &[Rect { x: 0, y: 0, width: 1, height: 1 }]),
        Err(PictureError::Undecodable(_))
    ));
}
