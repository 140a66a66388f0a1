use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{ContentHash, Fingerprint, RecordKind, Severity};

/// A range of bytes in a field, `[start, end)`, on character boundaries. Written as a JSON array of two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Span(pub u32, pub u32);

/// Where a record was read.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Source {
    /// The file as the user named it, `-` for standard input, with `archive!member` for a packed one.
    pub file: String,
    /// The sheet of a workbook.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sheet: Option<String>,
    /// The line (text files) or row (Parquet, workbooks), counted from 1; a record of several lines has its first.
    pub line: u64,
}

/// What one detector saw in one record. It says nothing about how bad that is, except for `severity`, which policy sets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// `listing` or `review`: what the finding is held against.
    pub owner_kind: RecordKind,
    /// The key of that listing or review.
    pub owner: String,
    /// The kind of the record that was judged: the owner's, or `image`.
    pub record_kind: RecordKind,
    /// The key of the record that was judged; `<owner>#<position>` for a picture.
    pub record: String,
    /// The content hash of the owner, telling apart versions that share a key.
    pub record_version: ContentHash,
    /// The detector.
    pub detector: String,
    /// The rule, such as `PK001`.
    pub rule: String,
    /// Confidence in [0, 1]; the detector stands by the finding from 0.5 up.
    pub score: f64,
    /// Set by policy.
    pub severity: Severity,
    /// The field the span lies in.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub field: Option<String>,
    /// Bytes of the field.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub span: Option<Span>,
    /// The text at the span.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub matched: Option<String>,
    /// What the detector cites, as its rules document it.
    #[serde(default)]
    pub evidence: Map<String, Value>,
    /// Keys of the other members of a campaign or cluster, sorted.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub members: Vec<String>,
    /// The finding's content identity.
    pub fingerprint: Fingerprint,
    /// How often the same record stood in the input.
    pub copies: u64,
    /// The shop, when the record names one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub shop_id: Option<String>,
    /// Where the owner was read.
    pub source: Source,
    /// Why this finding does not count: a suppression, allow-list, baseline or decision that covers it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub suppressed: Option<String>,
}

/// A record that a detector could not judge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unjudged {
    /// The detector.
    pub detector: String,
    /// The kind of the record.
    pub record_kind: RecordKind,
    /// The key of the record.
    pub record: String,
    /// Why, for a person.
    pub reason: String,
    /// Where the owner was read.
    pub source: Source,
}
