//! Plugins, detectors and tasks as the rest of huoyan uses them.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arrow_array::RecordBatch;
use huoyan_abi as abi;
use huoyan_model::{DetectorSpec, Localized, StageSpec};

#[cfg(unix)]
use crate::child::{ChildInstance, ChildTask};
use crate::collect::{Collector, Limits};
use crate::error::Unmade;
use crate::ffi::{RawInstance, RawTask};
use crate::output::Output;
use crate::refusal::{Refusal, Refusing};
use crate::{CreateError, Fault, HostError, PluginFile, PluginImage, ResourceData};

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

/// Passes on what a detector logs, as one line whatever it is.
pub(crate) fn log(detector: &str, level: i32, target: &str, message: &str) {
    let (target, message) = (one_line(target), one_line(message));
    match level {
        1 => tracing::error!(detector, target, "{message}"),
        2 => tracing::warn!(detector, target, "{message}"),
        3 => tracing::info!(detector, target, "{message}"),
        _ => tracing::debug!(detector, target, "{message}"),
    }
}

/// The text without what would end its line, move a cursor or turn the direction of writing.
fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}') {
            line.extend(c.escape_unicode());
        } else {
            line.push(c);
        }
    }
    line
}

/// Where a plugin's code is.
enum Code {
    /// In this process.
    Here(&'static abi::Plugin),
    /// In children that are started with these settings.
    #[cfg(unix)]
    Children(crate::ChildSettings),
}

/// A loaded plugin.
pub struct Plugin {
    file: PluginFile,
    code: Code,
}

impl Plugin {
    pub(crate) fn here(file: PluginFile, table: &'static abi::Plugin) -> Self {
        Self { file, code: Code::Here(table) }
    }

    #[cfg(unix)]
    pub(crate) fn in_children(file: PluginFile, settings: crate::ChildSettings) -> Self {
        Self { file, code: Code::Children(settings) }
    }

    /// What the file said of itself.
    pub fn file(&self) -> &PluginFile {
        &self.file
    }

    /// Makes a detector. `rules` are the ids it may report; `config` is a JSON object.
    ///
    /// # Errors
    /// When the plugin has no such detector, or refuses its configuration or a resource; when its code panics, crashes, hangs or lies, which
    /// is told apart.
    pub fn create(
        &self,
        detector: &str,
        config: &str,
        resources: Vec<ResourceData>,
        rules: BTreeSet<String>,
        cancel: &Cancel,
    ) -> Result<Detector, CreateError> {
        let spec = self.file.manifest.detector(detector).ok_or_else(|| {
            CreateError::Refused(HostError::new(
                &self.file.path,
                (
                    format!("它没有检测器 '{detector}'；`huoyan plugin list` 列出全部"),
                    format!("it has no detector '{detector}'; `huoyan plugin list` shows all"),
                ),
            ))
        })?;
        let made = match &self.code {
            Code::Here(table) => {
                let name = detector.to_owned();
                let logger = Box::new(move |level, target: &str, message: &str| log(&name, level, target, message));
                RawInstance::create(table, detector, config, resources, Arc::clone(&cancel.0), logger)
                    .map(Instance::Here)
            }
            #[cfg(unix)]
            Code::Children(settings) => {
                let (library, abi) = (self.file.library_path(), self.file.manifest.abi);
                ChildInstance::create(settings, &library, abi, detector, config, resources, cancel).map(Instance::Child)
            }
        };
        let instance = made.map_err(|unmade| {
            let Localized { zh, en } = unmade.fault().text();
            let error = HostError::new(
                &self.file.path,
                (format!("检测器 '{detector}'：{zh}"), format!("detector '{detector}' {en}")),
            );
            match unmade {
                Unmade::Refused(_) => CreateError::Refused(error),
                Unmade::Broke(fault) => CreateError::Broke { fault, error },
            }
        })?;
        let image = Arc::clone(&self.file.image);
        Ok(Detector { spec: spec.clone(), rules, cancel: cancel.clone(), instance, _image: image })
    }
}

/// A detector's instance, here or in children.
enum Instance {
    Here(RawInstance),
    #[cfg(unix)]
    Child(ChildInstance),
}

/// One detector, ready to judge. Shared by its tasks on all threads.
pub struct Detector {
    spec: DetectorSpec,
    rules: BTreeSet<String>,
    cancel: Cancel,
    instance: Instance,
    // Where children cannot load from an open file, each that is started needs the copy at its path.
    _image: Arc<PluginImage>,
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

    /// What this platform does not keep from the detector's child processes; nothing is said of one in this process.
    #[cfg(unix)]
    pub fn gaps(&self) -> BTreeSet<crate::Gap> {
        match &self.instance {
            Instance::Here(_) => BTreeSet::new(),
            Instance::Child(child) => child.gaps().clone(),
        }
    }

