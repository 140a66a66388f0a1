//! Corpus stage `days`: what is usual on this platform.
//!
//! Bursts are measured against the platform's own peak days, delays and account ages against everybody's. Counts only, so
//! summaries merge by addition, in any order.

use std::collections::BTreeMap;

use crate::codec::{Reader, Writer};
use crate::facts::{Polarity, Review, identity, polarity};

/// Seconds of a day.
pub const DAY: i64 = 86_400;
/// Days since 1970 that are believed; others are slips of an export.
const BELIEVED: std::ops::Range<i64> = 3_650..47_450;
/// Bins of the histograms of delays and ages: quarter octaves.
const BINS: usize = 80;
/// Days of one period of account ages, since a platform's accounts grow older together.
const PERIOD: i64 = 90;
/// A trait is what at most this share of reviews has.
const RARE: f64 = 0.12;
/// Fewer values than this say nothing about what is usual.
const ENOUGH: u64 = 40;

/// The day of a time, when it is believed.
pub fn day(time: Option<i64>) -> Option<i64> {
    time.map(|t| t.div_euclid(DAY)).filter(|d| BELIEVED.contains(d))
}

fn bin(value: f64) -> usize {
    ((1.0 + value.max(0.0)).log2() * 4.0) as usize
}

#[derive(Clone, Debug, PartialEq)]
struct Histogram([u64; BINS]);

impl Default for Histogram {
    fn default() -> Self {
        Self([0; BINS])
    }
}

impl Histogram {
    fn add(&mut self, value: f64) {
        self.0[bin(value).min(BINS - 1)] += 1;
    }

    /// The shares at or below each bin; `None` when there are too few values.
    fn shares(&self) -> Option<Shares> {
        let total: u64 = self.0.iter().sum();
        if total < ENOUGH {
            return None;
        }
        let mut sum = 0;
        let mut out = Shares { up_to: [0.0; BINS], rare: 0.0 };
        for (share, n) in out.up_to.iter_mut().zip(self.0) {
            sum += n;
            *share = sum as f64 / total as f64;
            if *share <= RARE || (out.rare == 0.0 && sum > 0) {
                out.rare = *share;
            }
        }
        Some(out)
    }
}

#[derive(Clone, Debug)]
struct Shares {
    up_to: [f64; BINS],
    /// The largest of them that is still rare, or the smallest there is.
    rare: f64,
}

impl Shares {
    fn low(&self, value: f64) -> Option<Low> {
        let share = self.up_to[bin(value).min(BINS - 1)];
        // A trait that more than a third have is none.
        (self.rare < 0.34).then_some(Low { share, rare: share <= self.rare, base: self.rare })
    }
}

/// Counts of everything that is compared later.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Days {
    /// Per day: reviews, and negative ones.
    days: BTreeMap<i64, [u64; 2]>,
    /// Reviews by polarity.
    votes: [u64; 3],
    /// Verified known, verified; refunded known among negatives, refunded among negatives.
    flags: [u64; 4],
    /// Negative reviews of one star.
    harsh: u64,
    delays: Histogram,
    ages: BTreeMap<i64, Histogram>,
    /// Reviews of each account of a sample: those with the smallest hashes.
    accounts: BTreeMap<u64, u32>,
}

/// Accounts of the sample.
const SAMPLE: usize = 16_384;

impl Days {
    /// Counts one review.
    pub fn add(&mut self, review: &Review<'_>) {
        let vote = polarity(review.rating);
        self.votes[vote as usize] += 1;
        let day = day(review.time);
        if let Some(day) = day {
            let counts = self.days.entry(day).or_default();
            counts[0] += 1;
            counts[1] += u64::from(vote == Polarity::Negative);
        }
        self.harsh += u64::from(vote == Polarity::Negative && review.rating.is_some_and(|r| r < 1.5));
        let account = identity(review.reviewer);
        let sampled =
            self.accounts.len() < SAMPLE || self.accounts.last_key_value().is_some_and(|last| account <= *last.0);
        if account != 0 && sampled {
            *self.accounts.entry(account).or_default() += 1;
            if self.accounts.len() > SAMPLE {
                self.accounts.pop_last();
            }
        }
        if let Some(verified) = review.verified {
            self.flags[0] += 1;
            self.flags[1] += u64::from(verified);
        }
        if let (Some(refunded), Polarity::Negative) = (review.refunded, vote) {
            self.flags[2] += 1;
            self.flags[3] += u64::from(refunded);
        }
        if let Some(hours) = review.delay_hours.filter(|v| v.is_finite()) {
            self.delays.add(hours);
        }
        if let Some(age) = review.age_days.filter(|v| v.is_finite()) {
            self.ages.entry(day.unwrap_or(0).div_euclid(PERIOD)).or_default().add(age);
        }
    }

