//! Pixel-level proof: the suspect picture is laid over the reference, and small blocks of both are compared.
//!
//! Matching corners say that the same *thing* is shown: a seller's own photo of a pack has hundreds of them. Only when the light,
//! the folds and the background agree too, block by block, was the *photo* re-used.

mod blocks;
mod refine;
mod spots;
mod view;

use blocks::{block, correlation, deviation, shifted, strayed};
pub use view::Mips;
use view::{halved, warp};

use crate::geometry::Map;
use crate::{Luma, simd};

/// The most pixels of the reference that are kept for this comparison.
pub const PROOF_PIXELS: usize = 49_152;
/// The longest side of what is kept.
pub const PROOF_SIDE: usize = 320;

/// Blocks along each side of the reference.
const GRID: usize = 12;
/// A block whose grey levels deviate by less than this has nothing to compare.
const TEXTURE: f64 = 4.5;
/// Correlation from which a block agrees.
const AGREES: f64 = 0.6;
/// Share of a block's pixels that must lie inside the suspect picture.
const VISIBLE: f64 = 0.85;
/// Correlation from which a block agrees very closely.
const CLOSE: f64 = 0.9;

/// What the comparison of all blocks gave.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Agreement {
    /// Blocks of the reference that have something to compare.
    pub textured: u32,
    /// Those of them that lie inside the suspect picture.
    pub visible: u32,
    /// Those of them that agree.
    pub agreeing: u32,
    /// Those that agree very closely.
    pub close: u32,
    /// Mean correlation of the visible blocks.
    pub correlation: f64,
    /// How well the brightness of whole blocks agrees across the picture (correlation of block means).
    pub shading: f64,
    /// Small blocks with something to compare in both directions that lie inside the suspect picture: an edge agrees with
    /// any edge along it, a corner only with itself.
    pub spots: u32,
    /// Those of them that agree.
    pub spots_agreeing: u32,
    /// The visible spots in the middle of the reference, where what is sold stands.
    pub middle: u32,
    /// Those of them that agree.
    pub middle_agreeing: u32,
    /// How far, in grey levels, the brightness of agreeing blocks strays from one change of brightness and contrast for the
    /// whole picture (root mean square).
    pub tone: f64,
    /// How much the contrast of agreeing blocks varies against the reference's (deviation of its logarithm).
    pub contrast: f64,
}

impl Agreement {
    /// Share of the visible blocks that agree.
    pub fn share(&self) -> f64 {
        f64::from(self.agreeing) / f64::from(self.visible.max(1))
    }
}

/// Compares the reference, block by block, with the suspect seen through `map` (from the reference's pixels to the suspect's).
/// Where the suspect shows it smaller, the reference is shrunk, too: nothing is expected that the suspect cannot show.
pub(crate) fn compare(reference: Reference<'_>, mips: &Mips, map: &Map) -> Agreement {
    simd::accelerated(Compare(Laid { reference, mips, map }))
}

/// Moves the map until the pixels of both pictures lie on each other; gives it back unchanged where too few blocks agree.
pub(crate) fn refine(reference: Reference<'_>, mips: &Mips, map: &Map) -> Map {
    simd::accelerated(Refine(Laid { reference, mips, map }))
}

/// The reference laid over the suspect.
struct Laid<'a> {
    reference: Reference<'a>,
    mips: &'a Mips,
    map: &'a Map,
}

struct Compare<'a>(Laid<'a>);

impl simd::Kernel for Compare<'_> {
    type Output = Agreement;

    #[inline(always)]
    fn run(self) -> Agreement {
        let Laid { reference, mips, map } = self.0;
        let (small, map) = reduced(reference, halvings(&reference, map), map);
        measure((&small).into(), mips, &map)
    }
}

struct Refine<'a>(Laid<'a>);

