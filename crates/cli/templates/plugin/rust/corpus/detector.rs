//! What must be found and what must not, in every batch size, partition count, order of rows and merge of summaries.

use huoyan_sdk::testkit::{Case, Records, json};

use {{snake}}::*;

const RULES: &[u8] = include_bytes!("../rules/{{name}}.toml");

fn case() -> Case<'static, {{type}}> {
    Case::of::<{{type}}>(include_str!("../manifest.json"))
        .resource("rules/{{name}}", RULES)
        .rules(&[RULE])
}

fn fixture() -> Records {
    Records::from_json_lines("listing", include_str!("../fixtures/{{name}}.jsonl"))
}

#[test]
fn a_price_far_under_the_others_is_found() {
    let seen = case().records(fixture()).run();
    seen.assert_found("L6", RULE.id());
    for quiet in ["L1", "L2", "L3", "L4", "L5", "L7", "L8"] {
        seen.assert_silent(quiet);
    }
}

#[test]
fn the_user_says_how_far_is_too_far() {
    case()
        .config(&json!({"halvings": 2}))
        .records(fixture())
        .run()
        .assert_found("L7", RULE.id());
    case()
        .config(&json!({"halvings": 8}))
        .records(fixture())
        .run()
        .assert_silent("L6");
}

#[test]
fn a_few_prices_have_no_middle() {
    let records = Records::listings([
        ("L1", json!({"price": 100})),
        ("L2", json!({"price": 0.01})),
        ("L3", json!({})),
    ]);
    assert!(case().records(records).run().findings.is_empty());
}

#[test]
fn what_is_no_price_is_passed_over() {
    let odd = [0.0, -5.0, 1e300, 0.004];
    let rows = (0..20).map(|i| {
        (
            format!("L{i}"),
            json!({"price": odd.get(i).copied().unwrap_or(100.0)}),
        )
    });
    assert!(
        case()
            .records(Records::listings(rows))
            .run()
            .findings
            .is_empty()
    );
}
