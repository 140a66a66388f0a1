//! Finds runs of exclamation marks in titles.

use huoyan_sdk::{
    Batch, CreateContext, Error, Evidence, Finding, RecordDetector, Rule, Score, Sink,
};

/// The rule, as rules/{{name}}.toml declares it.
pub const RULE: Rule<'static> = Rule::new("{{rule}}");

/// How sure a run of marks is; from 0.5 up the detector stands by it.
const SCORE: Score = Score::new(0.8);

/// Marks in a row that are too many, unless the user says otherwise.
const AT_LEAST: i64 = 3;

/// The detector: its settings, read once. It has no other state, since its calls may come from several threads.
pub struct {{type}} {
    at_least: usize,
}

impl RecordDetector for {{type}} {
    fn create(cx: &CreateContext<'_>) -> Result<Self, Error> {
        let settings = cx.settings()?;
        settings.only(&["at_least"])?;
        let at_least = settings.integer("at_least", 1..=1_000)?.unwrap_or(AT_LEAST);
        Ok(Self {
            at_least: at_least as usize,
        })
    }

    fn scan(&self, _stage: &str, batch: &Batch<'_>, sink: &mut Sink<'_>) -> Result<(), Error> {
        let (keys, titles) = (batch.keys()?, batch.text("title")?);
        for row in 0..batch.len() {
            let (Some(key), Some(title)) = (keys.get(row), titles.get(row)) else {
                continue;
            };
            if let Some(run) = shouting(title, self.at_least) {
                let finding = Finding::new(key, RULE, SCORE)
                    .span_of("title", title, run)
                    .evidence(Evidence::new().number("marks", run.chars().count() as f64));
                sink.finding(&finding);
            }
        }
        Ok(())
    }
}

/// The first run of at least that many marks, half or full width.
fn shouting(text: &str, at_least: usize) -> Option<&str> {
    text.split(|c| !matches!(c, '!' | '！'))
        .find(|run| run.chars().count() >= at_least)
}

huoyan_sdk::export_record_detector!(
    {{type}},
    manifest = "../manifest.json",
    resources = { "rules/{{name}}" => "../rules/{{name}}.toml" },
);
