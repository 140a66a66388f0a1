//! How well log-odds tell confirmed malice from what is genuine.

/// Figures of a model on decided cases.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Figures {
    /// Share of the malicious above all but 1 % of the genuine.
    pub(super) recall: f64,
    /// How far scores are from what they claim, in 10 bins: the mean of |claimed - true|, weighted by cases.
    pub(super) calibration: f64,
    /// Mean of -ln of what the score gave to the truth.
    pub(super) log_loss: f64,
    /// Malicious and genuine that reach one half.
    pub(super) reach: [usize; 2],
}

/// Share of the genuine that may stand above the cut at which recall is told.
const GENUINE: f64 = 0.01;
const BINS: usize = 10;

/// How often a malicious case has higher log-odds than a genuine one (area under the curve); a half where either is missing.
pub(super) fn order(totals: &[f64], labels: &[bool]) -> f64 {
    let mut cases: Vec<(f64, bool)> = totals.iter().copied().zip(labels.iter().copied()).collect();
    cases.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut below, mut malicious, mut ahead) = (0.0, 0.0, 0.0);
    for equal in cases.chunk_by(|a, b| a.0 == b.0) {
        let guilty = equal.iter().filter(|(_, label)| *label).count() as f64;
        let genuine = equal.len() as f64 - guilty;
        ahead += guilty * (below + genuine / 2.0);
        below += genuine;
        malicious += guilty;
    }
    if below * malicious > 0.0 { ahead / (below * malicious) } else { 0.5 }
}

pub(super) fn figures(totals: &[f64], labels: &[bool]) -> Figures {
    let of = |label: bool| totals.iter().zip(labels).filter(move |(_, l)| **l == label).map(|(total, _)| *total);
    let mut genuine: Vec<f64> = of(false).collect();
    genuine.sort_by(|a, b| b.total_cmp(a));
    let cut = genuine.get((genuine.len() as f64 * GENUINE) as usize).copied().unwrap_or(f64::NEG_INFINITY);
    let malicious = of(true).count();
    let mut bins = [(0.0, 0.0); BINS];
    let mut loss = 0.0;
    for (total, label) in totals.iter().zip(labels) {
        let score = 1.0 / (1.0 + (-total).exp());
        let bin = &mut bins[((score * BINS as f64) as usize).min(BINS - 1)];
        *bin = (bin.0 + score, bin.1 + f64::from(u8::from(*label)));
        // -ln of the score, or of its complement, without cancellation.
        let against = if *label { -total } else { *total };
        loss += against.max(0.0) + (-against.abs()).exp().ln_1p();
    }
    let count = totals.len().max(1) as f64;
    Figures {
        recall: of(true).filter(|total| *total > cut).count() as f64 / malicious.max(1) as f64,
        calibration: bins.iter().map(|(said, was)| (said - was).abs()).sum::<f64>() / count,
        log_loss: loss / count,
        reach: [true, false].map(|label| of(label).filter(|total| *total >= 0.0).count()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_those_counted_by_hand() {
        // 200 genuine at -2 but two at +3: 1 % of them may stand above the cut, which is then at -2.
        let mut totals = vec![-2.0; 198];
        totals.extend([3.0, 3.0, 4.0, -3.0]);
        let mut labels = vec![false; 200];
        labels.extend([true, true]);
        let told = figures(&totals, &labels);
        assert_eq!((told.recall, told.reach), (0.5, [1, 2]));
        let (low, high): (f64, f64) = (1.0 / (1.0 + 2f64.exp()), 1.0 / (1.0 + (-3f64).exp()));
        let lowest = 1.0 / (1.0 + 3f64.exp());
        let loss =
            -198.0 * (1.0 - low).ln() - 2.0 * (1.0 - high).ln() - (1.0 / (1.0 + (-4f64).exp())).ln() - lowest.ln();
        assert!((told.log_loss - loss / 202.0).abs() < 1e-12);
        // Bins: 0.0–0.1 has one at 0.047 that is malicious, 0.1–0.2 the genuine, 0.9–1 two genuine and one malicious.
        let sums = [1.0 - lowest, 198.0 * low, 2.0 * high + 1.0 / (1.0 + (-4f64).exp()) - 1.0];
        assert!((told.calibration - sums.iter().sum::<f64>() / 202.0).abs() < 1e-12);
    }

    #[test]
    fn order_counts_pairs_and_halves_ties() {
        assert_eq!(order(&[1.0, 2.0, 3.0, 4.0], &[false, false, true, true]), 1.0);
        assert_eq!(order(&[1.0, 2.0, 3.0, 4.0], &[true, false, true, false]), 0.25);
        assert_eq!(order(&[1.0, 1.0], &[true, false]), 0.5);
        assert_eq!(order(&[1.0], &[true]), 0.5);
    }

    #[test]
    fn extreme_log_odds_have_a_finite_loss() {
        let told = figures(&[800.0, -800.0], &[false, true]);
        assert_eq!((told.log_loss, told.recall), (800.0, 0.0));
    }
}
