//! What the others of the same listing and time are like: campaigners, or ordinary buyers.
//!
//! Delays and ages are not independent among those who buy one thing: what spoils is complained of within hours by everybody, what is
//! shown to newcomers is bought by young accounts. So the best honest explanation counts: that all are quick for such a reason, or
//! all young, or both. Each is told from a campaign by everything else, at a price ([`REASON`]), however many they are.
//!
//! Each review is looked at by itself first ([`Model::company`]), and then by the company it is in, itself left out. What a review is like
//! by itself counts against others only through their company, never against itself.

use huoyan_ledger::Model;

use crate::days::{DAY, Low};
use crate::listing::crowd::Crowd;
use crate::listing::{Member, side};
use crate::scan::{Best, scan, surplus};
use crate::signal::{Signal, Signals};

/// Windows in which a campaign is looked for, in days.
const WINDOWS: &[i64] = &[3, 14, 40, 75];
/// The share of a campaign's reviews that are the campaigners' own.
const CAMPAIGNERS: f64 = 0.6;
/// Others nearest in time that are looked at, and how far off they may be.
const NEAREST: usize = 4;
/// What it costs to suppose that a crowd is quick, or young, for an honest reason, in nats: one honest crowd in twenty.
pub(super) const REASON: f64 = 3.0;
const NEAR: i64 = 45 * DAY;

/// Sets the signals of company; `busiest` is the busiest window of each point.
pub(super) fn judge(members: &mut [Member], crowd: &Crowd<'_>, busiest: &[Best], model: &Model) {
    let buyers = buyers(crowd, busiest, &crowd.delays(members), &crowd.ages(members));
    let own: Vec<Own> = crowd.facts(members).map(|f| Own::of(side(crowd.polarity), &f.signals, model)).collect();
    let who: Vec<u64> = crowd.facts(members).map(|f| f.reviewer).collect();
    let campaigns = campaigns(crowd, &own);
    let near = nearby(&crowd.times, &own, &who);
    for (k, i) in crowd.at.iter().enumerate() {
        let signals = &mut members[*i].facts.signals;
        let mut set = |signal, value: f64| signals.set(signal, value.max(0.0) as f32);
        set(Signal::OrdinaryBuyers, buyers[k].ordinary);
        set(Signal::OddBuyers, buyers[k].odd);
        set(Signal::Campaign, campaigns[k].value);
        set(Signal::BadCompany, campaigns[k].others);
        set(Signal::GoodCompany, -campaigns[k].others);
        if let Some((mean, worst)) = near[k] {
            set(Signal::NearCompany, mean);
            set(Signal::InnocentNear, -mean);
            set(Signal::WorstNear, worst);
            // Whoever complains honestly in the midst of a campaign is not of it.
            set(Signal::UnlikeCompany, if mean > 0.0 { mean - own[k].0[0] } else { 0.0 });
        }
    }
}

/// What a review is like by itself, a log-likelihood ratio: with everything; without its delay; without the account's age; without both.
#[derive(Clone, Copy)]
struct Own([f64; 4]);

/// The honest explanations that go with [`Own`], each with its price.
const PRICES: [f64; 4] = [0.0, REASON, REASON, 2.0 * REASON];

impl Own {
    fn of(side: usize, signals: &Signals, model: &Model) -> Self {
        const DELAY: &[Signal] = &[Signal::FastReview, Signal::SlowReview];
        const AGE: &[Signal] = &[Signal::FreshAccount, Signal::OldAccount];
        let without = |left_out: &[&[Signal]]| {
            let mut signals = *signals;
            left_out.iter().copied().flatten().for_each(|signal| signals.set(*signal, 0.0));
            model.company(side, &signals.0)
        };
        Self([without(&[]), without(&[DELAY]), without(&[AGE]), without(&[DELAY, AGE])])
    }

    /// As one of a campaign's reviews, which are a mixture of the campaigners' and of everybody's.
    fn mixed(self) -> [f64; 4] {
        self.0.map(|own| (1.0 - CAMPAIGNERS + CAMPAIGNERS * own.clamp(-8.0, 8.0).exp()).ln())
    }
}

/// What a crowd is like under the honest explanation that does best.
fn explained(whole: [f64; 4]) -> f64 {
    whole.iter().zip(PRICES).map(|(sum, price)| sum + price).fold(f64::MAX, f64::min)
}

/// The most campaign-like window around a point.
#[derive(Clone, Copy, Default)]
struct Campaign {
    /// Log-likelihood ratio of how many others are in it and of what they are like.
    value: f64,
    /// Of the second alone.
    others: f64,
}

