//! The statement: every sentence that states a fact cites an exhibit, and our own lint finds nothing.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod samples;

use huoyan_dossier::case::{Case, Claim};
use huoyan_dossier::lint::{ExhibitId, LintPack, check_statement};
use huoyan_dossier::package::{Packages, Targets};
use huoyan_dossier::records::{Place, Row};
use huoyan_dossier::statement::{self, Statement};
use huoyan_model::Locale;
use samples::Random;

fn write(case: &Case, rows: &[(Place, Row)], locale: Locale) -> Statement {
    statement::write(case, rows, Packages::built_in(), Targets::built_in(), locale)
}

fn sample() -> Case {
    samples::case(Packages::built_in().get("malicious_review").unwrap(), 0)
}

/// Facts as merchants write them, some of several sentences, with quotations, line ends and missing full stops.
const FACTS: [&[&str]; 2] = [
    &[
        "买家于11月{n}日下单，实付{n}元",
        "承运商记录显示包裹于11月{n}日签收。签收人为本人。",
        "买家于签收后{n}小时给出一星评价",
        "买家在聊天中写道：“不返{n}元就差评。我说到做到！”",
        "该账号在{n}天内于四家店铺给出一星评价\n评价文字相同",
        "我方于当日{n}时回复并提出换货。",
        "质检报告编号为QC{n}，结论为合格",
        "上述行为疑似恶意评价，请平台认定",
        "该评价发布于包裹签收之前{n}小时",
        "共发出100件，退回{n}件；均已退款",
    ],
    &[
        "The buyer ordered on 2026-11-{n} and paid {n}.50 yuan",
        "The carrier recorded delivery after {n} hours. The buyer signed.",
        "The buyer wrote: \"pay me {n} yuan. Or one star\"",
        "This account gave one star to four shops within {n} days",
        "The shop answered within {n} minutes and offered an exchange.",
        "The test report QC{n} says that the goods passed",
        "This is a suspected malicious review, for the platform to judge",
        "Of 100 parcels, {n} came back;\nall were refunded",
    ],
];

fn synthetic(random: &mut Random, language: usize) -> Case {
    let types: Vec<_> = Packages::built_in().iter().collect();
    let mut case = samples::case(types[random.below(types.len())], random.below(3));
    let targets: Vec<_> = Targets::built_in().iter().collect();
    case.target = targets[random.below(targets.len())].id.clone();
    let facts = FACTS[language];
    let count = random.below(9);
    let exhibits = case.exhibits.len() + 1;
    case.claims = (0..count)
        .map(|number| Claim {
            id: format!("C{number}"),
            text: facts[random.below(facts.len())].replace("{n}", &(1 + random.below(28)).to_string()),
            // Some claims cite nothing, some an exhibit that is not there.
            exhibits: (0..random.below(4)).map(|_| ExhibitId(1 + random.below(exhibits) as u16)).collect(),
            on_cover: random.below(2) == 0,
        })
        .collect();
    if random.below(3) == 0 {
        case.exhibits[0].title = "截图。第一张！（共 2 张）".to_owned();
    }
    if random.below(3) == 0 && case.exhibits.len() > 2 {
        case.exhibits[2].copy_of = Some(ExhibitId(1));
    }
    if random.below(4) == 0 {
        case.round_before = Some("0f".repeat(32));
    }
    case
}

#[test]
fn a_thousand_statements_have_no_unsupported_sentence_and_no_finding() {
    for (language, locale) in [(0, Locale::Zh), (1, Locale::En)] {
        let mut random = Random(2026);
        let (mut sentences, mut factual, mut supported) = (0, 0, 0);
        for number in 0..1_000 {
            let case = synthetic(&mut random, language);
            let rows = samples::rows(&case);
            let text = write(&case, &rows, locale).text();
            let ids: Vec<ExhibitId> = case.exhibits.iter().map(|exhibit| exhibit.id).collect();
            let report = check_statement(&text, &ids, LintPack::built_in());
            assert_eq!(report.findings, [], "{number}\n{text}");
            assert_eq!(report.factual, report.supported, "{number}\n{text}");
            sentences += report.sentences;
            factual += report.factual;
            supported += report.supported;
        }
        println!("{locale:?}: {sentences} sentences, {factual} factual, {supported} supported");
    }
}

#[test]
fn has_its_parts_in_their_order() {
    let case = sample();
    let written = write(&case, &samples::rows(&case), Locale::Zh);
    let ids: Vec<&str> = written.sections.iter().map(|section| section.id).collect();
    assert_eq!(ids, ["appeal", "ask", "facts", "more", "timeline", "rules", "exhibits", "limits"]);
    assert_eq!(written.section("ask").unwrap().lines, ["恳请平台核实该评价并依规处理。"]);
    let timeline = &written.section("timeline").unwrap().lines;
    assert_eq!(timeline[1], "2026-11-05 10:02，买家下单[E04]。");
    assert!(
        written.section("exhibits").unwrap().lines[0].starts_with("附件[E01]：差评内容截图或导出，来自买家，SHA-256 ")
    );
    assert!(written.text().contains("自固定之时起未被改动"));
}

#[test]
fn a_claim_without_an_exhibit_of_the_case_is_left_out() {
    let mut case = sample();
    case.claims[0] =
        Claim {
            id: "C1".to_owned(), text: "没有证据的话".to_owned(), exhibits: vec![ExhibitId(77)], on_cover: true
        };
    assert!(!write(&case, &[], Locale::Zh).text().contains("没有证据的话"));
}

#[test]
fn the_cover_has_three_facts_and_the_marked_ones_first() {
    let mut case = sample();
    case.claims.iter_mut().for_each(|claim| claim.on_cover = claim.id == "C5");
    let (first, others) = statement::claims(&case);
    assert_eq!(first.iter().map(|claim| claim.id.as_str()).collect::<Vec<_>>(), ["C5"]);
    assert_eq!(others.len(), 5);
    case.claims.iter_mut().for_each(|claim| claim.on_cover = false);
    assert_eq!(statement::claims(&case).0.len(), 3);
}

#[test]
fn an_empty_case_still_gives_a_statement() {
    let mut case = sample();
    (case.exhibits, case.claims, case.subjects) = (Vec::new(), Vec::new(), Vec::new());
    case.package = "unknown".to_owned();
    let written = write(&case, &[], Locale::En);
    let ids: Vec<&str> = written.sections.iter().map(|section| section.id).collect();
    assert_eq!(ids, ["appeal", "ask", "limits"]);
}
