//! The stages that compare records with each other: groups over sorted rows, corpus summaries, and what reads those.
//!
//! Stages run in the order of the manifest, which puts every stage behind those it reads. A stage's partitions run in
//! parallel; what they emit is sorted again, so the order in which they end cannot be seen.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::builder::{BinaryBuilder, BooleanBuilder, Float64Builder, Int64Builder, StringBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema};
use huoyan_host::{CheckedFinding, Fault, Output, ResourceData};
use huoyan_model::{ColumnType, RecordKind, StageKind, StageSpec, find_column};
use rayon::prelude::*;

use crate::Error;
use crate::pass::{Engine, project, rank, seed, unique_runs};
use crate::prepare::Prepared;
use crate::sort::{PARTITIONS, SortRow, Sorter};
use crate::spool::SpoolReader;

const BATCH_ROWS: usize = 4096;
const BATCH_BYTES: usize = 4 << 20;

/// What the later stages of all detectors said.
#[derive(Default)]
pub(crate) struct Late {
    /// Detector, kind of its records, finding.
    pub(crate) findings: Vec<(usize, RecordKind, CheckedFinding)>,
    pub(crate) unjudged: Vec<(usize, RecordKind, String, String)>,
    /// Scores by detector, sorted by record.
    pub(crate) scores: BTreeMap<usize, (RecordKind, Sorter)>,
}

struct StageOut {
    findings: Vec<CheckedFinding>,
    unjudged: Vec<(String, String)>,
    summary: Option<Vec<u8>>,
}

