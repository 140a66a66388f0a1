//! The course of an order as the exhibits tell it: what happened when, what is not covered, what does not fit together.
//!
//! What must stay true: each event and each finding names the exhibit and the place in it; a moment is kept as it was written and compared as
//! one moment, whatever its zone; limits are data (`data/timeline.toml`); nothing here says whose fault anything is.

mod events;
mod facts;
mod finding;
mod judge;
mod rules;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use huoyan_model::Localized;
use serde::{Deserialize, Serialize};

pub use self::events::{bounded, events};
pub use self::finding::{Conflict, Gap, Impossible, Missing, SharedWaybill, Stray, Told, Unlike, Zone};
use self::rules::rules;
use crate::case::{Case, ExhibitKind};
use crate::check::quotations;
use crate::deadline::Instant;
use crate::records::{Place, Row, When};

/// The stages of an order, and what is none of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Questions before or around the order.
    Consultation,
    /// The order.
    Order,
    /// Its payment.
    Payment,
    /// It is sent and on its way.
    Dispatch,
    /// It is handed over.
    Receipt,
    /// Requests, talks and refunds after that.
    AfterSale,
    /// The review.
    Review,
    /// Notices, calls, prices.
    Other,
}

impl Stage {
    /// What people call it.
    pub fn name(self) -> Localized {
        rules().stage(self).map(|rule| rule.name.clone()).unwrap_or_default()
    }
}

/// A fact of an order that exhibits give a moment for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    /// It was placed.
    Ordered,
    /// It was paid.
    Paid,
    /// The shop says that it sent it.
    Sent,
    /// The carrier wrote the first line of its parcel.
    Scanned,
    /// The carrier wrote another line.
    NextScan,
    /// The carrier took it.
    PickedUp,
    /// The carrier handed it over.
    Delivered,
    /// The order says that it was received.
    Received,
    /// Something was asked for after the sale.
    AfterSale,
    /// Money went back.
    Refunded,
    /// It was reviewed.
    Reviewed,
}

impl Fact {
    /// The stage that it is of.
    pub const fn stage(self) -> Stage {
        match self {
            Self::Ordered => Stage::Order,
            Self::Paid => Stage::Payment,
            Self::Sent | Self::Scanned | Self::NextScan | Self::PickedUp => Stage::Dispatch,
            Self::Delivered | Self::Received => Stage::Receipt,
            Self::AfterSale | Self::Refunded => Stage::AfterSale,
            Self::Reviewed => Stage::Review,
        }
    }

    /// What people call it.
    pub fn name(self) -> Localized {
        let (zh, en) = match self {
            Self::Ordered => ("下单", "ordered"),
            Self::Paid => ("支付", "paid"),
            Self::Sent => ("发货", "sent"),
            Self::Scanned => ("首次物流扫描", "first scanned"),
            Self::NextScan => ("物流更新", "scanned again"),
            Self::PickedUp => ("揽收", "picked up"),
            Self::Delivered => ("签收", "delivered"),
            Self::Received => ("收货", "received"),
            Self::AfterSale => ("售后", "after-sale request"),
            Self::Refunded => ("退款", "refunded"),
            Self::Reviewed => ("评价", "reviewed"),
        };
        Localized::new(zh, en)
    }
}

/// Something that happened, with where it is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Event {
    /// Of which stage it is.
    pub stage: Stage,
    /// When, as it was written.
    pub when: When,
    /// The same moment in China's zone.
    pub china: Instant,
    /// The order.
    pub order: Option<String>,
    /// Where it is told.
    pub place: Place,
    /// What happened, in a few words that add nothing to the row.
    pub what: Localized,
    /// The words of the row, or their beginning: a message, a step of a parcel; may be empty.
    pub words: String,
    /// Whether it begins or ends a stage, rather than being one message among many.
    pub turn: bool,
    /// Whether a claim quotes its words.
    pub quoted: bool,
}

