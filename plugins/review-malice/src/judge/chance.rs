//! How often chance alone shows as much: tails of the binomial distribution and of mean ranks.

use std::f64::consts::{PI, SQRT_2};

/// The logarithm of the gamma function above 0, by Stirling's series from 8 up (Abramowitz and Stegun 6.1.41).
fn ln_gamma(mut x: f64) -> f64 {
    let mut below = 0.0;
    while x < 8.0 {
        below += x.ln();
        x += 1.0;
    }
    let square = x * x;
    (x - 0.5) * x.ln() - x + 0.5 * (2.0 * PI).ln() + (1.0 / 12.0 - (1.0 / 360.0 - 1.0 / (1260.0 * square)) / square) / x
        - below
}

/// The chance of `k` or more of `n` where each has it with the chance `p` (exact binomial test, one-sided).
pub(super) fn at_least(k: u32, n: u32, p: f64) -> f64 {
    let p = p.clamp(1e-6, 1.0 - 1e-6);
    let (k, n) = (f64::from(k), f64::from(n));
    if k <= 0.0 {
        return 1.0;
    }
    if k > n {
        return 0.0;
    }
    // From the end that falls away: above the mean upwards, below it downwards.
    let above = k > n * p;
    let from = if above { k } else { k - 1.0 };
    let ln = ln_gamma(n + 1.0) - ln_gamma(from + 1.0) - ln_gamma(n - from + 1.0)
        + from * p.ln()
        + (n - from) * (1.0 - p).ln();
    let (mut term, mut sum, mut at) = (ln.exp(), 0.0, from);
    let odds = p / (1.0 - p);
    while term > sum * 1e-12 {
        sum += term;
        if above {
            term *= (n - at) / (at + 1.0) * odds;
            at += 1.0;
        } else {
            term *= at / (n - at + 1.0) / odds;
            at -= 1.0;
        }
    }
    (if above { sum } else { 1.0 - sum }).clamp(0.0, 1.0)
}

/// The chance that the mean of `n` ranks, each anywhere between 0 and 1, is as low as this or lower (rank test against the platform,
/// normal approximation: the mean has the variance 1 / 12 n; for fewer than five it is rough).
pub(super) fn as_low(mean: f64, n: u32) -> f64 {
    let z = (mean - 0.5) * (12.0 * f64::from(n)).sqrt();
    0.5 * erfc(-z / SQRT_2)
}

/// The complementary error function, its error at most 1.2e-7 of it (Press and others, Numerical Recipes, 6.2).
fn erfc(x: f64) -> f64 {
    const TERMS: [f64; 10] = [
        -1.265_512_23,
        1.000_023_68,
        0.374_091_96,
        0.096_784_18,
        -0.186_288_06,
        0.278_868_07,
        -1.135_203_98,
        1.488_515_87,
        -0.822_152_23,
        0.170_872_77,
    ];
    let t = 1.0 / (1.0 + 0.5 * x.abs());
    let series = TERMS.iter().rev().fold(0.0, |sum, term| sum * t + term);
    let tail = t * (-x * x + series).exp();
    if x >= 0.0 { tail } else { 2.0 - tail }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binomial_tails_are_those_of_a_plain_sum() {
        for n in [1u32, 2, 7, 30, 61] {
            for p in [0.01, 0.12, 0.5, 0.93] {
                let mut terms = vec![(1.0f64 - p).powi(n as i32)];
                for k in 0..n {
                    terms.push(terms[k as usize] * f64::from(n - k) / f64::from(k + 1) * p / (1.0 - p));
                }
                for k in 0..=n {
                    let plain: f64 = terms[k as usize..].iter().sum();
                    let found = at_least(k, n, p);
                    assert!((found - plain).abs() <= 1e-9 + plain * 1e-6, "{k} of {n} at {p}: {found} {plain}");
                }
            }
        }
        assert_eq!((at_least(0, 0, 0.5), at_least(2, 1, 0.5)), (1.0, 0.0));
        assert!(at_least(50_000, 100_000, 0.12) < 1e-300 && at_least(12_000, 100_000, 0.12) > 0.49);
    }

    #[test]
    fn mean_ranks_are_judged_as_the_normal_law_says() {
        assert!((as_low(0.5, 10) - 0.5).abs() < 1e-6);
        // z = -1.96
        assert!((as_low(0.5 - 1.96 / 120f64.sqrt(), 10) - 0.025).abs() < 1e-4);
        assert!(as_low(0.1, 40) < 1e-15 && as_low(0.9, 40) > 0.999);
    }
}
