//! Takes what a plugin says and checks it, call by call.
//!
//! The first thing that is not as the contract demands becomes the detector's [`Fault`]; from then on nothing more is
//! taken from it. What passes here is right: known rule, finite score, evidence that is a JSON object, and, for stages
//! that read records, a record of this batch and a span on character boundaries of one of its fields.

mod object;

use std::collections::HashMap;

use self::object::Object;
use crate::output::{CheckedFinding, Output, Row};
use crate::refusal::Refusing;
use crate::{Cancel, Fault};
use arrow_array::cast::AsArray;
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use huoyan_abi::{MAX_EVIDENCE_BYTES, MAX_SUMMARY_BYTES, Status};
use huoyan_model::Span;

/// What is kept of an item besides its texts, roughly, and so what it counts for, however short it is.
const ITEM: usize = 96;

/// How much one call may give back. Generous for honest detectors, small enough that a runaway one is stopped early.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Findings per row of the batch, and as many unjudged records; at least 64 of each for a call.
    pub findings_per_row: usize,
    /// Bytes of all that is kept of one call.
    pub bytes: usize,
    /// Rows for later stages per row that went in, from the manifest.
    pub rows_per_row: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { findings_per_row: 256, bytes: 256 << 20, rows_per_row: 0 }
    }
}

pub(crate) struct RawFinding<'a> {
    pub(crate) record: &'a [u8],
    pub(crate) rule: &'a [u8],
    pub(crate) field: &'a [u8],
    pub(crate) evidence: &'a [u8],
    pub(crate) score: f64,
    pub(crate) span: (u32, u32),
    pub(crate) members: Vec<&'a [u8]>,
}

/// Takes what a plugin says during one call. Each answer but `OK` asks the plugin to stop.
pub(crate) trait Receiver {
    fn finding(&mut self, finding: &RawFinding<'_>) -> Status;
    fn score(&mut self, record: &[u8], score: f64) -> Status;
    fn row(&mut self, key: &[u8], order: i64, record: &[u8], payload: &[u8]) -> Status;
    fn unjudged(&mut self, record: &[u8], reason: &[u8]) -> Status;
    fn summary(&mut self, bytes: &[u8]) -> Status;
    /// Something was said that cannot be handed on as it is.
    fn refuse(&mut self, fault: Fault) -> Status;
}

impl Receiver for Collector<'_> {
    fn finding(&mut self, finding: &RawFinding<'_>) -> Status {
        Collector::finding(self, finding)
    }

    fn score(&mut self, record: &[u8], score: f64) -> Status {
        Collector::score(self, record, score)
    }

    fn row(&mut self, key: &[u8], order: i64, record: &[u8], payload: &[u8]) -> Status {
        Collector::row(self, key, order, record, payload)
    }

    fn unjudged(&mut self, record: &[u8], reason: &[u8]) -> Status {
        Collector::unjudged(self, record, reason)
    }

    fn summary(&mut self, bytes: &[u8]) -> Status {
        Collector::summary(self, bytes)
    }

    fn refuse(&mut self, fault: Fault) -> Status {
        Collector::refuse(self, fault)
    }
}

/// Checks the output of one call.
pub(crate) struct Collector<'a> {
    rules: &'a dyn Fn(&str) -> bool,
    limits: Limits,
    /// The batch, for stages that read records; its keys are unique.
    records: Option<&'a RecordBatch>,
    index: Option<HashMap<&'a str, usize>>,
    cursor: usize,
    rows_in: usize,
    /// How many rows the whole task may still emit.
    rows_left: u64,
    bytes: usize,
    fault: Option<Fault>,
    cancel: Option<&'a Cancel>,
    /// Something was not taken because the run is being stopped.
    stopped: bool,
    refusing: Option<&'a mut Refusing>,
    /// Findings and unjudged records of earlier calls: callers may gather several calls in one output.
    earlier: (usize, usize),
    /// Whether the manifest declares scores.
    scores: bool,
    /// The rows of the batch that have a score.
    scored: Vec<bool>,
    output: &'a mut Output,
}

