//! What a match of two pictures rests on, drawn: the reference's outline in the suspect picture, and the two laid over each
//! other in squares, so that a reader sees lines run on from one into the other or break off.

use image::{GrayImage, Luma, Rgb, RgbImage};
use imageproc::drawing::draw_line_segment_mut;
use imageproc::geometric_transformations::{Border, Interpolation, Projection, warp_into};
use serde_json::{Map, Value};

/// The outline, on a line of white that keeps it visible on red things.
const OUTLINE: Rgb<u8> = Rgb([214, 40, 40]);
const HALO: Rgb<u8> = Rgb([255, 255, 255]);
/// Squares along the longer side of the overlay.
const SQUARES: u32 = 8;
/// A corner further off than so many widths of the picture is no outline anybody could see.
const FURTHEST: f32 = 20.0;

/// Where a reference picture lies in a suspect one: a map from the unit square to the unit square.
#[derive(Clone, Copy, Debug)]
pub(super) struct Aligned(Projection);

/// Four corners as evidence tells them (`outline`: shares of the picture's width and height).
pub(super) fn corners_of(evidence: &Map<String, Value>) -> Option<[(f32, f32); 4]> {
    let corners = evidence.get("outline")?.as_array()?;
    let mut told = [(0.0, 0.0); 4];
    if corners.len() != told.len() {
        return None;
    }
    for (slot, corner) in told.iter_mut().zip(corners) {
        let number = |i: usize| Some(corner.get(i)?.as_f64()? as f32).filter(|v| v.abs() <= FURTHEST);
        *slot = (number(0)?, number(1)?);
    }
    Some(told)
}

/// Draws a line around four corners, given in shares of the picture's sides.
pub(super) fn outline(corners: &[(f32, f32); 4], suspect: &mut RgbImage) {
    let (width, height) = (suspect.width() as f32, suspect.height() as f32);
    // An outline along the picture's own edge would lie outside of it.
    let inside = |at: f32, size: f32| {
        let at = at * size;
        if (-0.02 * size..=1.02 * size).contains(&at) { at.clamp(2.0, (size - 3.0).max(2.0)) } else { at }
    };
    let corners = corners.map(|(x, y)| (inside(x, width), inside(y, height)));
    for (color, reach) in [(HALO, 2_i32), (OUTLINE, 1)] {
        for (i, from) in corners.iter().enumerate() {
            let to = corners[(i + 1) % corners.len()];
            for (dx, dy) in (-reach..=reach).flat_map(|x| (-reach..=reach).map(move |y| (x as f32, y as f32))) {
                draw_line_segment_mut(suspect, (from.0 + dx, from.1 + dy), (to.0 + dx, to.1 + dy), color);
            }
        }
    }
}

impl Aligned {
    /// As evidence tells it (`aligned`: nine numbers, row by row); `None` when it does not or they are no map.
    pub(super) fn of(evidence: &Map<String, Value>) -> Option<Self> {
        let numbers = evidence.get("aligned")?.as_array()?;
        let mut matrix = [0.0; 9];
        if numbers.len() != matrix.len() {
            return None;
        }
        for (slot, number) in matrix.iter_mut().zip(numbers) {
            *slot = number.as_f64().map(|number| number as f32).filter(|number| number.is_finite())?;
        }
        let map = Self(Projection::from_matrix(matrix)?);
        map.corners().iter().all(|(x, y)| x.abs() <= FURTHEST && y.abs() <= FURTHEST).then_some(map)
    }

