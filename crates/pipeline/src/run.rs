//! One run, from inputs to outputs.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use huoyan_host::{Cancel, LOCK_FILE, Trust};
use huoyan_intake::pictures::Roots;
use huoyan_intake::{self as intake, Batch, FieldMap, Intake, Ledger, Reader};
use huoyan_model::{Locale, Localized, PluginUse, RunHeader, RunSummary};
use huoyan_report::{Output as _, Outputs, Spec};
use rayon::prelude::*;

use crate::Error;
use crate::config::{Config, Date};
use crate::entry::EntryLog;
use crate::finish::{Tally, finish};
use crate::graph::Late;
use crate::join::LateEntries;
use crate::pass::{Engine, Judged};
use crate::policy::Policy;
use crate::prepare::Detectors;
use crate::progress::{Phase, Progress};
use crate::spool::Spool;
use crate::wants::{Wants, columns};

/// Batches that are judged together, for each thread. More would use more memory, fewer would leave threads idle at the
/// end of each wave.
const WAVE_PER_THREAD: usize = 8;

/// What a run needs.
pub struct Run<'r> {
    /// Paths, globs, folders, or `-`.
    pub inputs: &'r [String],
    /// The effective configuration, and its digest.
    pub config: &'r Config,
    /// Digest of the configuration.
    pub config_digest: &'r str,
    /// The detectors.
    pub detectors: &'r Detectors,
    /// What is written.
    pub outputs: &'r [Spec],
    /// How it is written.
    pub output_options: &'r huoyan_report::Options,
    /// Today, for suppressions that expire.
    pub today: Date,
    /// The version of the command.
    pub tool_version: &'r str,
    /// Where unusable rows are written.
    pub quarantine: PathBuf,
    /// What the one input is told to be, when it is no file of the user's.
    pub stand_in: Option<intake::StandIn>,
    /// Stops the run.
    pub cancel: &'r Cancel,
    /// Counters for whoever watches.
    pub progress: &'r Progress,
}

/// How a run ended.
pub struct Finished {
    /// The summary, as it was written.
    pub summary: RunSummary,
    /// Findings at or above `fail_on`.
    pub failing: u64,
    /// Whether rows were written to the quarantine file.
    pub quarantine: Option<PathBuf>,
    /// What policy has to say: expired suppressions, unknown rules.
    pub notes: Vec<Localized>,
}

/// Runs. `announce` is called with the account of each input before the first record is judged.
///
/// # Errors
/// When an input is no listing or review file, or an output or temporary file cannot be written. Bad rows and
/// misbehaving detectors are no errors: the summary tells them.
pub fn run(run: &Run<'_>, announce: &mut (dyn FnMut(&Intake) + Send)) -> Result<Finished, Error> {
    let threads = rayon::ThreadPoolBuilder::new().num_threads(run.config.threads).build().map_err(|e| {
        Error::new((
            format!("无法启动 {} 个线程：{e}", run.config.threads),
            format!("{} threads cannot be started: {e}", run.config.threads),
        ))
    })?;
    threads.install(|| in_pool(run, announce))
}

