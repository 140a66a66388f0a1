//! Opening a case and describing it from the command line: moments, exhibits, what comes out of scanned files.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise, in its helpers too")]

use std::fs;

use huoyan_tests::{Scratch, shop};
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
    scratch
        .run(&["appeal", "deadline", &case, "--now", NOW])
        .exits(2)
        .says("appeal set")
        .says("counter_notice_delivered");
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
    let rules = scratch.file(
        "long.toml",
        scratch.text("rules.toml").replace("appeal_answer", "appeal").replace("appeal_filed", "penalty_notice"),
    );
    assert!(check(&[]).contains("6 d") && check(&["--rules", &rules]).contains("9 d"), "{}", check(&[]));
}

/// A text in GBK, made by the program that every system here has.
fn gbk(text: &str) -> Vec<u8> {
    let mut child = std::process::Command::new("iconv")
        .args(["-f", "UTF-8", "-t", "GBK"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), text.as_bytes()).unwrap();
    child.wait_with_output().unwrap().stdout
}

/// A scan of the reviews of the fixtures shop.
fn scanned(scratch: &Scratch) -> String {
    let findings = scratch.path("findings.jsonl");
    let out = format!("jsonl={findings}");
    let scan = ["scan", &shop("reviews.jsonl"), "--max-bad-rows", "5%", "--fail-on", "never", "-o", &out];
    scratch.run(&scan).exits(0);
    findings
}

#[test]
fn a_record_is_shown_by_the_excerpt_that_holds_it_and_by_no_other() {
    let scratch = Scratch::new();
    let findings = scanned(&scratch);
    let reviews = fs::read_to_string(shop("reviews.jsonl")).unwrap();
    let (line, one) = (1..).zip(reviews.lines()).find(|(_, line)| line.contains("\"R20082\"")).unwrap();
    let part = scratch.file("part.jsonl", format!("{one}\n"));
    let case = scratch.path("campaign");
    let new =
        ["appeal", "new", "--type", "malicious_review", "--campaign", "R20082", "--from", &findings, "--now", NOW];
    let made = scratch.run(&[&new[..], &["--from", &part, "--out", &case]].concat()).exits(0);
    made.says("do not hold 13 of the records");
    let told = read(&scratch, "campaign/case.json");
    let shown = |by: &str| {
        told["subjects"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|s| s["shown_by"] == by)
            .map(|s| s["id"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(shown("E02"), ["R20082"]);
    assert_eq!(shown("E01").len(), 13, "the findings speak of the others");
    assert_eq!(scratch.text("campaign/exhibits/E02/reviews.jsonl"), format!("{one}\n"), "the line as it stands");
    // What is known of it, and no more: the shop had the file.
    let excerpt = &told["exhibits"][1];
    assert_eq!((&excerpt["source"]["party"], &excerpt["method"]), (&"merchant".into(), &"scan-input".into()));
    assert_eq!(
        (&excerpt["facts"]["excerpt_of"], &excerpt["facts"]["excerpt_lines"]),
        (&"part.jsonl".into(), &"L1".into())
    );
    assert_eq!(excerpt["links"]["reviews"].as_array().unwrap().len(), 1);
    let whole = scratch.path("whole");
    let told_by = ["--from", &shop("reviews.jsonl"), "--party", "platform", "--out", &whole];
    scratch.run(&[&new[..], &told_by].concat()).exits(0);
    let told = read(&scratch, "whole/case.json");
    let excerpt = &told["exhibits"][1];
    assert_eq!((&excerpt["source"]["party"], &excerpt["source"]["party_told"]), (&"platform".into(), &true.into()));
    assert!(excerpt["facts"]["excerpt_lines"].as_str().unwrap().split(' ').any(|l| l == format!("L{line}")));
    scratch.run(&[&new[..], &["--party", "platfrom", "--out", "x"]].concat()).exits(2).says("'platform'");
}

#[test]
fn a_review_is_taken_out_of_any_file_that_a_scan_reads() {
    let scratch = Scratch::new();
    let reviews = "评价ID,商品ID,店铺ID,买家昵称,订单号,评分,评价内容,评价时间\r\n\
        R501,P1,S1,甲,6934567890123456701,1,\"质量差，退款就改\",2026-11-05 10:00:00\r\n\
        R502,P1,S1,乙,6934567890123456702,5,很好,2026-11-06 10:00:00\r\n";
    // The same in GBK is what a Chinese Excel saves.
    let csv = scratch.file("评价导出.csv", gbk(reviews));
    let case = scratch.path("case");
    let new = ["appeal", "new", "--type", "malicious_review", "--shop", "S1", "--now", NOW, "--out", &case];
    scratch.run(&[&new[..], &["--review", "R999", "--from", &csv]].concat()).exits(2).says("R999");
    scratch.run(&[&new[..], &["--review", "R501", "--from", &csv]].concat()).exits(0);
    let text = scratch.text("case/exhibits/E01/reviews.jsonl");
    assert_eq!(text.lines().count(), 1);
    let record: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&record["id"], &record["text"]), (&"R501".into(), &"质量差，退款就改".into()));
    assert_eq!(
        (&record["order_id"], &record["created_at"]),
        (&"6934567890123456701".into(), &"2026-11-05 10:00:00".into())
    );
    assert_eq!((&record["source"]["file"], &record["source"]["line"]), (&"评价导出.csv".into(), &2.into()));
    let told = read(&scratch, "case/case.json");
    let facts = &told["exhibits"][0]["facts"];
    assert_eq!(facts["excerpt_sha256"].as_str().unwrap().len(), 64);
    assert!(told["exhibits"][0]["title"].as_str().unwrap().contains("评价导出.csv"), "{told}");
    let other = scratch.file("notes.txt", "没有记录\n");
    let out = scratch.path("other");
    let new = ["appeal", "new", "--type", "malicious_review", "--shop", "S1", "--now", NOW, "--out", &out];
    scratch.run(&[&new[..], &["--review", "R501", "--from", &other]].concat()).exits(2).says("notes.txt");
    // A workbook, which is no text at all.
    let book = ["--listing", "P2305", "--from", &shop("listings_messy.xlsx")];
    scratch.run(&[&new[..], &book].concat()).exits(0);
    let record: Value = serde_json::from_str(&scratch.text("other/exhibits/E01/listings.jsonl")).unwrap();
    assert_eq!((&record["id"], &record["source"]["sheet"]), (&"P2305".into(), &"在售商品".into()));
}
