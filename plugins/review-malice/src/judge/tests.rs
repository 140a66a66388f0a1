//! What evidence says of a small platform on which a campaign, a bad batch and a crowd meet.

use huoyan_sdk::testkit::{Output, Shape, run};
use huoyan_sdk::{MemoryBatch, MemoryColumn};
use serde_json::Value;

use crate::signal::Signal;
use crate::sketch::mix;
use crate::{MANIFEST, RESOURCES, ReviewMalice};

const DAY: i64 = 86_400;
const START: i64 = 1_700_000_000;
const WORDS: [&str; 12] =
    ["面料", "拉链", "有点薄", "颜色", "不太喜欢", "穿着", "还算舒服", "洗了一次", "起球", "尺码", "客服", "回复慢"];

#[derive(Clone)]
struct Row {
    id: String,
    listing: String,
    reviewer: String,
    rating: f64,
    text: String,
    time: i64,
    refunded: bool,
    delay: f64,
    age: f64,
}

/// An ordinary review; any two numbers make two that have nothing to do with each other.
fn ordinary(i: u64, listing: String, rating: f64, time: i64) -> Row {
    let r = |k: u64| mix(i * 31 + k);
    Row {
        id: format!("g{i}"),
        listing,
        reviewer: format!("u{}", r(3) % 900),
        rating,
        text: (0..6).map(|k| WORDS[(r(10 + k) % 12) as usize]).collect::<Vec<_>>().join("，"),
        time,
        refunded: r(9) % 9 == 0,
        delay: 30.0 + (r(7) % 300) as f64,
        age: 50.0 + (r(8) % 2_000) as f64,
    }
}

fn world() -> Vec<Row> {
    let of = |i: u64| {
        let r = |k: u64| mix(i * 31 + k);
        let time = START + (r(5) % 400) as i64 * DAY + (r(6) % 86_400) as i64;
        ordinary(i, format!("l{}", r(1) % 60), [5.0, 5.0, 4.0, 5.0, 3.0, 1.0, 2.0][(r(4) % 7) as usize], time)
    };
    (0..1_500).map(of).collect()
}

fn attack(i: i64) -> Row {
    Row {
        id: format!("a{i}"),
        listing: "l7".into(),
        reviewer: format!("x{i}"),
        rating: 1.0,
        text: format!("第{i}次碰上这种店，电话1381234567{i}，扣子一拽就飞出去老远，别在这家上当"),
        time: START + 170 * DAY + i * 9_000,
        refunded: false,
        delay: 2.0,
        age: 1.0,
    }
}

