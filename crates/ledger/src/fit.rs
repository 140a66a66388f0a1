//! Finds curves from decided cases.
//!
//! Logistic regression on ramps between knots, whose steps keep one sign, so that curves stay monotone: a convex problem with one
//! answer. Knots stand at quantiles of the values seen. Every step depends on sums over the cases in their order, so the same cases give
//! the same curves.

use std::collections::BTreeMap;

use crate::file::{ModelFile, Speaks};
use crate::{Curve, Model, ModelError};

/// A decided case.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Its signals, in the order of `names`.
    pub values: Vec<f32>,
    /// Whether it was found to be what the score stands for.
    pub label: bool,
    /// How much it counts.
    pub weight: f64,
    /// Its stratum, if it is in one.
    pub stratum: Option<String>,
}

/// How a side is fitted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// Most knots of a curve.
    pub knots: usize,
    /// What holds steps small: the variance of a step is `1 / shrink` before anything is seen.
    pub shrink: f64,
    /// Rounds of improvement.
    pub rounds: usize,
    /// Leaves signals that were set by hand as they are.
    pub keep_by_hand: bool,
    /// Holds curves and strata near what the model says already, instead of near 0: what few cases show hardly changes.
    pub near_old: bool,
    /// Fewer cases on either hand than this fit nothing.
    pub enough: usize,
    /// Fits the curves of company instead of the record's own.
    pub company: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            knots: 12,
            shrink: 1.0,
            rounds: 1500,
            keep_by_hand: false,
            near_old: false,
            enough: ENOUGH,
            company: false,
        }
    }
}

impl Options {
    /// For cases that people decided: they tell of the kinds that came up, and the model keeps most of what it says of others.
    pub fn refit() -> Self {
        Self { near_old: true, shrink: OLD, ..Self::default() }
    }
}

/// How firmly a refit holds on to the old curves. Measured on a kind of attack without labels, which is found less the looser this is;
/// what has labels is found as often from 1 to here.
const OLD: f64 = 200.0;

/// Fewer cases on either hand than this fit nothing, unless the options say otherwise.
pub const ENOUGH: usize = 30;

struct Ramps {
    signal: usize,
    x: Vec<f64>,
    sign: f64,
    first: usize,
}

/// Where a value stands: in front of which knot, and how far.
fn place(x: &[f64], value: f64) -> (usize, f64) {
    let at = x.partition_point(|knot| *knot <= value);
    let from = if at == 0 { 0.0 } else { x[at - 1] };
    let within = x.get(at).map_or(0.0, |to| (value - from) / (to - from));
    (at, within.max(0.0))
}

