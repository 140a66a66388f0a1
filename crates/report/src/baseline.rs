//! The fingerprints of what a run found, for a later run to take as known (`--baseline`).
//!
//! One line a finding that its detector stands by: fingerprint, rule, record; sorted, so that a baseline under
//! version control shows honest differences. A finding that an earlier baseline covers stays in; one that a
//! suppression covers is left out, since the baseline would outlive the suppression's date.

use std::collections::BTreeMap;

use huoyan_model::{Fingerprint, ReportItem, RunSummary};

use crate::sink::Sink;
use crate::{Error, Output, sanitise};

pub(crate) struct Baseline {
    sink: Sink,
    /// Bounded by the number of findings: a few dozen bytes each, against kilobytes in any other output.
    lines: BTreeMap<Fingerprint, (String, String)>,
}

impl Baseline {
    pub(crate) fn new(sink: Sink) -> Self {
        Self { sink, lines: BTreeMap::new() }
    }
}

impl Output for Baseline {
    fn finding(&mut self, item: &ReportItem) -> Result<(), Error> {
        let finding = &item.finding;
        // Policy starts the reason with the name of what covers the finding.
        let known = finding.suppressed.as_deref().is_none_or(|reason| reason.starts_with("baseline"));
        if finding.score >= 0.5 && known {
            self.lines.entry(finding.fingerprint).or_insert_with(|| (finding.rule.clone(), finding.record.clone()));
        }
        Ok(())
    }

    fn finish(&mut self, summary: &RunSummary) -> Result<(), Error> {
        self.sink.put(b"# huoyan-baseline/1: fingerprint rule record; only the fingerprint counts\n")?;
        for (fingerprint, (rule, record)) in std::mem::take(&mut self.lines) {
            self.sink.put(format!("{fingerprint} {rule} {}\n", sanitise(&record)).as_bytes())?;
        }
        self.sink.commit_marked(summary)
    }
}
