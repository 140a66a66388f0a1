//! QR codes in pictures: where they are and what they say.
//!
//! A code may fill the picture or be a small corner of it, and be printed light on dark. What must stay true: no picture makes
//! this panic, and time stays in proportion to the pixels looked at, which are bounded, as are the marks of codes among them.

mod finder;

use rqrr::PreparedImage;

use self::finder::Look;
use crate::Luma;
use crate::local::resampled;

/// A code that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// What it says: UTF-8, or else GB 18030, which Chinese makers of codes use; bytes that are neither are replaced.
    pub text: String,
    /// Its corners in pixels of the picture, from the top left one clockwise as the code lies.
    pub corners: [[i32; 2]; 4],
}

impl Code {
    /// Left, top, right and bottom of the upright box around it.
    pub fn region(&self) -> [i32; 4] {
        let [x, y] = [0, 1].map(|i| self.corners.map(|corner| corner[i]));
        let least = |v: [i32; 4]| v.into_iter().min().unwrap_or(0);
        let most = |v: [i32; 4]| v.into_iter().max().unwrap_or(0);
        [least(x), least(y), most(x), most(y)]
    }
}

/// Sizes at which codes are looked for, in pixels: most are found in a moderate picture at once, a small code in a large
/// picture only at its full size.
const LOOKS: [usize; 2] = [500_000, 4_000_000];
/// The longest side that is looked at.
const SIDE: usize = 4096;
/// Most codes told of one picture.
const MOST: usize = 16;

/// All codes of a picture that can be read; `None` when it is so full of marks of codes that it was not read.
pub fn read(picture: &Luma) -> Option<Vec<Code>> {
    let mut looked = 0;
    let mut crowded = false;
    for pixels in LOOKS {
        let seen = picture.fitted(pixels, SIDE);
        let (width, height) = (seen.width(), seen.height());
        if width * height == looked {
            break;
        }
        looked = width * height;
        let scale = picture.width() as f64 / width as f64;
        let marks = finder::look(&seen);
        crowded |= marks.contains(&Look::Crowded);
        for inverted in [false, true].into_iter().filter(|&i| marks[usize::from(i)] == Look::Likely) {
            let mut codes = look(&seen, inverted, scale);
            // Modules of two or three pixels are read more surely when they are made larger.
            if codes.is_empty() && 4 * looked <= LOOKS[1] {
                codes = look(&resampled(&seen, 2 * width, 2 * height), inverted, scale / 2.0);
            }
            if !codes.is_empty() {
                return Some(codes);
            }
        }
    }
    (!crowded).then(Vec::new)
}

fn look(picture: &Luma, inverted: bool, scale: f64) -> Vec<Code> {
    let flip = if inverted { 255 } else { 0 };
    let (width, height) = (picture.width(), picture.height());
    let mut prepared = PreparedImage::prepare_from_greyscale(width, height, |x, y| picture.row(y)[x] ^ flip);
    let mut codes: Vec<Code> = Vec::new();
    for grid in prepared.detect_grids() {
        if codes.len() == MOST {
            break;
        }
        let mut bytes = Vec::new();
        // A grid that cannot be read says nothing: print often looks like one.
        if grid.decode_to(&mut bytes).is_ok() {
            let corners = grid.bounds.map(|p| [p.x, p.y].map(|v| (f64::from(v) * scale).round() as i32));
            codes.push(Code { text: text_of(bytes), corners });
        }
    }
    codes
}

fn text_of(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes)
        .unwrap_or_else(|e| encoding_rs::GB18030.decode_without_bom_handling(e.as_bytes()).0.into_owned())
}
