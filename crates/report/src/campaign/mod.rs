//! Suspected campaigns: reviews that the findings of `review-malice` tie to each other.
//!
//! A single review seldom shows a campaign, the group and its days do. What must stay true: the same findings in any
//! order give the same campaigns; only findings that count make or join one, so that weaker ones written on request
//! change nothing; memory is bounded, and what a bound leaves out is counted.

mod date;
mod fact;
mod figures;
mod group;
mod matrix;

pub(crate) use date::{day_text, label};
pub(crate) use fact::{DETECTOR, Fact, against, reads_ordinary, says_one_family, speaking};
pub(crate) use figures::Figures;
pub(crate) use group::{Campaign, Groups};
pub(crate) use matrix::{Cell, Matrix};

use std::cmp::Reverse;
use std::collections::BTreeMap;

use huoyan_model::{ContentHash, Fingerprint, ReportItem};

/// Findings that are grouped; the surest ones, when there are more.
const FINDINGS: usize = 20_000;

/// Collects what grouping needs of the findings, in memory bounded by their number.
pub(crate) struct Collected {
    limit: usize,
    offered: u64,
    facts: BTreeMap<Rank, Fact>,
}

/// The score's bits, which order as positive scores do; then the content, never the place in the run.
type Rank = (u64, Reverse<(Box<str>, Fingerprint, ContentHash)>);

impl Default for Collected {
    fn default() -> Self {
        Self::new(FINDINGS)
    }
}

impl Collected {
    fn new(limit: usize) -> Self {
        Self { limit, offered: 0, facts: BTreeMap::new() }
    }

    pub(crate) fn offer(&mut self, item: &ReportItem) {
        let finding = &item.finding;
        if finding.detector != DETECTOR || !crate::html::counts(item) {
            return;
        }
        self.offered += 1;
        let content = (finding.record.as_str().into(), finding.fingerprint, finding.record_version);
        let rank = (finding.score.to_bits(), Reverse(content));
        if self.facts.len() < self.limit || self.facts.first_key_value().is_some_and(|(weakest, _)| *weakest < rank) {
            self.facts.insert(rank, Fact::of(item));
        }
        if self.facts.len() > self.limit {
            self.facts.pop_first();
        }
    }

    /// Findings that found no place and are in no campaign for that.
    pub(crate) fn left_out(&self) -> u64 {
        self.offered - self.facts.len() as u64
    }

    pub(crate) fn groups(&self) -> Groups<'_> {
        // The surest first.
        group::group(self.facts.values().rev().collect())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use serde_json::json;

    use super::fact::tests::item;
    pub(crate) use super::fact::tests::told;
    use super::*;

    /// Campaigns as their records, of findings given as (record, score, members).
    fn campaigns(limit: usize, findings: &[(&str, f64, &[&str])]) -> Vec<Vec<String>> {
        let mut collected = Collected::new(limit);
        findings.iter().for_each(|(record, score, members)| collected.offer(&item(record, *score, members)));
        let records = |campaign: &Campaign<'_>| {
            let mut records: Vec<String> = campaign.facts.iter().map(|fact| fact.record.to_string()).collect();
            records.sort();
            records
        };
        collected.groups().campaigns.iter().map(records).collect()
    }

    #[test]
    fn members_link_findings_in_any_order() {
        let mut findings: Vec<(&str, f64, &[&str])> = vec![
            ("a", 0.9, &["b"]),
            ("b", 0.6, &[]),
            ("c", 0.7, &["b", "x"]),
            ("d", 0.8, &["x"]),
            ("e", 0.8, &["f"]),
            ("f", 0.8, &["e"]),
            ("g", 0.8, &["g"]),
        ];
        let expected = [vec!["a", "b", "c"], vec!["e", "f"]];
        for _ in 0..findings.len() {
            findings.rotate_left(1);
            assert_eq!(campaigns(100, &findings), expected);
            findings.reverse();
            assert_eq!(campaigns(100, &findings), expected);
        }
    }

    #[test]
    fn a_companion_or_a_weak_finding_joins_nothing() {
        assert!(campaigns(100, &[("a", 0.9, &["x"]), ("b", 0.9, &["x"])]).is_empty());
        assert!(campaigns(100, &[("a", 0.9, &["x"]), ("b", 0.9, &["x"]), ("x", 0.4, &["a", "b"])]).is_empty());
        assert_eq!(campaigns(100, &[("a", 0.5, &["b"]), ("b", 0.5, &[])]).len(), 1);
    }

    #[test]
    fn a_campaign_is_against_one_shop_at_one_time() {
        let day = 86_400;
        let groups = |reviews: &[(&str, &str, i64)]| {
            let mut collected = Collected::new(100);
            let records: Vec<&str> = reviews.iter().map(|(record, ..)| *record).collect();
            for (record, shop, at) in reviews {
                let evidence = json!({"review": {"shop": shop, "at": 20_000 * day + at * day}});
                collected.offer(&told(record, 0.9, &records, &evidence));
            }
            collected.groups().campaigns.iter().map(|campaign| campaign.reviews).collect::<Vec<_>>()
        };
        assert_eq!(groups(&[("a", "s1", 0), ("b", "s1", 50), ("c", "s1", 100)]), [3]);
        assert_eq!(groups(&[("a", "s1", 0), ("b", "s1", 1), ("c", "s2", 0), ("d", "s2", 1)]), [2, 2]);
        assert_eq!(groups(&[("a", "s1", 0), ("b", "s1", 1), ("c", "s1", 200), ("d", "s1", 201)]), [2, 2]);
    }

    #[test]
    fn two_versions_of_one_review_are_no_campaign() {
        let mut collected = Collected::new(9);
        for version in 0..2 {
            let mut item = item("a", 0.9, &["a"]);
            item.finding.record_version = ContentHash([version; 16]);
            collected.offer(&item);
        }
        assert!(collected.groups().campaigns.is_empty());
        assert_eq!(collected.groups().alone, 2);
    }

    #[test]
    fn the_surest_findings_are_kept_whatever_their_order() {
        let findings: Vec<(&str, f64, &[&str])> =
            vec![("a", 0.6, &["b"]), ("b", 0.9, &["c"]), ("c", 0.8, &["a"]), ("d", 0.6, &["c"])];
        let mut backwards = findings.clone();
        backwards.reverse();
        // Of two that are as sure, the first by key.
        assert_eq!(campaigns(3, &findings), [["a", "b", "c"]]);
        assert_eq!(campaigns(3, &backwards), [["a", "b", "c"]]);
        let mut collected = Collected::new(3);
        findings.iter().for_each(|(record, score, members)| collected.offer(&item(record, *score, members)));
        assert_eq!((collected.left_out(), collected.facts.len()), (1, 3));
    }
}
