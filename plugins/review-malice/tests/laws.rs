//! What must not show in the result: how the work is divided, and in which order the reviews came.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
use huoyan_sdk::testkit::{Output, Shape, run};
use huoyan_sdk::{MemoryBatch, MemoryColumn};
use review_malice::sketch::mix;
use review_malice::{MANIFEST, RESOURCES, ReviewMalice};

struct Row {
    id: String,
    listing: String,
    shop: String,
    reviewer: Option<String>,
    rating: f64,
    text: String,
    time: i64,
    delay: f64,
    age: f64,
}

const DAY: i64 = 86_400;
const WORDS: [&str; 12] =
    ["面料", "拉链", "有点薄", "颜色", "不太喜欢", "穿着", "还算舒服", "洗了一次", "起球", "尺码", "客服", "回复慢"];

/// A small platform: 60 listings with ordinary reviews, and one listing hit by eight accounts in two days.
fn world() -> Vec<Row> {
    let mut rows = Vec::new();
    for i in 0..1_500u64 {
        let r = |k: u64| mix(i * 31 + k);
        let text = (0..6).map(|k| WORDS[(r(10 + k) % 12) as usize]).collect::<Vec<_>>().join("，");
        rows.push(Row {
            id: format!("g{i}"),
            listing: format!("l{}", r(1) % 60),
            shop: format!("s{}", r(1) % 60 / 4),
            reviewer: (r(2) % 10 > 0).then(|| format!("u{}", r(3) % 900)),
            rating: [5.0, 5.0, 4.0, 5.0, 3.0, 1.0, 2.0][(r(4) % 7) as usize],
            text,
            time: 1_700_000_000 + (r(5) % 400) as i64 * DAY + (r(6) % 86_400) as i64,
            delay: 30.0 + (r(7) % 300) as f64,
            age: 50.0 + (r(8) % 2_000) as f64,
        });
    }
    for i in 0..8i64 {
        rows.push(Row {
            id: format!("a{i}"),
            listing: "l7".into(),
            shop: "s1".into(),
            reviewer: Some(format!("x{i}")),
            rating: 1.0,
            text: format!("第{i}次碰上这种店，扣子一拽就飞出去老远，别在这家上当"),
            time: 1_715_000_000 + i * 9_000,
            delay: 2.0,
            age: 1.0,
        });
    }
    rows
}

fn batch(rows: &[Row]) -> MemoryBatch {
    let text = |name: &str, f: fn(&Row) -> Option<&str>| MemoryColumn::text(name, rows.iter().map(f));
    MemoryBatch::new(vec![
        text("_record", |r| Some(&r.id)),
        text("listing_id", |r| Some(&r.listing)),
        text("shop_id", |r| Some(&r.shop)),
        text("reviewer_id", |r| r.reviewer.as_deref()),
        text("text", |r| Some(&r.text)),
        MemoryColumn::float("rating", rows.iter().map(|r| Some(r.rating))),
        MemoryColumn::integer("created_at", rows.iter().map(|r| Some(r.time))),
        MemoryColumn::boolean("verified_purchase", rows.iter().map(|_| Some(true))),
        MemoryColumn::boolean("refunded", rows.iter().map(|_| None)),
        MemoryColumn::float("hours_since_delivery", rows.iter().map(|r| Some(r.delay))),
        MemoryColumn::float("account_age_days", rows.iter().map(|r| Some(r.age))),
    ])
    .unwrap()
}

fn judge(rows: &[Row], shape: Shape) -> Output {
    run::<ReviewMalice>(MANIFEST, "{}", &RESOURCES, &[("review", &batch(rows))], shape).unwrap()
}

