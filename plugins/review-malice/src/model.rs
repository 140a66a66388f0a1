//! Turns signals into a score, as a ledger that sums to it.
//!
//! Per signal a piecewise-linear curve gives a contribution to the log-odds (a generalised additive model); families are
//! capped; and a negative review that only one family speaks against stays under one half, whatever it adds up to. All numbers
//! are data (`rules/model.toml`). Contributions are whole multiples of 1/1024, so that they add up exactly in any order.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::facts::Polarity;
use crate::signal::{Family, Signal, Signals};

/// The model's file.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ModelFile {
    /// What this is and where it comes from, for people.
    pub about: String,
    /// The independent families that must speak against a negative review before it can reach one half.
    pub families: usize,
    /// A family speaks from this contribution on.
    pub speaks_from: f64,
    /// The most one family can add.
    pub caps: BTreeMap<Family, f64>,
    /// For reviews of one to three stars, or unrated ones.
    pub negative: Side,
    /// For reviews of four and five stars.
    pub positive: Side,
}

/// The model of one polarity.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Side {
    /// Log-odds when no signal speaks.
    pub base: f64,
    /// Caps of this side alone, instead of the common ones.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub caps: BTreeMap<Family, f64>,
    /// Curves by the signal's name.
    pub curves: BTreeMap<String, Curve>,
}

/// A curve through (0, 0) and the points given, flat beyond the last.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Curve {
    /// Ascending, above 0.
    pub x: Vec<f64>,
    /// As many as `x`.
    pub y: Vec<f64>,
}

impl Curve {
    /// The curve at `x`.
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
}

/// A model ready to be used.
pub struct Model {
    /// Families needed.
    pub families: usize,
    speaks_from: f64,
    negative: Weights,
    positive: Weights,
}

/// One side, ready to be used.
struct Weights {
    base: f64,
    caps: [f64; Family::ALL.len()],
    curves: Vec<Option<Curve>>,
}

/// One line of the ledger.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Entry {
    /// The signal, or `base`, `family_cap`, `one_family`.
    pub signal: &'static str,
    /// Its family, or `base`, `policy`.
    pub family: &'static str,
    /// What it adds to the log-odds.
    pub contribution: f64,
}

/// A review's score with its reasons.
#[derive(Clone, Debug, PartialEq)]
pub struct Ledger {
    /// What was added, in order.
    pub entries: Vec<Entry>,
    /// The families that speak against the review.
    pub families: Vec<Family>,
    /// The signal that adds most.
    pub leading: Option<Signal>,
}

impl Ledger {
    /// The log-odds: the sum of all contributions.
    pub fn total(&self) -> f64 {
        self.entries.iter().map(|e| e.contribution).sum()
    }

    /// The score in [0, 1].
    pub fn score(&self) -> f64 {
        1.0 / (1.0 + (-self.total()).exp())
    }
}

/// Rounds to a multiple of 1/1024.
fn exact(value: f64) -> f64 {
    (value * 1024.0).round() / 1024.0
}

impl Model {
    /// Reads a model.
    ///
    /// # Errors
    /// Says what is wrong with the file.
    pub fn parse(toml: &str) -> Result<Self, String> {
        let file: ModelFile = toml::from_str(toml).map_err(|e| format!("the model is not valid: {e}"))?;
        Self::new(&file)
    }

    /// Checks a model and makes it ready.
    ///
    /// # Errors
    /// Says which part is wrong and what is expected there.
    pub fn new(file: &ModelFile) -> Result<Self, String> {
        let side = |name: &str, side: &Side| {
            let mut curves = vec![None; Signal::ALL.len()];
            for (signal, curve) in &side.curves {
                let at = Signal::ALL
                    .iter()
                    .position(|s| s.as_str() == signal)
                    .ok_or_else(|| format!("the model's {name} side has a curve for '{signal}', which is no signal"))?;
                let ascending = curve.x.windows(2).all(|w| w[0] < w[1]) && curve.x.first().is_none_or(|x| *x > 0.0);
                if curve.x.len() != curve.y.len() || !ascending || curve.y.iter().any(|y| !y.is_finite()) {
                    return Err(format!(
                        "the model's curve '{signal}' ({name}) needs as many y as x, x ascending from above 0"
                    ));
                }
                curves[at] = Some(curve.clone());
            }
            let cap = |family| side.caps.get(&family).or(file.caps.get(&family)).copied().unwrap_or(f64::MAX);
            let caps = std::array::from_fn(|i| cap(Family::ALL[i]));
            Ok::<_, String>(Weights { base: side.base, caps, curves })
        };
        Ok(Self {
            families: file.families,
            speaks_from: file.speaks_from,
            negative: side("negative", &file.negative)?,
            positive: side("positive", &file.positive)?,
        })
    }

