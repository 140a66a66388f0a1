use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::*;
use crate::bundle::Sha256;
use crate::case::{Exhibit, ExhibitKind, Links, Party, Shop, Source, Subject};
use crate::lint::ExhibitId;
use crate::records::{Read, Roles, read};

fn case() -> Case {
    Case {
        schema: crate::case::SCHEMA.to_owned(),
        id: "CASE-1".to_owned(),
        package: "malicious_review".to_owned(),
        target: "douyin".to_owned(),
        shop: Shop::default(),
        opened_at: Instant::parse("2026-11-22T09:00:00+08:00").unwrap(),
        ask: String::new(),
        subjects: Vec::new(),
        started: BTreeMap::new(),
        claims: Vec::new(),
        exhibits: Vec::new(),
        round_before: None,
    }
}

fn exhibit(id: u16, kind: ExhibitKind, text: &str) -> (Exhibit, Read) {
    let source = Source { party: Party::Platform, party_told: false, system: String::new(), uri: String::new() };
    let exhibit = Exhibit {
        id: ExhibitId(id),
        kind,
        class: kind.class(),
        title: String::new(),
        source,
        captured_at: None,
        captured_by: String::new(),
        method: "export".to_owned(),
        added_at: Instant::parse("2026-11-22T09:00:00+08:00").unwrap(),
        file: format!("exhibits/E{id:02}/x.csv"),
        bytes: text.len() as u64,
        sha256: Sha256::of(text.as_bytes()),
        media_type: "text/csv".to_owned(),
        length: 0,
        links: Links::default(),
        facts: BTreeMap::new(),
        copy_of: None,
        cover: Vec::new(),
    };
    let read = read(kind, "text/csv", exhibit.id, text.as_bytes(), &Roles::default()).unwrap();
    (exhibit, read)
}

/// The timeline of a case with these exhibits.
fn of(mut case: Case, read: &[(Exhibit, Read)]) -> Timeline {
    case.exhibits = read.iter().map(|(exhibit, _)| exhibit.clone()).collect();
    let rows: Vec<(Place, Row)> = read.iter().flat_map(|(_, read)| read.rows.clone()).collect();
    Timeline::of(&case, &rows, Instant::parse("2027-11-22T09:00:00+08:00").unwrap())
}

const ORDERS: &str = "订单号,金额,下单时间,支付时间,承诺发货时间,发货时间,签收时间,运单号\n";

#[test]
fn the_course_of_an_order_is_told_in_order_with_its_places() {
    let orders = exhibit(
        1,
        ExhibitKind::Order,
        &format!(
            "{ORDERS}A1,129,2026-11-05 10:00:10,2026-11-05 10:01:10,,2026-11-05 18:00:10,2026-11-08 15:00:10,SF1\n"
        ),
    );
    let chat = exhibit(
        2,
        ExhibitKind::Chat,
        "时间,角色,内容\n2026-11-05 09:50:01,买家,在吗\n2026-11-05 09:51:01,商家,在\n2026-11-09 20:00:01,买家,不退款就差评\n",
    );
    let parcel = exhibit(
        3,
        ExhibitKind::Logistics,
        "运单号,时间,物流信息\nSF1,2026-11-05 20:00:30,已揽收\nSF1,2026-11-08T07:00:20Z,已签收\n",
    );
    let review = exhibit(4, ExhibitKind::Review, "订单号,评价时间,星级,评价内容\nA1,2026-11-10 08:00:30,1,差\n");
    let timeline = of(case(), &[orders, chat, parcel, review]);
    let told: Vec<String> =
        timeline.events.iter().map(|e| format!("{:?} {} {} {}", e.stage, e.place, e.what.zh, e.words)).collect();
    assert_eq!(
        told,
        [
            "Consultation E02:2 买家发送消息 在吗",
            "Consultation E02:3 我方发送消息 在",
            "Order E01:2 买家下单 ",
            "Payment E01:2 订单付款 ",
            "Dispatch E01:2 记录为已发货 ",
            "Dispatch E03:2 承运商揽收 已揽收",
            "Receipt E01:2 记录为已收货 ",
            "Receipt E03:3 承运商记录签收 已签收",
            "AfterSale E02:4 买家发送消息 不退款就差评",
            "Review E04:2 买家发布评价（1 星） 差",
        ]
    );
    let signed = &timeline.events[7];
    assert_eq!(
        (signed.when.written.as_str(), signed.china.to_string().as_str()),
        ("2026-11-08T07:00:20Z", "2026-11-08T15:00:20+08:00")
    );
    assert!(timeline.is_consistent() && timeline.gaps.is_empty() && timeline.missing.is_empty(), "{timeline:?}");
    assert_eq!(
        timeline.zones.iter().map(|zone| (zone.exhibit.0, zone.unzoned)).collect::<Vec<_>>(),
        [(1, 4), (2, 3), (3, 1), (4, 1)]
    );
}

