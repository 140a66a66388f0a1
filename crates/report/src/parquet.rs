//! Findings as a Parquet table: typed, raw, one row a finding, for engines that read columns.
//!
//! The run's header and summary stand as JSON in the file's metadata (`huoyan.header`, `huoyan.summary`). Rows are
//! written in groups bounded by rows and bytes, so memory is bounded whatever the number of findings.

use std::sync::Arc;

use ::parquet::arrow::ArrowWriter;
use ::parquet::basic::{Compression, ZstdLevel};
use ::parquet::file::metadata::KeyValue;
use ::parquet::file::properties::WriterProperties;
use arrow_array::builder::{Float64Builder, StringBuilder, UInt32Builder, UInt64Builder};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema};
use huoyan_model::{ReportItem, RunHeader, RunSummary};
use serde_json::Value;

use crate::sink::Sink;
use crate::{Error, Output};

/// Rows held before they are handed to the encoder.
const BATCH_ROWS: usize = 1_024;
/// Encoded bytes after which a row group is closed.
const GROUP_BYTES: usize = 16 << 20;

pub(crate) struct Parquet {
    writer: Option<ArrowWriter<Sink>>,
    name: String,
    schema: Arc<Schema>,
    rows: Rows,
}

#[derive(Default)]
struct Rows {
    count: usize,
    text: [StringBuilder; TEXT.len()],
    numbers: [Float64Builder; NUMBERS.len()],
    spans: [UInt32Builder; 2],
    whole: [UInt64Builder; WHOLE.len()],
}

const TEXT: [(&str, bool); 20] = [
    ("owner_kind", false),
    ("owner", false),
    ("record_kind", false),
    ("record", false),
    ("record_version", false),
    ("detector", false),
    ("rule", false),
    ("severity", false),
    ("verdict", false),
    ("field", true),
    ("matched", true),
    ("evidence", false),
    ("members", false),
    ("fingerprint", false),
    ("shop_id", true),
    ("suppressed", true),
    ("headline", false),
    ("day", true),
    ("file", false),
    ("sheet", true),
];
const NUMBERS: [&str; 1] = ["score"];
const SPANS: [&str; 2] = ["span_start", "span_end"];
const WHOLE: [&str; 2] = ["copies", "line"];

impl Rows {
    fn push(&mut self, item: &ReportItem) {
        let finding = &item.finding;
        let version = finding.record_version.to_string();
        let fingerprint = finding.fingerprint.to_string();
        let evidence = Value::Object(finding.evidence.clone()).to_string();
        let members = Value::from(finding.members.clone()).to_string();
        let text: [Option<&str>; TEXT.len()] = [
            Some(finding.owner_kind.as_str()),
            Some(&finding.owner),
            Some(finding.record_kind.as_str()),
            Some(&finding.record),
            Some(&version),
            Some(&finding.detector),
            Some(&finding.rule),
            Some(finding.severity.as_str()),
            Some(item.verdict.as_str()),
            finding.field.as_deref(),
            finding.matched.as_deref(),
            Some(&evidence),
            Some(&members),
            Some(&fingerprint),
            finding.shop_id.as_deref(),
            finding.suppressed.as_deref(),
            Some(&item.card.headline),
            item.card.day.as_deref(),
            Some(&finding.source.file),
            finding.source.sheet.as_deref(),
        ];
        for (builder, value) in self.text.iter_mut().zip(text) {
            builder.append_option(value);
        }
        self.numbers[0].append_value(finding.score);
        self.spans[0].append_option(finding.span.map(|span| span.0));
        self.spans[1].append_option(finding.span.map(|span| span.1));
        self.whole[0].append_value(finding.copies);
        self.whole[1].append_value(finding.source.line);
        self.count += 1;
    }

    fn take(&mut self) -> Vec<ArrayRef> {
        self.count = 0;
        let text = self.text.iter_mut().map(|builder| Arc::new(builder.finish()) as ArrayRef);
        let numbers = self.numbers.iter_mut().map(|builder| Arc::new(builder.finish()) as ArrayRef);
        let spans = self.spans.iter_mut().map(|builder| Arc::new(builder.finish()) as ArrayRef);
        let whole = self.whole.iter_mut().map(|builder| Arc::new(builder.finish()) as ArrayRef);
        text.chain(numbers).chain(spans).chain(whole).collect()
    }
}

fn schema() -> Schema {
    let text = TEXT.into_iter().map(|(name, nullable)| Field::new(name, DataType::Utf8, nullable));
    let numbers = NUMBERS.into_iter().map(|name| Field::new(name, DataType::Float64, false));
    let spans = SPANS.into_iter().map(|name| Field::new(name, DataType::UInt32, true));
    let whole = WHOLE.into_iter().map(|name| Field::new(name, DataType::UInt64, false));
    Schema::new(text.chain(numbers).chain(spans).chain(whole).collect::<Vec<_>>())
}

impl Parquet {
    pub(crate) fn new(sink: Sink) -> Result<Self, Error> {
        let name = sink.name().to_owned();
        let schema = Arc::new(schema());
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            // The crate's own version would change the bytes with every update of a dependency.
            .set_created_by("huoyan".to_owned())
            .build();
        let writer = ArrowWriter::try_new(sink, Arc::clone(&schema), Some(properties))
            .map_err(|error| Error::format(&name, error))?;
        Ok(Self { writer: Some(writer), name, schema, rows: Rows::default() })
    }

    fn flush(&mut self) -> Result<(), Error> {
        let (Some(writer), true) = (&mut self.writer, self.rows.count > 0) else { return Ok(()) };
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), self.rows.take())
            .map_err(|error| Error::format(&self.name, error))?;
        writer.write(&batch).map_err(|error| Error::format(&self.name, error))?;
        if writer.in_progress_size() > GROUP_BYTES {
            writer.flush().map_err(|error| Error::format(&self.name, error))?;
        }
        Ok(())
    }

    fn note(&mut self, key: &str, value: &impl serde::Serialize) -> Result<(), Error> {
        let json = serde_json::to_string(value).map_err(|error| Error::format(&self.name, error))?;
        if let Some(writer) = &mut self.writer {
            writer.append_key_value_metadata(KeyValue::new(key.to_owned(), json));
        }
        Ok(())
    }
}

impl Output for Parquet {
    fn begin(&mut self, header: &RunHeader) -> Result<(), Error> {
        self.note("huoyan.header", header)
    }

    fn finding(&mut self, item: &ReportItem) -> Result<(), Error> {
        self.rows.push(item);
        if self.rows.count >= BATCH_ROWS { self.flush() } else { Ok(()) }
    }

    fn finish(&mut self, summary: &RunSummary) -> Result<(), Error> {
        self.flush()?;
        self.note("huoyan.summary", summary)?;
        let Some(writer) = self.writer.take() else { return Ok(()) };
        let mut sink = writer.into_inner().map_err(|error| Error::format(&self.name, error))?;
        sink.commit()
    }
}
