//! Group stages `together` and `pairs`: the same accounts meeting on several listings.
//!
//! Pairs of accounts grow with the square of a listing's reviews; pairs of *listings* that one account reviewed grow only
//! with what the account wrote. So each account emits the pairs of listings it reviewed close together in time, and each pair
//! of listings is then asked how many accounts met there, at the same times, with the same votes. Friends who buy together meet
//! too, but do not all agree; accounts that always agree are compared with how often anybody would (binomial).

use std::collections::{BTreeSet, VecDeque};

use crate::codec::{Reader, Writer};
use crate::days::DAY;
use crate::facts::Polarity;
use crate::scan::share_surplus;

/// Two reviews of an account further apart than this are no joint act.
const REACH: i64 = 365 * DAY;
/// Reviews an account is paired back to.
pub const BACK: usize = 6;
/// Two accounts reviewed a listing together when within this.
const CLOSE: i64 = 14 * DAY;
/// Accounts compared on each side of one, in order of time, so that a pair of bestsellers costs no more than its share.
const NEIGHBOURS: usize = 128;

/// One review as the stage `together` sees it.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its key.
    pub record: String,
    /// Its listing.
    pub listing: u64,
    /// When it was written.
    pub time: i64,
    /// Which way it votes.
    pub polarity: Polarity,
    /// Stars, 0 for none.
    pub stars: u8,
}

/// The last reviews of one account.
#[derive(Default)]
pub struct Walk(VecDeque<Step>);

/// A review seen through one pair of listings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Meeting {
    /// The account.
    pub reviewer: u64,
    /// When it reviewed the listing with the smaller hash, and the other one.
    pub times: [i64; 2],
    /// How it voted on them.
    pub votes: [u8; 2],
    /// The stars it gave them, 0 for none.
    pub stars: [u8; 2],
}

impl Meeting {
    /// As bytes.
    pub fn write(&self) -> Vec<u8> {
        let mut w = Writer::new();
        w.u64(self.reviewer).i64(self.times[0]).i64(self.times[1]).u8(self.votes[0]).u8(self.votes[1]);
        w.u8(self.stars[0]).u8(self.stars[1]);
        w.into_bytes()
    }

    /// From bytes.
    pub fn read(r: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            reviewer: r.u64()?,
            times: [r.i64()?, r.i64()?],
            votes: [r.u8()?, r.u8()?],
            stars: [r.u8()?, r.u8()?],
        })
    }
}

impl Walk {
    /// Forgets the account.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Takes the account's next review and gives each pair it makes: key, order, the records of both reviews in the order of
    /// the key's listings, and the meeting.
    pub fn step(&mut self, reviewer: u64, step: Step, mut emit: impl FnMut(&str, i64, [&str; 2], &Meeting)) {
        for before in &self.0 {
            if before.listing == step.listing || step.time.saturating_sub(before.time) > REACH {
                continue;
            }
            let (a, b) = if before.listing < step.listing { (before, &step) } else { (&step, before) };
            let votes = [a.polarity as u8, b.polarity as u8];
            let meeting = Meeting { reviewer, times: [a.time, b.time], votes, stars: [a.stars, b.stars] };
            let key = format!("{:016x}{:016x}", a.listing, b.listing);
            emit(&key, a.time, [&a.record, &b.record], &meeting);
        }
        if self.0.len() == BACK {
            self.0.pop_front();
        }
        self.0.push_back(step);
    }
}

/// What one meeting is worth: how surprisingly many accounts met at the same times and agreed, and who.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ring {
    /// Log-likelihood ratio against agreeing by chance.
    pub value: f64,
    /// The other accounts that agreed.
    pub agreeing: usize,
    /// The other accounts that met.
    pub met: usize,
    /// How often one would agree by chance.
    pub chance: f64,
    /// Indices of up to eight meetings that agreed.
    pub with: Vec<usize>,
}

/// Judges the meetings of one pair of listings; they come in order of the first time. `chance` is how often one account's
/// two votes on two listings equal another's, per vote.
pub fn judge(meetings: &[Meeting], chance: impl Fn(u8) -> f64) -> Vec<Ring> {
    let mut out = Vec::with_capacity(meetings.len());
    for (i, me) in meetings.iter().enumerate() {
        let mut met = BTreeSet::new();
        let mut agreed = BTreeSet::new();
        let mut with = Vec::new();
        let before = meetings[..i].iter().enumerate().rev().take(NEIGHBOURS);
        let after = meetings.iter().enumerate().skip(i + 1).take(NEIGHBOURS);
        for (j, other) in before.chain(after) {
            let close = (0..2).all(|s| me.times[s].abs_diff(other.times[s]) <= CLOSE as u64);
            if !close || other.reviewer == me.reviewer {
                continue;
            }
            met.insert(other.reviewer);
            if other.votes == me.votes && agreed.insert(other.reviewer) && with.len() < 8 {
                with.push(j);
            }
        }
        let p = chance(me.votes[0]) * chance(me.votes[1]).sqrt();
        let value = share_surplus(agreed.len() as f64, met.len() as f64, p);
        with.sort_unstable();
        out.push(Ring { value, agreeing: agreed.len(), met: met.len(), chance: p, with });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meeting(reviewer: u64, votes: [u8; 2]) -> Meeting {
        Meeting { reviewer, times: [reviewer as i64 * 1000, 5_000], votes, stars: [1, 1] }
    }

    #[test]
    fn accounts_that_always_agree_surprise_and_friends_who_differ_do_not() {
        let chance = |_| 0.2;
        let ring: Vec<_> = (1..6).map(|r| meeting(r, [0, 0])).collect();
        assert!(judge(&ring, chance)[0].value > 6.0);
        let friends: Vec<_> = (1..6).map(|r| meeting(r, if r == 1 { [0, 0] } else { [2, 2] })).collect();
        assert_eq!(judge(&friends, chance)[0].value, 0.0);
        assert_eq!(judge(&ring[..1], chance)[0].value, 0.0);
    }

    #[test]
    fn an_account_meets_only_other_listings_close_in_time() {
        let step = |listing, time| Step { record: "r".into(), listing, time, polarity: Polarity::Negative, stars: 1 };
        let mut walk = Walk::default();
        let mut n = 0;
        for s in [step(1, 0), step(1, 10), step(2, 20), step(3, 400 * DAY)] {
            walk.step(7, s, |_, _, _, _| n += 1);
        }
        assert_eq!(n, 2);
    }
}
