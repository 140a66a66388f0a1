//! The last pass: findings become what users see, policy gives its verdicts, outputs are written.
//!
//! Order: findings of stages that judged records as they passed, in input order; then those of later stages by
//! (detector, record, rule, field, span).

use std::collections::{BTreeMap, BTreeSet};

use huoyan_host::Fault;
use huoyan_intake::Ledger;
use huoyan_model::{
    DetectorOutcome, DetectorReport, Finding, Locale, Localized, RecordCard, RecordKind, RecordVerdict, ReportItem,
    RunStatus, RunSummary, ScoreRow, Severity, Unjudged, Verdict,
};
use huoyan_report::{Output, Outputs};

use crate::Error;
use crate::entry::{Entry, EntryLog, Held, parsed};
use crate::graph::Late;
use crate::join::LateEntries;
use crate::pass::Engine;
use crate::scores::Scores;

/// Numbers kept while the run went on.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) pictures: u64,
    /// Records that went into stages, by detector, and of those the ones that only its later stages judge.
    pub(crate) judged: Vec<u64>,
    pub(crate) later: Vec<u64>,
    pub(crate) skipped: Vec<(String, Localized)>,
    pub(crate) reasons: Vec<String>,
    pub(crate) interrupted: bool,
    /// The stages that compare records with each other did not all run to their end.
    pub(crate) unfinished: bool,
}

struct Finish<'f, 'r> {
    engine: &'f Engine<'r>,
    ledger: &'f Ledger,
    outputs: &'f mut Outputs,
    verdicts: BTreeMap<String, u64>,
    severities: BTreeMap<Severity, u64>,
    suppressed: u64,
    unjudged: BTreeSet<(RecordKind, String)>,
    found: Vec<u64>,
    failed: Vec<u64>,
    failing: u64,
    unfinished: bool,
}

/// Writes everything and gives the summary with the number of findings at or above `fail_on`.
pub(crate) fn finish(
    engine: &Engine<'_>,
    ledger: &Ledger,
    entries: EntryLog,
    mut late_entries: LateEntries,
    late: Late,
    tally: Tally,
    outputs: &mut Outputs,
) -> Result<(RunSummary, u64), Error> {
    let n = engine.detectors.len();
    // First: who gave a record two scores is out, and nothing else of it may be written.
    let scores = sorted(engine, &late)?;
    let mut this = Finish {
        engine,
        ledger,
        outputs,
        verdicts: BTreeMap::new(),
        severities: BTreeMap::new(),
        suppressed: 0,
        unjudged: BTreeSet::new(),
        found: vec![0; n],
        failed: vec![0; n],
        failing: 0,
        unfinished: tally.unfinished,
    };
    let mut later: Vec<Later> = Vec::new();
    for entry in entries.read().map_err(Error::temporary)? {
        let mut entry = entry.map_err(Error::temporary)?;
        entry.findings.retain(|held| !engine.is_out(held.detector));
        entry.scores.retain(|held| !engine.is_out(held.detector));
        entry.unjudged.retain(|held| !engine.is_out(held.detector));
        let id = (entry.kind, entry.key.clone());
        let joined = match late_entries.get(&id) {
            Some(late) if late.version == entry.version => late_entries.remove(&id),
            _ => None,
        };
        this.record(entry, joined, &mut later)?;
    }
    for (_, late) in late_entries {
        let mut shell = late.clone();
        (shell.findings, shell.unjudged) = (Vec::new(), Vec::new());
        this.record(shell, Some(late), &mut later)?;
    }
    later.sort_by(|a, b| order(&a.item.finding).cmp(&order(&b.item.finding)));
    for later in later {
        this.outputs.finding(&later.whole())?;
    }
    this.late_scores(scores)?;
    this.close(tally)
}

