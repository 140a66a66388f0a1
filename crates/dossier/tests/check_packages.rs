//! The check names exactly what was taken out of a complete case, for every type of package.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod samples;

use huoyan_dossier::case::Case;
use huoyan_dossier::check::{Completeness, Lack, Missing, Subject, Tables, check};
use huoyan_dossier::package::{Packages, TableError, Targets, Type};
use huoyan_dossier::records::{Place, Row};
use huoyan_dossier::timeline::Stage;
use samples::{at, items, rows, without_stage};

fn look_with(case: &Case, rows: &[(Place, Row)]) -> Completeness {
    let subject = Subject { case, rows, unread: &[], gaps: &[], statement: None };
    check(&subject, &Tables::built_in(), at("2026-11-13T09:00:00+08:00"))
}

fn look(case: &Case) -> Completeness {
    look_with(case, &rows(case))
}

fn types() -> impl Iterator<Item = &'static Type> {
    Packages::built_in().iter()
}

/// The case without the exhibit of an item, and without the claim that cites it.
fn without(case: &Case, number: usize) -> Case {
    let mut case = case.clone();
    let id = case.exhibits.remove(number).id;
    case.claims.retain(|claim| !claim.exhibits.contains(&id));
    case
}

fn only(found: &Completeness, context: &str) -> Missing {
    assert!(!found.complete, "{context}");
    let [missing] = found.missing.as_slice() else { panic!("{context}: {:#?}", found.missing) };
    missing.clone()
}

#[test]
fn nothing_is_missing_in_complete_cases() {
    let mut cases = 0;
    for package in types() {
        let alternatives = package.one_of.iter().map(|group| group.items.len()).max().unwrap_or(1);
        for alternative in 0..alternatives {
            let found = look(&samples::case(package, alternative));
            assert_eq!(found.missing, [], "{} {alternative}", package.id);
            assert!(found.complete, "{}: {found:#?}", package.id);
            assert_eq!(
                found.principles.iter().map(|p| p.score).collect::<Vec<_>>(),
                [100; 3],
                "{}: {:#?}",
                package.id,
                found.principles
            );
            cases += 1;
        }
    }
    assert_eq!(types().count(), 13);
    println!("complete cases: {cases}");
    assert!(cases >= 25, "{cases}");
}

#[test]
fn each_item_taken_out_is_named_and_nothing_else() {
    let mut cases = 0;
    for package in types() {
        let complete = samples::case(package, 0);
        let names: Vec<&str> =
            package.required.iter().map(String::as_str).chain(package.one_of.iter().map(|g| g.id.as_str())).collect();
        assert_eq!(names.len(), complete.exhibits.len(), "{}", package.id);
        for (number, name) in names.iter().enumerate() {
            let found = look(&without(&complete, number));
            let context = format!("{} without {name}", package.id);
            let missing = only(&found, &context);
            assert_eq!((missing.item.as_str(), &missing.lack), (*name, &Lack::Absent), "{context}");
            assert!(missing.action.zh.starts_with("缺少：") && missing.action.en.starts_with("missing: "), "{context}");
            assert!(missing.source.is_some() && !missing.why.zh.is_empty() && !missing.how.en.is_empty(), "{context}");
            let hurt = found.principles.iter().find(|score| score.principle == missing.principle).unwrap();
            assert!(hurt.score < 100, "{context}");
            cases += 1;
        }
    }
    println!("items taken out: {cases}");
    assert_eq!(cases, 83);
}

#[test]
fn each_fact_taken_off_is_named_with_its_exhibit() {
    let mut cases = 0;
    for package in types() {
        let complete = samples::case(package, 0);
        for (number, item) in items(package, 0).into_iter().enumerate() {
            for fact in &item.needs {
                let mut case = complete.clone();
                case.exhibits[number].facts.remove(fact);
                // Its waybill may be what ties it to the deal; here the order does.
                let missing = only(&look(&case), &format!("{} {} {fact}", package.id, item.id));
                let exhibit = case.exhibits[number].id;
                assert_eq!(missing.lack, Lack::Facts { exhibit, facts: vec![fact.clone()] }, "{}", package.id);
                assert!(missing.action.zh.contains(&exhibit.to_string()), "{missing:?}");
                cases += 1;
            }
        }
    }
    println!("facts taken off: {cases}");
    assert!(cases >= 50, "{cases}");
}

#[test]
fn each_stage_that_the_rows_do_not_show_is_named_with_its_item() {
    let mut cases = 0;
    for package in types() {
        let case = samples::case(package, 0);
        let all = rows(&case);
        for stage in package.stages.iter().filter(|stage| **stage != Stage::Review) {
            let missing = only(&look_with(&case, &without_stage(&all, *stage)), &format!("{} {stage:?}", package.id));
            assert_eq!(missing.lack, Lack::Stage { stage: *stage });
            assert!(Packages::built_in().item(&missing.item).unwrap().covers.contains(stage));
            cases += 1;
        }
    }
    println!("stages taken out: {cases}");
    assert_eq!(cases, 19);
}

#[test]
fn a_missing_chat_is_named_with_the_days_of_the_deal() {
    let package = Packages::built_in().get("malicious_review").unwrap();
    let missing = only(&look(&without(&samples::case(package, 0), 1)), "chat");
    assert_eq!(missing.action.zh, "缺少：与该买家 11-05 至 11-07 的聊天记录（连续性）");
    assert_eq!(missing.action.en, "missing: the chat with this buyer from 2026-11-05 to 2026-11-07 (continuity)");
}

#[test]
fn tables_name_their_faults() {
    let table = include_str!("../data/packages.toml");
    assert!(matches!(Packages::parse("x"), Err(TableError::Form { .. })));
    assert!(matches!(
        Packages::parse(&table.replace("kinds = [\"chat\"]", "kinds = [\"chats\"]")),
        Err(TableError::Form { .. })
    ));
    let wrong = |from: &str, to: &str| Packages::parse(&table.replacen(from, to, 1)).unwrap_err().to_string();
    assert_eq!(wrong("id = \"payment\"", "id = \"order\""), "'order' is written twice; rename one");
    assert_eq!(
        wrong("required = [\"review_shot\",", "required = [\"review_shots\","),
        "'malicious_review' names the item 'review_shots', which is not there; add it or correct the name"
    );
    assert_eq!(
        wrong("deadlines = [\"appeal\"]", "deadlines = [\"appeals\"]"),
        "'malicious_review' names the deadline 'appeals', which is not there; add it or correct the name"
    );
    assert_eq!(wrong("kinds = [\"chat\"]", "kinds = []"), "'chat_buyer' has no kinds; add one");
    assert!(wrong("source = \"reviews\"", "source = \"nowhere\"").contains("source 'nowhere'"));
    let targets = include_str!("../data/targets.toml");
    assert!(matches!(Targets::parse(&targets.replace("\"court\"", "\"samr\"")), Err(TableError::Twice { .. })));
}

#[test]
fn limits_of_targets_are_known_or_not_checked() {
    let targets = Targets::built_in();
    assert_eq!(targets.get("douyin").unwrap().limits().raw_bytes(), 20_000_000);
    assert_eq!(targets.get("douyin_mail").unwrap().limits().raw_bytes(), 14_615_370);
    assert_eq!(targets.get("court").unwrap().max_file_bytes, None);
    assert!(targets.iter().all(|target| target.mail.is_none()), "no address has a source yet");
}
