//! `huoyan calibrate`: people's decisions become a model that the next scan uses.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise, in its helpers too")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use huoyan_tests::{Findings, Scratch, csv_rows};

const HEAD: &str = "fingerprint,decision,by,at,reason\n";

/// Numbers that are the same on every machine (splitmix64).
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n
    }

    fn one_of(&mut self, of: &[&'static str]) -> &'static str {
        of[self.below(of.len() as u64) as usize]
    }
}

const DAY: u64 = 86_400;
const THING: [&str; 8] = ["杯子", "外套", "耳机", "键盘", "台灯", "背包", "锅", "枕头"];
const FAULT: [&str; 8] =
    ["有裂纹", "颜色不对", "做工粗糙", "味道很重", "尺寸偏小", "用两天就坏了", "少了配件", "跟图片差很多"];
const END: [&str; 8] =
    ["客服一直不回", "不会再买了", "有点失望", "退货还要自己出运费", "等了一周才到", "将就用吧", "", "差评"];
const PRAISE: [&str; 6] = ["很喜欢", "质量不错", "物流很快", "和描述一致", "家里人都说好", "回购第三次了"];

/// Reviews of 40 listings over a year: honest ones spread over it, and campaigns of new accounts within two days. The id tells which.
fn reviews() -> String {
    let mut r = Random(7);
    let mut out = String::new();
    let mut put = |id: String,
                   listing: u64,
                   who: String,
                   stars: u64,
                   text: String,
                   at: u64,
                   odd: bool,
                   r: &mut Random| {
        let (age, hours) = if odd { (1 + r.below(9), 1 + r.below(4)) } else { (60 + r.below(1500), 20 + r.below(200)) };
        let verified = if odd { r.below(4) == 0 } else { r.below(12) > 0 };
        writeln!(
            out,
            r#"{{"id":"{id}","listing_id":"l{listing}","shop_id":"s{}","reviewer_id":"{who}","rating":{stars},"text":"{text}","created_at":{at},"verified_purchase":{verified},"refunded":false,"hours_since_delivery":{hours},"account_age_days":{age}}}"#,
            listing / 4
        )
        .unwrap();
    };
    for i in 0..500 {
        let (thing, fault, end) = (r.one_of(&THING), r.one_of(&FAULT), r.one_of(&END));
        let text = format!("{thing}{fault}，{end}，第{}天", r.below(90));
        let (listing, who, at) = (r.below(40), format!("u{}", r.below(400)), 1_700_000_000 + r.below(365 * DAY));
        let stars = 1 + r.below(2);
        // Some honest people are new and quick, too.
        let odd = r.below(10) == 0;
        put(format!("honest-{i}"), listing, who, stars, text, at, odd, &mut r);
    }
    for i in 0..300 {
        let text = format!("{}{}，{}", r.one_of(&THING), r.one_of(&PRAISE), r.one_of(&PRAISE));
        let (listing, who, at) = (r.below(40), format!("u{}", r.below(400)), 1_700_000_000 + r.below(365 * DAY));
        put(format!("praise-{i}"), listing, who, 5, text, at, false, &mut r);
    }
    for campaign in 0..12 {
        let (listing, start) = (r.below(40), 1_700_000_000 + r.below(360 * DAY));
        let fault = r.one_of(&FAULT);
        for i in 0..10 {
            let text = format!("{}千万别买，{fault}，{}，第{}天", r.one_of(&THING), r.one_of(&END), r.below(90));
            let (at, odd) = (start + r.below(2 * DAY), r.below(5) > 0);
            put(format!("attack-{campaign}-{i}"), listing, format!("a{campaign}-{i}"), 1, text, at, odd, &mut r);
        }
    }
    out
}

/// Findings by the review's id.
fn by_review(text: &str) -> BTreeMap<String, serde_json::Value> {
    let findings = Findings::parse(text).findings.into_iter();
    findings.map(|finding| (finding["record"].as_str().unwrap().to_owned(), finding)).collect()
}

/// A scan of every review, whose findings are in `name`.
fn scan(scratch: &Scratch, name: &str, settings: &str) -> BTreeMap<String, serde_json::Value> {
    scratch.file("huoyan.toml", format!("all_findings = true\n[detectors.review-malice]\nreport_from = 0\n{settings}"));
    let input = scratch.file("reviews.jsonl", reviews());
    let output = format!("jsonl={}", scratch.path(name));
    scratch.run(&["scan", &input, "--only", "review-malice", "--fail-on", "never", "-o", &output]).exits(0);
    by_review(&scratch.text(name))
}

fn fingerprint(finding: &serde_json::Value) -> &str {
    finding["fingerprint"].as_str().unwrap()
}

/// What the ids know, as a decisions file with words of every kind.
fn decisions<'a>(findings: impl IntoIterator<Item = (&'a String, &'a serde_json::Value)>) -> String {
    let mut out = HEAD.to_owned();
    for (i, (record, finding)) in findings.into_iter().enumerate() {
        let words: &[&str] = if record.starts_with("attack") {
            &["恶意", "confirmed", "Upheld", "malicious"]
        } else {
            &["正常", "dismissed", "rejected", "genuine"]
        };
        writeln!(out, "{},{},li,2026-11-20T08:00:00Z,", fingerprint(finding), words[i % 4]).unwrap();
    }
    out
}