impl<'a> Collector<'a> {
    pub(crate) fn new(
        rules: &'a dyn Fn(&str) -> bool,
        limits: Limits,
        records: Option<&'a RecordBatch>,
        rows_in: usize,
        rows_left: u64,
        output: &'a mut Output,
    ) -> Self {
        Self {
            rules,
            limits,
            records,
            index: None,
            cursor: 0,
            rows_in,
            rows_left,
            bytes: 0,
            fault: None,
            cancel: None,
            stopped: false,
            refusing: None,
            earlier: (output.findings.len(), output.unjudged.len()),
            scores: true,
            scored: Vec::new(),
            output,
        }
    }

    /// Takes no more once the run is being stopped.
    pub(crate) fn until(mut self, cancel: &'a Cancel) -> Self {
        self.cancel = Some(cancel);
        self
    }

    /// As asked by a test of the plugin, takes no more after some calls.
    pub(crate) fn refusing(mut self, refusing: Option<&'a mut Refusing>) -> Self {
        self.refusing = refusing;
        self
    }

    /// Takes scores only if they are declared.
    pub(crate) fn scoring(mut self, declared: bool) -> Self {
        self.scores = declared;
        self
    }

    pub(crate) fn rows_left(&self) -> u64 {
        self.rows_left
    }

    /// The call's result, where a fault found here explains more than the status that followed it.
    pub(crate) fn outcome(&mut self, result: Result<(), Fault>) -> Result<(), Fault> {
        match self.fault.take() {
            Some(fault) => Err(fault),
            // Whatever it answers: not all that it said was heard.
            None if self.stopped && result.is_ok() => Err(Fault::new("扫描被中止", "was stopped with the run")),
            None => result,
        }
    }

    /// Whether something was wrong already, so that nothing more is taken.
    #[cfg(unix)]
    pub(crate) fn has_fault(&self) -> bool {
        self.fault.is_some()
    }

    pub(crate) fn refuse(&mut self, fault: Fault) -> Status {
        self.fault.get_or_insert(fault);
        Status::LIMIT
    }

    fn check(&mut self, body: impl FnOnce(&mut Self) -> Result<(), Fault>) -> Status {
        if self.fault.is_some() {
            return Status::LIMIT;
        }
        if self.cancel.is_some_and(Cancel::is_cancelled) {
            self.stopped = true;
            return Status::CANCELLED;
        }
        if let Some(status) = self.refusing.as_mut().and_then(|refusing| refusing.answer()) {
            return status;
        }
        match body(self) {
            Ok(()) => Status::OK,
            Err(fault) => self.refuse(fault),
        }
    }

    /// The most findings of this call, and the most unjudged records.
    fn most(&self) -> usize {
        self.limits.findings_per_row.saturating_mul(self.rows_in).max(64)
    }

    fn count(&mut self, bytes: usize) -> Result<(), Fault> {
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes > self.limits.bytes {
            return Err(too_much_output(self.limits.bytes));
        }
        Ok(())
    }

    /// The row of a record of this batch. Detectors report in row order, so the search starts where the last one ended.
    fn row_of(&mut self, record: &str) -> Result<Option<usize>, Fault> {
        let Some(batch) = self.records else { return Ok(None) };
        let keys = key_column(batch)?;
        if self.cursor < keys.len() && keys.value(self.cursor) == record {
            return Ok(Some(self.cursor));
        }
        for row in self.cursor..keys.len().min(self.cursor + 64) {
            if keys.value(row) == record {
                self.cursor = row;
                return Ok(Some(row));
            }
        }
        let index = self.index.get_or_insert_with(|| (0..keys.len()).map(|row| (keys.value(row), row)).collect());
        match index.get(record) {
            Some(&row) => {
                self.cursor = row;
                Ok(Some(row))
            }
            None => Err(Fault::not_given(record)),
        }
    }

