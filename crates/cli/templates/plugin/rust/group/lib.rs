//! Finds reviews that one account repeats word for word.

use std::collections::BTreeMap;
use std::sync::Arc;

use huoyan_sdk::{
    Batch, CreateContext, Detector, Error, Evidence, Finding, Fold, Grouped, Rule, Score, Sink,
    Task, TaskContext, TextColumn,
};

/// The rule, as rules/{{name}}.toml declares it.
pub const RULE: Rule<'static> = Rule::new("{{rule}}");

/// How sure a repetition is; from 0.5 up the detector stands by it.
const SCORE: Score = Score::new(0.6);

/// Equal reviews that are too many, unless the user says otherwise.
const AT_LEAST: i64 = 3;

/// Shorter texts are what many people write by themselves.
const SHORTEST: usize = 8;

/// Members that a finding names: if each of thousands named all the others, they would soon be
/// more than the host takes, and more than people read. The evidence says how many there are.
pub const MEMBERS: usize = 100;

/// The detector: its settings, shared by all tasks and never changed.
pub struct {{type}} {
    at_least: usize,
}

impl Detector for {{type}} {
    fn create(cx: &CreateContext<'_>) -> Result<Self, Error> {
        let settings = cx.settings()?;
        settings.only(&["at_least"])?;
        let at_least = settings.integer("at_least", 2..=1_000)?.unwrap_or(AT_LEAST);
        Ok(Self {
            at_least: at_least as usize,
        })
    }

    fn open(self: &Arc<Self>, stage: &str, _cx: &TaskContext<'_>) -> Result<Box<dyn Task>, Error> {
        match stage {
            "reviewer" => Ok(Box::new(Grouped::new(Reviewer {
                at_least: self.at_least,
                texts: BTreeMap::new(),
            }))),
            other => Err(Error::unsupported(format!("there is no stage '{other}'"))),
        }
    }
}

/// The reviews of one account. `Grouped` calls it key by key, however the rows are cut into batches.
struct Reviewer {
    at_least: usize,
    /// Records by text; sorted, so that findings come in the same order each time.
    texts: BTreeMap<String, Vec<String>>,
}

impl Fold for Reviewer {
    /// Keys and texts of a batch.
    type Columns<'a> = (TextColumn<'a>, TextColumn<'a>);

    fn columns<'a>(&self, batch: &Batch<'a>) -> Result<Self::Columns<'a>, Error> {
        Ok((batch.keys()?, batch.text("text")?))
    }

    fn start(&mut self, _key: &str) {
        self.texts.clear();
    }

    fn row(
        &mut self,
        (keys, texts): &Self::Columns<'_>,
        row: usize,
        _sink: &mut Sink<'_>,
    ) -> Result<(), Error> {
        let (Some(key), Some(text)) = (keys.get(row), texts.get(row)) else {
            return Ok(());
        };
        if text.chars().count() >= SHORTEST {
            self.texts
                .entry(text.to_owned())
                .or_default()
                .push(key.to_owned());
        }
        Ok(())
    }

    fn finish(&mut self, _key: &str, sink: &mut Sink<'_>) -> Result<(), Error> {
        for records in self
            .texts
            .values()
            .filter(|records| records.len() >= self.at_least)
        {
            for record in records {
                let others = records
                    .iter()
                    .filter(|other| *other != record)
                    .map(String::as_str)
                    .take(MEMBERS);
                let finding = Finding::new(record, RULE, SCORE)
                    .whole("text")
                    .members(others)
                    .evidence(Evidence::new().number("reviews", records.len() as f64));
                sink.finding(&finding);
            }
        }
        Ok(())
    }
}

huoyan_sdk::export_detector!(
    {{type}},
    manifest = "../manifest.json",
    resources = { "rules/{{name}}" => "../rules/{{name}}.toml" },
);
