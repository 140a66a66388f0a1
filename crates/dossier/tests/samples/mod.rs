//! Sample cases, made from the table of packages: one exhibit for each item.

#![allow(dead_code, reason = "each test uses a part")]

use std::collections::BTreeMap;

use huoyan_dossier::bundle::Sha256;
use huoyan_dossier::case::{Case, Claim, Class, Exhibit, ExhibitKind, Links, Party, SCHEMA, Shop, Source, Subject};
use huoyan_dossier::deadline::{Instant, Rules};
use huoyan_dossier::lint::{ExhibitId, Who};
use huoyan_dossier::package::{Item, Packages, Type};
use huoyan_dossier::records::{Place, Row, Step, When};
use huoyan_dossier::timeline::Stage;

pub const ORDER: &str = "6920001122334455667";
pub const BUYER: &str = "buyer-7781";
pub const WAYBILL: &str = "SF1234567890123";

pub fn at(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

pub fn when(text: &str) -> When {
    When { at: at(text), written: text.to_owned(), zoned: true, day_only: false }
}

/// The items of a complete sample: all required ones, and of each group the item with this number.
pub fn items(package: &Type, alternative: usize) -> Vec<&'static Item> {
    let packages = Packages::built_in();
    let chosen = package.one_of.iter().map(|group| group.items.get(alternative).unwrap_or(&group.items[0]));
    package.required.iter().chain(chosen).map(|id| packages.item(id).unwrap()).collect()
}

pub fn exhibit(number: u16, item: &Item) -> Exhibit {
    let kind = item.kinds[0];
    let value = |fact: &String| if fact == "waybill" { WAYBILL.to_owned() } else { format!("{fact}-2026") };
    Exhibit {
        id: ExhibitId(number),
        kind,
        class: class(kind),
        title: item.name.zh.clone(),
        source: Source {
            party: party(kind, item),
            party_told: true,
            system: "抖店后台".to_owned(),
            uri: String::new(),
        },
        captured_at: Some(at("2026-11-12T10:00:00+08:00")),
        captured_by: "李店员".to_owned(),
        method: "export".to_owned(),
        added_at: at("2026-11-12T10:05:00+08:00"),
        file: format!("exhibits/E{number:02}/{}.csv", item.id),
        bytes: 1_000 + u64::from(number),
        sha256: Sha256::of(item.id.as_bytes()),
        media_type: "text/csv".to_owned(),
        length: 0,
        links: Links { orders: vec![ORDER.to_owned()], buyers: vec![BUYER.to_owned()], ..Links::default() },
        facts: item.needs.iter().map(|fact| (fact.clone(), value(fact))).collect(),
        copy_of: None,
        cover: Vec::new(),
    }
}

fn party(kind: ExhibitKind, item: &Item) -> Party {
    item.from.first().copied().unwrap_or(match kind {
        ExhibitKind::PlatformNotice | ExhibitKind::Review => Party::Buyer,
        _ => Party::Merchant,
    })
}

fn class(kind: ExhibitKind) -> Class {
    match kind {
        ExhibitKind::Review | ExhibitKind::Listing => Class::Web,
        ExhibitKind::Chat | ExhibitKind::Mail => Class::Message,
        ExhibitKind::Order | ExhibitKind::Payment | ExhibitKind::Logistics => Class::Transaction,
        _ => Class::File,
    }
}

/// A complete case of a type; `alternative` picks the item of each group.
pub fn case(package: &Type, alternative: usize) -> Case {
    let exhibits: Vec<Exhibit> =
        items(package, alternative).into_iter().zip(1..).map(|(item, number)| exhibit(number, item)).collect();
    let started = package
        .deadlines
        .iter()
        .filter_map(|id| Rules::built_in().get(id))
        .map(|rule| (rule.starts.clone(), at("2026-11-10T09:00:00+08:00")))
        .collect::<BTreeMap<_, _>>();
    let claims = exhibits
        .iter()
        .zip(1..)
        .map(|(exhibit, number): (_, usize)| Claim {
            id: format!("C{number}"),
            text: format!("{}已提交，内容与记录一致", exhibit.title),
            exhibits: vec![exhibit.id],
            on_cover: number <= 3,
        })
        .collect();
    Case {
        schema: SCHEMA.to_owned(),
        id: "CASE-20261112-0001".to_owned(),
        package: package.id.clone(),
        target: "douyin".to_owned(),
        shop: Shop {
            id: "12345678".to_owned(), name: "青禾家居旗舰店".to_owned(), contact: "李店员".to_owned()
        },
        opened_at: at("2026-11-12T09:00:00+08:00"),
        ask: String::new(),
        subjects: vec![Subject { kind: "order".to_owned(), id: ORDER.to_owned(), shown_by: None }],
        started,
        claims,
        exhibits,
        round_before: None,
    }
}

