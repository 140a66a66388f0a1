//! Group stage `shop`: negative reviews of several listings of one shop at once.
//!
//! Counts only the shop's *other* listings, so that it adds to what the listing stage saw instead of repeating it.

use crate::days::{DAY, Usual, day};
use crate::facts::Polarity;
use crate::listing::Member;
use crate::scan::surplus;
use crate::signal::Signal;

/// Days before and after a review.
const REACH: i64 = 7;

/// Sets the shop's signal. `members` come in order of time.
pub fn judge(members: &mut [Member], usual: &Usual) {
    for polarity in [Polarity::Negative, Polarity::Positive] {
        let at: Vec<usize> = (0..members.len())
            .filter(|i| members[*i].facts.polarity == polarity && day(members[*i].facts.time).is_some())
            .collect();
        let times: Vec<i64> = at.iter().filter_map(|i| members[*i].facts.time).collect();
        let Some(first) = times.first() else { continue };
        let life = usual.exposure(first.div_euclid(DAY), usual.range().1);
        let mut values = vec![0.0; at.len()];
        let mut listings: std::collections::BTreeMap<u64, f64> = std::collections::BTreeMap::new();
        let (mut from, mut to) = (0, 0);
        for k in 0..at.len() {
            while to < at.len() && times[to] <= times[k] + REACH * DAY {
                *listings.entry(members[at[to]].facts.listing).or_default() += 1.0;
                to += 1;
            }
            while times[from] < times[k] - REACH * DAY {
                if let Some(n) = listings.get_mut(&members[at[from]].facts.listing) {
                    *n -= 1.0;
                }
                from += 1;
            }
            let own = listings.get(&members[at[k]].facts.listing).copied().unwrap_or(0.0);
            let others = (to - from) as f64 - own;
            let today = times[k].div_euclid(DAY);
            let window = usual.exposure(today - REACH, today + REACH);
            let outside = (at.len() - (to - from)) as f64;
            let expected = (outside + 0.5) / (life - window).max(life * 0.1 + 1.0) * window;
            values[k] = surplus(others, expected);
        }
        for (k, i) in at.iter().enumerate() {
            members[*i].facts.signals.set(Signal::BurstShop, values[k] as f32);
        }
    }
}
