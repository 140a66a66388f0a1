//! The largest pictures that are accepted, and bombs, stay within 256 MB. One test alone in its file: it measures the process.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::io::{Cursor, Write};

use huoyan_vision::{Limits, Suspect, decode, qr};
use image::{DynamicImage, ImageBuffer, ImageFormat};

/// The most this process has held since [`forget`], in MB.
fn most() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
}

fn forget() {
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
}

const WIDTH: u32 = 6000;
const HEIGHT: u32 = 4000;

/// Busy, and still small enough in every format.
fn speckle(x: u32, y: u32) -> u8 {
    let (x, y) = (x / 4, y / 3);
    (x.wrapping_mul(31).wrapping_add(y.wrapping_mul(17)) ^ (x / 9 * (y / 7))) as u8
}

fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn progressive() -> Vec<u8> {
    let pixels: Vec<u8> = (0..WIDTH * HEIGHT)
        .flat_map(|i| [speckle(i % WIDTH, i / WIDTH), (i % 251) as u8, (i / 7 % 256) as u8])
        .collect();
    let mut bytes = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut bytes, 60);
    encoder.set_progressive(true);
    encoder.set_sampling_factor(jpeg_encoder::SamplingFactor::F_1_1);
    encoder.encode(&pixels, WIDTH as u16, HEIGHT as u16, jpeg_encoder::ColorType::Rgb).unwrap();
    bytes
}

fn gif(picture: DynamicImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = image::codecs::gif::GifEncoder::new_with_speed(&mut bytes, 30);
    encoder.encode_frame(image::Frame::new(picture.into_rgba8())).unwrap();
    drop(encoder);
    bytes
}

/// A PNG whose colour profile is 300 MB of zeros, 300 KB in the file.
fn profile_bomb() -> Vec<u8> {
    let small = encoded(&DynamicImage::new_rgb8(64, 64), ImageFormat::Png);
    let mut deflated = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    let zeros = vec![0u8; 1 << 20];
    (0..300).for_each(|_| deflated.write_all(&zeros).unwrap());
    let mut data = b"iCCPx\0\0".to_vec();
    data.extend(deflated.finish().unwrap());
    let mut crc = flate2::Crc::new();
    crc.update(&data);
    let mut bytes = small[..33].to_vec();
    bytes.extend((data.len() as u32 - 4).to_be_bytes());
    bytes.extend(&data);
    bytes.extend(crc.sum().to_be_bytes());
    bytes.extend(&small[33..]);
    bytes
}

#[test]
fn the_largest_pictures_and_bombs_stay_within_256_mb() {
    let deep = || {
        DynamicImage::ImageRgba16(ImageBuffer::from_fn(WIDTH, HEIGHT, |x, y| {
            let v = u16::from(speckle(x, y)) << 8;
            image::Rgba([v, v, 0, u16::MAX - (x / 90) as u16])
        }))
    };
    let plain = || {
        DynamicImage::ImageRgb8(ImageBuffer::from_fn(WIDTH, HEIGHT, |x, y| {
            image::Rgb([speckle(x, y), speckle(y, x), 90])
        }))
    };
    let made: [(&str, &dyn Fn() -> Vec<u8>); 6] = [
        ("progressive JPEG", &progressive),
        ("16-bit PNG with transparency", &|| encoded(&deep(), ImageFormat::Png)),
        ("WebP", &|| encoded(&plain(), ImageFormat::WebP)),
        ("BMP", &|| encoded(&DynamicImage::ImageLuma8(plain().to_luma8()), ImageFormat::Bmp)),
        ("GIF", &|| gif(plain())),
        ("PNG with a profile that unpacks to 300 MB", &profile_bomb),
    ];
    let limits = Limits::default();
    for (name, make) in made {
        let bytes = make();
        let held = bytes.len() as u64 >> 20;
        forget();
        let before = most();
        let outcome = decode(&bytes, &limits).map(|picture| {
            let _ = qr::read(&picture);
            let _ = Suspect::new(&picture);
            (picture.width(), picture.height())
        });
        let used = most().saturating_sub(before.saturating_sub(held));
        let bounded = matches!(outcome, Err(huoyan_vision::PictureError::TooManyBytes { .. }));
        println!("{name}: {outcome:?}, {held} MB encoded, {used} MB at most");
        assert!(!bounded, "{name} was not even looked at");
        assert!(used <= 256, "{name}: {used} MB");
    }
}
