//! What the others of a review's busiest window are like, beside what is usual: a table for its evidence. No signal reads it.
//!
//! A bad batch and a lost lorry make bursts, too. Their buyers are like any others: as old, as slow to write, as often verified. So each
//! window that is told is counted out by the traits of its *other* accounts, each account once, with sums over the listing's reviews:
//! what a review costs does not grow with its window.

use std::collections::HashMap;

use crate::aside::{Row, Trait};
use crate::days::Low;
use crate::facts::{Facts, Polarity};
use crate::listing::Member;
use crate::listing::crowd::Crowd;
use crate::scan::Best;
use crate::signal::Signal;

/// Nats of uncommon phrasing from which two texts are told to share it, as in `phrasing`.
const ALIKE: f32 = 10.0;
/// At most this share of reviews is taken to share uncommon phrasing with another account's by chance or by habit.
const USUALLY_ALIKE: f64 = 0.05;

/// What one trait is at a point: its value (0 or 1, or a rank), and what is usual; nothing where it is not known.
type Values = Vec<Option<(f64, f64)>>;

/// Sets the composition of each review whose window is told; `busiest` is the busiest window of each point.
pub(super) fn judge(members: &mut [Member], crowd: &Crowd<'_>, busiest: &[Best]) {
    if crowd.at.iter().all(|i| members[*i].facts.window.is_none()) {
        return;
    }
    let tables: Vec<(Trait, Table)> =
        traits(members, crowd).into_iter().map(|(of, values)| (of, Table::new(crowd, values))).collect();
    for (k, (i, window)) in crowd.at.iter().zip(busiest).enumerate() {
        let facts = &mut members[*i].facts;
        if facts.window.is_some() {
            let rows = tables.iter().filter_map(|(of, table)| table.row(*of, k, crowd.counts(k), window));
            facts.aside.composition = rows.collect();
        }
    }
}

/// Every trait of every point.
fn traits(members: &[Member], crowd: &Crowd<'_>) -> Vec<(Trait, Values)> {
    let usual = crowd.usual;
    let (delays, ages) = (crowd.delays(members), crowd.ages(members));
    let rare = |lows: &[Option<Low>]| lows.iter().map(|low| low.map(|l| (one(l.rare), l.base))).collect();
    let ranks = |lows: &[Option<Low>]| lows.iter().map(|low| low.map(|l| (l.share, 0.5))).collect();
    let of = |value: &dyn Fn(&Facts) -> Option<bool>, usual: f64| -> Values {
        crowd.facts(members).map(|f| value(f).map(|yes| (one(yes), usual))).collect()
    };
    let sole = sole(members, crowd);
    let alike = crowd.facts(members).zip(sole).map(|(f, sole)| {
        let shared = f.signals.get(Signal::PhraseNearest) > ALIKE && !sole;
        (!f.pieces.is_empty()).then_some((one(shared), USUALLY_ALIKE))
    });
    let mut all = vec![
        (Trait::Fresh, rare(&ages)),
        (Trait::Fast, rare(&delays)),
        (Trait::DelayRank, ranks(&delays)),
        (Trait::AgeRank, ranks(&ages)),
        (Trait::Unverified, of(&|f| f.verified.map(|v| !v), usual.unverified)),
        (Trait::Lone, of(&|f| f.others.filter(|_| f.reviewer != 0).map(|n| n == 0), usual.lone)),
        (Trait::Alike, alike.collect()),
    ];
    if crowd.polarity == Polarity::Negative {
        all.push((Trait::Refunded, of(&|f| f.refunded, usual.refunded)));
    }
    all
}

fn one(yes: bool) -> f64 {
    f64::from(u8::from(yes))
}

/// The points whose phrasing is shared with a single other review which in turn shares with nobody else: either of such a pair would be
/// the only reason why the other counts, so neither does.
fn sole(members: &[Member], crowd: &Crowd<'_>) -> Vec<bool> {
    let with = |f: &Facts| f.copied.len() == 1;
    let partners: HashMap<&str, &str> = crowd
        .at
        .iter()
        .map(|i| &members[*i])
        .filter(|m| with(&m.facts))
        .map(|m| (m.record.as_str(), m.facts.copied[0].record.as_str()))
        .collect();
    let of = |i: &usize| {
        let partner = partners.get(members[*i].record.as_str());
        partner.is_some_and(|partner| partners.get(partner) == Some(&members[*i].record.as_str()))
    };
    crowd.at.iter().map(of).collect()
}

/// Sums of one trait over the points before each.
struct Table {
    values: Values,
    sums: Vec<f64>,
    known: Vec<f64>,
    /// What is usual differs a little from quarter to quarter; the largest is the cautious one.
    usual: f64,
}

impl Table {
    fn new(crowd: &Crowd<'_>, values: Values) -> Self {
        let sums = crowd.sums(|k| values[k].map_or(0.0, |v| v.0));
        let known = crowd.sums(|k| one(values[k].is_some()));
        let usual = values.iter().flatten().map(|v| v.1).fold(0.0, f64::max);
        Self { values, sums, known, usual }
    }

    /// The trait among the others of a window; none when it is known of nobody.
    fn row(&self, of: Trait, k: usize, counts: f64, window: &Best) -> Option<Row> {
        let (start, end) = (window.start, window.end);
        let mine = self.values[k].map_or([0.0; 2], |v| [v.0 * counts, counts]);
        let known = (self.known[end] - self.known[start] - mine[1]).round();
        let sum = self.sums[end] - self.sums[start] - mine[0];
        let observed = if of.is_rank() { sum / known } else { sum.round() };
        (known >= 1.0).then_some(Row { of, observed: observed as f32, known: known as u32, usual: self.usual as f32 })
    }
}
