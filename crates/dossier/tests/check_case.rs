//! What else the check says of a case.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod samples;

use huoyan_dossier::case::{Case, Claim, Party};
use huoyan_dossier::check::{Completeness, Deal, Gap, Lack, Subject, Tables, check};
use huoyan_dossier::lint::{ExhibitId, Kind, Who};
use huoyan_dossier::package::{Packages, Principle};
use huoyan_dossier::records::{Place, Row};
use huoyan_dossier::timeline::{Timeline, Zone};
use samples::{BUYER, ORDER, at, rows, when};

fn sample() -> Case {
    samples::case(Packages::built_in().get("malicious_review").unwrap(), 0)
}

fn look(case: &Case, rows: &[(Place, Row)], statement: Option<&str>) -> Completeness {
    let subject = Subject { case, rows, unread: &[], gaps: &[], statement };
    check(&subject, &Tables::built_in(), at("2026-11-13T09:00:00+08:00"))
}

fn say(rows: &mut Vec<(Place, Row)>, who: Who, text: &str) {
    let place = Place { exhibit: ExhibitId(2), line: 9, sheet: String::new() };
    let (when, order) = (when("2026-11-07T21:00:00+08:00"), Some(ORDER.to_owned()));
    rows.push((place, Row::Message { when, who, sender: String::new(), text: text.to_owned(), order }));
}

#[test]
fn a_claim_without_an_exhibit_and_an_unknown_exhibit_are_named() {
    let mut case = sample();
    let claim = |id: &str, exhibits: &[u16]| Claim {
        id: id.to_owned(),
        text: "买家要求退款".to_owned(),
        exhibits: exhibits.iter().copied().map(ExhibitId).collect(),
        on_cover: false,
    };
    case.claims.extend([claim("C8", &[]), claim("C9", &[42])]);
    let found = look(&case, &rows(&case), None);
    assert!(!found.complete && found.missing.is_empty());
    assert_eq!(found.claims_without_exhibit, ["C8", "C9"]);
    assert_eq!(
        found.unknown_citations.iter().map(|u| (u.by.as_str(), u.exhibit)).collect::<Vec<_>>(),
        [("C9", ExhibitId(42))]
    );
}

#[test]
fn an_exhibit_without_a_claim_lowers_the_score_and_is_no_gap() {
    let mut case = sample();
    case.claims.pop();
    let found = look(&case, &rows(&case), None);
    assert!(found.complete);
    assert_eq!(found.exhibits_without_claim, [ExhibitId(6)]);
    assert!(found.principles[1].score < 100);
}

#[test]
fn an_exhibit_of_another_deal_is_named() {
    let mut case = sample();
    let all = rows(&case);
    case.exhibits[4].links.orders = vec!["1".to_owned()];
    case.exhibits[4].links.buyers = vec!["other".to_owned()];
    let rows: Vec<_> = all.into_iter().filter(|(place, _)| place.exhibit != ExhibitId(5)).collect();
    let found = look(&case, &rows, None);
    let [missing] = found.missing.as_slice() else { panic!("{:#?}", found.missing) };
    assert_eq!(missing.lack, Lack::Untied { exhibit: ExhibitId(5) });
}

#[test]
fn a_buyer_record_with_other_orders_is_tied_by_its_buyer() {
    let mut case = sample();
    case.exhibits[2].links.orders = vec!["1".to_owned(), "2".to_owned()];
    case.exhibits[2].links.buyers = vec![BUYER.to_owned()];
    assert!(look(&case, &rows(&case), None).complete);
}

#[test]
fn the_buyers_demand_must_be_quoted_where_there_is_one() {
    let mut case = sample();
    let mut rows = rows(&case);
    say(&mut rows, Who::Buyer, "不返50元就给差评");
    let found = look(&case, &rows, None);
    let [missing] = found.missing.as_slice() else { panic!("{:#?}", found.missing) };
    assert_eq!(missing.lack, Lack::Demand);
    assert_eq!(missing.action.zh, "补充：在事实中引用买家的诉求原话，见 E02 第 9 行（关联性）");
    assert!(found.citable.iter().any(|hit| hit.finding.kind == Kind::Extortion));
    case.claims[1].text = "买家写道“不返50元就给差评”".to_owned();
    assert!(look(&case, &rows, None).complete);
}