    pub(crate) fn finding(&mut self, raw: &RawFinding<'_>) -> Status {
        self.check(|this| {
            let most = this.most();
            if this.output.findings.len() - this.earlier.0 >= most {
                return Err(Fault::new(
                    format!("对 {} 行报告了超过 {most} 项发现", this.rows_in),
                    format!("reported more than {most} findings for {} rows", this.rows_in),
                ));
            }
            let size = raw.record.len() + raw.field.len() + raw.evidence.len() + ITEM;
            this.count(raw.members.iter().map(|m| m.len() + 24).sum::<usize>() + size)?;
            let record = utf8(raw.record, RECORD)?;
            let rule = utf8(raw.rule, ("规则编号", "a rule id"))?;
            let field = utf8(raw.field, ("字段名", "a field name"))?;
            if !(this.rules)(rule) {
                let rule = clip(rule);
                return Err(Fault::new(
                    format!("报告了没有声明的规则 '{rule}'"),
                    format!("reported rule '{rule}', which it does not declare"),
                ));
            }
            score(raw.score)?;
            let row = this.row_of(record)?;
            let (span, matched) = match (row, this.records) {
                (Some(row), Some(batch)) => checked_span(batch, row, field, raw.span)?,
                _ if raw.span.0 == raw.span.1 => (None, None),
                _ if field.is_empty() => return Err(no_field()),
                _ if raw.span.0 > raw.span.1 => return Err(backwards(raw.span)),
                _ => (Some(Span(raw.span.0, raw.span.1)), None),
            };
            this.count(matched.as_ref().map_or(0, String::len))?;
            let mut members = Vec::with_capacity(raw.members.len());
            for member in &raw.members {
                members.push(utf8(member, ("成员的键", "a member's key"))?.to_owned());
            }
            members.sort_unstable();
            members.dedup();
            this.output.findings.push(CheckedFinding {
                record: record.to_owned(),
                row,
                rule: rule.to_owned(),
                score: raw.score,
                field: (!field.is_empty()).then(|| field.to_owned()),
                span,
                matched,
                evidence: evidence(raw.evidence)?,
                members,
            });
            Ok(())
        })
    }

    pub(crate) fn score(&mut self, record: &[u8], value: f64) -> Status {
        self.check(|this| {
            this.count(record.len() + ITEM)?;
            let record = utf8(record, RECORD)?;
            if !this.scores {
                return Err(Fault::new(
                    "给出了分数，而清单没有声明；请在清单中写 \"scores\": true",
                    "gave a score, which its manifest does not declare; write \"scores\": true there",
                ));
            }
            score(value)?;
            if let Some(row) = this.row_of(record)? {
                this.scored.resize(this.rows_in, false);
                if std::mem::replace(&mut this.scored[row], true) {
                    return Err(Fault::two_scores(record));
                }
            }
            this.output.scores.push((record.to_owned(), value));
            Ok(())
        })
    }

    pub(crate) fn row(&mut self, key: &[u8], order: i64, record: &[u8], payload: &[u8]) -> Status {
        self.check(|this| {
            if this.rows_left == 0 {
                let most = this.limits.rows_per_row;
                return Err(Fault::new(
                    format!("为每行交出的行数超过了清单声明的 {most} 行"),
                    format!("emitted more than the {most} rows per row that its manifest declares"),
                ));
            }
            this.rows_left -= 1;
            this.count(key.len() + record.len() + payload.len() + ITEM)?;
            let (key, record) = (utf8(key, ("行的键", "a row's key"))?, utf8(record, RECORD)?);
            if !key.is_empty() {
                let (key, record) = (key.to_owned(), record.to_owned());
                this.output.rows.push(Row { key, order, record, payload: payload.to_vec() });
            }
            Ok(())
        })
    }

    pub(crate) fn unjudged(&mut self, record: &[u8], reason: &[u8]) -> Status {
        self.check(|this| {
            let most = this.most();
            if this.output.unjudged.len() - this.earlier.1 >= most {
                return Err(Fault::new(
                    format!("对 {} 行报告了超过 {most} 次无法判断", this.rows_in),
                    format!("reported more than {most} unjudged records for {} rows", this.rows_in),
                ));
            }
            this.count(record.len() + reason.len() + ITEM)?;
            let record = utf8(record, RECORD)?;
            let reason = utf8(reason, ("原因", "a reason"))?;
            this.row_of(record)?;
            this.output.unjudged.push((record.to_owned(), reason.to_owned()));
            Ok(())
        })
    }

    pub(crate) fn summary(&mut self, bytes: &[u8]) -> Status {
        self.check(|this| {
            if bytes.len() > MAX_SUMMARY_BYTES {
                return Err(too_large_a_summary(bytes.len()));
            }
            if this.output.summary.replace(bytes.to_vec()).is_some() {
                return Err(Fault::new("给出了第二份汇总", "gave a second summary"));
            }
            Ok(())
        })
    }
}

/// What the key of a record is called.
const RECORD: (&str, &str) = ("记录的键", "a record key");

