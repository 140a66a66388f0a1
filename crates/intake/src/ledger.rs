//! Keeps the books: sets exact duplicates apart and counts every row, in the order of the input.
//!
//! What must stay true at every moment: rows read = rows scanned + duplicates + quarantined.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use arrow_array::{BooleanArray, RecordBatch};
use arrow_select::filter::filter_record_batch;
use huoyan_model::{ContentHash, InputReport, Locale, Localized, RecordKind, Source};

use crate::chunk::Decoded;
use crate::note::Tally;
use crate::plan::{InputName, InputPlan};
use crate::quarantine::{BadReason, BadRow};
use crate::seen::Seen;

/// Records to be judged, with where they come from.
#[derive(Clone, Debug)]
pub struct Batch {
    /// The kind of all of them.
    pub kind: RecordKind,
    /// `_record` (text, never null: the key), then the selected columns in the order of `huoyan_model::columns_of`. It may
    /// have no rows.
    pub records: RecordBatch,
    /// The content hash of each row.
    pub versions: Vec<ContentHash>,
    /// The line of each row in the input, from 1.
    pub lines: Vec<u64>,
    /// The input of all rows.
    pub input: Arc<InputName>,
    /// Rows of the same stretch of the input that could not be used.
    pub quarantined: Vec<BadRow>,
}

impl Batch {
    /// The number of records.
    pub fn len(&self) -> usize {
        self.versions.len()
    }

    /// Whether there is no record.
    pub fn is_empty(&self) -> bool {
        self.versions.is_empty()
    }

    /// Where a row was read.
    pub fn source(&self, row: usize) -> Source {
        self.input.source(self.lines[row])
    }
}

/// Counts over all inputs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Rows read: always scanned + duplicates + quarantined.
    pub read: u64,
    /// Records handed out, by kind.
    pub scanned: BTreeMap<RecordKind, u64>,
    /// Exact duplicates set apart.
    pub duplicates: u64,
    /// Rows that could not be used.
    pub quarantined: u64,
}

#[derive(Clone, Debug, Default)]
struct Counts {
    scanned: u64,
    duplicates: u64,
    quarantined: u64,
    tally: Tally,
    failure: Option<BadReason>,
}

/// The books of a run.
pub struct Ledger {
    plans: Vec<InputPlan>,
    counts: Vec<Counts>,
    seen: Seen,
    /// How often a version was met, for those met more than once.
    copies: HashMap<ContentHash, u64>,
    digests: BTreeMap<String, String>,
    next: u64,
}

impl Ledger {
    pub(crate) fn new(plans: Vec<InputPlan>) -> Self {
        let counts = vec![Counts::default(); plans.len()];
        Self { plans, counts, seen: Seen::new(), copies: HashMap::new(), digests: BTreeMap::new(), next: 0 }
    }

    /// Takes the records of the next chunk into the books and gives out those not met before.
    ///
    /// Chunks must come in order of their sequence, or the first of several equal records would depend on the threads.
    ///
    /// # Panics
    /// When a chunk is passed over.
    pub fn admit(&mut self, decoded: Decoded) -> Batch {
        assert_eq!(decoded.sequence, self.next, "invariant: chunks are admitted in the order in which they were cut");
        self.next += 1;
        let Decoded { input, name, kind, mut records, mut versions, mut lines, quarantined, tally, end, .. } = decoded;
        let counts = &mut self.counts[input as usize];
        counts.quarantined += quarantined.len() as u64;
        counts.tally.merge(&tally);
        let rows = versions.len();
        let fresh: Vec<bool> = versions.iter().map(|version| self.seen.insert(*version)).collect();
        let kept = fresh.iter().filter(|fresh| **fresh).count();
        counts.scanned += kept as u64;
        counts.duplicates += (rows - kept) as u64;
        if kept < rows {
            for (version, _) in versions.iter().zip(&fresh).filter(|(_, fresh)| !**fresh) {
                *self.copies.entry(*version).or_insert(1) += 1;
            }
            records = filter_record_batch(&records, &BooleanArray::from(fresh.clone()))
                .expect("invariant: the mask has one entry a row");
            let mut mask = fresh.iter();
            versions.retain(|_| mask.next().copied().unwrap_or(false));
            let mut mask = fresh.iter();
            lines.retain(|_| mask.next().copied().unwrap_or(false));
        }
        if let Some(end) = end {
            counts.failure = end.failure;
            self.digests.extend(end.digest);
        }
        Batch { kind, records, versions, lines, input: name, quarantined }
    }

    /// How often a record stood in the input, exact copies included; final once the input is exhausted.
    pub fn copies(&self, version: ContentHash) -> u64 {
        self.copies.get(&version).copied().unwrap_or(1)
    }

    /// How each input was read: what was guessed before and what was repaired on the way.
    pub fn reports(&self, locale: Locale) -> Vec<InputReport> {
        let report = |(plan, counts): (&InputPlan, &Counts)| {
            let mut account = plan.account(locale);
            account.extend(counts.tally.texts().iter().map(|text| text.get(locale).to_owned()));
            if let Some(failure) = &counts.failure {
                account.push(failure.text().get(locale).to_owned());
            }
            InputReport {
                source: plan.name.source(0),
                account,
                read: counts.scanned + counts.duplicates + counts.quarantined,
                scanned: counts.scanned,
                duplicates: counts.duplicates,
                quarantined: counts.quarantined,
            }
        };
        self.plans.iter().zip(&self.counts).map(report).collect()
    }

    /// Counts over all inputs.
    pub fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        for (plan, counts) in self.plans.iter().zip(&self.counts) {
            if let Some(kind) = plan.kind {
                *totals.scanned.entry(kind).or_default() += counts.scanned;
            }
            totals.duplicates += counts.duplicates;
            totals.quarantined += counts.quarantined;
            totals.read += counts.scanned + counts.duplicates + counts.quarantined;
        }
        totals
    }

    /// What of the inputs could not be read; empty when everything was.
    pub fn incomplete(&self) -> Vec<Localized> {
        let told = |(plan, counts): (&InputPlan, &Counts)| {
            let reason = counts.failure.as_ref()?.text();
            let name = &plan.name.file;
            Some(Localized {
                zh: format!("'{name}' 未能读完：{}", reason.zh),
                en: format!("'{name}' was not read to its end: {}", reason.en),
            })
        };
        self.plans.iter().zip(&self.counts).filter_map(told).collect()
    }

    /// BLAKE3 of the raw bytes of each file that was read to its end, by name, in hexadecimal.
    pub fn digests(&self) -> BTreeMap<String, String> {
        self.digests.clone()
    }
}