#[test]
fn every_review_gets_a_score_and_the_campaign_stands_out() {
    let out = judge(&world(), Shape::default());
    assert_eq!(out.scores.len(), 1_508);
    for i in 0..8 {
        assert!(out.scores[&format!("a{i}")] >= 0.5, "a{i}: {}", out.scores[&format!("a{i}")]);
    }
    let innocent = out.scores.iter().filter(|(id, score)| id.starts_with('g') && **score >= 0.5).count();
    assert!(innocent <= 3, "{innocent} of 1500 innocent reviews are suspected");
    let finding = out.findings.iter().find(|f| f.record == "a3").unwrap();
    assert!(finding.members.len() >= 3 && finding.members.iter().all(|m| m.starts_with('a')), "{finding:?}");
    let evidence: serde_json::Value = serde_json::from_str(&finding.evidence).unwrap();
    let sum: f64 = evidence["ledger"].as_array().unwrap().iter().map(|e| e["contribution"].as_f64().unwrap()).sum();
    assert_eq!(finding.score, 1.0 / (1.0 + (-sum).exp()));
    assert!(evidence["families"].as_array().unwrap().len() >= 2);
    assert!(evidence["window"]["observed"].as_f64() > evidence["window"]["expected"].as_f64());
}

#[test]
fn neither_order_nor_batches_nor_partitions_nor_merge_order_show() {
    let rows = world();
    let one = judge(&rows, Shape::default());
    let mut shuffled = world();
    shuffled.sort_by_key(|row| mix(row.time as u64 ^ row.age.to_bits() ^ row.id.len() as u64));
    for shape in [
        Shape { batch_rows: 1, partitions: 3, merge_backwards: true },
        Shape { batch_rows: 77, partitions: 7, merge_backwards: false },
    ] {
        let other = judge(&shuffled, shape);
        assert_eq!(one.scores, other.scores);
        assert_eq!(one.findings, other.findings);
    }
}

#[test]
fn masked_and_missing_names_never_form_an_account() {
    let mut rows = world();
    for row in &mut rows {
        row.reviewer = Some("j***k".into());
    }
    let masked = judge(&rows, Shape::default());
    for row in &mut rows {
        row.reviewer = None;
    }
    assert_eq!(masked.scores, judge(&rows, Shape::default()).scores);
}

#[test]
fn an_account_with_one_review_is_neutral() {
    let mut rows = world();
    rows.truncate(1_500);
    for (i, row) in rows.iter_mut().enumerate() {
        row.reviewer = Some(format!("only{i}"));
    }
    let named = judge(&rows, Shape::default());
    for row in &mut rows {
        row.reviewer = None;
    }
    assert_eq!(named.scores, judge(&rows, Shape::default()).scores);
}

#[test]
fn broken_values_are_survived() {
    let mut rows = world();
    for (i, row) in rows.iter_mut().enumerate().take(60) {
        row.time = [i64::MAX, i64::MIN, 0, -1][i % 4];
        row.delay = [f64::NAN, f64::INFINITY, -5.0, 1e300][i % 4];
        row.age = [f64::NAN, -1.0, f64::NEG_INFINITY, 1e300][i / 4 % 4];
        row.rating = [f64::NAN, -3.0, 1e9, 0.0][i / 16 % 4];
        row.text = ["", "\u{0}", "。。。", "😀"][i % 4].repeat(i);
        row.listing = ["", " ", "l1", "l2"][i % 4].into();
    }
    assert_eq!(judge(&rows, Shape::default()).scores.len(), 1_508);
}

/// What a finding cites is what it rests on: without the other reviews of its campaign, each review of it is one more bad review.
#[test]
fn without_the_others_of_its_campaign_a_review_is_no_longer_suspected() {
    let whole = judge(&world(), Shape::default());
    let (mut flagged, mut dropped) = (0, 0);
    for i in 0..8 {
        let id = format!("a{i}");
        let finding = whole.findings.iter().find(|f| f.record == id && f.score >= 0.5).unwrap();
        let mut rows = world();
        rows.retain(|row| row.id == id || !(row.id.starts_with('a') || finding.members.contains(&row.id)));
        flagged += 1;
        dropped += usize::from(judge(&rows, Shape::default()).scores[&id] < 0.5);
    }
    assert_eq!((flagged, dropped), (8, 8));
}

