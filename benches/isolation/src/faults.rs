//! Faults at random in child processes, one or more in each of many scans of the fixtures shop, all plugins in children.
//!
//! A fault is one of: *kill*, up to three children of the run, whichever detector's, at random moments; *wave*, all children of the run
//! at one moment; *abort*, the end of a process from within (abort, fault of memory, overflow of the stack, exit, hunger for memory);
//! *hang* (a loop without end under a time limit of seconds, or a closed channel); *lie* (bytes that are no frame, open files, or
//! output that breaks the contract). A run is *lost* when it does not come to its end. Only the plugin that misbehaves may be taken
//! out for what it does; one whose child was killed may be, where it had been told what cannot be told again. What a detector that
//! was taken out had said is dropped with it; every other detector's findings must be those of a scan without faults, byte for byte.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use huoyan_host::Cancel;
use huoyan_pipeline::config::{Date, Request, load};
use huoyan_pipeline::{Detectors, Progress, Run};
use serde_json::Value;

use crate::random::Random;
use crate::{plugin, shop};

const PLUGINS: [&str; 5] =
    ["image_counterfeit", "misbehaving", "platform_mention", "prohibited_keyword", "review_malice"];
const ABORTS: [&str; 5] = ["abort", "segfault", "stack-overflow", "exit", "memory-hog"];
const HANGS: [&str; 2] = ["endless-loop", "close-pipe"];
const LIES: [&str; 9] = [
    "write-garbage",
    "send-files",
    "undeclared-rule",
    "unknown-record",
    "bad-utf8",
    "span-outside",
    "nan-score",
    "endless-output",
    "two-summaries",
];

/// A scan's findings by detector, as they were written, and the detectors that were taken out with the reason.
struct Scan {
    findings: BTreeMap<String, Vec<String>>,
    out: BTreeMap<String, String>,
}

/// Runs; whether nothing was lost or changed.
pub fn run(count: u64, seed: u64) -> Result<bool, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let started = Instant::now();
    let whole = scan(folder.path(), "none", 2, 60)?;
    let took = started.elapsed();
    let said: usize = whole.findings.values().map(Vec::len).sum();
    println!("without faults: {said} findings of {} detectors, {:.2} s", whole.findings.len(), took.as_secs_f64());
    let mut random = Random(seed);
    let (mut lost, mut changed, mut compared, mut out, mut out_by_kills) = (0, 0, 0_u64, 0, 0);
    let mut kinds: BTreeMap<&str, u64> = BTreeMap::new();
    let mut reasons: BTreeSet<String> = BTreeSet::new();
    for number in 0..count {
        let (kind, mode) = fault(number, &mut random);
        let threads = 1 + random.below(4);
        let wave = kind == "wave";
        let kills = if wave { 1 } else { 1 + random.below(3) };
        let moments: Vec<Duration> = (0..kills)
            .map(|_| took.mul_f64(random.below(1000) as f64 / 1000.0))
            .filter(|_| wave || kind == "kill")
            .collect();
        *kinds.entry(kind).or_default() += 1;
        // Time enough for the detectors that do not hang, on a busy machine and unoptimised.
        let seconds = if mode == "endless-loop" { 6 } else { 60 };
        let (done, picks) = (AtomicBool::new(false), random.below(1 << 30));
        let result = std::thread::scope(|scope| {
            scope.spawn(|| kill(&moments, (!wave).then_some(picks), &done));
            let result = scan(folder.path(), mode, threads, seconds);
            done.store(true, Ordering::Relaxed);
            result
        });
        match result {
            Err(error) => {
                lost += 1;
                println!("run {number} ({kind} {mode}) was lost: {error}");
            }
            Ok(scan) => {
                out += scan.out.len();
                let killed = scan.out.keys().filter(|name| *name != "misbehaving").count();
                if kind == "kill" || wave {
                    out_by_kills += killed;
                } else if killed > 0 {
                    changed += killed;
                    println!("run {number} ({kind} {mode}): others were taken out: {:?}", scan.out);
                }
                for reason in scan.out.values() {
                    let short: String = reason.chars().take_while(|c| !";:=".contains(*c)).take(80).collect();
                    reasons.insert(short);
                }
                for (detector, findings) in &whole.findings {
                    if scan.out.contains_key(detector) {
                        continue;
                    }
                    compared += findings.len() as u64;
                    if scan.findings.get(detector) != Some(findings) {
                        changed += 1;
                        println!("run {number} ({kind} {mode}): the findings of {detector} changed");
                    }
                }
            }
        }
    }
    println!("{count} runs with faults {kinds:?}: {lost} lost, {changed} detectors' findings changed");
    println!(
        "{compared} findings compared; {out} detectors were taken out, {out_by_kills} of them by kills, because each:"
    );
    for reason in reasons {
        println!("  {reason}");
    }
    println!("{:.0} s", started.elapsed().as_secs_f64());
    Ok(lost == 0 && changed == 0)
}