#[test]
fn each_kind_of_fault_is_told_with_both_places() {
    let orders = exhibit(
        1,
        ExhibitKind::Order,
        &format!(
            "{ORDERS}A1,129,2026-11-05 10:00:10,2026-11-05 09:00:10,,2026-11-08 18:00:10,2026-11-07 15:00:10,SF1\nA2,50,2026-11-05 10:00:10,,2026-11-06 10:00:10,2026-11-06 12:30:10,,SF1\n"
        ),
    );
    let pay = exhibit(
        2,
        ExhibitKind::Payment,
        "支付时间,订单号,金额\n2026-11-05 18:00:10,A1,129\n2026-11-05 10:01:00,A2,40\n",
    );
    let timeline = of(case(), &[orders, pay]);
    let impossible: Vec<String> = timeline.impossible.iter().map(|found| found.message().zh).collect();
    assert_eq!(
        impossible[0],
        "订单 A1：支付早于下单：支付（E01:2，2026-11-05 09:00:10）在下单（E01:2，2026-11-05 10:00:10）之前"
    );
    assert!(impossible[1].starts_with("订单 A1：收货早于发货"), "{impossible:?}");
    let conflicts: Vec<String> = timeline.conflicts.iter().map(|found| found.message().zh).collect();
    assert_eq!(
        conflicts[0],
        "订单 A1：支付（E01:2，2026-11-05 09:00:10）与支付（E02:2，2026-11-05 18:00:10）不一致，相差 540 分钟"
    );
    assert_eq!(conflicts[1], "订单 A2：订单金额 50.00（E01:3）与支付合计 40.00（E02:3）不一致");
    let gaps: Vec<String> = timeline.gaps.iter().map(|found| found.message().zh).collect();
    assert_eq!(gaps[1], "订单 A2：发货（E01:3，2026-11-06 12:30:10）晚于承诺时间（E01:3）2 小时");
    assert!(gaps[0].starts_with("订单 A1：支付（E01:2"), "{gaps:?}");
    assert_eq!(
        timeline.shared_waybills[0].message().zh,
        "运单 SF1 用于多个订单：A1 (E01:2)、A2 (E01:3)；如为合并发货请说明"
    );
}

#[test]
fn a_zone_that_was_taken_wrongly_is_named() {
    let orders = exhibit(1, ExhibitKind::Order, &format!("{ORDERS}A1,9,2026-11-05 10:00:10,2026-11-05 10:01:10,,,,\n"));
    let pay = exhibit(2, ExhibitKind::Payment, "支付时间,订单号,金额\n2026-11-05 02:01:12,A1,9\n");
    let timeline = of(case(), &[orders, pay]);
    assert!(
        timeline.conflicts[0]
            .message()
            .en
            .ends_with("just 8 hours, one of them may have been exported in another zone")
    );
    assert_eq!(timeline.impossible[0].zone_hours, None, "not the zone itself: an hour and a minute more");
}

#[test]
fn other_orders_of_a_buyer_are_no_part_of_it_and_a_missing_stage_is_told() {
    let record =
        exhibit(1, ExhibitKind::BuyerRecord, "订单号,下单时间,支付时间\nB1,2026-10-05 10:00:10,2026-10-01 10:00:10\n");
    let review = exhibit(2, ExhibitKind::Review, "订单号,评价时间,星级\nA1,2026-11-10 08:00:30,1\n");
    let mut case = case();
    case.subjects.push(Subject { kind: "order".to_owned(), id: "A1".to_owned(), shown_by: None });
    let timeline = of(case, &[record, review]);
    assert!(timeline.impossible.is_empty() && timeline.events.iter().all(|event| event.order.as_deref() == Some("A1")));
    let missing: Vec<Stage> = timeline.missing.iter().map(|missing| missing.stage).collect();
    assert_eq!(missing, [Stage::Order, Stage::Payment, Stage::Dispatch, Stage::Receipt]);
    assert_eq!(timeline.missing[0].message().zh, "订单 A1：有评价（E02:2，2026-11-10 08:00:30），但没有下单的记录");
}

