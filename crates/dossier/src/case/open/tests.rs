use std::io::Cursor;

use super::*;
use crate::lint::{ExhibitId, LintPack, check_statement};

const GOLDEN: &str = include_str!("../../../../report/tests/golden/findings.jsonl");

fn opening() -> Opening {
    Opening {
        id: "CASE-1".to_owned(),
        package: "malicious_review".to_owned(),
        target: "douyin".to_owned(),
        shop: Shop::default(),
        at: Instant::parse("2026-11-22T09:00:00+08:00").unwrap(),
    }
}

fn open(text: &str, selector: Selector) -> Result<Draft, OpenError> {
    case_from_findings(&mut Cursor::new(text.as_bytes()), &selector, opening())
}

fn finding(record: &str, score: f64, members: &[&str], evidence: &str) -> String {
    let members = serde_json::to_string(members).unwrap();
    format!(
        r#"{{"type":"finding","owner_kind":"review","owner":"{record}","record_kind":"review","record":"{record}","record_version":"07070707070707070707070707070707","detector":"review-malice","rule":"RM001","score":{score},"severity":"high","evidence":{evidence},"members":{members},"fingerprint":"730e7423df3cd3e1289950dc496f2b27","copies":1,"shop_id":"s1","source":{{"file":"r.jsonl","line":2}}}}"#
    )
}

fn file(findings: &[String]) -> String {
    let (header, summary) = (GOLDEN.lines().next().unwrap(), GOLDEN.lines().last().unwrap());
    let lines = [header.to_owned()].into_iter().chain(findings.iter().cloned()).chain([summary.to_owned()]);
    lines.map(|line| line + "\n").collect()
}

const WINDOW: &str = r#"{"window":{"from":1674571012,"to":1675798679,"observed":50,"expected":0.7044},"side":"negative","review":{"listing":"i01061"},"copies":[{"record":"R2","percent":58}],"ring":{"agreed":3,"met":4,"listings":5},"speaks_against":["slow_review"]}"#;

#[test]
fn the_exhibit_holds_the_lines_as_they_stood_with_their_header() {
    let draft = open(GOLDEN, Selector::Review("R77".to_owned())).unwrap();
    let lines: Vec<&str> = GOLDEN.lines().collect();
    assert_eq!(String::from_utf8(draft.detection.bytes.clone()).unwrap(), format!("{}\n{}\n", lines[0], lines[3]));
    let folder = tempfile::tempdir().unwrap();
    let by = By { at: opening().at, who: "店员甲".to_owned() };
    let store = draft.write(&folder.path().join("case"), &by).unwrap();
    let case = store.case();
    assert_eq!(case.shop.id, "s-青木家居");
    assert_eq!(
        case.subjects[0],
        Subject { kind: "review".to_owned(), id: "R77".to_owned(), shown_by: Some(ExhibitId(1)) }
    );
    assert_eq!(case.claims[0].text, "评价 R77 的原文中有“不给返现就差评”字样。");
    assert!(case.claims.iter().all(|claim| claim.exhibits == [ExhibitId(1)]));
    let exhibit = case.exhibit(ExhibitId(1)).unwrap();
    assert_eq!(
        (exhibit.kind, exhibit.links.reviews.as_slice()),
        (ExhibitKind::Detection, ["R77".to_owned()].as_slice())
    );
    assert!(store.verify_store().unwrap().faults.is_empty());
}

#[test]
fn a_campaign_takes_all_that_are_tied_and_states_what_was_counted() {
    let text = file(&[
        finding("R1", 0.99, &["R2"], WINDOW),
        finding("R2", 0.9, &["R3"], "{}"),
        finding("R3", 0.8, &[], "{}"),
        finding("R4", 0.9, &["R5"], "{}"),
        finding("R5", 0.2, &["R3"], "{}"),
    ]);
    let draft = open(&text, Selector::Campaign("R3".to_owned())).unwrap();
    let ids: Vec<&str> = draft.case.subjects.iter().map(|subject| subject.id.as_str()).collect();
    assert_eq!(ids, ["R1", "R2", "R3"], "an unsure finding ties nothing");
    let claims: Vec<&str> = draft.case.claims.iter().map(|claim| claim.text.as_str()).collect();
    assert_eq!(
        claims[..4],
        [
            "同一次检测中，共有 3 条评价因时间、文字或账号特征相互关联，疑似同一批次。",
            "2023-01-24 至 2023-02-07（日期按检测记录以 UTC 计；未写时区的即所写日期），商品 i01061 收到 50 条三星及以下或未评分的评价，按该商品平时的数量预期为 0.7 条。",
            "评价 R1 与评价 R2 有 58% 的文字相同。",
            "评价 R1 的账号与另外 3 个账号在 5 个商品上先后出现且评价方向一致。",
        ]
    );
    assert_eq!(draft.case.claims.iter().filter(|claim| claim.on_cover).count(), 2);
    assert!(draft.notes[0].en.contains("slow_review"), "what speaks against it is told");
}