    fn corners(&self) -> [(f32, f32); 4] {
        [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)].map(|corner| self.0 * corner)
    }

    /// Draws the reference's outline into the suspect picture.
    pub(super) fn outline(&self, suspect: &mut RgbImage) {
        outline(&self.corners(), suspect);
    }

    /// Lays the reference over the suspect picture, every other square of it; what it does not cover fades.
    pub(super) fn overlay(&self, suspect: &RgbImage, reference: &GrayImage) -> RgbImage {
        let (width, height) = suspect.dimensions();
        let unit = Projection::scale(1.0 / reference.width() as f32, 1.0 / reference.height() as f32);
        let map = unit.and_then(self.0).and_then(Projection::scale(width as f32, height as f32));
        let warped = |picture: &GrayImage| {
            let mut out = GrayImage::new(width, height);
            warp_into(picture, map, Interpolation::Bilinear, Border::Constant(Luma([0])), &mut out);
            out
        };
        let laid = warped(reference);
        let covered = warped(&GrayImage::from_pixel(reference.width(), reference.height(), Luma([255])));
        let square = (width.max(height) / SQUARES).max(1);
        RgbImage::from_fn(width, height, |x, y| {
            let Rgb([r, g, b]) = *suspect.get_pixel(x, y);
            if covered.get_pixel(x, y).0[0] < 128 {
                let faded = |c: u8| 255 - (255 - c) / 3;
                return Rgb([faded(r), faded(g), faded(b)]);
            }
            if (x / square + y / square).is_multiple_of(2) {
                let Luma([grey]) = *laid.get_pixel(x, y);
                return Rgb([grey; 3]);
            }
            // Both in grey, so that only shapes are compared.
            let grey = (u32::from(r) * 299 + u32::from(g) * 587 + u32::from(b) * 114) / 1000;
            Rgb([u8::try_from(grey).unwrap_or(255); 3])
        })
    }
}

#[cfg(test)]
impl Aligned {
    pub(super) fn of_numbers(numbers: &[f64]) -> Option<Self> {
        let json = serde_json::json!({ "aligned": numbers });
        let Value::Object(evidence) = json else { return None };
        Self::of(&evidence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The reference in the middle half of the suspect.
    const HALF: [f64; 9] = [0.5, 0.0, 0.25, 0.0, 0.5, 0.25, 0.0, 0.0, 1.0];

    #[test]
    fn refuses_what_is_no_map() {
        assert!(Aligned::of_numbers(&HALF).is_some());
        assert!(Aligned::of_numbers(&HALF[..8]).is_none());
        assert!(Aligned::of_numbers(&[0.0; 9]).is_none());
        let mut far = HALF;
        far[2] = 1e9;
        assert!(Aligned::of_numbers(&far).is_none());
    }

    #[test]
    fn outlines_the_region() {
        let mut picture = RgbImage::from_pixel(80, 40, Rgb([10, 10, 10]));
        Aligned::of_numbers(&HALF).unwrap().outline(&mut picture);
        assert_eq!((picture.get_pixel(20, 20), picture.get_pixel(60, 20)), (&OUTLINE, &OUTLINE));
        assert_eq!((picture.get_pixel(40, 10), picture.get_pixel(40, 30)), (&OUTLINE, &OUTLINE));
        assert_eq!((picture.get_pixel(40, 20), picture.get_pixel(5, 5)), (&Rgb([10; 3]), &Rgb([10; 3])));
    }

    #[test]
    fn lays_the_reference_where_it_belongs() {
        let suspect = RgbImage::from_pixel(80, 80, Rgb([90; 3]));
        let reference = GrayImage::from_fn(16, 16, |x, _| Luma([if x < 8 { 0 } else { 200 }]));
        let laid = Aligned::of_numbers(&HALF).unwrap().overlay(&suspect, &reference);
        // Squares of ten pixels: (2, 2) and (5, 3) are the reference's, (2, 3) is the suspect's, (0, 0) is covered by nothing.
        assert_eq!(laid.get_pixel(25, 25).0, [0; 3]);
        assert_eq!(laid.get_pixel(55, 35).0, [200; 3]);
        assert_eq!(laid.get_pixel(25, 35).0, [90; 3]);
        assert_eq!(laid.get_pixel(5, 5).0, [200; 3]);
    }
}