impl Engine<'_> {
    /// Runs every stage that could not judge records as they passed.
    pub(crate) fn graph(
        &self,
        spool: &SpoolReader,
        mut summaries: BTreeMap<(usize, usize), Vec<u8>>,
    ) -> Result<Late, Error> {
        let mut late = Late::default();
        for (d, detector) in self.detectors.iter().enumerate() {
            if detector.is_simple() {
                continue;
            }
            for (s, stage) in detector.spec.stages.iter().enumerate() {
                let passed =
                    stage.reads.record.is_some() && stage.kind != StageKind::Group && stage.summaries.is_empty();
                if passed || self.is_out(d) || self.cancel.is_cancelled() {
                    continue;
                }
                let kind = kind_of(detector, stage);
                let given = self.given(d, stage, &summaries);
                let scores = Sorter::new();
                let outs = match stage.reads.record {
                    Some(kind) if stage.kind != StageKind::Group => {
                        self.over_spool(d, s, stage, kind, &given, spool, &scores)?
                    }
                    _ => self.over_rows(d, s, stage, &given, &scores)?,
                };
                if self.wants.scores {
                    merge_scores(&mut late, d, kind, scores)?;
                }
                for out in outs {
                    late.findings.extend(out.findings.into_iter().map(|f| (d, kind, f)));
                    late.unjudged.extend(out.unjudged.into_iter().map(|(r, why)| (d, kind, r, why)));
                    if let Some(summary) = out.summary {
                        self.add_summary(&mut summaries, d, s, summary);
                    }
                }
            }
        }
        // Findings and unjudged records of a detector that was taken out later are dropped with it.
        late.findings.retain(|(d, _, _)| !self.is_out(*d));
        late.unjudged.retain(|(d, _, _, _)| !self.is_out(*d));
        late.scores.retain(|d, _| !self.is_out(*d));
        Ok(late)
    }

    /// Merges one more summary of a corpus stage into what is there.
    pub(crate) fn add_summary(
        &self,
        summaries: &mut BTreeMap<(usize, usize), Vec<u8>>,
        d: usize,
        s: usize,
        summary: Vec<u8>,
    ) {
        if self.is_out(d) {
            return;
        }
        let merged = match summaries.get(&(d, s)) {
            None => summary,
            Some(so_far) => {
                let Prepared { spec, detector, .. } = &self.detectors[d];
                let Ok(detector) = detector else { return };
                match detector.merge(&spec.stages[s].name, so_far, &summary) {
                    Ok(merged) => merged,
                    Err(fault) => return self.quarantine(d, fault),
                }
            }
        };
        summaries.insert((d, s), merged);
    }

    fn given(&self, d: usize, stage: &StageSpec, summaries: &BTreeMap<(usize, usize), Vec<u8>>) -> Vec<ResourceData> {
        let stages = &self.detectors[d].spec.stages;
        stages
            .iter()
            .enumerate()
            .filter(|(_, s)| stage.summaries.contains(&s.name))
            .filter_map(|(i, s)| summaries.get(&(d, i)).map(|bytes| ResourceData::copy(&s.name, bytes)))
            .collect()
    }

    fn over_rows(
        &self,
        d: usize,
        s: usize,
        stage: &StageSpec,
        given: &[ResourceData],
        scores: &Sorter,
    ) -> Result<Vec<StageOut>, Error> {
        let results: Vec<Result<StageOut, Stop>> = (0..PARTITIONS)
            .into_par_iter()
            .map(|partition| self.partition(d, s, stage, given, partition, scores))
            .collect();
        self.settle(d, results)
    }

    fn partition(
        &self,
        d: usize,
        s: usize,
        stage: &StageSpec,
        given: &[ResourceData],
        partition: usize,
        scores: &Sorter,
    ) -> Result<StageOut, Stop> {
        let mut rows = self.sorters[&(d, s)].take(partition).map_err(Error::temporary)?;
        let detector = &self.detectors[d];
        let mut task = detector.detector()?.open(stage, seed(&stage.name, partition), given)?;
        let mut all = StageOut { findings: Vec::new(), unjudged: Vec::new(), summary: None };
        let mut batch: Vec<SortRow> = Vec::new();
        let mut bytes = 0;
        loop {
            let next = rows.next().map_err(Error::temporary)?;
            let full = batch.len() >= BATCH_ROWS || bytes >= BATCH_BYTES;
            if !batch.is_empty() && (full || next.is_none()) {
                let mut output = Output::default();
                task.push(&self.rows_batch(detector, stage, &batch)?, &mut output)?;
                self.drain(d, s, output, scores, &mut all)?;
                batch.clear();
                bytes = 0;
            }
            let Some(row) = next else { break };
            bytes += row.key.len() + row.record.len() + row.payload.len() + 16;
            batch.push(row);
            if self.cancel.is_cancelled() {
                break;
            }
        }
        let mut output = Output::default();
        task.close(&mut output)?;
        self.drain(d, s, output, scores, &mut all)?;
        Ok(all)
    }

    #[expect(clippy::too_many_arguments, reason = "the two ways of running a stage take the same things")]
    fn over_spool(
        &self,
        d: usize,
        s: usize,
        stage: &StageSpec,
        kind: RecordKind,
        given: &[ResourceData],
        spool: &SpoolReader,
        scores: &Sorter,
    ) -> Result<Vec<StageOut>, Error> {
        let results: Vec<Result<StageOut, Stop>> = (0..spool.len())
            .into_par_iter()
            .filter(|&block| spool.kind(block) == kind)
            .map(|block| {
                let spooled = spool.read(block)?;
                let detector = self.detectors[d].detector()?;
                let mut all = StageOut { findings: Vec::new(), unjudged: Vec::new(), summary: None };
                let projected = project(&spooled.records, stage)?;
                for (start, len) in unique_runs(&spooled.records) {
                    let mut task = detector.open(stage, seed(&stage.name, 0), given)?;
                    let mut output = Output::default();
                    task.push(&projected.slice(start, len), &mut output)?;
                    task.close(&mut output)?;
                    self.drain(d, s, output, scores, &mut all)?;
                }
                Ok(all)
            })
            .collect();
        self.settle(d, results)
    }

    fn drain(&self, d: usize, s: usize, output: Output, scores: &Sorter, all: &mut StageOut) -> Result<(), Stop> {
        self.emit(d, s, output.rows)?;
        all.findings.extend(output.findings.into_iter().filter(|f| self.keeps(f)));
        all.unjudged.extend(output.unjudged);
        if output.summary.is_some() {
            all.summary = output.summary;
        }
        if self.wants.scores && !output.scores.is_empty() {
            let rows = output.scores.into_iter().map(|(key, score)| SortRow {
                key,
                order: 0,
                record: String::new(),
                input: 0,
                payload: score.to_le_bytes().to_vec(),
            });
            scores.add(rows.collect()).map_err(Error::temporary)?;
        }
        Ok(())
    }

    /// The first fault, in order of partitions, takes the detector out; one that only follows from another tells less.
    fn settle(&self, d: usize, results: Vec<Result<StageOut, Stop>>) -> Result<Vec<StageOut>, Error> {
        let mut outs = Vec::with_capacity(results.len());
        let mut faults = Vec::new();
        for result in results {
            match result {
                Ok(out) => outs.push(out),
                Err(Stop::Run(error)) => return Err(error),
                Err(Stop::Detector(fault)) => faults.push(fault),
            }
        }
        if let Some(first) = faults.iter().find(|fault| !fault.is_aftermath()).or(faults.first()) {
            self.quarantine(d, first.clone());
            outs.clear();
        }
        Ok(outs)
    }

    fn rows_batch(&self, detector: &Prepared, stage: &StageSpec, rows: &[SortRow]) -> Result<RecordBatch, Error> {
        let mut keys = StringBuilder::new();
        let mut records = StringBuilder::new();
        for row in rows {
            keys.append_value(&row.key);
            records.append_value(&row.record);
        }
        let mut columns: Vec<(String, ArrayRef)> =
            vec![("_key".into(), Arc::new(keys.finish())), ("_record".into(), Arc::new(records.finish()))];
        if stage.reads.record.is_some() {
            columns.extend(decode_columns(stage, rows));
        } else {
            let mut names: Vec<(u16, &str)> = (0..detector.spec.stages.len())
                .map(|i| (rank(detector, i), detector.spec.stages[i].name.as_str()))
                .collect();
            names.sort_unstable();
            let (mut inputs, mut payloads) = (StringBuilder::new(), BinaryBuilder::new());
            for row in rows {
                inputs.append_value(names[usize::from(row.input)].1);
                payloads.append_value(&row.payload);
            }
            let orders: Int64Builder = rows.iter().fold(Int64Builder::new(), |mut b, row| {
                b.append_value(row.order);
                b
            });
            let mut orders = orders;
            columns.push(("_input".into(), Arc::new(inputs.finish())));
            columns.push(("_payload".into(), Arc::new(payloads.finish())));
            columns.push(("_order".into(), Arc::new(orders.finish())));
        }
        let fields: Vec<Field> =
            columns.iter().map(|(name, column)| Field::new(name, column.data_type().clone(), true)).collect();
        RecordBatch::try_new(Arc::new(Schema::new(fields)), columns.into_iter().map(|(_, c)| c).collect()).map_err(
            |e| {
                Error::new((
                    format!("无法把行交给阶段 '{}'：{e}", stage.name),
                    format!("rows cannot be handed to stage '{}': {e}", stage.name),
                ))
            },
        )
    }
}

