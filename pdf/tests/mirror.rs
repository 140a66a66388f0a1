//! The declarations here and in the dossier are the same.
#![allow(clippy::unwrap_used, reason = "only tests call the helpers")]

mod common;

use huoyan_pdf::document::Document;

/// The declarations of a source, without comments, attributes that only concern comments, and white space.
fn declarations(source: &str) -> Vec<String> {
    let code: Vec<&str> = source
        .lines()
        .map(str::trim)
        .filter(|line| !line.starts_with("//") && !line.contains("missing_docs"))
        .collect();
    let mut found = Vec::new();
    for name in ["struct Document", "enum Block", "struct Cited", "struct Figure"] {
        let opening = format!("pub {name} {{");
        let at = code.iter().position(|line| *line == opening).unwrap_or_else(|| panic!("no {opening:?}"));
        let from = (0..at).rev().take_while(|&line| code[line].starts_with("#[")).last().unwrap_or(at);
        let (mut depth, mut text) = (0i32, String::new());
        for line in &code[from..] {
            text += &line.split_whitespace().collect::<String>();
            depth += line.matches('{').count() as i32 - line.matches('}').count() as i32;
            if depth == 0 && text.contains(&opening.split_whitespace().collect::<String>()) {
                break;
            }
        }
        found.push(text);
    }
    found
}

#[test]
fn the_declarations_are_those_of_the_dossier() {
    let theirs = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/dossier/src/page/mod.rs");
    let theirs = declarations(&std::fs::read_to_string(theirs).unwrap());
    let ours = declarations(include_str!("../src/document.rs"));
    assert_eq!(ours, theirs, "copy the declarations of the dossier to src/document.rs and draw what is new");
}

#[test]
fn samples_come_back_as_they_went_and_use_every_block() {
    let mut blocks = std::collections::BTreeSet::new();
    for name in ["case.zh.json", "case.en.json"] {
        let json = std::fs::read(common::samples().join(name)).unwrap();
        let value: serde_json::Value = serde_json::from_slice(&json).unwrap();
        let document: Document = serde_json::from_slice(&json).unwrap();
        assert_eq!(serde_json::to_value(&document).unwrap(), value);
        blocks.extend(value["blocks"].as_array().unwrap().iter().map(|block| block["block"].to_string()));
    }
    assert_eq!(blocks.len(), 9, "{blocks:?}");
}
