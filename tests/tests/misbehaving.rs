//! Whatever a plugin does wrong costs that plugin and nothing else: the run goes on, ends incomplete and says why.

#[cfg(unix)]
use std::path::Path;

use huoyan_tests::{Findings, Scratch, misbehaving, shop};

fn scan(mode: Option<&str>, status: i32) -> Findings {
    let scratch = Scratch::new();
    let mut arguments = vec!["scan".to_owned(), shop("listings.jsonl"), shop("reviews.jsonl")];
    arguments.extend(["-o", "jsonl", "-o", "scores=scores.csv", "--fail-on", "never"].map(str::to_owned));
    if let Some(mode) = mode {
        scratch.file("huoyan.toml", format!("[detectors.misbehaving]\nmode = \"{mode}\"\n"));
        let library = scratch.plugin(&misbehaving());
        scratch.run(&["plugin", "trust", &library, "--in-process"]).exits(0);
        arguments.extend(["--plugins".to_owned(), library]);
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    Findings::parse(&scratch.run(&arguments).exits(status).stdout)
}

fn others(found: &Findings) -> Vec<String> {
    found.findings.iter().filter(|f| f["detector"] != "misbehaving").map(ToString::to_string).collect()
}

#[test]
fn each_misbehaviour_costs_that_detector_and_nothing_else() {
    let alone = scan(None, 0);
    assert!(!others(&alone).is_empty());
    let modes = [
        ("panic-create", "asked to panic while being created"),
        ("panic", "asked to panic in row 1"),
        ("undeclared-rule", "which it does not declare"),
        ("unknown-record", "which it was not given"),
        ("span-inside-character", "cuts a character"),
        ("nan-score", "which is not a number from 0 to 1"),
        ("bad-utf8", "not UTF-8"),
        ("endless-output", "reported more than"),
        ("too-many-rows", "emitted more than"),
        ("two-summaries", "gave a second summary"),
        ("panic-group", "asked to panic in group"),
        ("late-unknown-record", "which it was not given"),
        ("late-span-outside", "does not fit field 'text'"),
        ("score-twice", "two scores for record"),
    ];
    for (mode, why) in modes {
        let found = scan(Some(mode), 3);
        assert_eq!(others(&found), others(&alone), "{mode}");
        assert!(found.findings.iter().all(|f| f["detector"] != "misbehaving"), "{mode}: what it said was kept");
        assert_eq!(found.summary["status"], "incomplete", "{mode}");
        let told = found.summary["detectors"].as_array().unwrap();
        let told = told.iter().find(|d| d["name"] == "misbehaving").unwrap();
        assert_eq!(told["outcome"], "quarantined", "{mode}");
        assert!(told["reason"].as_str().unwrap().contains(why), "{mode}: {told}");
        // However far it came before: that depends on the threads.
        for number in ["findings", "judged", "unjudged"] {
            assert_eq!(told[number], 0, "{mode}: {told}");
        }
    }
}

/// No host can outlive that; but nobody may take what is left for a scan that found nothing.
#[cfg(unix)]
#[test]
fn one_that_exits_in_this_process_is_named_and_the_run_is_not_complete() {
    let scratch = Scratch::new();
    scratch.file("huoyan.toml", "[detectors.misbehaving]\nmode = \"exit\"\n");
    let library = scratch.plugin(&misbehaving());
    scratch.run(&["plugin", "trust", &library, "--in-process"]).exits(0);
    let listings = shop("listings.jsonl");
    let arguments = ["scan", &listings, "-o", "jsonl=found.jsonl", "--fail-on", "never", "--plugins", &library];
    let output = scratch.run(&arguments).exits(3);
    assert!(output.stderr.contains("'misbehaving' ended the whole program"), "{}", output.stderr);
    assert!(output.stderr.contains("'misbehaving' 的代码在本进程内结束了整个程序"), "{}", output.stderr);
    assert!(!Path::new(&scratch.path("found.jsonl")).exists(), "half a report was left");
}

#[test]
fn the_fault_that_is_told_is_the_first_of_the_input_at_any_number_of_threads() {
    let scratch = Scratch::new();
    let listings: String = (0..40_000).map(|i| format!("{{\"id\":\"L{i}\",\"title\":\"保温杯\"}}\n")).collect();
    let listings = scratch.file("listings.jsonl", listings);
    scratch.file("huoyan.toml", "[detectors.misbehaving]\nmode = \"error-here\"\n");
    let library = scratch.plugin(&misbehaving());
    scratch.run(&["plugin", "trust", &library, "--in-process"]).exits(0);
    for threads in ["1", "2", "3", "8"] {
        let arguments = ["scan", &listings, "-o", "jsonl", "--threads", threads, "--plugins", &library];
        let found = Findings::parse(&scratch.run(&arguments).exits(3).stdout);
        let told = found.summary["detectors"].as_array().unwrap();
        let told = told.iter().find(|d| d["name"] == "misbehaving").unwrap();
        let reason = told["reason"].as_str().unwrap();
        assert!(reason.ends_with("asked to fail at 'L0'"), "{threads} threads: {reason}");
    }
}

#[test]
fn a_plugin_that_behaves_takes_part() {
    let found = scan(Some("none"), 0);
    assert!(found.findings.iter().any(|f| f["detector"] == "misbehaving" && f["owner_kind"] == "listing"));
    assert!(found.findings.iter().any(|f| f["detector"] == "misbehaving" && f["owner_kind"] == "review"));
}

#[test]
fn what_a_plugin_logs_is_told_at_the_terminal_wherever_it_runs() {
    for trust in [&["--in-process"][..], &[]] {
        let scratch = Scratch::new();
        let library = scratch.plugin(&misbehaving());
        scratch.run(&[&["plugin", "trust", &library][..], trust].concat()).exits(0);
        scratch.file("huoyan.toml", "[detectors.misbehaving]\nmode = \"log\"\n");
        let listings = scratch.file("listings.jsonl", "{\"id\":\"L1\",\"title\":\"保温杯\"}\n");
        let output = scratch.run(&["scan", &listings, "-o", "jsonl", "--plugins", &library]).exits(0);
        let line = |line: &&str| line.contains("WARN") && line.contains("row 0 speaks");
        let told = output.stderr.lines().find(line).unwrap_or_else(|| panic!("{trust:?}: {}", output.stderr));
        assert!(told.contains("detector=\"misbehaving\"") && told.contains("target=\"listing\""), "{told}");
    }
}
