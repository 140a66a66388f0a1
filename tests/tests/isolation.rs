//! Plugins in child processes: a scan says the same byte for byte, and no fault of one reaches another.
#![cfg(unix)]

use huoyan_tests::{Findings, Scratch, misbehaving, shop};

fn scan(config: &str, arguments: &[&str], status: i32) -> String {
    let scratch = Scratch::new();
    scratch.file("huoyan.toml", config);
    let (listings, reviews) = (shop("listings.jsonl"), shop("reviews.jsonl"));
    let mut all = vec!["scan", &listings, &reviews, "-o", "jsonl", "--fail-on", "never", "--all-findings"];
    all.extend(arguments);
    scratch.run(&all).exits(status).stdout
}

/// A scan that ends incomplete, with the plugin that misbehaves, which is trusted first.
fn scan_with_misbehaving(config: &str) -> String {
    let scratch = Scratch::new();
    scratch.file("huoyan.toml", config);
    let library = scratch.plugin(&misbehaving());
    scratch.run(&["plugin", "trust", &library]).exits(0);
    let (listings, reviews) = (shop("listings.jsonl"), shop("reviews.jsonl"));
    let all =
        ["scan", &listings, &reviews, "-o", "jsonl", "--fail-on", "never", "--all-findings", "--plugins", &library];
    scratch.run(&all).exits(3).stdout
}

/// A scan's lines without the header, which says where plugins ran.
fn lines(scan: &str) -> Vec<&str> {
    scan.lines().skip(1).collect()
}

#[test]
fn a_scan_with_every_plugin_in_child_processes_says_the_same_byte_for_byte() {
    let scratch = Scratch::new();
    let (gallery, brands) = (scratch.path("brand.gallery"), shop("brands.toml"));
    scratch.run(&["gallery", "build", &shop("gallery"), "--out", &gallery]).exits(0);
    let references = ["--gallery", &gallery, "--brands", &brands];
    let here = scan("", &references, 0);
    let there = scan("[plugins]\nisolation = \"child\"\n", &references, 0);
    assert!(lines(&here).len() > 100, "the fixtures say something");
    for detector in ["image-counterfeit", "platform-mention", "prohibited-keyword", "review-malice"] {
        assert!(here.contains(&format!("\"detector\":\"{detector}\"")), "{detector} says nothing of the fixtures");
    }
    assert_eq!(lines(&here), lines(&there));
    let header: serde_json::Value = serde_json::from_str(there.lines().next().unwrap()).unwrap();
    let isolation = header["plugin_use"].as_object().unwrap();
    assert_eq!(isolation.len(), 4);
    assert!(isolation.values().all(|told| told["isolation"] == "child"), "{isolation:?}");
}

#[test]
fn the_number_of_threads_and_so_of_children_changes_nothing() {
    let config = "[plugins]\nisolation = \"child\"\n";
    let one = scan(config, &["--threads", "1"], 0);
    let four = scan(config, &["--threads", "4"], 0);
    assert_eq!(lines(&one), lines(&four));
}

#[test]
fn each_end_of_a_child_costs_that_detector_and_nothing_else() {
    let alone = Findings::parse(&scan("", &[], 0));
    let others = |found: &Findings| -> Vec<String> {
        found.findings.iter().filter(|f| f["detector"] != "misbehaving").map(ToString::to_string).collect()
    };
    for (mode, why) in [
        ("panic-create", "asked to panic while being created"),
        ("abort-create", "aborted its child process"),
        ("loop-create", "took longer than time_limit = \"2s\""),
        ("abort", "aborted its child process"),
        ("stack-overflow", "overflowed the stack"),
        ("endless-loop", "took longer than time_limit = \"2s\""),
        ("memory-hog", "wanted more memory than memory_limit allows"),
        ("segfault", "crashed its child process"),
        ("close-pipe", "closed its channel"),
        ("write-garbage", "broke the protocol"),
        ("undeclared-rule", "which it does not declare"),
        ("panic-group", "asked to panic in group"),
        ("two-summaries", "gave a second summary"),
    ] {
        let limit = if mode.contains("loop") { "2s" } else { "60s" };
        let config = format!(
            "[plugins]\nisolation = \"child\"\ntime_limit = \"{limit}\"\nmemory_limit = \"512MiB\"\n\
             disabled = [\"image-counterfeit\", \"platform-mention\", \"review-malice\"]\n\
             [detectors.misbehaving]\nmode = \"{mode}\"\n"
        );
        let found = Findings::parse(&scan_with_misbehaving(&config));
        let kept: Vec<String> =
            others(&alone).into_iter().filter(|f| f.contains("\"detector\":\"prohibited-keyword\"")).collect();
        assert_eq!(others(&found), kept, "{mode}");
        assert!(found.findings.iter().all(|f| f["detector"] != "misbehaving"), "{mode}: what it said was kept");
        let told = found.summary["detectors"].as_array().unwrap();
        let told = told.iter().find(|d| d["name"] == "misbehaving").unwrap();
        assert_eq!(told["outcome"], "quarantined", "{mode}");
        assert!(told["reason"].as_str().unwrap().contains(why), "{mode}: {told}");
    }
}

#[test]
fn the_list_says_where_a_plugin_would_run() {
    let scratch = Scratch::new();
    scratch.file("huoyan.toml", "[plugins]\nisolation = \"child\"\n");
    let list = scratch.run(&["plugin", "list"]).exits(0);
    assert_eq!(list.stdout.matches("  child ").count(), 4, "{}", list.stdout);
    let list = Scratch::new().run(&["plugin", "list"]).exits(0);
    assert_eq!(list.stdout.matches("  in-process ").count(), 4, "{}", list.stdout);
}

#[test]
fn a_limit_without_a_unit_is_refused_with_an_example() {
    let scratch = Scratch::new();
    scratch.file("huoyan.toml", "[plugins]\ntime_limit = \"60\"\n");
    let refused = scratch.run(&["config", "show"]).exits(2);
    assert!(refused.stderr.contains("such as \"60s\""), "{}", refused.stderr);
}
