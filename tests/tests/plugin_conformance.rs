//! `huoyan plugin conformance`: what it prints and how it ends.

use huoyan_tests::{Scratch, huoyan, misbehaving, shop};
use serde_json::Value;

#[test]
fn a_broken_law_is_named_with_an_input_that_breaks_it_again() {
    let scratch = Scratch::new();
    let library = misbehaving();
    let file = library.to_str().unwrap();
    let mut arguments = vec!["plugin", "conformance", file, "--config", r#"{"mode":"undeclared-rule"}"#];
    arguments.extend(["--law", "declared"]);

    let told = scratch.run(&arguments).exits(1).stdout;
    assert!(told.contains("BROKEN    declared") && told.contains("laws broken: 1: declared"), "{told}");
    // The smallest input stands there as lines to be copied.
    let lines: Vec<&str> = told.lines().filter(|line| line.starts_with('{')).collect();
    assert_eq!(lines.len(), 1, "{told}");
    let fixture = scratch.file("smallest.jsonl", lines[0]);

    arguments.push("--json");
    let report: Value = serde_json::from_str(&scratch.run(&arguments).exits(1).stdout).unwrap();
    let [law] = report["laws"].as_array().unwrap().as_slice() else { panic!("{report}") };
    assert_eq!((&law["law"], &law["outcome"]), (&"declared".into(), &"broken".into()));
    assert_eq!(law["input"][0], serde_json::from_str::<Value>(lines[0]).unwrap());
    assert!(law["what"]["en"].as_str().unwrap().contains("which it does not declare"), "{law}");

    arguments.extend(["--fixture", &fixture]);
    let again: Value = serde_json::from_str(&scratch.run(&arguments).exits(1).stdout).unwrap();
    assert_eq!(again["laws"][0]["outcome"], "broken");
}

#[test]
fn a_law_that_could_not_be_judged_is_no_success() {
    let scratch = Scratch::new();
    let library = misbehaving();
    let file = library.to_str().unwrap();
    // What refuses its configuration cannot be judged by what it says.
    let arguments = ["plugin", "conformance", file, "--config", r#"{"mode":"refuse-config"}"#, "--law", "batches"];
    let told = scratch.run(&arguments).exits(1).stdout;
    assert!(told.contains("unjudged  batches") && !told.contains("no law is broken"), "{told}");
    assert!(told.ends_with("\ncould not be judged: 1: batches\n"), "{told}");
}

#[test]
fn a_configuration_that_breaks_a_law_is_printed_and_breaks_it_again() {
    let scratch = Scratch::new();
    let library = misbehaving();
    let arguments = ["plugin", "conformance", library.to_str().unwrap(), "--law", "config"];
    let with = |config: &str| scratch.run(&[&arguments[..], &["--config", config]].concat()).exits(1).stdout;
    let told = with(r#"{"mode":"panic-unknown-key"}"#);
    assert!(told.contains("the configuration (--config judges by it again):"), "{told}");
    let lines: Vec<&str> = told.lines().filter(|line| line.starts_with('{')).collect();
    assert_eq!(lines, [r#"{"mode":"panic-unknown-key","no-such-setting":1}"#], "no rows are to blame: {told}");
    assert!(with(lines[0]).contains("there is no such setting"));
}

#[test]
fn a_detector_is_judged_with_the_resources_that_are_given() {
    let scratch = Scratch::new();
    let (prefix, suffix) = (std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    // Once the command is built, cargo has left its plugins beside the tests' own.
    huoyan();
    let library = misbehaving().with_file_name(format!("{prefix}image_counterfeit{suffix}"));
    let arguments = ["plugin", "conformance", library.to_str().unwrap(), "--law", "declared", "--law", "isolated"];
    let with =
        |resource: &str, status: i32| scratch.run(&[&arguments[..], &["--resource", resource]].concat()).exits(status);
    let gallery = scratch.path("gallery");
    scratch.run(&["gallery", "build", &shop("gallery"), "--out", &gallery]).exits(0);
    let told = with(&format!("gallery={gallery}"), 0).stdout;
    assert!(told.contains("kept      isolated") && told.contains("kept      declared"), "{told}");
    // It has arrived where the detector is made.
    let file = scratch.file("no-gallery", "x");
    let told = with(&format!("gallery={file}"), 1).stdout;
    assert!(told.contains("a gallery is a folder"), "{told}");
    with("gallery", 2).says("write it as NAME=PATH");
    with(&format!("picture={file}"), 2).says("these may be given: gallery brands model rules/counterfeit");
    with("gallery=/nowhere", 2).says("check the path");
}

#[test]
fn limits_that_no_plugin_can_keep_are_refused() {
    let scratch = Scratch::new();
    let library = misbehaving();
    for limit in [["--time-limit", "0"], ["--memory-limit", "0"], ["--memory-limit", "99999999999999"]] {
        scratch
            .run(&[&["plugin", "conformance", library.to_str().unwrap()][..], &limit].concat())
            .exits(2)
            .says(limit[0]);
    }
    scratch.run(&["plugin", "conformance", "--list", "--json"]).exits(2);
}

#[test]
fn the_fixture_beside_a_library_is_judged_and_named() {
    let scratch = Scratch::new();
    let library = misbehaving();
    let name = library.file_name().unwrap().to_str().unwrap();
    let file = scratch.file(&format!("crate/target/release/{name}"), std::fs::read(&library).unwrap());
    let rows = scratch.file("crate/fixtures/misbehaving.jsonl", "{\"id\":\"N\",\"title\":\"\\u0000\"}\n");
    let arguments = ["plugin", "conformance", &file, "--law", "order", "--config", r#"{"mode":"panic-on-nul"}"#];
    let told = scratch.run(&arguments).exits(1).stdout;
    assert!(told.contains(&format!("fixture: {rows}\n")) && told.contains("there is a NUL in the title"), "{told}");

    // One that is not for this command is not in the way.
    scratch.file("crate/fixtures/misbehaving.jsonl", "{\"title\":1}\n");
    let told = scratch.run(&arguments).exits(0).stdout;
    assert!(!told.contains("fixture: ") && told.contains("kept      order"), "{told}");
    scratch.run(&[&arguments[..], &["--fixture", &rows]].concat()).exits(2).says("misbehaving.jsonl");
}

#[test]
fn kept_laws_end_well_and_unusable_arguments_are_said() {
    let scratch = Scratch::new();
    let library = misbehaving();
    let file = library.to_str().unwrap();
    let told = scratch.run(&["plugin", "conformance", file, "--law", "declared", "--law", "seed"]).exits(0).stdout;
    assert!(told.contains("kept      declared") && told.contains("no law is broken"), "{told}");

    let listed = scratch.run(&["plugin", "conformance", "--list"]).exits(0).stdout;
    assert!(listed.lines().filter(|line| !line.starts_with(' ')).count() >= 18, "{listed}");

    scratch.run(&["plugin", "conformance", file, "--law", "sead"]).exits(2).says("seed");
    let text = scratch.file("no-plugin.so", "not a library");
    scratch.run(&["plugin", "conformance", &text]).exits(2).says("no-plugin.so");
    scratch.run(&["plugin", "conformance", &scratch.path("absent.so")]).exits(2).says("absent.so");
    scratch
        .run(&["plugin", "conformance", file, "--config", "[]"])
        .exits(2)
        .says("the configuration is no JSON object");
    let fixture = scratch.file("broken.jsonl", "{\"kind\":\"listing\"\n");
    scratch.run(&["plugin", "conformance", file, "--fixture", &fixture]).exits(2).says("broken.jsonl");
}
