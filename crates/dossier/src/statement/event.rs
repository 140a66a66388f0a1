use huoyan_model::{Locale, Localized};

use super::sentence::brackets;
use crate::lint::Who;
use crate::records::{Place, Row, Step, When};

/// Something that happened, as a row tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub when: When,
    /// What, in a few words that add nothing to the row.
    pub what: Localized,
    /// The words of the row: a message, a step of a parcel; may be empty.
    pub words: String,
    /// Where it stands.
    pub place: Place,
    /// Whether it begins or ends a stage of the deal, rather than being one message among many.
    pub stage: bool,
}

impl Event {
    /// When it happened, in China's zone, to the minute; only the day where no more was written.
    pub fn moment(&self) -> String {
        let date = self.when.at.china_date();
        if self.when.day_only {
            date.to_string()
        } else {
            format!("{date} {}", self.when.at.china_time().format("%H:%M"))
        }
    }

    /// One sentence, with its citation.
    pub(super) fn sentence(&self, locale: Locale) -> String {
        let cited = brackets(&[self.place.exhibit]);
        match locale {
            Locale::Zh => format!("{}，{}{cited}。", self.moment(), self.what.zh),
            Locale::En => format!("{}, {} {cited}.", self.moment(), self.what.en),
        }
    }
}

/// Fewer of one kind in a row are told one by one.
const WORTH_A_SUM: usize = 4;

/// The sentences of a run of events that are the same but for their times.
pub(super) fn sentences(run: &[Event], locale: Locale) -> Vec<String> {
    let [first, .., last] = run else { return run.iter().map(|event| event.sentence(locale)).collect() };
    if run.len() < WORTH_A_SUM {
        return run.iter().map(|event| event.sentence(locale)).collect();
    }
    let (cited, count) = (brackets(&[first.place.exhibit]), run.len());
    let (from, to) = (first.moment(), last.moment());
    vec![match (locale, from == to) {
        (Locale::Zh, true) => format!("{from}，{}，共 {count} 条{cited}。", first.what.zh),
        (Locale::Zh, false) => format!("{from} 至 {to}，{}，共 {count} 条{cited}。", first.what.zh),
        (Locale::En, true) => format!("{from}, {}, {count} times {cited}.", first.what.en),
        (Locale::En, false) => format!("{from} to {to}, {}, {count} times {cited}.", first.what.en),
    }]
}

/// What the rows tell, by time; what happened at the same time stays in the order of the rows. Rows without a time tell nothing.
pub fn events<'r>(rows: impl IntoIterator<Item = &'r (Place, Row)>) -> Vec<Event> {
    let mut found: Vec<Event> = Vec::new();
    let mut asked = false;
    for (place, row) in rows {
        let mut add = |when: &When, zh: &str, en: &str, words: &str, stage| {
            let (when, what, words) = (when.clone(), Localized::new(zh, en), words.to_owned());
            found.push(Event { when, what, words, place: place.clone(), stage });
        };
        match row {
            Row::Message { when, who, text, .. } => {
                let (zh, en) = match who {
                    Who::Buyer => ("买家发送消息", "the buyer wrote a message"),
                    Who::Merchant => ("我方发送消息", "the shop wrote a message"),
                    Who::Other => ("系统或平台消息", "a message of the system or platform"),
                };
                add(when, zh, en, text, *who == Who::Buyer && !std::mem::replace(&mut asked, true));
            }
            Row::Order { ordered, paid, promised, sent, received, .. } => {
                let steps = [
                    (ordered, "买家下单", "the order was placed", true),
                    (paid, "订单付款", "the order was paid", true),
                    (sent, "记录为已发货", "it was recorded as sent", true),
                    (promised, "承诺发货时间届满", "the promised time to ship ended", true),
                    (received, "记录为已收货", "it was recorded as received", true),
                ];
                for (when, zh, en, stage) in steps {
                    when.iter().for_each(|when| add(when, zh, en, "", stage));
                }
            }
            Row::Payment { when, amount, .. } => {
                let yuan = format!("{}.{:02}", amount.unsigned_abs() / 100, amount.unsigned_abs() % 100);
                let (zh, en) = if *amount < 0 {
                    (format!("退款 {yuan} 元"), format!("{yuan} yuan were refunded"))
                } else {
                    (format!("支付 {yuan} 元"), format!("{yuan} yuan were paid"))
                };
                add(when, &zh, &en, "", true);
            }
            Row::Trace { when, step, text, .. } => {
                let (zh, en, stage) = match step {
                    Step::PickedUp => ("承运商揽收", "the carrier picked the parcel up", true),
                    Step::InTransit => ("运输中", "the parcel was on its way", false),
                    Step::OutForDelivery => ("派送中", "the parcel was out for delivery", false),
                    Step::Delivered => ("承运商记录签收", "the carrier recorded delivery", true),
                    Step::Returned => ("包裹退回或拒收", "the parcel was returned or refused", true),
                    Step::Other => ("其他物流记录", "another step of the parcel", false),
                };
                add(when, zh, en, text, stage);
            }
            Row::AfterSale { when, by, text, .. } => {
                let (zh, en) = match by {
                    Who::Buyer => ("买家提出售后申请", "the buyer made an after-sale request"),
                    Who::Merchant => ("我方处理售后申请", "the shop answered the after-sale request"),
                    Who::Other => ("平台处理售后申请", "the platform acted on the after-sale request"),
                };
                add(when, zh, en, text, true);
            }
            Row::Review { when: Some(when), stars, text, .. } => {
                let stars_zh = stars.map(|n| format!("（{n} 星）")).unwrap_or_default();
                let stars_en = stars.map(|n| format!(" ({n} of 5 stars)")).unwrap_or_default();
                add(when, &format!("买家发布评价{stars_zh}"), &format!("the review was posted{stars_en}"), text, true);
            }
            Row::Call { when, answered, text } => {
                let (zh, en) = if *answered {
                    ("来电已接", "a call was answered")
                } else {
                    ("来电未接", "a call was not answered")
                };
                add(when, zh, en, text, !answered);
            }
            Row::Price { when, amount, .. } => {
                let yuan = format!("{}.{:02}", amount.unsigned_abs() / 100, amount.unsigned_abs() % 100);
                add(when, &format!("价格 {yuan} 元"), &format!("the price was {yuan} yuan"), "", false);
            }
            Row::Review { when: None, .. } => {}
        }
    }
    found.sort_by_key(|event| event.when.at);
    found
}
