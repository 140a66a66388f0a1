//! Scans a JSONL file of listings without a host: `cargo run --example eval -- listings.jsonl > findings.jsonl`.

use std::error::Error;
use std::io::{BufRead, BufReader, BufWriter, Write};

use prohibited_keyword::pack::{Contexts, Pack};
use prohibited_keyword::{Screen, Workspace};

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("usage: eval LISTINGS.jsonl")?;
    let begun = std::time::Instant::now();
    // The files as they stand now, so that a rule can be tried without building.
    let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut packs = Vec::new();
    for entry in std::fs::read_dir(here.join("rules"))? {
        let path = entry?.path();
        packs.push(Pack::parse(&path.display().to_string(), &std::fs::read_to_string(&path)?)?);
    }
    packs.sort_by(|a, b| a.pack.name.cmp(&b.pack.name));
    let screen = Screen::new(&packs, &Contexts::parse(&std::fs::read_to_string(here.join("contexts.toml"))?)?)?;
    eprintln_once(&format!("{} anchors ready in {:?}", screen.anchors(), begun.elapsed()));
    let mut out = BufWriter::new(std::io::stdout().lock());
    let (mut work, mut found) = (Workspace::new(), Vec::new());
    let mut spent = std::time::Duration::ZERO;
    for line in BufReader::new(std::fs::File::open(path)?).lines() {
        let record: serde_json::Value = serde_json::from_str(&line?)?;
        let (id, text) = (record["id"].as_str().unwrap_or(""), record["title"].as_str().unwrap_or(""));
        let begun = std::time::Instant::now();
        screen.scan(text, record["category"].as_str().unwrap_or(""), &mut work, &mut found);
        spent += begun.elapsed();
        for hit in &found {
            let rule = &screen.rules()[hit.rule];
            let disguise: Vec<&str> = hit.disguises.names().collect();
            let finding = serde_json::json!({
                "record": id, "detector": "prohibited-keyword", "rule": rule.id, "score": hit.score, "field": "title",
                "span": [hit.start, hit.end], "matched": &text[hit.start..hit.end],
                "evidence": { "category": rule.category, "canonical": hit.canonical, "disguise": disguise },
            });
            writeln!(out, "{finding}")?;
        }
    }
    eprintln_once(&format!("scanned in {spent:?}"));
    Ok(())
}

#[expect(clippy::print_stderr, reason = "an example program reports on stderr")]
fn eprintln_once(text: &str) {
    eprintln!("{text}");
}
