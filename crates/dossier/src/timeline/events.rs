//! What happened, in words.

use huoyan_model::Localized;

use super::facts::{Facts, epoch, ids};
use super::finding::yuan;
use super::rules::rules;
use super::{Event, Fact, Stage};
use crate::case::{Exhibit, ExhibitKind};
use crate::lint::Who;
use crate::records::{Place, Read, Row, When};

/// So much of a text stands in an event.
const EXCERPT: usize = 60;

/// The events of all exhibits, by time.
pub(super) fn events(read: &[(Exhibit, Read)], facts: &Facts) -> Vec<Event> {
    let mut events = Vec::new();
    for (_, read) in read {
        let mut talk: Option<Talk> = None;
        for (place, row) in &read.rows {
            let (order, waybill) = ids(row);
            let mut orders = facts.of(place, order, waybill);
            orders.retain(|order| facts.orders.contains_key(order));
            // Another order of the buyer, of which nothing else is told.
            if order.is_some() && orders.is_empty() {
                continue;
            }
            let order = if orders.len() == 1 { orders.pop() } else { None };
            match row {
                Row::Message { when, who, .. } if read.kind == ExhibitKind::Chat => {
                    talk = Some(match talk.take() {
                        Some(open) if open.goes_on(when, order.as_ref()) => open.with(when, *who),
                        ended => {
                            events.extend(ended.map(|talk| talk.event(facts)));
                            Talk::new(place, when, *who, order)
                        }
                    });
                }
                row => told(read.kind, place, row, order.as_ref(), &mut events),
            }
        }
        events.extend(talk.map(|talk| talk.event(facts)));
    }
    events.sort_by(|one, other| {
        (one.china, one.stage, &one.place, &one.what.zh).cmp(&(other.china, other.stage, &other.place, &other.what.zh))
    });
    events
}

fn event(stage: Stage, when: &When, order: Option<&String>, place: &Place, what: Localized) -> Event {
    let (when, order, place) = (when.clone(), order.cloned(), place.clone());
    Event { stage, china: when.at.to_china(), when, until: None, order, place, what }
}

fn told(kind: ExhibitKind, place: &Place, row: &Row, order: Option<&String>, events: &mut Vec<Event>) {
    let mut put = |stage, when: &When, what| events.push(event(stage, when, order, place, what));
    match row {
        Row::Order { ordered, paid, sent, received, amount, waybill, .. } => {
            let moments =
                [(Fact::Ordered, ordered), (Fact::Paid, paid), (Fact::Sent, sent), (Fact::Received, received)];
            for (fact, when) in moments {
                let Some(when) = when else { continue };
                let mut what = fact.name();
                match (fact, amount, waybill) {
                    (Fact::Ordered, Some(amount), _) => {
                        what.zh = format!("{}，金额 {} 元", what.zh, yuan(*amount));
                        what.en = format!("{}, {} yuan", what.en, yuan(*amount));
                    }
                    (Fact::Sent, _, Some(waybill)) => {
                        what.zh = format!("{}，运单 {waybill}", what.zh);
                        what.en = format!("{}, waybill {waybill}", what.en);
                    }
                    _ => {}
                }
                put(fact.stage(), when, what);
            }
        }
        Row::Payment { when, amount, .. } => {
            let (stage, zh, en) =
                if *amount < 0 { (Stage::AfterSale, "退款", "refunded") } else { (Stage::Payment, "支付", "paid") };
            let sum = yuan(amount.saturating_abs());
            put(stage, when, Localized::new(format!("{zh} {sum} 元"), format!("{en} {sum} yuan")));
        }
        Row::Trace { when, step, text, .. } => {
            let stage = if *step == crate::records::Step::Delivered { Stage::Receipt } else { Stage::Dispatch };
            put(stage, when, Localized::new(format!("物流：{}", excerpt(text)), format!("parcel: {}", excerpt(text))));
        }
        Row::AfterSale { when, by, text, .. } => {
            let (zh, en) = side(*by);
            let text = excerpt(text);
            put(
                Stage::AfterSale,
                when,
                Localized::new(format!("售后（{zh}）：{text}"), format!("after-sale ({en}): {text}")),
            );
        }
        Row::Review { when: Some(when), stars, text, .. } => {
            let (zh, en) = stars.map_or_else(Default::default, |n| (format!("{n} 星"), format!("{n} stars, ")));
            let text = excerpt(text);
            put(Stage::Review, when, Localized::new(format!("评价{zh}：{text}"), format!("review: {en}{text}")));
        }
        Row::Review { when: None, .. } => {}
        Row::Call { when, answered, .. } => {
            let (zh, en) = if *answered {
                ("通话（已接通）", "call, answered")
            } else {
                ("通话（未接通）", "call, not answered")
            };
            put(Stage::Other, when, Localized::new(zh, en));
        }
        Row::Price { when, amount, .. } => {
            put(
                Stage::Other,
                when,
                Localized::new(format!("价格 {} 元", yuan(*amount)), format!("price {} yuan", yuan(*amount))),
            );
        }
        Row::Message { when, sender, text, .. } => {
            let (zh, en) = if kind == ExhibitKind::Mail { ("邮件", "mail") } else { ("平台通知", "notice") };
            let text = excerpt(text);
            put(
                Stage::Other,
                when,
                Localized::new(format!("{zh}（{sender}）：{text}"), format!("{en} ({sender}): {text}")),
            );
        }
    }
}

