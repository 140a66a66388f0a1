//! Plugins, detectors and tasks as the rest of huoyan uses them.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arrow_array::RecordBatch;
use huoyan_abi as abi;
use huoyan_model::{DetectorSpec, StageSpec};

use crate::collect::{Collector, Limits, Output};
use crate::ffi::{RawInstance, RawTask};
use crate::refusal::{Refusal, Refusing};
use crate::{Fault, HostError, PluginFile, ResourceData};

/// Tells everybody that the run is to stop.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Asks for the end of the run.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether the end was asked for.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// A loaded plugin.
pub struct Plugin {
    file: PluginFile,
    table: &'static abi::Plugin,
}

impl Plugin {
    pub(crate) fn new(file: PluginFile, table: &'static abi::Plugin) -> Self {
        Self { file, table }
    }

    /// What the file said of itself.
    pub fn file(&self) -> &PluginFile {
        &self.file
    }

    /// Makes a detector. `rules` are the ids it may report; `config` is a JSON object.
    ///
    /// # Errors
    /// When the plugin has no such detector, or refuses its configuration or a resource.
    pub fn create(
        &self,
        detector: &str,
        config: &str,
        resources: Vec<ResourceData>,
        rules: BTreeSet<String>,
        cancel: &Cancel,
    ) -> Result<Detector, HostError> {
        let spec = self.file.manifest.detector(detector).ok_or_else(|| {
            HostError::new(
                &self.file.path,
                (
                    format!("它没有检测器 '{detector}'；`huoyan plugin list` 列出全部"),
                    format!("it has no detector '{detector}'; `huoyan plugin list` shows all"),
                ),
            )
        })?;
        let raw =
            RawInstance::create(self.table, detector, config, resources, Arc::clone(&cancel.0)).map_err(|fault| {
                HostError::new(
                    &self.file.path,
                    (format!("检测器 '{detector}'：{fault}"), format!("detector '{detector}' {fault}")),
                )
            })?;
        Ok(Detector { spec: spec.clone(), rules, raw })
    }
}

/// One detector, ready to judge. Shared by its tasks on all threads.
pub struct Detector {
    spec: DetectorSpec,
    rules: BTreeSet<String>,
    raw: RawInstance,
}

impl Detector {
    /// Its part of the manifest.
    pub fn spec(&self) -> &DetectorSpec {
        &self.spec
    }

    /// The ids of the rules it may report.
    pub fn rules(&self) -> &BTreeSet<String> {
        &self.rules
    }

    /// Opens a stage over one partition.
    ///
    /// # Errors
    /// When the plugin fails to.
    pub fn open(&self, stage: &StageSpec, seed: u64, summaries: &[ResourceData]) -> Result<Task<'_>, Fault> {
        let raw = self.raw.open(&stage.name, seed, summaries)?;
        let rows_per_row = stage.emits.as_ref().map_or(0, |emits| u64::from(emits.max_rows_per_row));
        Ok(Task {
            detector: self,
            raw,
            limits: Limits { rows_per_row, ..Limits::default() },
            reads_records: stage.reads.record.is_some() && stage.kind == huoyan_model::StageKind::Record,
            rows_left: 0,
            rows_in: 0,
            failed: false,
            refusing: None,
        })
    }

    /// Merges two summaries of a corpus stage.
    ///
    /// # Errors
    /// When the plugin fails to, or gives none.
    pub fn merge(&self, stage: &str, a: &[u8], b: &[u8]) -> Result<Vec<u8>, Fault> {
        let mut output = Output::default();
        let none = |_: &str| false;
        let mut collector = Collector::new(&none, Limits::default(), None, 0, 0, &mut output);
        self.raw.merge(stage, a, b, &mut collector)?;
        output.summary.ok_or_else(|| Fault::new("merged two summaries into none"))
    }
}

/// One stage over one partition, on one thread.
pub struct Task<'d> {
    detector: &'d Detector,
    raw: RawTask<'d>,
    limits: Limits,
    reads_records: bool,
    rows_left: u64,
    rows_in: usize,
    failed: bool,
    refusing: Option<Refusing>,
}

impl Task<'_> {
    /// From here on the sink takes only some more calls, as when a run is being stopped: for those who test plugins.
    pub fn refuse(&mut self, refusal: Refusal) {
        self.refusing = Some(Refusing::new(refusal));
    }

    /// How often the plugin spoke after the sink had refused for the first time.
    pub fn spoke_after_refusal(&self) -> u64 {
        self.refusing.as_ref().map_or(0, Refusing::spoke_after)
    }

    /// Judges a batch and adds what came out to `output`. For record stages the keys in `_record` must be unique.
    ///
    /// # Errors
    /// The first thing the plugin did wrong; `output` must not be used then.
    pub fn push(&mut self, batch: &RecordBatch, output: &mut Output) -> Result<(), Fault> {
        self.push_from(batch, 0, output)
    }

    /// As [`Self::push`] for the rows from `from` on, handed over as arrays with that offset: for those who test plugins.
    ///
    /// # Errors
    /// As for [`Self::push`].
    pub fn push_from(&mut self, batch: &RecordBatch, from: usize, output: &mut Output) -> Result<(), Fault> {
        self.guard()?;
        let from = from.min(batch.num_rows());
        let seen = batch.slice(from, batch.num_rows() - from);
        let rows = seen.num_rows();
        self.rows_in += rows;
        self.rows_left = self.rows_left.saturating_add(self.limits.rows_per_row.saturating_mul(rows as u64));
        let records = self.reads_records.then_some(&seen);
        let rules = |rule: &str| self.detector.rules.contains(rule);
        let mut collector =
            Collector::new(&rules, self.limits, records, rows, self.rows_left, output).refusing(self.refusing.as_mut());
        let result = self.raw.push(batch, from, &mut collector);
        self.rows_left = collector.rows_left();
        self.failed = result.is_err();
        result
    }

    /// Ends the partition.
    ///
    /// # Errors
    /// As for [`Self::push`].
    pub fn close(mut self, output: &mut Output) -> Result<(), Fault> {
        self.guard()?;
        let rules = |rule: &str| self.detector.rules.contains(rule);
        let said = output.findings.len() + output.scores.len() + output.unjudged.len();
        let mut collector = Collector::new(&rules, self.limits, None, self.rows_in, self.rows_left, output)
            .refusing(self.refusing.as_mut());
        self.raw.close(&mut collector)?;
        // A record can only be checked while its batch is at hand; what comes later must not be lost in silence.
        if self.reads_records && output.findings.len() + output.scores.len() + output.unjudged.len() > said {
            return Err(Fault::new(
                "spoke of a record when its stage was closed; a record stage speaks while it is pushed",
            ));
        }
        Ok(())
    }

    fn guard(&self) -> Result<(), Fault> {
        if self.failed { Err(Fault::new("was called again after it failed")) } else { Ok(()) }
    }
}
