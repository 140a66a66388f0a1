//! Runs the examples that rule packs carry, through the detector itself.

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use huoyan_host::{Fault, Output};
use huoyan_model::{Localized, RecordKind, StageKind};

use crate::Error;
use crate::pass::project;
use crate::prepare::Prepared;

/// An example that did not behave as its rule says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExampleFailure {
    /// The rule.
    pub rule: String,
    /// The example.
    pub text: String,
    /// Whether it should have been flagged.
    pub positive: bool,
    /// What was reported for it.
    pub got: Vec<String>,
}

/// What came of one detector's examples.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExampleReport {
    /// Rules that carry examples.
    pub rules: usize,
    /// Examples that were run.
    pub examples: usize,
    /// Rules without examples.
    pub without: Vec<String>,
    /// Those that failed.
    pub failures: Vec<ExampleFailure>,
}

/// Runs every example of a detector's rules. An example is a listing's title, or a review's text when the detector has
/// no stage that reads titles; it counts as flagged when the rule is reported with a score of at least 0.5.
///
/// # Errors
/// When the detector fails.
pub fn test_examples(detector: &Prepared) -> Result<ExampleReport, Error> {
    let mut report = ExampleReport::default();
    let mut texts: Vec<(&str, &str, bool)> = Vec::new();
    for rule in detector.rules.values() {
        if rule.examples.positive.is_empty() && rule.examples.negative.is_empty() {
            report.without.push(rule.id.clone());
            continue;
        }
        report.rules += 1;
        texts.extend(rule.examples.positive.iter().map(|text| (rule.id.as_str(), text.as_str(), true)));
        texts.extend(rule.examples.negative.iter().map(|text| (rule.id.as_str(), text.as_str(), false)));
    }
    report.examples = texts.len();
    let mut got: Vec<Vec<String>> = vec![Vec::new(); texts.len()];
    for stage in detector.spec.stages.iter().filter(|s| s.kind == StageKind::Record && s.summaries.is_empty()) {
        let field = match stage.reads.record {
            Some(RecordKind::Listing) => "title",
            Some(RecordKind::Review) => "text",
            _ => continue,
        };
        let keys: ArrayRef = Arc::new(StringArray::from_iter_values((0..texts.len()).map(|i| i.to_string())));
        let values: ArrayRef = Arc::new(StringArray::from_iter_values(texts.iter().map(|(_, text, _)| text)));
        let batch = RecordBatch::try_from_iter([("_record", keys), (field, values)]).map_err(|e| {
            Error::new((format!("无法把示例交给检测器：{e}"), format!("examples cannot be handed over: {e}")))
        })?;
        let mut output = Output::default();
        let fault = |fault: Fault| {
            let (name, Localized { zh, en }) = (&detector.spec.name, fault.into());
            Error::new((format!("检测器 '{name}'：{zh}"), format!("detector '{name}' {en}")))
        };
        let mut task = detector.detector().and_then(|made| made.open(stage, 0, &[])).map_err(fault)?;
        task.push(&project(&batch, stage)?, &mut output).map_err(fault)?;
        for finding in output.findings.into_iter().filter(|f| f.score >= 0.5) {
            if let Some(row) = finding.row {
                got[row].push(finding.rule);
            }
        }
    }
    for ((rule, text, positive), mut got) in texts.into_iter().zip(got) {
        got.sort();
        got.dedup();
        if got.iter().any(|r| r == rule) != positive {
            report.failures.push(ExampleFailure { rule: rule.to_owned(), text: text.to_owned(), positive, got });
        }
    }
    Ok(report)
}