#[test]
fn a_record_of_a_party_that_must_come_from_a_third_person_is_named() {
    let mut case = sample();
    case.exhibits.iter_mut().for_each(|exhibit| exhibit.source.party = Party::Merchant);
    let found = look(&case, &rows(&case), None);
    let named: Vec<_> =
        found.missing.iter().map(|missing| (missing.item.as_str(), missing.action.zh.as_str())).collect();
    assert_eq!(
        named,
        [
            ("payment", "补充：支付与退款记录须来自支付机构、平台，E05 来自商家（连续性）"),
            ("logistics", "补充：物流轨迹须来自承运商、平台，E06 来自商家（第三方佐证）"),
        ]
    );
    assert_eq!((found.principles[2].principle, found.principles[2].score), (Principle::Corroboration, 0));
}

#[test]
fn without_a_third_person_corroboration_is_missing() {
    let table = r#"
        fact = []
        [pack]
        name = "one"
        as_of = "2026-11-30"
        [[source]]
        id = "own"
        title = "own"
        as_of = "2026-11"
        confidence = "low"
        [[item]]
        id = "order"
        name = { zh = "订单", en = "order" }
        kinds = ["order"]
        principle = "relevance"
        why = { zh = "", en = "" }
        how = { zh = "", en = "" }
        source = "own"
        [[type]]
        id = "malicious_review"
        name = { zh = "申诉", en = "appeal" }
        ask = { zh = "恳请{to}核实", en = "we ask {to} to look" }
        deadlines = []
        required = ["order"]
        basis = [{ text = { zh = "", en = "" }, source = "own" }]
        source = "own"
    "#;
    let packages = Packages::parse(table).unwrap();
    let mut case = sample();
    case.exhibits.iter_mut().for_each(|exhibit| exhibit.source.party = Party::Merchant);
    let subject = Subject { case: &case, rows: &[], unread: &[], gaps: &[], statement: None };
    let tables = Tables { packages: &packages, ..Tables::built_in() };
    let found = check(&subject, &tables, at("2026-11-13T09:00:00+08:00"));
    assert_eq!(found.missing.iter().map(|missing| &missing.lack).collect::<Vec<_>>(), [&Lack::ThirdPerson]);
}

#[test]
fn what_would_sink_the_appeal_is_told_and_blocks_nothing() {
    let case = sample();
    let mut rows = rows(&case);
    say(&mut rows, Who::Merchant, "亲，把差评删了给您返30元红包");
    let found = look(&case, &rows, Some("这个买家就是骗子[E01]。买家要求退款。"));
    assert!(found.complete);
    assert!(found.harmful.iter().any(|hit| hit.finding.kind == Kind::CompensationForReview && hit.place.line == 9));
    let kinds: Vec<Kind> = found.statement.iter().map(|finding| finding.kind).collect();
    assert!(kinds.contains(&Kind::Insult) && kinds.contains(&Kind::Unsupported), "{kinds:?}");
}

#[test]
fn late_shipping_and_late_answers_are_told() {
    let case = sample();
    let mut rows = rows(&case);
    for (_, row) in &mut rows {
        if let Row::Order { sent, .. } = row {
            *sent = Some(when("2026-11-08T10:00:00+08:00"));
        }
    }
    let step = |moment: &str, by| {
        let place = Place { exhibit: ExhibitId(4), line: 5, sheet: String::new() };
        (place, Row::AfterSale { when: when(moment), order: Some(ORDER.to_owned()), by, text: String::new() })
    };
    rows.extend([step("2026-11-08T10:00:00+08:00", Who::Buyer), step("2026-11-09T11:00:00+08:00", Who::Merchant)]);
    let kinds: Vec<&str> = look(&case, &rows, None).ledger.iter().map(|fact| fact.kind).collect();
    assert_eq!(kinds, ["sent_late", "answered_late"]);
}

#[test]
fn gaps_are_questions_and_lower_the_score() {
    let case = sample();
    let gaps = [Gap { from: at("2026-11-05T10:00:00+08:00"), to: at("2026-11-07T10:00:00+08:00") }];
    let rows = rows(&case);
    let subject = Subject { case: &case, rows: &rows, unread: &[], gaps: &gaps, statement: None };
    let found = check(&subject, &Tables::built_in(), at("2026-11-13T09:00:00+08:00"));
    assert!(found.complete && found.principles[0].score < 100);
    let [question] = found.questions.as_slice() else { panic!("{:#?}", found.questions) };
    assert_eq!((question.item.as_str(), &question.lack), ("chat_buyer", &Lack::Gap));
    assert_eq!(question.action.zh, "请补充或说明：与该买家 11-05 至 11-07 的聊天记录（连续性）");
}

