//! The vocabulary of huoyan: what a record is, what a detector says of it, and what policy makes of that.
//!
//! Every other crate speaks in these types, so this one depends on nothing of ours and does no work of its own beyond
//! hashing. Names of fields are part of the product's interface (users' files, findings and measurements agree on
//! them); a change here is a change of the output schema.

mod column;
mod finding;
mod hash;
mod kind;
mod locale;
mod manifest;
mod rule;
mod run;
mod severity;

pub use column::{Column, ColumnType, columns_of, find_column};
pub use finding::{Finding, Source, Span, Unjudged};
pub use hash::{ContentHash, Fingerprint, RecordHasher};
pub use kind::RecordKind;
pub use locale::{Locale, Localized};
pub use manifest::{
    AbiVersion, DetectorSpec, EmitSpec, Isolation, Manifest, ManifestError, Reads, ResourceSpec, StageKind, StageSpec,
};
pub use rule::{Confidence, Examples, Provenance, RuleInfo};
pub use run::{
    DetectorOutcome, DetectorReport, InputReport, PluginUse, RecordCard, ReportItem, RunHeader, RunStatus, RunSummary,
    ScoreRow,
};
pub use severity::{RecordVerdict, Severity, Verdict, VerdictReason};