    /// Scores a review.
    pub fn judge(&self, polarity: Polarity, signals: &Signals) -> Ledger {
        let Weights { base, caps, curves } =
            if polarity == Polarity::Positive { &self.positive } else { &self.negative };
        let mut entries = vec![Entry { signal: "base", family: "base", contribution: exact(*base) }];
        let mut sums = [0.0; Family::ALL.len()];
        let mut leading: Option<(f64, Signal)> = None;
        for signal in Signal::ALL {
            let Some(curve) = &curves[*signal as usize] else { continue };
            let contribution = exact(curve.at(f64::from(signals.get(*signal))));
            if contribution == 0.0 {
                continue;
            }
            sums[signal.family() as usize] += contribution;
            entries.push(Entry { signal: signal.as_str(), family: signal.family().as_str(), contribution });
            if leading.is_none_or(|(most, _)| contribution > most) {
                leading = Some((contribution, *signal));
            }
        }
        for (i, family) in Family::ALL.iter().enumerate() {
            if sums[i] > caps[i] {
                let contribution = exact(caps[i] - sums[i]);
                entries.push(Entry { signal: "family_cap", family: family.as_str(), contribution });
                sums[i] += contribution;
            }
        }
        let families: Vec<Family> =
            Family::ALL.iter().copied().filter(|f| sums[*f as usize] >= self.speaks_from).collect();
        let mut ledger = Ledger { entries, families, leading: leading.map(|(_, signal)| signal) };
        if polarity != Polarity::Positive && ledger.families.len() < self.families {
            let total = ledger.total();
            let held = hold(total);
            if held < total {
                let contribution = exact(held - total);
                ledger.entries.push(Entry { signal: "one_family", family: "policy", contribution });
            }
        }
        ledger
    }
}

/// Keeps log-odds under 0 without changing their order.
fn hold(total: f64) -> f64 {
    let above = total + 1.0;
    if above <= 0.0 { total } else { -1.0 + 0.9 * above / (1.0 + above) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model() -> Model {
        Model::parse(include_str!("../rules/model.toml")).unwrap()
    }

    #[test]
    fn the_ledger_sums_to_the_score_in_any_order() {
        let model = model();
        for seed in 0..500u64 {
            let mut signals = Signals::default();
            for (i, value) in signals.0.iter_mut().enumerate() {
                let h = crate::sketch::mix(seed * 64 + i as u64);
                *value = if h.is_multiple_of(3) { (h >> 40) as f32 / 1e6 } else { 0.0 };
            }
            for polarity in [Polarity::Negative, Polarity::Positive] {
                let ledger = model.judge(polarity, &signals);
                let backwards: f64 = ledger.entries.iter().rev().map(|e| e.contribution).sum();
                assert_eq!(ledger.total(), backwards);
                assert_eq!(ledger.score(), 1.0 / (1.0 + (-backwards).exp()));
            }
        }
    }

    #[test]
    fn one_family_alone_never_condemns_a_negative_review() {
        let model = model();
        for family in Family::ALL {
            let mut signals = Signals::default();
            for signal in Signal::ALL.iter().filter(|s| s.family() == family) {
                if !matches!(signal, Signal::Told | Signal::OrdinaryBuyers) {
                    signals.set(*signal, 1e6);
                }
            }
            let ledger = model.judge(Polarity::Negative, &signals);
            assert!(ledger.score() < 0.5, "{family:?}: {ledger:?}");
        }
    }

    #[test]
    fn a_review_without_signals_is_innocent() {
        let ledger = model().judge(Polarity::Negative, &Signals::default());
        assert!(ledger.score() < 0.1 && ledger.families.is_empty());
    }

    #[test]
    fn a_curve_runs_through_its_points_and_is_flat_beyond() {
        let curve = Curve { x: vec![2.0, 4.0], y: vec![1.0, 3.0] };
        assert_eq!([0.0, 1.0, 2.0, 3.0, 9.0].map(|x| curve.at(x)), [0.0, 0.5, 1.0, 2.0, 3.0]);
        assert_eq!(curve.at(-5.0), 0.0);
    }
}