/// Fits the curves, the base and the strata of one side of a model.
///
/// # Errors
/// When the side is not there, or there are too few cases.
pub fn fit(
    file: &mut ModelFile,
    side: &str,
    names: &[&str],
    cases: &[Case],
    options: &Options,
) -> Result<(), ModelError> {
    let guilty = cases.iter().filter(|case| case.label).count();
    let enough = options.enough.max(1);
    if guilty < enough || cases.len() - guilty < enough {
        return Err(ModelError(format!(
            "side '{side}' has {guilty} cases decided one way and {} the other; each needs at least {enough}",
            cases.len() - guilty
        )));
    }
    let signals = file.signals.clone();
    let Some(of) = file.sides.get_mut(side) else { return Err(ModelError(format!("the model has no side '{side}'"))) };
    let curves = if options.company { &of.company } else { &of.curves };
    let mut ramps: Vec<Ramps> = Vec::new();
    let mut fixed = vec![0.0; cases.len()];
    let mut prior: Vec<f64> = Vec::new();
    let mut count = 0;
    for (signal, name) in names.iter().enumerate() {
        let Some(entry) = signals.get(*name) else {
            return Err(ModelError(format!("'{name}' is no signal of the model")));
        };
        if options.keep_by_hand && entry.by_hand {
            if let Some(curve) = curves.get(*name) {
                for (fixed, case) in fixed.iter_mut().zip(cases) {
                    *fixed += curve.at(f64::from(case.values[signal]));
                }
            }
            continue;
        }
        if entry.speaks == Speaks::Never && !options.company {
            continue;
        }
        let mut x = knots(cases, signal, options.knots);
        let old = curves.get(*name).filter(|_| options.near_old);
        if let Some(old) = old {
            join(&mut x, &old.x, 2 * options.knots);
        }
        if !x.is_empty() {
            let mut from = 0.0;
            prior.extend(x.iter().map(|x| {
                let to = old.map_or(0.0, |old| old.at(*x));
                to - std::mem::replace(&mut from, to)
            }));
            let sign = if entry.speaks == Speaks::For { -1.0 } else { 1.0 };
            let steps = x.len();
            ramps.push(Ramps { signal, x, sign, first: count });
            count += steps;
        }
    }
    let strata: Vec<String> = of.strata.keys().cloned().collect();
    let near = options.near_old.then(|| (of.base, of.strata.values().copied().collect::<Vec<_>>()));
    let model = descend(cases, &fixed, &ramps, &prior, near, &strata, options);
    let mut fitted: BTreeMap<String, Curve> = BTreeMap::new();
    for ramp in &ramps {
        let mut y = 0.0;
        let points: Vec<f64> = (ramp.first..ramp.first + ramp.x.len())
            .map(|i| {
                y += model.steps[i];
                rounded(y)
            })
            .collect();
        if points.iter().any(|y| *y != 0.0) {
            fitted.insert(names[ramp.signal].to_owned(), Curve { x: ramp.x.clone(), y: points });
        }
    }
    let by_hand = |name: &String| options.keep_by_hand && signals.get(name).is_some_and(|entry| entry.by_hand);
    let kept = curves.iter().filter(|(name, _)| by_hand(name)).map(|(name, curve)| (name.clone(), curve.clone()));
    fitted.extend(kept.collect::<Vec<_>>());
    if options.company {
        let weigh = |label| cases.iter().filter(|case| case.label == label).map(|case| case.weight).sum::<f64>();
        of.company_base = rounded(model.base - (weigh(true) / weigh(false)).ln());
        of.company = fitted;
    } else {
        of.curves = fitted;
        of.base = rounded(model.base);
        of.caution = 0.0;
        of.strata = strata.into_iter().zip(model.strata.iter().map(|offset| rounded(*offset))).collect();
    }
    Ok(())
}

/// Sets a side's caution so that at most this share of the cases that were found innocent reach one half.
///
/// # Errors
/// When the model cannot be used, or no case is innocent.
pub fn be_cautious(
    file: &mut ModelFile,
    side: &str,
    names: &[&str],
    cases: &[Case],
    share: f64,
) -> Result<(), ModelError> {
    let Some(of) = file.sides.get_mut(side) else { return Err(ModelError(format!("the model has no side '{side}'"))) };
    of.caution = 0.0;
    let strata: Vec<String> = of.strata.keys().cloned().collect();
    let strata: Vec<&str> = strata.iter().map(String::as_str).collect();
    let family = |name: &&str| file.signals.get(*name).map(|entry| entry.family.clone()).unwrap_or_default();
    let families: Vec<String> = names.iter().map(family).collect();
    let signals: Vec<(&str, &str)> = names.iter().copied().zip(families.iter().map(String::as_str)).collect();
    let model = Model::new(file, &signals, &[side], &strata)?;
    let stratum = |case: &Case| strata.iter().position(|name| case.stratum.as_deref() == Some(*name));
    let mut innocent: Vec<f64> =
        cases.iter().filter(|case| !case.label).map(|case| model.total(0, stratum(case), &case.values)).collect();
    innocent.sort_by(|a, b| b.total_cmp(a));
    let allowed = (innocent.len() as f64 * share.clamp(0.0, 1.0)) as usize;
    let Some(limit) = innocent.get(allowed.min(innocent.len().saturating_sub(1))) else {
        return Err(ModelError(format!("no case of side '{side}' was found innocent")));
    };
    if let Some(of) = file.sides.get_mut(side) {
        of.caution = if *limit >= 0.0 { rounded(limit + 0.002) } else { 0.0 };
    }
    Ok(())
}

fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

