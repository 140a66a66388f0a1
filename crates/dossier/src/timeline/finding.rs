//! What does not fit, with its places and in words.

use std::collections::BTreeMap;

use huoyan_model::Localized;
use serde::Serialize;

use super::facts::Moment;
use super::rules::rules;
use super::{Fact, Stage};
use crate::deadline::{Instant, RuleSource};
use crate::lint::ExhibitId;
use crate::records::{Place, Row, When};

/// A fact with its moment and its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Told {
    /// What.
    pub fact: Fact,
    /// When, as it was written.
    pub when: When,
    /// Where it is told.
    pub place: Place,
}

impl From<&Moment> for Told {
    fn from(moment: &Moment) -> Self {
        Self { fact: moment.fact, when: moment.when.clone(), place: moment.place.clone() }
    }
}

impl Told {
    fn words(&self) -> (String, String) {
        let (name, at) = (self.fact.name(), self.when.at.to_china());
        let at = at.to_string().replace('T', " ").replace("+08:00", "");
        (format!("{}（{}，{at}）", name.zh, self.place), format!("{} ({}, {at})", name.en, self.place))
    }
}

/// A stretch that is longer than usual.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// The order.
    pub order: String,
    /// What stands before it.
    pub from: Told,
    /// What stands behind it.
    pub to: Told,
    /// How long it is, in whole hours.
    pub hours: i64,
    /// How long it may be, in hours; `None` where a time was promised, and that passed.
    pub limit_hours: Option<i64>,
    /// Where the limit comes from.
    pub source: Option<RuleSource>,
    /// Where the promise is told.
    pub promised: Option<(When, Place)>,
}

/// A stage that no exhibit tells of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Missing {
    /// The order.
    pub order: String,
    /// The stage.
    pub stage: Stage,
    /// A later stage that is told, which shows that it must have been.
    pub later: Told,
}

/// What two exhibits tell differently.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Conflict {
    /// The order.
    pub order: String,
    /// What differs.
    pub unlike: Unlike,
}

/// What differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "unlike")]
pub enum Unlike {
    /// The moment of a fact, or the order of two.
    Time {
        /// As one exhibit tells it.
        one: Told,
        /// As the other does.
        other: Told,
        /// From the one to the other.
        seconds: i64,
        /// Set when the distance is that of a zone: one of them may have been exported in another zone.
        zone_hours: Option<i64>,
    },
    /// The amount, in fen.
    Amount {
        /// What the order says.
        order: i64,
        /// Where.
        order_at: Place,
        /// What the payments come to.
        paid: i64,
        /// Where the last of them is told.
        paid_at: Place,
    },
    /// The parcel.
    Waybill {
        /// As one exhibit tells it.
        one: String,
        /// Where.
        one_at: Place,
        /// As the other does.
        other: String,
        /// Where.
        other_at: Place,
    },
}

/// Two facts that cannot be in this order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Impossible {
    /// The order.
    pub order: String,
    /// What must have been first.
    pub first: Told,
    /// What is told to have been before it.
    pub then: Told,
    /// How much before, in seconds.
    pub seconds: i64,
    /// Set when the distance is that of a zone.
    pub zone_hours: Option<i64>,
    /// Why it cannot be.
    pub why: Localized,
}

/// A parcel that is told of several orders: sent together, or a number used again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SharedWaybill {
    /// The parcel.
    pub waybill: String,
    /// The orders, each with where it is told.
    pub orders: Vec<(String, Place)>,
}

/// An exhibit whose moments name no zone; China's was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Zone {
    /// The exhibit.
    pub exhibit: ExhibitId,
    /// Moments without a zone.
    pub unzoned: u64,
    /// Moments with one.
    pub zoned: u64,
}

/// An exhibit with moments that cannot be of this case: later than the present, or long before the first order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stray {
    /// Where the first of them is told.
    pub place: Place,
    /// That moment, as it was written.
    pub when: When,
    /// How many of them there are.
    pub count: u64,
    /// Whether they are later than the present; else they are too early.
    pub later: bool,
}

/// The moments that cannot be of this case. Until when something was promised may well lie ahead.
pub(super) fn strays(rows: &[(Place, Row)], ordered: Option<i64>, now: Instant) -> Vec<Stray> {
    let settings = &rules().settings;
    let latest = now.epoch() + settings.clock_seconds;
    let earliest = ordered.unwrap_or(now.epoch()) - settings.years_before * 366 * 86_400;
    let mut strays: BTreeMap<(ExhibitId, bool), Stray> = BTreeMap::new();
    for (place, row) in rows {
        let promised = if let Row::Order { promised, .. } = row { promised.as_ref() } else { None };
        for when in row.moments().into_iter().filter(|when| Some(*when) != promised) {
            let at = when.at.epoch();
            let later = at > latest;
            if later || at < earliest {
                let first = || Stray { place: place.clone(), when: when.clone(), count: 0, later };
                strays.entry((place.exhibit, later)).or_insert_with(first).count += 1;
            }
        }
    }
    strays.into_values().collect()
}

/// The exhibits that have moments without a zone.
pub(super) fn zones(rows: &[(Place, Row)]) -> Vec<Zone> {
    let mut zones: BTreeMap<ExhibitId, Zone> = BTreeMap::new();
    for (place, row) in rows {
        for when in row.moments() {
            let exhibit = place.exhibit;
            let zone = zones.entry(exhibit).or_insert(Zone { exhibit, unzoned: 0, zoned: 0 });
            *if when.zoned { &mut zone.zoned } else { &mut zone.unzoned } += 1;
        }
    }
    zones.into_values().filter(|zone| zone.unzoned > 0).collect()
}

