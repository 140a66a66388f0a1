//! Runs a detector's whole stage graph in memory, without a host, for plugin authors' tests and measurements.
//!
//! It keeps the host's promises — group rows sorted by (key, order, record, stage, payload), a key's rows in one task, rows
//! without a key in no group, summaries merged before they are read — and lets a test vary everything a detector must not depend
//! on: how rows are batched, how many partitions there are and in which order summaries merge.
//!
//! [`Case`] is the way in: rows as people read them, every shape at once, the host's checks, assertions. [`run`] runs one shape.
//!
//! Needs the feature `testkit`.

mod case;
mod check;
mod columns;
mod manifest;
mod reading;
mod records;

pub use case::{Case, Seen, all_shapes, assert_found, assert_silent};
pub use check::declared_rules;
pub use columns::{ColumnType, columns_of};
pub(crate) use reading::may_read;
pub use records::Records;
pub use serde_json::json;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;

use self::reading::Reading;

use crate::{
    Batch, CreateContext, Detector, EmittedFinding, Error, LogLine, MemoryBatch, MemoryColumn, Resource, SinkBuffer,
    StandIn, TaskContext,
};

/// How the work is divided. What comes out must not depend on it.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Most rows of a batch.
    pub batch_rows: usize,
    /// Most tasks of a stage.
    pub partitions: usize,
    /// Whether summaries merge from the last to the first.
    pub merge_backwards: bool,
}

impl Default for Shape {
    fn default() -> Self {
        Self { batch_rows: 4_096, partitions: 1, merge_backwards: false }
    }
}

/// A row that a stage handed on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Row {
    /// What later stages group it by.
    pub key: String,
    /// Its place in the group.
    pub order: i64,
    /// The record it is about.
    pub record: String,
    /// The stage that emitted it.
    pub input: String,
    /// What the stage says.
    pub payload: Vec<u8>,
}

/// What a run gave.
#[derive(Clone, Debug, Default)]
pub struct Output {
    /// Findings, by (record, rule, field, span).
    pub findings: Vec<EmittedFinding>,
    /// Scores, by record.
    pub scores: BTreeMap<String, f64>,
    /// Unjudged records with reasons, by record.
    pub unjudged: Vec<(String, String)>,
    /// The rows each stage handed on, in the order it did.
    pub rows: BTreeMap<String, Vec<Row>>,
    /// The merged summary of each corpus stage.
    pub summaries: BTreeMap<String, Vec<u8>>,
    /// What was logged, in the order it was.
    pub log: Vec<LogLine>,
    /// How long each stage took, without sorting.
    pub elapsed: Vec<(String, Duration)>,
}

/// Runs the detector of `manifest` over `records`: a kind of record and its rows with their columns, `_record` among them.
///
/// # Errors
/// When the manifest cannot be read or declares several detectors, of which only [`Case::detector`] can choose; when the detector
/// fails, or breaks a promise: two scores for a record, more rows than declared, no summary from a corpus stage.
pub fn run<D: Detector>(
    manifest: &str,
    config: &str,
    resources: &[(&str, Resource)],
    records: &[(&str, &MemoryBatch)],
    shape: Shape,
) -> Result<Output, Error> {
    run_of::<D>(chosen(&read(manifest)?, None)?, config, resources, records, shape, &StandIn::new())
}

fn read(manifest: &str) -> Result<Value, Error> {
    let read = serde_json::from_str(manifest).map_err(|e| e.to_string());
    let checked = read.and_then(|manifest: Value| manifest::check(&manifest).map(|()| manifest));
    checked.map_err(|what| Error::config(format!("the manifest is not valid: {what}")))
}

/// The part of the manifest that is about the detector of that name, or about the only one.
fn chosen<'m>(manifest: &'m Value, name: Option<&str>) -> Result<&'m Value, Error> {
    let specs = manifest["detectors"].as_array().map_or(&[][..], Vec::as_slice);
    let names: Vec<&str> = specs.iter().filter_map(|spec| spec["name"].as_str()).collect();
    let declared = names.join(", ");
    match (name, specs) {
        _ if names.is_empty() => Err(Error::config("the manifest declares no detector")),
        (None, [spec]) => Ok(spec),
        (None, _) => Err(Error::config(format!(
            "the manifest declares several detectors, {declared}: choose with Case::detector"
        ))),
        (Some(name), _) => specs.iter().find(|spec| spec["name"] == *name).ok_or_else(|| {
            Error::config(format!("the manifest declares no detector '{name}'; the detectors are {declared}"))
        }),
    }
}

