//! Fits the model: `fit structure|all|cautious OLD_MODEL.toml NEW_MODEL.toml DIR...`. Each DIR holds reviews.jsonl and labels.csv (record, label:
//! 1 = attack, trap: rows with `camouflage` are left out), as `benches/review_worlds.py` makes them.
//!
//! `structure` fits only signals of structure — counts, times, accounts, shared phrasing — and is cautious, so that no more of the
//! innocent are flagged than the old model allows (`flag_at_most`); what words are worth is kept from the old model, so no wording of
//! the labelled data can enter. `cautious` fits everything, as a user's own calibration does; `all` does the same without caution.
//!
//! First the curves of company, from what each review shows by itself; then, with the company of all reviews known, the others.
#![expect(clippy::print_stderr, reason = "a measurement")]

mod input;
#[path = "input/signals.rs"]
mod of;

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;

use huoyan_ledger::fit::{Case, Options, be_cautious, fit};
use huoyan_ledger::{Model, ModelError, ModelFile};
use review_malice::SIDES;
use review_malice::judge::STRATA;
use review_malice::signal::{Family, Signal};

/// How much a review counts that looks malicious and is not. Of the honest crowds (`benches/review_honest.py`) there are so many that
/// with more than this the bursts that look just like them would be lost altogether.
fn weight(trap: &str) -> f64 {
    match trap {
        "quick_batch" | "young_batch" | "quick_young" => 1.0,
        "amid" | "frequent" => 4.0,
        _ => 10.0,
    }
}

struct World {
    path: String,
    /// Label and trap by record.
    labels: BTreeMap<String, (bool, String)>,
}

impl World {
    fn attacks(&self) -> bool {
        self.labels.values().any(|(attack, _)| *attack)
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [what, old, new, dirs @ ..] = args.as_slice() else {
        return Err("usage: see the first line of this file".into());
    };
    let (structure, cautious) = match what.as_str() {
        "structure" => (true, true),
        "all" => (false, false),
        "cautious" => (false, true),
        _ => return Err("say structure, all or cautious".into()),
    };
    let mut file: ModelFile = toml::from_str(&fs::read_to_string(old)?)?;
    let mut worlds = Vec::new();
    for dir in dirs {
        let mut labels = BTreeMap::new();
        for line in fs::read_to_string(format!("{dir}/labels.csv"))?.lines().skip(1) {
            let mut cells = line.split(',');
            let (Some(record), Some(label), Some(trap)) = (cells.next(), cells.next(), cells.next()) else {
                return Err(format!("{dir}/labels.csv: '{line}'").into());
            };
            if trap != "camouflage" {
                labels.insert(record.to_owned(), (label == "1", trap.to_owned()));
            }
        }
        worlds.push(World { path: format!("{dir}/reviews.jsonl"), labels });
    }
    // A fit to decided cases keeps what the shipped model knows of kinds that nobody has decided yet.
    let options = if structure { Options { keep_by_hand: true, ..Options::default() } } else { Options::refit() };
    let names: Vec<&str> = Signal::ALL.iter().map(|signal| signal.as_str()).collect();
    let own: Vec<&str> = Signal::ALL.iter().filter(|s| alone(**s)).map(|s| s.as_str()).collect();
    for company in [true, false] {
        let sides = cases(worlds.iter(), &toml::to_string(&file)?, structure)?;
        for (side, cases) in SIDES.iter().zip(&sides) {
            let options = Options { company, ..options };
            if company {
                let mut narrow = cases.clone();
                for case in &mut narrow {
                    case.values = Signal::ALL.iter().filter(|s| alone(**s)).map(|s| case.values[*s as usize]).collect();
                    case.stratum = None;
                    case.weight = 1.0;
                }
                told(fit(&mut file, side, &own, &narrow, &options), structure)?;
            } else {
                told(fit(&mut file, side, &names, cases, &options), structure)?;
            }
        }
    }
    // Honest crowds by themselves show what may not be flagged, not how often they come: caution asks the worlds with attacks.
    let sides = cases(worlds.iter().filter(|world| world.attacks()), &toml::to_string(&file)?, structure)?;
    for (at, (side, cases)) in SIDES.iter().zip(&sides).enumerate() {
        let totals = |file: &ModelFile| -> Result<Vec<f64>, Box<dyn Error>> {
            let model = Model::new(file, Signal::NAMES, &SIDES, &STRATA)?;
            let stratum = |case: &Case| STRATA.iter().position(|name| case.stratum.as_deref() == Some(*name));
            Ok(cases.iter().map(|case| model.total(at, stratum(case), &case.values)).collect())
        };
        if let Some(share) = file.sides[*side].flag_at_most.filter(|_| cautious) {
            be_cautious(&mut file, side, &names, cases, share)?;
        }
        describe(side, cases, &totals(&file)?);
    }
    file.about = if structure {
        "Structure signals fitted by examples/fit.rs on injected training worlds; content and wording set by hand."
    } else {
        "All signals fitted by examples/fit.rs on injected training worlds."
    }
    .to_owned();
    fs::write(new, toml::to_string(&file)?)?;
    Ok(())
}

/// A side without enough cases keeps its curves, unless the model is the one to be shipped.
fn told(fitted: Result<(), ModelError>, structure: bool) -> Result<(), ModelError> {
    match fitted {
        Err(why) if !structure => {
            eprintln!("left as it is: {why}");
            Ok(())
        }
        other => other,
    }
}

/// Whether a review shows this by itself and not by its company.
fn alone(signal: Signal) -> bool {
    !matches!(signal.family(), Family::Burst | Family::Company)
}

fn cases<'w>(
    worlds: impl Iterator<Item = &'w World>,
    model: &str,
    structure: bool,
) -> Result<[Vec<Case>; 2], Box<dyn Error>> {
    let mut sides = [Vec::new(), Vec::new()];
    let model: &'static str = model.to_owned().leak();
    for world in worlds {
        for review in of::signals(&world.path, model)? {
            let Some((label, trap)) = world.labels.get(&review.record) else { continue };
            // Three stars are judged by the negative side, too, but nobody attacks with them.
            if review.stars == 3.0 {
                continue;
            }
            let side = usize::from(review.side == SIDES[1]);
            let trapped = structure && side == 0 && !*label && !trap.is_empty();
            let weight = if trapped { weight(trap) } else { 1.0 };
            let (values, stratum) = (review.values.to_vec(), review.stratum);
            sides[side].push(Case { values, label: *label, weight, stratum });
        }
    }
    Ok(sides)
}

/// Says how the model as written does on the cases it was fitted on.
fn describe(side: &str, cases: &[Case], totals: &[f64]) {
    let of = |label: bool| -> Vec<f64> {
        let mut of: Vec<f64> = totals.iter().zip(cases).filter(|(_, c)| c.label == label).map(|(t, _)| *t).collect();
        of.sort_by(|a, b| b.total_cmp(a));
        of
    };
    let (innocent, guilty) = (of(false), of(true));
    let above = |all: &[f64], cut: f64| all.iter().filter(|t| **t > cut).count() as f64 / all.len().max(1) as f64;
    for share in [0.01, 0.001] {
        let Some(cut) = innocent.get((innocent.len() as f64 * share) as usize) else { continue };
        let cut = *cut;
        eprintln!("{side}: {:.4} found at {share} of the innocent (from {cut:.2} log-odds on)", above(&guilty, cut));
    }
    eprintln!("{side}: {:.4} found at one half, {:.5} of the innocent", above(&guilty, 0.0), above(&innocent, 0.0));
}
