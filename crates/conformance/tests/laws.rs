//! The laws on real libraries: one that breaks each of them on request, one in C, and those that come with huoyan.
//!
#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use huoyan_conformance::{Break, Options, Outcome, Report, check};

/// A plugin that this test depends on: cargo leaves its library in `deps/` beside the test.
fn library(name: &str) -> PathBuf {
    let name = format!("{}{name}{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    std::env::current_exe().unwrap().parent().unwrap().join(name)
}

/// Judged in processes of their own.
fn options() -> Options {
    let program = env!("CARGO_BIN_EXE_conformance-law").to_owned();
    Options {
        rows: 40,
        huge_rows: 5_000,
        // Unoptimised, and beside the other tests.
        time_limit: Duration::from_secs(300),
        apart: Some(vec![program.clone()]),
        child: Some(vec![program, "plugin-host".into()]),
        ..Options::default()
    }
}

fn judge(mode: &str, law: &str) -> Report {
    let options = Options {
        config: format!(r#"{{"mode":"{mode}"}}"#),
        laws: vec![law.to_owned()],
        time_limit: Duration::from_secs(if mode.starts_with("loop") { 6 } else { 60 }),
        memory_limit: 1 << 30,
        ..options()
    };
    check(&library("misbehaving"), &options).unwrap()
}

#[track_caller]
fn broken(report: &Report, law: &str) -> Break {
    match report.laws.iter().find(|report| report.law == law).map(|report| &report.outcome) {
        Some(Outcome::Broken(found)) => found.clone(),
        other => panic!("law '{law}' should be broken: {other:#?}"),
    }
}

/// Mode, the law that is to catch it, and what it has to say.
const CAUGHT: [(&str, &str, &str); 44] = [
    ("refuse-config", "config", "refuses every configuration"),
    ("panic-create", "config", "asked to panic while being created"),
    ("abort-create", "config", "crashed by signal 6 (SIGABRT)"),
    ("loop-create", "config", "did not end within 6 s"),
    ("panic-unknown-key", "config", "there is no such setting"),
    ("panic", "declared", "asked to panic in row 1"),
    ("error", "declared", "asked to fail"),
    ("undeclared-rule", "declared", "reported rule 'ZZ999', which it does not declare"),
    ("unknown-record", "declared", "which it was not given"),
    ("unknown-field", "declared", "named field 'price_tag', which it does not read"),
    ("span-inside-character", "declared", "cuts a character of"),
    ("span-outside", "declared", "cuts a character of, or leaves"),
    ("nan-score", "declared", "NaN"),
    ("score-above-one", "declared", "1.5"),
    ("bad-evidence", "declared", "evidence that is not a JSON object"),
    ("bad-utf8", "declared", "not UTF-8"),
    ("endless-output", "declared", "reported more than"),
    ("endless-unjudged", "declared", "unjudged records for"),
    ("undeclared-rows", "declared", "emitted more than the 0 rows"),
    ("too-many-rows", "declared", "emitted more than the 1 rows"),
    ("no-summary", "declared", "gave no summary"),
    ("two-summaries", "declared", "gave a second summary"),
    ("panic-merge", "declared", "asked to panic while merging"),
    ("panic-group", "declared", "asked to panic in group"),
    ("late-unknown-record", "declared", "which it was not given"),
    ("late-span-outside", "declared", "does not fit field 'text'"),
    ("score-twice", "declared", "twice"),
    ("deaf", "examples", "rule MB001 does not meet its positive example: 你好"),
    ("remember", "again", "when run again"),
    ("first-of-batch", "batches", "in batches of 1 rows"),
    ("carry-over", "partitions", "partitions"),
    ("first-of-batch", "order", "with the rows in another order"),
    ("race", "threads", "threads"),
    ("merge-in-order", "merge-tree", "merging (a, b) and (b, a) differs"),
    ("forget-seed", "seed", "the second time with seed 0"),
    ("fear-nothing", "empty", "there are no rows"),
    ("fear-null", "empty", "a title is null"),
    ("panic-on-nul", "hostile-text", "there is a NUL in the title"),
    ("fear-many", "huge", "so many rows"),
    ("list-all-members", "huge", "stage 'group' gave more than 268435456 bytes of output"),
    ("panic-refused", "panic-injection", "nobody listens"),
    ("ignore-refusal", "panic-injection", "after the sink had refused"),
    ("never-cancel", "cancel", "took more than 5 s"),
    ("leak", "memory", "MiB in 1,000 calls"),
];

#[test]
fn each_misbehaviour_is_caught_by_the_law_it_breaks() {
    for (mode, law, why) in CAUGHT {
        let found = broken(&judge(mode, law), law);
        assert!(found.what.en.contains(why), "{mode}: {}", found.what.en);
        assert!(!found.what.zh.is_empty());
    }
}

#[test]
fn what_the_host_and_the_laws_find_is_told_in_chinese_too() {
    for (mode, law, why) in [
        ("refuse-config", "config", "检测器 'misbehaving'：调用失败（配置无效）："),
        ("panic", "declared", "调用中崩溃：panic at "),
        ("undeclared-rule", "declared", "阶段 'listing'：报告了没有声明的规则 'ZZ999'"),
        ("no-summary", "declared", "关闭时没有给出汇总"),
        ("late-unknown-record", "declared", "提到了没有交给它的记录"),
        ("late-span-outside", "declared", "与字段 'text' 不符"),
        ("score-twice", "declared", "打了两次分"),
        ("ignore-refusal", "panic-injection", "输出被拒收后又报告了"),
    ] {
        let found = broken(&judge(mode, law), law);
        assert!(found.what.zh.contains(why), "{mode}: {}", found.what.zh);
    }
}

#[test]
fn what_fails_on_plain_rows_already_is_unjudged_by_the_laws_that_compare() {
    // Generated rows have null titles.
    let report = judge("fear-null", "panic-injection");
    let Outcome::Unjudged { why } = &report.laws[0].outcome else { panic!("{report:#?}") };
    assert!(why.en.contains("a title is null"), "{}", why.en);
    assert_eq!((report.broken().len(), report.unjudged()), (0, vec!["panic-injection"]));
}

/// The second plugin, whose configuration is a mode and other settings.
fn judge_two(config: &str, law: &str, options: Options) -> Report {
    let options = Options { config: config.into(), laws: vec![law.into()], ..options };
    check(&library("two_detectors"), &options).unwrap()
}

#[test]
fn two_detectors_keep_all_laws() {
    keeps_all("two-detectors", &library("two_detectors"));
    let report = check(&library("two_detectors"), &Options { laws: vec!["declared".into()], ..options() }).unwrap();
    let names: Vec<&str> = report.laws.iter().map(|law| law.detector.as_str()).collect();
    assert_eq!((names, report.silent().len()), (vec!["length", "shop"], 0));
}

#[test]
fn sums_of_floats_and_the_order_of_a_hash_map_are_caught() {
    let found = broken_of(&judge_two(r#"{"mode":"sum-floats"}"#, "merge-tree", options()), "shop");
    assert!(found.what.en.contains("the summaries of stage 'prices'"), "{}", found.what.en);
    let found = broken_of(&judge_two(r#"{"mode":"iterate-hash-map"}"#, "again", options()), "shop");
    assert!(found.what.en.contains("summary"), "{}", found.what.en);
}

#[track_caller]
fn broken_of(report: &Report, detector: &str) -> Break {
    match report.laws.iter().find(|report| report.detector == detector).map(|report| &report.outcome) {
        Some(Outcome::Broken(found)) => found.clone(),
        other => panic!("detector '{detector}' should break it: {other:#?}"),
    }
}

#[test]
fn one_finding_a_row_in_batches_of_one_row_is_not_too_much() {
    // More than 256 rows of one shop in one task.
    let report = judge_two("{}", "batches", Options { rows: 2000, ..options() });
    assert!(report.all_kept() && report.unjudged().is_empty(), "{:#?}", report.laws);
}

#[test]
fn settings_that_only_together_are_wrong_break_no_law() {
    for config in ["{}", r#"{"low":5}"#, r#"{"low":600,"high":700}"#] {
        let laws = judge_two(config, "config", options()).laws;
        assert!(matches!(laws[0].outcome, Outcome::Kept { .. }), "{config}: {laws:#?}");
    }
}

#[test]
fn a_configuration_that_breaks_a_law_is_told_without_rows() {
    for (mode, config, why) in [
        ("refuse-default", r#"{"low":1,"mode":"refuse-default"}"#, "setting 'low' must not be 1"),
        ("panic-at-bound", r#"{"high":0,"mode":"panic-at-bound"}"#, "asked to panic when 'high' is 0"),
        ("abort-at-bound", r#"{"high":0,"mode":"abort-at-bound"}"#, "signal 6 (SIGABRT)"),
    ] {
        let found = broken_of(&judge_two(&format!(r#"{{"mode":"{mode}"}}"#), "config", options()), "length");
        assert!(found.what.en.contains(why), "{mode}: {}", found.what.en);
        assert_eq!((found.config.as_deref(), found.input.len()), (Some(config), 0), "{mode}");
    }
}

#[test]
fn a_detector_that_is_only_slow_is_told_that_it_is() {
    let options = Options { time_limit: Duration::from_secs(5), huge_rows: 10_000, ..options() };
    let found = broken_of(&judge_two(r#"{"mode":"slow"}"#, "huge", options), "length");
    assert!(
        found.what.en.contains("did not end within 5 s and was stopped, at an input of 10000 rows"),
        "{}",
        found.what.en
    );
    assert!(
        found.what.en.contains("so it is slow rather than endless; give it more with --time-limit"),
        "{}",
        found.what.en
    );
    assert_eq!(found.input.len(), 10_000);
}

#[test]
fn what_was_found_is_told_though_the_search_for_less_never_ends() {
    let options = Options { time_limit: Duration::from_secs(5), ..options() };
    let found = broken_of(&judge_two(r#"{"mode":"hang-on-few"}"#, "declared", options), "length");
    assert!(found.what.en.contains("asked to panic on 20 rows"), "{}", found.what.en);
    assert_eq!(found.input.len(), 20);
}

#[test]
fn a_detector_that_says_nothing_is_told_so() {
    let report = judge_two(r#"{"mode":"say-nothing"}"#, "batches", options());
    assert_eq!(report.silent(), ["length"]);
    let Outcome::Kept { note: Some(note), .. } = &report.laws[0].outcome else { panic!("{report:#?}") };
    assert!(note.en.contains("said nothing of any row") && note.en.contains("--fixture"), "{}", note.en);
    assert!(matches!(report.laws[1].outcome, Outcome::Kept { note: None, .. }), "{report:#?}");
}

#[test]
#[cfg(target_os = "linux")]
fn a_law_has_no_files_network_processes_or_environment() {
    for (mode, why) in [("read-file", "no file: "), ("connect", "no network: "), ("start", "no process: ")] {
        let report = judge_two(&format!(r#"{{"mode":"{mode}"}}"#), "declared", options());
        assert_eq!(report.gaps, [], "this system isolates in full");
        let found = broken_of(&report, "length");
        let denied = ["ermission denied", "not permitted"].iter().any(|text| found.what.en.contains(text));
        assert!(found.what.en.contains(why) && denied, "{}", found.what.en);
    }
    let report = judge_two(r#"{"mode":"read-environment"}"#, "declared", options());
    assert!(report.all_kept() && report.unjudged().is_empty(), "{report:#?}");
}

#[test]
#[cfg(target_os = "linux")]
fn what_a_child_of_a_scan_has_not_breaks_the_law_of_isolation() {
    let found = broken_of(&judge_two(r#"{"mode":"thread"}"#, "isolated", options()), "length");
    assert!(found.what.en.contains("in an isolated child process it fails: "), "{}", found.what.en);
    assert!(found.what.en.contains("no thread: ") && found.what.en.contains("--in-process"), "{}", found.what.en);
    assert_eq!(found.input.len(), 1);
    // The other laws grant threads.
    assert!(judge_two(r#"{"mode":"thread"}"#, "declared", options()).all_kept());
}

#[test]
fn every_law_but_the_examples_judges_a_fixture() {
    let dir = tempfile::tempdir().unwrap();
    let fixture = dir.path().join("nul.jsonl");
    std::fs::write(&fixture, "{\"kind\":\"listing\",\"_record\":\"N\",\"title\":\"\\u0000\"}\n").unwrap();
    let options = Options { config: r#"{"mode":"panic-on-nul"}"#.into(), fixture: Some(fixture), ..options() };
    let report = check(&library("misbehaving"), &options).unwrap();
    for law in &report.laws {
        match law.law.as_str() {
            "examples" => assert!(matches!(law.outcome, Outcome::Kept { .. }), "{law:#?}"),
            // It merges summaries of reviews, and listings are none of them.
            "merge-tree" => assert!(matches!(law.outcome, Outcome::Kept { .. }), "{law:#?}"),
            "config" | "declared" | "hostile-text" | "empty" | "huge" => {
                let found = broken(&report, &law.law);
                assert_eq!((found.by_fixture, found.input.len()), (true, 1), "{law:#?}");
            }
            _ => assert!(matches!(law.outcome, Outcome::Unjudged { .. }), "{law:#?}"),
        }
    }
}

#[test]
fn a_process_that_is_gone_is_a_broken_law_with_the_smallest_input() {
    let gone = [
        ("abort-on-nul", "crashed by signal 6 (SIGABRT)"),
        ("exit-on-nul", "exit with status 0"),
        ("loop-on-nul", "did not end within 6 s"),
        ("hog-on-nul", "signal 6 (SIGABRT)"),
        ("overflow-on-nul", "signal"),
    ];
    for (mode, why) in gone {
        let found = broken(&judge(mode, "hostile-text"), "hostile-text");
        assert!(found.what.en.contains(why), "{mode}: {}", found.what.en);
        assert_eq!(found.input.len(), 1, "{mode}: {:?}", found.input);
        assert_eq!(found.what.en.contains("an endless loop?"), mode == "loop-on-nul", "{}", found.what.en);
        let title = found.input[0]["title"].as_str().unwrap();
        assert!(title.contains('\u{0}'), "{mode}: {title:?}");
        // A try that hangs or fills the memory takes so long that the search ends before the text is as short as can be.
        if !["loop-on-nul", "hog-on-nul"].contains(&mode) {
            assert_eq!(title, "\u{0}", "{mode}");
        }
    }
}

#[test]
fn a_plugin_that_is_gone_at_once_breaks_one_law_and_leaves_the_others_unjudged() {
    let options = Options { config: r#"{"mode":"abort-always"}"#.into(), ..options() };
    let report = check(&library("misbehaving"), &options).unwrap();
    assert_eq!(report.broken(), ["declared"]);
    assert_eq!(broken(&report, "declared").input.len(), 1);
    let unjudged = report.laws.iter().filter(|law| matches!(law.outcome, Outcome::Unjudged { .. })).count();
    assert_eq!(unjudged, report.laws.len() - 1);
}

#[test]
fn the_smallest_input_breaks_the_law_again_as_a_fixture() {
    let found = broken(&judge("panic-on-nul", "hostile-text"), "hostile-text");
    assert_eq!(found.input.len(), 1, "{:?}", found.input);
    assert_eq!(found.input[0]["title"], "\u{0}");
    let dir = tempfile::tempdir().unwrap();
    let fixture = dir.path().join("small.jsonl");
    std::fs::write(&fixture, format!("{}\n", found.input[0])).unwrap();
    let options = Options {
        config: r#"{"mode":"panic-on-nul"}"#.into(),
        laws: vec!["declared".into()],
        fixture: Some(fixture),
        ..options()
    };
    let report = check(&library("misbehaving"), &options).unwrap();
    assert_eq!(broken(&report, "declared").input, found.input);
}

#[test]
fn the_same_seed_gives_the_same_report_and_in_this_process_too() {
    let options = Options { config: r#"{"mode":"first-of-batch"}"#.into(), laws: vec!["batches".into()], ..options() };
    let one = check(&library("misbehaving"), &options).unwrap();
    assert_eq!(one, check(&library("misbehaving"), &options).unwrap());
    assert_eq!(one.laws, check(&library("misbehaving"), &Options { apart: None, ..options }).unwrap().laws);
}

#[test]
fn an_unknown_law_and_a_file_that_is_no_plugin_are_refused() {
    let options = Options { laws: vec!["gravity".into()], ..options() };
    let error = check(&library("misbehaving"), &options).unwrap_err();
    assert!(error.en.contains("there is no law 'gravity'; the laws are: config, declared"), "{}", error.en);
    let error = check(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml").as_ref(), &Options::default()).unwrap_err();
    assert!(error.en.contains("so it is no plugin"), "{}", error.en);
}

#[track_caller]
fn keeps_all(name: &str, path: &Path) {
    let report = check(path, &options()).unwrap();
    assert!(report.all_kept(), "{name}: {:#?}", report.laws);
    assert!(
        report.laws.iter().all(|law| !matches!(law.outcome, Outcome::Unjudged { .. })),
        "{name}: {:#?}",
        report.laws
    );
}

#[test]
fn bundled_prohibited_keyword_keeps_all_laws() {
    keeps_all("prohibited-keyword", &library("prohibited_keyword"));
}

#[test]
fn bundled_platform_mention_keeps_all_laws() {
    keeps_all("platform-mention", &library("platform_mention"));
}

#[test]
fn bundled_image_counterfeit_keeps_all_laws() {
    keeps_all("image-counterfeit", &library("image_counterfeit"));
}

#[test]
fn bundled_review_malice_keeps_all_laws() {
    keeps_all("review-malice", &library("review_malice"));
}

#[test]
fn a_plugin_that_misbehaves_only_on_request_keeps_all_laws() {
    keeps_all("misbehaving", &library("misbehaving"));
}

/// Compiles one of the detectors in C, with its helpers changed as asked.
fn compile_c(dir: &Path, example: &str, change: &[(&str, &str)]) -> PathBuf {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let include = format!("{root}/crates/abi/include");
    let mut helpers = std::fs::read_to_string(format!("{include}/huoyan_helpers.h")).unwrap();
    for (from, to) in change {
        assert!(helpers.contains(from), "the C helpers have no '{from}' any more");
        helpers = helpers.replace(from, to);
    }
    let (file, out) = (dir.join("example.c"), dir.join("libexample_c.so"));
    std::fs::copy(format!("{root}/plugins/example-c/{example}.c"), &file).unwrap();
    // What lies beside a file is found before what -I names.
    std::fs::write(dir.join("huoyan_helpers.h"), helpers).unwrap();
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".into());
    let result = Command::new(&compiler)
        .args(["-std=c11", "-shared", "-fPIC", "-I", &include])
        .arg(&file)
        .arg("-o")
        .arg(&out)
        .output()
        .unwrap_or_else(|e| panic!("this test needs a C compiler; '{compiler}' cannot be run: {e}"));
    assert!(result.status.success(), "{}", String::from_utf8_lossy(&result.stderr));
    out
}

#[test]
fn the_c_examples_keep_all_laws() {
    for example in ["example", "group", "corpus"] {
        let dir = tempfile::tempdir().unwrap();
        keeps_all(example, &compile_c(dir.path(), example, &[]));
    }
}

#[test]
fn a_detector_in_c_that_forgets_an_offset_is_caught_by_sliced() {
    // Those of both, of the batch and of its columns.
    for forgets in ["out.offset = 0;", "out.offset = out.array->offset;", "out.offset = batch->offset;"] {
        let dir = tempfile::tempdir().unwrap();
        let library = compile_c(dir.path(), "example", &[("out.offset = out.array->offset + batch->offset;", forgets)]);
        let report = check(&library, &Options { laws: vec!["sliced".into()], ..options() }).unwrap();
        let found = broken(&report, "sliced");
        assert!(found.what.en.contains("in sliced arrays"), "{forgets}: {}", found.what.en);
    }
}

#[test]
fn a_detector_in_c_that_never_releases_its_batches_is_caught_by_memory() {
    let dir = tempfile::tempdir().unwrap();
    let release = "if (batch->release != NULL) batch->release(batch);";
    let library = compile_c(dir.path(), "example", &[(release, "batch->release = NULL;")]);
    let report = check(&library, &Options { laws: vec!["memory".into()], ..options() }).unwrap();
    broken(&report, "memory");
}
