//! Pixel-level proof: the suspect picture is laid over the reference, and small blocks of both are compared.
//!
//! Matching corners say that the same *thing* is shown: a seller's own photo of a pack has hundreds of them. Only when the light,
//! the folds and the background agree too, block by block, was the *photo* re-used.

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

/// What the comparison of all blocks gave.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Agreement {
    /// Blocks of the reference that have something to compare.
    pub textured: u32,
    /// Those of them that lie inside the suspect picture.
    pub visible: u32,
    /// Those of them that agree.
    pub agreeing: u32,
    /// Those that agree very closely (correlation above 0.9).
    pub close: u32,
    /// Mean correlation of the visible blocks.
    pub correlation: f64,
    /// How well the brightness of whole blocks agrees across the picture (correlation of block means).
    pub shading: f64,
}

impl Agreement {
    /// Share of the visible blocks that agree.
    pub fn share(&self) -> f64 {
        f64::from(self.agreeing) / f64::from(self.visible.max(1))
    }
}

/// The picture at half size, a quarter, and so on: whatever the scale, few pixels are read and none is skipped.
#[derive(Clone, Debug)]
pub struct Mips(Vec<Luma>);

impl Mips {
    /// Halves the picture until a side is short.
    pub fn new(picture: &Luma) -> Self {
        let mut mips = vec![picture.clone()];
        while let Some(last) = mips.last().filter(|l| l.width().min(l.height()) >= 32) {
            let next = simd::accelerated(Halved { picture: last });
            mips.push(next);
        }
        Self(mips)
    }
}

#[inline(always)]
fn halved(picture: &Luma) -> Luma {
    let (width, height) = (picture.width() / 2, picture.height() / 2);
    let mut data = Vec::with_capacity(width * height);
    for y in 0..height {
        let (above, below) = (picture.row(2 * y).as_chunks::<2>().0, picture.row(2 * y + 1).as_chunks::<2>().0);
        let mean = |(a, b): (&[u8; 2], &[u8; 2])| {
            ((u16::from(a[0]) + u16::from(a[1]) + u16::from(b[0]) + u16::from(b[1]) + 2) / 4) as u8
        };
        data.extend(above.iter().zip(below).map(mean));
    }
    Luma::new(width, height, data)
}

/// The suspect seen through `map` (from the reference's pixels to the suspect's): for each pixel of the reference the
/// suspect's brightness, and whether there is any.
#[inline(always)]
fn warp(mips: &Mips, map: &Map, width: usize, height: usize) -> (Vec<u8>, Vec<bool>) {
    let (scale, _) = map.scale_and_turn([width as f64 / 2.0, height as f64 / 2.0]);
    let level = (scale.max(1.0).log2().round() as usize).min(mips.0.len() - 1);
    let picture = &mips.0[level];
    let shrink = 1.0 / (1u32 << level) as f64;
    // Pixel centres lie at whole numbers: half a pixel is kept through the change of size.
    let map = map.then(&Map::scaling(shrink, shrink, (shrink - 1.0) / 2.0, (shrink - 1.0) / 2.0));
    let (last_x, last_y) = ((picture.width() - 1) as f64, (picture.height() - 1) as f64);
    let mut values = vec![0u8; width * height];
    let mut inside = vec![false; width * height];
    let m = map.0;
    for y in 0..height {
        for x in 0..width {
            let (px, py) = (x as f64, y as f64);
            let w = 1.0 / (m[6] * px + m[7] * py + m[8]);
            let (u, v) = ((m[0] * px + m[1] * py + m[2]) * w, (m[3] * px + m[4] * py + m[5]) * w);
            if u >= -0.5 && v >= -0.5 && u <= last_x + 0.5 && v <= last_y + 0.5 {
                let (u, v) = (u.clamp(0.0, last_x), v.clamp(0.0, last_y));
                let (x0, y0) = (u as usize, v as usize);
                let (x1, y1) = ((x0 + 1).min(picture.width() - 1), (y0 + 1).min(picture.height() - 1));
                let (fx, fy) = (u - x0 as f64, v - y0 as f64);
                let (above, below) = (picture.row(y0), picture.row(y1));
                let top = f64::from(above[x0]) * (1.0 - fx) + f64::from(above[x1]) * fx;
                let bottom = f64::from(below[x0]) * (1.0 - fx) + f64::from(below[x1]) * fx;
                values[y * width + x] = (top * (1.0 - fy) + bottom * fy + 0.5) as u8;
                inside[y * width + x] = true;
            }
        }
    }
    (values, inside)
}