pub(crate) fn too_large_a_summary(bytes: usize) -> Fault {
    Fault::new(
        format!("给出的汇总有 {bytes} 字节，超过 {MAX_SUMMARY_BYTES} 字节"),
        format!("gave a summary of {bytes} bytes, more than {MAX_SUMMARY_BYTES}"),
    )
}

pub(crate) fn too_much_output(limit: usize) -> Fault {
    Fault::new(
        format!("对一批记录输出了超过 {limit} 字节"),
        format!("gave more than {limit} bytes of output for one batch"),
    )
}

fn no_field() -> Fault {
    Fault::new("给出了区间，却没有给出字段", "gave a span without a field")
}

fn key_column(batch: &RecordBatch) -> Result<&arrow_array::StringArray, Fault> {
    batch
        .column_by_name("_record")
        .and_then(|column| column.as_string_opt::<i32>())
        .ok_or_else(|| Fault::new("收到的一批记录没有键", "was given a batch without keys"))
}

fn checked_span(
    batch: &RecordBatch,
    row: usize,
    field: &str,
    (start, end): (u32, u32),
) -> Result<(Option<Span>, Option<String>), Fault> {
    if field.is_empty() {
        return if start == end { Ok((None, None)) } else { Err(no_field()) };
    }
    let column = batch.column_by_name(field).filter(|_| !field.starts_with('_')).ok_or_else(|| {
        let field = clip(field);
        Fault::new(format!("提到了它不读取的字段 '{field}'"), format!("named field '{field}', which it does not read"))
    })?;
    if start == end {
        return Ok((None, None));
    }
    if start > end {
        return Err(backwards((start, end)));
    }
    if *column.data_type() != DataType::Utf8 || column.is_null(row) {
        return Err(Fault::new(
            format!("给出了字段 '{field}' 中的区间，而这条记录的该字段没有文本"),
            format!("gave a span in field '{field}', which has no text in this record"),
        ));
    }
    let text = column.as_string::<i32>().value(row);
    let matched = matched_text(text, Span(start, end)).ok_or_else(|| {
        Fault::new(
            format!("给出的区间 {start}..{end} 切断了字段 '{field}' 的字符，或超出了该字段"),
            format!("gave a span {start}..{end} that cuts a character of, or leaves, field '{field}'"),
        )
    })?;
    Ok((Some(Span(start, end)), Some(matched.to_owned())))
}

/// The text at a span, if it lies in `text` on character boundaries.
pub(crate) fn matched_text(text: &str, span: Span) -> Option<&str> {
    text.get(span.0 as usize..span.1 as usize)
}

fn backwards((start, end): (u32, u32)) -> Fault {
    Fault::new(
        format!("给出的区间 {start}..{end} 的终点在起点之前"),
        format!("gave a span {start}..{end} that ends before it starts"),
    )
}

/// What is read as text, under its name in Chinese and in English.
fn utf8<'t>(bytes: &'t [u8], (zh, en): (&str, &str)) -> Result<&'t str, Fault> {
    std::str::from_utf8(bytes)
        .map_err(|_| Fault::new(format!("给出的{zh}不是 UTF-8"), format!("gave {en} that is not UTF-8")))
}

fn score(value: f64) -> Result<(), Fault> {
    if value.is_finite() && (0.0..=1.0).contains(&value) {
        Ok(())
    } else {
        Err(Fault::new(
            format!("给出的分数 {value} 不是 0 到 1 之间的数"),
            format!("gave the score {value}, which is not a number from 0 to 1"),
        ))
    }
}

fn evidence(json: &[u8]) -> Result<String, Fault> {
    if json.is_empty() {
        return Ok("{}".to_owned());
    }
    if json.len() > MAX_EVIDENCE_BYTES {
        let bytes = json.len();
        return Err(Fault::new(
            format!("给出的一项证据有 {bytes} 字节，超过 {MAX_EVIDENCE_BYTES} 字节"),
            format!("gave evidence of {bytes} bytes for one finding, more than {MAX_EVIDENCE_BYTES}"),
        ));
    }
    let text = utf8(json, ("证据", "evidence"))?;
    let object: Result<Object, _> = serde_json::from_str(text);
    object.map(|_| text.to_owned()).map_err(|e| {
        Fault::new(format!("给出的证据不是 JSON 对象：{e}"), format!("gave evidence that is not a JSON object: {e}"))
    })
}

fn clip(text: &str) -> String {
    text.chars().take(80).collect()
}

#[cfg(test)]
mod tests;
