//! A grey picture, and the few ways in which one is resized here.

/// An 8-bit grey picture, row by row, without padding. Both sides are at least 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Luma {
    width: usize,
    height: usize,
    data: Vec<u8>,
}

impl Luma {
    /// Takes the pixels of a picture.
    ///
    /// # Panics
    /// When a side is 0 or `data` does not hold `width * height` bytes.
    pub fn new(width: usize, height: usize, data: Vec<u8>) -> Self {
        assert!(width > 0 && height > 0 && data.len() == width * height, "invariant: pixels fill the picture");
        Self { width, height, data }
    }

    /// Width in pixels.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Height in pixels.
    pub fn height(&self) -> usize {
        self.height
    }

    /// The pixels, row by row.
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// One row of pixels.
    pub fn row(&self, y: usize) -> &[u8] {
        &self.data[y * self.width..][..self.width]
    }

    /// The pixel at a place; places outside give the nearest one inside.
    pub fn clamped(&self, x: isize, y: isize) -> u8 {
        let x = x.clamp(0, self.width as isize - 1) as usize;
        let y = y.clamp(0, self.height as isize - 1) as usize;
        self.data[y * self.width + x]
    }

    /// The picture as one would see it in a mirror: left and right exchanged.
    pub fn mirrored(&self) -> Self {
        let mut data = self.data.clone();
        data.chunks_exact_mut(self.width).for_each(<[u8]>::reverse);
        Self { data, ..*self }
    }

    /// The picture shrunk so that it has at most `pixels` pixels and no side longer than `side`; unchanged when it
    /// already fits.
    pub fn fitted(&self, pixels: usize, side: usize) -> Self {
        let by_area = (pixels as f64 / (self.width * self.height) as f64).sqrt();
        let by_side = side as f64 / self.width.max(self.height) as f64;
        let scale = by_area.min(by_side);
        if scale >= 1.0 {
            return self.clone();
        }
        let to = |n: usize| ((n as f64 * scale) as usize).max(1);
        self.shrunk(to(self.width), to(self.height))
    }

    /// The picture at a smaller size; each new pixel is the mean of the area it covers.
    ///
    /// # Panics
    /// When a new side is 0 or longer than the old one.
    pub fn shrunk(&self, width: usize, height: usize) -> Self {
        assert!((1..=self.width).contains(&width) && (1..=self.height).contains(&height), "invariant: it shrinks");
        let columns = spans(self.width, width);
        let rows = spans(self.height, height);
        let mut data = Vec::with_capacity(width * height);
        let mut narrow = vec![0u32; width];
        let mut sums = vec![0u64; width];
        // A row that two new rows share is narrowed once.
        let mut narrowed = usize::MAX;
        for row in &rows {
            sums.fill(0);
            for (y, weight) in row.covered() {
                if narrowed != y {
                    narrow_row(self.row(y), &columns, &mut narrow);
                    narrowed = y;
                }
                for (sum, &value) in sums.iter_mut().zip(&narrow) {
                    *sum += u64::from(value) * u64::from(weight);
                }
            }
            data.extend(sums.iter().map(|&sum| ((sum + (1 << 23)) >> 24).min(255) as u8));
        }
        Self { width, height, data }
    }
}

/// The old pixels under a new one: whole ones between two partly covered ones. Weights are in 1/4096 of the new pixel.
struct Cover {
    first: usize,
    weights: Vec<u32>,
}

impl Cover {
    fn covered(&self) -> impl Iterator<Item = (usize, u32)> {
        self.weights.iter().enumerate().map(|(i, &w)| (self.first + i, w))
    }
}

fn spans(old: usize, new: usize) -> Vec<Cover> {
    let step = old as f64 / new as f64;
    (0..new)
        .map(|i| {
            let (from, to) = (i as f64 * step, ((i + 1) as f64 * step).min(old as f64));
            let first = (from as usize).min(old - 1);
            let last = (to.ceil() as usize).clamp(first + 1, old);
            let mut weights: Vec<u32> = (first..last)
                .map(|p| {
                    let part = (to.min((p + 1) as f64) - from.max(p as f64)).max(0.0);
                    (part / (to - from) * 4096.0).round() as u32
                })
                .collect();
            // Rounding must not make the picture darker: the weights of a new pixel add up to 1.
            let sum: u32 = weights.iter().sum();
            let middle = weights.len() / 2;
            weights[middle] = (weights[middle] + 4096).saturating_sub(sum);
            Cover { first, weights }
        })
        .collect()
}

fn narrow_row(row: &[u8], columns: &[Cover], out: &mut [u32]) {
    for (column, out) in columns.iter().zip(out) {
        let pixels = &row[column.first..][..column.weights.len()];
        *out = pixels.iter().zip(&column.weights).map(|(&p, &w)| u32::from(p) * w).sum();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shrinking_keeps_a_flat_picture_flat() {
        let flat = Luma::new(97, 61, vec![201; 97 * 61]);
        assert!(flat.shrunk(40, 17).data().iter().all(|&p| p == 201));
    }

    #[test]
    fn shrinking_by_two_averages_four_pixels() {
        let picture = Luma::new(2, 2, vec![10, 20, 30, 40]);
        assert_eq!(picture.shrunk(1, 1).data(), [25]);
    }

    #[test]
    fn fits_within_both_bounds() {
        let small = Luma::new(1000, 10, vec![0; 10_000]).fitted(5_000, 300);
        assert!(small.width() <= 300 && small.width() * small.height() <= 5_000);
    }
}