#[test]
fn an_unknown_type_or_target_is_told_and_an_empty_case_is_checked() {
    let mut case = sample();
    (case.package, case.target) = ("nothing".to_owned(), "nowhere".to_owned());
    let found = look(&case, &[], None);
    assert_eq!(found.missing[0].lack, Lack::Type);
    assert!(found.notes.iter().any(|note| note.zh.contains("nowhere")));
    let mut case = sample();
    (case.exhibits, case.claims) = (Vec::new(), Vec::new());
    let found = look(&case, &[], None);
    assert!(!found.complete && found.missing.iter().any(|missing| missing.lack == Lack::Claims));
    assert!(found.principles.iter().all(|principle| principle.score < 100));
}

#[test]
fn rows_of_other_orders_in_an_export_are_no_part_of_the_deal() {
    let case = sample();
    let mut rows = rows(&case);
    let mut other = rows.iter().find(|(_, row)| matches!(row, Row::Order { .. })).cloned().unwrap();
    if let Row::Order { order, ordered, sent, .. } = &mut other.1 {
        *order = "1".to_owned();
        *ordered = Some(when("2026-10-01T10:00:00+08:00"));
        *sent = Some(when("2026-12-01T10:00:00+08:00"));
    }
    rows.push(other);
    let found = look(&case, &rows, None);
    assert!(found.complete && found.ledger.is_empty(), "{:?}", found.ledger);
    assert_eq!(Deal::of(&case, &rows).rows(&rows).len(), rows.len() - 1);
}

#[test]
fn what_does_not_fit_in_the_timeline_is_told_to_the_merchant() {
    let case = sample();
    let zone = Zone { exhibit: ExhibitId(4), unzoned: 3, zoned: 0 };
    let timeline = Timeline { zones: vec![zone], ..Timeline::default() };
    let found = look(&case, &rows(&case), None).with_course(&timeline);
    assert!(found.complete);
    assert!(found.course[0].zh.contains("E04"), "{:?}", found.course);
}

#[test]
fn an_exhibit_that_tells_nothing_answers_no_item() {
    let case = sample();
    let rows: Vec<_> = rows(&case).into_iter().filter(|(place, _)| place.exhibit != ExhibitId(4)).collect();
    let why: huoyan_model::Localized = ("文件是空的", "the file is empty").into();
    let unread = [(ExhibitId(4), why)];
    let subject = Subject { case: &case, rows: &rows, unread: &unread, gaps: &[], statement: None };
    let found = check(&subject, &Tables::built_in(), at("2026-11-13T09:00:00+08:00"));
    let [missing] = found.missing.as_slice() else { panic!("{:#?}", found.missing) };
    assert_eq!((missing.item.as_str(), &missing.lack), ("order", &Lack::Unread { exhibit: ExhibitId(4) }));
    assert!(missing.action.zh.contains("文件是空的") && missing.how.zh.contains("--kind order"), "{missing:?}");
}

#[test]
fn an_authorisation_that_has_ended_is_not_there() {
    let mut case = samples::case(Packages::built_in().get("counterfeit_accused").unwrap(), 0);
    let needs = |exhibit: &&mut huoyan_dossier::case::Exhibit| exhibit.facts.contains_key("valid_until");
    let id = {
        let exhibit = case.exhibits.iter_mut().find(needs).unwrap();
        exhibit.facts.insert("valid_until".to_owned(), "2026-11-12".to_owned());
        exhibit.id
    };
    assert!(look(&case, &rows(&case), None).complete, "on its last day it is valid");
    case.exhibits.iter_mut().find(needs).unwrap().facts.insert("valid_until".to_owned(), "2026-11-11".to_owned());
    let found = look(&case, &rows(&case), None);
    assert_eq!(found.missing.iter().map(|missing| &missing.lack).collect::<Vec<_>>(), [&Lack::Expired { exhibit: id }]);
}

#[test]
fn a_chat_is_tied_by_the_name_of_the_buyer_who_writes_in_it() {
    let mut case = sample();
    case.exhibits[1].links = Default::default();
    let mut rows: Vec<_> = rows(&case).into_iter().filter(|(place, _)| place.exhibit != ExhibitId(2)).collect();
    let write = |name: &str, rows: &mut Vec<(Place, Row)>| {
        let place = Place { exhibit: ExhibitId(2), line: 2, sheet: String::new() };
        let (when, sender, text) = (when("2026-11-05T09:58:00+08:00"), name.to_owned(), "在吗".to_owned());
        rows.push((place, Row::Message { when, who: Who::Buyer, sender, text, order: None }));
    };
    write("somebody else", &mut rows);
    let untied = Lack::Untied { exhibit: ExhibitId(2) };
    assert!(look(&case, &rows, None).missing.iter().any(|missing| missing.lack == untied));
    write(BUYER, &mut rows);
    assert!(look(&case, &rows, None).complete);
}