/// Knots at quantiles of the values above 0, distinct, with two significant digits so that a file can be read.
fn knots(cases: &[Case], signal: usize, most: usize) -> Vec<f64> {
    let mut values: Vec<f32> = cases.iter().map(|case| case.values[signal]).filter(|value| *value > 0.0).collect();
    values.sort_unstable_by(f32::total_cmp);
    let Some(last) = values.len().checked_sub(1) else { return Vec::new() };
    // More of them at the upper end, where what is rare is told apart.
    let mut knots: Vec<f64> = (1..=most)
        .map(|i| 1.0 - (1.0 - i as f64 / most as f64).powi(2))
        .map(|share| f64::from(values[(share * last as f64) as usize]))
        .map(|value| {
            let unit = 10f64.powf(value.log10().floor() - 1.0);
            (value / unit).round() * unit
        })
        .map(|value| (value * 1e6).round() / 1e6)
        .filter(|value| *value > 0.0)
        .collect();
    knots.dedup_by(|a, b| *a <= *b);
    knots
}

/// Adds the knots of an old curve: all of them while that makes no more than `most`, else those outside of what was seen.
fn join(x: &mut Vec<f64>, old: &[f64], most: usize) {
    let seen = x.first().copied().zip(x.last().copied());
    let all = x.len() + old.iter().filter(|knot| !x.contains(knot)).count() <= most;
    let outside = |knot: &f64| seen.is_none_or(|(first, last)| *knot < first || *knot > last);
    x.extend(old.iter().filter(|knot| all || outside(knot)));
    x.sort_unstable_by(f64::total_cmp);
    x.dedup();
}

struct Fitted {
    base: f64,
    strata: Vec<f64>,
    steps: Vec<f64>,
}

