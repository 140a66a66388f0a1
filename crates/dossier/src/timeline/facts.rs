//! The moments that exhibits give for the facts of each order.

use std::collections::{BTreeMap, BTreeSet};

use super::{Fact, SharedWaybill};
use crate::case::{Case, ExhibitKind};
use crate::lint::ExhibitId;
use crate::records::{Place, Row, Step, When};

/// A moment of a fact, with where it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    pub fact: Fact,
    pub when: When,
    pub place: Place,
}

impl Moment {
    /// The first second that it may mean.
    pub fn earliest(&self) -> i64 {
        epoch(&self.when)
    }

    /// The last second that it may mean: a day, or a minute, is as long as it is.
    pub fn latest(&self) -> i64 {
        let at = epoch(&self.when);
        if self.when.day_only {
            at + 86_399
        } else if at % 60 == 0 {
            at + 59
        } else {
            at
        }
    }
}

pub(super) fn epoch(when: &When) -> i64 {
    when.at.epoch()
}

/// What is told of one order.
#[derive(Debug, Default)]
pub(super) struct Course {
    /// By time.
    pub moments: Vec<Moment>,
    /// Until when it had to be sent.
    pub promised: Option<(When, Place)>,
    /// What it cost, as told.
    pub amounts: Vec<(i64, Place)>,
    /// What was paid.
    pub payments: Vec<(i64, Place)>,
    /// The parcels that order lists name.
    pub waybills: Vec<(String, Place)>,
}

/// What is told of all orders of the case.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub orders: BTreeMap<String, Course>,
    /// The orders of each parcel, with where that is told.
    parcels: BTreeMap<String, BTreeMap<String, Place>>,
    /// The order of rows that name none.
    only: Option<String>,
    links: BTreeMap<ExhibitId, String>,
}

impl Facts {
    /// The orders that a row is about.
    pub fn of(&self, place: &Place, order: Option<&String>, waybill: Option<&String>) -> Vec<String> {
        if let Some(order) = order {
            return vec![order.clone()];
        }
        if let Some(orders) = waybill.and_then(|waybill| self.parcels.get(waybill)) {
            return orders.keys().cloned().collect();
        }
        self.links.get(&place.exhibit).or(self.only.as_ref()).cloned().into_iter().collect()
    }

    pub fn shared(&self) -> Vec<SharedWaybill> {
        let several = self.parcels.iter().filter(|(_, orders)| orders.len() > 1);
        let shared = several.map(|(waybill, orders)| SharedWaybill {
            waybill: waybill.clone(),
            orders: orders.iter().map(|(order, place)| (order.clone(), place.clone())).collect(),
        });
        shared.collect()
    }
}

/// Goes through all rows twice: first for which order a parcel is of, then for the moments.
pub(super) fn gather(case: &Case, rows: &[(Place, Row)]) -> Facts {
    let mut facts = Facts::default();
    let mut known: BTreeSet<String> =
        case.subjects.iter().filter(|subject| subject.kind == "order").map(|subject| subject.id.clone()).collect();
    for exhibit in &case.exhibits {
        if let [order] = exhibit.links.orders.as_slice() {
            facts.links.insert(exhibit.id, order.clone());
        }
        known.extend(exhibit.links.orders.iter().cloned());
    }
    // What else a buyer bought is about the buyer, not about this order.
    let buyers =
        |place: &Place| case.exhibit(place.exhibit).is_some_and(|exhibit| exhibit.kind == ExhibitKind::BuyerRecord);
    for (place, row) in rows {
        let (Some(order), waybill) = ids(row) else { continue };
        if !buyers(place) {
            known.insert(order.clone());
            if let Some(waybill) = waybill {
                let orders = facts.parcels.entry(waybill.clone()).or_default();
                orders.entry(order.clone()).or_insert_with(|| place.clone());
            }
        }
    }
    if let [only] = known.iter().collect::<Vec<_>>().as_slice() {
        facts.only = Some((*only).clone());
    }
    for (place, row) in rows {
        let (order, waybill) = ids(row);
        for order in facts.of(place, order, waybill) {
            if known.contains(&order) {
                facts.orders.entry(order).or_default().take(place, row);
            }
        }
    }
    for course in facts.orders.values_mut() {
        course.settle();
    }
    facts
}

/// The order and the parcel of a row.
pub(super) fn ids(row: &Row) -> (Option<&String>, Option<&String>) {
    match row {
        Row::Order { order, waybill, .. } => (Some(order), waybill.as_ref()),
        Row::Trace { order, waybill, .. } => (order.as_ref(), waybill.as_ref()),
        Row::Message { order, .. }
        | Row::Payment { order, .. }
        | Row::AfterSale { order, .. }
        | Row::Review { order, .. } => (order.as_ref(), None),
        Row::Call { .. } | Row::Price { .. } => (None, None),
    }
}

impl Course {
    fn put(&mut self, fact: Fact, when: Option<&When>, place: &Place) {
        if let Some(when) = when {
            self.moments.push(Moment { fact, when: when.clone(), place: place.clone() });
        }
    }

    fn take(&mut self, place: &Place, row: &Row) {
        match row {
            Row::Order { amount, ordered, paid, promised, sent, received, waybill, .. } => {
                self.put(Fact::Ordered, ordered.as_ref(), place);
                self.put(Fact::Paid, paid.as_ref(), place);
                self.put(Fact::Sent, sent.as_ref(), place);
                self.put(Fact::Received, received.as_ref(), place);
                if let Some(promised) = promised {
                    self.promised.get_or_insert_with(|| (promised.clone(), place.clone()));
                }
                self.amounts.extend(amount.map(|amount| (amount, place.clone())));
                self.waybills.extend(waybill.clone().map(|waybill| (waybill, place.clone())));
            }
            Row::Payment { when, amount, .. } => {
                let fact = if *amount < 0 { Fact::Refunded } else { Fact::Paid };
                self.put(fact, Some(when), place);
                if *amount > 0 {
                    self.payments.push((*amount, place.clone()));
                }
            }
            Row::Trace { when, step, .. } => {
                self.put(Fact::NextScan, Some(when), place);
                match step {
                    Step::PickedUp => self.put(Fact::PickedUp, Some(when), place),
                    Step::Delivered => self.put(Fact::Delivered, Some(when), place),
                    _ => {}
                }
            }
            Row::AfterSale { when, .. } => self.put(Fact::AfterSale, Some(when), place),
            Row::Review { when, .. } => self.put(Fact::Reviewed, when.as_ref(), place),
            Row::Message { .. } | Row::Call { .. } | Row::Price { .. } => {}
        }
    }

    fn settle(&mut self) {
        self.moments.sort_by(|one, other| {
            (one.earliest(), one.fact, &one.place).cmp(&(other.earliest(), other.fact, &other.place))
        });
        // What the carrier wrote first.
        if let Some(first) = self.moments.iter().find(|moment| moment.fact == Fact::NextScan).cloned() {
            let at = self.moments.iter().position(|moment| *moment == first).unwrap_or(0);
            self.moments.insert(at, Moment { fact: Fact::Scanned, ..first });
        }
    }

    pub fn all(&self, fact: Fact) -> impl DoubleEndedIterator<Item = &Moment> {
        self.moments.iter().filter(move |moment| moment.fact == fact)
    }

    /// When it happened first.
    pub fn first(&self, fact: Fact) -> Option<&Moment> {
        self.all(fact).next()
    }
}