#[test]
fn decided_cases_become_a_model_that_the_next_scan_uses() {
    let scratch = Scratch::new();
    let before = scan(&scratch, "run/findings.jsonl", "");
    assert_eq!(before.len(), 920);
    scratch.file("decisions.csv", decisions(&before));
    // What else lies in the folder is no findings file.
    scratch.file("run/quarantine.jsonl", "{\"file\":\"x\"}\nnot json\n");
    let calibrate =
        |out: &str| scratch.run(&["calibrate", "--decisions", "decisions.csv", "--from", "run", "--out", out]).exits(0);
    let told = calibrate("model.toml");
    for text in [
        "negative (up to three stars, or none): 120 malicious, 500 genuine",
        "positive (four and five stars): 0 malicious, 300 genuine\n  left as it is: each needs at least 30",
        "malice found at 1 % of genuine",
        "calibration error, 10 bins",
        "curves that changed most",
        "[detectors.review-malice.resources]\nmodel = \"",
    ] {
        assert!(told.stdout.contains(text), "should tell '{text}':\n{}", told.stdout);
    }
    assert!(!told.stderr.contains("warning"), "{}", told.stderr);
    assert_eq!(
        std::fs::read_dir(scratch.path(".")).unwrap().filter(|e| is_part(&e.as_ref().unwrap().path())).count(),
        0
    );

    let model = scratch.read("model.toml");
    calibrate("again.toml");
    assert_eq!(model, scratch.read("again.toml"), "the same cases give the same model");

    let lines = told.stdout.split("add to huoyan.toml:\n").nth(1).unwrap();
    let after = scan(&scratch, "after.jsonl", lines);
    let score = |finding: &serde_json::Value| finding["score"].as_f64().unwrap();
    let changed = before.iter().filter(|(record, finding)| score(finding) != score(&after[*record])).count();
    assert!(changed > 500, "{changed} scores changed");
    let positive = before.iter().filter(|(record, _)| record.starts_with("praise"));
    positive.for_each(|(record, finding)| assert_eq!(score(finding), score(&after[record])));
    let loss = |findings: &BTreeMap<String, serde_json::Value>| -> f64 {
        let negative = findings.iter().filter(|(record, _)| !record.starts_with("praise"));
        let of = |(record, finding): (&String, _)| {
            if record.starts_with("attack") { score(finding) } else { 1.0 - score(finding) }
        };
        negative.map(|case| -of(case).max(1e-9).ln()).sum()
    };
    assert!(loss(&after) < loss(&before), "{} {}", loss(&after), loss(&before));

    // A cautious model flags hardly any of those found genuine, whatever it would find besides.
    let cautious = [
        "calibrate",
        "--decisions",
        "decisions.csv",
        "--from",
        "run",
        "--out",
        "cautious.toml",
        "--flag-at-most",
        "0.002",
    ];
    let told = scratch.run(&cautious).exits(0).stdout;
    let careful = scan(&scratch, "careful.jsonl", told.split("add to huoyan.toml:\n").nth(1).unwrap());
    let genuine = careful.iter().filter(|(record, _)| !record.starts_with("attack") && !record.starts_with("praise"));
    assert!(genuine.filter(|(_, finding)| score(finding) >= 0.5).count() <= 1);
    let wrong = [&cautious[..6], &["other.toml", "--flag-at-most", "3"]].concat();
    scratch.run(&wrong).exits(2).says("between 0 and 1");

    // Reviews may now be reported under other rules: what was decided about them holds all the same, and the model in use is to be named.
    let arguments =
        ["calibrate", "--decisions", "decisions.csv", "--from", "after.jsonl", "--out", "third.toml", "--force"];
    let run = scratch.run(&arguments).exits(0).says("scored by another model");
    assert!(run.stdout.contains("120 malicious, 500 genuine"), "{}", run.stdout);
    assert!(!run.stderr.contains("about no finding"), "{}", run.stderr);
    let run = scratch.run(&[&arguments[..], &["--model", "model.toml"]].concat()).exits(0);
    assert!(!run.stderr.contains("scored by another model"), "{}", run.stderr);
    let about = scratch.text("third.toml").lines().next().unwrap().to_owned();
    assert_eq!(about.matches("Refitted").count(), 1, "{about}");

    let rows = csv_rows(&scratch.text("decisions.csv"));
    scratch
        .run(&["scan", "reviews.jsonl", "--baseline", "decisions.csv", "--only", "review-malice", "--fail-on", "never"])
        .exits(0);
    assert_eq!(rows.len(), 921);
}

