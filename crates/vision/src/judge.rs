//! From what was measured to two numbers: how sure it is that the reference *photo* was re-used (copy), and how sure that
//! at least the same *print* is shown (artwork).
//!
//! A copy is judged by boosted trees over what was measured: a photo may be re-used whole (saved again, blurred, written on), when all of it
//! must agree, or only part of it may be left (cropped by a screenshot, cut out and laid on another background), when what is left must agree
//! closely; trees can say "either". They were fitted to edited copies of reference photos on one side and, on the other, other photos of the same
//! pack, other garments on the same model, other goods on the same floor and unrelated pictures. `benches/image_fit.py` does the fit and tells how it
//! does on references, negatives and kinds of edit it has not seen. A print is judged by a logistic model.

mod trees;

use std::sync::LazyLock;

use self::trees::Trees;
use crate::verify::Verified;

/// How sure two statements are, each in [0, 1]; from 0.5 up it is stood by.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Judgement {
    /// The suspect contains the reference photo itself.
    pub copy: f64,
    /// The suspect shows what the reference shows: the same print on the same kind of pack, photographed anew.
    pub artwork: f64,
}

/// What is measured of a candidate to judge a print, in the order of the weights.
pub const MEASUREMENTS: [&str; 14] = [
    "constant",
    "share of blocks that agree",
    "share of blocks that agree very closely",
    "share of spots that agree",
    "logarithm of spots that agree",
    "mean correlation of blocks",
    "logarithm of corners found",
    "share of expected corners found",
    "logarithm of stray of brightness",
    "variation of contrast",
    "closeness of whole-picture hashes",
    "logarithm of votes",
    "share of spots in the middle that agree",
    "agreement of shading",
];

/// Against copies a print tells by what a new photo changes: light, contrast, surroundings. Fitted in the same way to own photos
/// of packs, then trimmed by hand: rounded, two measurements dropped, the constant set so that fewer than one in a hundred
/// pictures of other goods pass.
const ARTWORK: [f64; 14] = [-9.7, 4.72, -5.25, -4.06, 0.32, 4.45, 1.2, 0.0, 0.75, -4.36, 0.0, 0.0, 7.43, -4.62];

static COPY: LazyLock<Trees> = LazyLock::new(|| {
    let trees = Trees::parse(include_str!("judge/copy_trees.txt"), COPY_MEASUREMENTS);
    trees.expect("invariant: the committed table is whole, a test reads it")
});

/// How many measurements a copy is judged by.
const COPY_MEASUREMENTS: usize = 20;

/// What a copy is judged by, in the order of `benches/image_fit.py`.
fn copy_measurements(v: &Verified) -> [f32; COPY_MEASUREMENTS] {
    let a = &v.agreement;
    let log = |n: u32| f64::from(n).ln_1p();
    let share = |n: u32, of: u32, least: u32| f64::from(n) / f64::from(of.max(least));
    [
        share(a.agreeing, a.visible, 1),
        share(a.close, a.visible, 1),
        share(a.spots_agreeing, a.spots, 8),
        log(a.spots_agreeing),
        a.correlation,
        log(v.inliers),
        share(v.inliers, v.expected, 20),
        a.tone.ln_1p(),
        a.contrast.min(1.0),
        (1.0 - f64::from(v.candidate.distance) / 100.0).max(0.0),
        log(v.candidate.votes),
        share(a.middle_agreeing, a.middle, 6),
        a.shading,
        v.reference_share,
        v.suspect_share,
        f64::from(a.visible.max(1)),
        f64::from(a.textured),
        log(a.agreeing),
        log(a.close),
        log(a.spots),
    ]
    .map(|measured| measured as f32)
}

/// The measurements of a verified candidate.
pub fn measurements(v: &Verified) -> [f64; 14] {
    let a = &v.agreement;
    let log = |n: u32| f64::from(n).ln_1p();
    let share = |n: u32, of: u32, least: u32| f64::from(n) / f64::from(of.max(least));
    // Too few agreeing blocks have no tone to speak of: the worst is supposed.
    let (tone, contrast) = if a.agreeing >= 4 { (a.tone, a.contrast.min(1.0)) } else { (20.0, 1.0) };
    [
        1.0,
        a.share(),
        share(a.close, a.visible, 1),
        share(a.spots_agreeing, a.spots, 8),
        log(a.spots_agreeing),
        a.correlation,
        log(v.inliers),
        share(v.inliers, v.expected, 20),
        tone.ln_1p(),
        contrast,
        (1.0 - f64::from(v.candidate.distance) / 100.0).max(0.0),
        log(v.candidate.votes),
        share(a.middle_agreeing, a.middle, 6),
        a.shading,
    ]
}

/// Judges a verified candidate.
pub fn judge(v: &Verified) -> Judgement {
    // Flat pictures agree with everything: without a few blocks that have something to compare nothing is proven.
    if v.agreement.agreeing < 4 {
        return Judgement::default();
    }
    let measured = measurements(v);
    let weighed = |weights: &[f64; 14]| logistic(measured.iter().zip(weights).map(|(x, w)| x * w).sum());
    let copy = logistic(COPY.sum(&copy_measurements(v)));
    // A print needs corners that were found without having been looked for.
    let artwork = if v.candidate.votes >= 4 { weighed(&ARTWORK) } else { 0.0 };
    Judgement { copy, artwork: artwork.max(copy) }
}

fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_trees_are_whole() {
        let nothing = COPY.sum(&[0.0; COPY_MEASUREMENTS]);
        // All blocks, spots and corners agree, in the same light.
        let all = [
            1.0, 1.0, 1.0, 4.8, 0.99, 5.5, 0.8, 0.2, 0.05, 1.0, 4.5, 1.0, 1.0, 1.0, 1.0, 144.0, 144.0, 4.97, 4.97, 4.8,
        ];
        assert!(nothing < -4.0 && COPY.sum(&all) > 4.0, "{nothing} {}", COPY.sum(&all));
    }
}