/// For each point the most campaign-like window that holds it.
fn campaigns(crowd: &Crowd<'_>, own: &[Own]) -> Vec<Campaign> {
    let like: Vec<[f64; 4]> = own.iter().map(|own| own.mixed()).collect();
    let sums: [Vec<f64>; 4] = std::array::from_fn(|way| crowd.sums(|k| like[k][way]));
    let within = |a: usize, b: usize| -> [f64; 4] { std::array::from_fn(|way| sums[way][b] - sums[way][a]) };
    let mut out = vec![Campaign::default(); own.len()];
    for days in WINDOWS {
        let windows = scan(&crowd.times, days * DAY, |a, b| {
            let others = crowd.accounts(a, b) - 1.0;
            if others < 1.0 { 0.0 } else { surplus(others, crowd.expected(a, b, *days)) + explained(within(a, b)) }
        });
        for (k, Best { value, start, end }) in windows.into_iter().enumerate() {
            if crowd.accounts(start, end) < 2.0 {
                continue;
            }
            let all = within(start, end);
            let others = explained(std::array::from_fn(|way| all[way] - like[k][way] * crowd.counts(k)));
            let value = value - explained(all) + others;
            if value > out[k].value {
                out[k] = Campaign { value, others };
            }
        }
    }
    out
}

/// For each point the mean and the highest of what the others nearest in time are like; none when nobody is near.
fn nearby(times: &[i64], own: &[Own], who: &[u64]) -> Vec<Option<(f64, f64)>> {
    let of = |k: usize| {
        let (mut before, mut after) = (k, k + 1);
        let (mut sums, mut worst, mut count) = ([0.0; 4], f64::MIN, 0);
        for _ in 0..2 * NEAREST {
            let back = before.checked_sub(1).map(|j| (times[k].abs_diff(times[j]), j));
            let forth = times.get(after).map(|t| (t.abs_diff(times[k]), after));
            let (distance, j) = match (back, forth) {
                (Some(back), Some(forth)) if forth.0 < back.0 => forth,
                (Some(back), _) => back,
                (None, Some(forth)) => forth,
                (None, None) => break,
            };
            if distance > NEAR as u64 {
                break;
            }
            if j < k {
                before = j
            } else {
                after = j + 1
            }
            if who[j] != 0 && who[j] == who[k] {
                continue;
            }
            for (sum, own) in sums.iter_mut().zip(own[j].0) {
                *sum += own;
            }
            worst = explained(own[j].0).max(worst);
            count += 1;
            if count == NEAREST {
                break;
            }
        }
        (count > 0).then(|| (explained(sums) / count as f64, worst))
    };
    (0..own.len()).map(of).collect()
}

/// How much likelier a value this low in the platform's order is in a campaign than among ordinary buyers, in nats. Campaigns
/// are taken to be ordinary to two fifths and otherwise crowded towards the low end.
fn oddness(low: Option<Low>) -> f64 {
    low.map_or(0.0, |l| (0.4 + 1.8 * (1.0 - l.share).powi(2)).ln())
}

/// The others of a point's busiest window, in nats.
#[derive(Clone, Copy, Default)]
struct Buyers {
    /// How much more they look like ordinary buyers than like a campaign, by delays and by ages: the lesser of both.
    ordinary: f64,
    /// How much less, by both together.
    odd: f64,
}

fn buyers(crowd: &Crowd<'_>, busiest: &[Best], fast: &[Option<Low>], fresh: &[Option<Low>]) -> Vec<Buyers> {
    let sums = |have: &[Option<Low>]| {
        let mut sum = 0.0;
        let grow = have.iter().map(|low| {
            sum += oddness(*low);
            sum
        });
        std::iter::once(0.0).chain(grow).collect::<Vec<f64>>()
    };
    let (fast_sums, fresh_sums) = (sums(fast), sums(fresh));
    let of = |k: usize| {
        let Best { value, start, end } = busiest[k];
        if value <= 0.0 {
            return Buyers::default();
        }
        let by_delay = fast_sums[end] - fast_sums[start] - oddness(fast[k]);
        let by_age = fresh_sums[end] - fresh_sums[start] - oddness(fresh[k]);
        Buyers { ordinary: (-by_delay).min(-by_age), odd: by_delay.clamp(0.0, REASON) + by_age.clamp(0.0, REASON) }
    };
    (0..crowd.at.len()).map(of).collect()
}
