//! The reference's way down to 64 x 64: two passes of a box filter along rows and columns, then every n-th pixel.
//!
//! The running sums of the reference fix the order of additions. Three things save time without changing a bit: sums of
//! whole grey levels are exact in any order; the last two passes are only finished where a pixel is sampled; and columns, or
//! several rows, advance side by side.

use crate::{Luma, simd};

/// The sampled picture.
pub(super) type Small = [[f32; 64]; 64];

/// The filter of one direction: how wide it is and which of `n` pixels are under it.
#[derive(Clone, Copy)]
struct Window {
    n: usize,
    before: usize,
    after: usize,
}

impl Window {
    fn new(n: usize) -> Self {
        let full = n.div_ceil(128);
        let after = (full + 2) / 2;
        Self { n, before: full - after.min(full), after }
    }

    /// First pixel and one past the last pixel under the window around `at`.
    #[inline(always)]
    fn around(self, at: usize) -> (usize, usize) {
        (at.saturating_sub(self.before), (at + self.after).min(self.n))
    }
}

fn sampled(n: usize) -> [usize; 64] {
    std::array::from_fn(|i| ((i as f64 + 0.5) * n as f64 / 64.0) as usize)
}

/// Shrinks whole grey levels.
pub(super) fn shrink_grey(picture: &Luma) -> Small {
    simd::accelerated(Grey { picture })
}

/// Shrinks luma that is not whole.
pub(super) fn shrink_plane(width: usize, height: usize, plane: Vec<f32>) -> Small {
    simd::accelerated(Plane { width, height, plane })
}

struct Grey<'a> {
    picture: &'a Luma,
}

impl simd::Kernel for Grey<'_> {
    type Output = Small;

    #[inline(always)]
    fn run(self) -> Small {
        let (width, height) = (self.picture.width(), self.picture.height());
        let rows = Window::new(width);
        let mut filtered = vec![0.0; width * height];
        let mut sums = vec![0u32; width + 1];
        for (y, out) in filtered.chunks_exact_mut(width).enumerate() {
            box_of_levels(self.picture.row(y), rows, &mut sums, out);
        }
        remaining_passes(filtered, width, height)
    }
}

struct Plane {
    width: usize,
    height: usize,
    plane: Vec<f32>,
}

impl simd::Kernel for Plane {
    type Output = Small;

    #[inline(always)]
    fn run(self) -> Small {
        let Self { width, height, plane } = self;
        let window = Window::new(width);
        let mut filtered = vec![0.0; width * height];
        for (row, out) in plane.chunks_exact(width).zip(filtered.chunks_exact_mut(width)) {
            let mut sum = Running::default();
            for (at, out) in out.iter_mut().enumerate() {
                sum.advance(window, at, |i| row[i]);
                *out = sum.mean();
            }
        }
        remaining_passes(filtered, width, height)
    }
}

/// Sums of whole numbers below 2^24 are exact, so differences of prefix sums equal the running sum.
#[inline(always)]
fn box_of_levels(row: &[u8], window: Window, sums: &mut [u32], out: &mut [f32]) {
    let mut sum = 0;
    for (prefix, &level) in sums[1..].iter_mut().zip(row) {
        sum += u32::from(level);
        *prefix = sum;
    }
    let n = row.len();
    let mean = |at: usize| {
        let (from, to) = window.around(at);
        (sums[to] - sums[from]) as f32 / (to - from) as f32
    };
    let (first, last) = (window.before.min(n), (n + 1).saturating_sub(window.after).max(window.before.min(n)));
    for at in (0..first).chain(last..n) {
        out[at] = mean(at);
    }
    let width = window.before + window.after;
    let right = &sums[width.min(n)..];
    for ((out, &from), &to) in out[first..last].iter_mut().zip(&sums[..]).zip(right) {
        *out = (to - from) as f32 / width as f32;
    }
}

/// From the picture after its first pass along rows.
#[inline(always)]
fn remaining_passes(filtered: Vec<f32>, width: usize, height: usize) -> Small {
    let smooth = down_columns(&filtered, width, height);
    let narrow = along_rows_sampled(&smooth, width, height);
    down_columns_sampled(&narrow, height)
}

