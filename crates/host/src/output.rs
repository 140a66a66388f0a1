//! What came out of a plugin and passed the checks.

use huoyan_model::Span;

/// A finding that passed the checks.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckedFinding {
    /// The key of the record.
    pub record: String,
    /// The row of the batch, for stages that read records.
    pub row: Option<usize>,
    /// The rule.
    pub rule: String,
    /// In [0, 1].
    pub score: f64,
    /// The field.
    pub field: Option<String>,
    /// Bytes of the field. Checked against the record for record stages; still to be checked for later ones.
    pub span: Option<Span>,
    /// The text at the span, for record stages.
    pub matched: Option<String>,
    /// The evidence, a JSON object as it was given: checked, and kept as text, which takes far less memory than when it is taken apart.
    pub evidence: String,
    /// The members, sorted, without repeats.
    pub members: Vec<String>,
}

/// A row for later stages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The key it is grouped by.
    pub key: String,
    /// Its order in the group.
    pub order: i64,
    /// The record it speaks of.
    pub record: String,
    /// The detector's own.
    pub payload: Vec<u8>,
}

/// What came out of some calls of one task.
#[derive(Debug, Default)]
pub struct Output {
    /// Findings, in the order they were reported.
    pub findings: Vec<CheckedFinding>,
    /// Record key and score.
    pub scores: Vec<(String, f64)>,
    /// Rows for later stages.
    pub rows: Vec<Row>,
    /// Record key and reason.
    pub unjudged: Vec<(String, String)>,
    /// A corpus stage's summary.
    pub summary: Option<Vec<u8>>,
}

/// How much an output holds.
#[cfg(unix)]
#[derive(Clone, Copy)]
pub(crate) struct Length {
    findings: usize,
    scores: usize,
    rows: usize,
    unjudged: usize,
    summary: bool,
}

#[cfg(unix)]
impl Output {
    pub(crate) fn len(&self) -> Length {
        Length {
            findings: self.findings.len(),
            scores: self.scores.len(),
            rows: self.rows.len(),
            unjudged: self.unjudged.len(),
            summary: self.summary.is_some(),
        }
    }

    /// Forgets what came since.
    pub(crate) fn truncate(&mut self, to: Length) {
        self.findings.truncate(to.findings);
        self.scores.truncate(to.scores);
        self.rows.truncate(to.rows);
        self.unjudged.truncate(to.unjudged);
        if !to.summary {
            self.summary = None;
        }
    }
}
