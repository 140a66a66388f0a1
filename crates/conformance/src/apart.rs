//! Each law in a process of its own, so that a plugin that crashes, hangs or eats memory breaks a law and nothing else.
//!
//! The process is given two paths: a job to read and a place for its answer. It reads all that it needs, gives up what the
//! laws can do without (see `huoyan_host::child::confine`), and only then loads the plugin.

mod work;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use huoyan_host::PluginFile;
use huoyan_model::Localized;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use self::work::serve;

use crate::laws::Law;
use crate::report::{Break, LawReport, Outcome};
use crate::rows::{Row, kinds_read};
use crate::shrink::{Effort, shrink};
use crate::trail::{Step, Trail};
use crate::{Options, judge as in_process, laws, resources, rows};

/// What a process is to do.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Job {
    plugin: PathBuf,
    options: Options,
    task: Task,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
enum Task {
    /// Judge by a law and leave a trail.
    Judge { law: String, trail: PathBuf },
    /// Say whether a law holds for one detector on these rows.
    Try { law: String, detector: String, rows: PathBuf },
    /// Play generated rows, to see whether the plugin can be used at all.
    Plain,
}

/// What it answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
enum Answer {
    Judged(Vec<LawReport>),
    Tried {
        wrong: Option<Localized>,
    },
    /// With what this system could not keep from it.
    Played(Vec<Localized>),
    Failed(Localized),
}

/// How a process ended that gave no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Gone {
    Late,
    #[cfg_attr(not(unix), expect(dead_code, reason = "only Unix has signals"))]
    Signal(i32),
    Status(i32),
}

impl Gone {
    fn of(status: ExitStatus) -> Self {
        #[cfg(unix)]
        if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
            return Self::Signal(signal);
        }
        Self::Status(status.code().unwrap_or(-1))
    }

    /// `rows`: how many were being judged.
    fn told(&self, options: &Options, stderr: &str, rows: usize) -> Localized {
        let (mut zh, mut en) = match self {
            Self::Late => {
                let limit = options.time_limit.as_secs_f64();
                (
                    format!("{limit:.0} 秒内没有结束，已被终止；当时输入有 {rows} 行"),
                    format!("it did not end within {limit:.0} s and was stopped, at an input of {rows} rows"),
                )
            }
            Self::Signal(signal) => {
                let name = signal_name(*signal);
                (
                    format!("进程因信号 {signal}（{name}）崩溃"),
                    format!("the process crashed by signal {signal} ({name})"),
                )
            }
            Self::Status(status) => (
                format!("插件使进程以状态 {status} 退出"),
                format!("the plugin made the process exit with status {status}"),
            ),
        };
        if !stderr.is_empty() {
            zh.push_str(&format!("；它最后写出：{stderr}"));
            en.push_str(&format!("; its last words: {stderr}"));
        }
        Localized::new(zh, en)
    }
}

fn signal_name(signal: i32) -> &'static str {
    match signal {
        4 => "SIGILL",
        6 => "SIGABRT",
        7 => "SIGBUS",
        8 => "SIGFPE",
        9 => "SIGKILL",
        11 => "SIGSEGV",
        _ => "?",
    }
}

/// Where the processes of one report leave their files.
struct Bench<'b> {
    folder: tempfile::TempDir,
    next: AtomicUsize,
    plugin: &'b Path,
    options: &'b Options,
    command: &'b [String],
}

