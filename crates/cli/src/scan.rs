//! `huoyan scan`: files in, findings, verdicts and reports out.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use huoyan_host::{Cancel, MappedFile};
use huoyan_intake::{FieldMap, Intake, StandIn};
use huoyan_model::{Locale, RunStatus, RunSummary};
use huoyan_pipeline::config::{Config, Date, Loaded};
use huoyan_pipeline::{Detectors, Finished, Phase, Progress, Run};
use huoyan_report::{Destination, Options, Spec, check_specs, sanitise};
use huoyan_vision::gallery::{MANIFEST, build};
use indicatif::{ProgressBar, ProgressStyle};
use toml::{Table, Value};

use crate::args::{ProgressArg, ScanArgs, Setup};
use crate::exit::Exit;
use crate::gallery::explained;
use crate::plugins::{Failure, failure, find_all, load};
use crate::references::references;
use crate::terminal::Terminal;

pub(crate) fn run(args: &ScanArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let loaded = load(&args.setup, command_line(args)?)?;
    let job = Job {
        inputs: &args.inputs,
        setup: &args.setup,
        loaded: &loaded,
        only: &args.only,
        quiet: false,
        progress: args.progress == ProgressArg::Auto && terminal.interactive,
        stand_in: None,
        default_output: "text",
    };
    job.run(terminal)
}

/// One scan, whoever asks for it.
pub(crate) struct Job<'j> {
    pub(crate) inputs: &'j [String],
    pub(crate) setup: &'j Setup,
    pub(crate) loaded: &'j Loaded,
    pub(crate) only: &'j [String],
    /// Whether the account of inputs and the summary line are left out.
    pub(crate) quiet: bool,
    pub(crate) progress: bool,
    /// What the one input is told to be, when it is no file of the user's.
    pub(crate) stand_in: Option<StandIn>,
    pub(crate) default_output: &'j str,
}

impl Job<'_> {
    pub(crate) fn run(&self, terminal: &Terminal) -> Result<Exit, Failure> {
        let mut config: Config = self.loaded.config.clone();
        let locale = terminal.locale(config.locale);
        config.locale = Some(locale);
        let specs = specs(&config.outputs, self.default_output)?;
        let _made = make_galleries(&mut config)?;
        let files = find_all(self.setup, self.loaded)?;
        self.only_these(&files, &mut config)?;
        let cancel = Cancel::default();
        let detectors = Detectors::prepare(files, &config, &cancel).map_err(failure)?;
        stop_on_interrupt(&cancel);
        let progress = Arc::new(Progress::default());
        let done = Arc::new(AtomicBool::new(false));
        let bar = self.progress.then(|| draw(Arc::clone(&progress), Arc::clone(&done), locale));
        let options = Options {
            locale,
            colour: terminal.colour_stdout,
            width: terminal.width,
            references: references(&config.galleries)?,
            ..Options::default()
        };
        let quiet = self.quiet;
        let mut announce = |intake: &Intake| {
            if !quiet {
                account(intake, locale);
            }
        };
        let result = huoyan_pipeline::run(
            &Run {
                inputs: self.inputs,
                config: &config,
                config_digest: &self.loaded.digest,
                detectors: &detectors,
                outputs: &specs,
                output_options: &options,
                today: today(),
                tool_version: env!("CARGO_PKG_VERSION"),
                quarantine: config.inputs.quarantine.clone().unwrap_or_else(|| PathBuf::from("quarantine.jsonl")),
                stand_in: self.stand_in.clone(),
                cancel: &cancel,
                progress: &progress,
            },
            &mut announce,
        );
        done.store(true, Ordering::Relaxed);
        if let Some(bar) = bar {
            let _ = bar.join();
        }
        let finished = result.map_err(failure)?;
        for note in &finished.notes {
            terminal.note(&format!("huoyan: {}", sanitise(note.get(locale))));
        }
        if !quiet {
            terminal.note(&summary_line(&finished, locale));
            written(&specs, &finished, locale).iter().for_each(|line| terminal.note(line));
        }
        for line in trouble(&finished.summary, locale) {
            terminal.note(&line);
        }
        Ok(match &finished.summary.status {
            RunStatus::Interrupted => Exit::Interrupted,
            RunStatus::Incomplete { .. } => Exit::Incomplete,
            RunStatus::Complete if finished.failing > 0 => Exit::Findings,
            RunStatus::Complete => Exit::Complete,
        })
    }

    fn only_these(&self, files: &[huoyan_host::PluginFile], config: &mut Config) -> Result<(), Failure> {
        if self.only.is_empty() {
            return Ok(());
        }
        let known: Vec<&str> = files.iter().flat_map(|f| &f.manifest.detectors).map(|d| d.name.as_str()).collect();
        if let Some(unknown) = self.only.iter().find(|name| !known.contains(&name.as_str())) {
            let known = known.join(", ");
            return Err(failure((
                format!("--only {unknown}：没有这个检测器；现有 {known}"),
                format!("--only {unknown}: there is no such detector; there are {known}"),
            )));
        }
        let left_out = known.iter().filter(|name| !self.only.iter().any(|only| only == **name));
        config.plugins.disabled.extend(left_out.map(|name| (*name).to_owned()));
        Ok(())
    }
}

