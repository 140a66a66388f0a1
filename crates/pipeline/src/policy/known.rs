//! Findings that people or an earlier run have dealt with: baseline files and `decisions.csv`.

use std::collections::BTreeMap;
use std::path::Path;

use huoyan_model::Fingerprint;

use super::decisions::{Decision, fingerprint, parse, read_text};
use crate::config::ConfigError;

/// What is known of fingerprints.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    baseline: std::collections::BTreeSet<Fingerprint>,
    decisions: BTreeMap<Fingerprint, Decision>,
}

impl Known {
    /// Reads a baseline or a decisions file; a first line with the column `fingerprint` tells the latter.
    pub(super) fn read(&mut self, path: &Path) -> Result<(), ConfigError> {
        let text = read_text(path)?;
        let first = text.lines().next().unwrap_or("");
        let is_table = first.split(',').any(|cell| cell.trim().trim_matches('"').eq_ignore_ascii_case("fingerprint"));
        if !is_table {
            return self.read_baseline(path, &text);
        }
        for (fingerprint, decision) in parse(path, &text)? {
            let old = self.decisions.get(&fingerprint);
            if old.is_none_or(|old| old.at <= decision.at) {
                self.decisions.insert(fingerprint, decision);
            }
        }
        Ok(())
    }

    fn read_baseline(&mut self, path: &Path, text: &str) -> Result<(), ConfigError> {
        for (number, line) in (1..).zip(text.lines()) {
            let Some(word) = line.split_whitespace().next().filter(|word| !word.starts_with('#')) else { continue };
            self.baseline.insert(fingerprint(path, number, word)?);
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