impl Gap {
    /// What to do about it, in both languages.
    pub fn message(&self) -> Localized {
        let told = self.told();
        match self.limit_hours {
            Some(_) => Localized::new(
                format!("{}；请补充其间的记录", told.zh),
                format!("{}; add records of the time between", told.en),
            ),
            None => told,
        }
    }

    /// What it is, in both languages, for whoever reads the case.
    pub fn told(&self) -> Localized {
        let (from, to) = (self.from.words(), self.to.words());
        let order = &self.order;
        match (&self.promised, self.limit_hours) {
            (Some((_, place)), None) => Localized::new(
                format!("订单 {order}：{}晚于承诺时间（{place}）{} 小时", to.0, self.hours),
                format!("order {order}: {} is {} hours after the promised time ({place})", to.1, self.hours),
            ),
            (_, limit) => {
                let limit = limit.unwrap_or_default();
                Localized::new(
                    format!("订单 {order}：{}到{}相隔 {} 小时，超过 {limit} 小时", from.0, to.0, self.hours),
                    format!("order {order}: {} hours between {} and {}, more than {limit}", self.hours, from.1, to.1),
                )
            }
        }
    }
}

impl Missing {
    /// The message in both languages.
    pub fn message(&self) -> Localized {
        let (name, later, order) = (self.stage.name(), self.later.words(), &self.order);
        Localized::new(
            format!("订单 {order}：有{}，但没有{}的记录", later.0, name.zh),
            format!("order {order}: there is {}, and no record of the {}", later.1, name.en),
        )
    }
}

/// What to add where a distance is that of a zone.
fn zone_words(hours: Option<i64>) -> (String, String) {
    hours.map_or_else(Default::default, |hours| {
        (
            format!("；恰好相差 {} 小时，其中一份可能按其他时区导出", hours.abs()),
            format!("; just {} hours, one of them may have been exported in another zone", hours.abs()),
        )
    })
}

impl Conflict {
    /// The message in both languages.
    pub fn message(&self) -> Localized {
        let order = &self.order;
        match &self.unlike {
            Unlike::Time { one, other, seconds, zone_hours } => {
                let (one, other, zone) = (one.words(), other.words(), zone_words(*zone_hours));
                let minutes = seconds.abs() / 60;
                Localized::new(
                    format!("订单 {order}：{}与{}不一致，相差 {minutes} 分钟{}", one.0, other.0, zone.0),
                    format!("order {order}: {} and {} do not agree, by {minutes} minutes{}", one.1, other.1, zone.1),
                )
            }
            Unlike::Amount { order: amount, order_at, paid, paid_at } => Localized::new(
                format!(
                    "订单 {order}：订单金额 {}（{order_at}）与支付合计 {}（{paid_at}）不一致",
                    yuan(*amount),
                    yuan(*paid)
                ),
                format!(
                    "order {order}: the order says {} yuan ({order_at}), the payments come to {} ({paid_at})",
                    yuan(*amount),
                    yuan(*paid)
                ),
            ),
            Unlike::Waybill { one, one_at, other, other_at } => Localized::new(
                format!("订单 {order}：运单号 {one}（{one_at}）与 {other}（{other_at}）不一致"),
                format!("order {order}: waybill {one} ({one_at}) and {other} ({other_at}) do not agree"),
            ),
        }
    }
}

impl Impossible {
    /// The message in both languages.
    pub fn message(&self) -> Localized {
        let (first, then, zone) = (self.first.words(), self.then.words(), zone_words(self.zone_hours));
        let order = &self.order;
        Localized::new(
            format!("订单 {order}：{}：{}在{}之前{}", self.why.zh, then.0, first.0, zone.0),
            format!("order {order}: {}: {} is before {}{}", self.why.en, then.1, first.1, zone.1),
        )
    }
}

impl SharedWaybill {
    /// What to do about it, in both languages.
    pub fn message(&self) -> Localized {
        let told = self.told();
        Localized::new(
            format!("{}；如为合并发货请说明", told.zh),
            format!("{}; say so if they were sent together", told.en),
        )
    }

    /// What it is, in both languages, for whoever reads the case.
    pub fn told(&self) -> Localized {
        let list = |join: &str| {
            let told = self.orders.iter().map(|(order, place)| format!("{order} ({place})"));
            told.collect::<Vec<_>>().join(join)
        };
        Localized::new(
            format!("运单 {} 用于多个订单：{}", self.waybill, list("、")),
            format!("waybill {} stands for several orders: {}", self.waybill, list(", ")),
        )
    }
}

impl Stray {
    /// The message in both languages.
    pub fn message(&self) -> Localized {
        let Self { place, count, .. } = self;
        let when = self.when.shown();
        let more = if *count > 1 {
            (format!("，共 {count} 处"), format!(", {count} such moments in all"))
        } else {
            Default::default()
        };
        if self.later {
            Localized::new(
                format!("{place} 的时间“{when}”晚于现在{}", more.0),
                format!("the time '{when}' ({place}) is later than the present{}", more.1),
            )
        } else {
            let years = rules().settings.years_before;
            Localized::new(
                format!("{place} 的时间“{when}”比订单早 {years} 年以上{}", more.0),
                format!("the time '{when}' ({place}) is more than {years} years before the order{}", more.1),
            )
        }
    }
}

impl Zone {
    /// The message in both languages.
    pub fn message(&self) -> Localized {
        let Self { exhibit, unzoned, .. } = self;
        Localized::new(
            format!("{exhibit}：{unzoned} 个时间没有写时区，按北京时间（UTC+8）处理"),
            format!("{exhibit}: {unzoned} moments name no zone; China's (UTC+8) was taken"),
        )
    }
}

/// An amount in yuan: `129.90`.
pub(super) fn yuan(fen: i64) -> String {
    let sign = if fen < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", fen.unsigned_abs() / 100, fen.unsigned_abs() % 100)
}