/// What the command line sets, with the keys of huoyan.toml.
fn command_line(args: &ScanArgs) -> Result<Table, Failure> {
    let mut table = Table::new();
    let text = |path: &Path| Value::String(path.to_string_lossy().into_owned());
    let mut inputs = Table::new();
    if let Some(kind) = args.kind {
        inputs.insert("kind".into(), Value::String(kind.kind().as_str().to_owned()));
    }
    if !args.map.is_empty() {
        let mut columns = Table::new();
        for map in &args.map {
            let map = FieldMap::parse(map).map_err(failure)?;
            columns.insert(map.field, Value::String(map.header));
        }
        inputs.insert("columns".into(), Value::Table(columns));
    }
    if let Some(path) = &args.quarantine {
        inputs.insert("quarantine".into(), text(path));
    }
    if !inputs.is_empty() {
        table.insert("inputs".into(), Value::Table(inputs));
    }
    if !args.gallery.is_empty() {
        table.insert("galleries".into(), Value::Array(args.gallery.iter().map(|p| text(p)).collect()));
    }
    if !args.output.is_empty() {
        table.insert("outputs".into(), Value::Array(args.output.iter().cloned().map(Value::String).collect()));
    }
    for (key, path) in [("brands", &args.brands), ("baseline", &args.baseline)] {
        if let Some(path) = path {
            table.insert(key.into(), text(path));
        }
    }
    if let Some(severity) = &args.fail_on {
        table.insert("fail_on".into(), Value::String(severity.clone()));
    }
    if let Some(limit) = &args.max_bad_rows {
        let value = limit.parse().map_or_else(|_| Value::String(limit.clone()), Value::Integer);
        table.insert("max_bad_rows".into(), value);
    }
    if let Some(threads) = args.threads {
        table.insert("threads".into(), Value::Integer(i64::try_from(threads).unwrap_or(i64::MAX)));
    }
    if args.all_findings {
        table.insert("all_findings".into(), Value::Boolean(true));
    }
    Ok(table)
}

fn specs(asked: &[String], default: &str) -> Result<Vec<Spec>, Failure> {
    let asked: Vec<&str> = if asked.is_empty() { vec![default] } else { asked.iter().map(String::as_str).collect() };
    let specs: Vec<Spec> =
        asked.into_iter().map(|text| text.parse::<Spec>().map_err(failure)).collect::<Result<_, _>>()?;
    check_specs(&specs).map_err(failure)?;
    Ok(specs)
}

/// Makes a gallery of every folder of pictures that stands where a gallery is expected; it lives as long as the run.
pub(crate) fn make_galleries(config: &mut Config) -> Result<Option<tempfile::TempDir>, Failure> {
    let is_gallery = |path: &Path| path.join(MANIFEST).exists();
    if config.galleries.iter().all(|path| is_gallery(path)) {
        return Ok(None);
    }
    let made = tempfile::tempdir().map_err(|e| {
        failure((format!("无法建立临时文件夹：{e}"), format!("a temporary folder cannot be made: {e}")))
    })?;
    for (i, path) in config.galleries.iter_mut().enumerate().filter(|(_, path)| !is_gallery(path)) {
        let out = made.path().join(i.to_string());
        build(path, &out, &Default::default(), MappedFile::open).map_err(|e| explained(path, e))?;
        *path = out;
    }
    Ok(Some(made))
}

fn today() -> Date {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
    Date::from_unix_seconds(i64::try_from(seconds).unwrap_or(i64::MAX))
}

/// Ctrl-C once stops after the records at hand and marks the output; twice ends at once.
fn stop_on_interrupt(cancel: &Cancel) {
    let cancel = cancel.clone();
    let _ = ctrlc::set_handler(move || {
        if cancel.is_cancelled() {
            std::process::exit(i32::from(Exit::Interrupted.code()));
        }
        cancel.cancel();
    });
}

