//! The 16 x 16 lowest frequencies (without the constant ones) of a 64 x 64 picture, and what turning does to them.

use std::sync::LazyLock;

use super::jarosz::Small;

/// Frequencies 1 to 16 in both directions, row by row.
pub(super) type Spectrum = [[f32; 16]; 16];

static MATRIX: LazyLock<[[f32; 64]; 16]> = LazyLock::new(|| {
    let scale = f64::from((2.0f64 / 64.0).sqrt() as f32);
    std::array::from_fn(|i| {
        std::array::from_fn(|j| {
            let angle = std::f64::consts::PI / 2.0 / 64.0 * (i + 1) as f64 * (2 * j + 1) as f64;
            (scale * angle.cos()) as f32
        })
    })
});

/// `D A D^T`, each sum taken from the first to the last term.
pub(super) fn low_frequencies(small: &Small) -> Spectrum {
    let matrix = &*MATRIX;
    let half: [[f32; 64]; 16] = std::array::from_fn(|i| {
        let mut sums = [0.0f32; 64];
        for (factor, row) in matrix[i].iter().zip(small) {
            for (sum, value) in sums.iter_mut().zip(row) {
                *sum += factor * value;
            }
        }
        sums
    });
    // Transposed, so that the inner loop runs over neighbours.
    let columns: [[f32; 16]; 64] = std::array::from_fn(|k| std::array::from_fn(|j| matrix[j][k]));
    std::array::from_fn(|i| {
        let mut sums = [0.0f32; 16];
        for (value, column) in half[i].iter().zip(&columns) {
            for (sum, factor) in sums.iter_mut().zip(column) {
                *sum += value * factor;
            }
        }
        sums
    })
}

/// The spectra of the picture turned and flipped: signs change and rows become columns, nothing is computed anew.
pub(super) fn orientations(a: &Spectrum) -> [Spectrum; 8] {
    let sign = |negative: bool, value: f32| if negative { -value } else { value };
    let straight = |negative: fn(usize, usize) -> bool| -> Spectrum {
        std::array::from_fn(|i| std::array::from_fn(|j| sign(negative(i, j), a[i][j])))
    };
    // `negative` is asked with the place in the original.
    let across = |negative: fn(usize, usize) -> bool| -> Spectrum {
        std::array::from_fn(|j| std::array::from_fn(|i| sign(negative(i, j), a[i][j])))
    };
    [
        *a,
        across(|_, j| j % 2 == 0),
        straight(|i, j| (i + j) % 2 == 1),
        across(|i, _| i % 2 == 0),
        straight(|i, _| i % 2 == 0),
        straight(|_, j| j % 2 == 0),
        across(|_, _| false),
        across(|i, j| (i + j) % 2 == 1),
    ]
}