fn in_pool(run: &Run<'_>, announce: &mut (dyn FnMut(&Intake) + Send)) -> Result<Finished, Error> {
    let locale = run.config.locale.unwrap_or_default();
    let wants = Wants::of(run.outputs, run.config.all_findings);
    let options = intake::Options {
        kind: run.config.inputs.kind,
        map: run
            .config
            .inputs
            .columns
            .iter()
            .map(|(field, header)| FieldMap { field: field.clone(), header: header.clone() })
            .collect(),
        columns: columns(&run.detectors.ready, wants),
        stand_in: run.stand_in.clone(),
        ..intake::Options::default()
    };
    let input = intake::open(run.inputs, &options)?;
    announce(&input);
    let rules = run.detectors.rules();
    let policy = Policy::new(run.config, &rules, run.today)?;
    let mut outputs = Outputs::open(run.outputs, run.output_options)?;
    let mut folders: Vec<PathBuf> = input.inputs().iter().filter_map(|plan| plan.name.folder.clone()).collect();
    folders.extend(run.config.inputs.picture_folders.iter().cloned());
    folders.sort();
    folders.dedup();
    let roots = Roots::new(&folders).map_err(|e| {
        Error::new((
            format!("无法打开图片文件夹：{e}；请检查 picture_folders"),
            format!("a picture folder cannot be opened: {e}; check picture_folders"),
        ))
    })?;
    let engine = Engine::new(&run.detectors.ready, &policy, wants, &roots, locale, run.cancel);
    let (mut reader, mut ledger) = input.split();
    let passed = pass(run, &engine, &mut reader, &mut ledger, locale)?;
    let Passed { entries, spool, summaries, mut tally, quarantine } = passed;

    let mut late = Late::default();
    let mut late_entries = LateEntries::new();
    let complex = run.detectors.ready.iter().any(|d| !d.is_simple());
    if complex && !run.cancel.is_cancelled() {
        run.progress.enter(Phase::Groups);
        let spool = spool.finish().map_err(Error::temporary)?;
        late = engine.graph(&spool, summaries)?;
        late_entries = engine.join(&mut late, &spool)?;
    }
    run.progress.enter(Phase::Output);
    tally.interrupted = run.cancel.is_cancelled();
    tally.unfinished = complex && run.cancel.is_cancelled();
    tally.skipped = run.detectors.skipped.clone();
    let totals = ledger.totals();
    if run.config.max_bad_rows.exceeded(totals.quarantined, totals.read) {
        tally.reasons.push(match locale {
            Locale::Zh => format!("{} 行无法读取，超过 max_bad_rows", totals.quarantined),
            Locale::En => format!("{} rows could not be used, more than max_bad_rows allows", totals.quarantined),
        });
    }
    outputs.begin(&header(run, &ledger, rules))?;
    let notes = policy.notes().to_vec();
    let (summary, failing) = finish(&engine, &ledger, entries, late_entries, late, tally, &mut outputs)?;
    Ok(Finished { summary, failing, quarantine, notes })
}

struct Passed {
    entries: EntryLog,
    spool: Spool,
    summaries: BTreeMap<(usize, usize), Vec<u8>>,
    tally: Tally,
    quarantine: Option<PathBuf>,
}

/// Reads and judges, wave by wave: while one wave is judged the next is read, so reading, restoring the order and
/// writing hide behind judging.
fn pass(
    run: &Run<'_>,
    engine: &Engine<'_>,
    reader: &mut Reader,
    ledger: &mut Ledger,
    _locale: Locale,
) -> Result<Passed, Error> {
    let mut entries = EntryLog::new().map_err(Error::temporary)?;
    let mut spool = Spool::new().map_err(Error::temporary)?;
    let mut summaries = BTreeMap::new();
    let none = vec![0; engine.detectors.len()];
    let mut tally = Tally { judged: none.clone(), later: none, ..Tally::default() };
    let mut bad = BadRows { path: &run.quarantine, file: None };
    let size = rayon::current_num_threads() * WAVE_PER_THREAD;
    let mut wave = next_wave(reader, ledger, size, run.cancel);
    while !wave.is_empty() {
        let (judged, following) = rayon::join(
            || wave.par_iter().enumerate().map(|(nth, batch)| engine.judge(nth, batch)).collect::<Vec<_>>(),
            || next_wave(reader, ledger, size, run.cancel),
        );
        let mut judged = judged.into_iter().collect::<Result<Vec<Judged>, Error>>()?;
        engine.settle_batches(judged.iter_mut());
        for (batch, judged) in wave.iter().zip(judged) {
            bad.write(&batch.quarantined)?;
            entries.append(&judged.block).map_err(Error::temporary)?;
            if let Some(block) = &judged.spooled {
                spool.append(batch.kind, block).map_err(Error::temporary)?;
            }
            for (d, s, summary) in judged.summaries {
                engine.add_summary(&mut summaries, d, s, summary);
            }
            tally.pictures += judged.pictures;
            let numbers = [(&mut tally.judged, &judged.judged), (&mut tally.later, &judged.later)];
            for (sum, n) in numbers.into_iter().flat_map(|(sums, numbers)| sums.iter_mut().zip(numbers)) {
                *sum += n;
            }
            run.progress.judged(judged.rows, judged.findings);
        }
        let read = reader.progress();
        run.progress.read(read.bytes_read(), read.bytes_total());
        wave = following;
    }
    let quarantine = bad.finish()?;
    Ok(Passed { entries, spool, summaries, tally, quarantine })
}

