use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde_json::Value;

use crate::shop;

/// A findings file, `-o jsonl=…`.
pub struct Findings {
    /// Its first line.
    pub header: Value,
    /// Findings in their order.
    pub findings: Vec<Value>,
    /// Records that were not judged.
    pub unjudged: Vec<Value>,
    /// Its last line.
    pub summary: Value,
}

impl Findings {
    /// Parses the file's text.
    pub fn parse(text: &str) -> Self {
        let mut lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let header = lines.remove(0);
        let summary = lines.pop().unwrap();
        assert_eq!(header["type"], "header");
        assert_eq!(summary["type"], "summary");
        let (findings, unjudged) = lines.into_iter().partition(|line| line["type"] == "finding");
        Self { header, findings, unjudged, summary }
    }

    /// Detectors that stand by a finding against each record, by (kind, key) of the owner.
    pub fn detectors(&self) -> BTreeMap<(String, String), BTreeSet<String>> {
        let mut by_owner: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
        for finding in self.findings.iter().filter(|f| f["score"].as_f64().unwrap() >= 0.5) {
            let of = |field: &str| finding[field].as_str().unwrap().to_owned();
            by_owner.entry((of("owner_kind"), of("owner"))).or_default().insert(of("detector"));
        }
        by_owner
    }

    /// What was found, without where the record stood and what its row looked like.
    pub fn contents(&self) -> BTreeSet<String> {
        self.findings
            .iter()
            .map(|f| {
                let text = |field: &str| f[field].as_str().unwrap_or_default().to_owned();
                let fields = ["owner", "record", "detector", "rule", "field", "matched", "fingerprint"];
                fields.map(text).join(" | ")
            })
            .collect()
    }

    /// A count of the summary.
    pub fn count(&self, name: &str) -> u64 {
        self.summary[name].as_u64().unwrap_or_else(|| panic!("the summary has no count '{name}': {}", self.summary))
    }

    /// Records given to the detectors, pictures left out.
    pub fn records(&self) -> u64 {
        ["listing", "review"].iter().filter_map(|kind| self.summary["scanned"][kind].as_u64()).sum()
    }
}

/// What `labels.csv` expects of a record.
#[derive(Debug)]
pub struct Label {
    /// `listing` or `review`.
    pub kind: String,
    /// The record's key.
    pub record: String,
    /// Detectors that must find something.
    pub expect: BTreeSet<String>,
    /// Detectors for which either is right.
    pub may: BTreeSet<String>,
    /// Pictures that cannot be judged.
    pub unjudged: usize,
    /// Why.
    pub why: String,
}

/// The labels of the fixtures shop.
pub fn labels() -> Vec<Label> {
    let set = |cell: &str| cell.split(';').filter(|name| *name != "none").map(str::to_owned).collect();
    csv_rows(&fs::read_to_string(shop("labels.csv")).unwrap())
        .into_iter()
        .skip(1)
        .map(|row| Label {
            kind: row[0].clone(),
            record: row[1].clone(),
            expect: set(&row[2]),
            may: set(&row[3]),
            unjudged: row[4].parse().unwrap(),
            why: row[5].clone(),
        })
        .collect()
}

/// The rows of a CSV text, quoted cells understood.
pub fn csv_rows(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut chars = text.trim_start_matches('\u{feff}').chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut cell)),
            '\r' if !quoted => {}
            '\n' if !quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            c => cell.push(c),
        }
    }
    if !cell.is_empty() || !row.is_empty() {
        row.push(cell);
        rows.push(row);
    }
    rows
}
