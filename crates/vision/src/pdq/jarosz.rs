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
        remaining_passes(Levels { picture: self.picture, rows, sums: vec![0; width] }, width, height)
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
        remaining_passes(Reals { plane: &plane, window: Window::new(width) }, width, height)
    }
}

/// The rows of a picture after the first pass along them, made when they are asked for: what is made is still in the cache
/// when the next pass reads it.
trait FirstPass {
    /// Writes row `y`.
    fn row(&mut self, y: usize, out: &mut [f32]);
}

struct Levels<'a> {
    picture: &'a Luma,
    rows: Window,
    sums: Vec<u16>,
}

impl FirstPass for Levels<'_> {
    #[inline(always)]
    fn row(&mut self, y: usize, out: &mut [f32]) {
        box_of_levels(self.picture.row(y), self.rows, &mut self.sums, out);
    }
}

struct Reals<'a> {
    plane: &'a [f32],
    window: Window,
}

impl FirstPass for Reals<'_> {
    #[inline(always)]
    fn row(&mut self, y: usize, out: &mut [f32]) {
        let row = &self.plane[y * out.len()..][..out.len()];
        let mut sum = Running::default();
        for (at, out) in out.iter_mut().enumerate() {
            sum.advance(self.window, at, |i| row[i]);
            *out = sum.mean();
        }
    }
}

/// Windows up to this wide are added pixel by pixel, many places at once; their sums fit 16 bits.
const NARROW: usize = 24;

/// Sums of whole numbers below 2^24 are exact, so they may be taken in any order.
#[inline(always)]
fn box_of_levels(row: &[u8], window: Window, sums: &mut [u16], out: &mut [f32]) {
    let n = row.len();
    let width = window.before + window.after;
    let (first, last) = (window.before.min(n), (n + 1).saturating_sub(window.after).max(window.before.min(n)));
    for at in (0..first).chain(last..n) {
        let (from, to) = window.around(at);
        let sum: u32 = row[from..to].iter().map(|&level| u32::from(level)).sum();
        out[at] = sum as f32 / (to - from) as f32;
    }
    if first == last {
        return;
    }
    let inner = &mut out[first..last];
    if width <= NARROW {
        let sums = &mut sums[..inner.len()];
        sums.fill(0);
        for k in 0..width {
            for (sum, &level) in sums.iter_mut().zip(&row[k..]) {
                *sum += u16::from(level);
            }
        }
        for (out, &sum) in inner.iter_mut().zip(&*sums) {
            *out = f32::from(sum) / width as f32;
        }
        return;
    }
    let mut sum: u32 = row[..width].iter().map(|&level| u32::from(level)).sum();
    for (i, out) in inner.iter_mut().enumerate() {
        if i > 0 {
            sum = sum + u32::from(row[i + width - 1]) - u32::from(row[i - 1]);
        }
        *out = sum as f32 / width as f32;
    }
}

/// Rows that advance side by side through the second pass along them: a filter is a chain of dependent additions, eight hide
/// its latency.
const ROWS: usize = 8;

/// From the picture after its first pass along rows: down columns, along rows and down columns again.
#[inline(always)]
fn remaining_passes(mut first: impl FirstPass, width: usize, height: usize) -> Small {
    let window = Window::new(height);
    // As many of the last rows as a window spans.
    let kept = window.before + window.after + 1;
    let mut ring = vec![0.0f32; kept * width];
    let mut sums = vec![0.0f32; width];
    let mut smooth = vec![[0.0f32; ROWS]; width];
    let mut narrow = vec![[0.0f32; 64]; height];
    let samples = sampled(width);
    let (mut from, mut to) = (0, 0);
    for at in 0..height {
        let (left, right) = window.around(at);
        while to < right {
            let row = &mut ring[to % kept * width..][..width];
            first.row(to, row);
            add_row(&mut sums, row);
            to += 1;
        }
        while from < left {
            subtract_row(&mut sums, &ring[from % kept * width..][..width]);
            from += 1;
        }
        let count = (to - from) as f32;
        for (out, sum) in smooth.iter_mut().zip(&sums) {
            out[at % ROWS] = sum / count;
        }
        if at % ROWS == ROWS - 1 || at == height - 1 {
            let block = at - at % ROWS;
            along_rows_sampled(&smooth, &samples, &mut narrow[block..=at]);
        }
    }
    down_columns_sampled(&narrow, height)
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

/// The samples of up to [`ROWS`] rows, whose pixels lie side by side.
#[inline(always)]
fn along_rows_sampled(smooth: &[[f32; ROWS]], samples: &[usize; 64], out: &mut [[f32; 64]]) {
    let window = Window::new(smooth.len());
    let mut sums = [0.0f32; ROWS];
    let (mut from, mut to) = (0, 0);
    let mut at = 0;
    for (k, &sample) in samples.iter().enumerate() {
        // Walk to the sample as the reference does: at each place first add, then subtract.
        while at <= sample {
            let (left, right) = window.around(at);
            while to < right {
                for i in 0..ROWS {
                    sums[i] += smooth[to][i];
                }
                to += 1;
            }
            while from < left {
                for i in 0..ROWS {
                    sums[i] -= smooth[from][i];
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
