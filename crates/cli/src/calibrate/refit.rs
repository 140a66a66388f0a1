//! Refits one side of a model, and judges the refit on cases that it has not seen.
//!
//! The fifths are made by fingerprint, so reviews of one campaign stand in several: of a new campaign somewhat less is found than
//! is told. Curves of company are left as they are, since the signals of the findings were computed with them.

use huoyan_ledger::fit::{Case, ENOUGH, Options, be_cautious, fit};
use huoyan_ledger::{Curve, Model, ModelFile};
use rayon::prelude::*;

use super::measure::{Figures, figures, order};
use super::reviews::Review;
use super::start::Start;
use crate::plugins::{Failure, failure};

/// Every case is judged by a model fitted to the other four fifths.
const FOLDS: usize = 5;

/// What became of a side.
pub(super) struct Refit {
    pub(super) side: usize,
    /// Decided cases: malicious, genuine.
    pub(super) cases: [usize; 2],
    /// None where they are too few.
    pub(super) fitted: Option<Fitted>,
}

pub(super) struct Fitted {
    pub(super) file: ModelFile,
    /// On held-out cases.
    pub(super) before: Figures,
    pub(super) after: Figures,
    /// Whether the old model puts malicious cases below genuine ones more often than chance would.
    pub(super) contrary: bool,
    /// From the curve that changed most down.
    pub(super) changes: Vec<Change>,
    /// Signals that spoke in so few cases that they stay about where they were.
    pub(super) rare: Vec<usize>,
}

/// How a curve changed.
pub(super) struct Change {
    pub(super) signal: usize,
    /// Cases in which the signal speaks, and its median value there.
    pub(super) cases: usize,
    pub(super) at: f64,
    /// What the curve gave and gives there.
    pub(super) from: f64,
    pub(super) to: f64,
    /// Mean change over the cases in which the signal speaks.
    mean: f64,
}

/// Refits the sides that have enough cases, so cautiously that no more of the genuine than a share reach one half: this one, or else
/// what the model says of the side.
pub(super) fn refit(start: &Start, reviews: &[Review], share: Option<f64>) -> Result<Vec<Refit>, Failure> {
    (0..start.names.sides.len())
        .map(|side| {
            let decided: Vec<(&Review, bool)> =
                reviews.iter().filter(|r| r.side == side).filter_map(|r| Some((r, r.decided?))).collect();
            let malicious = decided.iter().filter(|(_, malice)| *malice).count();
            let cases = [malicious, decided.len() - malicious];
            let fitted =
                cases.iter().all(|count| *count >= ENOUGH).then(|| one(start, side, &decided, share)).transpose()?;
            Ok(Refit { side, cases, fitted })
        })
        .collect()
}

/// A model, and the log-odds of what it has not seen, without caution and with it.
type Job = (ModelFile, [Vec<f64>; 2]);

