//! Runs all stages of a detector over some rows, divided as a shape says: what a run does, without files and policy.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};

use arrow_array::RecordBatch;
use huoyan_host::{Detector, Fault, Output, ResourceData};
use huoyan_model::{ColumnType, Localized, RecordKind, StageKind, StageSpec, find_column};

use crate::batches::{self, Keyed};
use crate::random::Random;
use crate::rows::Row;
use crate::said::Said;
use crate::shape::{Shape, Tree};

/// Why a play did not end well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stop {
    pub(crate) what: Localized,
}

impl Stop {
    pub(crate) fn creating(what: impl Into<Localized>) -> Self {
        let Localized { zh, en } = what.into();
        Self {
            what: Localized::new(format!("无法创建检测器：{zh}"), format!("the detector cannot be made: {en}"))
        }
    }

    fn at(stage: &StageSpec, what: impl Into<Localized>) -> Self {
        let (name, Localized { zh, en }) = (&stage.name, what.into());
        Self { what: Localized::new(format!("阶段 '{name}'：{zh}"), format!("stage '{name}' {en}")) }
    }
}

/// What a plugin may answer to a sink that refuses, or to rows that are not as it asked for.
fn forgiven(fault: &Fault) -> bool {
    forgiven_text(&fault.to_string())
}

/// Whether what the host says of a failed call tells of no panic.
pub(crate) fn forgiven_text(text: &str) -> bool {
    !["panic at ", "panic: ", "failed: panic", "failed: a panic"].iter().any(|sign| text.contains(sign))
}

/// How often a plugin may still speak after its sink refused, before it counts as not listening.
const MOST_AFTER_REFUSAL: u64 = 16;

struct Play<'p> {
    detector: &'p Detector,
    shape: &'p Shape,
    by_kind: BTreeMap<RecordKind, Vec<&'p Row>>,
}

/// Plays `rows`. What was said comes in the order of stages, partitions and batches.
pub(crate) fn play(detector: &Detector, rows: &[Row], shape: &Shape) -> Result<Said, Stop> {
    let mut by_kind: BTreeMap<RecordKind, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        by_kind.entry(row.kind).or_default().push(row);
    }
    let play = Play { detector, shape, by_kind };
    let mut said = Said::default();
    let mut emitted: HashMap<&str, Vec<Keyed>> = HashMap::new();
    let mut summaries: HashMap<&str, Vec<u8>> = HashMap::new();
    let mut scored: BTreeSet<(RecordKind, String)> = BTreeSet::new();
    for stage in &detector.spec().stages {
        let given: Vec<ResourceData> = stage
            .summaries
            .iter()
            .filter_map(|name| summaries.get(name.as_str()).map(|bytes| ResourceData::copy(name, bytes)))
            .collect();
        let outputs = match stage.reads.record {
            Some(kind) if stage.kind == StageKind::Record => play.records(stage, kind, &given)?,
            Some(kind) if stage.kind == StageKind::Corpus => play.corpus(stage, kind, &given)?,
            Some(kind) => play.over(stage, &given, play.sort_records(stage, kind))?,
            None => {
                let mut keyed: Vec<Keyed> = Vec::new();
                for name in &stage.reads.stages {
                    keyed.extend(emitted.get(name.as_str()).into_iter().flatten().cloned());
                }
                play.over(stage, &given, keyed)?
            }
        };
        let kind = kind_of(detector, stage);
        let mut pieces = Vec::new();
        for output in outputs {
            if stage.kind != StageKind::Record || stage.reads.record.is_none() {
                play.check_late(stage, kind, &output)?;
            }
            for (record, _) in &output.scores {
                if !scored.insert((kind, record.clone())) && !shape.tolerant {
                    return Err(Stop::at(
                        stage,
                        (
                            format!("给记录 '{record}' 打了两次分；一个检测器对一条记录至多打一次分"),
                            format!("scored record '{record}' twice; a detector scores a record at most once"),
                        ),
                    ));
                }
            }
            said.add(&stage.name, &output);
            emitted.entry(&stage.name).or_default().extend(output.rows.into_iter().map(|row| Keyed {
                key: row.key,
                order: row.order,
                record: row.record,
                input: stage.name.clone(),
                payload: row.payload,
                row: 0,
            }));
            if stage.kind == StageKind::Corpus && output.summary.is_none() && !shape.tolerant {
                return Err(Stop::at(
                    stage,
                    (
                        "关闭时没有给出汇总；全体（corpus）阶段要给出一份",
                        "gave no summary when it was closed; a corpus stage gives one",
                    ),
                ));
            }
            pieces.extend(output.summary);
        }
        if let Some(summary) = merge(detector, stage, pieces, shape)? {
            said.add_summary(&stage.name, &summary);
            summaries.insert(&stage.name, summary);
        }
    }
    Ok(said)
}

/// The summaries of the pieces of a corpus stage.
pub(crate) fn summaries(
    detector: &Detector,
    stage: &StageSpec,
    rows: &[Row],
    shape: &Shape,
) -> Result<Vec<Vec<u8>>, Stop> {
    let Some(kind) = stage.reads.record else { return Ok(Vec::new()) };
    let rows = rows.iter().filter(|row| row.kind == kind).collect();
    let play = Play { detector, shape, by_kind: BTreeMap::from([(kind, rows)]) };
    Ok(play.corpus(stage, kind, &[])?.into_iter().filter_map(|output| output.summary).collect())
}

