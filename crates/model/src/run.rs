use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Finding, RecordKind, RuleInfo, Severity, Source, Verdict};

/// Everything needed to replay a run; the first line of `findings.jsonl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunHeader {
    /// Version of the output schema, `huoyan-findings/1`.
    pub schema: String,
    /// Version of the command.
    pub tool_version: String,
    /// Identity of the run: a digest of inputs, configuration, plugins and resources, so that it is the same for the
    /// same work.
    pub run_id: String,
    /// Digest of each input file by name.
    pub inputs: BTreeMap<String, String>,
    /// Digest of each plugin file by plugin name, with its version.
    pub plugins: BTreeMap<String, String>,
    /// Where the code of each plugin ran, by plugin name with its version: `in-process` or `child`.
    #[serde(default)]
    pub isolation: BTreeMap<String, String>,
    /// Digest of each resource by `detector/resource`.
    pub resources: BTreeMap<String, String>,
    /// Digest of the effective configuration.
    pub config: String,
    /// The profile in force.
    pub profile: String,
    /// Every rule that the detectors of this run declare, by id: what reports show beside a finding.
    #[serde(skip)]
    pub rules: BTreeMap<String, RuleInfo>,
}

/// What a report shows of a finding's owner.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RecordCard {
    /// A listing's title or a review's text.
    pub headline: String,
    /// The full text of the field the finding points into.
    pub field_text: Option<String>,
    /// The day of `updated_at` or `created_at`, `YYYY-MM-DD` in UTC.
    pub day: Option<String>,
    /// A review's rating.
    pub rating: Option<f64>,
    /// A listing's price.
    pub price: Option<f64>,
    /// A review's listing.
    pub listing_id: Option<String>,
    /// The path of the picture that was judged, when the record is an image.
    pub image: Option<String>,
}

/// A finding with what a report needs beside it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReportItem {
    /// The finding.
    pub finding: Finding,
    /// Its owner.
    pub card: RecordCard,
    /// The owner's verdict.
    pub verdict: Verdict,
}

/// One line of `-o scores`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScoreRow {
    /// The detector.
    pub detector: String,
    /// The kind of the record.
    pub record_kind: RecordKind,
    /// The record's key.
    pub record: String,
    /// The score in [0, 1].
    pub score: f64,
}

/// How one detector fared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum DetectorOutcome {
    /// It judged everything it was given.
    Complete,
    /// It misbehaved and was taken out; what it had said is dropped.
    Quarantined {
        /// What it did.
        reason: String,
    },
    /// It did not run, for want of a resource or of records.
    Skipped {
        /// What was missing.
        reason: String,
    },
}

/// One detector's part of the summary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DetectorReport {
    /// The detector.
    pub name: String,
    /// How it fared.
    #[serde(flatten)]
    pub outcome: DetectorOutcome,
    /// Findings at or above 0.5.
    pub findings: u64,
    /// Records it judged.
    pub judged: u64,
    /// Records it could not judge.
    pub unjudged: u64,
}

/// How one input was read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputReport {
    /// The file, with the sheet where there are several.
    pub source: Source,
    /// Encoding, format, header and columns as guessed or told, one fact a line.
    pub account: Vec<String>,
    /// Rows read.
    pub read: u64,
    /// Rows handed to the detectors.
    pub scanned: u64,
    /// Exact duplicates set apart.
    pub duplicates: u64,
    /// Rows that could not be used.
    pub quarantined: u64,
}

/// Whether a run covered what it was asked to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "status")]
pub enum RunStatus {
    /// Everything was judged by every detector.
    Complete,
    /// Something was not covered.
    Incomplete {
        /// What, one reason each.
        reasons: Vec<String>,
    },
    /// Stopped by the user.
    Interrupted,
}

/// The end of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunSummary {
    /// Whether everything was covered.
    #[serde(flatten)]
    pub status: RunStatus,
    /// Rows read: always scanned + duplicates + quarantined.
    pub read: u64,
    /// Records the detectors were given, by kind (`listing`, `review`, `image`).
    pub scanned: BTreeMap<String, u64>,
    /// Exact duplicates set apart.
    pub duplicates: u64,
    /// Rows that could not be used.
    pub quarantined: u64,
    /// Records by verdict (`pass`, `review`, `reject`).
    pub verdicts: BTreeMap<String, u64>,
    /// Findings that count, by severity.
    pub severities: BTreeMap<Severity, u64>,
    /// Findings covered by a suppression, baseline or decision.
    pub suppressed: u64,
    /// Records that some detector could not judge.
    pub unjudged: u64,
    /// Each detector.
    pub detectors: Vec<DetectorReport>,
    /// Each input.
    pub inputs: Vec<InputReport>,
}