/// Why a partition stopped: the detector's fault, or the run's.
enum Stop {
    Detector(Fault),
    Run(Error),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Detector(fault)
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Run(error)
    }
}

/// Several stages of a detector may score; their scores are told apart by record only.
fn merge_scores(late: &mut Late, d: usize, kind: RecordKind, scores: Sorter) -> Result<(), Error> {
    let Some((_, all)) = late.scores.get(&d) else {
        late.scores.insert(d, (kind, scores));
        return Ok(());
    };
    for partition in 0..PARTITIONS {
        let mut rows = scores.take(partition).map_err(Error::temporary)?;
        while let Some(row) = rows.next().map_err(Error::temporary)? {
            all.add(vec![row]).map_err(Error::temporary)?;
        }
    }
    Ok(())
}

/// The kind of the records a stage speaks of: what the first of the stages it reads from speaks of.
fn kind_of(detector: &Prepared, stage: &StageSpec) -> RecordKind {
    let mut stage = stage;
    loop {
        if let Some(kind) = stage.reads.record {
            return kind;
        }
        let first = stage.reads.stages.first();
        let Some(earlier) = first.and_then(|first| detector.spec.stages.iter().find(|s| s.name == *first)) else {
            return RecordKind::Listing;
        };
        stage = earlier;
    }
}