#[test]
fn a_day_or_a_minute_is_as_long_as_it_is() {
    // Ordered on the day, paid at ten of that day; sent within the minute of the payment.
    let orders = exhibit(
        1,
        ExhibitKind::Order,
        &format!("{ORDERS}A1,9,2026-11-05,2026-11-05 10:00,,2026-11-05 10:00:30,2026-11-06,\n"),
    );
    let timeline = of(case(), &[orders]);
    assert!(timeline.is_consistent(), "{:?}", timeline.impossible);
}

/// Cheap random numbers, the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: i64) -> i64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n.max(1).unsigned_abs()) as i64
    }

    fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below(high - low + 1)
    }
}

/// The true course of an order, as seconds.
#[derive(Clone)]
struct Made {
    id: String,
    waybill: String,
    amount: i64,
    ordered: i64,
    paid: i64,
    payment: i64,
    promised: Option<i64>,
    sent: i64,
    scans: Vec<(i64, &'static str)>,
    received: i64,
    after_sale: Option<i64>,
    review: Option<i64>,
}

const HOUR: i64 = 3_600;

fn made(n: i64, dice: &mut Dice) -> Made {
    let ordered = 1_790_000_000 + dice.below(40 * 24 * HOUR);
    let paid = ordered + dice.between(5, 24 * HOUR - 120);
    let sent = paid + dice.between(600, 48 * HOUR - 120);
    // A carrier may come before the shop presses "sent", and seldom takes a day.
    let mut at = sent + dice.between(-HOUR, 24 * HOUR - 120);
    let mut scans = vec![(at.max(ordered + 60), "快递员已揽收")];
    for _ in 0..dice.between(2, 5) {
        at += dice.between(2 * HOUR, 71 * HOUR);
        scans.push((at, "到达转运中心"));
    }
    at += dice.between(HOUR, 30 * HOUR);
    scans.push((at, "派送中，请准备签收"));
    at += dice.between(600, 8 * HOUR);
    scans.push((at, "已签收，本人签收"));
    // The order has the carrier's time, or the buyer confirms days later.
    let received = at + if dice.below(2) == 0 { dice.between(0, 60) } else { dice.between(HOUR, 10 * 24 * HOUR) };
    let after_sale = (dice.below(4) == 0).then(|| at + dice.between(HOUR, 15 * 24 * HOUR));
    let review = (dice.below(2) == 0).then(|| at + dice.between(HOUR, 40 * 24 * HOUR));
    Made {
        id: format!("{}", 6_900_000_000_000_000_000 + n * 7_919),
        waybill: format!("SF{:013}", 1_000_000_000_000_i64 + n * 104_729),
        amount: dice.between(100, 99_999),
        ordered,
        paid,
        payment: paid + dice.between(-30, 30),
        promised: (dice.below(3) == 0).then(|| sent + dice.between(0, 20 * HOUR)),
        sent,
        scans,
        received,
        after_sale,
        review,
    }
}

/// What was injected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    Gap,
    Swap,
    Zone,
    Waybill,
}

fn inject(order: &mut Made, fault: Fault, others: &str, dice: &mut Dice) {
    match fault {
        Fault::Gap => {
            // Everything after a point comes later than it may, by minutes or by days.
            let more = if dice.below(2) == 0 { dice.between(120, HOUR) } else { dice.between(HOUR, 96 * HOUR) };
            let kind = dice.below(4);
            let from = match kind {
                3 => 1 + dice.below(order.scans.len() as i64 - 1) as usize,
                _ => 0,
            };
            let (begin, end, limit) = match kind {
                0 => (order.ordered, order.paid, 24),
                1 => (order.paid, order.sent, 48),
                2 => (order.sent, order.scans[0].0, 24),
                _ => (order.scans[from - 1].0, order.scans[from].0, 72),
            };
            let late = begin + limit * HOUR + more - end;
            let shift = |at: &mut i64| *at += late;
            match kind {
                0 => {
                    shift(&mut order.paid);
                    shift(&mut order.payment);
                    shift(&mut order.sent);
                    order.promised.as_mut().map(shift).unwrap_or_default();
                }
                1 => {
                    shift(&mut order.sent);
                    // A promise that is kept is no gap; one that is broken is.
                    order.promised = order.promised.map(|_| order.sent - dice.between(120, HOUR));
                }
                _ => {}
            }
            order.scans[from..].iter_mut().for_each(|(at, _)| shift(at));
            shift(&mut order.received);
            order.after_sale.as_mut().map(shift).unwrap_or_default();
            order.review.as_mut().map(shift).unwrap_or_default();
        }
        Fault::Swap => match dice.below(4) {
            0 => {
                std::mem::swap(&mut order.ordered, &mut order.paid);
                // What differs by less than two systems' clocks do is nothing to tell.
                order.ordered += 600;
                order.payment = order.paid;
            }
            1 => {
                let last = order.scans.len() - 1;
                let (first, end) = (order.scans[0].0, order.scans[last].0);
                (order.scans[0].0, order.scans[last].0) = (end, first);
            }
            2 => order.review = Some(order.ordered - dice.between(600, 9 * HOUR)),
            _ => std::mem::swap(&mut order.sent, &mut order.received),
        },
        Fault::Zone => order.payment += if dice.below(2) == 0 { 8 * HOUR } else { -8 * HOUR },
        Fault::Waybill => order.waybill = others.to_owned(),
    }
}

