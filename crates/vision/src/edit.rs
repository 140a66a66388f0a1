//! Names the edits that lead from a reference picture to a suspect one, read off the map and the blocks between them.

use crate::geometry::{Map, Point};
use crate::verify::Verified;

/// One edit, with its size where it has one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Edit {
    /// Left and right exchanged.
    Flipped,
    /// Turned, in degrees clockwise.
    Rotated(f64),
    /// So much (0 to 1) of the reference was cut off.
    Cropped(f64),
    /// The reference fills only so much (0 to 1) of the suspect: a border, a collage, a screenshot.
    Embedded(f64),
    /// Seen at an angle.
    Perspective,
    /// So much (0 to 1) of what is visible was covered or changed: a banner, a sticker, text.
    Covered(f64),
}

impl Edit {
    /// A short name in English, such as `crop 31 %`.
    pub fn name(&self) -> String {
        let percent = |share: f64| (share * 100.0).round() as i64;
        match self {
            Self::Flipped => "flipped".to_owned(),
            Self::Rotated(degrees) => format!("rotated {} degrees", degrees.round() as i64),
            Self::Cropped(share) => format!("crop {} %", percent(*share)),
            Self::Embedded(share) => format!("fills {} % of the picture", percent(*share)),
            Self::Perspective => "perspective".to_owned(),
            Self::Covered(share) => format!("{} % covered or changed", percent(*share)),
        }
    }
}

/// The edits seen, the most telling first; none when the pictures are laid out alike.
pub fn edits(v: &Verified, reference: (u16, u16)) -> Vec<Edit> {
    let (w, h) = (f64::from(reference.0), f64::from(reference.1));
    let mut edits = Vec::new();
    if v.candidate.mirrored {
        edits.push(Edit::Flipped);
    }
    let (_, turn) = v.candidate.map.scale_and_turn([w / 2.0, h / 2.0]);
    if turn.to_degrees().abs() >= 1.5 {
        edits.push(Edit::Rotated(if v.candidate.mirrored { -turn.to_degrees() } else { turn.to_degrees() }));
    }
    let scale = |at: Point| v.candidate.map.scale_and_turn(at).0;
    let scales = [[0.0, 0.0], [w, 0.0], [0.0, h], [w, h]].map(scale);
    let (least, most) = scales.iter().fold((f64::MAX, 0.0f64), |(l, m), &s| (l.min(s), m.max(s)));
    if most > 1.12 * least {
        edits.push(Edit::Perspective);
    }
    if v.reference_share < 0.97 {
        edits.push(Edit::Cropped(1.0 - v.reference_share));
    }
    if v.suspect_share < 0.93 {
        edits.push(Edit::Embedded(v.suspect_share));
    }
    let covered = 1.0 - v.agreement.share();
    if covered >= 0.08 && v.agreement.visible >= 12 {
        edits.push(Edit::Covered(covered));
    }
    edits
}

/// Where the reference lies in the suspect, as a map from the unit square to the unit square: [0, 0] is each picture's top
/// left corner, [1, 1] its bottom right one.
pub fn aligned(v: &Verified, reference: (u16, u16), frame: (usize, usize)) -> Map {
    let (w, h) = (frame.0.max(1) as f64, frame.1.max(1) as f64);
    let into = Map::scaling(f64::from(reference.0), f64::from(reference.1), 0.0, 0.0);
    let onto = if v.candidate.mirrored {
        Map::scaling(-1.0 / w, 1.0 / h, 1.0, 0.0)
    } else {
        Map::scaling(1.0 / w, 1.0 / h, 0.0, 0.0)
    };
    into.then(&v.candidate.map).then(&onto)
}

/// Where the reference lies in the suspect: left, top, right, bottom, in the suspect's own pixels.
pub fn region(v: &Verified, reference: (u16, u16), frame: (usize, usize), size: (usize, usize)) -> [u32; 4] {
    let (w, h) = (f64::from(reference.0), f64::from(reference.1));
    let corners = [[0.0, 0.0], [w, 0.0], [0.0, h], [w, h]].map(|p| v.candidate.map.apply(p));
    let range = |i: usize, n: usize| {
        let (low, high) = corners.iter().fold((f64::MAX, f64::MIN), |(l, m), c| (l.min(c[i]), m.max(c[i])));
        (low.clamp(0.0, n as f64), high.clamp(0.0, n as f64))
    };
    let (mut x, y) = (range(0, frame.0), range(1, frame.1));
    if v.candidate.mirrored {
        x = (frame.0 as f64 - x.1, frame.0 as f64 - x.0);
    }
    let (sx, sy) = (size.0 as f64 / frame.0 as f64, size.1 as f64 / frame.1 as f64);
    [x.0 * sx, y.0 * sy, x.1 * sx, y.1 * sy].map(|v| v.round() as u32)
}