fn judged(rows: &[Row]) -> Output {
    let text = |name: &str, f: fn(&Row) -> &str| MemoryColumn::text(name, rows.iter().map(|row| Some(f(row))));
    let reviews = MemoryBatch::new(vec![
        text("_record", |r| &r.id),
        text("listing_id", |r| &r.listing),
        text("shop_id", |r| &r.listing),
        text("reviewer_id", |r| &r.reviewer),
        text("text", |r| &r.text),
        MemoryColumn::float("rating", rows.iter().map(|r| Some(r.rating))),
        MemoryColumn::integer("created_at", rows.iter().map(|r| Some(r.time))),
        MemoryColumn::boolean("verified_purchase", rows.iter().map(|_| Some(true))),
        MemoryColumn::boolean("refunded", rows.iter().map(|r| Some(r.refunded))),
        MemoryColumn::float("hours_since_delivery", rows.iter().map(|r| Some(r.delay))),
        MemoryColumn::float("account_age_days", rows.iter().map(|r| Some(r.age))),
    ])
    .unwrap();
    run::<ReviewMalice>(MANIFEST, r#"{"report_from":0}"#, &RESOURCES, &[("review", &reviews)], Shape::default())
        .unwrap()
}

fn evidence(out: &Output, record: &str) -> Value {
    serde_json::from_str(&out.findings.iter().find(|f| f.record == record).unwrap().evidence).unwrap()
}

fn with(more: impl Iterator<Item = Row>) -> Vec<Row> {
    world().into_iter().chain(more).collect()
}

#[test]
fn the_composition_of_a_campaign_is_a_plain_count_of_its_others() {
    let told = evidence(&judged(&with((0..8).map(attack))), "a3");
    let composition = &told["composition"];
    assert_eq!(composition["reads_as"], "unusual", "{composition}");
    assert_eq!(composition["others"].as_f64(), told["window"]["observed"].as_f64().map(|observed| observed - 1.0));
    for (of, row) in composition["rows"].as_object().unwrap() {
        let [observed, known, expected, p] = [0, 1, 2, 3].map(|i| row[i].as_f64().unwrap());
        assert!((0.0..=1.0).contains(&p) && observed <= known && expected <= known, "{of} {row}");
        if matches!(of.as_str(), "fresh_accounts" | "fast_reviews" | "shared_phrasing") {
            assert!(observed >= 7.0 && p < 1e-4, "{of} {row}");
        }
        if of == "unverified" || of == "refunded" {
            assert!(observed <= 1.0 && p > 0.05, "{of} {row}");
        }
    }
}

#[test]
fn a_bad_batch_of_ordinary_buyers_is_told_to_be_one() {
    let batch = (0..14).map(|i| {
        let mut row = ordinary(9_000 + i, "l9".into(), 1.0, START + 200 * DAY + i as i64 * 40_000);
        row.refunded = i % 2 == 0;
        Row { id: format!("b{i}"), reviewer: format!("w{i}"), ..row }
    });
    let out = judged(&with(batch));
    for i in 0..14 {
        let told = evidence(&out, &format!("b{i}"));
        assert_eq!(told["composition"]["reads_as"], "ordinary_buyers", "{}", told["composition"]);
    }
}

#[test]
fn copies_are_laid_side_by_side_and_the_other_ones_contacts_are_masked() {
    let rows = with((0..8).map(attack));
    let out = judged(&rows);
    for i in 0..8 {
        let told = evidence(&out, &format!("a{i}"));
        let copies = told["copies"].as_array().unwrap();
        assert!((1..=3).contains(&copies.len()));
        assert!(copies[0]["own"].is_array());
        for copy in copies {
            let text = |id: &str| &rows.iter().find(|row| row.id == id).unwrap().text;
            let span = copy["shared"][0].as_array().unwrap();
            let at = |i: usize| span[i].as_u64().unwrap() as usize;
            let (own, other) =
                (&text(&format!("a{i}"))[at(0)..at(1)], &text(copy["record"].as_str().unwrap())[at(2)..at(3)]);
            let told = copy["other"].as_array().unwrap_or_else(|| copy["own"].as_array().unwrap());
            let said: String = told.iter().map(|part| part.as_str().unwrap()).collect();
            assert!(said.chars().count() <= 122 && !said.contains("138"), "{said}");
            assert_eq!(told[1].as_str().unwrap(), other.replace(|c: char| c.is_ascii_digit(), "*"));
            assert_eq!(own.chars().count(), other.chars().count());
        }
    }
}

#[test]
fn the_score_without_a_signal_is_what_the_model_says_without_it() {
    let out = judged(&with((0..8).map(attack)));
    let model = crate::model(std::str::from_utf8(RESOURCES[0].1.to_vec().as_slice()).unwrap()).unwrap();
    let mut seen = 0;
    for finding in out.findings.iter().filter(|f| f.record.starts_with('a')) {
        let told: Value = serde_json::from_str(&finding.evidence).unwrap();
        let (side, stratum) = (0, super::STRATA.iter().position(|s| told["stratum"] == *s));
        for entry in told["ledger"].as_array().unwrap() {
            let signal = Signal::ALL.iter().position(|s| entry["signal"] == s.as_str());
            let raises = signal.is_some() && entry["contribution"].as_f64().unwrap() > 0.0;
            assert_eq!(raises, entry["without"].is_number(), "{entry}");
            if let Some(at) = signal.filter(|_| raises) {
                let mut values: Vec<f32> =
                    Signal::ALL.iter().map(|s| told["signals"][s.as_str()].as_f64().unwrap_or(0.0) as f32).collect();
                values[at] = 0.0;
                let without = model.judge(side, stratum, &values).score();
                assert!((without - entry["without"].as_f64().unwrap()).abs() <= 5e-5, "{entry} {without}");
                seen += 1;
            }
        }
    }
    assert!(seen > 20);
}

#[test]
fn of_a_crowd_few_tell_everything_and_the_others_sum_to_the_same_score() {
    let crowd = (0..320).map(|i| Row {
        id: format!("c{i}"),
        reviewer: format!("y{i}"),
        time: START + 170 * DAY + i * 500,
        ..attack(i)
    });
    let out = judged(&with(crowd));
    let crowd: Vec<_> = out.findings.iter().filter(|f| f.record.starts_with('c')).collect();
    let mut brief = 0;
    for finding in &crowd {
        let told: Value = serde_json::from_str(&finding.evidence).unwrap();
        let sum: f64 = told["ledger"].as_array().unwrap().iter().map(|e| e["contribution"].as_f64().unwrap()).sum();
        assert_eq!(finding.score, 1.0 / (1.0 + (-sum).exp()));
        assert!(told["window"]["observed"].as_f64() >= Some(256.0) && told["composition"]["reads_as"] == "unusual");
        if told["brief"] == true {
            brief += 1;
            assert!(finding.evidence.len() < 1_600, "{} bytes: {}", finding.evidence.len(), finding.evidence);
        }
    }
    assert!(brief * 10 >= crowd.len() * 8 && brief < crowd.len(), "{brief} of {}", crowd.len());
}
