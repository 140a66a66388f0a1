//! Each law in a process of its own, so that a plugin that crashes, hangs or eats memory breaks a law and nothing else.
//!
//! The process is given two paths: a job to read and a place for its answer. What a plugin prints goes nowhere near them.

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

use crate::laws::{ALL, Breach, Law};
use crate::report::{Break, LawReport, Outcome};
use crate::rows::{Row, kinds_read};
use crate::shape::Shape;
use crate::shrink::{Effort, shrink};
use crate::subject::Subject;
use crate::trail::{Step, Trail};
use crate::{Options, judge as in_process, rows};

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
    Tried { wrong: bool },
    Played,
    Failed(Localized),
}

/// How a process ended that gave no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Gone {
    Late,
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

    fn told(&self, options: &Options, stderr: &str) -> Localized {
        let (mut zh, mut en) = match self {
            Self::Late => {
                let limit = options.time_limit.as_secs_f64();
                (
                    format!("{limit:.0} 秒内没有结束，已被终止（死循环？）"),
                    format!("it did not end within {limit:.0} s and was stopped (an endless loop?)"),
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
        let mut child = Command::new(program)
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
) -> Result<Vec<LawReport>, Localized> {
    let folder = tempfile::tempdir().map_err(|e| {
        Localized::new(format!("无法建立临时文件夹：{e}"), format!("no temporary folder can be made: {e}"))
    })?;
    let bench = Bench { folder, next: AtomicUsize::new(0), plugin, options, command };
    let manifest = match PluginFile::inspect(plugin).map_err(Localized::from)? {
        Some(file) => file.manifest,
        None => return Ok(Vec::new()),
    };
    let unusable = match bench.run(Task::Plain, options.time_limit)? {
        Ok(Answer::Failed(what)) => return Err(what),
        Ok(_) => None,
        Err((gone, words)) => Some(gone.told(options, &words)),
    };
    if let Some(what) = unusable {
        return Ok(plainly_gone(&bench, laws, &manifest, &what));
    }
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
                    let reports = one(&bench, law, &manifest.detectors[0].name, &manifest);
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
    Ok(reports)
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
            let told = one(bench, law, &manifest.detectors[0].name, manifest);
            let broken = |reports: &[LawReport]| reports.iter().any(|r| matches!(r.outcome, Outcome::Broken(_)));
            match told {
                Ok(told) if broken(&told) => reports.extend(told),
                _ => {
                    let broken = Break { what: what.clone(), config: None, input: Vec::new() };
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

fn one(
    bench: &Bench<'_>,
    law: &'static Law,
    first: &str,
    manifest: &huoyan_model::Manifest,
) -> Result<Vec<LawReport>, Localized> {
    let trail = bench.path("trail");
    let task = Task::Judge { law: law.id.to_owned(), trail: trail.clone() };
    let outcome = bench.run(task, bench.options.time_limit)?;
    let step = Trail::read(&trail);
    let _ = std::fs::remove_file(&trail);
    match outcome {
        Ok(Answer::Judged(reports)) => Ok(reports),
        Ok(Answer::Failed(what)) => Err(what),
        Ok(_) => Err(Localized::new("检验进程答非所问", "a law's process gave another answer than it was asked for")),
        Err((gone, words)) => {
            let Step { detector, input } = step.unwrap_or_default();
            let detector = if detector.is_empty() { first.to_owned() } else { detector };
            let text: String = input.iter().map(|line| format!("{line}\n")).collect();
            let rows = rows::parse(&text, &kinds_read(manifest)).unwrap_or_default();
            let rows = smallest(bench, law, &detector, rows, &gone);
            let what = gone.told(bench.options, &words);
            let input: Vec<Value> = rows.iter().map(Row::to_json).collect();
            Ok(vec![in_process::report(law, &detector, Outcome::Broken(Break { what, config: None, input }))])
        }
    }
}

/// The smallest input on which the process is gone in the same way.
fn smallest(bench: &Bench<'_>, law: &'static Law, detector: &str, rows: Vec<Row>, gone: &Gone) -> Vec<Row> {
    if !law.shrinks {
        return rows;
    }
    let attempt = |rows: &[Row], limit: Duration| {
        let path = bench.path("rows");
        let lines: String = rows.iter().map(|row| format!("{}\n", row.to_json())).collect();
        if std::fs::write(&path, lines).is_err() {
            return false;
        }
        let task = Task::Try { law: law.id.to_owned(), detector: detector.to_owned(), rows: path.clone() };
        let outcome = bench.run(task, limit);
        let _ = std::fs::remove_file(&path);
        match outcome {
            Ok(Err((other, _))) => other == *gone,
            Ok(Ok(Answer::Tried { wrong })) => wrong && *gone != Gone::Late,
            _ => false,
        }
    };
    // A hang shows only by waiting, so a try waits as long as a try on nothing takes, and some more.
    let start = Instant::now();
    if attempt(&[], bench.options.time_limit.min(Duration::from_secs(10))) {
        return Vec::new();
    }
    let short = (start.elapsed() * 4 + Duration::from_secs(1)).min(bench.options.time_limit);
    let limit = if *gone == Gone::Late { short } else { bench.options.time_limit };
    let effort = Effort { tries: 200, time: bench.options.time_limit.min(Duration::from_secs(20)) };
    shrink(rows, effort, |rows| !rows.is_empty() && attempt(rows, limit))
}

/// Does one job: what the command named in [`Options::apart`] calls with the two paths it is given.
///
/// # Errors
/// When the job cannot be read or the answer cannot be written.
pub fn serve(job: &Path, answer: &Path) -> std::io::Result<()> {
    let job: Job = serde_json::from_slice(&std::fs::read(job)?)?;
    limit(&job.options);
    let said = work(&job).unwrap_or_else(Answer::Failed);
    std::fs::write(answer, serde_json::to_vec(&said)?)
}

fn work(job: &Job) -> Result<Answer, Localized> {
    let file = PluginFile::inspect(&job.plugin)
        .map_err(Localized::from)?
        .ok_or_else(|| Localized::new("不再是插件", "it is no plugin any more"))?;
    let plugin = file.load().map_err(Localized::from)?;
    let law_of = |id: &str| {
        ALL.into_iter().find(|law| law.id == id).ok_or_else(|| Localized::from(format!("there is no law '{id}'")))
    };
    match &job.task {
        Task::Judge { law, trail } => {
            let mut trail = Trail::to(trail.clone());
            in_process::law(&plugin, law_of(law)?, &job.options, &mut trail).map(Answer::Judged)
        }
        Task::Try { law, detector, rows } => {
            let law = law_of(law)?;
            let spec = plugin
                .file()
                .manifest
                .detector(detector)
                .cloned()
                .ok_or_else(|| Localized::from(format!("there is no detector '{detector}'")))?;
            let rows = rows::read_fixture(rows, &plugin.file().manifest)?;
            let subject = Subject::new(&plugin, &spec, &job.options)?;
            Ok(Answer::Tried { wrong: matches!((law.holds)(&subject, &rows), Err(Breach::Here { .. })) })
        }
        Task::Plain => {
            for spec in plugin.file().manifest.detectors.clone() {
                let subject = Subject::new(&plugin, &spec, &job.options)?;
                // Whatever it answers: here it only counts that it does.
                let _ = subject.play(&subject.generated(12, "rows"), &Shape::default());
            }
            Ok(Answer::Played)
        }
    }
}

/// Bounds this process for good: it exists for one job.
#[cfg(unix)]
fn limit(options: &Options) {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let bound = |most: u64| Rlimit { current: Some(most), maximum: Some(most) };
    // Where the system refuses a limit, the time limit still stands.
    let _ = setrlimit(Resource::Core, bound(0));
    #[cfg(not(target_os = "macos"))]
    let _ = setrlimit(Resource::As, bound(options.memory_limit));
}

#[cfg(not(unix))]
fn limit(_: &Options) {}