/// Projected gradient descent with a step size for each weight (Adam, Kingma and Ba 2015), L2-regularised towards `prior` (steps) and
/// `near` (offsets of strata; the base, with which it begins, is free).
fn descend(
    cases: &[Case],
    fixed: &[f64],
    ramps: &[Ramps],
    prior: &[f64],
    near: Option<(f64, Vec<f64>)>,
    strata: &[String],
    options: &Options,
) -> Fitted {
    let count = prior.len();
    // Each case as a list of places: the last knot passed, and the part of the next step. A ramp has a place more than steps, before
    // its first knot.
    let mut places: Vec<(u32, f32)> = Vec::new();
    let mut starts = vec![0usize];
    for case in cases {
        for (i, ramp) in ramps.iter().enumerate() {
            let value = f64::from(case.values[ramp.signal]);
            if value > 0.0 {
                let (passed, part) = place(&ramp.x, value);
                places.push(((ramp.first + i + passed) as u32, part as f32));
            }
        }
        starts.push(places.len());
    }
    let stratum: Vec<Option<usize>> = cases
        .iter()
        .map(|case| case.stratum.as_ref().and_then(|name| strata.iter().position(|known| known == name)))
        .collect();
    let signs: Vec<f64> = ramps.iter().flat_map(|ramp| ramp.x.iter().map(|_| ramp.sign)).collect();
    let total: f64 = cases.iter().map(|case| case.weight).sum();
    let guilty: f64 = cases.iter().filter(|case| case.label).map(|case| case.weight).sum();
    let free = 1 + strata.len();
    let (base, offsets) = near.unwrap_or_else(|| ((guilty / (total - guilty)).ln(), vec![0.0; strata.len()]));
    let prior: Vec<f64> = std::iter::once(base).chain(offsets).chain(prior.iter().copied()).collect();
    let mut weights = prior.clone();
    let (mut mean, mut square) = (vec![0.0; weights.len()], vec![0.0; weights.len()]);
    // At each place: what is reached, and the next step; and how the loss slopes along both.
    let mut reached = vec![[0.0; 2]; count + ramps.len()];
    let mut along = reached.clone();
    for round in 0..options.rounds {
        for (i, ramp) in ramps.iter().enumerate() {
            let mut y = 0.0;
            for step in ramp.first..ramp.first + ramp.x.len() {
                reached[step + i] = [y, weights[free + step]];
                y += weights[free + step];
            }
            reached[ramp.first + i + ramp.x.len()] = [y, 0.0];
        }
        along.fill([0.0; 2]);
        let mut slope = vec![0.0; weights.len()];
        for (i, case) in cases.iter().enumerate() {
            let places = &places[starts[i]..starts[i + 1]];
            let mut sum = fixed[i] + weights[0] + stratum[i].map_or(0.0, |s| weights[1 + s]);
            for (at, part) in places {
                let [y, step] = reached[*at as usize];
                sum += y + f64::from(*part) * step;
            }
            let error = case.weight * (1.0 / (1.0 + (-sum).exp()) - f64::from(u8::from(case.label))) / total;
            slope[0] += error;
            if let Some(s) = stratum[i] {
                slope[1 + s] += error;
            }
            for (at, part) in places {
                let [y, step] = &mut along[*at as usize];
                *y += error;
                *step += error * f64::from(*part);
            }
        }
        // A step lifts all that is beyond it.
        for (i, ramp) in ramps.iter().enumerate() {
            let mut beyond = 0.0;
            for step in (ramp.first..ramp.first + ramp.x.len()).rev() {
                beyond += along[step + i + 1][0];
                slope[free + step] = beyond + along[step + i][1];
            }
        }
        let rate = 0.1 / (1.0 + 4.0 * round as f64 / options.rounds as f64);
        let fade = |beta: f64| 1.0 - beta.powi(round as i32 + 1);
        for i in 0..weights.len() {
            let shrink = if i == 0 { 0.0 } else { options.shrink / total };
            let gradient = slope[i] + shrink * (weights[i] - prior[i]);
            mean[i] = 0.9 * mean[i] + 0.1 * gradient;
            square[i] = 0.999 * square[i] + 0.001 * gradient * gradient;
            weights[i] -= rate * (mean[i] / fade(0.9)) / ((square[i] / fade(0.999)).sqrt() + 1e-7);
            if i >= free && weights[i] * signs[i - free] < 0.0 {
                weights[i] = 0.0;
            }
        }
    }
    let steps = weights.split_off(free);
    Fitted { base: weights[0], strata: weights[1..].to_vec(), steps }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(i: u32) -> f32 {
        let mut z = u64::from(i).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z >> 40) as f32 / (1 << 24) as f32
    }

    fn file() -> ModelFile {
        toml::from_str(
            r#"
            about = "a test"
            speaks_from = 0.4
            signals.real = { family = "a" }
            signals.excuse = { family = "b", speaks = "for" }
            signals.noise = { family = "c" }
            [sides.low]
            base = 0.0
            "#,
        )
        .unwrap()
    }

    /// Cases whose odds are known: `real` adds 4 from 0.5 on, `excuse` takes 2 away, `noise` says nothing.
    fn cases() -> Vec<Case> {
        (0..20_000u32)
            .map(|i| {
                let values = [noise(4 * i), noise(4 * i + 1), noise(4 * i + 2)]
                    .map(|value| if value < 0.2 { 0.0 } else { value });
                let odds: f64 =
                    -1.0 + if values[0] > 0.5 { 4.0 } else { 0.0 } - if values[1] > 0.0 { 2.0 } else { 0.0 };
                let label = f64::from(noise(4 * i + 3)) < 1.0 / (1.0 + (-odds).exp());
                Case { values: values.to_vec(), label, weight: 1.0, stratum: None }
            })
            .collect()
    }

    #[test]
    fn known_odds_are_found_again_and_scores_mean_what_they_say() {
        let (mut file, cases) = (file(), cases());
        let names = ["real", "excuse", "noise"];
        fit(&mut file, "low", &names, &cases, &Options::default()).unwrap();
        let side = &file.sides["low"];
        assert!((side.curves["real"].at(0.9) - 4.0).abs() < 0.5, "{side:?}");
        assert!((side.curves["excuse"].at(0.9) + 2.0).abs() < 0.4, "{side:?}");
        assert!(side.curves.get("noise").is_none_or(|curve| curve.at(0.9) < 0.3), "{side:?}");
        let signals = [("real", "a"), ("excuse", "b"), ("noise", "c")];
        let model = Model::new(&file, &signals, &["low"], &[]).unwrap();
        let mut bins = vec![(0.0, 0.0, 0.0); 10];
        for case in &cases {
            let score = model.judge(0, None, &case.values).score();
            let bin = &mut bins[((score * 10.0) as usize).min(9)];
            *bin = (bin.0 + 1.0, bin.1 + score, bin.2 + f64::from(u8::from(case.label)));
        }
        let error: f64 = bins.iter().map(|(_, said, was)| (said - was).abs()).sum::<f64>() / cases.len() as f64;
        assert!(error < 0.02, "{error} {bins:?}");
    }

    #[test]
    fn caution_keeps_the_innocent_under_one_half() {
        let (mut file, cases) = (file(), cases());
        let names = ["real", "excuse", "noise"];
        fit(&mut file, "low", &names, &cases, &Options::default()).unwrap();
        let flagged = |file: &ModelFile| {
            let model = Model::new(file, &[("real", "a"), ("excuse", "b"), ("noise", "c")], &["low"], &[]).unwrap();
            let innocent = cases.iter().filter(|case| !case.label);
            let flagged = innocent.clone().filter(|case| model.total(0, None, &case.values) >= 0.0).count();
            flagged as f64 / innocent.count() as f64
        };
        assert!(flagged(&file) > 0.02);
        be_cautious(&mut file, "low", &names, &cases, 0.01).unwrap();
        assert!(flagged(&file) <= 0.01 && file.sides["low"].caution > 0.0);
        be_cautious(&mut file, "low", &names, &cases, 0.9).unwrap();
        assert_eq!(file.sides["low"].caution, 0.0);
    }

    #[test]
    fn the_same_cases_give_the_same_curves_and_too_few_give_none() {
        let cases = cases();
        let options = Options { rounds: 50, ..Options::default() };
        let fitted = || {
            let mut file = file();
            fit(&mut file, "low", &["real", "excuse", "noise"], &cases, &options).unwrap();
            file
        };
        assert_eq!(fitted(), fitted());
        let few = fit(&mut file(), "low", &["real", "excuse", "noise"], &cases[..40], &options);
        assert!(few.unwrap_err().0.contains("at least 30"));
    }

    #[test]
    fn near_the_old_model_what_no_case_shows_stays_and_what_few_show_hardly_changes() {
        let mut cases = cases();
        cases.truncate(400);
        for case in &mut cases {
            case.values[2] = 0.0;
        }
        let (rare, wrong) = (Curve { x: vec![1.0], y: vec![7.0] }, Curve { x: vec![0.25, 3.0], y: vec![4.0, 5.0] });
        let fitted = |near_old: bool| {
            let mut file = file();
            let curves = &mut file.sides.get_mut("low").unwrap().curves;
            curves.insert("noise".to_owned(), rare.clone());
            curves.insert("real".to_owned(), wrong.clone());
            let options = Options { near_old, ..Options::default() };
            fit(&mut file, "low", &["real", "excuse", "noise"], &cases, &options).unwrap();
            file.sides["low"].curves.clone()
        };
        assert!(!fitted(false).contains_key("noise"));
        let near = fitted(true);
        assert_eq!(near["noise"], rare);
        // What was seen is learned, and beyond it the old curve goes on rising.
        let real = &near["real"];
        assert!(real.at(0.3) < 2.5 && real.at(0.9) - real.at(0.3) > 1.5, "{real:?}");
        assert!((real.at(3.0) - real.at(1.0) - (wrong.at(3.0) - wrong.at(1.0))).abs() < 0.1, "{real:?}");
    }

    #[test]
    fn knots_of_old_curves_do_not_pile_up() {
        let mut x = vec![1.0, 2.0];
        join(&mut x, &[0.5, 1.5, 2.0, 4.0], 5);
        assert_eq!(x, [0.5, 1.0, 1.5, 2.0, 4.0]);
        let mut x = vec![1.0, 2.0];
        join(&mut x, &[0.5, 1.5, 2.0, 4.0], 4);
        assert_eq!(x, [0.5, 1.0, 2.0, 4.0]);
    }

    #[test]
    fn slopes_agree_with_small_steps() {
        let x = [0.5, 1.0, 4.0];
        assert_eq!(place(&x, 0.25), (0, 0.5));
        assert_eq!(place(&x, 0.5), (1, 0.0));
        assert_eq!(place(&x, 2.5), (2, 0.5));
        assert_eq!(place(&x, 9.0), (3, 0.0));
    }
}
