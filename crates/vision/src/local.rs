//! Local features: corners at several scales, each with the direction it points to and 256 comparisons around it.
//!
//! The recipe is ORB's (Rublee et al., ICCV 2011: FAST corners, intensity-centroid angle, steered binary tests), with two
//! changes that stolen pictures ask for. Corners are rationed over a grid, so that a shop's interface or a price
//! banner cannot use up the budget of the photo beside it. And each corner of a query also gets the description that it
//! would have in a mirror, so that flipped copies need no second search through the picture.

mod describe;
mod fast;
mod pyramid;

pub(crate) use describe::mirrored_angle;
pub(crate) use pyramid::resampled;
pub use pyramid::{Pyramid, STEP};

use crate::Luma;

/// A corner.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Keypoint {
    /// Place in the frame's pixels.
    pub x: f32,
    /// Place in the frame's pixels.
    pub y: f32,
    /// The pyramid level it was found on: a feature of level `l` is [`STEP`]^`l` times as large as one of level 0.
    pub level: u8,
    /// Where it points to, in 1/256 of a turn.
    pub angle: u8,
}

/// 256 comparisons of brightness.
pub type Descriptor = [u8; 32];

/// How many corners are looked for, and where.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Budget {
    /// Corners in all.
    pub keypoints: usize,
    /// Pyramid levels.
    pub levels: usize,
    /// How much fewer corners each level gets than the one before it.
    pub decay: f64,
}

impl Budget {
    /// For pictures that are judged.
    pub const QUERY: Self = Self { keypoints: 1000, levels: 6, decay: 0.72 };
    /// For reference pictures: they may show up much smaller, so coarse levels count.
    pub const GALLERY: Self = Self { keypoints: 1000, levels: 10, decay: 0.85 };
}

/// The corners of a picture.
#[derive(Clone, Debug, Default)]
pub struct Features {
    /// Width of the frame in pixels.
    pub width: usize,
    /// Height of the frame in pixels.
    pub height: usize,
    /// The corners.
    pub keypoints: Vec<Keypoint>,
    /// What each looks like.
    pub descriptors: Vec<Descriptor>,
    /// What each would look like in a mirror; empty unless asked for.
    pub mirrored: Vec<Descriptor>,
}

/// The most pixels of a frame: larger pictures are shrunk to this before corners are looked for.
pub const FRAME_PIXELS: usize = 640_000;
/// The longest side of a frame.
pub const FRAME_SIDE: usize = 1600;

/// The picture at the size at which corners are looked for. A small one is doubled first: the finest print of a thumbnail is
/// smaller than what describes a corner.
pub fn frame(picture: &Luma) -> Luma {
    let (width, height) = (picture.width(), picture.height());
    if 4 * width * height <= FRAME_PIXELS && 2 * width.max(height) <= FRAME_SIDE {
        return resampled(picture, 2 * width, 2 * height);
    }
    picture.fitted(FRAME_PIXELS, FRAME_SIDE)
}

/// Finds and describes corners.
pub fn extract(pyramid: &Pyramid, budget: &Budget, mirrored: bool) -> Features {
    let (width, height) = pyramid.size();
    let mut features = Features { width, height, ..Features::default() };
    let levels = pyramid.levels().len();
    let whole: f64 = (0..budget.levels).map(|l| budget.decay.powi(l as i32)).sum();
    for (l, level) in pyramid.levels().iter().enumerate() {
        let share = (budget.keypoints as f64 * budget.decay.powi(l as i32) / whole).round() as usize;
        let corners = fast::corners(&level.sharp, share);
        let (sx, sy) = (width as f32 / level.soft.width() as f32, height as f32 / level.soft.height() as f32);
        for corner in corners {
            let (x, y) = (usize::from(corner.x), usize::from(corner.y));
            let angle = describe::angle(&level.soft, x, y);
            features.keypoints.push(Keypoint {
                x: (x as f32 + 0.5) * sx - 0.5,
                y: (y as f32 + 0.5) * sy - 0.5,
                level: l as u8,
                angle,
            });
            features.descriptors.push(describe::describe(&level.soft, x, y, angle, false));
            if mirrored {
                features.mirrored.push(describe::describe(&level.soft, x, y, angle, true));
            }
        }
    }
    debug_assert!(levels <= budget.levels);
    features
}
