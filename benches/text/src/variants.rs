//! What computing finds: recall on homophones, look-alikes, split characters and mixed pinyin, with the packs as they are and
//! without every hand-listed variant of these kinds.
//!
//! A row counts as found when its detector gives a finding of 0.5 or more that overlaps the disguised words. Rows are JSON
//! lines with `text`, `detector` (offsite or prohibited), `cls` and `surface`, the disguised words. The two plugins export the
//! same symbol, so that no binary has both: each has its own command, and the counts are there to be added.

use std::collections::BTreeMap;
use std::error::Error;

use serde::Deserialize;

use crate::corpus::read;

#[derive(Deserialize)]
struct Row {
    text: String,
    detector: String,
    cls: String,
    #[serde(default)]
    surface: String,
}

const CLASSES: [&str; 4] = ["homophone", "glyph", "split_char", "pinyin_mixed"];

/// Prints how many rows of one detector are found by its pack as it is, and by the pack without hand-listed variants. The
/// two give the spans of what they flag in a text; `removed` is what was taken out.
///
/// # Errors
/// A file that cannot be read.
pub fn run(
    detector: &str,
    paths: &[String],
    removed: &[String],
    full: impl Fn(&str) -> Vec<(usize, usize)>,
    bare: impl Fn(&str) -> Vec<(usize, usize)>,
) -> Result<(), Box<dyn Error>> {
    let mut rows: Vec<Row> = Vec::new();
    for path in paths {
        for line in read(path)?.lines().filter(|line| !line.trim().is_empty()) {
            rows.push(serde_json::from_str(line).map_err(|e| format!("{path}: {e}"))?);
        }
    }
    rows.retain(|row| row.detector == detector && CLASSES.contains(&row.cls.as_str()));
    println!("taken out of the pack: {} terms and alternatives", removed.len());
    if std::env::var_os("SHOW").is_some() {
        println!("{}", removed.join(" "));
    }
    let mut table: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    for row in &rows {
        for class in [row.cls.as_str(), "together"] {
            let counts = table.entry(class).or_default();
            counts[0] += 1;
            counts[1] += usize::from(found(&full(&row.text), row));
            counts[2] += usize::from(found(&bare(&row.text), row));
        }
    }
    println!("{:<14} {:>5} {:>14} {:>22}", "class", "rows", "as it is", "nothing hand-listed");
    for (class, [all, full, bare]) in &table {
        let share = |found: usize| format!("{found} = {:.3}", found as f64 / *all as f64);
        println!("{class:<14} {all:>5} {:>14} {:>22}", share(*full), share(*bare));
    }
    Ok(())
}

fn found(spans: &[(usize, usize)], row: &Row) -> bool {
    let at = row.text.find(&row.surface).unwrap_or(0);
    let (from, to) = if row.surface.is_empty() { (0, row.text.len()) } else { (at, at + row.surface.len()) };
    spans.iter().any(|(start, end)| *start < to && from < *end)
}