fn value_columns(stage: &StageSpec) -> Vec<(&str, ColumnType)> {
    let kind = stage.reads.record.unwrap_or(RecordKind::Listing);
    let mut names: Vec<&str> = stage.reads.columns.iter().map(String::as_str).collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter().filter_map(|name| find_column(kind, name).map(|c| (name, c.ty))).collect()
}

/// One row's values of a group stage's columns, as its payload.
pub(crate) fn encode_columns(stage: &StageSpec, batch: &RecordBatch, row: usize) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, ty) in value_columns(stage) {
        let Some(column) = batch.column_by_name(name).filter(|c| c.is_valid(row)) else {
            out.push(0);
            continue;
        };
        out.push(1);
        match ty {
            ColumnType::Float => out.extend(column.as_primitive::<Float64Type>().value(row).to_le_bytes()),
            ColumnType::Time | ColumnType::Integer => {
                out.extend(column.as_primitive::<Int64Type>().value(row).to_le_bytes());
            }
            ColumnType::Boolean => out.push(u8::from(column.as_boolean().value(row))),
            ColumnType::Text | ColumnType::Json | ColumnType::Binary => {
                let bytes = if *column.data_type() == DataType::Binary {
                    column.as_binary::<i32>().value(row)
                } else {
                    column.as_string::<i32>().value(row).as_bytes()
                };
                out.extend((bytes.len() as u64).to_le_bytes());
                out.extend(bytes);
            }
        }
    }
    out
}

enum Builder {
    Text(StringBuilder),
    Binary(BinaryBuilder),
    Float(Float64Builder),
    Integer(Int64Builder),
    Boolean(BooleanBuilder),
}

/// The inverse of [`encode_columns`] for many rows.
fn decode_columns(stage: &StageSpec, rows: &[SortRow]) -> Vec<(String, ArrayRef)> {
    let columns = value_columns(stage);
    let mut builders: Vec<Builder> = columns
        .iter()
        .map(|(_, ty)| match ty {
            ColumnType::Text | ColumnType::Json => Builder::Text(StringBuilder::new()),
            ColumnType::Binary => Builder::Binary(BinaryBuilder::new()),
            ColumnType::Float => Builder::Float(Float64Builder::new()),
            ColumnType::Time | ColumnType::Integer => Builder::Integer(Int64Builder::new()),
            ColumnType::Boolean => Builder::Boolean(BooleanBuilder::new()),
        })
        .collect();
    for row in rows {
        let mut rest = &row.payload[..];
        let mut take = |n: usize| {
            let (head, tail) = rest.split_at(n);
            rest = tail;
            head
        };
        let word = |bytes: &[u8]| {
            let mut out = [0; 8];
            out.copy_from_slice(bytes);
            out
        };
        for builder in &mut builders {
            let valid = take(1)[0] == 1;
            match builder {
                Builder::Float(b) => b.append_option(valid.then(|| f64::from_le_bytes(word(take(8))))),
                Builder::Integer(b) => b.append_option(valid.then(|| i64::from_le_bytes(word(take(8))))),
                Builder::Boolean(b) => b.append_option(valid.then(|| take(1)[0] == 1)),
                Builder::Text(b) if valid => {
                    let len = u64::from_le_bytes(word(take(8))) as usize;
                    b.append_value(std::str::from_utf8(take(len)).expect("invariant: encoded from a text column"));
                }
                Builder::Text(b) => b.append_null(),
                Builder::Binary(b) if valid => {
                    let len = u64::from_le_bytes(word(take(8))) as usize;
                    b.append_value(take(len));
                }
                Builder::Binary(b) => b.append_null(),
            }
        }
    }
    columns
        .into_iter()
        .zip(builders)
        .map(|((name, _), builder)| {
            let array: ArrayRef = match builder {
                Builder::Text(mut b) => Arc::new(b.finish()),
                Builder::Binary(mut b) => Arc::new(b.finish()),
                Builder::Float(mut b) => Arc::new(b.finish()),
                Builder::Integer(mut b) => Arc::new(b.finish()),
                Builder::Boolean(mut b) => Arc::new(b.finish()),
            };
            (name.to_owned(), array)
        })
        .collect()
}
