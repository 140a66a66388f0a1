//! From what was measured to one number: how sure it is that the reference *photo* was re-used (copy), and how sure that
//! at least the same *print* is shown (artwork).
//!
//! Two logistic models over the same few measurements. Their weights were fitted to edited copies of reference photos on
//! one side and, on the other, other photos of the same pack, other garments on the same model and unrelated pictures; what each
//! measurement says can be read off its weight.

use crate::verify::Verified;

/// How sure two statements are, each in [0, 1]; from 0.5 up it is stood by.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Judgement {
    /// The suspect contains the reference photo itself.
    pub copy: f64,
    /// The suspect shows what the reference shows: the same print on the same kind of pack, photographed anew.
    pub artwork: f64,
}

/// The measurements, in the order of the weights.
pub const MEASUREMENTS: [&str; 11] = [
    "constant",
    "share of blocks that agree",
    "logarithm of agreeing blocks",
    "mean correlation of blocks",
    "share of blocks that agree closely",
    "logarithm of corners found",
    "share of expected corners found",
    "agreement of shading",
    "closeness of whole-picture hashes",
    "share of the reference seen",
    "logarithm of votes",
];

/// Fitted by logistic regression (ridge 0.001), then lowered by 0.8: to accuse wrongly is worse than to overlook.
const COPY: [f64; 11] = [-5.4, -4.2, 0.87, 1.9, 8.25, -0.23, 1.56, -0.89, 6.14, -1.17, 0.27];

/// The measurements of a verified candidate.
pub fn measurements(v: &Verified) -> [f64; 11] {
    let a = &v.agreement;
    let log = |n: u32| f64::from(n).ln_1p();
    [
        1.0,
        a.share(),
        log(a.agreeing),
        a.correlation,
        f64::from(a.close) / f64::from(a.visible.max(1)),
        log(v.inliers),
        f64::from(v.inliers) / f64::from(v.expected.max(20)),
        a.shading,
        (1.0 - f64::from(v.candidate.distance) / 100.0).max(0.0),
        v.reference_share,
        log(v.candidate.votes),
    ]
}

/// Judges a verified candidate.
pub fn judge(v: &Verified) -> Judgement {
    let sum: f64 = measurements(v).iter().zip(COPY).map(|(x, w)| x * w).sum();
    // Flat pictures agree with everything: without a few blocks that have something to compare nothing is proven.
    let copy = if v.agreement.agreeing < 4 { 0.0 } else { logistic(sum) };
    Judgement { copy, artwork: artwork(v).max(copy) }
}

/// The same print needs all of: look-alike corners that agree without having been looked for, many more where they are
/// expected, pixels that resemble each other, and other surroundings. Without the last, two photos by one seller (same
/// floor) or of one model (same head) would pass for one print.
fn artwork(v: &Verified) -> f64 {
    let margins = [
        (f64::from(v.candidate.votes) - 7.0) / 2.0,
        (f64::from(v.inliers) - 36.0) / 5.0,
        (f64::from(v.inliers) / f64::from(v.expected.max(1)) - 0.075) / 0.01,
        (v.agreement.correlation - 0.385) / 0.02,
        (0.53 - v.agreement.shading) / 0.06,
    ];
    logistic(margins.into_iter().fold(3.0, f64::min))
}

fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}