impl Bench<'_> {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(format!("{}-{name}", self.next.fetch_add(1, Ordering::Relaxed)))
    }

    /// Runs one job; the end of what it wrote to stderr comes with how it is gone.
    fn run(&self, task: Task, limit: Duration) -> Result<Result<Answer, (Gone, String)>, Localized> {
        let fail = |what: String| {
            Localized::new(format!("无法运行检验进程：{what}"), format!("a law's process cannot be run: {what}"))
        };
        let io = |e: std::io::Error| fail(e.to_string());
        let (job_path, answer, stderr) = (self.path("job"), self.path("answer"), self.path("stderr"));
        let job = Job { plugin: self.plugin.to_owned(), options: self.options.clone(), task };
        std::fs::write(&job_path, serde_json::to_vec(&job).map_err(|e| fail(e.to_string()))?).map_err(io)?;
        let (program, leading) = self.command.split_first().ok_or_else(|| fail("no command is named".to_owned()))?;
        let mut command = Command::new(program);
        // Tokens and paths of the user are nobody's business.
        #[cfg(unix)]
        command.env_clear().current_dir("/");
        let mut child = command
            .args(leading)
            .args([&job_path, &answer])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&stderr).map_err(io)?)
            .spawn()
            .map_err(io)?;
        // The clock only ends what does not end by itself.
        let start = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait().map_err(io)? {
                break Some(status);
            }
            if start.elapsed() > limit {
                let _ = child.kill();
                let _ = child.wait();
                break None;
            }
            std::thread::sleep(Duration::from_millis(4));
        };
        let words = last_words(&stderr);
        let read = std::fs::read(&answer).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        for path in [&job_path, &answer, &stderr] {
            let _ = std::fs::remove_file(path);
        }
        Ok(match (status, read) {
            (None, _) => Err((Gone::Late, words)),
            // A plugin that brings the process down after the answer did so all the same.
            (Some(status), Some(answer)) if status.success() => Ok(answer),
            (Some(status), _) => Err((Gone::of(status), words)),
        })
    }
}

/// The end of a text file, for a person: without control characters.
fn last_words(path: &Path) -> String {
    let bytes = std::fs::read(path).unwrap_or_default();
    let tail = String::from_utf8_lossy(&bytes[bytes.len().saturating_sub(400)..]).into_owned();
    let plain: String = tail.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    plain.trim().to_owned()
}

/// Judges by some laws, each in a process of its own; as many at once as there are processors.
pub(crate) fn judge(
    plugin: &Path,
    options: &Options,
    laws: &[&'static Law],
    command: &[String],
) -> Result<(Vec<LawReport>, Vec<Localized>), Localized> {
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let folder = tempfile::tempdir_in(absolute(&std::env::temp_dir())).map_err(|e| {
        Localized::new(format!("无法建立临时文件夹：{e}"), format!("no temporary folder can be made: {e}"))
    })?;
    let (plugin, fixture) = (absolute(plugin), options.fixture.as_deref().map(absolute));
    let resources = resources::absolute(&options.resources);
    let options = Options { fixture, resources, ..options.clone() };
    let bench = Bench { folder, next: AtomicUsize::new(0), plugin: &plugin, options: &options, command };
    let manifest = match PluginFile::inspect(&plugin).map_err(Localized::from)? {
        Some(file) => file.manifest,
        None => return Ok(Default::default()),
    };
    let gaps = match bench.run(Task::Plain, options.time_limit)? {
        Ok(Answer::Failed(what)) => return Err(what),
        Ok(Answer::Played(gaps)) => gaps,
        Ok(_) => return Err(another_answer()),
        Err((gone, words)) => {
            let what = gone.told(&options, &words, PLAIN);
            return Ok((plainly_gone(&bench, laws, &manifest, &what), Vec::new()));
        }
    };
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(laws.len().max(1));
    // What a process needs while it is measured must not be taken by the other laws' processes.
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let i = next.fetch_add(1, Ordering::Relaxed);
                    let Some(law) = laws.get(i) else { break };
                    let reports = one(&bench, law, &manifest);
                    done.lock().unwrap_or_else(PoisonError::into_inner).push((i, reports));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(i, _): &(usize, Result<Vec<LawReport>, Localized>)| *i);
    let mut reports = Vec::new();
    for (_, result) in done {
        reports.extend(result?);
    }
    Ok((reports, gaps))
}

