//! What a bundle says fits together: pages, data and custody record, whoever signed it.
#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod support;

use huoyan_dossier::bundle::custody::{Custody, Event};
use huoyan_dossier::bundle::{BundleInfo, Code, Limits, Payload, Report, Sha256, Verdict, build, verify_with};
use huoyan_dossier::contents::Contents;
use serde_json::{Value, json};
use support::{info, key, path, trust};

struct Files {
    case: Value,
    page: String,
    /// Action, exhibit, digest.
    custody: Vec<(&'static str, &'static str, Sha256)>,
    limits: Limits,
}

fn good() -> Files {
    let (first, second) = (Sha256::of(b"1"), Sha256::of(b"2"));
    let case = json!({
        "schema": "huoyan-case/1",
        "ask": "请删除该评价。",
        "claims": [{"id": "C1", "text": "买家索要五十元。否则给差评！", "exhibits": ["E01"]}],
        "exhibits": [{"id": "E01", "sha256": first.to_string()}, {"id": "E03", "sha256": second.to_string()}],
    });
    let page = format!(
        "<h1>申诉</h1><p>请删除该评价。</p><p>买家索要五十元[E01]。否则给差评[E01]！</p><table><td>E01</td><td>{first}</td>\
         <td>E03</td><td>{second}</td></table>"
    );
    let custody = vec![
        ("import", "E01", Sha256::of(b"old")),
        ("import", "E02", Sha256::of(b"x")),
        ("replace", "E01", first),
        ("remove", "E02", Sha256::of(b"x")),
        ("import", "E03", second),
        ("redact", "E01", Sha256::of(b"copy")),
    ];
    Files { case, page, custody, limits: Limits::none() }
}

fn judge(files: &Files) -> Report {
    let (mut custody, mut record) = (Custody::default(), Vec::new());
    for (action, exhibit, sha256) in &files.custody {
        let event = Event {
            at: "2026-11-22T10:00:00+08:00".to_owned(),
            who: "huoyan".to_owned(),
            action: (*action).to_owned(),
            exhibit: (*exhibit).to_owned(),
            sha256: *sha256,
            bytes: 1,
            method: "file import".to_owned(),
            reason: String::new(),
        };
        custody.append(event, &mut record).unwrap();
    }
    let payload = [
        Payload::bytes(path("00-封面与陈述.html"), files.page.as_bytes()),
        Payload::bytes(path("case.json"), files.case.to_string().as_bytes()),
        Payload::bytes(path("claims.json"), json!({"claims": files.case["claims"]}).to_string().as_bytes()),
        Payload::bytes(path("custody.jsonl"), record),
    ];
    let info = BundleInfo { custody_head: custody.head(), ..info("CASE-1") };
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    build(&payload, &info, &key(), &files.limits, &out).unwrap();
    verify_with(&[out], &trust(), &[&Contents::default()])
}

#[test]
fn what_fits_together_is_intact() {
    let report = judge(&good());
    assert_eq!((report.verdict, report.problems), (Verdict::Intact, vec![]));
}

#[test]
fn pages_that_tell_otherwise_than_the_data_are_refused() {
    for (from, to) in [("五十元", "五百元"), ("删除", "保留"), ("E03", "E04"), ("否则给差评", "谢谢")]
    {
        let mut files = good();
        files.page = files.page.replace(from, to);
        let report = judge(&files);
        assert_eq!((report.verdict, report.verdict.exit_code()), (Verdict::Inconsistent, 1), "{from}");
        assert!(report.has(Code::PagesDiffer), "{from}");
        assert!(report.problems[0].message.zh.contains("页面与 case.json 不一致"), "{report:#?}");
    }
    let mut files = good();
    files.case["exhibits"][1]["sha256"] = Sha256::of(b"other").to_string().into();
    let report = judge(&files);
    assert!(report.has(Code::PagesDiffer) && report.has(Code::CustodyGap), "{report:#?}");
}

#[test]
fn a_custody_record_without_its_last_lines_is_refused() {
    for kept in 0..5 {
        let mut files = good();
        files.custody.truncate(kept);
        // A build refuses an empty record's head; one line of a copy stands in for it.
        files.custody.push(("redact", "E01", Sha256::of(b"copy")));
        let report = judge(&files);
        assert_eq!(report.verdict, Verdict::Inconsistent, "{kept}");
        assert!(report.has(Code::CustodyGap), "{kept}: {report:#?}");
    }
    let mut files = good();
    files.custody.retain(|(action, ..)| *action != "remove");
    assert!(judge(&files).has(Code::CustodyGap), "an exhibit that is gone without a word");
}

#[test]
fn what_another_version_leaves_out_is_not_asked_for() {
    let mut files = good();
    files.case = json!({});
    assert_eq!(judge(&files).verdict, Verdict::Intact);
}

#[test]
fn two_bundles_are_not_compared_with_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let outs = ["CASE-1", "CASE-2"].map(|id| {
        let (payload, info) = support::small_case(id);
        let out = folder.path().join(id);
        build(&payload, &info, &key(), &Limits::none(), &out).unwrap();
        out
    });
    assert_eq!(verify_with(&outs, &trust(), &[&Contents::default()]).verdict, Verdict::Mixed);
}
