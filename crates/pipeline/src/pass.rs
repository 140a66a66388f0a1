//! Judging records as they pass: every stage that reads records and needs no summary.
//!
//! A batch is judged on one thread, from records to encoded entries; only the order of batches is restored afterwards.

use std::collections::btree_map::Entry as Slot;
use std::collections::{BTreeMap, HashSet};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use huoyan_host::{Cancel, CheckedFinding, Fault, Output};
use huoyan_intake::Batch;
use huoyan_intake::pictures::Roots;
use huoyan_model::{Locale, RecordCard, RecordKind, StageKind, StageSpec, columns_of};

use crate::config::Date;
use crate::entry::{Entry, Held, HeldScore, HeldUnjudged, encode};
use crate::prepare::Prepared;
use crate::sort::{SortRow, Sorter};
use crate::wants::Wants;
use crate::{Error, policy::Policy, spool};

/// What all threads of a run share.
pub(crate) struct Engine<'r> {
    pub(crate) detectors: &'r [Prepared],
    pub(crate) policy: &'r Policy,
    pub(crate) wants: Wants,
    pub(crate) roots: &'r Roots,
    pub(crate) locale: Locale,
    pub(crate) cancel: &'r Cancel,
    /// The first fault of each detector; one that has a fault is called no more.
    pub(crate) faults: Vec<OnceLock<Fault>>,
    /// Of the batches that are judged now, the first at which each detector is known to have a fault: those after it are spared it, and
    /// those before it are not, so that the fault that is told is the same at any number of threads. Only after a panic in this process nothing more
    /// may be called, so of several that would panic it may be any.
    failing: Vec<AtomicUsize>,
    /// Rows on their way to a stage, by (detector, stage).
    pub(crate) sorters: BTreeMap<(usize, usize), Sorter>,
}

/// What came out of one batch.
#[derive(Default)]
pub(crate) struct Judged {
    pub(crate) block: Vec<u8>,
    pub(crate) spooled: Option<Vec<u8>>,
    pub(crate) summaries: Vec<(usize, usize, Vec<u8>)>,
    pub(crate) rows: u64,
    pub(crate) pictures: u64,
    pub(crate) findings: u64,
    /// Records judged, by detector, and of those the ones that only its later stages judge.
    pub(crate) judged: Vec<u64>,
    pub(crate) later: Vec<u64>,
    /// What detectors did wrong.
    faults: Vec<(usize, Fault)>,
}

/// What detectors said of the rows of one batch, by row.
#[derive(Default)]
struct Said {
    findings: Vec<(usize, Held)>,
    scores: Vec<(usize, HeldScore)>,
    unjudged: Vec<(usize, HeldUnjudged)>,
}

impl<'r> Engine<'r> {
    /// Makes room for the rows of every stage that does not judge records as they pass.
    pub(crate) fn new(
        detectors: &'r [Prepared],
        policy: &'r Policy,
        wants: Wants,
        roots: &'r Roots,
        locale: Locale,
        cancel: &'r Cancel,
    ) -> Self {
        let mut sorters = BTreeMap::new();
        for (d, detector) in detectors.iter().enumerate() {
            for (s, stage) in detector.spec.stages.iter().enumerate() {
                if stage.kind == StageKind::Group || stage.reads.record.is_none() {
                    sorters.insert((d, s), Sorter::new());
                }
            }
        }
        let faults = detectors.iter().map(|d| d.detector.as_ref().err().cloned());
        let faults = faults.map(|fault| fault.map_or_else(OnceLock::new, OnceLock::from)).collect();
        let failing = detectors.iter().map(|_| AtomicUsize::new(usize::MAX)).collect();
        Self { detectors, policy, wants, roots, locale, cancel, faults, failing, sorters }
    }

    /// Takes a detector out of the run. A stop that the user asked for is no fault.
    pub(crate) fn quarantine(&self, detector: usize, fault: Fault) {
        if !self.cancel.is_cancelled() {
            let _ = self.faults[detector].set(fault);
        }
    }

    pub(crate) fn is_out(&self, detector: usize) -> bool {
        self.faults[detector].get().is_some()
    }

