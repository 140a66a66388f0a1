//! The findings the page holds in full: the most severe ones, up to a limit, with some of every rule.

use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BinaryHeap};
use std::sync::Arc;

use huoyan_model::{RecordCard, ReportItem, Severity};
use serde_json::Value;

use super::copied::copied;
use super::data;

/// Findings of one rule that are kept although others are more severe, so that no rule is missing from the page.
const OF_EACH_RULE: usize = 50;

/// Keeps the strongest `limit` of any number of findings, in memory bounded by the limit and the number of rules.
pub(super) struct Kept {
    limit: usize,
    offered: u64,
    overall: Strongest,
    by_rule: BTreeMap<String, Strongest>,
}

/// The strongest few; the weakest of them on top, to be replaced.
#[derive(Default)]
struct Strongest(BinaryHeap<Reverse<Entry>>);

impl Strongest {
    /// Makes room for a finding of this rank, if it is to be kept.
    fn admits(&mut self, limit: usize, rank: &Rank) -> bool {
        if self.0.len() < limit {
            return true;
        }
        match self.0.peek() {
            Some(Reverse(weakest)) if weakest.rank.compare(rank) == Ordering::Less => self.0.pop().is_some(),
            _ => false,
        }
    }

    /// Strongest first: ascending in the reversed order.
    fn into_sorted(self) -> impl Iterator<Item = Entry> {
        self.0.into_sorted_vec().into_iter().map(|Reverse(entry)| entry)
    }
}

struct Entry {
    rank: Rank,
    shown: Arc<Shown>,
}

/// A finding with the piece of its text that is shown. The text itself is dropped: a description may have megabytes.
pub(super) struct Shown {
    pub(super) item: ReportItem,
    /// The text before, in and after the span, sanitised and cut around it.
    pub(super) text: [String; 3],
    /// What it shares with other reviews.
    pub(super) copied: Vec<Value>,
}

impl Shown {
    fn of(item: &ReportItem) -> Self {
        let text = data::pieces(item);
        let card = RecordCard {
            headline: data::cut(&item.card.headline, data::HEADLINE),
            field_text: None,
            day: item.card.day.clone(),
            rating: item.card.rating,
            price: item.card.price,
            listing_id: item.card.listing_id.clone(),
            image: item.card.image.clone(),
        };
        Self {
            item: ReportItem { finding: item.finding.clone(), card, verdict: item.verdict },
            text,
            copied: copied(item),
        }
    }
}

/// Findings that count come before those set aside or below 0.5; then the more severe, the surer, the earlier.
#[derive(Clone, Copy, PartialEq)]
struct Rank {
    counts: bool,
    severity: Severity,
    score: f64,
    order: u64,
}

impl Rank {
    fn compare(&self, other: &Self) -> Ordering {
        let strength = self.counts.cmp(&other.counts).then(self.severity.cmp(&other.severity));
        strength.then(self.score.total_cmp(&other.score)).then(other.order.cmp(&self.order))
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Entry {}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> Ordering {
        self.rank.compare(&other.rank)
    }
}

impl Kept {
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, offered: 0, overall: Strongest::default(), by_rule: BTreeMap::new() }
    }

    pub(super) fn offer(&mut self, item: &ReportItem) {
        let finding = &item.finding;
        let counts = super::tally::counts(item);
        let rank = Rank { counts, severity: finding.severity, score: finding.score, order: self.offered };
        self.offered += 1;
        if !self.by_rule.contains_key(&finding.rule) {
            self.by_rule.insert(finding.rule.clone(), Strongest::default());
        }
        let mut shown = None;
        let of_rule = self.by_rule.get_mut(&finding.rule).map(|strongest| (strongest, OF_EACH_RULE));
        for (strongest, limit) in [Some((&mut self.overall, self.limit)), of_rule].into_iter().flatten() {
            if strongest.admits(limit, &rank) {
                let shown = Arc::clone(shown.get_or_insert_with(|| Arc::new(Shown::of(item))));
                strongest.0.push(Reverse(Entry { rank, shown }));
            }
        }
    }

    /// How many findings there were.
    pub(super) fn offered(&self) -> u64 {
        self.offered
    }

    /// The kept findings, strongest first.
    pub(super) fn into_items(self) -> Vec<Arc<Shown>> {
        // At most half the places go to findings that are there for their rule's sake.
        let each = OF_EACH_RULE.min(self.limit / 2 / self.by_rule.len().max(1));
        let mut chosen: BTreeMap<u64, Entry> = BTreeMap::new();
        for strongest in self.by_rule.into_values() {
            chosen.extend(strongest.into_sorted().take(each).map(|entry| (entry.rank.order, entry)));
        }
        for entry in self.overall.into_sorted() {
            if chosen.len() >= self.limit {
                break;
            }
            chosen.insert(entry.rank.order, entry);
        }
        let mut chosen: Vec<Entry> = chosen.into_values().collect();
        chosen.sort_by(|a, b| b.cmp(a));
        chosen.into_iter().map(|entry| entry.shown).collect()
    }
}

#[cfg(test)]
mod tests {
    use huoyan_model::{ContentHash, Finding, Fingerprint, RecordKind, Source, Verdict};

    use super::*;

    fn item(rule: &str, severity: Severity, score: f64) -> ReportItem {
        let finding = Finding {
            owner_kind: RecordKind::Listing,
            owner: "l".to_owned(),
            record_kind: RecordKind::Listing,
            record: "l".to_owned(),
            record_version: ContentHash([0; 16]),
            detector: "d".to_owned(),
            rule: rule.to_owned(),
            score,
            severity,
            field: None,
            span: None,
            matched: None,
            evidence: serde_json::Map::new(),
            members: Vec::new(),
            fingerprint: Fingerprint([0; 16]),
            copies: 1,
            shop_id: None,
            source: Source::default(),
            suppressed: None,
        };
        ReportItem { finding, card: RecordCard::default(), verdict: Verdict::Review }
    }

    fn kept(limit: usize, items: &[ReportItem]) -> Vec<(String, f64)> {
        let mut kept = Kept::new(limit);
        items.iter().for_each(|item| kept.offer(item));
        let of = |shown: &Arc<Shown>| (shown.item.finding.rule.clone(), shown.item.finding.score);
        kept.into_items().iter().map(of).collect()
    }

    #[test]
    fn the_strongest_stay_and_no_rule_is_missing() {
        let mut items: Vec<ReportItem> =
            (0..20).map(|i| item("A", Severity::High, 0.5 + f64::from(i) / 100.0)).collect();
        items.push(item("B", Severity::Low, 0.6));
        let rules: Vec<String> = kept(4, &items).into_iter().map(|(rule, _)| rule).collect();
        assert_eq!(rules, ["A", "A", "A", "B"]);
        assert_eq!(kept(4, &items)[0].1, 0.69);
    }

    #[test]
    fn everything_is_kept_in_order_where_there_is_room() {
        let items = [item("A", Severity::Low, 0.9), item("B", Severity::High, 0.6), item("B", Severity::High, 0.7)];
        let expected = [("B", 0.7), ("B", 0.6), ("A", 0.9)].map(|(rule, score)| (rule.to_owned(), score));
        assert_eq!(kept(10, &items), expected);
        assert!(kept(0, &items).is_empty());
    }
}
