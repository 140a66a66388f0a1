//! What is told of a campaign as a whole.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::fact::Window;
use super::{Campaign, Fact};

/// Counts over the findings of one campaign.
pub(crate) struct Figures<'f> {
    pub(crate) accounts: usize,
    /// Reviews without the name of an account.
    pub(crate) nameless: usize,
    pub(crate) listings: usize,
    pub(crate) shops: usize,
    /// Reviews by stars, one star first.
    pub(crate) stars: [u64; 5],
    /// Suspected reviews by day.
    pub(crate) days: BTreeMap<i32, u64>,
    pub(crate) undated: usize,
    /// Reviews that were to be expected by day, summed over listings. Of several windows over a day the one that
    /// expects most counts, which speaks for the reviewers.
    pub(crate) expected: BTreeMap<i32, f64>,
    /// The window that is furthest above the expected.
    pub(crate) window: Option<Window>,
    /// The lowest and the highest score.
    pub(crate) scores: (f64, f64),
    /// Families with the findings in which each speaks and the median of what it contributes there.
    pub(crate) families: Vec<(&'f str, usize, f64)>,
    /// Signals that speak against the suspicion, with the findings in which each does.
    pub(crate) against: Vec<(&'f str, usize)>,
    /// Reviews that are named but have no finding that counts.
    pub(crate) companions: BTreeSet<&'f str>,
}

impl<'f> Figures<'f> {
    pub(crate) fn of(campaign: &Campaign<'f>) -> Self {
        let facts = &campaign.facts;
        let distinct =
            |of: fn(&'f Fact) -> Option<&'f str>| facts.iter().filter_map(|fact| of(fact)).collect::<BTreeSet<_>>();
        let records = distinct(|fact| Some(&fact.record));
        let named = facts.iter().flat_map(|fact| fact.members.iter().map(|member| &**member));
        let mut days: BTreeMap<i32, u64> = BTreeMap::new();
        let mut stars = [0; 5];
        let mut contributions: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
        let mut against: BTreeMap<&str, usize> = BTreeMap::new();
        for fact in facts {
            if let Some(day) = fact.post.day {
                *days.entry(day).or_default() += 1;
            }
            if let Some(count) = fact.post.stars.and_then(|n| stars.get_mut(usize::from(n).wrapping_sub(1))) {
                *count += 1;
            }
            for (family, contribution) in &fact.families {
                contributions.entry(family).or_default().push(*contribution);
            }
            for signal in &fact.against {
                *against.entry(signal).or_default() += 1;
            }
        }
        let mut families: Vec<_> =
            contributions.into_iter().map(|(family, mut values)| (family, values.len(), median(&mut values))).collect();
        families.sort_by_key(|(family, count, _)| (Reverse(*count), *family));
        let mut against: Vec<_> = against.into_iter().collect();
        against.sort_by_key(|(signal, count)| (Reverse(*count), *signal));
        let scores = facts.iter().map(|fact| fact.score);
        let windows = facts.iter().filter_map(|fact| fact.window);
        Self {
            accounts: distinct(|fact| fact.post.account.as_deref()).len(),
            nameless: facts.iter().filter(|fact| fact.post.account.is_none()).count(),
            listings: distinct(|fact| fact.post.listing.as_deref()).len(),
            shops: distinct(|fact| fact.shop.as_deref()).len(),
            stars,
            undated: facts.iter().filter(|fact| fact.post.day.is_none()).count(),
            days,
            expected: expected(facts),
            window: windows.max_by(|a, b| surplus(a).total_cmp(&surplus(b)).then(b.from.cmp(&a.from))),
            scores: (scores.clone().fold(1.0, f64::min), scores.fold(0.0, f64::max)),
            families,
            against,
            companions: named.filter(|member| !records.contains(member)).collect(),
        }
    }

    /// The first and the last day of the suspected reviews.
    pub(crate) fn span(&self) -> Option<(i32, i32)> {
        Some((*self.days.first_key_value()?.0, *self.days.last_key_value()?.0))
    }
}

fn surplus(window: &Window) -> f64 {
    window.observed - window.expected
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values {
        [] => 0.0,
        _ if values.len().is_multiple_of(2) => f64::midpoint(values[middle - 1], values[middle]),
        _ => values[middle],
    }
}

fn expected(facts: &[&Fact]) -> BTreeMap<i32, f64> {
    // The findings of a burst mostly cite the same window.
    let mut seen = BTreeSet::new();
    let mut of_listing: BTreeMap<(i32, &str), f64> = BTreeMap::new();
    for fact in facts {
        let (listing, Some(window)) = (fact.post.listing.as_deref().unwrap_or(""), fact.window) else { continue };
        let rate = window.expected / f64::from(window.to - window.from + 1);
        if seen.insert((listing, window.from, window.to, rate.to_bits())) {
            for day in window.from..=window.to {
                let most = of_listing.entry((day, listing)).or_default();
                *most = most.max(rate);
            }
        }
    }
    let mut out = BTreeMap::new();
    for ((day, _), rate) in of_listing {
        *out.entry(day).or_default() += rate;
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fact::tests::told;
    use super::super::{Collected, label};
    use super::*;

    const DAY: i64 = 86_400;
    const START: i64 = 20_000 * DAY;

    #[test]
    fn a_campaign_is_counted_over_accounts_days_and_windows() {
        let mut collected = Collected::default();
        for (record, day, account, listing, expected) in [
            ("r1", 0, Some("a"), "L1", 1.0),
            ("r2", 1, Some("b"), "L1", 2.0),
            ("r3", 1, None, "L2", 4.0),
            ("r4", 3, Some("a"), "L2", 4.0),
        ] {
            let evidence = json!({
                "review": {"at": START + day * DAY, "account": account, "listing": listing, "shop": "s", "stars": 1},
                "families": ["burst", if day == 1 { "copy" } else { "wording" }], "speaks_against": ["told"],
                "ledger": [{"signal": "burst_short", "family": "burst", "contribution": day}],
                "window": {"from": START, "to": START + DAY, "observed": 9, "expected": expected},
            });
            collected.offer(&told(record, 0.5 + day as f64 / 8.0, &["r1", "gone"], &evidence));
        }
        let groups = collected.groups();
        let figures = Figures::of(&groups.campaigns[0]);
        assert_eq!((figures.accounts, figures.nameless, figures.listings, figures.shops), (2, 1, 2, 1));
        assert_eq!(figures.days.values().copied().collect::<Vec<_>>(), [1, 2, 1]);
        assert_eq!(figures.span().map(|(a, b)| (label(a), label(b))), Some(("2024-10-04".into(), "2024-10-07".into())));
        // On the first listing one a day, by the window that expects more; on the second two.
        assert_eq!(figures.expected, BTreeMap::from([(20_000, 3.0), (20_001, 3.0)]));
        assert_eq!(figures.window.unwrap().expected, 1.0);
        assert_eq!(figures.families, [("burst", 4, 1.0), ("copy", 2, 0.0), ("wording", 2, 0.0)]);
        assert_eq!((figures.against.as_slice(), figures.stars), (&[("told", 4)][..], [4, 0, 0, 0, 0]));
        assert_eq!(figures.companions.iter().copied().collect::<Vec<_>>(), ["gone"]);
        assert_eq!(figures.scores, (0.5, 0.875));
    }
}