fn is_part(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "part")
}

#[test]
fn a_sample_that_teaches_little_is_told() {
    let scratch = Scratch::new();
    let findings = scan(&scratch, "findings.jsonl", "");
    let chosen = |wanted: fn(f64) -> bool| findings.iter().filter(move |(_, f)| wanted(f["score"].as_f64().unwrap()));
    let mut text = decisions(chosen(|score| score >= 0.5));
    let standing = text.lines().count() - 1;
    assert!(standing > 10, "{standing}");
    for i in 0..7 {
        writeln!(text, "{i:032x},恶意,li,,").unwrap();
    }
    scratch.file("decisions.csv", &text);
    let arguments = ["calibrate", "--decisions", "decisions.csv", "--from", "findings.jsonl", "--out", "model.toml"];
    let run = scratch.run(&arguments);
    assert!(run.stderr.contains("7 decisions are about no finding"), "{}", run.stderr);
    assert!(run.stderr.contains("all decided cases come from findings of 0.5 and more"), "{}", run.stderr);
    // Too few on one hand: nothing is fitted, and --force does not make a model of nothing.
    let few = decisions(findings.iter().filter(|(record, _)| !record.starts_with("attack")));
    scratch.file("decisions.csv", few);
    scratch.run(&arguments).exits(2).says("too few decided cases");
    scratch.run(&[&arguments[..], &["--force"]].concat()).exits(2).says("too few decided cases");
    assert!(!Path::new(&scratch.path("model.toml")).exists());
}

#[test]
fn decisions_the_wrong_way_round_are_refused() {
    let scratch = Scratch::new();
    let findings = scan(&scratch, "findings.jsonl", "");
    let word = |record: &str| if record.starts_with("attack") { "dismiss" } else { "confirm" };
    let row = |(record, finding): (&String, _)| format!("{},{},li,,\n", fingerprint(finding), word(record));
    scratch.file("decisions.csv", HEAD.to_owned() + &findings.iter().map(row).collect::<String>());
    let arguments = ["calibrate", "--decisions", "decisions.csv", "--from", "findings.jsonl", "--out", "model.toml"];
    scratch.run(&arguments).exits(2).says("the decisions run against the scores (negative)");
    assert!(!Path::new(&scratch.path("model.toml")).exists());
}

#[test]
fn a_model_that_does_worse_is_written_only_when_forced() {
    let scratch = Scratch::new();
    let findings = scan(&scratch, "findings.jsonl", "");
    // Decisions by the toss of a coin: what is learned from them holds for no other case, and the old model knows as little.
    let model = "model-of-coins.toml";
    let mut coins = HEAD.to_owned();
    let mut r = Random(3);
    for (_, finding) in findings.iter().filter(|(record, _)| !record.starts_with("praise")) {
        writeln!(coins, "{},{},li,,", fingerprint(finding), r.one_of(&["confirm", "dismiss"])).unwrap();
    }
    scratch.file("coins.csv", coins);
    let arguments = ["calibrate", "--decisions", "coins.csv", "--from", "findings.jsonl", "--out", model];
    scratch.run(&[&arguments[..], &["--force"]].concat()).exits(0);
    // The truth's model against coins loses to one that says one half of all.
    scratch.file("decisions.csv", decisions(&findings));
    let run = |force: &[&str]| {
        let arguments = [
            "calibrate",
            "--decisions",
            "coins.csv",
            "--from",
            "findings.jsonl",
            "--model",
            model,
            "--out",
            "worse.toml",
        ];
        scratch.run(&[&arguments[..], force].concat())
    };
    run(&[]).exits(2).says("does worse than the old one");
    assert!(!Path::new(&scratch.path("worse.toml")).exists());
    run(&["--force"]).exits(0).says("written because of --force");
    assert!(scratch.text("worse.toml").contains("[sides.negative"));
}