pub(crate) fn merge(
    detector: &Detector,
    stage: &StageSpec,
    mut pieces: Vec<Vec<u8>>,
    shape: &Shape,
) -> Result<Option<Vec<u8>>, Stop> {
    let two = |a: &[u8], b: &[u8]| match detector.merge(&stage.name, a, b) {
        Ok(merged) => Ok(merged),
        // Nothing to go on with but one of the two.
        Err(fault) if shape.tolerant && forgiven(&fault) => Ok(a.to_vec()),
        Err(fault) => Err(Stop::at(stage, fault)),
    };
    let mut random = match shape.tree {
        Tree::Any(seed) => Random::new(seed, "tree"),
        _ => Random::new(0, ""),
    };
    while pieces.len() > 1 {
        match shape.tree {
            Tree::Left => {
                let (a, b) = (pieces.remove(0), pieces.remove(0));
                pieces.insert(0, two(&a, &b)?);
            }
            Tree::Right => {
                let (b, a) = (pieces.pop().unwrap_or_default(), pieces.pop().unwrap_or_default());
                pieces.push(two(&a, &b)?);
            }
            Tree::Balanced => {
                let mut next = Vec::new();
                for pair in pieces.chunks(2) {
                    next.push(match pair {
                        [a, b] => two(a, b)?,
                        rest => rest.concat(),
                    });
                }
                pieces = next;
            }
            Tree::Any(_) => {
                let a = pieces.swap_remove(random.below(pieces.len()));
                let b = pieces.swap_remove(random.below(pieces.len()));
                pieces.push(two(&a, &b)?);
            }
        }
    }
    Ok(pieces.pop())
}

