//! What does not fit in the course of one order.

use super::facts::{Course, Moment};
use super::rules::{GapRule, Pair, Rules, rules};
use super::{Conflict, Fact, Gap, Impossible, Missing, Stage, Timeline, Unlike};
use crate::lint::ExhibitId;

pub(super) fn order(order: &str, course: &Course, timeline: &mut Timeline) {
    let rules = rules();
    for rule in &rules.gap {
        gaps(order, course, rule, &mut timeline.gaps);
    }
    missing(order, course, rules, &mut timeline.missing);
    for rule in &rules.same {
        same(order, course, rule, &mut timeline.conflicts);
    }
    for rule in &rules.in_order {
        in_order(order, course, rule, &mut timeline.conflicts);
    }
    amounts(order, course, &mut timeline.conflicts);
    waybills(order, course, &mut timeline.conflicts);
    for rule in &rules.never_before {
        let (Some(first), Some(then)) = (course.first(rule.first), course.first(rule.then)) else { continue };
        if then.latest() + rules.settings.clock_seconds < first.earliest() {
            let seconds = first.earliest() - then.earliest();
            timeline.impossible.push(Impossible {
                order: order.to_owned(),
                first: first.into(),
                then: then.into(),
                seconds,
                zone_hours: zone(seconds),
                why: rule.why.clone(),
            });
        }
    }
}

/// The hours between two zones, when a distance is just that.
fn zone(seconds: i64) -> Option<i64> {
    let settings = &rules().settings;
    settings.zone_hours.iter().copied().find(|hours| (seconds - hours * 3_600).abs() <= settings.zone_seconds)
}

fn gaps(order: &str, course: &Course, rule: &GapRule, found: &mut Vec<Gap>) {
    if rule.then == Fact::NextScan {
        let scans: Vec<&Moment> = course.all(Fact::NextScan).collect();
        for pair in scans.windows(2) {
            // Once delivered, nothing more need follow; a later line is of a return.
            let delivered = course.first(Fact::Delivered).is_some_and(|end| end.earliest() <= pair[0].earliest());
            if !delivered {
                gap(order, pair[0], pair[1], rule, found);
            }
        }
        return;
    }
    let (Some(first), Some(then)) = (course.first(rule.first), course.first(rule.then)) else { return };
    if let Some(promised) = course.promised.as_ref().filter(|_| rule.unless_promised) {
        let late = Moment { fact: rule.then, when: promised.0.clone(), place: promised.1.clone() };
        let seconds = then.earliest() - late.latest();
        if seconds > 0 {
            found.push(Gap {
                order: order.to_owned(),
                from: first.into(),
                to: then.into(),
                hours: seconds / 3_600,
                limit_hours: None,
                source: None,
                promised: Some(promised.clone()),
            });
        }
        return;
    }
    gap(order, first, then, rule, found);
}

fn gap(order: &str, from: &Moment, to: &Moment, rule: &GapRule, found: &mut Vec<Gap>) {
    let seconds = to.earliest() - from.latest();
    if seconds > rule.hours * 3_600 {
        found.push(Gap {
            order: order.to_owned(),
            from: from.into(),
            to: to.into(),
            hours: seconds / 3_600,
            limit_hours: Some(rule.hours),
            source: Some(rule.source.clone()),
            promised: None,
        });
    }
}

/// Stages before the last that is told.
fn missing(order: &str, course: &Course, rules: &Rules, found: &mut Vec<Missing>) {
    let told = |stage: Stage| course.moments.iter().find(|moment| moment.fact.stage() == stage);
    // A refund or a request may come before the parcel does; only the course of the parcel and the review show what must have been.
    let later = [Stage::Payment, Stage::Dispatch, Stage::Receipt, Stage::Review].into_iter().rev().find_map(told);
    let Some(later) = later else { return };
    for rule in &rules.stage {
        if !rule.optional && rule.id < later.fact.stage() && told(rule.id).is_none() {
            found.push(Missing { order: order.to_owned(), stage: rule.id, later: later.into() });
        }
    }
}

/// How far two moments are apart at least, as long as each is.
fn apart(one: &Moment, other: &Moment) -> i64 {
    let later = other.earliest() - one.latest();
    let earlier = one.earliest() - other.latest();
    later.max(earlier).max(0)
}