impl simd::Kernel for Refine<'_> {
    type Output = Map;

    #[inline(always)]
    fn run(self) -> Map {
        refine::refine(self.0.reference, self.0.mips, self.0.map)
    }
}

/// How often the reference must be halved until the suspect shows it about as large.
fn halvings(reference: &Reference<'_>, map: &Map) -> usize {
    let (scale, _) = map.scale_and_turn([reference.width as f64 / 2.0, reference.height as f64 / 2.0]);
    let wanted = (-scale.max(1e-3).log2()).round().clamp(0.0, 3.0) as usize;
    // Blocks must keep a few pixels.
    (0..=wanted).rev().find(|&h| reference.width.min(reference.height) >> h >= 6 * GRID).unwrap_or(0)
}

/// The reference halved so many times, and the map from there.
#[inline(always)]
fn reduced(reference: Reference<'_>, halvings: usize, map: &Map) -> (Luma, Map) {
    let mut small = Luma::new(reference.width, reference.height, reference.pixels.to_vec());
    for _ in 0..halvings {
        small = halved((&small).into());
    }
    let grown = f64::from(1u32 << halvings);
    (small, Map::resizing(grown, grown).then(map))
}

#[inline(always)]
fn measure(reference: Reference<'_>, mips: &Mips, map: &Map) -> Agreement {
    let Reference { width, height, pixels } = reference;
    let (values, inside) = warp(mips, map, width, height);
    let mut agreement = Agreement::default();
    let mut means = Vec::with_capacity(GRID * GRID);
    let (mut tones, mut contrasts) = (Vec::with_capacity(GRID * GRID), Vec::with_capacity(GRID * GRID));
    let mut total = 0.0;
    for by in 0..GRID {
        for bx in 0..GRID {
            let (x0, x1) = (bx * width / GRID, (bx + 1) * width / GRID);
            let (y0, y1) = (by * height / GRID, (by + 1) * height / GRID);
            if x1 - x0 < 4 || y1 - y0 < 4 {
                continue;
            }
            let block = block(pixels, &values, &inside, width, [x0, x1, y0, y1]);
            let n = ((x1 - x0) * (y1 - y0)) as f64;
            let seen = block.inside as f64 >= VISIBLE * n;
            if seen {
                means.push((block.mean_reference, block.mean_suspect));
            }
            if block.deviation_reference < TEXTURE {
                continue;
            }
            agreement.textured += 1;
            if !seen {
                continue;
            }
            agreement.visible += 1;
            // A misplacement of a pixel must not hide agreement: neighbouring places are tried when it is close.
            let mut best = block.correlation;
            if best < CLOSE {
                for (dx, dy) in [(-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (1, 1), (-1, 1), (1, -1)] {
                    best = best.max(shifted(pixels, &values, width, height, [x0, x1, y0, y1], dx, dy));
                }
            }
            total += best;
            agreement.agreeing += u32::from(best >= AGREES);
            agreement.close += u32::from(best >= CLOSE);
            if best >= AGREES {
                tones.push((block.mean_reference, block.mean_suspect));
                contrasts.push((block.deviation_suspect.max(1.0) / block.deviation_reference).ln());
            }
        }
    }
    agreement.correlation = total / f64::from(agreement.visible.max(1));
    agreement.shading = correlation(&means);
    agreement.tone = strayed(&tones);
    agreement.contrast = deviation(&contrasts);
    if agreement.agreeing >= 4 {
        spots::count_spots(reference, &values, &inside, &mut agreement);
    }
    agreement
}

/// A reference picture's kept pixels.
#[derive(Clone, Copy, Debug)]
pub struct Reference<'a> {
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
    /// Grey levels, row by row.
    pub pixels: &'a [u8],
}

impl<'a> From<&'a Luma> for Reference<'a> {
    fn from(picture: &'a Luma) -> Self {
        Self { width: picture.width(), height: picture.height(), pixels: picture.data() }
    }
}

#[cfg(test)]
mod tests;
