//! What would speak against the shop: its own chats, its records, its statement.

use std::collections::{BTreeMap, BTreeSet};

use super::{ChatHit, LedgerFact, Tables};
use crate::case::Case;
use crate::deadline::Instant;
use crate::lint::{ExhibitId, Kind, LintPack, Message, StatementFinding, Who, check_chats, check_statement};
use crate::records::{Place, Row, Step, When};

/// What is found in the chats: against the shop, and words of the buyer that can be cited.
pub(super) fn chats(rows: &[(Place, Row)], lint: &LintPack) -> (Vec<ChatHit>, Vec<ChatHit>) {
    let mut chats: BTreeMap<ExhibitId, (Vec<Message>, Vec<&Place>)> = BTreeMap::new();
    for (place, row) in rows {
        if let Row::Message { when, who, text, .. } = row {
            let (messages, places) = chats.entry(place.exhibit).or_default();
            messages.push(Message { who: *who, at: when.at, text: text.clone() });
            places.push(place);
        }
    }
    let mut hits = Vec::new();
    for (messages, places) in chats.values() {
        let found = check_chats(messages, lint);
        hits.extend(found.into_iter().map(|finding| ChatHit { place: places[finding.message].clone(), finding }));
    }
    hits.into_iter().partition(|hit| !hit.finding.helps)
}

/// What the records say against the shop.
pub(super) fn ledger(rows: &[&(Place, Row)], tables: &Tables, now: Instant) -> Vec<LedgerFact> {
    let shipping = rows.iter().filter_map(|(place, row)| match row {
        Row::Order { order, promised: Some(promised), sent, waybill, .. } => {
            let sent = sent.as_ref().or_else(|| picked_up(rows, order, waybill.as_deref()));
            shipped(place, order, promised, sent, now)
        }
        _ => None,
    });
    shipping.chain(answers(rows, tables, now)).collect()
}

/// When the carrier first had the parcel of an order, for orders whose own record does not tell.
fn picked_up<'r>(rows: &'r [&(Place, Row)], order: &str, waybill: Option<&str>) -> Option<&'r When> {
    let mine = rows.iter().filter_map(|(_, row)| match row {
        Row::Trace { when, order: of, waybill: carried, step, .. } => {
            let tied = of.as_deref() == Some(order) || waybill.is_some() && carried.as_deref() == waybill;
            (tied && !matches!(step, Step::Other | Step::Returned)).then_some(when)
        }
        _ => None,
    });
    mine.min_by_key(|when| when.at)
}

fn shipped(place: &Place, order: &str, promised: &When, sent: Option<&When>, now: Instant) -> Option<LedgerFact> {
    // Where only the day was written, its whole day counts for the shop.
    let until = if promised.day_only { Instant::end_of_day(promised.at.china_date())? } else { promised.at };
    let late = |sent: &When| until < sent.at && !(sent.day_only && sent.at.china_date() <= until.china_date());
    let (kind, text) = match sent {
        Some(sent) if late(sent) => (
            "sent_late",
            (
                format!("订单 {order} 承诺 {} 前发货，记录显示 {} 发出；申诉前请核实", promised.shown(), sent.shown()),
                format!(
                    "order {order}: promised until {}, sent {}; check before appealing",
                    promised.shown(),
                    sent.shown()
                ),
            ),
        ),
        None if until < now => (
            "not_sent",
            (
                format!("订单 {order} 承诺 {} 前发货，记录中没有发出时间", promised.shown()),
                format!("order {order}: promised until {}, and the record shows no shipping", promised.shown()),
            ),
        ),
        _ => return None,
    };
    Some(LedgerFact { kind, place: place.clone(), text: text.into() })
}

/// Requests of the buyer that were answered after the time that the rule gives.
fn answers(rows: &[&(Place, Row)], tables: &Tables, now: Instant) -> Vec<LedgerFact> {
    let mut steps: Vec<(&Place, &When, &str, Who)> = rows
        .iter()
        .filter_map(|(place, row)| match row {
            Row::AfterSale { when, order, by, .. } => Some((place, when, order.as_deref().unwrap_or_default(), *by)),
            _ => None,
        })
        .collect();
    steps.sort_by_key(|(_, when, ..)| when.at);
    let (mut told, mut found) = (BTreeSet::new(), Vec::new());
    for (at, (place, asked, order, by)) in steps.iter().enumerate() {
        if *by != Who::Buyer || asked.day_only || !told.insert(*order) {
            continue;
        }
        let Ok(deadline) = tables.rules.deadline("refund_response", asked.at, tables.calendar) else {
            continue;
        };
        let answer = steps[at..].iter().find(|(_, _, of, by)| of == order && *by == Who::Merchant);
        if answer.map_or(now, |(_, when, ..)| when.at) > deadline.working {
            let (zh, en) = match answer {
                Some((_, when, ..)) => (format!("{} 才处理", when.shown()), format!("answered {}", when.shown())),
                None => ("记录中没有处理".to_owned(), "and the record shows no answer".to_owned()),
            };
            found.push(LedgerFact {
                kind: "answered_late",
                place: (*place).clone(),
                text: (
                    format!("订单 {order} 的售后申请于 {} 提出，{zh}。{}", asked.shown(), deadline.text.zh),
                    format!("order {order}: asked for {}, {en}. {}", asked.shown(), deadline.text.en),
                )
                    .into(),
            });
        }
    }
    found
}

/// What the lint says of the statement. Exhibits without a claim are told elsewhere.
pub(super) fn statement(case: &Case, text: Option<&str>, lint: &LintPack) -> Vec<StatementFinding> {
    let ids: Vec<ExhibitId> = case.exhibits.iter().map(|exhibit| exhibit.id).collect();
    let mut found = text.map(|text| check_statement(text, &ids, lint).findings).unwrap_or_default();
    found.retain(|finding| finding.kind != Kind::UnusedExhibit);
    found
}
