//! What would be taken from genuine texts, to be read by a person.
#![expect(clippy::print_stdout, reason = "a command that prints its report")]

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::io::{BufRead, BufReader};

use cpu_time::ProcessTime;
use flate2::read::GzDecoder;
use huoyan_dossier::privacy::{Context, Kind, find};

/// Prints counts by kind and the first `show` of each with their surroundings.
pub fn report(path: &str, show: usize) -> Result<(), Box<dyn Error>> {
    let mut counts: BTreeMap<Kind, usize> = BTreeMap::new();
    let (mut texts, mut bytes, mut seconds) = (0, 0, 0.0);
    for line in BufReader::new(GzDecoder::new(File::open(path)?)).lines() {
        let row: serde_json::Value = serde_json::from_str(&line?)?;
        let Some(text) = row.get("text").and_then(serde_json::Value::as_str) else { continue };
        texts += 1;
        bytes += text.len();
        let before = ProcessTime::now();
        let spans = find(text, &Context::default());
        seconds += before.elapsed().as_secs_f64();
        for span in spans {
            let count = counts.entry(span.kind).or_default();
            *count += 1;
            if *count <= show {
                let before: String =
                    text[..span.range.start].chars().rev().take(8).collect::<Vec<_>>().into_iter().rev().collect();
                let after: String = text[span.range.end..].chars().take(8).collect();
                println!("{:<10} {before}⟦{}⟧{after}", span.kind.id(), &text[span.range]);
            }
        }
    }
    println!("{texts} texts, {:.1} MB, {:.1} MB/s: {counts:?}", bytes as f64 / 1e6, bytes as f64 / 1e6 / seconds);
    Ok(())
}
