//! Findings that people or an earlier run have dealt with: baseline files and `decisions.csv`.

use std::collections::BTreeMap;
use std::path::Path;

use huoyan_model::Fingerprint;

use crate::config::{ConfigError, not_a_fingerprint};

/// What is known of fingerprints.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    baseline: std::collections::BTreeSet<Fingerprint>,
    decisions: BTreeMap<Fingerprint, Decision>,
}

#[derive(Clone, Debug)]
struct Decision {
    dismissed: bool,
    by: String,
    at: String,
    reason: String,
}

/// What people write for "a false alarm" and for "rightly found".
const DISMISS: &[&str] = &["dismiss", "dismissed", "误报", "驳回"];
const CONFIRM: &[&str] = &["confirm", "confirmed", "确认", "属实"];

impl Known {
    /// Reads a baseline or a decisions file; a first line with the column `fingerprint` tells the latter.
    pub(super) fn read(&mut self, path: &Path) -> Result<(), ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|error| ConfigError::io(path, &error))?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let first = text.lines().next().unwrap_or("");
        let is_table = first.split(',').any(|cell| cell.trim().trim_matches('"').eq_ignore_ascii_case("fingerprint"));
        if is_table { self.read_decisions(path, text) } else { self.read_baseline(path, text) }
    }

    fn read_baseline(&mut self, path: &Path, text: &str) -> Result<(), ConfigError> {
        for (number, line) in (1..).zip(text.lines()) {
            let Some(word) = line.split_whitespace().next().filter(|word| !word.starts_with('#')) else { continue };
            self.baseline.insert(fingerprint(path, number, word)?);
        }
        Ok(())
    }

    fn read_decisions(&mut self, path: &Path, text: &str) -> Result<(), ConfigError> {
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(true).from_reader(text.as_bytes());
        let broken = |error: csv::Error| ConfigError::new(path.display().to_string(), error.to_string());
        let headers = reader.headers().map_err(broken)?.clone();
        let column = |name: &str| headers.iter().position(|header| header.eq_ignore_ascii_case(name));
        let [Some(at_fingerprint), Some(at_decision)] = ["fingerprint", "decision"].map(column) else {
            return Err(ConfigError::new(
                format!("{}:1", path.display()),
                ("缺少列 'decision'", "the column 'decision' is missing"),
            )
            .with_help((
                "各列为 fingerprint, decision, by, at, reason",
                "the columns are fingerprint, decision, by, at, reason",
            )));
        };
        let [by, at, reason] = ["by", "at", "reason"].map(column);
        for row in reader.records() {
            let row = row.map_err(broken)?;
            let line = row.position().map_or(0, csv::Position::line);
            let cell = |index: Option<usize>| index.and_then(|index| row.get(index)).unwrap_or("");
            let word = cell(Some(at_decision));
            if cell(Some(at_fingerprint)).is_empty() && word.is_empty() {
                continue;
            }
            let is_one_of = |words: &[&str]| words.iter().any(|known| known.eq_ignore_ascii_case(word));
            let dismissed = is_one_of(DISMISS);
            if !dismissed && !is_one_of(CONFIRM) {
                return Err(ConfigError::new(
                    format!("{}:{line}", path.display()),
                    (format!("未知的决定 '{word}'"), format!("unknown decision '{word}'")),
                )
                .with_help(("请写 confirm（确认）或 dismiss（驳回）", "write confirm or dismiss")));
            }
            let decision = Decision {
                dismissed,
                by: cell(by).to_owned(),
                at: cell(at).to_owned(),
                reason: cell(reason).to_owned(),
            };
            let fingerprint = fingerprint(path, line, cell(Some(at_fingerprint)))?;
            // The latest word holds. Times are RFC 3339, which sort as text; without one, the later line wins.
            let old = self.decisions.get(&fingerprint);
            if old.is_none_or(|old| old.at <= decision.at) {
                self.decisions.insert(fingerprint, decision);
            }
        }
        Ok(())
    }

    /// Why a finding is set aside, if it is. A decision outranks the baseline, in both directions.
    pub(super) fn reason(&self, fingerprint: Fingerprint) -> Option<String> {
        match self.decisions.get(&fingerprint) {
            Some(decision) if decision.dismissed => {
                let mut text = "decision: dismissed".to_owned();
                for (word, part) in [(" by ", &decision.by), (" at ", &decision.at), (": ", &decision.reason)] {
                    if !part.is_empty() {
                        text.push_str(word);
                        text.push_str(part);
                    }
                }
                Some(text)
            }
            Some(_) => None,
            None => self.baseline.contains(&fingerprint).then(|| "baseline".to_owned()),
        }
    }
}

fn fingerprint(path: &Path, line: u64, word: &str) -> Result<Fingerprint, ConfigError> {
    Fingerprint::parse(word).ok_or_else(|| {
        ConfigError::new(format!("{}:{line}", path.display()), not_a_fingerprint(word))
            .with_help(("指纹是 32 位十六进制数", "a fingerprint is 32 hexadecimal digits"))
    })
}
