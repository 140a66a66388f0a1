//! Detector `review-malice`: suspected malicious and paid reviews, each with a score that can be checked line by line.
//!
//! A graph of stages ([`tasks`]): what is usual (`days`, `phrases`) → each review's facts → its account (`reviewer`) → its listing
//! (one row per review, gaining signals), where the accounts it met elsewhere (`together`, `pairs`) and near copies of it (`bands`,
//! `copies`) join it → its shop and the judge, whose ledger ([`huoyan_ledger`]) sums to the score.
//!
//! What must stay true: nobody is suspicious for being alone (every group signal counts the *others*), one family of signals alone
//! never condemns a negative review, and nothing depends on batching, partitioning, input order or threads.

pub mod aside;
pub mod codec;
pub mod copies;
pub mod days;
pub mod facts;
pub mod fold;
pub mod judge;
pub mod listing;
pub mod pairs;
pub mod passages;
pub mod phrases;
pub mod reviewer;
pub mod scan;
pub mod shop;
pub mod signal;
pub mod sketch;
pub mod tasks;
pub mod terms;
pub mod wording;
pub mod words;

use std::sync::Arc;

use huoyan_ledger::{Model, ModelFile};
use huoyan_sdk::{CreateContext, Detector, Error, Grouped, Resource, Task, TaskContext};
use serde::Deserialize;

use crate::days::{Days, Usual};
use crate::judge::STRATA;
use crate::phrases::Phrases;
use crate::tasks::{
    BandsTask, CopiesTask, DaysTask, FactsTask, GroupTask, Level, PairsTask, PhrasesTask, TogetherTask,
};

/// The manifest, for tests and measurements without a host.
pub const MANIFEST: &str = include_str!("../manifest.json");

/// The resources the plugin carries.
pub static RESOURCES: [(&str, Resource); 4] = [
    ("model", Resource::from_static(include_bytes!("../rules/model.toml"))),
    ("rules/malice", Resource::from_static(include_bytes!("../rules/malice.toml"))),
    ("sentiment", Resource::from_static(include_bytes!("../rules/sentiment.toml"))),
    ("wording", Resource::from_static(include_bytes!("../rules/wording.toml"))),
];

/// The detector.
pub struct ReviewMalice {
    /// How reviews sound.
    pub lexicon: words::Lexicon,
    /// What reviewers say outright.
    pub wording: wording::Wording,
    /// What signals are worth.
    pub model: Model,
    /// Findings are written from this score up.
    pub report_from: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Config {
    families: Option<usize>,
    report_from: f64,
}

impl Default for Config {
    fn default() -> Self {
        Self { families: None, report_from: 0.3 }
    }
}

impl Detector for ReviewMalice {
    fn create(cx: &CreateContext<'_>) -> Result<Self, Error> {
        let config: Config =
            serde_json::from_str(cx.config).map_err(|e| Error::config(format!("review-malice: {e}")))?;
        let carried = |name: &str| RESOURCES.iter().find(|(n, _)| *n == name).map(|(_, r)| r.clone());
        let text = |name: &str| {
            let resource = cx.resource(name).or_else(|| carried(name));
            let bytes = resource.ok_or_else(|| Error::config(format!("resource '{name}' is missing")))?;
            String::from_utf8(bytes.to_vec()).map_err(|_| Error::config(format!("resource '{name}' is not UTF-8")))
        };
        let mut model = model(&text("model")?).map_err(Error::config)?;
        if let Some(families) = config.families {
            model.ask_for_families(0, families);
        }
        Ok(Self {
            lexicon: words::Lexicon::parse(&text("sentiment")?).map_err(Error::config)?,
            wording: wording::Wording::parse(&text("wording")?).map_err(Error::config)?,
            model,
            report_from: config.report_from,
        })
    }

    fn open(self: &Arc<Self>, stage: &str, cx: &TaskContext<'_>) -> Result<Box<dyn Task>, Error> {
        let group = |level| -> Result<Box<dyn Task>, Error> { Ok(Box::new(Grouped::new(GroupTask::new(level)))) };
        match stage {
            "days" => Ok(Box::new(DaysTask(Days::default()))),
            "phrases" => Ok(Box::new(PhrasesTask(Phrases::default()))),
            "facts" => Ok(Box::new(FactsTask(Arc::clone(self)))),
            "reviewer" => group(Level::Reviewer(usual(cx)?, phrases(cx)?)),
            "listing" => group(Level::Listing(usual(cx)?, phrases(cx)?, Arc::clone(self))),
            "together" => Ok(Box::new(Grouped::new(TogetherTask::default()))),
            "bands" => Ok(Box::new(BandsTask(phrases(cx)?))),
            "copies" => Ok(Box::new(Grouped::new(CopiesTask::default()))),
            "pairs" => Ok(Box::new(Grouped::new(PairsTask::new(usual(cx)?)))),
            "judge" => group(Level::Judge(usual(cx)?, Arc::clone(self))),
            other => Err(Error::unsupported(format!("review-malice has no stage '{other}'"))),
        }
    }

    fn merge(&self, stage: &str, a: &[u8], b: &[u8]) -> Result<Vec<u8>, Error> {
        let broken = || Error::internal(format!("a summary of stage '{stage}' cannot be read"));
        match stage {
            "days" => {
                let mut sum = Days::from_bytes(a).ok_or_else(broken)?;
                sum.merge(&Days::from_bytes(b).ok_or_else(broken)?);
                Ok(sum.to_bytes())
            }
            "phrases" => {
                let mut sum = Phrases::from_bytes(a).ok_or_else(broken)?;
                sum.merge(&Phrases::from_bytes(b).ok_or_else(broken)?);
                Ok(sum.to_bytes())
            }
            other => Err(Error::unsupported(format!("stage '{other}' has no summary"))),
        }
    }
}

/// The sides of the model: reviews of up to three stars and unrated ones, and the others.
pub const SIDES: [&str; 2] = ["negative", "positive"];

/// Reads a model.
///
/// # Errors
/// Says what is wrong with the file.
pub fn model(toml: &str) -> Result<Model, String> {
    let file: ModelFile = toml::from_str(toml).map_err(|e| format!("the model is not valid: {e}"))?;
    Model::new(&file, signal::Signal::NAMES, &SIDES, &STRATA).map_err(|e| e.to_string())
}

fn usual(cx: &TaskContext<'_>) -> Result<Usual, Error> {
    match cx.summary("days") {
        None => Ok(Days::default().usual()),
        Some(bytes) => {
            let days =
                Days::from_bytes(bytes).ok_or_else(|| Error::internal("the summary of 'days' cannot be read"))?;
            Ok(days.usual())
        }
    }
}

fn phrases(cx: &TaskContext<'_>) -> Result<Phrases, Error> {
    match cx.summary("phrases") {
        None => Ok(Phrases::default()),
        Some(bytes) => {
            Phrases::from_bytes(bytes).ok_or_else(|| Error::internal("the summary of 'phrases' cannot be read"))
        }
    }
}

huoyan_sdk::export_detector!(
    ReviewMalice,
    manifest = "../manifest.json",
    resources = {
        "model" => "../rules/model.toml",
        "rules/malice" => "../rules/malice.toml",
        "sentiment" => "../rules/sentiment.toml",
        "wording" => "../rules/wording.toml",
    }
);
