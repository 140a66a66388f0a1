//! Which findings hang together.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::Fact;

/// Findings of several reviews that name each other, directly or through further findings.
pub(crate) struct Campaign<'f> {
    /// In the order in which they were given: the surest first.
    pub(crate) facts: Vec<&'f Fact>,
    /// Distinct reviews.
    pub(crate) reviews: usize,
}

/// All campaigns, the largest first.
pub(crate) struct Groups<'f> {
    pub(crate) campaigns: Vec<Campaign<'f>>,
    /// Findings in none.
    pub(crate) alone: usize,
}

/// Connected components of the findings. A record that is named but has no finding among these connects nothing: two
/// campaigns would grow into one over a bystander.
pub(super) fn group(facts: Vec<&Fact>) -> Groups<'_> {
    let mut leader: Vec<usize> = (0..facts.len()).collect();
    let mut of_record: HashMap<&str, usize> = HashMap::with_capacity(facts.len());
    for (index, fact) in facts.iter().enumerate() {
        let first = *of_record.entry(&fact.record).or_insert(index);
        join(&mut leader, first, index);
    }
    for (index, fact) in facts.iter().enumerate() {
        let named = fact.members.iter().filter_map(|member| of_record.get(&**member));
        for other in named.filter(|other| are_of_one(fact, facts[**other])) {
            join(&mut leader, index, *other);
        }
    }
    let mut members: Vec<Vec<&Fact>> = vec![Vec::new(); facts.len()];
    for (index, fact) in facts.iter().enumerate() {
        members[find(&mut leader, index)].push(fact);
    }
    let mut campaigns = Vec::new();
    let mut alone = 0;
    for facts in members.into_iter().filter(|facts| !facts.is_empty()) {
        let mut records: Vec<&str> = facts.iter().map(|fact| &*fact.record).collect();
        records.sort_unstable();
        records.dedup();
        match records.len() {
            1 => alone += facts.len(),
            reviews => campaigns.push((Reverse(reviews), records[0], Campaign { facts, reviews })),
        }
    }
    campaigns.sort_by(|(size, first, _), (other_size, other, _)| (size, first).cmp(&(other_size, other)));
    Groups { campaigns: campaigns.into_iter().map(|(.., campaign)| campaign).collect(), alone }
}

/// Days between two reviews of one campaign that name each other.
const REACH: i32 = 60;

/// Accounts that are hired again and again would tie everything they ever did into one: a campaign is against one shop, at one time.
fn are_of_one(a: &Fact, b: &Fact) -> bool {
    let shops = a.shop.as_ref().zip(b.shop.as_ref()).is_none_or(|(a, b)| a == b);
    let days = a.post.day.zip(b.post.day).is_none_or(|(a, b)| a.abs_diff(b) <= REACH.unsigned_abs());
    shops && days
}

fn find(leader: &mut [usize], mut index: usize) -> usize {
    while leader[index] != index {
        leader[index] = leader[leader[index]];
        index = leader[index];
    }
    index
}

fn join(leader: &mut [usize], a: usize, b: usize) {
    let (a, b) = (find(leader, a), find(leader, b));
    leader[a.max(b)] = a.min(b);
}
