//! Opening a case and describing it from the command line: moments, exhibits, what comes out of scanned files.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise, in its helpers too")]

use std::fs;

use huoyan_tests::{Findings, Scratch, huoyan, shop};
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

/// What goes into `environment.json` and `bag-info.txt` of a case of these findings.
fn built(scratch: &Scratch, name: &str, findings: &str) -> (Value, Vec<String>) {
    let (case, key, out) = (scratch.path(name), scratch.path("shop.key"), scratch.path(&format!("{name}-out")));
    let new = ["appeal", "new", "--type", "malicious_review", "--review", "R20009", "--from", findings, "--out", &case];
    scratch.run(&[&new[..], &["--now", NOW]].concat()).exits(0);
    if !std::path::Path::new(&key).exists() {
        scratch.run(&["appeal", "key", "new", &key]).exits(0);
    }
    let more = scratch.file(
        &format!("{name}-more.jsonl"),
        fs::read_to_string(findings).unwrap().lines().next().unwrap().replace("\"run_id\":\"", "\"run_id\":\"f") + "\n",
    );
    scratch.run(&["appeal", "add", &case, &more, "--kind", "detection", "--now", NOW]).exits(0);
    scratch.run(&["appeal", "build", &case, "--key", &key, "--out", &out, "--now", NOW]).exits(0);
    scratch.run(&["appeal", "verify", &out, "--key", &format!("{key}.pub")]).exits(0);
    let zip = fs::read_dir(&out)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|p| p.extension().is_some_and(|e| e == "zip"));
    let folder = scratch.path(&format!("{name}-unzipped"));
    let unzip = std::process::Command::new("unzip").args(["-q", "-d", &folder]).arg(zip.unwrap()).status().unwrap();
    assert!(unzip.success());
    let bag = fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
    let environment = fs::read_to_string(bag.join("data/environment.json")).unwrap();
    let info = fs::read_to_string(bag.join("bag-info.txt")).unwrap();
    let lines = info.lines().filter(|line| line.starts_with("Rulepack-SHA256: ")).map(str::to_owned).collect();
    (serde_json::from_str(&environment).unwrap(), lines)
}

