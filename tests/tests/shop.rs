//! The fixtures shop through the whole product: every detector finds what it must, and the innocent stay untouched.

use std::collections::BTreeMap;

use huoyan_tests::{Findings, Finished, Scratch, labels, shop};

/// Scans the shop with everything it has into `OUT.jsonl`.
fn scan(scratch: &Scratch, out: &str, more: &[&str]) -> Finished {
    let gallery = scratch.path("brand.gallery");
    if !std::path::Path::new(&gallery).exists() {
        scratch.run(&["gallery", "build", &shop("gallery"), "--out", &gallery]).exits(0);
    }
    let (listings, reviews, brands) = (shop("listings.jsonl"), shop("reviews.jsonl"), shop("brands.toml"));
    let jsonl = format!("jsonl={}", scratch.path(out));
    let mut arguments = vec!["scan", &listings, &reviews, "--gallery", &gallery, "--brands", &brands, "-o", &jsonl];
    arguments.extend(more);
    scratch.run(&arguments)
}

#[test]
fn every_detector_finds_what_the_labels_expect_and_nothing_else() {
    let scratch = Scratch::new();
    scan(&scratch, "findings.jsonl", &[]).exits(1);
    let found = Findings::parse(&scratch.text("findings.jsonl")).detectors();
    let labels: BTreeMap<_, _> =
        labels().into_iter().map(|label| ((label.kind.clone(), label.record.clone()), label)).collect();
    let mut wrong = Vec::new();
    for (key, label) in &labels {
        let detectors = found.get(key).cloned().unwrap_or_default();
        for missed in label.expect.difference(&detectors) {
            wrong.push(format!("{} {}: {missed} found nothing ({})", key.0, key.1, label.why));
        }
    }
    for (key, detectors) in &found {
        for detector in detectors {
            let label = labels.get(key);
            if !label.is_some_and(|l| l.expect.contains(detector) || l.may.contains(detector)) {
                let why = label.map_or("", |l| &l.why);
                wrong.push(format!("{} {}: {detector} found something ({why})", key.0, key.1));
            }
        }
    }
    assert!(wrong.is_empty(), "{} disagreements with labels.csv:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_broken_picture_is_unjudged_with_its_reason_and_its_listing_is_scanned_all_the_same() {
    let scratch = Scratch::new();
    scan(&scratch, "findings.jsonl", &[]).exits(1);
    let found = Findings::parse(&scratch.text("findings.jsonl"));
    let mut unjudged: BTreeMap<String, usize> = BTreeMap::new();
    // Each detector that looks at pictures says so; here one of them is asked.
    let says = |row: &&serde_json::Value| row["record_kind"] == "image" && row["detector"] == "image-counterfeit";
    for row in found.unjudged.iter().filter(says) {
        assert!(!row["reason"].as_str().unwrap().is_empty(), "{row}");
        let record = row["record"].as_str().unwrap();
        *unjudged.entry(record.split('#').next().unwrap().to_owned()).or_default() += 1;
    }
    let expected: BTreeMap<String, usize> =
        labels().into_iter().filter(|label| label.unjudged > 0).map(|label| (label.record, label.unjudged)).collect();
    assert_eq!(unjudged, expected);
}

#[test]
fn the_same_bytes_come_out_at_any_thread_count_and_in_every_format() {
    let scratch = Scratch::new();
    let formats = ["csv", "scores", "verdicts", "baseline", "html", "parquet", "xlsx"];
    for threads in ["1", "2", "5"] {
        let outputs: Vec<String> =
            formats.iter().map(|format| format!("{format}={}", scratch.path(&format!("{format}.{threads}")))).collect();
        let mut more = vec!["--threads", threads];
        outputs.iter().for_each(|output| more.extend(["-o", output.as_str()]));
        scan(&scratch, &format!("jsonl.{threads}"), &more).exits(1);
    }
    for format in formats.iter().chain(&["jsonl"]) {
        let one = scratch.read(&format!("{format}.1"));
        for threads in ["2", "5"] {
            assert!(
                one == scratch.read(&format!("{format}.{threads}")),
                "{format} differs between 1 and {threads} threads"
            );
        }
    }
}

#[test]
fn the_report_shows_a_copied_picture_outlined_and_laid_over_its_original() {
    let scratch = Scratch::new();
    let html = format!("html={}", scratch.path("report.html"));
    scan(&scratch, "findings.jsonl", &["-o", &html]).exits(1);
    let page = scratch.text("report.html");
    let (_, data) = page.split_once("id=\"data\">").expect("the page carries its data");
    let data: serde_json::Value = serde_json::from_str(data.split_once("</script>").unwrap().0).unwrap();
    let pictures = data["pictures"].as_array().unwrap();
    let copied: Vec<_> =
        data["findings"].as_array().unwrap().iter().filter(|finding| finding["rule"] == "IC001").collect();
    assert!(!copied.is_empty());
    for finding in copied {
        for shown in ["img", "ref", "outlined", "laid"] {
            let index = finding[shown].as_u64().unwrap_or_else(|| panic!("{shown} is absent: {finding}"));
            let uri = pictures[usize::try_from(index).unwrap()].as_str().unwrap();
            assert!(uri.starts_with("data:image/jpeg;base64,"), "{shown}: {uri}");
        }
    }
}

#[test]
fn rows_read_are_rows_scanned_set_apart_and_quarantined() {
    let scratch = Scratch::new();
    let quarantine = scratch.path("bad.jsonl");
    scan(&scratch, "findings.jsonl", &["--quarantine", &quarantine]).exits(1);
    let found = Findings::parse(&scratch.text("findings.jsonl"));
    assert_eq!(found.count("read"), found.records() + found.count("duplicates") + found.count("quarantined"));
    assert_eq!((found.count("duplicates"), found.count("quarantined")), (1, 1));
    for input in found.summary["inputs"].as_array().unwrap() {
        let count = |name: &str| input[name].as_u64().unwrap();
        assert_eq!(count("read"), count("scanned") + count("duplicates") + count("quarantined"), "{input}");
    }
    let verdicts: u64 = found.summary["verdicts"].as_object().unwrap().values().map(|n| n.as_u64().unwrap()).sum();
    assert_eq!(verdicts, found.records(), "one verdict a record");
    let bad = scratch.text("bad.jsonl");
    assert_eq!(bad.lines().count(), 1);
    let row: serde_json::Value = serde_json::from_str(bad.lines().next().unwrap()).unwrap();
    assert!(row["raw"].as_str().unwrap().contains("R29999"), "{row}");
    assert_eq!(row["line"], 215);
}

#[test]
fn a_messy_workbook_and_a_gbk_table_give_what_the_jsonl_gives() {
    let scratch = Scratch::new();
    let brands = shop("brands.toml");
    let scan = |input: &str| {
        let input = shop(input);
        scratch.run(&["scan", &input, "--brands", &brands, "-o", "jsonl=out.jsonl"]).exits(1);
        Findings::parse(&scratch.text("out.jsonl"))
    };
    let plain = scan("listings.jsonl");
    let workbook = scan("listings_messy.xlsx");
    assert_eq!(workbook.records(), plain.records());
    assert_eq!(workbook.contents(), plain.contents());

    let gbk = scan("listings_gbk.csv");
    // Four listings hold characters that GBK lacks.
    assert_eq!(gbk.records() + 4, plain.records());
    let lacking = ["P3203", "P3403", "P3404", "P3407"];
    let rest = plain.contents().into_iter().filter(|line| !lacking.iter().any(|id| line.starts_with(id))).collect();
    assert_eq!(gbk.contents(), rest);
}

#[test]
fn a_baseline_covers_what_is_known() {
    let scratch = Scratch::new();
    let baseline = format!("baseline={}", scratch.path("known.txt"));
    scan(&scratch, "first.jsonl", &["-o", &baseline]).exits(1);
    scan(&scratch, "second.jsonl", &["--baseline", &scratch.path("known.txt")]).exits(0);
    let second = Findings::parse(&scratch.text("second.jsonl"));
    assert!(second.count("suppressed") > 0);
}

#[test]
fn a_picture_that_cannot_be_read_is_counted_once() {
    let scratch = Scratch::new();
    scratch.file("good.jpg", std::fs::read(shop("pictures/P2001-1.jpg")).unwrap());
    let listing = |id: u32, image: &str| format!("{{\"id\":\"{id}\",\"title\":\"杯子\",\"images\":[\"{image}\"]}}\n");
    let listings = scratch.file("listings.jsonl", [listing(1, "good.jpg"), listing(2, "nowhere.jpg")].concat());
    let found =
        Findings::parse(&scratch.run(&["scan", &listings, "-o", "jsonl", "--fail-on", "never"]).exits(0).stdout);
    let scanned: u64 =
        found.summary["scanned"].as_object().unwrap().values().filter_map(serde_json::Value::as_u64).sum();
    assert_eq!(scanned, 4);
    for detector in found.summary["detectors"].as_array().unwrap() {
        let (judged, unjudged) = (detector["judged"].as_u64().unwrap(), detector["unjudged"].as_u64().unwrap());
        let looks = ["image-counterfeit", "platform-mention"].contains(&detector["name"].as_str().unwrap());
        if looks {
            assert_eq!((judged, unjudged), (3, 1), "{detector}");
        }
    }
}
