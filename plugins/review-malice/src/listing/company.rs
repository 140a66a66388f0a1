//! What the others of the same listing and time are like: campaigners, or ordinary buyers.
//!
//! Each review is looked at by itself first ([`Model::company`]), and then by the company it is in, itself left out. What a review is like
//! by itself counts against others only through their company, never against itself.

use huoyan_ledger::Model;

use crate::days::{DAY, Low};
use crate::listing::crowd::Crowd;
use crate::listing::{Member, side};
use crate::scan::{Best, scan, surplus};
use crate::signal::Signal;

/// Windows in which a campaign is looked for, in days.
const WINDOWS: &[i64] = &[3, 14, 40, 75];
/// The share of a campaign's reviews that are the campaigners' own.
const CAMPAIGNERS: f64 = 0.6;
/// Others nearest in time that are looked at, and how far off they may be.
const NEAREST: usize = 4;
const NEAR: i64 = 45 * DAY;

/// Sets the signals of company; `busiest` is the busiest window of each point.
pub(super) fn judge(members: &mut [Member], crowd: &Crowd<'_>, busiest: &[Best], model: &Model) {
    let buyers = buyers(crowd, busiest, &crowd.delays(members), &crowd.ages(members));
    let own: Vec<f64> = crowd.facts(members).map(|f| model.company(side(crowd.polarity), &f.signals.0)).collect();
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
            set(Signal::UnlikeCompany, if mean > 0.0 { mean - own[k] } else { 0.0 });
        }
    }
}

/// The most campaign-like window around a point.
#[derive(Clone, Copy, Default)]
struct Campaign {
    /// Log-likelihood ratio of how many others are in it and of what they are like.
    value: f64,
    /// Of the second alone.
    others: f64,
}

/// For each point the most campaign-like window that holds it. A campaign's reviews are a mixture of the campaigners' and of everybody's.
fn campaigns(crowd: &Crowd<'_>, own: &[f64]) -> Vec<Campaign> {
    let like = |k: usize| (1.0 - CAMPAIGNERS + CAMPAIGNERS * own[k].clamp(-8.0, 8.0).exp()).ln();
    let sums = crowd.sums(like);
    let mut out = vec![Campaign::default(); own.len()];
    for days in WINDOWS {
        let windows = scan(&crowd.times, days * DAY, |a, b| {
            let others = crowd.accounts(a, b) - 1.0;
            if others < 1.0 { 0.0 } else { surplus(others, crowd.expected(a, b, *days)) + sums[b] - sums[a] }
        });
        for (k, Best { value, start, end }) in windows.into_iter().enumerate() {
            let mine = like(k) * crowd.counts(k);
            if crowd.accounts(start, end) >= 2.0 && value - mine > out[k].value {
                out[k] = Campaign { value: value - mine, others: sums[end] - sums[start] - mine };
            }
        }
    }
    out
}

/// For each point the mean and the highest of what the others nearest in time are like; none when nobody is near.
fn nearby(times: &[i64], own: &[f64], who: &[u64]) -> Vec<Option<(f64, f64)>> {
    let of = |k: usize| {
        let (mut before, mut after) = (k, k + 1);
        let (mut sum, mut worst, mut count) = (0.0, f64::MIN, 0);
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
            sum += own[j];
            worst = own[j].max(worst);
            count += 1;
            if count == NEAREST {
                break;
            }
        }
        (count > 0).then(|| (sum / count as f64, worst))
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
        Buyers { ordinary: (-by_delay).min(-by_age), odd: by_delay.max(0.0) + by_age.max(0.0) }
    };
    (0..crowd.at.len()).map(of).collect()
}