fn run_of<D: Detector>(
    spec: &Value,
    config: &str,
    resources: &[(&str, Resource)],
    records: &[(&str, &MemoryBatch)],
    shape: Shape,
    stand_in: &StandIn,
) -> Result<Output, Error> {
    let name = spec["name"].as_str().unwrap_or_default();
    let mut resources = resources.to_vec();
    resources.sort_by_key(|(name, _)| *name);
    let detector = Arc::new(D::create(&CreateContext::new(name, config, resources).hosted_by(stand_in))?);
    let mut out = Output::default();
    for stage in spec["stages"].as_array().map_or(&[][..], Vec::as_slice) {
        run_stage(&detector, stage, records, shape, stand_in, &mut out)?;
    }
    out.findings.sort_by(|a, b| {
        (&a.record, &a.rule, &a.field, a.span.start, a.span.end).cmp(&(
            &b.record,
            &b.rule,
            &b.field,
            b.span.start,
            b.span.end,
        ))
    });
    out.unjudged.sort();
    out.log = stand_in.log();
    Ok(out)
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().map_or(&[][..], Vec::as_slice).iter().filter_map(Value::as_str).collect()
}

fn run_stage<D: Detector>(
    detector: &Arc<D>,
    stage: &Value,
    records: &[(&str, &MemoryBatch)],
    shape: Shape,
    stand_in: &StandIn,
    out: &mut Output,
) -> Result<(), Error> {
    let name = stage["name"].as_str().unwrap_or_default();
    let kind = stage["kind"].as_str().unwrap_or_default();
    let reads = &stage["reads"];
    let made;
    let (batch, keys) = if let Some(record) = reads["record"].as_str() {
        let Some((_, all)) = records.iter().find(|(kind, _)| *kind == record) else { return Ok(()) };
        if kind == "group" {
            made = grouped_records(all, stage)?;
            (&made.0, made.1.as_slice())
        } else {
            (*all, &[][..])
        }
    } else {
        let mut rows: Vec<&Row> =
            texts(&reads["stages"]).into_iter().filter_map(|input| out.rows.get(input)).flatten().collect();
        if kind == "group" {
            rows.sort_by(|a, b| {
                (&a.key, a.order, &a.record, &a.input, &a.payload)
                    .cmp(&(&b.key, b.order, &b.record, &b.input, &b.payload))
            });
        }
        made = emitted_rows(&rows)?;
        (&made.0, made.1.as_slice())
    };
    let summaries = texts(&stage["summaries"]);
    let given: Vec<(&str, &[u8])> =
        summaries.iter().filter_map(|s| Some((*s, out.summaries.get(*s)?.as_slice()))).collect();
    let started = Instant::now();
    let reading = Reading::of(stage);
    let mut buffer = SinkBuffer::hosted_by(stand_in);
    'partitions: for range in partitions(batch.len(), if kind == "group" { Some(keys) } else { None }, shape.partitions)
    {
        let mut task = detector.open(name, &TaskContext::new(0, given.clone()).hosted_by(stand_in, name))?;
        let mut at = range.start;
        while at < range.end {
            // The host calls a task no more once it has stopped.
            if at > range.start && stand_in.is_stopped() {
                break 'partitions;
            }
            let rows = shape.batch_rows.clamp(1, range.end - at);
            batch.slice(at, rows, |b| buffer.with(|sink| task.push(b, sink)))??;
            at += rows;
        }
        if stand_in.is_stopped() {
            break;
        }
        buffer.with(|sink| task.close(sink))?;
    }
    reading.end()?;
    let emitted = buffer.take();
    if let Some(limit) = stage["emits"]["max_rows_per_row"].as_u64() {
        if emitted.rows.len() as u64 > limit.saturating_mul(batch.len() as u64) {
            let (rows, from) = (emitted.rows.len(), batch.len());
            return Err(Error::limit(format!(
                "stage '{name}' emitted {rows} rows from {from}, more than {limit} per row"
            )));
        }
    } else if !emitted.rows.is_empty() {
        return Err(Error::limit(format!("stage '{name}' emitted rows but declares none")));
    }
    out.elapsed.push((name.to_owned(), started.elapsed()));
    let rows = emitted.rows.into_iter().map(|(key, order, record, payload)| Row {
        key,
        order,
        record,
        input: name.to_owned(),
        payload,
    });
    out.rows.entry(name.to_owned()).or_default().extend(rows);
    out.findings.extend(emitted.findings);
    out.unjudged.extend(emitted.unjudged);
    for (record, score) in emitted.scores {
        if !score.is_finite() || !(0.0..=1.0).contains(&score) {
            return Err(Error::internal(format!("record '{record}' has the score {score}")));
        }
        if out.scores.insert(record.clone(), score).is_some() {
            return Err(Error::internal(format!("record '{record}' has two scores")));
        }
    }
    if kind == "corpus" && !stand_in.is_stopped() {
        let mut all = emitted.summaries;
        if shape.merge_backwards {
            all.reverse();
        }
        let merged = all.into_iter().map(Ok).reduce(|a, b| detector.merge(name, &a?, &b?));
        let merged = merged.ok_or_else(|| Error::internal(format!("corpus stage '{name}' gave no summary")))??;
        out.summaries.insert(name.to_owned(), merged);
    }
    Ok(())
}

