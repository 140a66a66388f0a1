//! `huoyan plugin new`: what it writes builds, passes its own tests and finds what its fixture has, in both languages.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise, in its helpers too")]

use std::path::{Path, PathBuf};
use std::process::Command;

use huoyan_tests::Scratch;
use serde_json::Value;

/// Kind of stage, name, the rule that follows from it, and the records of its fixture that are found.
const KINDS: [(&str, &str, &str, &[&str]); 3] = [
    ("record", "loud-title", "LT001", &["L1", "L4"]),
    ("group", "same-words", "SW001", &["R1", "R2", "R3"]),
    ("corpus", "low-price", "LP001", &["L6"]),
];

/// One target folder for all of these crates, beside the workspace's own.
fn target() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.ancestors().nth(3).unwrap().join("plugin-new")
}

fn succeed(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}\n{out}\n{err}");
    format!("{out}{err}")
}

fn cargo(folder: &str, arguments: &[&str]) -> String {
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", target())
        .env_remove("RUSTFLAGS")
        .env("CARGO_NET_OFFLINE", "true");
    succeed(cargo.args(arguments))
}

fn library(folder: &Path, name: &str) -> String {
    let file = format!("{}{}{}", std::env::consts::DLL_PREFIX, name.replace('-', "_"), std::env::consts::DLL_SUFFIX);
    folder.join(file).to_str().unwrap().to_owned()
}

/// Scans the fixture with the plugin, and runs its rules' examples.
fn assert_finds(scratch: &Scratch, library: &str, stage: &str, name: &str, rule: &str, expected: &[&str]) {
    let fixture = scratch.path(&format!("{name}/fixtures/{name}.jsonl"));
    let scan = ["scan", &fixture, "--plugins", library, "--only", name, "-o", "jsonl=found.jsonl"];
    scratch.run(&["plugin", "trust", library]).exits(0);
    scratch.run(&["plugin", "conformance", library]).exits(0);
    scratch.run(&scan).exits(0);
    let findings = scratch.text("found.jsonl");
    let findings: Vec<Value> = findings.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of_rule: Vec<&Value> = findings.iter().filter(|f| f["rule"] == rule).collect();
    let records: Vec<&str> = of_rule.iter().map(|f| f["record"].as_str().unwrap_or_default()).collect();
    let ids: Vec<&str> = records.iter().map(|r| r.rsplit(':').next().unwrap_or_default()).collect();
    assert_eq!(ids, expected, "{findings:#?}");
    let rules = scratch.run(&["rules", "list", "--json", "--plugins", library]).exits(0).stdout;
    let told = rules.lines().find(|line| line.contains(&format!("\"{rule}\""))).unwrap();
    assert!(told.contains("疑似") && told.contains("Suspected"), "{told}");
    if stage == "record" {
        let examples = scratch.run(&["rules", "test", "--plugins", library]).exits(0).stdout;
        assert!(examples.contains(&format!("{name}: 1 rules, 6 examples, 0 failed")), "{examples}");
    }
}

#[test]
fn a_new_plugin_in_rust_builds_tests_and_finds() {
    for (stage, name, rule, expected) in KINDS {
        let scratch = Scratch::new();
        let told = scratch.run(&["plugin", "new", name, "--stage", stage]).exits(0).stdout;
        assert!(told.contains("the SDK is that in ") && told.contains("cargo test"), "{told}");
        let folder = scratch.path(name);
        let tests = cargo(&folder, &["test", "--quiet"]);
        assert!(tests.contains("0 failed") && !tests.contains("warning"), "{tests}");
        cargo(&folder, &["build", "--release", "--quiet"]);
        let library = library(&target().join("release"), name);
        assert_finds(&scratch, &library, stage, name, rule, expected);
        // Formatted and without a lint, as its author will want to keep it.
        cargo(&folder, &["fmt", "--check"]);
        cargo(&folder, &["clippy", "--all-targets", "--quiet", "--", "-D", "warnings"]);
        // At most ten crates, itself and what its tests need included.
        let tree = cargo(&folder, &["tree", "--prefix", "none", "--edges", "normal,dev,build"]);
        let mut crates: Vec<&str> =
            tree.lines().filter_map(|line| line.split(' ').next()).filter(|n| !n.is_empty()).collect();
        crates.sort_unstable();
        crates.dedup();
        assert!(crates.len() <= 10 && crates.contains(&"huoyan-sdk"), "{crates:?}");
        // Each run's crates have paths of their own; only what they share is kept for the next.
        cargo(&folder, &["clean", "--package", name]);
    }
}

#[test]
fn a_new_plugin_in_c_builds_tests_and_finds() {
    for (stage, name, rule, expected) in KINDS {
        let scratch = Scratch::new();
        scratch.run(&["plugin", "new", name, "--stage", stage, "--lang", "c"]).exits(0);
        let folder = scratch.path(name);
        let make = |target: &str| {
            let mut make = Command::new("make");
            let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".into());
            make.current_dir(&folder).arg(target).arg("CFLAGS=-O1 -Werror").arg(format!("CC={compiler}"));
            succeed(&mut make)
        };
        assert!(make("test").ends_with("ok\n"));
        let library = library(&Path::new(&folder).join("build"), name);
        let file = Path::new(&library).strip_prefix(&folder).unwrap();
        make(file.to_str().unwrap());
        assert_finds(&scratch, &library, stage, name, rule, expected);
    }
}

/// The C examples are the templates with the manifest inline: one is not mended without the other.
#[test]
fn the_examples_in_c_are_the_templates() {
    let root = huoyan_tests::root();
    for (stage, example, name, rule) in [
        ("record", "example", "example-c", "EC001"),
        ("group", "group", "example-c-group", "EC002"),
        ("corpus", "corpus", "example-c-corpus", "EC003"),
    ] {
        let read = |path: String| std::fs::read_to_string(root.join(path)).unwrap();
        let template = read(format!("crates/cli/templates/plugin/c/{stage}/plugin.c"));
        let code = template.replace("{{rule}}", rule).replace("{{name}}", name);
        let from = |text: &str| text[text.find("#define SCORE").unwrap()..].to_owned();
        assert_eq!(from(&read(format!("plugins/example-c/{example}.c"))), from(&code), "{example}.c");
    }
}

#[test]
fn nothing_is_overwritten_or_half_written() {
    let scratch = Scratch::new();
    scratch.file("mine/notes.txt", "keep");
    let said = scratch.run(&["plugin", "new", "mine"]).exits(2).stderr;
    assert!(said.contains("mine exists already; take another name, or another folder with --out"), "{said}");
    assert_eq!(scratch.text("mine/notes.txt"), "keep");

    for (arguments, expected) in [
        (&["plugin", "new", "Loud_Title"][..], "must be at most 64 lower-case letters"),
        (&["plugin", "new", "test"], "is taken by Rust or by huoyan; take another, such as my-test"),
        (&["plugin", "new", "loud", "--sdk", "."], "is no source folder of the SDK"),
        (&["plugin", "new", "loud", "--out", "no/such/loud"], "cannot be written"),
    ] {
        let said = scratch.run(arguments).exits(2).stderr;
        assert!(said.contains(expected), "{said}");
    }
    let root = PathBuf::from(scratch.path("."));
    let left: Vec<_> = std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["mine"], "something was left behind");

    let sdk = huoyan_tests::root();
    let elsewhere = ["plugin", "new", "loud", "--out", "a-folder", "--sdk", sdk.to_str().unwrap()];
    scratch.run(&elsewhere).exits(0);
    assert!(scratch.text("a-folder/Cargo.toml").contains("crates/sdk\""));
}