#[inline(always)]
fn down_columns(plane: &[f32], width: usize, height: usize) -> Vec<f32> {
    let window = Window::new(height);
    let mut out = vec![0.0; plane.len()];
    let mut sums = vec![0.0f32; width];
    let (mut from, mut to) = (0, 0);
    for (at, out) in out.chunks_exact_mut(width).enumerate() {
        let (left, right) = window.around(at);
        while to < right {
            add_row(&mut sums, &plane[to * width..][..width]);
            to += 1;
        }
        while from < left {
            subtract_row(&mut sums, &plane[from * width..][..width]);
            from += 1;
        }
        let count = (to - from) as f32;
        for (out, sum) in out.iter_mut().zip(&sums) {
            *out = sum / count;
        }
    }
    out
}

#[inline(always)]
fn add_row(sums: &mut [f32], row: &[f32]) {
    for (sum, value) in sums.iter_mut().zip(row) {
        *sum += value;
    }
}

#[inline(always)]
fn subtract_row(sums: &mut [f32], row: &[f32]) {
    for (sum, value) in sums.iter_mut().zip(row) {
        *sum -= value;
    }
}

/// One row's filter is a chain of dependent additions; eight rows side by side hide its latency.
#[inline(always)]
fn along_rows_sampled(plane: &[f32], width: usize, height: usize) -> Vec<[f32; 64]> {
    const ROWS: usize = 8;
    let window = Window::new(width);
    let samples = sampled(width);
    let mut out = vec![[0.0f32; 64]; height];
    for (block, out) in out.chunks_mut(ROWS).enumerate() {
        let rows: [&[f32]; ROWS] = std::array::from_fn(|i| {
            let y = (block * ROWS + i).min(height - 1);
            &plane[y * width..][..width]
        });
        let mut sums = [0.0f32; ROWS];
        let (mut from, mut to) = (0, 0);
        let mut at = 0;
        for (k, &sample) in samples.iter().enumerate() {
            // Walk to the sample as the reference does: at each place first add, then subtract.
            while at <= sample {
                let (left, right) = window.around(at);
                while to < right {
                    for (sum, row) in sums.iter_mut().zip(&rows) {
                        *sum += row[to];
                    }
                    to += 1;
                }
                while from < left {
                    for (sum, row) in sums.iter_mut().zip(&rows) {
                        *sum -= row[from];
                    }
                    from += 1;
                }
                at += 1;
            }
            let count = (to - from) as f32;
            for (out, sum) in out.iter_mut().zip(&sums) {
                out[k] = sum / count;
            }
        }
    }
    out
}

#[inline(always)]
fn down_columns_sampled(narrow: &[[f32; 64]], height: usize) -> Small {
    let window = Window::new(height);
    let mut sums = [0.0f32; 64];
    let (mut from, mut to, mut at) = (0, 0, 0);
    let mut small = [[0.0; 64]; 64];
    for (&sample, out) in sampled(height).iter().zip(&mut small) {
        while at <= sample {
            let (left, right) = window.around(at);
            while to < right {
                add_row(&mut sums, &narrow[to]);
                to += 1;
            }
            while from < left {
                subtract_row(&mut sums, &narrow[from]);
                from += 1;
            }
            at += 1;
        }
        let count = (to - from) as f32;
        *out = sums.map(|sum| sum / count);
    }
    small
}

/// A running sum over one row.
#[derive(Default)]
struct Running {
    sum: f32,
    from: usize,
    to: usize,
}

impl Running {
    #[inline(always)]
    fn advance(&mut self, window: Window, at: usize, value: impl Fn(usize) -> f32) {
        let (left, right) = window.around(at);
        while self.to < right {
            self.sum += value(self.to);
            self.to += 1;
        }
        while self.from < left {
            self.sum -= value(self.from);
            self.from += 1;
        }
    }

    #[inline(always)]
    fn mean(&self) -> f32 {
        self.sum / (self.to - self.from) as f32
    }
}
