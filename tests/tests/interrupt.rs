//! Ctrl-C once: what was read is in every output, which says that it is not the whole, and what was judged no more is named.
#![cfg(unix)]

use std::io::Write as _;
use std::process::{Command, Stdio};

use huoyan_tests::{Findings, Scratch, huoyan};

#[test]
fn an_interrupted_run_ends_with_130_and_marks_its_outputs() {
    let scratch = Scratch::new();
    let (findings, verdicts) = (scratch.path("findings.jsonl"), scratch.path("verdicts.jsonl"));
    let mut run = Command::new(huoyan())
        .args(["scan", "-", "-o", &format!("jsonl={findings}"), "-o", &format!("verdicts={verdicts}")])
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = run.stdin.take().unwrap();
    let line = |i: u32| format!("{{\"id\":\"{i}\",\"title\":\"陶瓷马克杯 第{i}款\",\"price\":29.9}}\n");
    // Enough that the command is past looking at its input and inside the run.
    (0..60_000).for_each(|i| stdin.write_all(line(i).as_bytes()).unwrap());
    assert!(Command::new("kill").args(["-INT", &run.id().to_string()]).status().unwrap().success());
    // It may stop listening at any point from here on.
    for i in 60_000..400_000 {
        if stdin.write_all(line(i).as_bytes()).is_err() {
            break;
        }
    }
    drop(stdin);
    assert_eq!(run.wait().unwrap().code(), Some(130));
    let found = Findings::parse(&scratch.text("findings.jsonl"));
    assert_eq!(found.summary["status"], "interrupted");
    assert!(found.count("read") < 400_000, "nothing was left out");
    // Each record that was read was judged by a detector, or is said not to have been.
    for detector in found.summary["detectors"].as_array().unwrap().iter().filter(|d| d["name"] == "prohibited-keyword")
    {
        let count = |key: &str| detector[key].as_u64().unwrap();
        assert_eq!(count("judged") + count("unjudged"), found.records(), "{detector}");
    }
    assert!(!std::path::Path::new(&verdicts).exists());
    assert_eq!(scratch.text("verdicts.jsonl.partial").lines().count() as u64, found.records());
}
