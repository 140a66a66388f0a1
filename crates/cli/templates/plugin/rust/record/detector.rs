//! What must be found and what must not, in every batch size, partition count and order of rows.

use huoyan_sdk::EachRecord;
use huoyan_sdk::testkit::{Case, Records, json};

use {{snake}}::*;

const RULES: &[u8] = include_bytes!("../rules/{{name}}.toml");

fn case() -> Case<'static, EachRecord<{{type}}>> {
    Case::each_record::<{{type}}>(include_str!("../manifest.json"))
        .resource("rules/{{name}}", RULES)
        .rules(&[RULE])
}

#[test]
fn runs_of_marks_are_found_where_they_stand() {
    let seen = case()
        .records(Records::listings([
            ("L1", json!({"title": "全场五折!!!快来"})),
            ("L2", json!({"title": "限时抢购！！！！手慢无"})),
            ("L3", json!({"title": "真的很好用!! 新品上市!"})),
            ("L4", json!({"title": ""})),
            ("L5", json!({"price": 9.9})),
        ]))
        .run();
    seen.assert_matched("L1", RULE.id(), "!!!");
    seen.assert_matched("L2", RULE.id(), "！！！！");
    for quiet in ["L3", "L4", "L5"] {
        seen.assert_silent(quiet);
    }
}

#[test]
fn the_user_says_how_many_are_too_many() {
    let records = || Records::listings([("L1", json!({"title": "真的很好用!!"}))]);
    case()
        .config(&json!({"at_least": 2}))
        .records(records())
        .run()
        .assert_found("L1", RULE.id());
    case()
        .config(&json!({"at_least": 3}))
        .records(records())
        .run()
        .assert_silent("L1");
    let why = case()
        .config(&json!({"at_last": 2}))
        .records(records())
        .error();
    assert_eq!(
        why,
        "there is no setting 'at_last'; the settings are at_least"
    );
}

#[test]
fn the_fixture_behaves_as_it_says() {
    let fixture = include_str!("../fixtures/{{name}}.jsonl");
    let seen = case()
        .records(Records::from_json_lines("listing", fixture))
        .run();
    let found: Vec<&str> = seen.findings.iter().map(|f| f.record.as_str()).collect();
    assert_eq!(found, ["L1", "L4"]);
}
