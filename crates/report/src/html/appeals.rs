//! How many suspected reviews a merchant could put forward in an appeal, and why the others are none.

use huoyan_model::ReportItem;

use crate::campaign::{DETECTOR, against, reads_ordinary, says_one_family, speaking};

/// Independent families that must speak against a review.
pub(super) const FAMILIES: usize = 2;

/// Findings of `review-malice`, each counted once; the last two are parts of `ready`.
#[derive(Default)]
pub(super) struct Appeals {
    /// At least one half, and two independent families speak.
    pub(super) ready: u64,
    /// At least one half, but fewer families speak.
    pub(super) few_families: u64,
    /// Suspected praise: no harm to the shop, but a risk of its own.
    pub(super) praise: u64,
    /// Held below one half because a single family speaks.
    pub(super) one_family: u64,
    /// Below one half for want of evidence.
    pub(super) weak: u64,
    /// Suppressed, allowed or known before.
    pub(super) aside: u64,
    /// Those against which something speaks.
    pub(super) contested: u64,
    /// Those that lie in a burst of ordinary buyers.
    pub(super) ordinary: u64,
    /// The first that can be put forward, with its shop.
    pub(super) first: Option<(String, Option<String>)>,
}

impl Appeals {
    pub(super) fn add(&mut self, item: &ReportItem) {
        let finding = &item.finding;
        if finding.detector != DETECTOR {
            return;
        }
        let evidence = &finding.evidence;
        let told = evidence.get("review").and_then(|review| review["stars"].as_f64());
        let praises = told.or(item.card.rating).is_some_and(|stars| stars >= 3.5);
        let slot = match () {
            () if finding.suppressed.is_some() => &mut self.aside,
            () if finding.score < 0.5 && says_one_family(evidence) => &mut self.one_family,
            () if finding.score < 0.5 => &mut self.weak,
            () if praises => &mut self.praise,
            () if speaking(evidence) < FAMILIES => &mut self.few_families,
            () => {
                let against = against(evidence);
                self.contested += u64::from(!against.is_empty());
                self.first.get_or_insert_with(|| (finding.owner.clone(), finding.shop_id.clone()));
                self.ordinary += u64::from(against.contains("ordinary_buyers") || reads_ordinary(evidence));
                &mut self.ready
            }
        };
        *slot += 1;
    }

    /// Findings of any score.
    pub(super) fn all(&self) -> u64 {
        self.ready + self.few_families + self.praise + self.one_family + self.weak + self.aside
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::campaign::tests::told;

    #[test]
    fn every_finding_is_counted_for_what_it_is() {
        let two = |against: &[&str]| json!({"families": ["burst", "copy"], "speaks_against": against});
        let held = json!({"families": ["burst"], "ledger": [{"signal": "one_family"}]});
        let praise = json!({"families": ["wording", "copy"], "review": {"stars": 5}});
        let cases: [(f64, Value); 8] = [
            (0.9, two(&[])),
            (0.5, two(&["told", "family_cap"])),
            (0.9, two(&["ordinary_buyers"])),
            (0.9, json!({"families": ["burst"]})),
            (0.9, praise),
            (0.49, held),
            (0.4, two(&["ordinary_buyers"])),
            (0.9, json!({"families": 7, "review": [], "speaks_against": "x"})),
        ];
        let mut counts = Appeals::default();
        cases.iter().for_each(|(score, evidence)| counts.add(&told("r", *score, &[], evidence)));
        assert!(counts.first.is_some());
        let mut aside = told("r", 0.9, &[], &two(&[]));
        aside.finding.suppressed = Some("baseline".to_owned());
        counts.add(&aside);
        let mut other = told("r", 0.9, &[], &two(&[]));
        other.finding.detector = "platform-mention".to_owned();
        counts.add(&other);
        assert_eq!((counts.ready, counts.contested, counts.ordinary), (3, 2, 1));
        assert_eq!((counts.few_families, counts.praise, counts.one_family, counts.weak), (2, 1, 1, 1));
        assert_eq!((counts.aside, counts.all()), (1, 9));
    }
}
