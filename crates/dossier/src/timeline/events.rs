//! What happened, in words: the one place where rows become events.

use super::finding::yuan;
use super::{Event, Stage};
use crate::lint::Who;
use crate::records::{Place, Row, Step, When};

/// So much of a text stands in an event.
const EXCERPT: usize = 400;

/// What the rows tell, by time; what happened at the same time stays in the order of the rows. Rows without a time tell nothing.
pub fn events<'r>(rows: impl IntoIterator<Item = &'r (Place, Row)>) -> Vec<Event> {
    let (mut found, mut asked) = (Vec::new(), false);
    for (place, row) in rows {
        tell(place, row, &mut asked, &mut found);
    }
    found.sort_by_key(|event| event.when.at);
    found
}

/// The events of one row. `asked` is whether the buyer has written before: with his first message the consultation begins.
pub(super) fn tell(place: &Place, row: &Row, asked: &mut bool, found: &mut Vec<Event>) {
    let (order, _) = super::facts::ids(row);
    let mut add = |stage, when: &When, what: (&str, &str), words: &str, turn| {
        found.push(Event {
            stage,
            china: when.at.to_china(),
            when: when.clone(),
            order: order.cloned(),
            place: place.clone(),
            what: what.into(),
            words: excerpt(words),
            turn,
            quoted: false,
        });
    };
    match row {
        Row::Message { when, who, text, .. } => {
            let what = match who {
                Who::Buyer => ("买家发送消息", "the buyer wrote a message"),
                Who::Merchant => ("我方发送消息", "the shop wrote a message"),
                Who::Other => ("系统或平台消息", "a message of the system or platform"),
            };
            let first = *who == Who::Buyer && !std::mem::replace(asked, true);
            add(Stage::Consultation, when, what, text, first);
        }
        Row::Order { ordered, paid, promised, sent, received, .. } => {
            let steps = [
                (Stage::Order, ordered, ("买家下单", "the order was placed")),
                (Stage::Payment, paid, ("订单付款", "the order was paid")),
                (Stage::Dispatch, sent, ("记录为已发货", "it was recorded as sent")),
                (Stage::Dispatch, promised, ("承诺发货时间届满", "the promised time to ship ended")),
                (Stage::Receipt, received, ("记录为已收货", "it was recorded as received")),
            ];
            for (stage, when, what) in steps {
                when.iter().for_each(|when| add(stage, when, what, "", true));
            }
        }
        Row::Payment { when, amount, .. } => {
            let sum = yuan(amount.saturating_abs());
            let (stage, zh, en) = if *amount < 0 {
                (Stage::AfterSale, format!("退款 {sum} 元"), format!("{sum} yuan were refunded"))
            } else {
                (Stage::Payment, format!("支付 {sum} 元"), format!("{sum} yuan were paid"))
            };
            add(stage, when, (&zh, &en), "", true);
        }
        Row::Trace { when, step, text, .. } => {
            let (zh, en, turn) = match step {
                Step::PickedUp => ("承运商揽收", "the carrier picked the parcel up", true),
                Step::InTransit => ("运输中", "the parcel was on its way", false),
                Step::OutForDelivery => ("派送中", "the parcel was out for delivery", false),
                Step::Delivered => ("承运商记录签收", "the carrier recorded delivery", true),
                Step::Returned => ("包裹退回或拒收", "the parcel was returned or refused", true),
                Step::Other => ("其他物流记录", "another step of the parcel", false),
            };
            let stage = if *step == Step::Delivered { Stage::Receipt } else { Stage::Dispatch };
            add(stage, when, (zh, en), text, turn);
        }
        Row::AfterSale { when, by, text, .. } => {
            let what = match by {
                Who::Buyer => ("买家提出售后申请", "the buyer made an after-sale request"),
                Who::Merchant => ("我方处理售后申请", "the shop answered the after-sale request"),
                Who::Other => ("平台处理售后申请", "the platform acted on the after-sale request"),
            };
            add(Stage::AfterSale, when, what, text, true);
        }
        Row::Review { when: Some(when), stars, text, .. } => {
            let zh = format!("买家发布评价{}", stars.map(|n| format!("（{n} 星）")).unwrap_or_default());
            let en =
                format!("the review was posted{}", stars.map(|n| format!(" ({n} of 5 stars)")).unwrap_or_default());
            add(Stage::Review, when, (&zh, &en), text, true);
        }
        Row::Call { when, answered, text } => {
            let what = if *answered {
                ("来电已接", "a call was answered")
            } else {
                ("来电未接", "a call was not answered")
            };
            add(Stage::Other, when, what, text, !answered);
        }
        Row::Price { when, amount, .. } => {
            let yuan = yuan(*amount);
            let (zh, en) = (format!("价格 {yuan} 元"), format!("the price was {yuan} yuan"));
            add(Stage::Other, when, (&zh, &en), "", false);
        }
        Row::Review { when: None, .. } => {}
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

impl Event {
    /// When it happened, in China's zone, to the minute; only the day where no more was written.
    pub fn moment(&self) -> String {
        let date = self.china.china_date();
        if self.when.day_only {
            date.to_string()
        } else {
            format!("{date} {}", self.china.china_time().format("%H:%M"))
        }
    }
}

/// The events that are shown of so many, by time, and how many are left out: those that begin or end a stage, what claims quote, and of the others
/// those nearest in time to one of these.
pub fn bounded(events: Vec<Event>, most: usize) -> (Vec<Event>, usize) {
    let left_out = events.len().saturating_sub(most);
    if left_out == 0 {
        return (events, 0);
    }
    let marked = |event: &Event| event.turn || event.quoted;
    let marks: Vec<i64> = events.iter().filter(|event| marked(event)).map(|event| event.when.at.epoch()).collect();
    let away = |event: &Event| {
        let at = event.when.at.epoch();
        let next = marks.partition_point(|mark| *mark < at);
        let near = marks[next.saturating_sub(1)..].iter().take(2).map(|mark| mark.abs_diff(at)).min();
        if marked(event) { None } else { Some(near.unwrap_or_default()) }
    };
    let mut ranked: Vec<(Option<u64>, usize)> = events.iter().map(away).zip(0..).collect();
    ranked.sort();
    let mut kept = vec![false; events.len()];
    ranked.iter().take(most).for_each(|(_, at)| kept[*at] = true);
    let shown = events.into_iter().zip(kept).filter_map(|(event, keep)| keep.then_some(event)).collect();
    (shown, left_out)
}
