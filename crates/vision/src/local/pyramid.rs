use crate::{Luma, simd};

/// How much smaller each level of a pyramid is than the one before it.
pub const STEP: f64 = 1.2;

/// The picture at falling sizes.
#[derive(Clone, Debug)]
pub struct Pyramid {
    levels: Vec<Level>,
}

/// One size, smoothed a little for finding corners and a little more for describing them.
#[derive(Clone, Debug)]
pub(super) struct Level {
    pub(super) sharp: Luma,
    pub(super) soft: Luma,
}

impl Pyramid {
    /// A pyramid of at most `levels` levels; it ends where a side gets too short for any corner.
    pub fn new(frame: &Luma, levels: usize) -> Self {
        let mut made: Vec<Level> = Vec::with_capacity(levels);
        let mut current = frame.clone();
        for l in 0..levels {
            if l > 0 {
                let scale = STEP.powi(l as i32);
                let to = |n: usize| (n as f64 / scale).round() as usize;
                let (width, height) = (to(frame.width()), to(frame.height()));
                if width.min(height) < 2 * super::fast::MARGIN + 2 {
                    break;
                }
                current = resampled(&current, width, height);
            }
            let sharp = simd::accelerated(Smoothed { picture: &current });
            let soft = simd::accelerated(Smoothed { picture: &sharp });
            made.push(Level { sharp, soft });
        }
        Self { levels: made }
    }

    /// Width and height of the first level.
    pub fn size(&self) -> (usize, usize) {
        (self.levels[0].sharp.width(), self.levels[0].sharp.height())
    }

    pub(super) fn levels(&self) -> &[Level] {
        &self.levels
    }
}

/// The binomial filter 1 4 6 4 1 in both directions; at the edges the nearest pixel is repeated.
#[inline(always)]
fn smoothed(picture: &Luma) -> Luma {
    let (width, height) = (picture.width(), picture.height());
    let mut out = vec![0u8; width * height];
    let mut column = vec![0u16; width + 4];
    for (y, out) in out.chunks_exact_mut(width).enumerate() {
        let row = |dy: isize| picture.row((y as isize + dy).clamp(0, height as isize - 1) as usize);
        let (a, b, c, d, e) = (row(-2), row(-1), row(0), row(1), row(2));
        for x in 0..width {
            column[x + 2] =
                u16::from(a[x]) + u16::from(e[x]) + 4 * (u16::from(b[x]) + u16::from(d[x])) + 6 * u16::from(c[x]);
        }
        (column[0], column[1]) = (column[2], column[2]);
        (column[width + 2], column[width + 3]) = (column[width + 1], column[width + 1]);
        let columns = &column[..width + 4];
        for (x, out) in out.iter_mut().enumerate() {
            let w = &columns[x..x + 5];
            let sum = u32::from(w[0]) + u32::from(w[4]) + 4 * (u32::from(w[1]) + u32::from(w[3])) + 6 * u32::from(w[2]);
            *out = ((sum + 128) >> 8) as u8;
        }
    }
    Luma::new(width, height, out)
}

/// Bilinear resampling, for sizes not far from the old one.
pub(crate) fn resampled(picture: &Luma, width: usize, height: usize) -> Luma {
    simd::accelerated(Resampled { picture, width, height })
}

#[inline(always)]
fn resample(picture: &Luma, width: usize, height: usize) -> Luma {
    let columns: Vec<(u32, u32)> = places(picture.width(), width);
    let mut out = Vec::with_capacity(width * height);
    let mut rows = vec![0u16; picture.width() + 1];
    for (y, weight) in places(picture.height(), height) {
        let above = picture.row(y as usize);
        let below = picture.row((y as usize + 1).min(picture.height() - 1));
        for (mixed, (&a, &b)) in rows.iter_mut().zip(above.iter().zip(below)) {
            *mixed = (u32::from(a) * (256 - weight) + u32::from(b) * weight) as u16;
        }
        rows[picture.width()] = rows[picture.width() - 1];
        out.extend(columns.iter().map(|&(x, weight)| {
            let (a, b) = (u32::from(rows[x as usize]), u32::from(rows[x as usize + 1]));
            ((a * (256 - weight) + b * weight + 32_768) >> 16) as u8
        }));
    }
    Luma::new(width, height, out)
}

/// For each new place, the old place before it and how far (of 256) it lies towards the next.
fn places(old: usize, new: usize) -> Vec<(u32, u32)> {
    let step = old as f64 / new as f64;
    (0..new)
        .map(|i| {
            let at = ((i as f64 + 0.5) * step - 0.5).clamp(0.0, (old - 1) as f64);
            (at as u32, (at.fract() * 256.0) as u32)
        })
        .collect()
}

struct Smoothed<'a> {
    picture: &'a Luma,
}

impl simd::Kernel for Smoothed<'_> {
    type Output = Luma;

    #[inline(always)]
    fn run(self) -> Luma {
        smoothed(self.picture)
    }
}

struct Resampled<'a> {
    picture: &'a Luma,
    width: usize,
    height: usize,
}

impl simd::Kernel for Resampled<'_> {
    type Output = Luma;

    #[inline(always)]
    fn run(self) -> Luma {
        resample(self.picture, self.width, self.height)
    }
}
