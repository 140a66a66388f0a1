//! Complete cases written by hand, one line for each exhibit, so that the check is not measured by the table that it reads.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod samples;

use huoyan_dossier::case::Case;
use huoyan_dossier::check::{Completeness, Subject, Tables, check};
use samples::{BUYER, ORDER, WAYBILL, at, rows};
use serde_json::{Map, Value, json};

/// Kind, party, facts, and what the check calls it when it is not there.
type Line = (&'static str, &'static str, &'static [(&'static str, &'static str)], &'static str);

const REVIEW: &[Line] = &[
    ("review", "buyer", &[], "review_shot"),
    ("chat", "merchant", &[], "chat_buyer"),
    ("buyer_record", "merchant", &[("period", "2026-01-01 至 2026-11-10")], "buyer_record"),
    ("order", "merchant", &[], "order"),
    ("payment", "payment", &[], "payment"),
    ("logistics", "carrier", &[("waybill", WAYBILL)], "logistics"),
];
const SHIPPING: &[Line] = &[
    ("platform_notice", "platform", &[("notice_no", "DY-2026-8841")], "penalty_notice"),
    ("listing", "merchant", &[("promised_hours", "48")], "ship_promise"),
    ("order", "merchant", &[], "order"),
    ("payment", "platform", &[], "payment"),
    ("logistics", "platform", &[("waybill", WAYBILL)], "logistics"),
    ("chat", "merchant", &[], "chat_buyer"),
    ("document", "carrier", &[], "cause"),
];
const BRAND: &[Line] = &[
    ("licence", "merchant", &[("registration_no", "第 30651128 号"), ("owner", "青禾家居有限公司")], "registration"),
    ("licence", "merchant", &[("licence_no", "91330106MA2X1A2B3C"), ("valid_until", "2030-12-31")], "licence"),
    ("listing", "merchant", &[], "infringing_listing"),
    ("picture", "merchant", &[], "comparison"),
    ("document", "merchant", &[], "notice_letter"),
    ("order", "merchant", &[], "test_purchase"),
    ("receipt", "timestamp", &[], "fixed_by_third"),
];

fn case(package: &str, started: Value, lines: &[Line]) -> Case {
    let exhibits: Vec<Value> = lines
        .iter()
        .enumerate()
        .map(|(n, (kind, party, facts, _))| {
            let (id, facts) =
                (format!("E{:02}", n + 1), facts.iter().map(|(name, value)| (name.to_string(), json!(value))));
            json!({
                "id": id, "kind": kind, "class": "file", "title": format!("材料 {}", n + 1),
                "source": {"party": party, "system": "抖店后台", "uri": ""},
                "captured_at": "2026-11-12T10:00:00+08:00", "captured_by": "李店员", "method": "export",
                "added_at": "2026-11-12T10:05:00+08:00", "file": format!("exhibits/{id}/{n}.csv"),
                "bytes": 100 + n, "sha256": format!("{:064x}", n + 1), "media_type": "text/csv",
                "links": {"orders": [ORDER], "buyers": [BUYER]}, "facts": facts.collect::<Map<_, _>>(),
            })
        })
        .collect();
    let claims: Vec<Value> = (1..=lines.len())
        .map(|n| json!({"id": format!("C{n}"), "text": format!("材料 {n} 与记录一致"), "exhibits": [format!("E{n:02}")], "on_cover": n <= 3}))
        .collect();
    serde_json::from_value(json!({
        "schema": "huoyan-case/1", "id": "CASE-20261112-0001", "type": package, "target": "douyin",
        "shop": {"id": "12345678", "name": "青禾家居旗舰店", "contact": "李店员"},
        "opened_at": "2026-11-12T09:00:00+08:00", "started": started,
        "subjects": [{"kind": "order", "id": ORDER}], "claims": claims, "exhibits": exhibits,
    }))
    .unwrap()
}

fn look(case: &Case) -> Completeness {
    let rows = rows(case);
    let subject = Subject { case, rows: &rows, unread: &[], gaps: &[], statement: None };
    check(&subject, &Tables::built_in(), at("2026-11-13T09:00:00+08:00"))
}

#[test]
fn three_cases_written_by_hand_are_complete_and_each_exhibit_taken_out_is_named() {
    let notice = json!({"penalty_notice": "2026-11-10T09:00:00+08:00"});
    for (package, started, lines) in [
        ("malicious_review", notice.clone(), REVIEW),
        ("ship_timeout", notice, SHIPPING),
        ("brand_notice", json!({}), BRAND),
    ] {
        let complete = case(package, started, lines);
        let found = look(&complete);
        assert!(found.complete && found.missing.is_empty(), "{package}: {found:#?}");
        for (number, (.., name)) in lines.iter().enumerate() {
            let mut lacking = complete.clone();
            let id = lacking.exhibits.remove(number).id;
            lacking.claims.retain(|claim| !claim.exhibits.contains(&id));
            let missing: Vec<String> = look(&lacking).missing.into_iter().map(|missing| missing.item).collect();
            assert_eq!(missing, [*name], "{package}");
        }
    }
}