fn text(at: i64) -> String {
    let at = chrono::DateTime::from_timestamp(at + 8 * HOUR, 0).unwrap();
    at.format("%Y-%m-%d %H:%M:%S").to_string()
}

fn maybe(at: Option<i64>) -> String {
    at.map(text).unwrap_or_default()
}

/// The exhibits as a shop would export them.
fn exports(orders: &[Made]) -> Vec<(Exhibit, Read)> {
    let mut list = ORDERS.to_owned();
    let mut pay = "支付时间,订单号,金额(元)\n".to_owned();
    let mut parcels = "订单号,运单号,时间,物流信息\n".to_owned();
    let mut sales = "申请时间,订单号,操作人,售后类型\n".to_owned();
    let mut reviews = "订单号,评价时间,星级,评价内容\n".to_owned();
    for o in orders {
        let amount = super::finding::yuan(o.amount);
        let moments = [text(o.ordered), text(o.paid), maybe(o.promised), text(o.sent), text(o.received)].join(",");
        writeln!(list, "{},{amount},{moments},{}", o.id, o.waybill).unwrap();
        writeln!(pay, "{},{},{amount}", text(o.payment), o.id).unwrap();
        for (at, what) in &o.scans {
            writeln!(parcels, "{},{},{},{what}", o.id, o.waybill, text(*at)).unwrap();
        }
        if let Some(at) = o.after_sale {
            writeln!(sales, "{},{},买家,仅退款", text(at), o.id).unwrap();
        }
        if let Some(at) = o.review {
            writeln!(reviews, "{},{},1,差", o.id, text(at)).unwrap();
        }
    }
    vec![
        exhibit(1, ExhibitKind::Order, &list),
        exhibit(2, ExhibitKind::Payment, &pay),
        exhibit(3, ExhibitKind::Logistics, &parcels),
        exhibit(4, ExhibitKind::AfterSale, &sales),
        exhibit(5, ExhibitKind::Review, &reviews),
    ]
}

/// Ten thousand orders, a fifth with one fault each.
#[test]
fn of_ten_thousand_orders_the_faulty_are_found_and_the_sound_left_alone() {
    let mut dice = Dice(0x2545_f491_4f6c_dd1d);
    let mut orders: Vec<Made> = (0..10_000).map(|n| made(n, &mut dice)).collect();
    let mut faults: BTreeMap<String, Fault> = BTreeMap::new();
    let kinds = [Fault::Gap, Fault::Swap, Fault::Zone, Fault::Waybill];
    for n in (0..orders.len()).step_by(5) {
        let fault = kinds[n / 5 % 4];
        let other = orders[n + 1].clone();
        inject(&mut orders[n], fault, &other.waybill, &mut dice);
        faults.insert(orders[n].id.clone(), fault);
        if fault == Fault::Waybill {
            // Both orders that share it are told.
            faults.insert(other.id, fault);
        }
    }
    let read = exports(&orders);
    assert!(read.iter().all(|(_, read)| read.notes.len() <= 1), "only that no zone is written");
    let begun = std::time::Instant::now();
    let timeline = of(case(), &read);
    let took = begun.elapsed();

    let mut told: BTreeSet<&str> = BTreeSet::new();
    told.extend(timeline.gaps.iter().map(|found| found.order.as_str()));
    told.extend(timeline.conflicts.iter().map(|found| found.order.as_str()));
    told.extend(timeline.impossible.iter().map(|found| found.order.as_str()));
    told.extend(timeline.missing.iter().map(|found| found.order.as_str()));
    told.extend(timeline.shared_waybills.iter().flat_map(|found| &found.orders).map(|(order, _)| order.as_str()));
    let mut by_kind: BTreeMap<Fault, (usize, usize)> = BTreeMap::new();
    for (order, fault) in &faults {
        let (found, all) = by_kind.entry(*fault).or_default();
        *found += usize::from(told.contains(order.as_str()));
        *all += 1;
    }
    // The faults are told as what they are, not only as something.
    let told_as = |fault: Fault, told: &BTreeSet<&str>| {
        faults.iter().filter(|(order, of)| **of == fault && told.contains(order.as_str())).count()
    };
    let gaps: BTreeSet<&str> = timeline.gaps.iter().map(|found| found.order.as_str()).collect();
    let shared: BTreeSet<&str> =
        timeline.shared_waybills.iter().flat_map(|found| &found.orders).map(|(order, _)| order.as_str()).collect();
    let zones: BTreeSet<&str> = timeline
        .conflicts
        .iter()
        .filter(|found| matches!(found.unlike, Unlike::Time { zone_hours: Some(_), .. }))
        .map(|found| found.order.as_str())
        .collect();
    println!(
        "told as what they are: {} gaps, {} zones, {} waybills",
        told_as(Fault::Gap, &gaps),
        told_as(Fault::Zone, &zones),
        told_as(Fault::Waybill, &shared)
    );
    let (found, all) = by_kind.values().fold((0, 0), |(f, a), (found, all)| (f + found, a + all));
    let sound = orders.len() - all;
    let false_alarms = told.iter().filter(|order| !faults.contains_key(**order)).count();
    println!("timeline of 10000 orders, {} events in {took:?}", timeline.events.len());
    println!("found {found} of {all} faulty orders: {by_kind:?}");
    println!("false alarms: {false_alarms} of {sound} sound orders");
    assert!(found as f64 / all as f64 >= 0.995, "{by_kind:?}");
    let alarms: Vec<_> =
        timeline.conflicts.iter().filter(|c| !faults.contains_key(&c.order)).take(3).map(|c| c.message().en).collect();
    assert!(false_alarms as f64 / sound as f64 <= 0.005, "{false_alarms}: {alarms:?}");
}