/// Cuts rows into ranges; with keys, only where the key changes.
fn partitions(len: usize, keys: Option<&[String]>, count: usize) -> Vec<std::ops::Range<usize>> {
    let mut out = Vec::new();
    let mut start = 0;
    for part in 1..=count.max(1) {
        let mut end = len * part / count.max(1);
        if let Some(keys) = keys {
            while end > 0 && end < len && keys[end] == keys[end - 1] {
                end += 1;
            }
        }
        if end > start || (part == count.max(1) && out.is_empty()) {
            out.push(start..end.max(start));
            start = end.max(start);
        }
    }
    out
}

fn emitted_rows(rows: &[&Row]) -> Result<(MemoryBatch, Vec<String>), Error> {
    let batch = MemoryBatch::new(vec![
        MemoryColumn::text("_key", rows.iter().map(|r| Some(r.key.as_str()))),
        MemoryColumn::text("_record", rows.iter().map(|r| Some(r.record.as_str()))),
        MemoryColumn::text("_input", rows.iter().map(|r| Some(r.input.as_str()))),
        MemoryColumn::binary("_payload", rows.iter().map(|r| Some(r.payload.as_slice()))),
        MemoryColumn::integer("_order", rows.iter().map(|r| Some(r.order))),
    ])?;
    Ok((batch, rows.iter().map(|r| r.key.clone()).collect()))
}

/// Records of a group stage: those that have a key, sorted, with the declared columns and `_key`.
fn grouped_records(all: &MemoryBatch, stage: &Value) -> Result<(MemoryBatch, Vec<String>), Error> {
    let group_by = stage["group_by"].as_str().unwrap_or_default();
    let order_by = stage["order_by"].as_str();
    all.with(|batch| {
        let (group, records) = (batch.text(group_by)?, batch.keys()?);
        let order = order_by.map(|column| batch.integer(column)).transpose()?;
        let mut rows: Vec<usize> =
            (0..batch.len()).filter(|row| group.get(*row).is_some_and(|k| !k.is_empty())).collect();
        rows.sort_by_key(|row| {
            (group.get(*row), order.map_or(0, |o| o.get(*row).unwrap_or(0)), records.get(*row), *row)
        });
        let mut columns = vec![
            MemoryColumn::text("_key", rows.iter().map(|row| group.get(*row))),
            MemoryColumn::text("_record", rows.iter().map(|row| records.get(*row))),
        ];
        let mut names = texts(&stage["reads"]["columns"]);
        names.extend(order_by.into_iter().chain([group_by]));
        names.sort_unstable();
        names.dedup();
        for name in names {
            columns.push(column(batch, name, &rows)?);
        }
        let keys = rows.iter().filter_map(|row| group.get(*row)).map(str::to_owned).collect();
        Ok((MemoryBatch::new(columns)?, keys))
    })?
}

