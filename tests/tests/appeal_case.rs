//! Opening a case and describing it from the command line: moments, exhibits, what comes out of scanned files.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise, in its helpers too")]

use std::fs;

use huoyan_tests::{Findings, Scratch, shop};
use serde_json::Value;

/// The present of every test.
const NOW: &str = "2026-11-22 10:00";

/// A case of which only its subject is known.
fn plain(scratch: &Scratch, kind: &str) -> String {
    let case = scratch.path("case");
    let new = ["appeal", "new", "--type", kind, "--shop", "S1", "--review", "R1", "--out", &case, "--now", NOW];
    scratch.run(&new).exits(0);
    case
}

fn read(scratch: &Scratch, name: &str) -> Value {
    serde_json::from_str(&scratch.text(name)).unwrap()
}

#[test]
fn every_deadline_of_a_case_can_be_started() {
    let scratch = Scratch::new();
    let case = plain(&scratch, "counter_notice");
    scratch.run(&["appeal", "deadline", &case, "--now", NOW]).exits(2).says("appeal set").says("counter_notice_delivered");
    let set = |event: &str| scratch.run(&["appeal", "set", &case, "--started", event, "--now", NOW]);
    set("counter_notice_deliverd=2026-11-10").exits(2).says("did you mean 'counter_notice_delivered'?");
    set("counter_notice_delivered=gestern").exits(2).says("2026-11-22 10:00");
    for event in ["counter_notice_delivered=2026-11-10", "complaint_filed=2026-11-10", "appeal_filed=2026-11-10"] {
        set(event).exits(0);
    }
    let told = scratch.run(&["appeal", "deadline", &case, "--now", NOW]).exits(0).stdout;
    for rule in ["(counter_notice_wait)", "(complaint_answer)", "(complaint_answer_complex)", "(appeal_answer)"] {
        assert!(told.contains(rule), "{rule}: {told}");
    }
    set("appeal_filed=").exits(0);
    assert!(read(&scratch, "case/case.json")["started"].get("appeal_filed").is_none(), "it was taken back");
    set("appeal_filed=2026-12-10").exits(0).says("still to come");
    set("appeal_filed=2016-11-10").exits(0).says("more than two years ago");
    let set = ["appeal", "set", &case, "--target", "12315", "--shop", "S9", "--shop-name", "小店", "--contact", "李四"];
    scratch.run(&set).exits(0);
    let set = read(&scratch, "case/case.json");
    assert_eq!((&set["target"], &set["shop"]["id"]), (&"12315".into(), &"S9".into()));
    assert_eq!((&set["shop"]["name"], &set["shop"]["contact"]), (&"小店".into(), &"李四".into()));
    scratch.run(&["appeal", "set", &case, "--target", "douying"]).exits(2).says("did you mean 'douyin'?");
    scratch.run(&["appeal", "set", &case]).exits(2).says("--started");
}

#[test]
fn a_year_of_holidays_and_a_rule_come_from_a_file() {
    let scratch = Scratch::new();
    let case = plain(&scratch, "malicious_review");
    let start = ["appeal", "set", &case, "--started", "appeal_filed=2027-01-29", "--now", "2027-01-29"];
    scratch.run(&start).exits(0);
    let deadline = |options: &[&str]| {
        let start = ["appeal", "deadline", &case, "--now", "2027-01-29"];
        scratch.run(&[&start[..], options].concat())
    };
    let known = deadline(&[]).exits(0).stdout;
    assert!(known.contains("2027-02-05") && known.contains("! "), "an unknown year is counted by weekends: {known}");
    let calendar = scratch.file(
        "2027.toml",
        "name = \"mine\"\nas_of = 2026-12-01\nsource = \"a notice\"\n[[year]]\nyear = 2027\nnotices = [\"a notice\"]\n\
         confidence = \"high\"\nholidays = [{ name = \"春节\", from = 2027-02-01, to = 2027-02-05 }]\n",
    );
    let told = deadline(&["--calendar", &calendar]).exits(0).stdout;
    assert!(told.contains("2027-02-12") && !told.contains("! "), "{told}");
    let rules = scratch.file(
        "rules.toml",
        "[pack]\nname = \"mine\"\nas_of = 2026-12-01\nescalate_hours = [24]\n[[rule]]\nid = \"appeal_answer\"\n\
         starts = \"appeal_filed\"\nside = \"platform\"\nunit = \"calendar_days\"\nname = { zh = \"答复\", en = \"Answer\" }\n\
         text = { zh = \"九日\", en = \"nine days\" }\n\
         readings = [{ id = \"only\", amount = 9, name = { zh = \"九日\", en = \"nine days\" } }]\n\
         source = { title = \"a rule\", as_of = \"2026\", confidence = \"low\" }\n",
    );
    let told = deadline(&["--rules", &rules]).exits(0).stdout;
    assert!(told.contains("2027-02-07"), "{told}");
    deadline(&["--rules", &calendar]).exits(2).says("2027.toml");
    deadline(&["--calendar", "nowhere.toml"]).exits(2).says("nowhere.toml").says("no such file");
    // The same in the check, whose countdown stands among its notes.
    let set = ["appeal", "set", &case, "--started", "penalty_notice=2027-01-29", "--now", "2027-01-29"];
    scratch.run(&set).exits(0);
    let check = |options: &[&str]| {
        let start = ["appeal", "check", &case, "--now", "2027-01-29"];
        scratch.run(&[&start[..], options].concat()).exits(0).stdout
    };
    let rules = scratch.file("long.toml", scratch.text("rules.toml").replace("appeal_answer", "appeal").replace("appeal_filed", "penalty_notice"));
    assert!(check(&[]).contains("6 d") && check(&["--rules", &rules]).contains("9 d"), "{}", check(&[]));
}