/// How many events the page on the timeline shows at most.
pub fn on_page() -> usize {
    rules().settings.page_events
}

/// How many events a statement tells at most.
pub fn in_statement() -> usize {
    rules().settings.statement_events
}

/// The course of the orders of a case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Timeline {
    /// What happened, by time.
    pub events: Vec<Event>,
    /// Events beyond those that are told, which the exhibits hold.
    pub left_out: usize,
    /// Stretches longer than usual, of which nothing is told.
    pub gaps: Vec<Gap>,
    /// Stages that no exhibit tells of, though a later one is told.
    pub missing: Vec<Missing>,
    /// What two exhibits tell differently.
    pub conflicts: Vec<Conflict>,
    /// What cannot be in this order.
    pub impossible: Vec<Impossible>,
    /// Parcels that are told of several orders.
    pub shared_waybills: Vec<SharedWaybill>,
    /// Exhibits with moments that cannot be of this case.
    pub strays: Vec<Stray>,
    /// Exhibits whose moments name no zone.
    pub zones: Vec<Zone>,
}

impl Timeline {
    /// Puts together what the exhibits of a case say.
    pub fn of(case: &Case, rows: &[(Place, Row)], now: Instant) -> Self {
        let facts = facts::gather(case, rows);
        let (events, left_out) = bounded(told(case, rows, &facts), rules().settings.events);
        let mut timeline = Self { events, left_out, zones: finding::zones(rows), ..Self::default() };
        for (order, told) in &facts.orders {
            judge::order(order, told, &mut timeline);
        }
        timeline.shared_waybills = facts.shared();
        let ordered =
            facts.orders.values().filter_map(|course| course.first(Fact::Ordered)).map(|told| told.earliest());
        timeline.strays = finding::strays(rows, ordered.min(), now);
        timeline
    }

    /// Whether everything fits together. Gaps and missing stages are not counted: they are questions.
    pub fn is_consistent(&self) -> bool {
        let Self { conflicts, impossible, shared_waybills, strays, .. } = self;
        conflicts.is_empty() && impossible.is_empty() && shared_waybills.is_empty() && strays.is_empty()
    }
}

/// The events of a case's orders, each with its order where that is known from its parcel or its exhibit.
fn told(case: &Case, rows: &[(Place, Row)], facts: &facts::Facts) -> Vec<Event> {
    let quotes: BTreeSet<&str> = quotations(case).filter(|quote| quote.chars().count() >= 4).collect();
    let (mut found, mut asked) = (Vec::new(), false);
    for (place, row) in rows {
        let (order, waybill) = facts::ids(row);
        let mut orders = facts.of(place, order, waybill);
        orders.retain(|order| facts.orders.contains_key(order));
        // Another order of the buyer, of which nothing else is told.
        if order.is_some() && orders.is_empty() {
            continue;
        }
        let order = if orders.len() == 1 { orders.pop() } else { None };
        let course = order.as_ref().and_then(|order| facts.orders.get(order));
        let came = course.and_then(|course| course.first(Fact::Delivered).or_else(|| course.first(Fact::Received)));
        let before = found.len();
        events::tell(place, row, &mut asked, &mut found);
        for event in &mut found[before..] {
            event.order.clone_from(&order);
            let Row::Message { when, text, .. } = row else { continue };
            // Talks after the parcel came are about what was bought.
            if case.exhibit(place.exhibit).is_some_and(|exhibit| exhibit.kind != ExhibitKind::Chat) {
                event.stage = Stage::Other;
            } else if came.is_some_and(|came| came.earliest() <= when.at.epoch()) {
                event.stage = Stage::AfterSale;
            }
            event.quoted = quotes.iter().any(|quote| text.contains(quote));
        }
    }
    found.sort_by(|one, other| (one.china, one.stage, &one.place).cmp(&(other.china, other.stage, &other.place)));
    found
}