/// The late scores of each detector in the order of their records. A detector that gave a record two is taken out.
fn sorted(engine: &Engine<'_>, late: &Late) -> Result<Vec<(usize, RecordKind, Scores)>, Error> {
    let mut all = Vec::new();
    for (&d, (kind, scores)) in &late.scores {
        match Scores::sorted(scores).map_err(Error::temporary)? {
            Ok(scores) => all.push((d, *kind, scores)),
            Err(twice) => {
                engine.quarantine(d, Fault::two_scores(&twice));
            }
        }
    }
    Ok(all)
}

/// A finding that waits for its place in the output. Its evidence waits as text, which takes far less than when it is taken apart.
struct Later {
    item: ReportItem,
    evidence: String,
}

impl Later {
    fn whole(mut self) -> ReportItem {
        self.item.finding.evidence = parsed(&self.evidence);
        self.item
    }
}

/// Where a late finding stands in the output.
fn order(f: &Finding) -> impl Ord + '_ {
    (&f.detector, &f.record, &f.rule, &f.field, f.span, f.record_kind, f.fingerprint)
}

impl Finish<'_, '_> {
    fn name(&self, detector: usize) -> &str {
        &self.engine.detectors[detector].spec.name
    }

    /// One owner with everything that was said of it and of its pictures.
    fn record(&mut self, mut entry: Entry, late: Option<Entry>, later: &mut Vec<Later>) -> Result<(), Error> {
        let copies = self.ledger.copies(entry.version);
        let early = std::mem::take(&mut entry.findings);
        let early_count = early.len();
        let mut shell = entry;
        let (mut late_findings, mut late_unjudged) = (Vec::new(), Vec::new());
        if let Some(late) = late {
            (late_findings, late_unjudged) = (late.findings, late.unjudged);
            if shell.card.headline.is_empty() {
                shell.card = RecordCard { image: None, ..late.card };
            }
        }
        let mut all: Vec<(Finding, RecordCard, String)> = Vec::with_capacity(early_count + late_findings.len());
        for mut held in early.into_iter().chain(late_findings) {
            let evidence = std::mem::take(&mut held.evidence);
            let (finding, card) = self.finding(held, &evidence, &shell, copies);
            all.push((finding, card, evidence));
        }
        let (verdict, reasons) = self.engine.policy.verdict(all.iter().map(|(f, ..)| f));
        if verdict != Verdict::Pass {
            *self.verdicts.entry(verdict.as_str().to_owned()).or_default() += 1;
        }
        for (i, (finding, card, evidence)) in all.into_iter().enumerate() {
            let mut item = ReportItem { finding, card, verdict };
            if i < early_count {
                self.outputs.finding(&item)?;
            } else {
                item.finding.evidence.clear();
                later.push(Later { item, evidence });
            }
        }
        let mut unjudged_by = BTreeSet::new();
        for held in std::mem::take(&mut shell.unjudged).into_iter().chain(late_unjudged) {
            // One that waits for stages which did not run is counted with those.
            let waits = self.unfinished && self.engine.detectors[held.detector].feeds_later(held.record_kind);
            self.failed[held.detector] += u64::from(!waits);
            self.unjudged.insert((held.record_kind, held.record.clone()));
            let item = Unjudged {
                detector: self.name(held.detector).to_owned(),
                record_kind: held.record_kind,
                record: held.record,
                reason: held.reason,
                source: shell.source.clone(),
            };
            unjudged_by.insert(format!("{}: {}", item.detector, item.reason));
            self.outputs.unjudged(&item)?;
        }
        for held in std::mem::take(&mut shell.scores) {
            let row = ScoreRow {
                detector: self.name(held.detector).to_owned(),
                record_kind: held.record_kind,
                record: held.record,
                score: held.score,
            };
            self.outputs.score(&row)?;
        }
        if self.engine.wants.every_record {
            self.outputs.verdict(&RecordVerdict {
                record_kind: shell.kind,
                record: shell.key,
                record_version: shell.version,
                shop_id: shell.shop,
                verdict,
                reasons,
                copies,
                unjudged: unjudged_by.into_iter().collect(),
                source: shell.source,
            })?;
        }
        Ok(())
    }

