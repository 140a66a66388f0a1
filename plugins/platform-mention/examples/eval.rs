//! Scores a file of listings without a host: `cargo run --release --example eval -- listings.jsonl findings.jsonl`.
//!
//! Reads objects with `id` and `title`, writes one finding a line in the shape of the findings file, and says how long the
//! detector took.

use std::io::{BufRead, BufReader, BufWriter, Write};
use std::time::Instant;

use platform_mention::BUNDLED;
use platform_mention::lexicon::Lexicon;
use platform_mention::screen::{Setting, Voice, Work, screen};
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let usage = "usage: eval LISTINGS.jsonl FINDINGS.jsonl [shop|buyer]";
    let (input, output) = (args.next().ok_or(usage)?, args.next().ok_or(usage)?);
    let voice = if args.next().as_deref() == Some("buyer") { Voice::Buyer } else { Voice::Shop };
    let started = Instant::now();
    let lexicon = Lexicon::new(&BUNDLED)?;
    let mut stderr = std::io::stderr();
    writeln!(stderr, "built in {:.1} ms", started.elapsed().as_secs_f64() * 1e3)?;
    let mut records = Vec::new();
    for line in BufReader::new(std::fs::File::open(input)?).lines() {
        let row: Value = serde_json::from_str(&line?)?;
        let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
        records.push((text("id"), text("title")));
    }
    let mut work = Work::default();
    let started = Instant::now();
    let seen: Vec<_> =
        records.iter().map(|(_, title)| screen(&lexicon, title, Setting::of(voice), &mut work)).collect();
    let (elapsed, bytes) = (started.elapsed(), records.iter().map(|(_, title)| title.len()).sum::<usize>());
    let per = elapsed.as_nanos() as f64 / records.len().max(1) as f64;
    let rate = bytes as f64 / elapsed.as_secs_f64() / 1e6;
    writeln!(stderr, "{} records, {per:.0} ns each, {rate:.1} MB/s", records.len())?;
    let mut out = BufWriter::new(std::fs::File::create(output)?);
    for ((id, title), seen) in records.iter().zip(seen) {
        for finding in seen {
            let span = [finding.start, finding.end];
            let evidence = json!({
                "target": finding.target,
                "disguise": finding.disguises.names().collect::<Vec<_>>(),
                "canonical": finding.canonical,
                "cues": finding.cues,
            });
            let row = json!({
                "record": id, "detector": "platform-mention", "rule": finding.rule, "score": finding.score, "field": "title",
                "span": span, "matched": &title[span[0] as usize..span[1] as usize], "evidence": evidence,
            });
            writeln!(out, "{row}")?;
        }
    }
    Ok(())
}