    /// Whether batches of this kind must be kept for later.
    fn spools(&self, kind: RecordKind) -> bool {
        self.detectors
            .iter()
            .filter(|d| !d.is_simple())
            .flat_map(|d| &d.spec.stages)
            .any(|stage| stage.reads.record == Some(kind) || stage.reads.record == Some(RecordKind::Image))
    }

    /// Takes out the detectors that have a fault in these batches: told is the first, in their order.
    pub(crate) fn settle_batches<'j>(&self, judged: impl Iterator<Item = &'j mut Judged>) {
        let mut first: BTreeMap<usize, Fault> = BTreeMap::new();
        for (d, fault) in judged.flat_map(|judged| judged.faults.drain(..)) {
            match first.entry(d) {
                Slot::Vacant(slot) => {
                    slot.insert(fault);
                }
                Slot::Occupied(mut slot) if slot.get().is_aftermath() && !fault.is_aftermath() => {
                    slot.insert(fault);
                }
                Slot::Occupied(_) => {}
            }
        }
        for (d, fault) in first {
            // A fault of before the user stopped the run stays one.
            let _ = self.faults[d].set(fault);
        }
        self.failing.iter().for_each(|batch| batch.store(usize::MAX, Ordering::Relaxed));
    }

    /// Judges one batch, the `nth` of those that are settled together by [`Self::settle_batches`].
    pub(crate) fn judge(&self, nth: usize, batch: &Batch) -> Result<Judged, Error> {
        let none = vec![0; self.detectors.len()];
        let mut out = Judged { judged: none.clone(), later: none, ..Judged::default() };
        if batch.is_empty() {
            return Ok(out);
        }
        out.rows = batch.len() as u64;
        let mut said = Said::default();
        for d in 0..self.detectors.len() {
            self.records(nth, d, batch.kind, &batch.records, &|row| row, None, &mut said, &mut out)?;
        }
        if self.reads_pictures() {
            self.pictures(nth, batch, &mut said, &mut out)?;
        }
        if self.spools(batch.kind) {
            out.spooled = Some(spool::encode(batch)?);
        }
        out.findings = said.findings.iter().filter(|(_, held)| held.score >= 0.5).count() as u64;
        self.entries(batch, said, &mut out.block);
        Ok(out)
    }

    fn reads_pictures(&self) -> bool {
        self.detectors.iter().flat_map(|d| &d.spec.stages).any(|s| s.reads.record == Some(RecordKind::Image))
    }

    fn pictures(&self, nth: usize, batch: &Batch, said: &mut Said, out: &mut Judged) -> Result<(), Error> {
        let unreadable = crate::pictures::each_batch(batch, self.roots, self.locale, |pictures, origins| {
            out.pictures += pictures.num_rows() as u64;
            for d in 0..self.detectors.len() {
                let owner = |row: usize| origins[row].0;
                self.records(nth, d, RecordKind::Image, pictures, &owner, Some(origins), said, out)?;
            }
            Ok(())
        })?;
        out.pictures += unreadable.len() as u64;
        for (row, key, reason) in unreadable {
            for (d, detector) in self.detectors.iter().enumerate() {
                let looks = detector.spec.stages.iter().any(|s| s.reads.record == Some(RecordKind::Image));
                if looks && !self.is_out(d) {
                    let held = HeldUnjudged {
                        detector: d,
                        record_kind: RecordKind::Image,
                        record: key.clone(),
                        reason: reason.clone(),
                    };
                    said.unjudged.push((row, held));
                    // Those that are unjudged are taken off in the end.
                    self.count(d, RecordKind::Image, 1, out);
                }
            }
        }
        Ok(())
    }

    /// Runs the stages of one detector that read this kind.
    #[expect(clippy::too_many_arguments, reason = "one call site each for records and for their pictures")]
    fn records(
        &self,
        nth: usize,
        d: usize,
        kind: RecordKind,
        batch: &RecordBatch,
        owner: &dyn Fn(usize) -> usize,
        origins: Option<&[(usize, String)]>,
        said: &mut Said,
        out: &mut Judged,
    ) -> Result<(), Error> {
        let detector = &self.detectors[d];
        let mut read = false;
        for (s, stage) in detector.spec.stages.iter().enumerate() {
            let spared = self.is_out(d) || self.failing[d].load(Ordering::Relaxed) <= nth;
            if stage.reads.record != Some(kind) || spared {
                continue;
            }
            if stage.kind == StageKind::Group {
                self.sort_records(d, s, stage, batch)?;
                read = true;
                continue;
            }
            if !stage.summaries.is_empty() {
                // Comes back to the spool once the summaries are there.
                continue;
            }
            read = true;
            let projected = project(batch, stage)?;
            for (start, len) in unique_runs(batch) {
                let slice = projected.slice(start, len);
                match self.call(d, stage, &slice) {
                    Err(fault) => {
                        if self.cancel.is_cancelled() {
                            self.left(d, kind, batch, start, owner, said);
                            // Those that are unjudged are taken off in the end.
                            self.count(d, kind, batch.num_rows(), out);
                        } else {
                            self.failing[d].fetch_min(nth, Ordering::Relaxed);
                            out.faults.push((d, fault));
                        }
                        return Ok(());
                    }
                    Ok(mut output) => {
                        self.emit(d, s, std::mem::take(&mut output.rows))?;
                        if let Some(summary) = output.summary.take() {
                            out.summaries.push((d, s, summary));
                        }
                        self.hear(d, kind, batch, &slice, start, owner, origins, output, said);
                    }
                }
            }
        }
        if read {
            self.count(d, kind, batch.num_rows(), out);
        }
        Ok(())
    }

    fn count(&self, d: usize, kind: RecordKind, records: usize, out: &mut Judged) {
        out.judged[d] += records as u64;
        if self.detectors[d].feeds_later(kind) {
            out.later[d] += records as u64;
        }
    }

    /// The user stopped the run inside this batch: whoever reads what was written must not take the rest of it for judged.
    fn left(
        &self,
        d: usize,
        kind: RecordKind,
        batch: &RecordBatch,
        start: usize,
        owner: &dyn Fn(usize) -> usize,
        said: &mut Said,
    ) {
        let reason = match self.locale {
            Locale::Zh => "扫描被中止，尚未判断",
            Locale::En => "the run was stopped before it was judged",
        };
        let keys = batch["_record"].as_string::<i32>();
        for row in start..batch.num_rows() {
            let (record, reason) = (keys.value(row).to_owned(), reason.to_owned());
            said.unjudged.push((owner(row), HeldUnjudged { detector: d, record_kind: kind, record, reason }));
        }
    }

    fn call(&self, d: usize, stage: &StageSpec, batch: &RecordBatch) -> Result<Output, Fault> {
        let mut output = Output::default();
        let mut task = self.detectors[d].detector()?.open(stage, seed(&stage.name, 0), &[])?;
        task.push(batch, &mut output)?;
        task.close(&mut output)?;
        Ok(output)
    }

    #[expect(clippy::too_many_arguments, reason = "splits `records`, which is its only caller")]
    fn hear(
        &self,
        d: usize,
        kind: RecordKind,
        batch: &RecordBatch,
        slice: &RecordBatch,
        start: usize,
        owner: &dyn Fn(usize) -> usize,
        origins: Option<&[(usize, String)]>,
        output: Output,
        said: &mut Said,
    ) {
        for finding in output.findings {
            if !self.keeps(&finding) {
                continue;
            }
            let Some(row) = finding.row.map(|row| row + start) else { continue };
            let mut held = Held::new(d, kind, finding);
            if self.wants.cards {
                held.image = origins.map(|o| o[row].1.clone());
                held.field_text = held.field.as_deref().and_then(|field| text_at(batch, field, row));
            }
            said.findings.push((owner(row), held));
        }
        if output.scores.is_empty() && output.unjudged.is_empty() {
            return;
        }
        let rows = rows_by_key(slice);
        let at = |record: &str| owner(rows.get(record).copied().unwrap_or(0) + start);
        if self.wants.scores {
            for (record, score) in output.scores {
                let row = at(&record);
                said.scores.push((row, HeldScore { detector: d, record_kind: kind, record, score }));
            }
        }
        for (record, reason) in output.unjudged {
            let row = at(&record);
            said.unjudged.push((row, HeldUnjudged { detector: d, record_kind: kind, record, reason }));
        }
    }

    pub(crate) fn keeps(&self, finding: &CheckedFinding) -> bool {
        (finding.score >= 0.5 || self.wants.all_findings) && self.policy.enabled(&finding.rule)
    }

    /// Hands the rows that a stage emitted to every stage that reads them.
    pub(crate) fn emit(&self, d: usize, stage: usize, rows: Vec<huoyan_host::Row>) -> Result<(), Error> {
        if rows.is_empty() {
            return Ok(());
        }
        let detector = &self.detectors[d];
        let input = rank(detector, stage);
        let rows: Vec<SortRow> = rows
            .into_iter()
            .map(|r| SortRow { key: r.key, order: r.order, record: r.record, input, payload: r.payload })
            .collect();
        let mut readers = detector.readers_of(&detector.spec.stages[stage].name).peekable();
        while let Some(reader) = readers.next() {
            if readers.peek().is_none() {
                return self.sorters[&(d, reader)].add(rows).map_err(Error::temporary);
            }
            self.sorters[&(d, reader)].add(rows.clone()).map_err(Error::temporary)?;
        }
        Ok(())
    }

    /// Sends records to a group stage. Records whose key is null form no group.
    fn sort_records(&self, d: usize, s: usize, stage: &StageSpec, batch: &RecordBatch) -> Result<(), Error> {
        let (Some(group_by), keys) = (stage.group_by.as_deref(), batch["_record"].as_string::<i32>()) else {
            return Ok(());
        };
        let Some(groups) = batch.column_by_name(group_by).and_then(|c| c.as_string_opt::<i32>()) else {
            return Ok(());
        };
        let order = stage.order_by.as_deref().and_then(|name| batch.column_by_name(name));
        let order = order.and_then(|c| c.as_primitive_opt::<Int64Type>());
        let mut rows = Vec::with_capacity(batch.num_rows());
        for row in (0..batch.num_rows()).filter(|&row| groups.is_valid(row) && !groups.value(row).is_empty()) {
            rows.push(SortRow {
                key: groups.value(row).to_owned(),
                order: order.filter(|c| c.is_valid(row)).map_or(i64::MIN, |c| c.value(row)),
                record: keys.value(row).to_owned(),
                input: 0,
                payload: crate::graph::encode_columns(stage, batch, row),
            });
        }
        self.sorters[&(d, s)].add(rows).map_err(Error::temporary)
    }

    fn entries(&self, batch: &Batch, said: Said, block: &mut Vec<u8>) {
        let Said { mut findings, mut scores, mut unjudged } = said;
        // Stable: what one detector said of one record stays in its order.
        findings.sort_by_key(|(row, _)| *row);
        scores.sort_by_key(|(row, _)| *row);
        unjudged.sort_by_key(|(row, _)| *row);
        let (mut findings, mut scores, mut unjudged) =
            (findings.into_iter().peekable(), scores.into_iter().peekable(), unjudged.into_iter().peekable());
        let keys = batch.records["_record"].as_string::<i32>();
        for row in 0..batch.len() {
            let findings: Vec<_> =
                std::iter::from_fn(|| findings.next_if(|(r, _)| *r == row)).map(|(_, h)| h).collect();
            let scores: Vec<_> = std::iter::from_fn(|| scores.next_if(|(r, _)| *r == row)).map(|(_, h)| h).collect();
            let unjudged: Vec<_> =
                std::iter::from_fn(|| unjudged.next_if(|(r, _)| *r == row)).map(|(_, h)| h).collect();
            if findings.is_empty() && scores.is_empty() && unjudged.is_empty() && !self.wants.every_record {
                continue;
            }
            let card = if self.wants.cards && !findings.is_empty() {
                card(batch.kind, &batch.records, row)
            } else {
                RecordCard::default()
            };
            let entry = Entry {
                kind: batch.kind,
                key: keys.value(row).to_owned(),
                version: batch.versions[row],
                shop: text_at(&batch.records, "shop_id", row),
                source: batch.source(row),
                card,
                findings,
                scores,
                unjudged,
            };
            encode(&entry, block);
        }
    }
}