/// Compares the reference, block by block, with the suspect seen through `map`.
#[inline(always)]
pub fn compare(reference: Reference<'_>, mips: &Mips, map: &Map) -> Agreement {
    let Reference { width, height, pixels } = reference;
    let (values, inside) = warp(mips, map, width, height);
    let mut agreement = Agreement::default();
    let mut means = Vec::with_capacity(GRID * GRID);
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
            let seen = block.inside as f64 >= 0.85 * n;
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
            if best < 0.9 {
                for (dx, dy) in [(-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (1, 1), (-1, 1), (1, -1)] {
                    best = best.max(shifted(pixels, &values, width, height, [x0, x1, y0, y1], dx, dy));
                }
            }
            total += best;
            agreement.agreeing += u32::from(best >= AGREES);
            agreement.close += u32::from(best >= 0.9);
        }
    }
    agreement.correlation = total / f64::from(agreement.visible.max(1));
    agreement.shading = correlation_of(&means);
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

struct Block {
    inside: usize,
    mean_reference: f64,
    mean_suspect: f64,
    deviation_reference: f64,
    correlation: f64,
}

/// Sums over one block, of whole numbers.
#[derive(Default)]
struct Sums {
    n: u64,
    a: u64,
    b: u64,
    aa: u64,
    bb: u64,
    ab: u64,
}

impl Sums {
    #[inline(always)]
    fn row(&mut self, a: &[u8], b: &[u8]) {
        let (mut sa, mut sb, mut saa, mut sbb, mut sab) = (0u32, 0u32, 0u32, 0u32, 0u32);
        for (&a, &b) in a.iter().zip(b) {
            let (a, b) = (u32::from(a), u32::from(b));
            sa += a;
            sb += b;
            saa += a * a;
            sbb += b * b;
            sab += a * b;
        }
        self.n += a.len() as u64;
        self.a += u64::from(sa);
        self.b += u64::from(sb);
        self.aa += u64::from(saa);
        self.bb += u64::from(sbb);
        self.ab += u64::from(sab);
    }

    /// Variances and correlation.
    fn finish(&self) -> (f64, f64, f64) {
        let n = self.n.max(1) as f64;
        let (ma, mb) = (self.a as f64 / n, self.b as f64 / n);
        let (va, vb) = (self.aa as f64 / n - ma * ma, self.bb as f64 / n - mb * mb);
        let covariance = self.ab as f64 / n - ma * mb;
        // Nothing correlates with a block that is flat but for rounding.
        let correlation = if va < 0.5 || vb < 0.5 { 0.0 } else { covariance / (va * vb).sqrt() };
        (va, vb, correlation)
    }
}

#[inline(always)]
fn block(a: &[u8], b: &[u8], inside: &[bool], width: usize, [x0, x1, y0, y1]: [usize; 4]) -> Block {
    let mut sums = Sums::default();
    let mut count = 0;
    for y in y0..y1 {
        let row = y * width + x0..y * width + x1;
        sums.row(&a[row.clone()], &b[row.clone()]);
        count += inside[row].iter().filter(|&&i| i).count();
    }
    let (va, _, correlation) = sums.finish();
    let n = sums.n.max(1) as f64;
    Block {
        inside: count,
        mean_reference: sums.a as f64 / n,
        mean_suspect: sums.b as f64 / n,
        deviation_reference: va.max(0.0).sqrt(),
        correlation,
    }
}

#[inline(always)]
fn shifted(a: &[u8], b: &[u8], width: usize, height: usize, [x0, x1, y0, y1]: [usize; 4], dx: isize, dy: isize) -> f64 {
    let (left, top) = (x0 as isize + dx, y0 as isize + dy);
    let (right, bottom) = (x1 as isize + dx, y1 as isize + dy);
    if left < 0 || top < 0 || right > width as isize || bottom > height as isize {
        return 0.0;
    }
    let mut sums = Sums::default();
    for y in y0..y1 {
        let other = (y as isize + dy) as usize * width;
        sums.row(&a[y * width + x0..y * width + x1], &b[other + left as usize..other + right as usize]);
    }
    sums.finish().2
}

fn correlation_of(pairs: &[(f64, f64)]) -> f64 {
    let n = pairs.len() as f64;
    if pairs.len() < 4 {
        return 0.0;
    }
    let (ma, mb) = pairs.iter().fold((0.0, 0.0), |(a, b), p| (a + p.0 / n, b + p.1 / n));
    let (mut aa, mut bb, mut ab) = (0.0, 0.0, 0.0);
    for (a, b) in pairs {
        aa += (a - ma) * (a - ma);
        bb += (b - mb) * (b - mb);
        ab += (a - ma) * (b - mb);
    }
    if aa < 1.0 || bb < 1.0 { 0.0 } else { ab / (aa * bb).sqrt() }
}

struct Halved<'a> {
    picture: &'a Luma,
}

impl simd::Kernel for Halved<'_> {
    type Output = Luma;

    #[inline(always)]
    fn run(self) -> Luma {
        halved(self.picture)
    }
}

/// [`compare`], compiled for what the processor can do.
pub(crate) struct Compare<'a> {
    pub(crate) reference: Reference<'a>,
    pub(crate) mips: &'a Mips,
    pub(crate) map: &'a Map,
}

impl simd::Kernel for Compare<'_> {
    type Output = Agreement;

    #[inline(always)]
    fn run(self) -> Agreement {
        compare(self.reference, self.mips, self.map)
    }
}
