//! Pixel-level proof: the suspect picture is laid over the reference, and small blocks of both are compared.
//!
//! Matching corners say that the same *thing* is shown: a seller's own photo of a pack has hundreds of them. Only when the light,
//! the folds and the background agree too, block by block, was the *photo* re-used.

use crate::geometry::{Map, Point, fit};
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
fn halved(picture: Reference<'_>) -> Luma {
    let (width, height) = (picture.width / 2, picture.height / 2);
    let row = |y: usize| picture.pixels[y * picture.width..][..picture.width].as_chunks::<2>().0;
    let mut data = Vec::with_capacity(width * height);
    for y in 0..height {
        let (above, below) = (row(2 * y), row(2 * y + 1));
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
    let (last_x, last_y) = ((picture.width() - 1) as f32, (picture.height() - 1) as f32);
    let mut values = vec![0u8; width * height];
    let mut inside = vec![false; width * height];
    let m = map.0.map(|v| v as f32);
    let stride = picture.width();
    let data = picture.data();
    let (mut us, mut vs) = (vec![0f32; width], vec![0f32; width]);
    for (y, (values, inside)) in values.chunks_exact_mut(width).zip(inside.chunks_exact_mut(width)).enumerate() {
        let py = y as f32;
        for (x, (u, v)) in us.iter_mut().zip(&mut vs).enumerate() {
            let px = x as f32;
            let w = 1.0 / (m[6] * px + m[7] * py + m[8]);
            (*u, *v) = ((m[0] * px + m[1] * py + m[2]) * w, (m[3] * px + m[4] * py + m[5]) * w);
        }
        for (((&u, &v), value), inside) in us.iter().zip(&vs).zip(values).zip(inside) {
            // Written so that a place that is no number is outside, too.
            if u >= -0.5 && v >= -0.5 && u <= last_x + 0.5 && v <= last_y + 0.5 {
                let (u, v) = (u.clamp(0.0, last_x), v.clamp(0.0, last_y));
                let (x0, y0) = (u as usize, v as usize);
                let (fx, fy) = (((u - x0 as f32) * 256.0) as u32, ((v - y0 as f32) * 256.0) as u32);
                let at = y0 * stride + x0;
                let (right, down) = (usize::from(x0 + 1 < stride), if y0 + 1 < picture.height() { stride } else { 0 });
                let p = |i: usize| u32::from(data[i]);
                let top = p(at) * (256 - fx) + p(at + right) * fx;
                let bottom = p(at + down) * (256 - fx) + p(at + down + right) * fx;
                *value = ((top * (256 - fy) + bottom * fy + 32_768) >> 16) as u8;
                *inside = true;
            }
        }
    }
    (values, inside)
}

/// Compares the reference, block by block, with the suspect seen through `map`. Where the suspect shows it smaller, the
/// reference is shrunk, too: nothing is expected that the suspect cannot show.
#[inline(always)]
pub fn compare(reference: Reference<'_>, mips: &Mips, map: &Map) -> Agreement {
    let halvings = halvings(&reference, map);
    if halvings == 0 {
        return measure(reference, mips, map);
    }
    let (small, map) = at_half(reference, halvings, map);
    measure(small.reference(), mips, &map)
}

/// How often the reference must be halved until the suspect shows it about as large.
fn halvings(reference: &Reference<'_>, map: &Map) -> usize {
    let (scale, _) = map.scale_and_turn([reference.width as f64 / 2.0, reference.height as f64 / 2.0]);
    let wanted = (-scale.max(1e-3).log2()).round().clamp(0.0, 3.0) as usize;
    // Blocks must keep a few pixels.
    (0..=wanted).rev().find(|&h| reference.width.min(reference.height) >> h >= 6 * GRID).unwrap_or(0)
}

/// The reference halved some times, and the map from it.
#[inline(always)]
fn at_half(reference: Reference<'_>, halvings: usize, map: &Map) -> (Kept, Map) {
    let mut small = Kept { width: reference.width, height: reference.height, pixels: reference.pixels.to_vec() };
    let mut into = Map::IDENTITY;
    for _ in 0..halvings {
        let next = halved(small.reference());
        small = Kept { width: next.width(), height: next.height(), pixels: next.data().to_vec() };
        into = Map::scaling(2.0, 2.0, 0.5, 0.5).then(&into);
    }
    (small, into.then(map))
}

struct Kept {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

impl Kept {
    fn reference(&self) -> Reference<'_> {
        Reference { width: self.width, height: self.height, pixels: &self.pixels }
    }
}

/// Moves the map until the pixels lie on each other: every block says where it agrees best nearby, and the map is fitted to
/// what agreeing blocks say. Gives the map back unchanged where too few agree.
#[inline(always)]
pub(crate) fn refine(reference: Reference<'_>, mips: &Mips, map: &Map) -> Map {
    let least = halvings(&reference, map);
    let mut map = *map;
    for (halvings, reach) in [(least + 1, 2), (least, 1)] {
        if reference.width.min(reference.height) >> halvings < 4 * GRID {
            continue;
        }
        let (small, from) = at_half(reference, halvings, &map);
        let pairs = displaced(small.reference(), mips, &from, reach);
        let size = (small.width as f64, small.height as f64);
        let Some(fitted) = fit(&pairs, size) else { continue };
        let shrink = 1.0 / f64::from(1u32 << halvings);
        map = Map::scaling(shrink, shrink, (shrink - 1.0) / 2.0, (shrink - 1.0) / 2.0).then(&fitted);
    }
    map
}

/// A block that agrees so well is where it belongs.
const LIES_STILL: f64 = 0.97;

/// For each block that agrees somewhere within `reach` pixels: its centre, and where that lies in the suspect.
#[inline(always)]
fn displaced(reference: Reference<'_>, mips: &Mips, map: &Map, reach: isize) -> Vec<(Point, Point)> {
    let Reference { width, height, pixels } = reference;
    let (values, inside) = warp(mips, map, width, height);
    let mut pairs = Vec::with_capacity(GRID * GRID);
    for by in 0..GRID {
        for bx in 0..GRID {
            let place = [bx * width / GRID, (bx + 1) * width / GRID, by * height / GRID, (by + 1) * height / GRID];
            let [x0, x1, y0, y1] = place;
            let here = block(pixels, &values, &inside, width, place);
            let n = ((x1 - x0) * (y1 - y0)) as f64;
            if here.deviation_reference < TEXTURE || (here.inside as f64) < 0.85 * n {
                continue;
            }
            let centre = [(x0 + x1 - 1) as f64 / 2.0, (y0 + y1 - 1) as f64 / 2.0];
            if here.correlation >= LIES_STILL {
                pairs.push((centre, map.apply(centre)));
                continue;
            }
            let at = |dx: isize, dy: isize| shifted(pixels, &values, width, height, place, dx, dy);
            let mut best = (here.correlation, 0, 0);
            for dy in -reach..=reach {
                for dx in -reach..=reach {
                    let c = at(dx, dy);
                    if c > best.0 {
                        best = (c, dx, dy);
                    }
                }
            }
            if best.0 < AGREES {
                continue;
            }
            // Between pixels: the top of the parabola through three neighbours.
            let top = |before: f64, after: f64| {
                let bend = before - 2.0 * best.0 + after;
                if before == 0.0 || after == 0.0 || bend > -1e-6 {
                    0.0
                } else {
                    (0.5 * (before - after) / bend).clamp(-0.5, 0.5)
                }
            };
            let (_, dx, dy) = best;
            let (u, v) = (top(at(dx - 1, dy), at(dx + 1, dy)), top(at(dx, dy - 1), at(dx, dy + 1)));
            pairs.push((centre, map.apply([centre[0] + dx as f64 + u, centre[1] + dy as f64 + v])));
        }
    }
    pairs
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
    agreement.shading = correlation_of(&means);
    agreement.tone = strayed(&tones);
    agreement.contrast = deviation(&contrasts);
    if agreement.agreeing >= 4 {
        count_spots(reference, &values, &inside, &mut agreement);
    }
    agreement
}

/// Side of a spot in pixels.
const SPOT: usize = 8;
/// A spot whose weaker direction has less contrast than this (mean square step between neighbours) is flat or an edge.
const CORNER: f64 = 18.0;
/// Correlation from which a spot agrees.
const SPOT_AGREES: f64 = 0.8;

/// The middle of a picture reaches so far from its centre, of half a side.
const MIDDLE: f64 = 0.5;

/// Counts small blocks with structure in both directions, and those of them that agree where they are.
#[inline(always)]
fn count_spots(reference: Reference<'_>, values: &[u8], inside: &[bool], agreement: &mut Agreement) {
    let Reference { width, height, pixels } = reference;
    for by in 0..height.saturating_sub(1) / SPOT {
        for bx in 0..width.saturating_sub(1) / SPOT {
            let (x, y) = (bx * SPOT, by * SPOT);
            let (mut xx, mut yy, mut xy) = (0i32, 0i32, 0i32);
            for row in y..y + SPOT {
                let here = &pixels[row * width + x..][..SPOT + 1];
                let below = &pixels[(row + 1) * width + x..][..SPOT];
                for i in 0..SPOT {
                    let (dx, dy) =
                        (i32::from(here[i + 1]) - i32::from(here[i]), i32::from(below[i]) - i32::from(here[i]));
                    xx += dx * dx;
                    yy += dy * dy;
                    xy += dx * dy;
                }
            }
            let n = (SPOT * SPOT) as f64;
            let (xx, yy, xy) = (f64::from(xx) / n, f64::from(yy) / n, f64::from(xy) / n);
            let weaker = (xx + yy) / 2.0 - (((xx - yy) / 2.0).powi(2) + xy * xy).sqrt();
            if weaker < CORNER {
                continue;
            }
            let block = block(pixels, values, inside, width, [x, x + SPOT, y, y + SPOT]);
            if block.inside < SPOT * SPOT {
                continue;
            }
            let agrees = u32::from(block.correlation >= SPOT_AGREES);
            agreement.spots += 1;
            agreement.spots_agreeing += agrees;
            let off = |at: usize, n: usize| (2 * at + SPOT) as f64 / n as f64 - 1.0;
            if off(x, width).hypot(off(y, height)) < MIDDLE {
                agreement.middle += 1;
                agreement.middle_agreeing += agrees;
            }
        }
    }
}

/// Root mean square distance of pairs from the line that fits them best.
fn strayed(pairs: &[(f64, f64)]) -> f64 {
    let n = pairs.len().max(1) as f64;
    let (ma, mb) = pairs.iter().fold((0.0, 0.0), |(a, b), p| (a + p.0 / n, b + p.1 / n));
    let (mut aa, mut bb, mut ab) = (0.0, 0.0, 0.0);
    for (a, b) in pairs {
        aa += (a - ma) * (a - ma);
        bb += (b - mb) * (b - mb);
        ab += (a - ma) * (b - mb);
    }
    let explained = if aa > 0.0 { ab * ab / aa } else { 0.0 };
    ((bb - explained).max(0.0) / n).sqrt()
}

fn deviation(values: &[f64]) -> f64 {
    let n = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / n;
    (values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n).sqrt()
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
    deviation_suspect: f64,
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
        let mut add = |a: u8, b: u8| {
            let (a, b) = (u32::from(a), u32::from(b));
            sa += a;
            sb += b;
            saa += a * a;
            sbb += b * b;
            sab += a * b;
        };
        // Eight at a time: rows of a block are short, and loops of a known length become vectors.
        let ((a8, a), (b8, b)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
        for (a, b) in a8.iter().zip(b8) {
            for i in 0..8 {
                add(a[i], b[i]);
            }
        }
        a.iter().zip(b).for_each(|(&a, &b)| add(a, b));
        self.n += (8 * a8.len() + a.len()) as u64;
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
    let (va, vb, correlation) = sums.finish();
    let n = sums.n.max(1) as f64;
    Block {
        inside: count,
        mean_reference: sums.a as f64 / n,
        mean_suspect: sums.b as f64 / n,
        deviation_reference: va.max(0.0).sqrt(),
        deviation_suspect: vb.max(0.0).sqrt(),
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
        let (width, height) = (self.picture.width(), self.picture.height());
        halved(Reference { width, height, pixels: self.picture.data() })
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

/// [`refine`], compiled for what the processor can do.
pub(crate) struct Refine<'a> {
    pub(crate) reference: Reference<'a>,
    pub(crate) mips: &'a Mips,
    pub(crate) map: &'a Map,
}

impl simd::Kernel for Refine<'_> {
    type Output = Map;

    #[inline(always)]
    fn run(self) -> Map {
        refine(self.reference, self.mips, self.map)
    }
}
