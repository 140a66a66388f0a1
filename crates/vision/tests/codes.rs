//! QR codes are found and read wherever they lie, and pictures without one are left quickly.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use huoyan_vision::{Luma, qr};
use qrcode::QrCode;

/// A code drawn into a busy picture: its middle, the size of a module, its turn in degrees, light on dark or dark on light.
struct Drawn {
    size: (usize, usize),
    middle: (f64, f64),
    module: f64,
    turn: f64,
    light: bool,
}

impl Drawn {
    fn picture(&self, text: impl AsRef<[u8]>) -> Luma {
        let code = QrCode::new(text).unwrap();
        let (side, colours) = (code.width() as f64, code.to_colors());
        let (sin, cos) = self.turn.to_radians().sin_cos();
        let pixel = |x: usize, y: usize| {
            // Four samples a pixel, so that edges are soft.
            let mut sum = 0.0;
            for (dx, dy) in [(0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)] {
                let (px, py) = (x as f64 + dx - self.middle.0, y as f64 + dy - self.middle.1);
                let (u, v) = (
                    (px * cos + py * sin) / self.module + side / 2.0,
                    (py * cos - px * sin) / self.module + side / 2.0,
                );
                let inside = |w: f64| w >= 0.0 && w < side;
                let quiet = |w: f64| w >= -4.0 && w < side + 4.0;
                sum += if inside(u) && inside(v) {
                    let dark = colours[v as usize * code.width() + u as usize] == qrcode::Color::Dark;
                    if dark != self.light { 40.0 } else { 225.0 }
                } else if quiet(u) && quiet(v) {
                    if self.light { 40.0 } else { 225.0 }
                } else {
                    let (x, y) = (x as f64, y as f64);
                    128.0 + 60.0 * (x / 17.0).sin() * (y / 11.0).cos() + 30.0 * ((x + 2.0 * y) / 5.0).sin()
                };
            }
            (sum / 4.0) as u8
        };
        let pixels = (0..self.size.0 * self.size.1).map(|i| pixel(i % self.size.0, i / self.size.0)).collect();
        Luma::new(self.size.0, self.size.1, pixels)
    }
}

const TEXT: &str = "https://u.wechat.com/EJ4bXyYzAbCdEf";

#[test]
fn codes_are_read_small_large_turned_and_light_on_dark() {
    let mut read = 0;
    for module in [3.0, 4.0, 9.0] {
        for turn in [0.0, 90.0, 180.0, 17.0, -40.0] {
            for light in [false, true] {
                let drawn = Drawn { size: (640, 520), middle: (310.0, 255.0), module, turn, light };
                let codes = qr::read(&drawn.picture(TEXT)).unwrap_or_default();
                let told: Vec<_> = codes.iter().map(|code| code.text.as_str()).collect();
                assert_eq!(told, [TEXT], "{module} {turn} {light}");
                let [left, top, right, bottom] = codes[0].region().map(f64::from);
                let half = module * 29.0 / 2.0;
                for (told, middle) in [(f64::midpoint(left, right), 310.0), (f64::midpoint(top, bottom), 255.0)] {
                    assert!((told - middle).abs() < 4.0 + module, "{module} {turn}: {told} {middle}");
                }
                assert!(right - left > 1.7 * half && right - left < 3.2 * half, "{module} {turn}: {left} {right}");
                read += 1;
            }
        }
    }
    assert_eq!(read, 30);
}

#[test]
fn a_small_code_in_a_large_picture_is_read_and_its_place_told_in_the_pictures_own_pixels() {
    let drawn = Drawn { size: (2400, 1800), middle: (2100.0, 1500.0), module: 4.0, turn: 3.0, light: false };
    let codes = qr::read(&drawn.picture(TEXT)).unwrap_or_default();
    assert_eq!(codes.len(), 1);
    let [left, top, right, bottom] = codes[0].region();
    assert!(left > 2000 && right < 2200 && top > 1400 && bottom < 1600, "{:?}", codes[0]);
}

#[test]
fn chinese_text_is_read_as_it_was_written() {
    let drawn = Drawn { size: (400, 400), middle: (200.0, 200.0), module: 6.0, turn: 0.0, light: false };
    assert_eq!(qr::read(&drawn.picture("加微信：shop-8899")).unwrap()[0].text, "加微信：shop-8899");
    // 加微信 in GB 18030.
    assert_eq!(qr::read(&drawn.picture(b"\xbc\xd3\xce\xa2\xd0\xc5:shop-8899")).unwrap()[0].text, "加微信:shop-8899");
}

#[test]
fn pictures_without_a_code_say_nothing() {
    let noise = |i: usize| (i.wrapping_mul(2_654_435_761) >> 13) as u8;
    let stripes = |i: usize| if (i % 400 / 7).is_multiple_of(2) { 230 } else { 20 };
    let squares = |i: usize| if (i % 400 / 24 + i / 400 / 24).is_multiple_of(2) { 230 } else { 20 };
    for (name, pixel) in [("noise", &noise as &dyn Fn(usize) -> u8), ("stripes", &stripes), ("squares", &squares)] {
        let picture = Luma::new(400, 300, (0..400 * 300).map(pixel).collect());
        assert_eq!(qr::read(&picture), Some(Vec::new()), "{name}");
    }
    for (width, height) in [(1, 1), (2, 90), (700, 1), (21, 21)] {
        assert_eq!(qr::read(&Luma::new(width, height, vec![0; width * height])), Some(Vec::new()));
    }
}

/// The reader compares pairs of marks with all others: a small file full of them must not keep a scan busy.
#[test]
fn a_wall_of_marks_is_passed_over_in_time() {
    let start = std::time::Instant::now();
    for (module, grey) in [(2, 0), (2, 190), (2, 225), (1, 0), (3, 120)] {
        let (side, pitch) = (900, 8 * module + 1);
        let pixel = |i: usize| {
            let (x, y) = (i % side % pitch / module, i / side % pitch / module);
            let ring = x.abs_diff(3).max(y.abs_diff(3));
            if ring == 3 || ring < 2 { grey } else { 240 }
        };
        for flip in [0, 255] {
            let picture = Luma::new(side, side, (0..side * side).map(|i| pixel(i) ^ flip).collect());
            // Marks too faint or too small to be a code's are none; all others are told of.
            let told = if grey == 225 || module == 1 { Some(Vec::new()) } else { None };
            assert_eq!(qr::read(&picture), told, "{module} {grey}");
        }
    }
    // Reading one of them takes minutes; passing over all of them takes a second or two, even unoptimised.
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}
