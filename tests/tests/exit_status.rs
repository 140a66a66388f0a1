//! Exit statuses are part of the command's interface.

use huoyan_tests::{Findings, Scratch, shop};

const CLEAN: &str = "{\"id\":\"1\",\"title\":\"北欧陶瓷马克杯带盖勺办公室水杯\",\"price\":29.9}\n";
const BAD: &str = "{\"id\":\"2\",\"title\":\"过年烟花爆竹二踢脚整箱批发\",\"price\":199}\n";

#[test]
fn is_0_when_nothing_is_found() {
    let scratch = Scratch::new();
    let input = scratch.file("clean.jsonl", CLEAN);
    let run = scratch.run(&["scan", &input, "-o", "jsonl"]).exits(0).says("1 scanned");
    let found = Findings::parse(&run.stdout);
    assert!(found.findings.is_empty());
    assert_eq!(found.summary["status"], "complete");
}

#[test]
fn is_1_when_something_at_or_above_fail_on_is_found() {
    let scratch = Scratch::new();
    let input = scratch.file("listings.jsonl", format!("{CLEAN}{BAD}"));
    scratch.run(&["scan", &input]).exits(1);
    scratch.run(&["scan", &input, "--fail-on", "never"]).exits(0);
}

#[test]
fn is_2_and_nothing_is_scanned_when_the_request_is_wrong() {
    let scratch = Scratch::new();
    let good = scratch.file("clean.jsonl", CLEAN);
    let out = format!("jsonl={}", scratch.path("out.jsonl"));
    scratch.run(&["scan", &good, "nowhere.jsonl", "-o", &out]).exits(2).says("nowhere.jsonl");
    scratch.run(&["scan", &good, "-o", "docx"]).exits(2).says("docx");
    scratch.run(&["scan", &good, "-o", &out, "--only", "no-such"]).exits(2).says("no-such");
    scratch.run(&["scan", &good, "-o", &out, "--gallery", "none.gallery"]).exits(2).says("none.gallery");
    scratch.run(&["scan"]).exits(2);
    let numbers = scratch.file("numbers.csv", "a,b\n1,2\n3,4\n");
    scratch.run(&["scan", &good, &numbers, "-o", &out]).exits(2).says("numbers.csv");
    assert!(!std::path::Path::new(&scratch.path("out.jsonl")).exists(), "an output was written");
}

#[test]
fn is_2_with_a_suggestion_when_a_configuration_key_is_unknown() {
    let scratch = Scratch::new();
    let good = scratch.file("clean.jsonl", CLEAN);
    scratch.file("huoyan.toml", "profil = \"strict-platform\"\n");
    scratch.run(&["scan", &good]).exits(2).says("profile");
}

#[test]
fn is_3_when_too_many_rows_are_unusable_which_outranks_1() {
    let scratch = Scratch::new();
    let input = scratch.file("listings.jsonl", format!("{CLEAN}{BAD}{{\"id\":\"3\",\"title\":\n"));
    let run = scratch.run(&["scan", &input, "-o", "jsonl"]).exits(3);
    assert_eq!(Findings::parse(&run.stdout).summary["status"], "incomplete");
    scratch.run(&["scan", &input, "--max-bad-rows", "50%"]).exits(1);
    scratch.run(&["scan", &input, "--max-bad-rows", "1"]).exits(1);
}

#[test]
fn standard_input_and_packed_files_are_read_like_files() {
    let scratch = Scratch::new();
    let text = format!("{CLEAN}{BAD}");
    let plain = scratch.file("plain.jsonl", &text);
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packed, text.as_bytes()).unwrap();
    let packed = scratch.file("packed.jsonl.gz", packed.finish().unwrap());
    let contents = |run: huoyan_tests::Finished| Findings::parse(&run.exits(1).stdout).contents();
    let expected = contents(scratch.run(&["scan", &plain, "-o", "jsonl"]));
    assert!(!expected.is_empty());
    assert_eq!(contents(scratch.run(&["scan", &packed, "-o", "jsonl"])), expected);
    assert_eq!(contents(scratch.run_with(&["scan", "-", "-o", "jsonl"], text.as_bytes())), expected);
}

#[test]
fn every_rule_keeps_its_own_examples() {
    Scratch::new().run(&["rules", "test"]).exits(0);
}