fn one(start: &Start, side: usize, decided: &[(&Review, bool)], share: Option<f64>) -> Result<Fitted, Failure> {
    let Start { file, names, model } = start;
    // What a model allows of all reviews may be less than one of those decided: then one mistake does not silence the side.
    let genuine = decided.iter().filter(|(_, malice)| !malice).count();
    let share = share.or_else(|| Some(file.sides[&names.sides[side]].flag_at_most?.max(1.000_001 / genuine as f64)));
    let signals: Vec<&str> = names.signals.iter().map(String::as_str).collect();
    let case = |(review, malice): &(&Review, bool)| Case {
        values: review.values(signals.len()),
        label: *malice,
        weight: 1.0,
        stratum: review.stratum.map(|at| names.strata[at].clone()),
    };
    let all = Options::refit();
    let fitted = |cases: &[Case], options: &Options| -> Result<ModelFile, Failure> {
        let mut new = file.clone();
        fit(&mut new, &names.sides[side], &signals, cases, options).map_err(|e| failure(e.0))?;
        Ok(new)
    };
    let total = |model: &Model, review: &Review| model.total(side, review.stratum, &review.values(signals.len()));
    // Caution makes scores of doubtful cases lower than they mean, which is no worse a model: only what reaches one half is told with it.
    let careful = |new: &mut ModelFile, cases: &[Case]| match share.filter(|share| *share < 1.0) {
        Some(share) => be_cautious(new, &names.sides[side], &signals, cases, share).map_err(|e| failure(e.0)),
        None => Ok(()),
    };
    // The last job is the fit to all cases, the others leave one fifth out.
    let jobs: Result<Vec<Job>, Failure> = (0..=FOLDS)
        .into_par_iter()
        .map(|fold| {
            if fold == FOLDS {
                let cases: Vec<Case> = decided.iter().map(case).collect();
                let mut new = fitted(&cases, &all)?;
                careful(&mut new, &cases)?;
                return Ok((new, Default::default()));
            }
            let seen: Vec<Case> = decided.iter().filter(|(r, _)| self::fold(r) != fold).map(case).collect();
            // Four fifths may be a little short of what is asked for with all cases.
            let options = Options { enough: 1, ..all };
            let mut new = fitted(&seen, &options)?;
            let held_out = || decided.iter().filter(|(r, _)| self::fold(r) == fold);
            let totals = |file: &ModelFile| -> Result<Vec<f64>, Failure> {
                let model = names.ready(file)?;
                Ok(held_out().map(|(review, _)| total(&model, review)).collect())
            };
            let plain = totals(&new)?;
            careful(&mut new, &seen)?;
            let careful = totals(&new)?;
            Ok((new, [plain, careful]))
        })
        .collect();
    let mut jobs = jobs?;
    let (new, _) = jobs.pop().expect("invariant: there is a job for all cases");
    let mut held_out: Vec<_> = jobs.into_iter().map(|(_, both)| both.map(Vec::into_iter)).collect();
    let (mut before, mut labels) = (Vec::new(), Vec::new());
    let mut after = [Vec::new(), Vec::new()];
    for (review, malice) in decided {
        before.push(total(model, review));
        for (after, totals) in after.iter_mut().zip(&mut held_out[fold(review)]) {
            after.push(totals.next().expect("invariant: every case is held out once"));
        }
        labels.push(*malice);
    }
    let (changes, rare) = changes(start, side, &new, decided);
    let [plain, cautious] = after.map(|totals| figures(&totals, &labels));
    let after = Figures { reach: cautious.reach, calibration: cautious.calibration, ..plain };
    let malicious = labels.iter().filter(|label| **label).count() as f64;
    let genuine = labels.len() as f64 - malicious;
    // Three standard errors of the rank-sum test.
    let chance = 3.0 * ((malicious + genuine + 1.0) / (12.0 * malicious * genuine)).sqrt();
    let contrary = order(&before, &labels) < 0.5 - chance;
    Ok(Fitted { before: figures(&before, &labels), after, contrary, changes, rare, file: new })
}

/// The fifth that a case is in, by its identity alone.
fn fold(review: &Review) -> usize {
    let [a, b, c, d, ..] = review.identity.0;
    (u32::from_le_bytes([a, b, c, d]) % FOLDS as u32) as usize
}

fn changes(start: &Start, side: usize, new: &ModelFile, decided: &[(&Review, bool)]) -> (Vec<Change>, Vec<usize>) {
    let name = &start.names.sides[side];
    let mut seen: Vec<Vec<f64>> = vec![Vec::new(); start.names.signals.len()];
    for (review, _) in decided {
        for (at, value) in review.signals().filter(|(_, value)| *value > 0.0) {
            seen[at].push(f64::from(value));
        }
    }
    let none = Curve::default();
    let (mut changes, mut rare) = (Vec::new(), Vec::new());
    for (signal, mut values) in seen.into_iter().enumerate() {
        let of = |file: &ModelFile| file.sides[name].curves.get(&start.names.signals[signal]).unwrap_or(&none).clone();
        let (old, new) = (of(&start.file), of(new));
        if values.len() < ENOUGH {
            if old != none {
                rare.push(signal);
            }
            continue;
        }
        values.sort_unstable_by(f64::total_cmp);
        let at = values[values.len() / 2];
        let mean = values.iter().map(|x| (new.at(*x) - old.at(*x)).abs()).sum::<f64>() / values.len() as f64;
        if mean > 0.0 {
            changes.push(Change { signal, cases: values.len(), at, from: old.at(at), to: new.at(at), mean });
        }
    }
    changes.sort_by(|a, b| b.mean.total_cmp(&a.mean));
    (changes, rare)
}