    /// Adds another summary's counts.
    pub fn merge(&mut self, other: &Self) {
        for (day, counts) in &other.days {
            let mine = self.days.entry(*day).or_default();
            mine[0] += counts[0];
            mine[1] += counts[1];
        }
        self.votes.iter_mut().zip(other.votes).for_each(|(a, b)| *a += b);
        self.flags.iter_mut().zip(other.flags).for_each(|(a, b)| *a += b);
        self.harsh += other.harsh;
        self.delays.0.iter_mut().zip(other.delays.0).for_each(|(a, b)| *a += b);
        for (period, ages) in &other.ages {
            let mine = self.ages.entry(*period).or_default();
            mine.0.iter_mut().zip(ages.0).for_each(|(a, b)| *a += b);
        }
        for (account, reviews) in &other.accounts {
            *self.accounts.entry(*account).or_default() += reviews;
        }
        while self.accounts.len() > SAMPLE {
            self.accounts.pop_last();
        }
    }

    /// As bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut w = Writer::new();
        w.u32(self.days.len() as u32);
        for (day, counts) in &self.days {
            w.i64(*day).u64(counts[0]).u64(counts[1]);
        }
        self.votes.iter().chain(&self.flags).chain(&self.delays.0).for_each(|v| {
            w.u64(*v);
        });
        w.u64(self.harsh).u32(self.ages.len() as u32);
        for (period, ages) in &self.ages {
            w.i64(*period);
            ages.0.iter().for_each(|v| {
                w.u64(*v);
            });
        }
        w.u32(self.accounts.len() as u32);
        for (account, reviews) in &self.accounts {
            w.u64(*account).u32(*reviews);
        }
        w.into_bytes()
    }

    /// From bytes; `None` when they are not what [`Days::to_bytes`] gave.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut r = Reader(bytes);
        let mut out = Self::default();
        for _ in 0..r.u32()? {
            out.days.insert(r.i64()?, [r.u64()?, r.u64()?]);
        }
        for v in out.votes.iter_mut().chain(&mut out.flags).chain(&mut out.delays.0) {
            *v = r.u64()?;
        }
        out.harsh = r.u64()?;
        for _ in 0..r.u32()? {
            let ages = out.ages.entry(r.i64()?).or_default();
            for v in &mut ages.0 {
                *v = r.u64()?;
            }
        }
        for _ in 0..r.u32()? {
            out.accounts.insert(r.u64()?, r.u32()?);
        }
        Some(out)
    }

    /// Makes the counts ready to be asked.
    pub fn usual(self) -> Usual {
        let key = *blake3::hash(&self.to_bytes()).as_bytes();
        let first = self.days.keys().next().copied().unwrap_or(0);
        let last = self.days.keys().next_back().copied().unwrap_or(0);
        let dated: u64 = self.days.values().map(|c| c[0]).sum();
        let mean = dated as f64 / (last - first + 1) as f64;
        // Shrunk towards an even spread, so that a small shop's quiet days make no peaks of the others.
        let mut cumulative = Vec::with_capacity((last - first + 2) as usize);
        let mut sum = 0.0;
        cumulative.push(0.0);
        for day in first..=last {
            let n: u64 = (day - 1..=day + 1).map(|d| self.days.get(&d).map_or(0, |c| c[0])).sum();
            sum += (n as f64 / 3.0 + 5.0) / (mean + 5.0);
            cumulative.push(sum);
        }
        let rated = (self.votes[0] + self.votes[1] + self.votes[2]) as f64;
        let share = |v: Polarity| (self.votes[v as usize] as f64 + 2.0) / (rated + 10.0);
        Usual {
            first,
            cumulative,
            negative: share(Polarity::Negative).min(0.5),
            positive: share(Polarity::Positive),
            unverified: (self.flags[0] - self.flags[1].min(self.flags[0])) as f64 / (self.flags[0] as f64 + 1.0) + 0.02,
            refunded: (self.flags[3] as f64 + 3.0) / (self.flags[2] as f64 + 10.0),
            lone: {
                let all: u64 = self.accounts.values().map(|n| u64::from(*n)).sum();
                let lone = self.accounts.values().filter(|n| **n == 1).count() as f64;
                // Shrunk towards all of them, so that a small sample makes nobody unusual.
                (lone + 20.0) / (all as f64 + 20.0)
            },
            key,
            harsh: (self.harsh as f64 + 14.0) / (self.votes[0] as f64 + 20.0),
            delays: self.delays.shares(),
            ages: self.ages.iter().filter_map(|(period, ages)| Some((*period, ages.shares()?))).collect(),
        }
    }
}