/// The rows of a case's exhibits, as their kinds would show them.
pub fn rows(case: &Case) -> Vec<(Place, Row)> {
    case.exhibits.iter().flat_map(rows_of).collect()
}

fn rows_of(exhibit: &Exhibit) -> Vec<(Place, Row)> {
    let order = || Some(ORDER.to_owned());
    let message = |moment: &str, who, text: &str| Row::Message {
        when: when(moment),
        who,
        sender: String::new(),
        text: text.to_owned(),
        order: order(),
    };
    let rows = match exhibit.kind {
        ExhibitKind::Chat => vec![
            message("2026-11-05T09:58:00+08:00", Who::Buyer, "这款有现货吗"),
            message("2026-11-05T10:00:00+08:00", Who::Merchant, "有的，今天可以发出"),
        ],
        ExhibitKind::Order => vec![Row::Order {
            order: ORDER.to_owned(),
            buyer: Some(BUYER.to_owned()),
            listing: None,
            amount: Some(12_800),
            ordered: Some(when("2026-11-05T10:02:00+08:00")),
            paid: None,
            promised: Some(when("2026-11-07T10:02:00+08:00")),
            sent: None,
            received: None,
            waybill: None,
            status: None,
        }],
        ExhibitKind::Payment => {
            vec![Row::Payment { when: when("2026-11-05T10:03:00+08:00"), order: order(), amount: 12_800, serial: None }]
        }
        ExhibitKind::Logistics => {
            [("2026-11-06T18:00:00+08:00", Step::PickedUp), ("2026-11-07T11:00:00+08:00", Step::Delivered)]
                .map(|(moment, step)| Row::Trace {
                    when: when(moment),
                    waybill: Some(WAYBILL.to_owned()),
                    order: order(),
                    step,
                    text: "顺丰速运".to_owned(),
                })
                .to_vec()
        }
        ExhibitKind::Review => vec![Row::Review {
            when: Some(when("2026-11-07T20:00:00+08:00")),
            review: None,
            order: order(),
            buyer: Some(BUYER.to_owned()),
            stars: Some(1),
            text: "质量太差".to_owned(),
        }],
        _ => Vec::new(),
    };
    let place = |line| Place { exhibit: exhibit.id, line, sheet: String::new() };
    rows.into_iter().zip(1..).map(|(row, line)| (place(line), row)).collect()
}

/// Takes from the rows what shows a stage.
pub fn without_stage(rows: &[(Place, Row)], stage: Stage) -> Vec<(Place, Row)> {
    let keep = |row: &Row| {
        let mut row = row.clone();
        let shows = match &mut row {
            Row::Order { ordered, .. } if stage == Stage::Order => {
                *ordered = None;
                false
            }
            Row::Payment { .. } => stage == Stage::Payment,
            Row::Trace { step: Step::PickedUp, .. } => stage == Stage::Dispatch,
            Row::Trace { step: Step::Delivered, .. } => stage == Stage::Receipt,
            Row::Message { who: Who::Buyer, .. } => stage == Stage::Consultation,
            _ => false,
        };
        (!shows).then_some(row)
    };
    let filler = |row: &Row| {
        keep(row).unwrap_or(Row::Price { when: when("2026-11-05T00:00:00+08:00"), listing: None, amount: 1 })
    };
    rows.iter().map(|(place, row)| (place.clone(), filler(row))).collect()
}

/// SplitMix64.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ z >> 31) % end as u64) as usize
    }
}