fn time(order: &str, one: &Moment, other: &Moment) -> Conflict {
    let seconds = other.earliest() - one.earliest();
    let unlike = Unlike::Time { one: one.into(), other: other.into(), seconds, zone_hours: zone(seconds) };
    Conflict { order: order.to_owned(), unlike }
}

/// The same fact told by two exhibits: the nearest two moments must agree, for a part payment is told more than once.
fn same(order: &str, course: &Course, rule: &Pair, found: &mut Vec<Conflict>) {
    let told: Vec<&Moment> = course.all(rule.one).collect();
    let mut exhibits: Vec<ExhibitId> = told.iter().map(|moment| moment.place.exhibit).collect();
    exhibits.sort();
    exhibits.dedup();
    for (at, one) in exhibits.iter().enumerate() {
        for other in &exhibits[at + 1..] {
            let of = |exhibit: &ExhibitId| {
                let exhibit = *exhibit;
                told.iter().filter(move |moment| moment.place.exhibit == exhibit)
            };
            let pairs = of(one).flat_map(|one| of(other).map(move |other| (*one, *other)));
            let nearest = pairs.min_by_key(|(one, other)| apart(one, other));
            if let Some((one, other)) = nearest.filter(|(one, other)| apart(one, other) > rule.minutes * 60) {
                found.push(time(order, one, other));
            }
        }
    }
    // An order is placed once; two rows of one exhibit that say otherwise do not agree.
    if let [first, .., last] = told.as_slice()
        && rule.one == Fact::Ordered
        && first.place.exhibit == last.place.exhibit
        && apart(first, last) > rule.minutes * 60
    {
        found.push(time(order, first, last));
    }
}

/// Two steps that two exhibits tell: the second not before the first, and not just a zone away from it.
fn in_order(order: &str, course: &Course, rule: &Pair, found: &mut Vec<Conflict>) {
    let (Some(one), Some(other)) = (course.first(rule.one), course.first(rule.other)) else { return };
    let before = one.earliest() - other.latest() > rule.minutes * 60;
    let exact = !one.when.day_only && !other.when.day_only && one.place.exhibit != other.place.exhibit;
    // Two different steps may lie eight hours apart by chance; to the minute they do so when they are one.
    let a_zone_away = exact && zone(other.earliest() - one.earliest()).is_some() && rule.minutes <= 30;
    if before || a_zone_away {
        found.push(time(order, one, other));
    }
}

/// What the order cost and what was paid for it, where both are told by different exhibits.
fn amounts(order: &str, course: &Course, found: &mut Vec<Conflict>) {
    let (Some((amount, order_at)), Some((_, paid_at))) = (course.amounts.first(), course.payments.last()) else {
        return;
    };
    let paid: i64 = course.payments.iter().fold(0, |sum, (amount, _)| sum.saturating_add(*amount));
    // An order of several items has a row for each.
    let total = course.amounts.iter().fold(0_i64, |sum, (amount, _)| sum.saturating_add(*amount));
    // Two exhibits may tell the same payment.
    let told = course.payments.iter().any(|(one, _)| one == amount);
    if paid != *amount && paid != total && !told {
        let unlike = Unlike::Amount { order: *amount, order_at: order_at.clone(), paid, paid_at: paid_at.clone() };
        found.push(Conflict { order: order.to_owned(), unlike });
    }
}

/// The parcel, where two exhibits name it. Within one exhibit an order may be sent in several.
fn waybills(order: &str, course: &Course, found: &mut Vec<Conflict>) {
    for (at, (one, one_at)) in course.waybills.iter().enumerate() {
        let mut others = course.waybills[at + 1..].iter().filter(|(_, place)| place.exhibit != one_at.exhibit);
        let all = || course.waybills.iter().filter(|(_, place)| place.exhibit != one_at.exhibit);
        if all().any(|(other, _)| other == one) {
            continue;
        }
        if let Some((other, other_at)) = others.next() {
            let (one, other, one_at, other_at) = (one.clone(), other.clone(), one_at.clone(), other_at.clone());
            let unlike = Unlike::Waybill { one, one_at, other, other_at };
            found.push(Conflict { order: order.to_owned(), unlike });
        }
    }
}