#[test]
fn bad_input_is_refused_with_its_place_and_nothing_is_written() {
    let scratch = Scratch::new();
    let finding = |evidence: &str| {
        format!(
            "{{\"type\":\"header\"}}\n{{\"type\":\"finding\",\"detector\":\"review-malice\",\"rule\":\"RM001\",\"record\":\"r\",\"score\":0.2,\"fingerprint\":\"{:032x}\",\"evidence\":{evidence}}}\n{{\"type\":\"summary\"}}\n",
            1
        )
    };
    let good = finding(r#"{"side":"negative","stratum":"one","signals":{"burst_short":2.0}}"#);
    let decided = format!("{HEAD}{:032x},confirm,li,,\n", 1);
    let refused = |decisions: &[u8], findings: &[u8], model: Option<&str>, says: &str| {
        scratch.file("d.csv", decisions);
        scratch.file("f.jsonl", findings);
        let mut arguments = vec!["calibrate", "--decisions", "d.csv", "--from", "f.jsonl", "--out", "m.toml"];
        if let Some(model) = model {
            scratch.file("old.toml", model);
            arguments.extend(["--model", "old.toml"]);
        }
        scratch.run(&arguments).exits(2).says(says);
        assert!(!Path::new(&scratch.path("m.toml")).exists(), "a model was written");
    };
    let with = |decisions: &str, says: &str| refused(decisions.as_bytes(), good.as_bytes(), None, says);
    with("", "d.csv: the file is empty");
    with(HEAD, "there are no decisions in it");
    with("finger,decision\n1,2\n", "d.csv:1: the column 'fingerprint' is missing");
    with("fingerprint,what\n1,2\n", "d.csv:1: the column 'decision' is missing");
    with(&format!("{decided}{:032x},perhaps,li,,\n", 2), "d.csv:3: unknown decision 'perhaps'");
    with(&format!("{decided}{:032x},dismiss,wang,,\n", 1), "d.csv:3: decides the finding otherwise than line 2");
    with(&format!("{HEAD}12,confirm,li,,\n"), "d.csv:2: '12' is no fingerprint");
    with(&format!("{HEAD}{:032x},confirm,li,,\n", 9), "no decision in d.csv is about a finding");
    with(&decided, "too few decided cases");
    refused(b"fingerprint,decision\n\xce\xde,\xb6\xf1\n", good.as_bytes(), None, "d.csv:2: the text is not UTF-8");

    let from = |findings: &str, says: &str| refused(decided.as_bytes(), findings.as_bytes(), None, says);
    from("", "f.jsonl: there are no findings in it");
    from("{\"type\":\"header\"}\n{\"type\":\"summary\"}\n", "f.jsonl: there are no findings of review-malice");
    from(&good.replace("\"review-malice\"", "\"platform-mention\""), "no findings of review-malice");
    from(&finding("{\"side\":\"negative\"}"), "f.jsonl:2: the finding has no signals, it is an older version's");
    from(&good.replace("negative", "sideways"), "f.jsonl:2: the model has no side 'sideways'");
    from(&good.replace("\"one\"", "\"crowd\""), "f.jsonl:2: the model has no stratum 'crowd'");
    from(&good.replace("burst_short", "burst_odd"), "f.jsonl:2: the model has no signal 'burst_odd'");
    from(&good[..good.len() - 40], "f.jsonl:2: this is no line of findings");
    refused(decided.as_bytes(), b"{\"type\":\"header\"}\n\"\xce\xde\"\n", None, "f.jsonl:2: the text is not UTF-8");

    let model = |model: &str, says: &str| refused(decided.as_bytes(), good.as_bytes(), Some(model), says);
    model("about = 1\n", "old.toml:1: this is no model");
    model(
        "about = \"x\"\nspeaks_from = 0.4\nsignals = {}\nsides = {}\n",
        "old.toml: the model does not list the signal",
    );

    let run = |arguments: &[&str]| scratch.run(&[&["calibrate", "--decisions", "d.csv"], arguments].concat()).exits(2);
    run(&["--from", "nowhere", "--out", "m.toml"]).says("nowhere");
    run(&["--from", "f.jsonl", "--out", "m.toml", "--detector", "other"])
        .says("no model comes with a detector 'other'");
    let there = scratch.file("there.toml", "mine");
    run(&["--from", "f.jsonl", "--out", &there]).says("is there already");
    assert_eq!(scratch.text("there.toml"), "mine");
}