fn draw(progress: Arc<Progress>, done: Arc<AtomicBool>, locale: Locale) -> std::thread::JoinHandle<()> {
    std::thread::spawn(move || {
        let bar = ProgressBar::new(0);
        let style = ProgressStyle::with_template("{msg} [{bar:30}] {percent:>3}% {per_sec} ETA {eta}");
        if let Ok(style) = style {
            let shared = Arc::clone(&progress);
            bar.set_style(style.with_key(
                "per_sec",
                move |state: &indicatif::ProgressState, out: &mut dyn std::fmt::Write| {
                    let seconds = state.elapsed().as_secs_f64().max(0.001);
                    let _ = write!(out, "{:.0} rows/s", shared.rows() as f64 / seconds);
                },
            ));
        }
        while !done.load(Ordering::Relaxed) {
            bar.set_length(progress.bytes_total().max(1));
            bar.set_position(progress.bytes().min(progress.bytes_total()));
            let what = match (progress.phase(), locale) {
                (Phase::Records, Locale::Zh) => "筛查",
                (Phase::Groups, Locale::Zh) => "比对",
                (Phase::Output, Locale::Zh) => "输出",
                (Phase::Records, Locale::En) => "judging",
                (Phase::Groups, Locale::En) => "comparing",
                (Phase::Output, Locale::En) => "writing",
            };
            bar.set_message(format!("{what} {}", progress.rows()));
            std::thread::sleep(Duration::from_millis(100));
        }
        bar.finish_and_clear();
    })
}

/// How each input was understood.
fn account(intake: &Intake, locale: Locale) {
    let mut text = String::new();
    for plan in intake.inputs() {
        let sheet = plan.name.sheet.as_ref().map(|sheet| format!(" [{sheet}]")).unwrap_or_default();
        text.push_str(&format!("{}{}\n", sanitise(&plan.name.file), sanitise(&sheet)));
        for line in plan.account(locale) {
            text.push_str(&format!("    {}\n", sanitise(&line)));
        }
    }
    use std::io::Write as _;
    let _ = std::io::stderr().write_all(text.as_bytes());
}

fn summary_line(finished: &Finished, locale: Locale) -> String {
    let s = &finished.summary;
    let n = |map: &std::collections::BTreeMap<String, u64>, key: &str| map.get(key).copied().unwrap_or(0);
    let scanned: u64 = n(&s.scanned, "listing") + n(&s.scanned, "review");
    let findings: u64 = s.severities.values().sum();
    let (reject, review, pass) = (n(&s.verdicts, "reject"), n(&s.verdicts, "review"), n(&s.verdicts, "pass"));
    match locale {
        Locale::Zh => format!(
            "读入 {} 行 = 扫描 {scanned} + 重复 {} + 无法读取 {}；图片 {}；疑似发现 {findings} 项；\
             结论：建议拒绝 {reject}，待人工复核 {review}，通过 {pass}；未能判断 {}",
            s.read,
            s.duplicates,
            s.quarantined,
            n(&s.scanned, "image"),
            s.unjudged
        ),
        Locale::En => format!(
            "read {} = {scanned} scanned + {} duplicates + {} unusable; {} pictures; {findings} suspected findings; \
             verdicts: {reject} reject, {review} review, {pass} pass; {} not judged",
            s.read,
            s.duplicates,
            s.quarantined,
            n(&s.scanned, "image"),
            s.unjudged
        ),
    }
}

fn written(specs: &[Spec], finished: &Finished, locale: Locale) -> Vec<String> {
    let mut lines = Vec::new();
    for spec in specs {
        if let Destination::File(path) = &spec.destination {
            let format = spec.format.as_str();
            let marked = path.with_file_name(format!("{}.partial", path.file_name().unwrap_or_default().display()));
            let interrupted = finished.summary.status == RunStatus::Interrupted;
            let path = if interrupted && marked.is_file() { &marked } else { path };
            lines.push(match locale {
                Locale::Zh => format!("已写出 {format}：{}", path.display()),
                Locale::En => format!("wrote {format}: {}", path.display()),
            });
        }
    }
    if let Some(path) = &finished.quarantine {
        lines.push(match locale {
            Locale::Zh => format!("无法读取的行写在 {}", path.display()),
            Locale::En => format!("unusable rows are in {}", path.display()),
        });
    }
    lines
}

/// What was not covered, and detectors that did not run.
fn trouble(summary: &RunSummary, locale: Locale) -> Vec<String> {
    let mut lines = Vec::new();
    if summary.status == RunStatus::Interrupted {
        lines.push(match locale {
            Locale::Zh => "已中断：写出的结果不完整".to_owned(),
            Locale::En => "interrupted: what was written is not complete".to_owned(),
        });
    }
    if let RunStatus::Incomplete { reasons } = &summary.status {
        for reason in reasons {
            let reason = sanitise(reason);
            lines.push(match locale {
                Locale::Zh => format!("不完整：{reason}"),
                Locale::En => format!("incomplete: {reason}"),
            });
        }
    }
    for detector in &summary.detectors {
        if let huoyan_model::DetectorOutcome::Skipped { reason } = &detector.outcome {
            lines.push(match locale {
                Locale::Zh => format!("未运行 {}：{reason}", detector.name),
                Locale::En => format!("not run: {}: {reason}", detector.name),
            });
        }
    }
    lines
}
