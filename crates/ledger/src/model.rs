use std::fmt;

use serde::Serialize;

use crate::Curve;
use crate::file::{ModelFile, Side, Speaks};

/// Why a model cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelError(pub String);

impl fmt::Display for ModelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ModelError {}

/// A model ready to be used. Signals, families, sides and strata are numbers, in the order in which they were named.
#[derive(Clone, Debug)]
pub struct Model {
    signals: Vec<(String, usize)>,
    families: Vec<String>,
    speaks_from: f64,
    sides: Vec<Weights>,
}

#[derive(Clone, Debug)]
struct Weights {
    base: f64,
    caution: f64,
    families: usize,
    strata: Vec<f64>,
    caps: Vec<f64>,
    curves: Vec<Option<Curve>>,
    company_base: f64,
    company: Vec<Option<Curve>>,
}

/// One line of a ledger.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Entry<'m> {
    /// The signal, or `base`, `caution`, `stratum`, `family_cap`, `one_family`.
    pub signal: &'m str,
    /// Its family, or `base`, `policy`.
    pub family: &'m str,
    /// What it adds to the log-odds, a multiple of 1/1024.
    pub contribution: f64,
}

/// A record's score with its reasons.
#[derive(Clone, Debug, PartialEq)]
pub struct Ledger<'m> {
    /// What was added, in order.
    pub entries: Vec<Entry<'m>>,
    /// The families that speak against the record, in order.
    pub families: Vec<usize>,
    /// The signal that adds most.
    pub leading: Option<usize>,
    total: f64,
}

impl Ledger<'_> {
    /// The log-odds: the sum of all contributions.
    pub fn total(&self) -> f64 {
        self.total
    }

    /// The score in [0, 1].
    pub fn score(&self) -> f64 {
        1.0 / (1.0 + (-self.total).exp())
    }
}

/// No log-odds in a model are farther from 0 than this: beyond, a score says nothing more.
const MOST: f64 = 50.0;

fn within(number: &f64) -> bool {
    number.abs() <= MOST
}

/// Rounds to a multiple of 1/1024, whose sums are exact in any order.
fn exact(value: f64) -> f64 {
    (value * 1024.0).round() / 1024.0
}

impl Model {
    /// Checks a model and makes it ready for these signals (name and family), sides and strata.
    ///
    /// # Errors
    /// Says which part is wrong and what is expected there.
    pub fn new(
        file: &ModelFile,
        signals: &[(&str, &str)],
        sides: &[&str],
        strata: &[&str],
    ) -> Result<Self, ModelError> {
        let fail = |why: String| Err(ModelError(why));
        if !(file.speaks_from > 0.0 && file.speaks_from <= MOST) {
            return fail(format!("'speaks_from' is {}; it has to be above 0 and at most {MOST}", file.speaks_from));
        }
        let mut families: Vec<String> = Vec::new();
        let mut known = Vec::new();
        for (name, family) in signals {
            match file.signals.get(*name) {
                Some(entry) if entry.family == *family => {}
                Some(entry) => {
                    return fail(format!(
                        "the model puts signal '{name}' into '{}', it belongs to '{family}'",
                        entry.family
                    ));
                }
                None => return fail(format!("the model does not list the signal '{name}'")),
            }
            let at = families.iter().position(|f| f == family).unwrap_or_else(|| {
                families.push((*family).to_owned());
                families.len() - 1
            });
            known.push(((*name).to_owned(), at));
        }
        if let Some(name) = file.signals.keys().find(|name| signals.iter().all(|(known, _)| known != name)) {
            return fail(format!("the model lists '{name}', which is no signal"));
        }
        let mut weights = Vec::new();
        for name in sides {
            let Some(side) = file.sides.get(*name) else { return fail(format!("the model has no side '{name}'")) };
            weights.push(Weights::new(name, side, file, &known, &families, strata)?);
        }
        Ok(Self { signals: known, families, speaks_from: file.speaks_from, sides: weights })
    }

    /// Asks for so many families on a side, instead of what the file says.
    pub fn ask_for_families(&mut self, side: usize, families: usize) {
        self.sides[side].families = families;
    }

    /// The name of a family.
    pub fn family(&self, family: usize) -> &str {
        &self.families[family]
    }

    /// What a record's own signals say of it as company: a log-likelihood ratio, below 0 for the most innocent.
    pub fn company(&self, side: usize, values: &[f32]) -> f64 {
        let side = &self.sides[side];
        let curves = side.company.iter().zip(values);
        side.company_base
            + curves
                .filter(|(_, value)| **value > 0.0)
                .filter_map(|(c, value)| Some(c.as_ref()?.at(f64::from(*value))))
                .sum::<f64>()
    }

