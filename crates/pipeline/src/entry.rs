//! What is kept of a record on the way from judging to output: an entry in a temporary file, in input order.

use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};

use huoyan_host::CheckedFinding;
use huoyan_model::{ContentHash, Finding, Fingerprint, RecordCard, RecordKind, Severity, Source, Span};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A listing or review with all that detectors said of it while it passed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) kind: RecordKind,
    pub(crate) key: String,
    pub(crate) version: ContentHash,
    pub(crate) shop: Option<String>,
    pub(crate) source: Source,
    pub(crate) card: RecordCard,
    pub(crate) findings: Vec<Held>,
    pub(crate) scores: Vec<HeldScore>,
    pub(crate) unjudged: Vec<HeldUnjudged>,
}

/// A finding of one of the entry's records: the owner itself or a picture of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Held {
    /// Index of the detector.
    pub(crate) detector: usize,
    pub(crate) record_kind: RecordKind,
    pub(crate) record: String,
    pub(crate) rule: String,
    pub(crate) score: f64,
    pub(crate) field: Option<String>,
    pub(crate) span: Option<Span>,
    pub(crate) matched: Option<String>,
    /// A JSON object, as text until it is written.
    pub(crate) evidence: String,
    pub(crate) members: Vec<String>,
    /// The whole field, when reports want it.
    pub(crate) field_text: Option<String>,
    /// The picture's path, when reports want it.
    pub(crate) image: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct HeldScore {
    pub(crate) detector: usize,
    pub(crate) record_kind: RecordKind,
    pub(crate) record: String,
    pub(crate) score: f64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct HeldUnjudged {
    pub(crate) detector: usize,
    pub(crate) record_kind: RecordKind,
    pub(crate) record: String,
    pub(crate) reason: String,
}

/// Evidence as it is used. The host has seen that it is an object.
pub(crate) fn parsed(evidence: &str) -> Map<String, Value> {
    serde_json::from_str(evidence).unwrap_or_default()
}

impl Held {
    pub(crate) fn new(detector: usize, record_kind: RecordKind, finding: CheckedFinding) -> Self {
        Self {
            detector,
            record_kind,
            record: finding.record,
            rule: finding.rule,
            score: finding.score,
            field: finding.field,
            span: finding.span,
            matched: finding.matched,
            evidence: finding.evidence,
            members: finding.members,
            field_text: None,
            image: None,
        }
    }

    /// The finding as users see it; policy fills in severity and suppression.
    pub(crate) fn into_finding(
        self,
        detector: &str,
        evidence: Map<String, Value>,
        owner: &Entry,
        copies: u64,
    ) -> (Finding, RecordCard) {
        // What the detector cites as canonical survives another disguise of the same words; else the text itself.
        let matched = evidence.get("canonical").and_then(Value::as_str).or(self.matched.as_deref()).unwrap_or_default();
        let field = self.field.as_deref().unwrap_or_default();
        let fingerprint = Fingerprint::of(detector, &self.rule, &self.record, field, matched);
        let card = RecordCard { field_text: self.field_text, image: self.image, ..owner.card.clone() };
        let finding = Finding {
            owner_kind: owner.kind,
            owner: owner.key.clone(),
            record_kind: self.record_kind,
            record: self.record,
            record_version: owner.version,
            detector: detector.to_owned(),
            rule: self.rule,
            score: self.score,
            severity: Severity::Info,
            field: self.field,
            span: self.span,
            matched: self.matched,
            evidence,
            members: self.members,
            fingerprint,
            copies,
            shop_id: owner.shop.clone(),
            source: owner.source.clone(),
            suppressed: None,
        };
        (finding, card)
    }
}

/// Appends the entry to a block, length first.
pub(crate) fn encode(entry: &Entry, block: &mut Vec<u8>) {
    let at = block.len();
    block.extend_from_slice(&[0; 4]);
    serde_json::to_writer(&mut *block, entry).expect("invariant: an entry has string keys only");
    let len = u32::try_from(block.len() - at - 4).expect("invariant: the host bounds what a record may carry");
    block[at..at + 4].copy_from_slice(&len.to_le_bytes());
}

/// The temporary file of entries.
pub(crate) struct EntryLog {
    file: BufWriter<std::fs::File>,
}

impl EntryLog {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self { file: BufWriter::with_capacity(1 << 20, tempfile::tempfile()?) })
    }

    pub(crate) fn append(&mut self, block: &[u8]) -> io::Result<()> {
        self.file.write_all(block)
    }

    /// All entries, in the order they were written.
    pub(crate) fn read(self) -> io::Result<Entries> {
        let mut file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.seek(SeekFrom::Start(0))?;
        Ok(Entries { file: BufReader::with_capacity(1 << 20, file), buffer: Vec::new() })
    }
}

pub(crate) struct Entries {
    file: BufReader<std::fs::File>,
    buffer: Vec<u8>,
}

impl Iterator for Entries {
    type Item = io::Result<Entry>;

    fn next(&mut self) -> Option<io::Result<Entry>> {
        let mut len = [0; 4];
        match self.file.read_exact(&mut len) {
            Ok(()) => {}
            Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => return None,
            Err(e) => return Some(Err(e)),
        }
        self.buffer.resize(u32::from_le_bytes(len) as usize, 0);
        if let Err(e) = self.file.read_exact(&mut self.buffer) {
            return Some(Err(e));
        }
        Some(serde_json::from_slice(&self.buffer).map_err(io::Error::from))
    }
}