fn side(who: Who) -> (&'static str, &'static str) {
    match who {
        Who::Merchant => ("商家", "merchant"),
        Who::Buyer => ("买家", "buyer"),
        Who::Other => ("其他", "other"),
    }
}

/// The beginning of a text in one line.
fn excerpt(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut short: String = line.chars().take(EXCERPT).collect();
    if short.len() < line.len() {
        short.push('…');
    }
    short
}

/// Messages that follow each other.
struct Talk {
    place: Place,
    first: When,
    last: When,
    order: Option<String>,
    merchant: u64,
    buyer: u64,
    other: u64,
}

impl Talk {
    fn new(place: &Place, when: &When, who: Who, order: Option<String>) -> Self {
        let (first, last) = (when.clone(), when.clone());
        Self { place: place.clone(), first, last, order, merchant: 0, buyer: 0, other: 0 }.with(when, who)
    }

    fn goes_on(&self, when: &When, order: Option<&String>) -> bool {
        let seconds = epoch(when) - epoch(&self.last);
        self.order.as_ref() == order && (0..=rules().settings.conversation_hours * 3_600).contains(&seconds)
    }

    fn with(mut self, when: &When, who: Who) -> Self {
        self.last = when.clone();
        match who {
            Who::Merchant => self.merchant += 1,
            Who::Buyer => self.buyer += 1,
            Who::Other => self.other += 1,
        }
        self
    }

    /// Talks after the parcel came are about what was bought.
    fn event(self, facts: &Facts) -> Event {
        let course = self.order.as_ref().and_then(|order| facts.orders.get(order));
        let came = course.and_then(|course| course.first(Fact::Delivered).or_else(|| course.first(Fact::Received)));
        let after = came.is_some_and(|came| came.earliest() <= epoch(&self.first));
        let stage = if after { Stage::AfterSale } else { Stage::Consultation };
        let Self { merchant, buyer, other, .. } = self;
        let count = merchant + buyer + other;
        let what = Localized::new(
            format!("沟通 {count} 条消息（商家 {merchant}，买家 {buyer}，其他 {other}）"),
            format!("a talk of {count} messages (merchant {merchant}, buyer {buyer}, other {other})"),
        );
        let mut event = event(stage, &self.first, self.order.as_ref(), &self.place, what);
        event.until = Some(self.last.at.to_china()).filter(|until| *until != event.china);
        event
    }
}