/// What is usual on this platform.
#[derive(Clone, Debug)]
pub struct Usual {
    first: i64,
    /// Sum of the day factors up to each day since `first`.
    cumulative: Vec<f64>,
    /// Share of negative reviews, at most one half.
    pub negative: f64,
    /// Share of positive reviews.
    pub positive: f64,
    /// Share of reviews without a verified purchase, plus a little.
    pub unverified: f64,
    /// Share of negative reviews whose order was refunded.
    pub refunded: f64,
    /// Share of negative reviews that have one star.
    pub harsh: f64,
    /// Share of named reviews whose account wrote nothing else.
    pub lone: f64,
    /// A key that only who has all reviews can make.
    pub key: [u8; 32],
    delays: Option<Shares>,
    ages: BTreeMap<i64, Shares>,
}

/// How unusual a value is towards the low end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Low {
    /// Share of reviews as low or lower.
    pub share: f64,
    /// Whether it is among the rare ones.
    pub rare: bool,
    /// Share of the rare ones.
    pub base: f64,
}

impl Usual {
    /// Sum of the platform's day factors over days `from..=to`; an average day counts 1.
    pub fn exposure(&self, from: i64, to: i64) -> f64 {
        let at = |d: i64| {
            let i = (d - self.first).clamp(0, self.cumulative.len() as i64 - 1);
            self.cumulative[i as usize]
        };
        at(to + 1) - at(from)
    }

    /// The first and the last day on which anything was written.
    pub fn range(&self) -> (i64, i64) {
        (self.first, self.first + self.cumulative.len() as i64 - 2)
    }

    /// How unusually short a delay is.
    pub fn delay(&self, hours: Option<f32>) -> Option<Low> {
        self.delays.as_ref()?.low(f64::from(hours?))
    }

    /// How unusually young an account is, among accounts writing in the same quarter.
    pub fn age(&self, days: Option<f32>, day: Option<i64>) -> Option<Low> {
        self.ages.get(&day.unwrap_or(0).div_euclid(PERIOD))?.low(f64::from(days?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn review(day: i64, rating: f64, delay: f64) -> Review<'static> {
        Review { rating: Some(rating), time: Some(day * DAY), delay_hours: Some(delay), ..Review::default() }
    }

    #[test]
    fn summaries_merge_in_any_order_to_the_same_bytes() {
        let (mut a, mut b) = (Days::default(), Days::default());
        a.add(&review(19_000, 1.0, 3.0));
        b.add(&review(19_001, 5.0, 90.0));
        b.add(&review(19_000, 4.0, 70.0));
        let mut ab = a.clone();
        ab.merge(&b);
        b.merge(&a);
        assert_eq!(ab.to_bytes(), b.to_bytes());
        assert_eq!(Days::from_bytes(&ab.to_bytes()), Some(ab));
    }

    #[test]
    fn peak_days_count_as_more_exposure_and_short_delays_are_rare() {
        let mut days = Days::default();
        for d in 19_000..19_100 {
            for i in 0..20 {
                days.add(&review(d, 5.0, 100.0 + f64::from(i)));
            }
        }
        for i in 0..500 {
            days.add(&review(19_050, 5.0, if i == 0 { 1.0 } else { 120.0 }));
        }
        let usual = days.usual();
        assert!(usual.exposure(19_050, 19_050) > 4.0 * usual.exposure(19_010, 19_010));
        assert!(usual.delay(Some(1.0)).unwrap().rare);
        assert!(!usual.delay(Some(110.0)).unwrap().rare);
        assert_eq!(usual.age(Some(1.0), Some(19_000)), None);
    }

    #[test]
    fn impossible_dates_are_left_out() {
        assert_eq!(day(Some(i64::MAX)), None);
        assert_eq!(day(Some(i64::MIN)), None);
    }
}
