//! The report people look at: one self-contained page in Chinese and English.
//!
//! Counts cover everything; in full it holds the most severe findings up to a limit, and says so. What must stay true:
//! no request leaves the page and no script but its own runs (a strict content-security policy by hash); listing text
//! reaches the page only as escaped text, as JSON that a script cannot be closed from, or as re-encoded pixels; without
//! a script the counts, charts, reasons and account are still there.

mod appeals;
mod chart;
mod copied;
mod data;
mod day;
mod escape;
mod keep;
mod open;
mod overlay;
mod page;
mod picture;
mod sections;
mod tally;

pub use picture::drawn_evidence;
pub(crate) use tally::counts;

use std::collections::BTreeMap;

use huoyan_model::{Locale, RecordVerdict, ReportItem, RunHeader, RunSummary, Unjudged};

use crate::campaign::Collected;
use crate::sink::Sink;
use crate::{Error, Options, Output, References};
use appeals::Appeals;
use keep::Kept;
use tally::Tally;

pub(crate) struct Html {
    sink: Sink,
    locale: Locale,
    references: Option<References>,
    header: Option<RunHeader>,
    tally: Tally,
    kept: Kept,
    campaigns: Collected,
    appeals: Appeals,
    unjudged: UnjudgedTally,
}

/// Unjudged records by detector and reason, with a few keys of each.
#[derive(Default)]
pub(crate) struct UnjudgedTally {
    reasons: BTreeMap<(String, String), (u64, Vec<String>)>,
    others: u64,
}

/// Distinct (detector, reason) pairs told one by one.
const UNJUDGED_REASONS: usize = 200;
/// Keys shown for each.
const UNJUDGED_KEYS: usize = 12;

impl UnjudgedTally {
    fn add(&mut self, item: &Unjudged) {
        let key = (item.detector.clone(), item.reason.clone());
        if self.reasons.len() >= UNJUDGED_REASONS && !self.reasons.contains_key(&key) {
            self.others += 1;
            return;
        }
        let (count, keys) = self.reasons.entry(key).or_default();
        *count += 1;
        if keys.len() < UNJUDGED_KEYS {
            keys.push(item.record.clone());
        }
    }
}

impl Html {
    pub(crate) fn new(sink: Sink, options: &Options) -> Self {
        Self {
            sink,
            locale: options.locale,
            references: options.references.clone(),
            header: None,
            tally: Tally::default(),
            kept: Kept::new(options.html_findings),
            campaigns: Collected::default(),
            appeals: Appeals::default(),
            unjudged: UnjudgedTally::default(),
        }
    }
}

impl Output for Html {
    fn begin(&mut self, header: &RunHeader) -> Result<(), Error> {
        self.header = Some(header.clone());
        Ok(())
    }

    fn finding(&mut self, item: &ReportItem) -> Result<(), Error> {
        self.tally.add(item);
        self.kept.offer(item);
        self.campaigns.offer(item);
        self.appeals.add(item);
        Ok(())
    }

    fn verdict(&mut self, verdict: &RecordVerdict) -> Result<(), Error> {
        self.tally.add_verdict(verdict);
        Ok(())
    }

    fn unjudged(&mut self, item: &Unjudged) -> Result<(), Error> {
        self.unjudged.add(item);
        Ok(())
    }

    fn finish(&mut self, summary: &RunSummary) -> Result<(), Error> {
        let Some(header) = &self.header else {
            return Err(Error::format(self.sink.name(), "the run never began"));
        };
        let kept = std::mem::replace(&mut self.kept, Kept::new(0));
        let page = page::Page {
            locale: self.locale,
            references: self.references.as_ref(),
            header,
            summary,
            tally: &self.tally,
            unjudged: &self.unjudged,
            campaigns: self.campaigns.groups(),
            ungrouped: self.campaigns.left_out(),
            appeals: &self.appeals,
            total: kept.offered(),
            items: kept.into_items(),
        };
        page.write(&mut self.sink)?;
        self.sink.commit()
    }
}