#[test]
fn a_long_chat_is_told_by_what_matters_in_it() {
    let mut text = "时间,角色,订单号,内容\n".to_owned();
    for n in 0..5_000 {
        let said = if n == 4_321 { "不退款50元我就给差评" } else { "在吗" };
        let (day, second) = (1 + n / 200, n % 200);
        writeln!(text, "2026-11-{day:02} 10:{:02}:{:02},买家,A1,{said}", second / 60, second % 60).unwrap();
    }
    let chat = exhibit(1, ExhibitKind::Chat, &text);
    let orders = exhibit(
        2,
        ExhibitKind::Order,
        &format!("{ORDERS}A1,129,2026-11-20 10:00:10,2026-11-20 10:01:10,,2026-11-21 18:00:10,,SF1\n"),
    );
    let mut case = case();
    case.claims.push(crate::case::Claim {
        id: "C1".to_owned(),
        text: "买家写道“不退款50元我就给差评”".to_owned(),
        exhibits: vec![ExhibitId(1)],
        on_cover: true,
    });
    let timeline = of(case, &[chat, orders]);
    let most = rules().settings.events;
    assert_eq!((timeline.events.len(), timeline.left_out), (most, 5_003 - most));
    assert!(timeline.events.is_sorted_by_key(|event| event.china));
    assert_eq!(timeline.events.iter().filter(|event| event.place.exhibit == ExhibitId(2)).count(), 3);
    assert!(timeline.events.iter().any(|event| event.quoted && event.place.line == 4_323));
    let days = |day: &str| timeline.events.iter().filter(|event| event.moment().starts_with(day)).count();
    assert_eq!((days("2026-11-10"), days("2026-11-20")), (0, 202), "what is near the order and the demand stays");
}

#[test]
fn a_moment_that_lies_ahead_or_long_before_is_told_once_an_exhibit() {
    let orders =
        exhibit(1, ExhibitKind::Order, &format!("{ORDERS}A1,129,2026-11-05 10:00:10,,2099-01-01 00:00:00,,,SF1\n"));
    let chat = exhibit(
        2,
        ExhibitKind::Chat,
        "时间,角色,订单号,内容\n1999-11-05 09:50:01,买家,A1,在吗\n2026-11-05 09:51:01,商家,A1,在\n2099-11-09 20:00:01,买家,A1,好\n2099-11-09 20:01:01,买家,A1,好\n",
    );
    let timeline = of(case(), &[orders, chat]);
    let told: Vec<String> = timeline.strays.iter().map(|found| found.message().zh).collect();
    assert_eq!(
        told,
        ["E02:2 的时间“1999-11-05 09:50:01”比订单早 10 年以上", "E02:4 的时间“2099-11-09 20:00:01”晚于现在，共 2 处"]
    );
    assert!(!timeline.is_consistent());
}
