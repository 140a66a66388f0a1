use serde::{Deserialize, Serialize};

/// A curve through (0, 0) and the points given, straight between them, flat beyond the last.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Curve {
    /// Ascending, above 0.
    pub x: Vec<f64>,
    /// As many as `x`, in log-odds.
    pub y: Vec<f64>,
}

impl Curve {
    /// The curve at `x`; 0 for what is not above 0.
    pub fn at(&self, x: f64) -> f64 {
        let (mut from, mut low) = (0.0, 0.0);
        for (to, high) in self.x.iter().zip(&self.y) {
            if x < *to {
                return low + (high - low) * ((x - from) / (to - from)).max(0.0);
            }
            (from, low) = (*to, *high);
        }
        low
    }

    pub(crate) fn is_ascending(&self) -> bool {
        self.x.windows(2).all(|w| w[0] < w[1]) && self.x.first().is_none_or(|x| *x > 0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_runs_through_its_points_and_is_flat_beyond() {
        let curve = Curve { x: vec![2.0, 4.0], y: vec![1.0, 3.0] };
        assert_eq!([0.0, 1.0, 2.0, 3.0, 9.0].map(|x| curve.at(x)), [0.0, 0.5, 1.0, 2.0, 3.0]);
        assert_eq!(curve.at(-5.0), 0.0);
        assert_eq!(Curve::default().at(3.0), 0.0);
    }
}