/// The ledger's own account of it: with the families it cites taken away, hardly any score stays at one half.
#[test]
fn without_the_families_a_finding_cites_its_score_falls_under_one_half() {
    let out = judge(&world(), Shape::default());
    let mut falls = Vec::new();
    for finding in out.findings.iter().filter(|f| f.score >= 0.5) {
        let evidence: serde_json::Value = serde_json::from_str(&finding.evidence).unwrap();
        let without = evidence["counterfactual"].as_array().unwrap();
        let cited: Vec<&str> = without.iter().map(|w| w["without"].as_str().unwrap()).collect();
        let entries = evidence["ledger"].as_array().unwrap();
        let left = entries.iter().filter(|e| !cited.contains(&e["family"].as_str().unwrap()));
        falls.push(left.map(|e| e["contribution"].as_f64().unwrap()).sum::<f64>() < 0.0);
        // The crowd is one for independence, whether by its number or by what it is like.
        let families: Vec<&str> =
            evidence["families"].as_array().unwrap().iter().map(|f| f.as_str().unwrap()).collect();
        assert!(families.iter().all(|family| cited.contains(family)));
        assert!(!(families.contains(&"burst") && families.contains(&"company")));
        assert!(without.iter().all(|w| (0.0..=1.0).contains(&w["score"].as_f64().unwrap())));
    }
    assert!(falls.len() >= 8);
    assert!(falls.iter().filter(|fell| **fell).count() * 100 >= falls.len() * 99, "{falls:?}");
}

#[test]
fn evidence_names_accounts_by_pseudonyms_and_passages_by_their_bytes() {
    let rows = world();
    let out = judge(&rows, Shape::default());
    for finding in out.findings.iter().filter(|f| f.record.starts_with('a')) {
        assert!(!finding.evidence.contains("\"x"), "an account's id stands in {}", finding.evidence);
        let evidence: serde_json::Value = serde_json::from_str(&finding.evidence).unwrap();
        assert!(evidence["review"]["account"].as_str().unwrap().starts_with("acc-"));
        let text = |id: &str| &rows.iter().find(|row| row.id == id).unwrap().text;
        let copies = evidence["copies"].as_array().unwrap();
        assert!(!copies.is_empty());
        for copy in copies {
            let other = text(copy["record"].as_str().unwrap());
            for span in copy["shared"].as_array().unwrap() {
                let at = |i: usize| span[i].as_u64().unwrap() as usize;
                let (mine, theirs) = (&text(&finding.record)[at(0)..at(1)], &other[at(2)..at(3)]);
                assert_eq!(mine, theirs);
                assert!(mine.chars().count() >= 3);
            }
        }
    }
}

/// However many accounts post one long text on a listing, it does not become everybody's words.
#[test]
fn a_flood_of_one_text_is_seen() {
    let mut rows = world();
    rows.truncate(1_500);
    for i in 0..200i64 {
        rows.push(Row {
            id: format!("f{i}"),
            listing: "l9".into(),
            shop: "s2".into(),
            reviewer: Some(format!("y{i}")),
            rating: 1.0,
            text: "扣子一拽就飞出去老远，线头到处都是，这种东西也敢拿出来卖".into(),
            time: 1_715_000_000 + i * 700,
            delay: 100.0,
            age: 500.0,
        });
    }
    let out = judge(&rows, Shape::default());
    let seen = (0..200).filter(|i| out.scores[&format!("f{i}")] >= 0.5).count();
    assert!(seen >= 190, "{seen} of 200");
    let one = out.findings.iter().find(|f| f.record == "f100").unwrap();
    let evidence: serde_json::Value = serde_json::from_str(&one.evidence).unwrap();
    assert!(evidence["families"].as_array().unwrap().iter().any(|family| family == "copy"), "{}", one.evidence);
    assert!(one.members.len() >= 5);
}
