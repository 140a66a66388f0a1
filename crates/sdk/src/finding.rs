//! A finding on its way to the host.

use core::ops::Range;

/// What was seen in one record. Borrowed parts are copied by the host when it is handed to [`crate::Sink::finding`].
#[derive(Clone, Debug)]
pub struct Finding<'a> {
    pub(crate) record: &'a str,
    pub(crate) rule: &'a str,
    pub(crate) score: f64,
    pub(crate) field: &'a str,
    pub(crate) span: Range<usize>,
    pub(crate) evidence: &'a str,
    pub(crate) members: Vec<&'a str>,
}

impl<'a> Finding<'a> {
    /// A finding of `rule` in the record whose key (column `_record`) is `record`. `score` is the confidence in [0, 1];
    /// from 0.5 up the detector stands by it.
    pub fn new(record: &'a str, rule: &'a str, score: f64) -> Self {
        Self { record, rule, score, field: "", span: 0..0, evidence: "", members: Vec::new() }
    }

    /// The field and the range of bytes in it, on character boundaries. An empty range names the field only.
    #[must_use]
    pub fn field(mut self, field: &'a str, span: Range<usize>) -> Self {
        self.field = field;
        self.span = span;
        self
    }

    /// A JSON object; [`crate::Evidence`] builds one.
    #[must_use]
    pub fn evidence_json(mut self, json: &'a str) -> Self {
        self.evidence = json;
        self
    }

    /// Keys of the other members of a campaign or cluster.
    #[must_use]
    pub fn members(mut self, members: impl IntoIterator<Item = &'a str>) -> Self {
        self.members = members.into_iter().collect();
        self
    }
}