/// The position of a stage among its detector's stages by name: how rows of several stages are ordered.
pub(crate) fn rank(detector: &Prepared, stage: usize) -> u16 {
    let name = &detector.spec.stages[stage].name;
    u16::try_from(detector.spec.stages.iter().filter(|s| s.name < *name).count()).unwrap_or(u16::MAX)
}

/// A seed that depends on the stage and the partition only.
pub(crate) fn seed(stage: &str, partition: usize) -> u64 {
    let digest = blake3::hash(format!("{stage}/{partition}").as_bytes());
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&digest.as_bytes()[..8]);
    u64::from_le_bytes(bytes)
}

/// Only what the stage declares, and the key.
pub(crate) fn project(batch: &RecordBatch, stage: &StageSpec) -> Result<RecordBatch, Error> {
    let schema = batch.schema();
    let wanted = stage.reads.columns.iter().chain(&stage.group_by).chain(&stage.order_by);
    let mut indices: Vec<usize> = std::iter::once("_record")
        .chain(wanted.map(String::as_str))
        .filter_map(|name| schema.index_of(name).ok())
        .collect();
    indices.sort_unstable();
    indices.dedup();
    batch.project(&indices).map_err(|e| Error::new(format!("columns cannot be handed to a stage: {e}")))
}

/// Stretches of a batch in which no key occurs twice: a detector names records by key, and versions share one.
pub(crate) fn unique_runs(batch: &RecordBatch) -> Vec<(usize, usize)> {
    let keys = batch["_record"].as_string::<i32>();
    let mut seen: HashSet<&str> = HashSet::with_capacity(keys.len());
    let (mut runs, mut start) = (Vec::new(), 0);
    for row in 0..keys.len() {
        if !seen.insert(keys.value(row)) {
            runs.push((start, row - start));
            start = row;
            seen.clear();
            seen.insert(keys.value(row));
        }
    }
    if keys.len() > start {
        runs.push((start, keys.len() - start));
    }
    runs
}