/// The values of a column at `rows`, whatever its type.
fn column(batch: &Batch<'_>, name: &str, rows: &[usize]) -> Result<MemoryColumn, Error> {
    if let Ok(values) = batch.text(name) {
        return Ok(MemoryColumn::text(name, rows.iter().map(|row| values.get(*row))));
    }
    if let Ok(values) = batch.float(name) {
        return Ok(MemoryColumn::float(name, rows.iter().map(|row| values.get(*row))));
    }
    if let Ok(values) = batch.integer(name) {
        return Ok(MemoryColumn::integer(name, rows.iter().map(|row| values.get(*row))));
    }
    if let Ok(values) = batch.boolean(name) {
        return Ok(MemoryColumn::boolean(name, rows.iter().map(|row| values.get(*row))));
    }
    let values = batch.binary(name)?;
    Ok(MemoryColumn::binary(name, rows.iter().map(|row| values.get(*row))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Grouped, Sink, Task};

    /// Counts all records (corpus), then gives each record its group's share of them.
    struct Shares;

    const MANIFEST: &str = r#"{"name":"shares","version":"1.0.0","abi":{"major":1,"minor":0},"detectors":[{"name":"shares",
        "summary":{"zh":"","en":""},"scores":true,"stages":[
        {"name":"count","kind":"corpus","reads":{"record":"review","columns":["rating"]}},
        {"name":"split","kind":"record","reads":{"record":"review","columns":["shop_id"]},"emits":{"max_rows_per_row":1}},
        {"name":"share","kind":"group","reads":{"stages":["split"]},"summaries":["count"]}]}]}"#;

    struct Count(u64);
    struct Split;
    #[derive(Default)]
    struct Share(Vec<String>, u64);

    impl Detector for Shares {
        fn create(_: &CreateContext<'_>) -> Result<Self, Error> {
            Ok(Self)
        }

        fn open(self: &Arc<Self>, stage: &str, cx: &TaskContext<'_>) -> Result<Box<dyn Task>, Error> {
            let total = cx.summary("count").map_or(0, |b| b.try_into().map_or(0, u64::from_le_bytes));
            Ok(match stage {
                "count" => Box::new(Count(0)),
                "split" => Box::new(Split),
                _ => Box::new(Grouped::new(Share(Vec::new(), total))),
            })
        }

        fn merge(&self, _: &str, a: &[u8], b: &[u8]) -> Result<Vec<u8>, Error> {
            let number = |b: &[u8]| b.try_into().map_or(0, u64::from_le_bytes);
            Ok((number(a) + number(b)).to_le_bytes().to_vec())
        }
    }

    impl Task for Count {
        fn push(&mut self, batch: &Batch<'_>, _: &mut Sink<'_>) -> Result<(), Error> {
            self.0 += batch.len() as u64;
            Ok(())
        }

        fn close(&mut self, sink: &mut Sink<'_>) -> Result<(), Error> {
            sink.summary(&self.0.to_le_bytes());
            Ok(())
        }
    }

    impl Task for Split {
        fn push(&mut self, batch: &Batch<'_>, sink: &mut Sink<'_>) -> Result<(), Error> {
            let (keys, shops) = (batch.keys()?, batch.text("shop_id")?);
            for row in 0..batch.len() {
                sink.row(shops.get(row).unwrap_or(""), 0, keys.get(row).unwrap_or(""), &[]);
            }
            Ok(())
        }
    }

    impl crate::Fold for Share {
        type Columns<'a> = crate::Rows<'a>;

        fn columns<'a>(&self, batch: &Batch<'a>) -> Result<Self::Columns<'a>, Error> {
            crate::Rows::of(batch)
        }

        fn start(&mut self, _: &str) {
            self.0.clear();
        }

        fn row(&mut self, columns: &Self::Columns<'_>, row: usize, _: &mut Sink<'_>) -> Result<(), Error> {
            self.0.push(columns.record.get(row).unwrap_or("").to_owned());
            Ok(())
        }

        fn finish(&mut self, _: &str, sink: &mut Sink<'_>) -> Result<(), Error> {
            for record in &self.0 {
                sink.score(record, self.0.len() as f64 / self.1 as f64);
            }
            Ok(())
        }
    }

    fn run_in(shape: Shape) -> BTreeMap<String, f64> {
        let records = MemoryBatch::new(vec![
            MemoryColumn::text("_record", ["1", "2", "3", "4", "5"].map(Some)),
            MemoryColumn::text("shop_id", [Some("a"), Some("b"), Some("a"), None, Some("a")]),
        ])
        .unwrap();
        run::<Shares>(MANIFEST, "{}", &[], &[("review", &records)], shape).unwrap().scores
    }

    #[test]
    fn runs_corpus_record_and_group_stages() {
        let scores = run_in(Shape::default());
        assert_eq!(scores.get("1"), Some(&0.6));
        assert_eq!(scores.get("2"), Some(&0.2));
        assert_eq!(scores.get("4"), None, "a record without a shop forms no group");
    }

    #[test]
    fn one_of_several_detectors_is_chosen_by_name() {
        let manifest = serde_json::json!({"detectors": [{"name": "a"}, {"name": "b"}]});
        let said = |name| chosen(&manifest, name).expect_err("refused").to_string();
        assert_eq!(said(None), "the manifest declares several detectors, a, b: choose with Case::detector");
        assert_eq!(said(Some("c")), "the manifest declares no detector 'c'; the detectors are a, b");
        assert_eq!(chosen(&manifest, Some("b")), Ok(&manifest["detectors"][1]));
        assert_eq!(chosen(&Value::Null, None).expect_err("refused").to_string(), "the manifest declares no detector");
    }

    #[test]
    fn the_shape_of_the_work_does_not_show() {
        for partitions in 1..5 {
            for batch_rows in 1..4 {
                let shape = Shape { batch_rows, partitions, merge_backwards: batch_rows == 2 };
                assert_eq!(run_in(shape), run_in(Shape::default()), "{shape:?}");
            }
        }
    }
}
