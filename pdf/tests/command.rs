//! The command: what it reads, what it writes, how it ends.
#![allow(clippy::unwrap_used, reason = "only tests call the helpers")]

mod common;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use common::{document, paragraph, samples};
use huoyan_pdf::document::Document;

fn run(args: &[&str], document: &Document) -> Output {
    run_with(args, &serde_json::to_vec(document).unwrap())
}

fn run_with(args: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_huoyan-pdf"))
        .args(args)
        .env("LC_ALL", "C")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that refuses its arguments closes its input unread.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn renders_and_checks_a_document_from_standard_input() {
    let folder = tempfile::tempdir().unwrap();
    let (out, files) = (folder.path().join("a.pdf"), samples().join("files"));
    let (out, files) = (out.to_str().unwrap(), files.to_str().unwrap());
    let document = common::sample("case.zh.json");
    let output = run(&["render", "--files", files, "--out", out], &document);
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""));
    assert_eq!(names(folder.path()), ["a.pdf"]);
    let output = run(&["check", "--files", files, "--pdf", out], &document);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let other = Document { title: "别的标题".into(), ..document };
    let output = run(&["check", "--files", files, "--pdf", out], &other);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("text_differs"), "{}", stderr(&output));
}

#[test]
fn a_replaced_character_ends_with_1_and_a_json_line() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("a.pdf");
    let output = run(&["render", "--out", out.to_str().unwrap()], &document(vec![paragraph("甲\u{202E}乙\u{202E}")]));
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(stderr(&output), "{\"char\":\"U+202E\",\"count\":2,\"shown\":\"□\",\"why\":\"bidi\"}\n");
    assert!(out.exists());
}

#[test]
fn an_error_ends_with_2_in_the_document_s_language_and_leaves_the_old_pdf() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("a.pdf");
    fs::write(&out, "old").unwrap();
    let wrong = Document { made_at: "昨天".into(), ..document(Vec::new()) };
    let output = run(&["render", "--out", out.to_str().unwrap()], &wrong);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).starts_with("huoyan-pdf: date: made_at 为"), "{}", stderr(&output));
    let output = run(&["render", "--lang", "en", "--out", out.to_str().unwrap()], &wrong);
    assert!(stderr(&output).contains("is no RFC 3339 time"), "{}", stderr(&output));
    assert_eq!(fs::read(&out).unwrap(), b"old");
    assert_eq!(names(folder.path()), ["a.pdf"]);
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let output = run(&["render", "--out", "/nowhere/at/all.pdf"], &document(Vec::new()));
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("/nowhere/at/all.pdf"));
}

#[test]
fn wrong_arguments_and_wrong_input_end_with_2() {
    for args in [
        &[][..],
        &["draw"],
        &["render"],
        &["render", "--out"],
        &["render", "--out", "a", "--max-pages", "x"],
        &["check"],
    ] {
        let output = run_with(args, b"{}");
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(stderr(&output).starts_with("huoyan-pdf: usage: "), "{}", stderr(&output));
    }
    let output = run_with(&["render", "--out", "/nowhere/a.pdf"], b"{}");
    assert!(stderr(&output).starts_with("huoyan-pdf: json: "), "{}", stderr(&output));
}

#[test]
fn help_and_version_are_printed() {
    let output = run_with(&["--help"], b"");
    assert!(output.status.success() && String::from_utf8(output.stdout).unwrap().contains("Exit codes"));
    let output = run_with(&["--version"], b"");
    assert!(String::from_utf8(output.stdout).unwrap().starts_with("huoyan-pdf 0."));
}
