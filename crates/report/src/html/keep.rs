//! The findings the page holds in full: the most severe ones, up to a limit.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use huoyan_model::{RecordCard, ReportItem, Severity};

use super::data;

/// Keeps the strongest `limit` of any number of findings, in memory bounded by the limit.
pub(super) struct Kept {
    limit: usize,
    offered: u64,
    /// The weakest on top, to be replaced.
    heap: BinaryHeap<Reverse<Entry>>,
}

struct Entry {
    rank: Rank,
    shown: Box<Shown>,
}

/// A finding with the piece of its text that is shown. The text itself is dropped: a description may have megabytes.
pub(super) struct Shown {
    pub(super) item: ReportItem,
    /// The text before, in and after the span, sanitised and cut around it.
    pub(super) text: [String; 3],
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
        Self { item: ReportItem { finding: item.finding.clone(), card, verdict: item.verdict }, text }
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
        Self { limit, offered: 0, heap: BinaryHeap::new() }
    }

    pub(super) fn offer(&mut self, item: &ReportItem) {
        let finding = &item.finding;
        let counts = super::tally::counts(item);
        let rank = Rank { counts, severity: finding.severity, score: finding.score, order: self.offered };
        self.offered += 1;
        if self.heap.len() >= self.limit {
            match self.heap.peek() {
                Some(Reverse(weakest)) if weakest.rank.compare(&rank) == Ordering::Less => drop(self.heap.pop()),
                _ => return,
            }
        }
        self.heap.push(Reverse(Entry { rank, shown: Box::new(Shown::of(item)) }));
    }

    /// How many findings there were.
    pub(super) fn offered(&self) -> u64 {
        self.offered
    }

    /// The kept findings, strongest first.
    pub(super) fn into_items(self) -> Vec<Shown> {
        // Ascending in the reversed order is descending in strength.
        self.heap.into_sorted_vec().into_iter().map(|Reverse(entry)| *entry.shown).collect()
    }
}
