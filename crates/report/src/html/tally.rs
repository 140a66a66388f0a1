//! Counts over everything a run found. Memory is bounded: past a limit, further shops or phrases are counted together.

use std::collections::BTreeMap;

use huoyan_model::{RecordVerdict, ReportItem, Severity};

use crate::campaign::DETECTOR;

/// Findings by severity, `info` first.
pub(super) type BySeverity = [u64; Severity::ALL.len()];

/// Shops counted one by one.
const SHOPS: usize = 100_000;
/// Days counted one by one.
const DAYS: usize = 50_000;
/// Distinct phrases counted for a rule.
const PHRASES: usize = 2_000;

/// Rules of suspected reviews that are about words.
const WORDING: [&str; 4] = ["RM006", "RM007", "RM008", "RM009"];

/// What the charts show. Only findings that count are counted: at or above 0.5 and not set aside.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) severities: BySeverity,
    pub(super) rules: BTreeMap<String, RuleTally>,
    pub(super) shops: BTreeMap<String, ShopTally>,
    pub(super) other_shops: u64,
    pub(super) days: BTreeMap<String, BySeverity>,
    pub(super) undated: u64,
}

/// What was found by one rule.
#[derive(Default)]
pub(super) struct RuleTally {
    pub(super) severities: BySeverity,
    /// Distinct listings and reviews.
    pub(super) owners: u64,
    last_owner: String,
    pub(super) phrases: BTreeMap<String, u64>,
}

/// What was found in one shop.
#[derive(Default)]
pub(super) struct ShopTally {
    pub(super) severities: BySeverity,
    pub(super) records: u64,
}

/// Whether a finding is one the run stands by.
pub(crate) fn counts(item: &ReportItem) -> bool {
    item.finding.score >= 0.5 && item.finding.suppressed.is_none()
}

pub(super) fn index(severity: Severity) -> usize {
    Severity::ALL.iter().position(|known| *known == severity).unwrap_or(0)
}

impl Tally {
    pub(super) fn add(&mut self, item: &ReportItem) {
        if !counts(item) {
            return;
        }
        let finding = &item.finding;
        let severity = index(finding.severity);
        self.severities[severity] += 1;

        let rule = self.rules.entry(finding.rule.clone()).or_default();
        rule.severities[severity] += 1;
        // A rule's findings come record by record, so a change of owner is a new owner.
        if rule.last_owner != finding.owner {
            rule.owners += 1;
            rule.last_owner.clone_from(&finding.owner);
        }
        // Words mark the text of any suspected review; they are a reason only of the rules that are about words.
        let of_words = finding.detector != DETECTOR || WORDING.contains(&finding.rule.as_str());
        let matched = finding.matched.as_deref().map(str::trim).filter(|matched| of_words && !matched.is_empty());
        if let Some(matched) = matched {
            let phrase: String = matched.chars().take(40).collect();
            if rule.phrases.len() < PHRASES || rule.phrases.contains_key(&phrase) {
                *rule.phrases.entry(phrase).or_default() += 1;
            }
        }

        if let Some(shop) = &finding.shop_id {
            match self.shop(shop) {
                Some(tally) => tally.severities[severity] += 1,
                None => self.other_shops += 1,
            }
        }
        match &item.card.day {
            Some(day) if self.days.len() < DAYS || self.days.contains_key(day) => {
                self.days.entry(day.clone()).or_default()[severity] += 1;
            }
            _ => self.undated += 1,
        }
    }

    pub(super) fn add_verdict(&mut self, verdict: &RecordVerdict) {
        if let Some(tally) = verdict.shop_id.as_deref().and_then(|shop| self.shop(shop)) {
            tally.records += 1;
        }
    }

    fn shop(&mut self, shop: &str) -> Option<&mut ShopTally> {
        if self.shops.len() >= SHOPS && !self.shops.contains_key(shop) {
            return None;
        }
        Some(self.shops.entry(shop.to_owned()).or_default())
    }

    /// The rules, most findings first.
    pub(super) fn top_rules(&self) -> Vec<(&str, &RuleTally)> {
        let mut rules: Vec<_> = self.rules.iter().map(|(id, tally)| (id.as_str(), tally)).collect();
        rules.sort_by_key(|(id, tally)| (std::cmp::Reverse(sum(&tally.severities)), *id));
        rules
    }

    /// The shops with findings, most findings first.
    pub(super) fn top_shops(&self) -> Vec<(&str, &ShopTally)> {
        let found = self.shops.iter().filter(|(_, tally)| sum(&tally.severities) > 0);
        let mut shops: Vec<_> = found.map(|(id, tally)| (id.as_str(), tally)).collect();
        shops.sort_by_key(|(id, tally)| (std::cmp::Reverse(sum(&tally.severities)), *id));
        shops
    }
}

impl RuleTally {
    /// The phrases met most often.
    pub(super) fn top_phrases(&self, count: usize) -> Vec<(&str, u64)> {
        let mut phrases: Vec<_> = self.phrases.iter().map(|(phrase, count)| (phrase.as_str(), *count)).collect();
        phrases.sort_by_key(|(phrase, count)| (std::cmp::Reverse(*count), *phrase));
        phrases.truncate(count);
        phrases
    }
}

pub(super) fn sum(counts: &BySeverity) -> u64 {
    counts.iter().sum()
}