#[test]
fn what_reads_like_ordinary_buyers_is_claimed_nowhere() {
    let text = file(&[finding("R1", 0.9, &[], r#"{"composition":{"reads_as":"ordinary_buyers"}}"#)]);
    let draft = open(&text, Selector::Review("R1".to_owned())).unwrap();
    assert!(draft.case.claims.is_empty());
    assert!(draft.notes[0].en.contains("ordinary buyers"));
}

#[test]
fn drafts_pass_the_lint_of_statements() {
    let selectors = [
        Selector::Review("R77".to_owned()),
        Selector::Picture("L1006".to_owned()),
        Selector::Listing("L1001".to_owned()),
        Selector::Listing("=L\u{202e}9<b>".to_owned()),
    ];
    let window = file(&[finding("R1", 0.99, &["R2"], WINDOW), finding("R2", 0.9, &[], "{}")]);
    let mut drafts: Vec<Draft> = selectors.map(|selector| open(GOLDEN, selector).unwrap()).into();
    drafts.push(open(&window, Selector::Campaign("R1".to_owned())).unwrap());
    for draft in drafts {
        assert!(!draft.case.claims.is_empty());
        for claim in &draft.case.claims {
            assert!(!claim.text.contains("恶意") && !claim.text.contains('\u{202e}'), "{}", claim.text);
            let cited = format!("{}[E01]", claim.text.trim_end_matches('。')) + "。";
            let report = check_statement(&cited, &[ExhibitId(1)], LintPack::built_in());
            assert!(report.findings.is_empty(), "{cited}: {:?}", report.findings);
        }
    }
}

#[test]
fn suppressed_findings_stay_in_the_exhibit_and_are_not_claimed() {
    let draft = open(GOLDEN, Selector::Listing("L1004".to_owned())).unwrap();
    assert!(draft.case.claims.is_empty());
    assert!(draft.notes[0].en.starts_with("1 findings are suppressed"));
}

#[test]
fn one_finding_is_taken_by_its_fingerprint() {
    let print = Fingerprint::of("", "", "", "", "");
    assert!(matches!(open(GOLDEN, Selector::Fingerprint(print)), Err(OpenError::Nothing { records: 8, .. })));
    let known: Finding = serde_json::from_str(GOLDEN.lines().nth(2).unwrap()).unwrap();
    let draft = open(GOLDEN, Selector::Fingerprint(known.fingerprint)).unwrap();
    assert_eq!(draft.case.subjects[0].id, "L1002");
}

#[test]
fn cut_off_and_foreign_files_are_told_apart() {
    let review = || Selector::Review("R77".to_owned());
    let whole = GOLDEN.trim_end().len();
    let last = GOLDEN[..whole].rfind('\n').unwrap() + 1;
    assert!(matches!(open(&GOLDEN[..last], review()), Err(OpenError::CutOff { lines: 10 })));
    assert!(matches!(open(&GOLDEN[..last + 20], review()), Err(OpenError::Line { line: 11, .. })));
    for foreign in ["", "a,b\n1,2\n", "{\"id\":1}\n", "[]\n"] {
        assert!(matches!(open(foreign, review()), Err(OpenError::Foreign { .. })), "{foreign:?}");
    }
    let newer = GOLDEN.replacen("huoyan-findings/1", "huoyan-findings/2", 1);
    assert!(matches!(open(&newer, review()), Err(OpenError::Schema { .. })));
    assert!(matches!(open(GOLDEN, Selector::Review("R78".to_owned())), Err(OpenError::Nothing { .. })));
}

fn open_as(package: &str, text: &str, selector: Selector) -> Draft {
    let opening = Opening { package: package.to_owned(), ..opening() };
    case_from_findings(&mut Cursor::new(text.as_bytes()), &selector, opening).unwrap()
}

#[test]
fn a_shop_that_is_accused_does_not_accuse_itself() {
    let picture = || Selector::Picture("L1006".to_owned());
    for package in ["counterfeit_accused", "false_ad", "counter_notice", "penalty_generic"] {
        let draft = open_as(package, GOLDEN, picture());
        assert!(draft.case.claims.is_empty(), "{package}: {:?}", draft.case.claims);
        assert!(!draft.detection.bytes.is_empty() && draft.notes.iter().any(|note| note.zh.contains("本店商品")));
    }
    // Findings about reviews speak for it.
    assert!(!open_as("penalty_generic", GOLDEN, Selector::Review("R77".to_owned())).case.claims.is_empty());
}

#[test]
fn who_gives_notice_is_not_the_shop_of_the_findings() {
    let named = open_as("malicious_review", GOLDEN, Selector::Review("R77".to_owned()));
    assert!(!named.case.shop.id.is_empty());
    let draft = open_as("brand_notice", GOLDEN, Selector::Review("R77".to_owned()));
    assert_eq!(draft.case.shop.id, "");
}

#[test]
fn a_pair_of_copies_is_stated_once() {
    let copy = |of: &str| format!(r#"{{"copies":[{{"record":"{of}","percent":97}}]}}"#);
    let text = file(&[finding("R1", 0.9, &["R2"], &copy("R2")), finding("R2", 0.9, &["R1"], &copy("R1"))]);
    let draft = open(&text, Selector::Campaign("R1".to_owned())).unwrap();
    let pairs = draft.case.claims.iter().filter(|claim| claim.text.contains("97%")).count();
    assert_eq!(pairs, 1, "{:?}", draft.case.claims);
}
