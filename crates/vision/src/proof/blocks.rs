//! Small blocks of both pictures, compared, and figures over many of them.

/// One block of the reference, and what the suspect shows there.
pub(super) struct Block {
    pub(super) inside: usize,
    pub(super) mean_reference: f64,
    pub(super) mean_suspect: f64,
    pub(super) deviation_reference: f64,
    pub(super) deviation_suspect: f64,
    pub(super) correlation: f64,
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
pub(super) fn block(a: &[u8], b: &[u8], inside: &[bool], width: usize, [x0, x1, y0, y1]: [usize; 4]) -> Block {
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
pub(super) fn shifted(
    a: &[u8],
    b: &[u8],
    width: usize,
    height: usize,
    [x0, x1, y0, y1]: [usize; 4],
    dx: isize,
    dy: isize,
) -> f64 {
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

/// Sums of squares and products of pairs around their means.
fn moments(pairs: &[(f64, f64)]) -> (f64, f64, f64) {
    let n = pairs.len().max(1) as f64;
    let (ma, mb) = pairs.iter().fold((0.0, 0.0), |(a, b), p| (a + p.0 / n, b + p.1 / n));
    let (mut aa, mut bb, mut ab) = (0.0, 0.0, 0.0);
    for (a, b) in pairs {
        aa += (a - ma) * (a - ma);
        bb += (b - mb) * (b - mb);
        ab += (a - ma) * (b - mb);
    }
    (aa, bb, ab)
}

/// How well pairs correlate, -1 to 1; 0 of fewer than four, or when one side hardly varies.
pub(super) fn correlation(pairs: &[(f64, f64)]) -> f64 {
    let (aa, bb, ab) = moments(pairs);
    if pairs.len() < 4 || aa < 1.0 || bb < 1.0 { 0.0 } else { ab / (aa * bb).sqrt() }
}

/// Root mean square distance of pairs from the line that fits them best.
pub(super) fn strayed(pairs: &[(f64, f64)]) -> f64 {
    let (aa, bb, ab) = moments(pairs);
    let explained = if aa > 0.0 { ab * ab / aa } else { 0.0 };
    ((bb - explained).max(0.0) / pairs.len().max(1) as f64).sqrt()
}

/// Standard deviation.
pub(super) fn deviation(values: &[f64]) -> f64 {
    let n = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / n;
    (values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_change_of_brightness_and_contrast_strays_by_nothing() {
        let even: Vec<_> = (0..20).map(|i| (f64::from(i * 7 % 90), 12.0 + 0.6 * f64::from(i * 7 % 90))).collect();
        assert!(strayed(&even) < 1e-9 && (correlation(&even) - 1.0).abs() < 1e-9);
        let uneven: Vec<_> = even.iter().zip([5.0, -5.0].iter().cycle()).map(|(p, d)| (p.0, p.1 + d)).collect();
        assert!((4.0..=5.0).contains(&strayed(&uneven)), "{}", strayed(&uneven));
        assert_eq!((strayed(&[]), deviation(&[]), correlation(&[(1.0, 2.0); 9])), (0.0, 0.0, 0.0));
        assert!((deviation(&[1.0, 3.0]) - 1.0).abs() < 1e-9);
    }
}
