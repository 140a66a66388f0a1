use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{ContentHash, Fingerprint, RecordKind, Source};

/// How bad policy holds a finding to be. Ordered: `Info` is the least.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing, no action.
    #[default]
    Info,
    /// Fix when convenient.
    Low,
    /// Fix before publishing.
    Medium,
    /// Likely to be penalised.
    High,
    /// Illegal or dangerous goods.
    Critical,
}

impl Severity {
    /// Every severity, least first.
    pub const ALL: [Self; 5] = [Self::Info, Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The name used in files and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// The severity with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| severity.as_str() == name)
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What policy asks to be done with a record. Ordered: `Pass` is the mildest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Nothing stands against it.
    #[default]
    Pass,
    /// A person should look.
    Review,
    /// The policy in force asks to refuse it; still only suspected (疑似).
    Reject,
}

impl Verdict {
    /// Every verdict, mildest first.
    pub const ALL: [Self; 3] = [Self::Pass, Self::Review, Self::Reject];

    /// The name used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Review => "review",
            Self::Reject => "reject",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One finding that speaks for a record's verdict.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VerdictReason {
    /// The rule that was met.
    pub rule: String,
    /// The detector that found it.
    pub detector: String,
    /// The severity policy gave it.
    pub severity: Severity,
    /// The finding's score in [0, 1].
    pub score: f64,
    /// The finding.
    pub fingerprint: Fingerprint,
}

/// Policy's one verdict on one record, with every reason for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordVerdict {
    /// Listing or review; pictures count for their owner.
    pub record_kind: RecordKind,
    /// The record's key.
    pub record: String,
    /// The content hash of this version of the record.
    pub record_version: ContentHash,
    /// The shop, when the record names one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub shop_id: Option<String>,
    /// Pass, review or reject.
    pub verdict: Verdict,
    /// Why, most severe first; empty for `pass` unless a finding below every limit is noted.
    pub reasons: Vec<VerdictReason>,
    /// How often the same record stood in the input.
    pub copies: u64,
    /// Detectors that could not judge the record, with their reasons.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub unjudged: Vec<String>,
    /// Where the record was read.
    pub source: Source,
}
