//! Scan statistics: how surprising is the busiest window around each point?
//!
//! After Kulldorff (1997): for every window that starts at a point, a log-likelihood ratio of the count against the expected;
//! each point gets the best window that holds it. One pass per window length, linear in the points.

use std::collections::VecDeque;

/// Log-likelihood ratio of seeing `n` where `expected` are usual (Poisson); 0 when there are no more than usual.
pub fn surplus(n: f64, expected: f64) -> f64 {
    let expected = expected.max(1e-3);
    if n <= expected { 0.0 } else { n * (n / expected).ln() - (n - expected) }
}

/// Log-likelihood ratio of `k` of `m` where the share `p` is usual (binomial); 0 when there are no more than usual.
pub fn share_surplus(k: f64, m: f64, p: f64) -> f64 {
    let p = p.clamp(1e-3, 1.0 - 1e-3);
    if m <= 0.0 || k / m <= p {
        return 0.0;
    }
    let rest = m - k;
    let rest_term = if rest > 0.0 { rest * (rest / m / (1.0 - p)).ln() } else { 0.0 };
    k * (k / m / p).ln() + rest_term
}

/// The best window that holds a point.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Best {
    /// Its value, 0 for none.
    pub value: f64,
    /// Its first point.
    pub start: usize,
    /// One past its last point.
    pub end: usize,
}

/// For every point, the best window of at most `length` that starts at some point and holds it. `times` ascend; `value` is
/// asked once per window `start..end`. Of equal windows the earlier one is taken.
pub fn scan(times: &[i64], length: i64, mut value: impl FnMut(usize, usize) -> f64) -> Vec<Best> {
    let mut out = Vec::with_capacity(times.len());
    let mut windows: VecDeque<Best> = VecDeque::new();
    let mut end = 0;
    for start in 0..times.len() {
        while end < times.len() && times[end].saturating_sub(times[start]) <= length {
            end += 1;
        }
        let best = Best { value: value(start, end), start, end };
        while windows.back().is_some_and(|w| w.value < best.value) {
            windows.pop_back();
        }
        windows.push_back(best);
        while windows.front().is_some_and(|w| w.end <= start) {
            windows.pop_front();
        }
        out.push(windows.front().copied().unwrap_or_default());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_point_gets_the_best_window_that_holds_it() {
        let times = [0, 100, 101, 102, 300];
        let best = scan(&times, 5, |a, b| (b - a) as f64);
        assert_eq!(best.iter().map(|b| b.value).collect::<Vec<_>>(), [1.0, 3.0, 3.0, 3.0, 1.0]);
        for (k, b) in best.iter().enumerate() {
            let brute = (0..times.len())
                .map(|s| (s, times.iter().filter(|t| **t >= times[s] && **t - times[s] <= 5).count() + s))
                .filter(|(s, e)| (*s..*e).contains(&k))
                .map(|(s, e)| (e - s) as f64)
                .fold(0.0, f64::max);
            assert_eq!(b.value, brute);
        }
    }

    #[test]
    fn usual_counts_are_no_surprise() {
        assert_eq!(surplus(3.0, 4.0), 0.0);
        assert!(surplus(10.0, 1.0) > 10.0);
        assert_eq!(share_surplus(1.0, 10.0, 0.2), 0.0);
        assert!(share_surplus(5.0, 5.0, 0.2) > 7.0);
    }
}