/// The kind of a run's fault and the mode of the plugin that misbehaves: each mode once, then at random.
fn fault(number: u64, random: &mut Random) -> (&'static str, &'static str) {
    let all = [("abort", &ABORTS[..]), ("hang", &HANGS), ("lie", &LIES)];
    let mut each = all.iter().flat_map(|(kind, modes)| modes.iter().map(move |mode| (*kind, *mode)));
    let next = usize::try_from(number).ok().and_then(|number| each.nth(number));
    next.unwrap_or_else(|| match random.below(5) {
        0 => ("kill", "none"),
        1 => ("wave", "none"),
        at => {
            let (kind, modes) = all[at - 2];
            (kind, *random.pick(modes))
        }
    })
}

fn scan(folder: &Path, mode: &str, threads: usize, seconds: u64) -> Result<Scan, Box<dyn Error>> {
    let text = format!(
        "locale = \"en\"\n[plugins]\nisolation = \"child\"\ntime_limit = \"{seconds}s\"\nmemory_limit = \"512MiB\"\n\
         [detectors.misbehaving]\nmode = \"{mode}\"\n"
    );
    let mut loaded = load(&Request { command_line: toml::from_str(&text)?, ..Request::default() })?;
    loaded.config.threads = threads;
    let cancel = Cancel::default();
    let files = PLUGINS.iter().map(|name| plugin(name)).collect::<Result<Vec<_>, _>>()?;
    let detectors = Detectors::prepare(files, &loaded.config, &cancel)?;
    let out = folder.join("findings.jsonl");
    let inputs = ["listings.jsonl", "reviews.jsonl"].map(|name| shop(name).to_string_lossy().into_owned());
    huoyan_pipeline::run(
        &Run {
            inputs: &inputs,
            config: &loaded.config,
            config_digest: &loaded.digest,
            detectors: &detectors,
            outputs: &[format!("jsonl={}", out.display()).parse()?],
            output_options: &huoyan_report::Options::default(),
            today: Date::from_unix_seconds(0),
            tool_version: "bench",
            quarantine: folder.join("quarantine.jsonl"),
            stand_in: None,
            cancel: &cancel,
            progress: &Progress::default(),
        },
        &mut |_| {},
    )?;
    read(&std::fs::read_to_string(out)?)
}

fn read(lines: &str) -> Result<Scan, Box<dyn Error>> {
    let mut scan = Scan { findings: BTreeMap::new(), out: BTreeMap::new() };
    for line in lines.lines() {
        let value: Value = serde_json::from_str(line)?;
        match value["type"].as_str() {
            Some("finding") => {
                let detector = value["detector"].as_str().unwrap_or_default().to_owned();
                scan.findings.entry(detector).or_default().push(line.to_owned());
            }
            Some("summary") => {
                for detector in value["detectors"].as_array().into_iter().flatten() {
                    if detector["outcome"] == "quarantined" {
                        let text = |key: &str| detector[key].as_str().unwrap_or_default().to_owned();
                        scan.out.insert(text("name"), text("reason"));
                    }
                }
            }
            _ => {}
        }
    }
    Ok(scan)
}

/// Kills one child at each moment, should the run last as long, or all where none is picked.
fn kill(moments: &[Duration], picks: Option<usize>, done: &AtomicBool) {
    let start = Instant::now();
    for (i, moment) in moments.iter().enumerate() {
        while start.elapsed() < *moment && !done.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(1));
        }
        let mut children = children();
        children.sort_unstable();
        if let Some(picks) = picks {
            let picked = (picks >> (i * 8)) % children.len().max(1);
            children = children.into_iter().skip(picked).take(1).collect();
        }
        for child in children.into_iter().filter_map(rustix::process::Pid::from_raw) {
            let _ = rustix::process::kill_process(child, rustix::process::Signal::KILL);
        }
    }
}

/// The processes that this one started and has not yet waited for.
fn children() -> Vec<i32> {
    let own = std::process::id().to_string();
    let stat = |entry: std::fs::DirEntry| {
        let pid: i32 = entry.file_name().to_str()?.parse().ok()?;
        let stat = std::fs::read_to_string(entry.path().join("stat")).ok()?;
        // After the name in brackets: state, parent.
        let parent = stat.rsplit(')').next()?.split_whitespace().nth(1)?.to_owned();
        (parent == own).then_some(pid)
    };
    std::fs::read_dir("/proc").into_iter().flatten().flatten().filter_map(stat).collect()
}
