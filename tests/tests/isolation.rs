//! Plugins in child processes: a scan says the same byte for byte, and no fault of one reaches another.
#![cfg(unix)]

use huoyan_tests::{Findings, Finished, Scratch, misbehaving, shop};

fn scan(config: &str, arguments: &[&str], status: i32) -> String {
    let scratch = Scratch::new();
    scratch.file("huoyan.toml", config);
    let (listings, reviews) = (shop("listings.jsonl"), shop("reviews.jsonl"));
    let mut all = vec!["scan", &listings, &reviews, "-o", "jsonl", "--fail-on", "never", "--all-findings"];
    all.extend(arguments);
    scratch.run(&all).exits(status).stdout
}

/// A scan that ends incomplete, with the plugin that misbehaves, which is trusted first.
fn scan_with_misbehaving(config: &str, locale: &str) -> Finished {
    let scratch = Scratch::new();
    scratch.file("huoyan.toml", config);
    let library = scratch.plugin(&misbehaving());
    scratch.run(&["plugin", "trust", &library]).exits(0);
    let (listings, reviews) = (shop("listings.jsonl"), shop("reviews.jsonl"));
    let mut all = vec!["scan", &listings, &reviews, "-o", "jsonl", "--fail-on", "never", "--all-findings"];
    all.extend(["--plugins", &library, "--locale", locale]);
    scratch.run(&all).exits(3)
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
        let found = Findings::parse(&scan_with_misbehaving(&config, "en").stdout);
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
fn a_run_in_chinese_says_in_chinese_why_a_detector_was_taken_out() {
    for (mode, why) in [
        ("abort", "中止了它的子进程（SIGABRT）；"),
        ("write-garbage", "违反了子进程的协议：发来了"),
        ("panic", "调用中崩溃：panic at "),
        ("undeclared-rule", "报告了没有声明的规则 'ZZ999'"),
        ("late-unknown-record", "提到了没有交给它的记录 "),
    ] {
        let config = format!(
            "[plugins]\nisolation = \"child\"\n\
             disabled = [\"image-counterfeit\", \"platform-mention\", \"review-malice\"]\n\
             [detectors.misbehaving]\nmode = \"{mode}\"\n"
        );
        let scan = scan_with_misbehaving(&config, "zh");
        let found = Findings::parse(&scan.stdout);
        let told = found.summary["detectors"].as_array().unwrap();
        let told = told.iter().find(|d| d["name"] == "misbehaving").unwrap();
        let reason = told["reason"].as_str().unwrap();
        assert!(reason.starts_with(why), "{mode}: {reason}");
        let taken_out = format!("检测器 'misbehaving' 已被隔离：{reason}");
        assert_eq!(found.summary["reasons"], serde_json::json!([taken_out]), "{mode}");
        assert!(scan.stderr.contains(&format!("不完整：{taken_out}")), "{mode}: {}", scan.stderr);
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

/// The processes that `parent` started.
#[cfg(target_os = "linux")]
fn children(parent: u32) -> Vec<u32> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(process) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        let stat = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        // After the name in brackets: state, parent.
        let of = stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().nth(1)).and_then(|of| of.parse().ok());
        if of == Some(parent) {
            found.push(process);
        }
    }
    found
}

#[test]
#[cfg(target_os = "linux")]
fn children_end_with_a_host_that_is_killed() {
    use std::time::{Duration, Instant};

    let scratch = Scratch::new();
    scratch.file("huoyan.toml", "[detectors.misbehaving]\nmode = \"endless-loop\"\n");
    let library = scratch.plugin(&misbehaving());
    scratch.run(&["plugin", "trust", &library]).exits(0);
    let mut command = std::process::Command::new(huoyan_tests::huoyan());
    scratch.keeps_state_of(&mut command).current_dir(scratch.path(".")).args([
        "scan",
        &shop("listings.jsonl"),
        "--only",
        "misbehaving",
    ]);
    command.args(["--plugins", &library, "-o", "jsonl=found.jsonl"]).env_remove("HUOYAN_CONFIG");
    let mut host = command.stderr(std::process::Stdio::null()).spawn().unwrap();
    let wait = |done: &dyn Fn() -> bool| {
        let start = Instant::now();
        while !done() && start.elapsed() < Duration::from_secs(30) {
            std::thread::sleep(Duration::from_millis(20));
        }
        done()
    };
    // One that has used processor time for a while is in the loop.
    let busy = |child: &u32| {
        let stat = std::fs::read_to_string(format!("/proc/{child}/schedstat")).unwrap_or_default();
        stat.split(' ').next().and_then(|time| time.parse::<u64>().ok()).unwrap_or_default() > 500_000_000
    };
    assert!(wait(&|| children(host.id()).iter().any(busy)), "no child runs");
    let left = children(host.id());
    host.kill().unwrap();
    host.wait().unwrap();
    let lives = |child: &u32| {
        let stat = std::fs::read_to_string(format!("/proc/{child}/stat")).unwrap_or_default();
        stat.rsplit(')').next().is_some_and(|rest| !rest.is_empty() && !rest.trim_start().starts_with('Z'))
    };
    assert!(wait(&|| !left.iter().any(lives)), "{left:?} outlive their host");
}