fn rows_by_key(batch: &RecordBatch) -> std::collections::HashMap<&str, usize> {
    let keys = batch["_record"].as_string::<i32>();
    (0..keys.len()).map(|row| (keys.value(row), row)).collect()
}

/// The text of a field, when the batch has it.
pub(crate) fn text_at(batch: &RecordBatch, field: &str, row: usize) -> Option<String> {
    let column = batch.column_by_name(field).filter(|c| *c.data_type() == DataType::Utf8 && c.is_valid(row))?;
    Some(column.as_string::<i32>().value(row).to_owned())
}

/// What reports show of a listing or review.
pub(crate) fn card(kind: RecordKind, batch: &RecordBatch, row: usize) -> RecordCard {
    let (headline, time) = match kind {
        RecordKind::Review => ("text", "created_at"),
        _ => ("title", "updated_at"),
    };
    debug_assert!(columns_of(kind).iter().any(|c| c.name == headline || kind == RecordKind::Image));
    let float = |name: &str| {
        batch
            .column_by_name(name)
            .and_then(|c| c.as_primitive_opt::<Float64Type>())
            .filter(|c| c.is_valid(row))
            .map(|c| c.value(row))
    };
    let day = batch
        .column_by_name(time)
        .and_then(|c| c.as_primitive_opt::<Int64Type>())
        .filter(|c| c.is_valid(row))
        .map(|c| Date::from_unix_seconds(c.value(row)).to_string());
    RecordCard {
        headline: text_at(batch, headline, row).unwrap_or_default(),
        field_text: None,
        day,
        rating: float("rating"),
        price: float("price"),
        listing_id: text_at(batch, "listing_id", row),
        image: None,
    }
}