    /// The log-odds alone, as [`Model::judge`] gives them.
    pub fn total(&self, side: usize, stratum: Option<usize>, values: &[f32]) -> f64 {
        self.sum(side, stratum, values, None, |_, _, _| {})
    }

    /// The score without what a family says.
    pub fn without(&self, side: usize, stratum: Option<usize>, values: &[f32], family: usize) -> f64 {
        1.0 / (1.0 + (-self.sum(side, stratum, values, Some(family), |_, _, _| {})).exp())
    }

    /// Scores a record by its signals, given in their order.
    pub fn judge(&self, side: usize, stratum: Option<usize>, values: &[f32]) -> Ledger<'_> {
        let mut entries = Vec::with_capacity(12);
        let mut leading: Option<(f64, usize)> = None;
        let mut sums = vec![0.0; self.families.len()];
        let total = self.sum(side, stratum, values, None, |line, at, contribution| {
            let (signal, family) = match line {
                Line::Signal => (self.signals[at].0.as_str(), self.families[self.signals[at].1].as_str()),
                Line::Cap => ("family_cap", self.families[at].as_str()),
                Line::Base => ("base", "base"),
                Line::Caution => ("caution", "policy"),
                Line::Stratum => ("stratum", "policy"),
                Line::OneFamily => ("one_family", "policy"),
            };
            match line {
                Line::Signal => {
                    sums[self.signals[at].1] += contribution;
                    if leading.is_none_or(|(most, _)| contribution > most) {
                        leading = Some((contribution, at));
                    }
                }
                Line::Cap => sums[at] += contribution,
                _ => {}
            }
            entries.push(Entry { signal, family, contribution });
        });
        let families = (0..sums.len()).filter(|family| sums[*family] >= self.speaks_from).collect();
        Ledger { entries, families, leading: leading.map(|(_, signal)| signal), total }
    }

    fn sum(
        &self,
        side: usize,
        stratum: Option<usize>,
        values: &[f32],
        without: Option<usize>,
        mut line: impl FnMut(Line, usize, f64),
    ) -> f64 {
        let side = &self.sides[side];
        let mut total = exact(side.base);
        line(Line::Base, 0, total);
        if let Some(offset) = stratum.map(|stratum| exact(side.strata[stratum])).filter(|offset| *offset != 0.0) {
            line(Line::Stratum, 0, offset);
            total += offset;
        }
        let mut sums = [0.0; 32];
        for (at, (curve, value)) in side.curves.iter().zip(values).enumerate() {
            let family = self.signals[at].1;
            let (Some(curve), true) = (curve, *value > 0.0 && without != Some(family)) else { continue };
            let contribution = exact(curve.at(f64::from(*value)));
            if contribution != 0.0 {
                line(Line::Signal, at, contribution);
                sums[family] += contribution;
                total += contribution;
            }
        }
        for (family, cap) in side.caps.iter().enumerate() {
            if sums[family] <= *cap {
                continue;
            }
            let contribution = exact(cap - sums[family]);
            line(Line::Cap, family, contribution);
            sums[family] += contribution;
            total += contribution;
        }
        let speak = sums[..self.families.len()].iter().filter(|sum| **sum >= self.speaks_from).count();
        if speak < side.families {
            let held = exact(hold(total) - total);
            if held < 0.0 {
                line(Line::OneFamily, 0, held);
                total += held;
            }
        }
        let doubt = exact(doubt(total, side.caution) - total);
        if doubt < 0.0 {
            line(Line::Caution, 0, doubt);
            total += doubt;
        }
        total
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Line {
    Base,
    Caution,
    Stratum,
    Signal,
    Cap,
    OneFamily,
}

/// Keeps log-odds under 0 without changing their order.
fn hold(total: f64) -> f64 {
    let above = total + 1.0;
    if above <= 0.0 { total } else { -1.0 + 0.9 * above / (1.0 + above) }
}

/// Log-odds at and above which caution presses together what is in doubt.
const ROOM: f64 = 0.5;

/// Presses log-odds up to `caution` together under 0 without changing their order; what is beyond stays, and means what it says.
fn doubt(total: f64, caution: f64) -> f64 {
    if total < -ROOM || total >= caution {
        return total;
    }
    // Rounded to multiples of 1/1024 later on, so a little under 0.
    ((total + ROOM) * ROOM / (caution + ROOM) - ROOM).min(-1.0 / 1024.0)
}

impl Weights {
    fn new(
        name: &str,
        side: &Side,
        file: &ModelFile,
        signals: &[(String, usize)],
        families: &[String],
        strata: &[&str],
    ) -> Result<Self, ModelError> {
        if families.len() > 32 {
            return Err(ModelError("a model has at most 32 families".to_owned()));
        }
        let numbers = [side.base, side.caution, side.company_base].into_iter().chain(side.strata.values().copied());
        let caps = file.caps.values().chain(side.caps.values()).copied();
        if numbers.clone().any(|number| !within(&number)) || caps.clone().any(|cap| !within(&cap) || cap <= 0.0) {
            return Err(ModelError(format!(
                "a number of the model's side '{name}' or a cap is out of bounds: log-odds lie within {MOST} of 0, caps above 0"
            )));
        }
        if side.families > families.len() {
            return Err(ModelError(format!(
                "side '{name}' asks for {} families, there are {}",
                side.families,
                families.len()
            )));
        }
        let mut curves = vec![None; signals.len()];
        let mut company = curves.clone();
        for (own, given, into) in [(true, &side.curves, &mut curves), (false, &side.company, &mut company)] {
            for (signal, curve) in given {
                let fail = |why: &str| Err(ModelError(format!("the model's curve '{signal}' ({name}) {why}")));
                let Some(at) = signals.iter().position(|(known, _)| known == signal) else {
                    return fail("is of no signal");
                };
                if curve.x.len() != curve.y.len() || !curve.is_ascending() || curve.y.iter().any(|y| !within(y)) {
                    return fail("needs as many y as x, x ascending from above 0, y within 50 of 0");
                }
                let steps = std::iter::once(0.0).chain(curve.y.iter().copied()).zip(&curve.y);
                let monotone = match file.signals[signal].speaks {
                    Speaks::Never if own => return fail("speaks of nobody itself"),
                    Speaks::Against | Speaks::Never => steps.clone().all(|(a, b)| a <= *b),
                    Speaks::For => steps.clone().all(|(a, b)| a >= *b),
                };
                if own && !monotone {
                    return fail("turns against the direction in which its signal speaks");
                }
                into[at] = Some(curve.clone());
            }
        }
        let cap = |family: &String| side.caps.get(family).or(file.caps.get(family)).copied().unwrap_or(f64::MAX);
        if let Some(unknown) = side.strata.keys().find(|stratum| !strata.contains(&stratum.as_str())) {
            return Err(ModelError(format!("the model has a stratum '{unknown}' ({name}); there are {strata:?}")));
        }
        Ok(Self {
            base: side.base,
            caution: side.caution.max(0.0),
            families: side.families,
            strata: strata.iter().map(|stratum| side.strata.get(*stratum).copied().unwrap_or(0.0)).collect(),
            caps: families.iter().map(cap).collect(),
            curves,
            company_base: side.company_base,
            company,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODEL: &str = r#"
        about = "a test"
        speaks_from = 0.4
        caps = { group = 3.0 }
        signals.many = { family = "group" }
        signals.odd = { family = "group" }
        signals.same = { family = "text" }
        signals.usual = { family = "text", speaks = "for" }
        signals.alone = { family = "account", speaks = "never" }
        [sides.low]
        base = -3.3
        families = 2
        strata = { new = -0.25 }
        curves.many = { x = [1.0, 5.0], y = [1.0, 4.0] }
        curves.odd = { x = [2.0], y = [2.0] }
        curves.same = { x = [3.0], y = [6.0] }
        curves.usual = { x = [1.0], y = [-2.0] }
        company.alone = { x = [1.0], y = [0.5] }
    "#;
    const SIGNALS: [(&str, &str); 5] =
        [("many", "group"), ("odd", "group"), ("same", "text"), ("usual", "text"), ("alone", "account")];

    fn model(change: impl FnOnce(&mut ModelFile)) -> Result<Model, ModelError> {
        let mut file: ModelFile = toml::from_str(MODEL).unwrap();
        change(&mut file);
        Model::new(&file, &SIGNALS, &["low"], &["new", "old"])
    }

    fn values(seed: u32) -> [f32; 5] {
        std::array::from_fn(|i| {
            let h = seed.wrapping_mul(2_654_435_761).wrapping_add(i as u32 * 40_503).wrapping_mul(2_246_822_519);
            if h.is_multiple_of(3) { 0.0 } else { (h >> 8) as f32 / 2e6 }
        })
    }

    #[test]
    fn a_ledger_adds_up_to_its_score_in_any_order() {
        let model = model(|_| {}).unwrap();
        for seed in 0..2_000 {
            for stratum in [None, Some(0), Some(1)] {
                let ledger = model.judge(0, stratum, &values(seed));
                let backwards: f64 = ledger.entries.iter().rev().map(|e| e.contribution).sum();
                assert_eq!(ledger.total(), backwards);
                assert_eq!(ledger.score(), 1.0 / (1.0 + (-backwards).exp()));
                assert_eq!(ledger.total(), model.total(0, stratum, &values(seed)));
            }
        }
    }

    #[test]
    fn one_family_alone_never_reaches_one_half() {
        let model = model(|_| {}).unwrap();
        assert!(model.judge(0, None, &[1e6, 1e6, 0.0, 0.0, 1e6]).score() < 0.5);
        assert!(model.judge(0, None, &[0.0, 0.0, 1e6, 0.0, 1e6]).score() < 0.5);
        let both = [1e6, 1e6, 1e6, 0.0, 0.0];
        assert!(model.judge(0, None, &both).score() > 0.9);
        assert!(model.without(0, None, &both, 0) < 0.5 && model.without(0, None, &both, 2) > 0.9);
    }

    #[test]
    fn caution_holds_what_is_in_doubt_under_one_half_and_leaves_the_rest() {
        let [plain, careful] =
            [0.0, 2.0].map(|caution| model(|f| f.sides.get_mut("low").unwrap().caution = caution).unwrap());
        let mut totals: Vec<(f64, f64)> = (0..5_000)
            .map(|seed| (plain.total(0, None, &values(seed)), careful.judge(0, None, &values(seed)).total()))
            .collect();
        totals.sort_by(|a, b| a.0.total_cmp(&b.0));
        assert!(totals.is_sorted_by(|a, b| a.1 <= b.1));
        assert!(totals.iter().any(|(was, _)| (0.0..2.0).contains(was)));
        for (was, is) in totals {
            assert_eq!(is >= 0.0, was >= 2.0, "{was} {is}");
            assert!((-0.5..2.0).contains(&was) || is == was, "{was} {is}");
        }
    }

    #[test]
    fn what_only_tells_of_company_adds_nothing_to_its_own_score() {
        let with = model(|_| {}).unwrap();
        assert_eq!(with.total(0, None, &[0.0, 0.0, 0.0, 0.0, 5.0]), with.total(0, None, &[0.0; 5]));
        assert_eq!(with.company(0, &[0.0, 0.0, 0.0, 0.0, 5.0]), 0.5);
        let curve = Curve { x: vec![1.0], y: vec![1.0] };
        let refused = model(|file| {
            file.sides.get_mut("low").unwrap().curves.insert("alone".into(), curve);
        });
        assert!(refused.unwrap_err().0.contains("speaks of nobody itself"));
    }

    #[test]
    fn a_model_that_contradicts_itself_is_refused_with_the_reason() {
        let curve = |name: &'static str, x: Vec<f64>, y: Vec<f64>| {
            move |file: &mut ModelFile| {
                file.sides.get_mut("low").unwrap().curves.insert(name.into(), Curve { x, y });
            }
        };
        for (refused, why) in [
            (model(curve("other", vec![1.0], vec![1.0])), "no signal"),
            (model(curve("many", vec![2.0, 1.0], vec![1.0, 2.0])), "ascending"),
            (model(curve("many", vec![1.0, 2.0], vec![2.0, 1.0])), "turns against"),
            (model(curve("usual", vec![1.0], vec![1.0])), "turns against"),
            (model(|file| file.speaks_from = -100.0), "speaks_from"),
            (model(|file| file.caps.values_mut().for_each(|cap| *cap = -5.0)), "out of bounds"),
            (model(|file| file.sides.values_mut().for_each(|side| side.base = f64::NAN)), "out of bounds"),
            (model(|file| file.sides.values_mut().for_each(|side| side.base = 1e308)), "out of bounds"),
            (model(|file| file.sides.values_mut().for_each(|side| side.families = 99)), "families"),
            (model(curve("odd", vec![1.0], vec![f64::INFINITY])), "ascending"),
            (model(|file| file.sides.clear()), "no side"),
            (model(|file| file.signals.clear()), "does not list"),
        ] {
            let refused = refused.unwrap_err();
            assert!(refused.0.contains(why), "{refused}");
        }
    }
}
