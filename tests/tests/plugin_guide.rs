//! The plugin guide holds: its code is what `huoyan plugin new` writes, and its commands work from an empty folder.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise, in its helpers too")]

use std::fs;
use std::path::Path;
use std::process::Command;

use huoyan_tests::{Scratch, huoyan, root};

/// A fenced block, with what the comment before it says of it.
#[derive(Debug, PartialEq)]
struct Block {
    marker: String,
    text: String,
}

fn blocks(guide: &str) -> Vec<Block> {
    let text = fs::read_to_string(root().join("docs").join(guide)).unwrap();
    let mut lines = text.lines();
    let (mut blocks, mut marker) = (Vec::new(), String::new());
    while let Some(line) = lines.next() {
        if let Some(comment) = line.strip_prefix("<!-- ").and_then(|rest| rest.strip_suffix(" -->")) {
            marker = comment.to_owned();
        } else if line.starts_with("```") {
            assert!(!marker.is_empty(), "{guide}: a block without a comment that says what it is: {line}");
            let text: String =
                lines.by_ref().take_while(|line| *line != "```").map(|line| format!("{line}\n")).collect();
            blocks.push(Block { marker: std::mem::take(&mut marker), text });
        }
    }
    blocks
}

#[test]
fn both_languages_show_the_same_code() {
    let (english, chinese) = (blocks("plugin-guide.md"), blocks("plugin-guide.zh-CN.md"));
    assert!(english.len() > 15, "{}", english.len());
    assert_eq!(english, chinese);
}

/// Runs the commands as one shell does, then compares the pieces of files with the files that were written.
#[test]
fn the_guide_works_from_an_empty_folder() {
    let scratch = Scratch::new();
    let tools = scratch.path("tools");
    fs::create_dir(&tools).unwrap();
    // `huoyan` of the guide is the one under test, found by the shell.
    let folder = huoyan().parent().unwrap().to_str().unwrap();
    let mut script = format!("set -eux\nPATH=\"{folder}:$PATH\"\nmkdir work\ncd work\n");
    let blocks = blocks("plugin-guide.md");
    for block in &blocks {
        match block.marker.split_once(' ') {
            None if block.marker == "run" => script += &block.text,
            Some(("file:", _)) => {}
            _ => panic!("what is '{}'?", block.marker),
        }
    }
    let mut shell = Command::new("sh");
    scratch.keeps_state_of(shell.current_dir(scratch.path("."))).args(["-c", &script]);
    shell.env("CARGO_NET_OFFLINE", "true").env("CARGO_INCREMENTAL", "0").env("HUOYAN_LOCALE", "en");
    for variable in ["CARGO_TARGET_DIR", "CARGO_BUILD_TARGET_DIR", "RUSTFLAGS", "HUOYAN_CONFIG"] {
        shell.env_remove(variable);
    }
    let output = shell.output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}\n{}", String::from_utf8_lossy(&output.stdout));

    let mut compared = 0;
    for block in &blocks {
        let Some(path) = block.marker.strip_prefix("file: ") else { continue };
        let file = scratch.text(&format!("work/{path}"));
        assert!(file.contains(&block.text), "this is no part of {path}:\n{}", block.text);
        compared += 1;
    }
    assert!(compared >= 10, "{compared}");
    for findings in ["work/loud-title/findings.jsonl", "work/another-machine/findings.jsonl"] {
        assert!(scratch.text(findings).contains("\"LT001\""), "{findings}");
    }
    assert!(Path::new(&scratch.path("work/loud-title-c/build")).is_dir());
}