#[test]
fn own_packs_and_overlays_are_used_listed_and_explained() {
    let scratch = Scratch::new();
    let pack = r#"
        [pack]
        name = "mine"
        version = "1"
        as_of = "2026-11"
        [[rule]]
        id = "XX001"
        category = "other"
        severity = "high"
        name = { zh = "自订", en = "Own rule" }
        message = { zh = "疑似自订", en = "Suspected own" }
        source = { title = "house rules", as_of = "2026-11", confidence = "high" }
        terms = ["橙汁杯套"]
        examples = { positive = ["橙汁杯套"], negative = ["橙汁"] }
    "#;
    scratch.file("mine.toml", pack);
    scratch.file("s1.toml", "shops = [\"S1\"]\nrule.XX001.off = true\nrule.PK003.remove = [\"弹簧刀\"]");
    let config = r#"
        [detectors.prohibited-keyword]
        resources = { "rules/mine" = "mine.toml", "overlay/s1" = "s1.toml" }
    "#;
    let config = scratch.file("huoyan.toml", config);
    let with = |what: &[&str]| scratch.run(&[what, &["--config", &config]].concat());
    let rows = ["S1", "S2"].map(|shop| {
        serde_json::json!({"id": format!("l{shop}"), "shop_id": shop, "title": "橙汁杯套 弹簧刀"}).to_string() + "\n"
    });
    let input = scratch.file("listings.jsonl", rows.concat());
    with(&["scan", &input, "-o", "jsonl=f.jsonl", "-o", "text=f.txt"]).exits(1);
    let found = Findings::parse(&scratch.text("f.jsonl"));
    let found: Vec<_> = found.findings.iter().map(|f| (f["record"].clone(), f["rule"].clone())).collect();
    assert_eq!(found, [("lS2".into(), "XX001".into()), ("lS2".into(), "PK003".into())]);
    assert!(with(&["rules", "list"]).exits(0).stdout.contains("XX001"));
    assert!(with(&["explain", "XX001"]).exits(0).stdout.contains("橙汁杯套"));
    with(&["rules", "test"]).exits(0);

    scratch.file("s1.toml", "rule.PK003.remove = [\"没有这个词\"]");
    with(&["scan", &input]).exits(2).says("没有这个词");
    scratch.file("s1.toml", "rules.PK003.off = true");
    with(&["scan", &input]).exits(2).says("overlay/s1");
}

/// Of one review no campaign can be seen, and that is said; of a listing nothing of the kind.
#[test]
fn check_says_that_one_review_shows_no_campaign() {
    let scratch = Scratch::new();
    let run = scratch.run(&["check", "--kind", "review", "用了两天就坏了"]).exits(0);
    assert!(run.stderr.contains("one review by itself") && run.stderr.contains("huoyan scan"), "{}", run.stderr);
    let run = scratch.run(&["check", "北欧陶瓷马克杯带盖勺"]).exits(0);
    assert!(!run.stderr.contains("one review by itself"), "{}", run.stderr);
}

#[test]
fn check_answers_at_once() {
    let scratch = Scratch::new();
    let run = scratch.run(&["check", "一次性电子烟水果味换弹"]).exits(1);
    assert!(run.stdout.contains("PK") && run.stdout.contains(" text:1\n"), "{}", run.stdout);
    assert_eq!(run.stdout, scratch.run(&["check", "一次性电子烟水果味换弹"]).exits(1).stdout);
    let file = scratch.file("draft.json", r#"{"id":"D1","title":"一次性电子烟水果味换弹"}"#);
    let run = scratch.run(&["check", &file]).exits(1);
    assert!(run.stdout.contains(&format!("D1 · {file}:1\n")), "{}", run.stdout);
    scratch.run(&["check", "北欧陶瓷马克杯带盖勺"]).exits(0);
}

#[test]
fn a_plain_first_run_needs_no_options() {
    let scratch = Scratch::new();
    let run = scratch.run(&["scan", &shop("listings.jsonl")]).exits(1);
    assert!(run.stdout.contains("P3202"), "the text report names the record:\n{}", run.stdout);
}

#[test]
fn errors_are_told_in_the_language_asked_for() {
    let scratch = Scratch::new();
    let listings = scratch.file("listings.jsonl", "{\"id\":\"1\",\"title\":\"玻璃水杯\"}\n");
    let config = scratch.file("bad.toml", "[policy]\nreject_from = 0.1\n");
    let nothing = scratch.path("nothing.jsonl");
    let cases: [(&[&str], &str, &str); 4] = [
        (&["scan", &nothing], "无法读取", "cannot read"),
        (&["scan", &listings, "-o", "foo=x"], "不是输出格式", "is no output format"),
        (&["scan", &listings, "--config", &config], "policy.reject_from 为 0.1", "policy.reject_from is 0.1"),
        (&["scan", &listings, "--only", "nobody"], "没有这个检测器", "there is no such detector"),
    ];
    for (arguments, zh, en) in cases {
        for (locale, said) in [("zh", zh), ("en", en)] {
            let arguments = [arguments, &["--locale", locale]].concat();
            scratch.run(&arguments).exits(2).says(said);
        }
    }
}