/// How many rows of each kind are played to see whether the plugin can be used at all.
const PLAIN: usize = 12;

fn another_answer() -> Localized {
    Localized::new("检验进程答非所问", "a law's process gave another answer than it was asked for")
}

/// The plugin brings its process down on plain rows: one law says so with the smallest input, and nothing else can be judged.
fn plainly_gone(
    bench: &Bench<'_>,
    laws: &[&'static Law],
    manifest: &huoyan_model::Manifest,
    what: &Localized,
) -> Vec<LawReport> {
    let first = laws.iter().find(|law| law.id == "declared").or(laws.first());
    let mut reports = Vec::new();
    for law in laws {
        if first.is_some_and(|first| first.id == law.id) {
            let told = one(bench, law, manifest);
            let broken = |reports: &[LawReport]| reports.iter().any(|r| matches!(r.outcome, Outcome::Broken(_)));
            match told {
                Ok(told) if broken(&told) => reports.extend(told),
                _ => {
                    let broken = Break { what: what.clone(), config: None, input: Vec::new(), by_fixture: false };
                    reports.push(in_process::report(law, &manifest.detectors[0].name, Outcome::Broken(broken)));
                }
            }
            continue;
        }
        for detector in &manifest.detectors {
            reports.push(in_process::report(law, &detector.name, Outcome::Unjudged { why: what.clone() }));
        }
    }
    reports
}

fn one(bench: &Bench<'_>, law: &'static Law, manifest: &huoyan_model::Manifest) -> Result<Vec<LawReport>, Localized> {
    let trail = bench.path("trail");
    let task = Task::Judge { law: law.id.to_owned(), trail: trail.clone() };
    let outcome = bench.run(task, bench.options.time_limit)?;
    let step = Trail::read(&trail);
    let _ = std::fs::remove_file(&trail);
    let (gone, words) = match outcome {
        Ok(Answer::Judged(mut reports)) => {
            // Only processes of their own can show where the two ways to run it differ.
            if law.id == laws::ISOLATED.id {
                reports.iter_mut().for_each(|report| smaller_in_processes(bench, law, manifest, report));
            }
            return Ok(reports);
        }
        Ok(Answer::Failed(what)) => return Err(what),
        Ok(_) => return Err(another_answer()),
        Err(gone) => gone,
    };
    let Step { detector, rows: n, input, config, found, done } = step.unwrap_or_default();
    let detector = if detector.is_empty() { manifest.detectors[0].name.clone() } else { detector };
    let (what, input) = match found {
        // It was gone while a smaller input was looked for.
        Some(what) => (what, input),
        None => {
            let what = gone.told(bench.options, &words, n);
            let (rows, more) = smallest(bench, law, &detector, parsed(&input, manifest), &gone);
            let what = match more {
                Some(more) => Localized::new(format!("{}；{}", what.zh, more.zh), format!("{}; {}", what.en, more.en)),
                None => what,
            };
            (what, rows.iter().map(Row::to_json).collect())
        }
    };
    let broken = Break { what, config, input, by_fixture: law.by_fixture };
    let mut reports = done;
    reports.push(in_process::report(law, &detector, Outcome::Broken(broken)));
    // Detectors are judged in the order of the manifest.
    for spec in manifest.detectors.iter().skip(reports.len()) {
        let why = Localized::new(
            format!("检测器 '{detector}' 使检验进程先行结束"),
            format!("detector '{detector}' ended the law's process before"),
        );
        reports.push(in_process::report(law, &spec.name, Outcome::Unjudged { why }));
    }
    Ok(reports)
}

fn parsed(input: &[Value], manifest: &huoyan_model::Manifest) -> Vec<Row> {
    let text: String = input.iter().map(|line| format!("{line}\n")).collect();
    rows::parse(&text, &kinds_read(manifest)).unwrap_or_default()
}

/// What came of trying a law on some rows; `None` when there was no trying.
fn attempt(
    bench: &Bench<'_>,
    law: &'static Law,
    detector: &str,
    rows: &[Row],
    limit: Duration,
) -> Option<Result<Answer, Gone>> {
    let path = bench.path("rows");
    let lines: String = rows.iter().map(|row| format!("{}\n", row.to_json())).collect();
    std::fs::write(&path, lines).ok()?;
    let task = Task::Try { law: law.id.to_owned(), detector: detector.to_owned(), rows: path.clone() };
    let outcome = bench.run(task, limit);
    let _ = std::fs::remove_file(&path);
    outcome.ok().map(|outcome| outcome.map_err(|(gone, _)| gone))
}

/// How much trying an input is worth when each try is a process.
fn effort(bench: &Bench<'_>) -> Effort {
    Effort { tries: 200, time: bench.options.time_limit.clamp(Duration::from_secs(5), Duration::from_secs(20)) }
}

fn smaller_in_processes(
    bench: &Bench<'_>,
    law: &'static Law,
    manifest: &huoyan_model::Manifest,
    report: &mut LawReport,
) {
    let Outcome::Broken(found) = &mut report.outcome else { return };
    let small = shrink(parsed(&found.input, manifest), effort(bench), |rows| {
        match attempt(bench, law, &report.detector, rows, bench.options.time_limit) {
            Some(Ok(Answer::Tried { wrong: Some(what) })) => {
                found.what = what;
                true
            }
            _ => false,
        }
    });
    found.input = small.iter().map(Row::to_json).collect();
}

/// Whoever takes as long as a law may take on so few rows is not only slow.
const FEW: usize = 16;

/// The smallest input on which the process is gone in the same way, and what is to be said of it.
fn smallest(
    bench: &Bench<'_>,
    law: &'static Law,
    detector: &str,
    rows: Vec<Row>,
    gone: &Gone,
) -> (Vec<Row>, Option<Localized>) {
    if !law.shrinks || rows.is_empty() {
        return (rows, None);
    }
    let late = *gone == Gone::Late;
    let same = |rows: &[Row], limit: Duration| match attempt(bench, law, detector, rows, limit) {
        Some(Err(other)) => other == *gone,
        Some(Ok(Answer::Tried { wrong })) => wrong.is_some() && !late,
        _ => false,
    };
    // A hang shows only by waiting, so a try waits as long as a try on nothing takes, and some more.
    let (start, all) = (Instant::now(), bench.options.time_limit);
    let small = if same(&[], all.min(Duration::from_secs(10))) {
        Vec::new()
    } else {
        let short = (start.elapsed() * 4 + Duration::from_secs(1)).min(all);
        let limit = if late { short } else { all };
        shrink(rows.clone(), effort(bench), |rows| !rows.is_empty() && same(rows, limit))
    };
    if !late || small == rows {
        return (small, None);
    }
    // What took longer than a try may take need not be without an end.
    let start = Instant::now();
    if same(&small, all) {
        let more = if small.len() <= FEW {
            ("下列输入单独检验也没有结束（死循环？）", "nor does the input below by itself (an endless loop?)").into()
        } else {
            let n = small.len();
            Localized::new(
                format!("其中 {n} 行单独检验也没有结束；若只是慢，请用 --time-limit 给更多时间"),
                format!("nor do {n} of these rows by themselves; if it is only slow, give it more with --time-limit"),
            )
        };
        return (small, Some(more));
    }
    let (n, took) = (small.len(), start.elapsed().as_secs_f64());
    let slow = Localized::new(
        format!("其中 {n} 行单独检验用时 {took:.1} 秒，所以是慢而不是死循环；请用 --time-limit 给更多时间"),
        format!(
            "{n} of these rows by themselves took {took:.1} s, so it is slow rather than endless; give it more with --time-limit"
        ),
    );
    (rows, Some(slow))
}
