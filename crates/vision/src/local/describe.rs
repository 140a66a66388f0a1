//! The direction of a corner, and 256 steered comparisons around it.

mod pattern;

use std::sync::LazyLock;

use pattern::PATTERN;

use super::Descriptor;
use crate::Luma;

/// All that describes a corner lies within this distance of it.
const RADIUS: i32 = 15;
/// Steered patterns are prepared for this many directions.
const DIRECTIONS: usize = 32;

/// Two places to compare: x, y of the first, x, y of the second.
type Test = [i8; 4];

/// Half the width of the disc at each height.
static DISC: LazyLock<[i32; RADIUS as usize + 1]> =
    LazyLock::new(|| std::array::from_fn(|y| f64::from(RADIUS * RADIUS - (y * y) as i32).sqrt().round() as i32));

/// For each direction the turned pattern, and after those the patterns that read a picture as its mirror image would be
/// read.
static PATTERNS: LazyLock<Vec<[Test; 256]>> = LazyLock::new(|| {
    let turned = |direction: usize| -> [Test; 256] {
        let (sin, cos) = (direction as f64 / DIRECTIONS as f64 * std::f64::consts::TAU).sin_cos();
        let turn = |x: f64, y: f64| [(x * cos - y * sin).round() as i8, (x * sin + y * cos).round() as i8];
        PATTERN.map(|places| {
            let [x0, y0, x1, y1] = places.map(|v| f64::from(v) / 8.0);
            let ([a, b], [c, d]) = (turn(x0, y0), turn(x1, y1));
            [a, b, c, d]
        })
    };
    let straight = (0..DIRECTIONS).map(turned);
    // What a mirror shows to the right of a corner lies to its left.
    let mirrored = (0..DIRECTIONS).map(|direction| turned(direction).map(|[a, b, c, d]| [-a, b, -c, d]));
    straight.chain(mirrored).collect()
});

/// Where the brighter side of the disc around a corner lies, in 1/256 of a turn.
pub(super) fn angle(picture: &Luma, x: usize, y: usize) -> u8 {
    let (mut right, mut down) = (0i64, 0i64);
    let width = picture.width();
    let data = picture.data();
    for dy in -RADIUS..=RADIUS {
        let half = DISC[dy.unsigned_abs() as usize];
        let start = (y as i32 + dy) as usize * width + (x as i32 - half) as usize;
        let row = &data[start..start + 2 * half as usize + 1];
        let (mut sum, mut moment) = (0i32, 0i32);
        for (i, &p) in row.iter().enumerate() {
            sum += i32::from(p);
            moment += (i as i32 - half) * i32::from(p);
        }
        right += i64::from(moment);
        down += i64::from(sum) * i64::from(dy);
    }
    let turn = (down as f64).atan2(right as f64) / std::f64::consts::TAU;
    (turn * 256.0).round().rem_euclid(256.0) as u8
}

/// Compares 256 pairs of places around a corner that points to `angle`, seen in a mirror or not.
pub(super) fn describe(picture: &Luma, x: usize, y: usize, angle: u8, mirrored: bool) -> Descriptor {
    let angle = if mirrored { mirrored_angle(angle) } else { angle };
    let direction = (usize::from(angle) + 4) / 8 % DIRECTIONS;
    let pattern = &PATTERNS[direction + if mirrored { DIRECTIONS } else { 0 }];
    let width = picture.width() as isize;
    let at = y as isize * width + x as isize;
    let data = picture.data();
    let value = |dx: i8, dy: i8| data[(at + dy as isize * width + dx as isize) as usize];
    let mut descriptor = [0; 32];
    for (byte, tests) in descriptor.iter_mut().zip(pattern.as_chunks::<8>().0) {
        for (bit, &[x0, y0, x1, y1]) in tests.iter().enumerate() {
            *byte |= u8::from(value(x0, y0) < value(x1, y1)) << bit;
        }
    }
    descriptor
}

/// The angle that a corner would have in a mirror.
pub(crate) fn mirrored_angle(angle: u8) -> u8 {
    128u8.wrapping_sub(angle)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hamming::distance;

    #[test]
    fn a_mirrored_description_is_the_description_in_the_mirror() {
        let data = (0..64 * 64).map(|i: usize| blake3::hash(&i.to_le_bytes()).as_bytes()[0]).collect();
        let picture = Luma::new(64, 64, data);
        let mirror = picture.mirrored();
        for (x, y) in [(20, 20), (31, 40), (44, 17)] {
            let here = angle(&picture, x, y);
            let there = angle(&mirror, 63 - x, y);
            assert!(mirrored_angle(here).wrapping_sub(there).wrapping_add(1) <= 2);
            let described = describe(&mirror, 63 - x, y, mirrored_angle(here), false);
            assert_eq!(distance(&describe(&picture, x, y, here, true), &described), 0, "at {x}, {y}");
        }
    }
}
