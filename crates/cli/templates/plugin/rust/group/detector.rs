//! What must be found and what must not, in every batch size, partition count and order of rows.

use huoyan_sdk::testkit::{Case, Records, json};

use {{snake}}::*;

const RULES: &[u8] = include_bytes!("../rules/{{name}}.toml");

fn case() -> Case<'static, {{type}}> {
    Case::of::<{{type}}>(include_str!("../manifest.json"))
        .resource("rules/{{name}}", RULES)
        .rules(&[RULE])
}

fn fixture() -> Records {
    Records::from_json_lines("review", include_str!("../fixtures/{{name}}.jsonl"))
}

#[test]
fn repeated_reviews_of_one_account_are_found() {
    let seen = case().records(fixture()).run();
    for record in ["R1", "R2", "R3"] {
        seen.assert_found(record, RULE.id());
    }
    // Another account's, and short ones that many people write.
    for quiet in ["R4", "R5", "R6", "R7"] {
        seen.assert_silent(quiet);
    }
    assert_eq!(seen.findings[0].members, ["R2", "R3"]);
}

#[test]
fn of_many_members_a_finding_names_some() {
    let text = "质量非常好，物流也快，推荐购买";
    let row = |i| (format!("R{i}"), json!({"reviewer_id": "u1", "text": text}));
    let seen = case().records(Records::reviews((0..150).map(row))).run();
    assert_eq!(seen.findings.len(), 150);
    for finding in &seen.findings {
        assert_eq!(finding.members.len(), MEMBERS);
        assert!(finding.evidence.contains("150"), "{}", finding.evidence);
    }
}

#[test]
fn the_user_says_how_many_are_too_many() {
    let seen = case()
        .config(&json!({"at_least": 4}))
        .records(fixture())
        .run();
    assert!(seen.findings.is_empty(), "{:?}", seen.findings);
}

#[test]
fn reviews_without_account_or_text_form_no_group() {
    let text = "质量非常好，物流也快，推荐购买";
    let rows = (0..9).map(|i| match i % 3 {
        0 => (format!("R{i}"), json!({"text": text})),
        1 => (format!("R{i}"), json!({"reviewer_id": "u1"})),
        _ => (
            format!("R{i}"),
            json!({"reviewer_id": format!("u{i}"), "text": text}),
        ),
    });
    assert!(
        case()
            .records(Records::reviews(rows))
            .run()
            .findings
            .is_empty()
    );
}
