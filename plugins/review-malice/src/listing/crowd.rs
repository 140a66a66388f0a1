//! The reviews of one polarity on a listing, and how many of them are usual.

use std::collections::BTreeSet;

use crate::days::{DAY, Low, Usual, day};
use crate::facts::{Facts, Polarity};
use crate::listing::Member;

/// Dated reviews of one polarity on a listing, in order of time. A point is one of them; windows are ranges of points.
pub(super) struct Crowd<'u> {
    pub(super) polarity: Polarity,
    pub(super) usual: &'u Usual,
    /// Where each point stands among the members.
    pub(super) at: Vec<usize>,
    /// When each was written.
    pub(super) times: Vec<i64>,
    /// Accounts met before each point: each account counts once, with its first review; nameless ones count each.
    counted: Vec<f64>,
    /// Times of the listing's reviews of any polarity.
    dated: Vec<i64>,
    /// How long the listing has been there, in average days of the platform.
    life: f64,
}

impl<'u> Crowd<'u> {
    /// The crowd of a polarity; none when there are no two.
    pub(super) fn of(members: &[Member], polarity: Polarity, usual: &'u Usual) -> Option<Self> {
        let is_dated = |m: &&Member| day(m.facts.time).is_some();
        let dated: Vec<i64> = members.iter().filter(is_dated).filter_map(|m| m.facts.time).collect();
        let of_it = |i: &usize| members[*i].facts.polarity == polarity && is_dated(&&members[*i]);
        let at: Vec<usize> = (0..members.len()).filter(of_it).collect();
        if at.len() < 2 {
            return None;
        }
        let mut seen = BTreeSet::new();
        let mut counted = vec![0.0];
        for i in &at {
            let who = members[*i].facts.reviewer;
            let new = who == 0 || seen.insert(who);
            counted.push(counted[counted.len() - 1] + f64::from(u8::from(new)));
        }
        let life = usual.exposure(dated[0].div_euclid(DAY), usual.range().1);
        let times = at.iter().filter_map(|i| members[*i].facts.time).collect();
        Some(Self { polarity, usual, at, times, counted, dated, life })
    }

    /// The facts of each point.
    pub(super) fn facts<'m>(&self, members: &'m [Member]) -> impl Iterator<Item = &'m Facts> {
        self.at.iter().map(|i| &members[*i].facts)
    }

    /// Accounts of a window.
    pub(super) fn accounts(&self, start: usize, end: usize) -> f64 {
        self.counted[end] - self.counted[start]
    }

    /// What a point counts: 0 when its account was met before.
    pub(super) fn counts(&self, point: usize) -> f64 {
        self.accounts(point, point + 1)
    }

    /// Sums over the points before each, an account's later reviews left out.
    pub(super) fn sums(&self, value: impl Fn(usize) -> f64) -> Vec<f64> {
        let mut sum = 0.0;
        let grow = (0..self.at.len()).map(|k| {
            sum += value(k) * self.counts(k);
            sum
        });
        std::iter::once(0.0).chain(grow).collect()
    }

    /// How unusually short the delay of each point is.
    pub(super) fn delays(&self, members: &[Member]) -> Vec<Option<Low>> {
        self.facts(members).map(|f| self.usual.delay(f.delay_hours)).collect()
    }

    /// How unusually young the account of each point is.
    pub(super) fn ages(&self, members: &[Member]) -> Vec<Option<Low>> {
        self.facts(members).map(|f| self.usual.age(f.age_days, day(f.time))).collect()
    }

    /// How many accounts are usual in a window of so many days, by the listing's other days and by how busy it is.
    pub(super) fn expected(&self, start: usize, end: usize, days: i64) -> f64 {
        let Self { usual, times, dated, life, .. } = self;
        let base = if self.polarity == Polarity::Negative { usual.negative } else { usual.positive };
        let from = dated.partition_point(|t| *t < times[start]);
        let to = dated.partition_point(|t| *t <= times[end - 1]);
        let all_outside = (dated.len() - (to - from)) as f64;
        let mine_outside = self.accounts(0, self.at.len()) - self.accounts(start, end);
        let start_day = times[start].div_euclid(DAY);
        let window = usual.exposure(start_day, start_day + days - 1).max(0.3);
        let rate = (all_outside + 1.0) / (life - window).max(life * 0.1 + 1.0);
        let share = ((mine_outside + 2.0 * base) / (all_outside + 2.0)).clamp(0.02, 0.97);
        // A listing that all kinds of reviews pour in on is busy, not attacked: as many of these as go with so many of the others.
        let of_others = (to - from).saturating_sub(end - start) as f64;
        let usual_share = share.max(base).min(0.97);
        (rate * share * window).max(of_others * usual_share / (1.0 - usual_share))
    }
}