impl Play<'_> {
    fn rows(&self, kind: RecordKind) -> &[&Row] {
        self.by_kind.get(&kind).map_or(&[], Vec::as_slice)
    }

    /// Each batch in a task of its own, as a run does.
    fn records(&self, stage: &StageSpec, kind: RecordKind, given: &[ResourceData]) -> Result<Vec<Output>, Stop> {
        let rows = self.rows(kind);
        let stretches = self.with_empty(self.shape.stretches(rows.len()));
        each(self.shape.threads, stretches.len(), |i| {
            let batch = batches::records(stage, kind, &rows[stretches[i].clone()], self.shape);
            self.task(stage, given, std::iter::once(batch))
        })
    }

    fn corpus(&self, stage: &StageSpec, kind: RecordKind, given: &[ResourceData]) -> Result<Vec<Output>, Stop> {
        let rows = self.rows(kind);
        let stretches = self.with_empty(self.shape.stretches(rows.len()));
        // A task without rows is none that a run would open, but for one when there are no rows at all.
        let pieces = self.shape.pieces.clamp(1, stretches.len().max(1));
        each(self.shape.threads, pieces, |piece| {
            let own = stretches.iter().skip(piece).step_by(pieces);
            self.task(stage, given, own.map(|range| batches::records(stage, kind, &rows[range.clone()], self.shape)))
        })
    }

    fn sort_records(&self, stage: &StageSpec, kind: RecordKind) -> Vec<Keyed> {
        let Some(group_by) = stage.group_by.as_deref().filter(|name| !self.shape.nulls && !self.shape.withholds(name))
        else {
            return Vec::new();
        };
        let order_by = stage.order_by.as_deref().filter(|name| !self.shape.withholds(name));
        let rows = self.rows(kind).iter().enumerate().filter_map(|(i, row)| {
            let key = row.text(group_by).filter(|key| !key.is_empty())?;
            let order = order_by.and_then(|name| row.values.get(name)).and_then(serde_json::Value::as_i64);
            Some(Keyed {
                key: key.to_owned(),
                order: order.unwrap_or(i64::MIN),
                record: row.key.clone(),
                input: String::new(),
                payload: Vec::new(),
                row: i,
            })
        });
        rows.collect()
    }

    /// Sorted rows, in partitions by key.
    fn over(&self, stage: &StageSpec, given: &[ResourceData], mut keyed: Vec<Keyed>) -> Result<Vec<Output>, Stop> {
        keyed.sort_unstable();
        let partitions = self.shape.partitions.max(1);
        let mut parts: Vec<Vec<Keyed>> = vec![Vec::new(); partitions];
        for row in keyed {
            let at = Random::new(0, &row.key).below(partitions);
            parts[at].push(row);
        }
        each(self.shape.threads, partitions, |i| {
            let rows = &parts[i];
            let stretches = self.with_empty(self.shape.stretches(rows.len()));
            self.task(
                stage,
                given,
                stretches.into_iter().map(|range| match stage.reads.record {
                    Some(kind) => batches::grouped(stage, kind, &rows[range], self.rows(kind), self.shape),
                    None => batches::emitted(&rows[range], self.shape),
                }),
            )
        })
    }

    fn with_empty(&self, stretches: Vec<std::ops::Range<usize>>) -> Vec<std::ops::Range<usize>> {
        if !self.shape.empty_batches {
            return stretches;
        }
        let mut out = Vec::with_capacity(stretches.len() * 2 + 1);
        out.push(0..0);
        for range in stretches {
            let end = range.end;
            out.extend([range, end..end]);
        }
        out
    }

    /// One task over some batches.
    fn task(
        &self,
        stage: &StageSpec,
        given: &[ResourceData],
        batches: impl Iterator<Item = RecordBatch>,
    ) -> Result<Output, Stop> {
        let fail = |fault: Fault| {
            if self.shape.tolerant && forgiven(&fault) { Ok(Output::default()) } else { Err(Stop::at(stage, fault)) }
        };
        let mut task = match self.detector.open(stage, self.shape.seed, given) {
            Ok(task) => task,
            Err(fault) => return fail(fault),
        };
        let refusal = self.shape.refuse.as_ref().filter(|(name, _)| *name == stage.name).map(|(_, refusal)| *refusal);
        if let Some(refusal) = refusal {
            task.refuse(refusal);
        }
        let mut output = Output::default();
        for batch in batches {
            // A slice comes in two pushes, the second of which is the same arrays from an offset on.
            let half = if self.shape.slice.is_some() { batch.num_rows() / 2 } else { 0 };
            let mut pushed = Ok(());
            if half > 0 {
                pushed = task.push(&batch.slice(0, half), &mut output);
            }
            if pushed.is_ok() {
                pushed = task.push_from(&batch, half, &mut output);
            }
            let spoke = task.spoke_after_refusal();
            if spoke > MOST_AFTER_REFUSAL {
                return Err(Stop::at(
                    stage,
                    (
                        format!("输出被拒收后又报告了 {spoke} 次；它应立即返回接收方的状态"),
                        format!(
                            "spoke {spoke} more times after the sink had refused; it should return the sink's status at once"
                        ),
                    ),
                ));
            }
            if let Err(fault) = pushed {
                return fail(fault);
            }
        }
        match task.close(&mut output) {
            Ok(()) => Ok(output),
            Err(fault) => fail(fault),
        }
    }

    /// What a run checks when it finds the record of a late finding.
    fn check_late(&self, stage: &StageSpec, kind: RecordKind, output: &Output) -> Result<(), Stop> {
        if self.shape.tolerant {
            return Ok(());
        }
        let rows: HashMap<&str, &Row> = self.rows(kind).iter().map(|row| (row.key.as_str(), *row)).collect();
        let unknown = |record: &str| Stop::at(stage, Fault::not_given(record));
        let spoken = output.scores.iter().map(|(r, _)| r).chain(output.unjudged.iter().map(|(r, _)| r));
        for record in spoken {
            if !rows.contains_key(record.as_str()) {
                return Err(unknown(record));
            }
        }
        for finding in &output.findings {
            let row = rows.get(finding.record.as_str()).ok_or_else(|| unknown(&finding.record))?;
            let Some(field) = &finding.field else { continue };
            if find_column(kind, field).is_none() {
                return Err(Stop::at(
                    stage,
                    (
                        format!("提到了 {kind} 记录没有的字段 '{field}'"),
                        format!("named field '{field}', which {kind} records do not have"),
                    ),
                ));
            }
            let Some(span) = finding.span else { continue };
            let is_text = find_column(kind, field).is_some_and(|c| matches!(c.ty, ColumnType::Text | ColumnType::Json));
            let fits = row.text(field).is_some_and(|text| text.get(span.0 as usize..span.1 as usize).is_some());
            if !is_text || (!fits && !self.shape.nulls && !self.shape.withholds(field)) {
                return Err(Stop::at(stage, Fault::does_not_fit(span, field)));
            }
        }
        Ok(())
    }
}

/// The kind of the records a stage speaks of.
fn kind_of(detector: &Detector, stage: &StageSpec) -> RecordKind {
    let mut stage = stage;
    loop {
        if let Some(kind) = stage.reads.record {
            return kind;
        }
        let first = stage.reads.stages.first();
        match first.and_then(|first| detector.spec().stages.iter().find(|s| s.name == *first)) {
            Some(earlier) => stage = earlier,
            None => return RecordKind::Listing,
        }
    }
}

/// `n` pieces of work on some threads; the results in order, or the first that went wrong in order.
fn each<T: Send>(threads: usize, n: usize, work: impl Fn(usize) -> Result<T, Stop> + Sync) -> Result<Vec<T>, Stop> {
    if threads <= 1 {
        return (0..n).map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, Result<T, Stop>)>> = Mutex::new(Vec::with_capacity(n));
    std::thread::scope(|scope| {
        for _ in 0..threads.min(n) {
            scope.spawn(|| {
                loop {
                    let i = next.fetch_add(1, Ordering::Relaxed);
                    if i >= n {
                        break;
                    }
                    let result = work(i);
                    done.lock().unwrap_or_else(PoisonError::into_inner).push((i, result));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(i, _)| *i);
    done.into_iter().map(|(_, result)| result).collect()
}