#[test]
fn the_bundle_names_the_rule_packs_by_one_digest_that_follows_them() {
    let scratch = Scratch::new();
    let findings = scanned(&scratch);
    let (environment, first) = built(&scratch, "first", &findings);
    assert_eq!(first.len(), 1, "bag-info.txt has the line once");
    assert_eq!(first[0].len(), "Rulepack-SHA256: ".len() + 64);
    let packs = environment["rule_packs"].as_array().unwrap();
    assert!(packs.iter().all(|pack| pack["digest"].as_str().unwrap().starts_with("blake3:")), "{packs:?}");
    let plugin = &environment["plugins"][0];
    assert_eq!(plugin["version"], "0.1.0");
    let runs = environment["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 2, "each run that the case has findings of");
    assert!(runs[0]["inputs"]["reviews.jsonl"].as_str().unwrap().starts_with("blake3:"), "{}", runs[0]);
    // The same findings of a run with another rule pack.
    let text = fs::read_to_string(&findings).unwrap();
    let header: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    let digest = header["resources"]["platform-mention/rules/contact"].as_str().unwrap();
    let other = scratch.file("other.jsonl", text.replace(digest, &digest.replace(&digest[..4], "ffff")));
    let (_, second) = built(&scratch, "second", &other);
    assert_ne!(first, second);
    let again = built(&scratch, "again", &findings).1;
    assert_eq!(first, again);
}

#[test]
fn a_copy_among_several_files_is_told_and_the_rest_is_taken_in() {
    let scratch = Scratch::new();
    let case = plain(&scratch, "malicious_review");
    let file = |name: &str, text: &str| scratch.file(name, text);
    let (one, two, three) = (file("1.txt", "甲\n"), file("2.txt", "甲\n"), file("3.txt", "乙\n"));
    let add = |files: &[&str]| scratch.run(&[&["appeal", "add", &case, "--now", NOW][..], files].concat());
    let told = add(&[&one, &two, &three]).exits(0);
    assert_eq!(told.stdout.lines().count(), 2, "{}", told.stdout);
    told.says("2.txt").says("E01").says("--same-bytes");
    let again = add(&[&one, &two, &three]).exits(0);
    assert_eq!(again.stdout, "");
    add(&[&two, "--same-bytes"]).exits(0);
    assert_eq!(read(&scratch, "case/case.json")["exhibits"].as_array().unwrap().len(), 3);
    // A file that is not there is told before any is taken in.
    let four = file("4.txt", "丙\n");
    add(&[&four, "nowhere.txt"]).exits(2).says("nowhere.txt").says("there is no such file");
    assert_eq!(read(&scratch, "case/case.json")["exhibits"].as_array().unwrap().len(), 3);
}

#[cfg(unix)]
#[test]
fn a_pipe_is_refused_and_not_waited_for() {
    let scratch = Scratch::new();
    let case = plain(&scratch, "malicious_review");
    let pipe = scratch.path("pipe.txt");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    scratch.run(&["appeal", "add", &case, &pipe]).exits(2).says("pipe.txt").says("no regular file");
    let out = scratch.path("other");
    let new = ["appeal", "new", "--type", "malicious_review", "--shop", "S1", "--review", "R1", "--out", &out];
    scratch.run(&[&new[..], &["--from", &pipe]].concat()).exits(2).says("no regular file");
}

#[test]
fn an_exhibit_is_described_anew_and_its_bytes_stay() {
    let scratch = Scratch::new();
    let case = plain(&scratch, "malicious_review");
    let file = scratch.file("品牌授权书.txt", "一份说明\n");
    scratch.run(&["appeal", "add", &case, &file, "--now", NOW]).exits(0);
    let before = read(&scratch, "case/case.json")["exhibits"][0].clone();
    assert_eq!((&before["source"]["party"], &before["source"]["party_told"]), (&"brand".into(), &false.into()));
    let edit = |options: &[&str]| scratch.run(&[&["appeal", "edit", &case, "E01", "--now", NOW][..], options].concat());
    edit(&[]).exits(2).says("--title");
    edit(&["--kind", "chats"]).exits(2).says("did you mean 'chat'?");
    edit(&["--party", "foo"]).exits(2).says("there is no such name; there are");
    edit(&["--method", "foo"]).exits(2).says("screenshot");
    let options =
        ["--kind", "document", "--party", "merchant", "--title", "店内说明", "--fact", "report_no=A1", "--order", "O1"];
    edit(&options).exits(0);
    edit(&["--captured-at", "2026-11-20", "--method", "现场拍摄", "--fact", "report_no="]).exits(0);
    let after = read(&scratch, "case/case.json")["exhibits"][0].clone();
    assert_eq!(
        (&after["kind"], &after["title"], &after["method"]),
        (&"document".into(), &"店内说明".into(), &"现场拍摄".into())
    );
    assert_eq!((&after["source"]["party"], &after["source"]["party_told"]), (&"merchant".into(), &true.into()));
    assert_eq!((&after["links"]["orders"][0], after.get("facts")), (&"O1".into(), None));
    for same in ["id", "sha256", "bytes", "file", "added_at"] {
        assert_eq!(after[same], before[same], "{same}");
    }
    assert_eq!(scratch.text("case/exhibits/E01/品牌授权书.txt"), "一份说明\n");
    let custody = scratch.text("case/custody.jsonl");
    let last: Value = serde_json::from_str(custody.lines().last().unwrap()).unwrap();
    assert_eq!((custody.lines().count(), &last["action"]), (3, &"describe".into()));
    assert_eq!((&last["reason"], &last["sha256"]), (&"method captured_at fact".into(), &before["sha256"]));
    edit(&["--title", "店内说明"]).exits(0).says("nothing was changed");
    assert_eq!(scratch.text("case/custody.jsonl").lines().count(), 3);
    scratch.run(&["appeal", "remove", &case, "E01", "--reason", " "]).exits(2).says("--reason");
}

#[test]
fn cases_of_one_day_are_numbered() {
    let scratch = Scratch::new();
    let new = |out: &str, more: &[&str]| {
        let out = scratch.path(out);
        let start = ["appeal", "new", "--type", "malicious_review", "--shop", "S1", "--review", "R1", "--out", &out];
        scratch.run(&[&start[..], &["--now", NOW], more].concat()).exits(0).stdout.lines().next().unwrap().to_owned()
    };
    assert_eq!(new("one", &[]), "CASE-20261122-0001");
    assert_eq!(new("two", &[]), "CASE-20261122-0002");
    assert_eq!(new("own", &["--id", "MINE"]), "MINE");
    assert_eq!(new("three", &[]), "CASE-20261122-0003");
    assert_eq!(new("elsewhere/one", &[]), "CASE-20261122-0001");
}

/// What a command says, on stdout and stderr, to somebody who reads Chinese.
fn chinese(scratch: &Scratch, args: &[&str]) -> String {
    let output = std::process::Command::new(huoyan())
        .args(["--locale", "zh"])
        .args(args)
        .current_dir(scratch.path("."))
        .output()
        .unwrap();
    String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
}

#[test]
fn what_is_wrong_is_said_in_the_language_of_who_reads_it() {
    let scratch = Scratch::new();
    let case = plain(&scratch, "malicious_review");
    let zh = |args: &[&str]| chinese(&scratch, args);
    let said = zh(&["appeal", "add", &case, "nowhere.txt"]);
    assert!(said.contains("文件不存在") && !said.contains("os error"), "{said}");
    let key = scratch.path("shop.key");
    scratch.run(&["appeal", "key", "new", &key]).exits(0);
    let (public, out) = (format!("{key}.pub"), scratch.path("out"));
    let said = zh(&["appeal", "build", &case, "--key", &public, "--out", &out]);
    assert!(said.contains("这是公钥") && !said.contains("chmod"), "{said}");
    let types = zh(&["appeal", "new", "--type", "x", "--shop", "S1", "--out", &out]);
    assert_eq!(types.matches("ship_timeout").count(), 1, "{types}");
    let within = format!("{case}/bundle");
    assert!(zh(&["appeal", "build", &case, "--key", &key, "--out", &within]).contains("案件文件夹之内"));
    let chat = scratch.file("聊天.csv", "甲,乙\n1,2\n");
    scratch.run(&["appeal", "add", &case, &chat, "--kind", "chat"]).exits(0);
    let check = zh(&["appeal", "check", &case, "--now", NOW]);
    assert!(check.contains("找不到这些列：时间"), "{check}");
    let picture = scratch.path("p.jpg");
    fs::copy(shop("pictures/P2001-1.jpg"), &picture).unwrap();
    let said = zh(&["appeal", "add", &case, &picture, "--cover", "90000,90000,5,5"]);
    assert!(said.contains("的区域在图片之外") && !said.contains("region"), "{said}");
    let json = scratch.text("case/case.json").replace("exhibits/E01/", "elsewhere/");
    fs::write(format!("{case}/case.json"), json).unwrap();
    assert!(zh(&["appeal", "check", &case]).contains("那不是它应在的位置"));
}

#[test]
fn a_long_name_keeps_its_ending() {
    let scratch = Scratch::new();
    let case = plain(&scratch, "malicious_review");
    let name = format!("{}.csv", "聊".repeat(80));
    let chat = scratch.file(&name, "时间,发送方,内容\n2026-11-05 10:00:00,买家,你好\n2026-11-05 10:01:00,客服,您好\n");
    let told = scratch.run(&["appeal", "add", &case, &chat]).exits(0).stdout;
    assert!(told.trim_end().ends_with(".csv"), "{told}");
}

#[test]
fn a_match_of_pictures_is_opened_from_elsewhere_and_without_its_gallery_with_a_word() {
    let scratch = Scratch::new();
    let project = scratch.path("project/shop");
    fs::create_dir_all(format!("{project}/pictures")).unwrap();
    for name in ["listings.jsonl", "huoyan.toml"] {
        fs::copy(shop(name), format!("{project}/{name}")).unwrap();
    }
    for entry in fs::read_dir(shop("pictures")).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), format!("{project}/pictures/{}", entry.file_name().to_str().unwrap())).unwrap();
    }
    let gallery = shop("gallery");
    let scan = std::process::Command::new(huoyan())
        .args(["scan", "shop/listings.jsonl", "--gallery", &gallery, "--fail-on", "never", "-o", "jsonl=f.jsonl"])
        .current_dir(scratch.path("project"))
        .output()
        .unwrap();
    assert!(scan.status.success(), "{}", String::from_utf8_lossy(&scan.stderr));
    let findings = scratch.path("project/f.jsonl");
    let found = Findings::parse(&scratch.text("project/f.jsonl"));
    let copy = found.findings.iter().find(|finding| finding["evidence"]["match"] == "copy").unwrap();
    let picture = copy["record"].as_str().unwrap();
    let new = |out: &str, more: &[&str]| {
        let out = scratch.path(out);
        let start = [
            "appeal",
            "new",
            "--type",
            "brand_notice",
            "--shop",
            "S1",
            "--picture",
            picture,
            "--from",
            &findings,
            "--out",
            &out,
        ];
        scratch.run(&[&start[..], more].concat())
    };
    new("lost", &["--gallery", &gallery]).exits(2).says("shop/listings.jsonl").says("--root");
    let root = scratch.path("project");
    let made = new("case", &["--gallery", &gallery, "--root", &root]).exits(0);
    assert!(made.stdout.contains("suspect.jpg") && made.stdout.contains("reference.jpg"), "{}", made.stdout);
    let told = read(&scratch, "case/case.json");
    let suspect =
        told["exhibits"].as_array().unwrap().iter().find(|e| e["file"].as_str().unwrap().ends_with("suspect.jpg"));
    let suspect = suspect.unwrap();
    assert_eq!((&suspect["source"]["party"], &suspect["method"]), (&"merchant".into(), &"scan-input".into()));
    let made = new("bare", &["--root", &root]).exits(0).says("--gallery");
    assert!(!made.stdout.contains("reference.jpg"), "{}", made.stdout);
}
