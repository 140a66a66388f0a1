//! Ctrl-C once: what was read is in every output, which says that it is not the whole, and what was judged no more is named.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise, in its helpers too")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};

use huoyan_tests::{Findings, Scratch, huoyan, misbehaving};

/// Scans lines from standard input, stops the run in their midst, and gives what it wrote to `findings.jsonl`.
fn interrupted(scratch: &Scratch, arguments: &[&str], line: &dyn Fn(u32) -> String) -> Findings {
    let mut command = Command::new(huoyan());
    command.current_dir(scratch.path(".")).args(["scan", "-", "-o", "jsonl=findings.jsonl"]).args(arguments);
    let mut run = command.stdin(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut stdin = run.stdin.take().unwrap();
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
    found
}

/// How many records a detector judged, and how many it did not.
fn counts(found: &Findings, name: &str) -> (u64, u64) {
    let detector = found.summary["detectors"].as_array().unwrap().iter().find(|d| d["name"] == name).unwrap();
    (detector["judged"].as_u64().unwrap(), detector["unjudged"].as_u64().unwrap())
}

#[test]
fn an_interrupted_run_ends_with_130_and_marks_its_outputs() {
    let scratch = Scratch::new();
    let found = interrupted(&scratch, &["-o", "verdicts=verdicts.jsonl"], &|i| {
        format!("{{\"id\":\"{i}\",\"title\":\"陶瓷马克杯 第{i}款\",\"price\":29.9}}\n")
    });
    // Each record that was read was judged by a detector, or is said not to have been.
    let (judged, unjudged) = counts(&found, "prohibited-keyword");
    assert_eq!(judged + unjudged, found.records());
    assert!(!std::path::Path::new(&scratch.path("verdicts.jsonl")).exists());
    assert_eq!(scratch.text("verdicts.jsonl.partial").lines().count() as u64, found.records());
}

#[test]
fn what_only_later_stages_judge_is_unjudged_when_they_did_not_run() {
    let scratch = Scratch::new();
    let found = interrupted(&scratch, &["--kind", "review"], &|i| {
        format!("{{\"id\":\"{i}\",\"text\":\"杯子收到了 第{i}个\",\"rating\":4,\"reviewer_id\":\"B{}\"}}\n", i % 9)
    });
    assert_eq!(counts(&found, "review-malice"), (0, found.records()));
}

#[test]
fn what_a_detector_was_judging_is_unjudged_and_not_judged() {
    let scratch = Scratch::new();
    scratch.file("huoyan.toml", "[detectors.misbehaving]\nmode = \"wait-for-host\"\n");
    let library = scratch.plugin(&misbehaving());
    scratch.run(&["plugin", "trust", &library, "--in-process"]).exits(0);
    // It waits in the second batch: what begins with '#' is nothing to it.
    let line = |i: u32| format!("{{\"id\":\"{i}\",\"title\":\"{}\"}}\n", if i < 5000 { "# 马克杯" } else { "马克杯" });
    let listings = scratch.file("listings.jsonl", (0..5001).map(line).collect::<String>());
    let mut command = Command::new(huoyan());
    scratch.keeps_state_of(&mut command).current_dir(scratch.path(".")).env_remove("HUOYAN_LOG");
    command.args([
        "--locale",
        "en",
        "scan",
        &listings,
        "--kind",
        "listing",
        "--only",
        "misbehaving",
        "--plugins",
        &library,
    ]);
    command.args(["-o", "jsonl=findings.jsonl", "--threads", "1"]);
    let mut run = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut told = BufReader::new(run.stderr.take().unwrap()).lines();
    assert!(told.any(|line| line.unwrap().contains("waits for the end of the run")), "it never waited");
    assert!(Command::new("kill").args(["-INT", &run.id().to_string()]).status().unwrap().success());
    let told: Vec<String> = told.map(Result::unwrap).collect();
    assert_eq!(run.wait().unwrap().code(), Some(130));
    assert!(told.iter().any(|line| line.contains("interrupted: what was written is not complete")), "{told:?}");
    let found = Findings::parse(&scratch.text("findings.jsonl"));
    let detector = &found.summary["detectors"][0];
    let count = |key: &str| detector[key].as_u64().unwrap();
    assert_eq!((count("judged") + count("unjudged"), found.records()), (5001, 5001), "{detector}");
    assert!(count("judged") > 0 && count("unjudged") > 0, "{detector}");
    assert!(scratch.text("findings.jsonl").contains("the run was stopped before it was judged"));
}