fn next_wave(reader: &mut Reader, ledger: &mut Ledger, size: usize, cancel: &Cancel) -> Vec<Batch> {
    let mut chunks = Vec::with_capacity(size);
    while chunks.len() < size && !cancel.is_cancelled() {
        match reader.next_chunk() {
            Some(chunk) => chunks.push(chunk),
            None => break,
        }
    }
    let decoded: Vec<_> = chunks.into_par_iter().map(intake::Chunk::decode).collect();
    decoded.into_iter().map(|d| ledger.admit(d)).collect()
}

/// The quarantine file, made when the first bad row comes.
struct BadRows<'p> {
    path: &'p PathBuf,
    file: Option<BufWriter<File>>,
}

impl BadRows<'_> {
    fn error(&self, e: std::io::Error) -> Error {
        let path = self.path.display();
        Error::new((
            format!("{path}：无法写入坏行：{e}；请把 inputs.quarantine 设为别的路径"),
            format!("{path}: bad rows cannot be written: {e}; set inputs.quarantine to another path"),
        ))
    }

    fn write(&mut self, rows: &[intake::BadRow]) -> Result<(), Error> {
        if rows.is_empty() {
            return Ok(());
        }
        if self.file.is_none() {
            self.file = Some(BufWriter::new(File::create(self.path).map_err(|e| self.error(e))?));
        }
        match &mut self.file {
            Some(file) => intake::quarantine::write(file, rows).map_err(|e| self.error(e)),
            None => Ok(()),
        }
    }

    fn finish(mut self) -> Result<Option<PathBuf>, Error> {
        match self.file.take() {
            None => Ok(None),
            Some(mut file) => file.flush().map(|()| Some(self.path.clone())).map_err(|e| self.error(e)),
        }
    }
}

fn header(run: &Run<'_>, ledger: &Ledger, rules: BTreeMap<String, huoyan_model::RuleInfo>) -> RunHeader {
    let inputs = ledger.digests();
    let ready = &run.detectors.ready;
    let plugins: BTreeMap<String, String> = ready.iter().map(|d| (d.plugin.clone(), d.digest.clone())).collect();
    let resources: BTreeMap<String, String> = ready
        .iter()
        .flat_map(|d| d.resources.iter().map(|(name, digest)| (format!("{}/{name}", d.spec.name), digest.clone())))
        .collect();
    let mut plugin_use = BTreeMap::new();
    let mut plugins_lock = None;
    for detector in ready {
        let trusted_by = match &detector.trust {
            Trust::Bundled => "bundled",
            Trust::Named => "named",
            Trust::Listed { lock } => {
                plugins_lock = Some(lock.clone());
                LOCK_FILE
            }
        };
        let (digest, isolation) = (detector.digest.clone(), detector.isolation);
        plugin_use.insert(detector.plugin.clone(), PluginUse { digest, isolation, trusted_by: trusted_by.to_owned() });
    }
    let mut hasher = blake3::Hasher::new();
    for (name, digest) in inputs.iter().chain(&plugins).chain(&resources) {
        hasher.update(name.as_bytes()).update(&[0]).update(digest.as_bytes()).update(&[0]);
    }
    hasher.update(run.config_digest.as_bytes()).update(run.tool_version.as_bytes());
    RunHeader {
        schema: "huoyan-findings/1".to_owned(),
        tool_version: run.tool_version.to_owned(),
        run_id: hasher.finalize().to_hex()[..32].to_owned(),
        inputs,
        plugins,
        plugin_use,
        plugins_lock,
        resources,
        config: run.config_digest.to_owned(),
        profile: run.config.profile.clone(),
        rules,
    }
}