    /// The process ids of the detector's idle children.
    #[cfg(unix)]
    pub fn idle_children(&self) -> Vec<u32> {
        match &self.instance {
            Instance::Here(_) => Vec::new(),
            Instance::Child(child) => child.idle(),
        }
    }

    /// Opens a stage over one partition.
    ///
    /// # Errors
    /// When the plugin fails to.
    pub fn open(&self, stage: &StageSpec, seed: u64, summaries: &[ResourceData]) -> Result<Task<'_>, Fault> {
        let running = match &self.instance {
            Instance::Here(raw) => Running::Here(raw.open(&stage.name, seed, summaries)?),
            #[cfg(unix)]
            Instance::Child(child) => Running::Child(Box::new(child.open(&stage.name, seed, summaries))),
        };
        let rows_per_row = stage.emits.as_ref().map_or(0, |emits| u64::from(emits.max_rows_per_row));
        Ok(Task {
            detector: self,
            running,
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
        match &self.instance {
            Instance::Here(raw) => {
                let mut collector =
                    Collector::new(&none, Limits::default(), None, 0, 0, &mut output).until(&self.cancel);
                let result = raw.merge(stage, a, b, &mut collector);
                collector.outcome(result)?;
            }
            #[cfg(unix)]
            Instance::Child(child) => child.merge(stage, a, b, &mut |body| {
                output = Output::default();
                body(&mut Collector::new(&none, Limits::default(), None, 0, 0, &mut output))
            })?,
        }
        output.summary.ok_or_else(|| Fault::new("合并两份汇总后没有给出汇总", "merged two summaries into none"))
    }
}

/// A task's other side, here or in a child.
enum Running<'d> {
    Here(RawTask<'d>),
    #[cfg(unix)]
    Child(Box<ChildTask<'d>>),
}

/// One stage over one partition, on one thread.
pub struct Task<'d> {
    detector: &'d Detector,
    running: Running<'d>,
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
        // A large group may be told of while the first row of the next one is pushed.
        let rows = if self.reads_records { rows } else { self.rows_in };
        let rules = |rule: &str| self.detector.rules.contains(rule);
        let (limits, rows_left, scores) = (self.limits, self.rows_left, self.detector.spec.scores);
        let result = match &mut self.running {
            Running::Here(raw) => {
                let mut collector = Collector::new(&rules, limits, records, rows, rows_left, output)
                    .scoring(scores)
                    .until(&self.detector.cancel)
                    .refusing(self.refusing.as_mut());
                let result = raw.push(batch, from, &mut collector);
                self.rows_left = collector.rows_left();
                collector.outcome(result)
            }
            #[cfg(unix)]
            Running::Child(child) => {
                let said = output.len();
                child.push(&seen, &mut |body| {
                    output.truncate(said);
                    let mut collector =
                        Collector::new(&rules, limits, records, rows, rows_left, output).scoring(scores);
                    let result = body(&mut collector);
                    self.rows_left = collector.rows_left();
                    result
                })
            }
        };
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
        let (limits, rows_in, rows_left) = (self.limits, self.rows_in, self.rows_left);
        let scores = self.detector.spec.scores;
        match &mut self.running {
            Running::Here(raw) => {
                let mut collector = Collector::new(&rules, limits, None, rows_in, rows_left, output)
                    .scoring(scores)
                    .until(&self.detector.cancel)
                    .refusing(self.refusing.as_mut());
                let result = raw.close(&mut collector);
                collector.outcome(result)?;
            }
            #[cfg(unix)]
            Running::Child(child) => {
                let before = output.len();
                child.close(&mut |body| {
                    output.truncate(before);
                    body(&mut Collector::new(&rules, limits, None, rows_in, rows_left, output).scoring(scores))
                })?;
            }
        }
        // A record can only be checked while its batch is at hand; what comes later must not be lost in silence.
        if self.reads_records && output.findings.len() + output.scores.len() + output.unjudged.len() > said {
            return Err(Fault::new(
                "在阶段关闭时才提到记录；读取记录的阶段应在收到这批记录时报告",
                "spoke of a record when its stage was closed; a record stage speaks while it is pushed",
            ));
        }
        Ok(())
    }

    fn guard(&self) -> Result<(), Fault> {
        if self.failed {
            Err(Fault::new("失败之后又被调用", "was called again after it failed"))
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::one_line;

    #[test]
    fn a_log_line_stays_one_line() {
        assert_eq!(one_line("评价 3\nWARN \u{202e}x\u{1b}[2J"), "评价 3\\u{a}WARN \\u{202e}x\\u{1b}[2J");
    }
}