    fn finding(&mut self, held: Held, evidence: &str, owner: &Entry, copies: u64) -> (Finding, RecordCard) {
        let d = held.detector;
        let (mut finding, card) = held.into_finding(self.name(d), parsed(evidence), owner, copies);
        let policy = self.engine.policy;
        finding.severity = policy.severity(&finding);
        finding.suppressed = policy.suppressed(&finding);
        if finding.suppressed.is_some() {
            self.suppressed += 1;
        } else if policy.stands(&finding) {
            self.found[d] += 1;
            *self.severities.entry(finding.severity).or_default() += 1;
            self.failing += u64::from(policy.fails(&finding));
        }
        (finding, card)
    }

    fn late_scores(&mut self, scores: Vec<(usize, RecordKind, Scores)>) -> Result<(), Error> {
        for (d, record_kind, scores) in scores {
            let detector = self.name(d).to_owned();
            for row in scores {
                let (record, score) = row.map_err(Error::temporary)?;
                self.outputs.score(&ScoreRow { detector: detector.clone(), record_kind, record, score })?;
            }
        }
        Ok(())
    }

    fn close(self, tally: Tally) -> Result<(RunSummary, u64), Error> {
        let (totals, locale) = (self.ledger.totals(), self.engine.locale);
        let mut scanned: BTreeMap<String, u64> =
            totals.scanned.iter().map(|(kind, n)| (kind.as_str().to_owned(), *n)).collect();
        let owners: u64 = scanned.values().sum();
        if tally.pictures > 0 {
            scanned.insert(RecordKind::Image.as_str().to_owned(), tally.pictures);
        }
        let mut verdicts = self.verdicts;
        let flagged: u64 = verdicts.values().sum();
        verdicts.insert(Verdict::Pass.as_str().to_owned(), owners.saturating_sub(flagged));
        let mut detectors: Vec<DetectorReport> = Vec::new();
        let mut reasons = tally.reasons;
        for (d, prepared) in self.engine.detectors.iter().enumerate() {
            let name = prepared.spec.name.clone();
            let unjudged = self.failed[d] + if tally.unfinished { tally.later[d] } else { 0 };
            let (outcome, judged) = match self.engine.faults[d].get() {
                None => (DetectorOutcome::Complete, tally.judged[d].saturating_sub(unjudged)),
                Some(fault) => {
                    let reason = fault.text().get(locale).to_owned();
                    reasons.push(match locale {
                        Locale::Zh => format!("检测器 '{name}' 已被隔离：{reason}"),
                        Locale::En => format!("detector '{name}' was taken out: it {reason}"),
                    });
                    // What it said is dropped, and how far it came depends on which thread was where.
                    (DetectorOutcome::Quarantined { reason }, 0)
                }
            };
            detectors.push(DetectorReport { name, outcome, findings: self.found[d], judged, unjudged });
        }
        for (name, reason) in tally.skipped {
            let outcome = DetectorOutcome::Skipped { reason: reason.get(locale).to_owned() };
            detectors.push(DetectorReport { name, outcome, findings: 0, judged: 0, unjudged: 0 });
        }
        detectors.sort_by(|a, b| a.name.cmp(&b.name));
        reasons.extend(self.ledger.incomplete().iter().map(|text| text.get(locale).to_owned()));
        let status = match (tally.interrupted, reasons.is_empty()) {
            (true, _) => RunStatus::Interrupted,
            (false, true) => RunStatus::Complete,
            (false, false) => RunStatus::Incomplete { reasons },
        };
        let summary = RunSummary {
            status,
            read: totals.read,
            scanned,
            duplicates: totals.duplicates,
            quarantined: totals.quarantined,
            verdicts,
            severities: self.severities,
            suppressed: self.suppressed,
            unjudged: self.unjudged.len() as u64,
            detectors,
            inputs: self.ledger.reports(locale),
        };
        self.outputs.finish(&summary)?;
        Ok((summary, self.failing))
    }
}
