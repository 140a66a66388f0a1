//! Accounts by listings: who wrote on what, and when.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::{Campaign, fact::Post};

/// Accounts and listings that are shown.
const SIDE: usize = 12;

/// The accounts and listings with most reviews of a campaign, its rings' other reviews included.
pub(crate) struct Matrix<'f> {
    pub(crate) accounts: Vec<&'f str>,
    pub(crate) listings: Vec<&'f str>,
    /// By account and listing: the reviews in the order of their days.
    pub(crate) cells: BTreeMap<(&'f str, &'f str), Cell>,
    pub(crate) more_accounts: usize,
    pub(crate) more_listings: usize,
}

/// Day and stars of each review of one account on one listing, and whether a finding is about it.
pub(crate) type Cell = BTreeMap<(Option<i32>, Option<u8>), bool>;

impl<'f> Matrix<'f> {
    pub(crate) fn of(campaign: &Campaign<'f>) -> Self {
        let mut cells: BTreeMap<(&str, &str), Cell> = BTreeMap::new();
        // Meetings name listings by their keys: where a finding tells the listing's own id, that is shown.
        let ids: BTreeMap<&str, &str> = campaign
            .facts
            .iter()
            .filter_map(|fact| Some((fact.listing_key.as_deref()?, fact.post.listing.as_deref()?)))
            .collect();
        let mut put = |post: &'f Post, suspected: bool| {
            if let (Some(account), Some(listing)) = (post.account.as_deref(), post.listing.as_deref()) {
                let listing = ids.get(listing).copied().unwrap_or(listing);
                *cells.entry((account, listing)).or_default().entry((post.day, post.stars)).or_default() |= suspected;
            }
        };
        for fact in &campaign.facts {
            put(&fact.post, true);
            fact.meetings.iter().for_each(|post| put(post, false));
        }
        let all = |key: fn(&(&'f str, &'f str)) -> &'f str| cells.keys().map(key).collect::<BTreeSet<_>>().len();
        let (all_accounts, all_listings) = (all(|key| key.0), all(|key| key.1));
        let accounts = busiest(&cells, |key| key.0);
        cells.retain(|key, _| accounts.contains(&key.0));
        let listings = busiest(&cells, |key| key.1);
        cells.retain(|key, _| listings.contains(&key.1));
        Self {
            more_accounts: all_accounts - accounts.len(),
            more_listings: all_listings - listings.len(),
            accounts,
            listings,
            cells,
        }
    }
}

/// The accounts or listings with most cells, then most reviews; of as many, the first by name.
fn busiest<'f>(cells: &BTreeMap<(&'f str, &'f str), Cell>, key: fn(&(&'f str, &'f str)) -> &'f str) -> Vec<&'f str> {
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (place, cell) in cells {
        let count = counts.entry(key(place)).or_default();
        *count = (count.0 + 1, count.1 + cell.len());
    }
    let mut names: Vec<_> = counts.into_iter().collect();
    names.sort_by_key(|(name, count)| (Reverse(*count), *name));
    names.into_iter().take(SIDE).map(|(name, _)| name).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::Collected;
    use super::super::fact::tests::told;
    use super::*;

    #[test]
    fn rings_fill_the_matrix_and_the_rest_is_counted() {
        let mut collected = Collected::default();
        for index in 0..20 {
            let account = format!("acc-{index:02}");
            let meetings: Vec<_> = (0..=index % 3)
                .map(|k| json!({"account": account, "listing": format!("L{k}"), "at": 1_795_305_600, "stars": 1}))
                .collect();
            let evidence = json!({
                "review": {"account": account, "listing": "L0", "at": 1_795_305_600, "stars": 1},
                "ring": {"meetings": meetings},
            });
            collected.offer(&told(&format!("r{index:02}"), 0.9, &["r00"], &evidence));
        }
        let groups = collected.groups();
        let matrix = Matrix::of(&groups.campaigns[0]);
        assert_eq!((matrix.accounts.len(), matrix.more_accounts), (12, 8));
        assert_eq!((matrix.accounts[0], matrix.listings.as_slice()), ("acc-02", &["L0", "L1", "L2"][..]));
        let cell = |account, listing| matrix.cells[&(account, listing)].values().copied().collect::<Vec<_>>();
        assert_eq!((cell("acc-02", "L0"), cell("acc-02", "L2")), (vec![true], vec![false]));
        assert!(!matrix.cells.contains_key(&("acc-01", "L2")));
    }
    #[test]
    fn a_listing_is_one_column_by_whichever_name_it_is_told() {
        let mut collected = Collected::default();
        for (record, listing, other) in [("a", "L1", "k2"), ("b", "L2", "k1")] {
            let evidence = json!({
                "review": {"account": record, "listing": listing, "listing_key": listing.replace('L', "k"), "stars": 1},
                "ring": {"meetings": [{"account": "c", "listing": other, "stars": 1}]},
            });
            collected.offer(&told(record, 0.9, &["a", "b"], &evidence));
        }
        let groups = collected.groups();
        let matrix = Matrix::of(&groups.campaigns[0]);
        assert_eq!((matrix.listings.as_slice(), matrix.accounts.len()), (&["L1", "L2"][..], 3));
    }
}
