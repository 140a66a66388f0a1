//! Galleries through the command: made, changed, checked, exchanged and used.

use huoyan_tests::{Findings, Scratch, shop};

/// The rule, record and evidence of every match of a picture, from a scan with a gallery.
fn matches(scratch: &Scratch, gallery: &str) -> Vec<(String, String, serde_json::Value)> {
    let (listings, brands) = (shop("listings.jsonl"), shop("brands.toml"));
    let jsonl = format!("jsonl={}", scratch.path("found.jsonl"));
    scratch.run(&["scan", &listings, "--gallery", gallery, "--brands", &brands, "-o", &jsonl]);
    let found = Findings::parse(&scratch.text("found.jsonl")).findings;
    let text = |row: &serde_json::Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
    let pictures = found.iter().filter(|row| row["rule"] == "IC001" || row["rule"] == "IC002");
    pictures.map(|row| (text(row, "rule"), text(row, "record"), row["evidence"].clone())).collect()
}

#[test]
fn a_gallery_and_the_folder_it_was_made_of_find_the_same() {
    let scratch = Scratch::new();
    let gallery = scratch.path("g");
    scratch.run(&["gallery", "build", &shop("gallery"), "--out", &gallery]).exits(0).says("13 pictures");
    scratch.run(&["gallery", "verify", &gallery]).exits(0);
    let found = matches(&scratch, &gallery);
    assert!(found.iter().filter(|m| m.0 == "IC001").count() > 5);
    assert_eq!(found, matches(&scratch, &shop("gallery")));
}

#[test]
fn what_is_removed_is_found_no_more_and_what_is_added_is() {
    let scratch = Scratch::new();
    let gallery = scratch.path("g");
    scratch.run(&["gallery", "build", &shop("gallery"), "--out", &gallery]).exits(0);
    let all = matches(&scratch, &gallery);
    let file = all[0].2["gallery_file"].as_str().unwrap();
    let of_it =
        |found: &[(String, String, serde_json::Value)]| found.iter().filter(|m| m.2["gallery_file"] == file).count();
    assert!(of_it(&all) > 0);
    scratch.run(&["gallery", "remove", &gallery, "--file", file]).exits(0).says("removed 1");
    let rest = matches(&scratch, &gallery);
    assert_eq!(of_it(&rest), 0);
    assert!(rest.len() < all.len());
    scratch.run(&["gallery", "remove", &gallery, "--file", file]).exits(2).says("not in the gallery");
    scratch.run(&["gallery", "add", &gallery, &shop("gallery")]).exits(0).says("added 1, replaced 0, unchanged 12");
    assert_eq!(matches(&scratch, &gallery), all);
    scratch.run(&["gallery", "verify", &gallery]).exits(0);
    scratch.run(&["gallery", "remove", &gallery]).exits(2).says("--file");
}

#[test]
fn exported_hashes_find_whole_copies_and_say_that_only_the_hash_is_known() {
    let scratch = Scratch::new();
    let (gallery, list, hashes) = (scratch.path("g"), scratch.path("hashes.csv"), scratch.path("h"));
    scratch.run(&["gallery", "build", &shop("gallery"), "--out", &gallery]).exits(0);
    scratch.run(&["gallery", "export", &gallery, "--out", &list]).exits(0);
    scratch.run(&["gallery", "import", &hashes, &list]).exits(0).says("added 13");
    let whole = matches(&scratch, &gallery);
    let found = matches(&scratch, &hashes);
    assert!(!found.is_empty() && found.len() < whole.len());
    for (rule, record, evidence) in &found {
        assert_eq!((rule.as_str(), evidence["proof"].as_str()), ("IC001", Some("hash")));
        let same = |m: &&(String, String, serde_json::Value)| m.1 == *record;
        let proved = whole.iter().find(same).unwrap_or_else(|| panic!("{record} is no copy of anything"));
        assert_eq!(proved.2["gallery_file"], evidence["gallery_file"]);
    }
    // The report has nothing to show beside these, and is made all the same.
    let (listings, html) = (shop("listings.jsonl"), format!("html={}", scratch.path("r.html")));
    scratch.run(&["scan", &listings, "--gallery", &hashes, "-o", &html]);
    assert!(scratch.text("r.html").contains("IC001"));
    std::fs::write(scratch.path("letter.txt"), "dear sir\n").unwrap();
    scratch.run(&["gallery", "import", &scratch.path("n"), &scratch.path("letter.txt")]).exits(2).says("no PDQ hash");
    assert!(!std::path::Path::new(&scratch.path("n")).exists());
}

#[test]
fn a_damaged_gallery_stops_a_scan_before_it_begins() {
    let scratch = Scratch::new();
    let gallery = scratch.path("g");
    scratch.run(&["gallery", "build", &shop("gallery"), "--out", &gallery]).exits(0);
    let entries = std::fs::read_dir(&gallery).unwrap().map(|entry| entry.unwrap().path());
    let segment = entries.into_iter().find(|path| path.extension().is_some_and(|e| e == "segment")).unwrap();
    let whole = std::fs::read(&segment).unwrap();
    let mut changed = whole.clone();
    changed[whole.len() / 2] ^= 1;
    std::fs::write(&segment, changed).unwrap();
    scratch.run(&["gallery", "verify", &gallery]).exits(2).says("do not match their digest");
    let listings = shop("listings.jsonl");
    scratch.run(&["scan", &listings, "--gallery", &gallery, "-o", "text"]).exits(2).says("do not match their digest");
    std::fs::write(&segment, &whole[..whole.len() / 2]).unwrap();
    scratch.run(&["scan", &listings, "--gallery", &gallery, "-o", "text"]).exits(2);
    std::fs::remove_file(&segment).unwrap();
    scratch.run(&["scan", &listings, "--gallery", &gallery, "-o", "text"]).exits(2).says(".segment");
}

#[test]
fn what_a_match_rests_on_is_written_as_files_with_their_digests() {
    let scratch = Scratch::new();
    let gallery = scratch.path("g");
    scratch.run(&["gallery", "build", &shop("gallery"), "--out", &gallery]).exits(0);
    let _ = matches(&scratch, &gallery);
    let rows = Findings::parse(&scratch.text("found.jsonl")).findings;
    let of =
        |rule: &str| rows.iter().find(|row| row["rule"] == rule).unwrap()["fingerprint"].as_str().unwrap().to_owned();
    let (from, out) = (scratch.path("found.jsonl"), scratch.path("files"));
    let copied = of("IC001");
    let explain = |fingerprint: &str, out: &str| {
        scratch.run(&["explain", fingerprint, "--from", &from, "--files", out, "--gallery", &gallery])
    };
    explain(&copied, &out).exits(0).says("laid.jpg");
    let list: serde_json::Value = serde_json::from_str(&scratch.text("files/evidence.json")).unwrap();
    assert_eq!(list["finding"]["fingerprint"], copied.as_str());
    let files = list["files"].as_array().unwrap();
    let names: Vec<_> =
        files.iter().map(|file| (file["file"].as_str().unwrap(), file["nature"].as_str().unwrap())).collect();
    assert_eq!(
        names,
        [("suspect.jpg", "original"), ("outlined.jpg", "copy"), ("reference.jpg", "copy"), ("laid.jpg", "copy")]
    );
    for file in files {
        let bytes = scratch.read(&format!("files/{}", file["file"].as_str().unwrap()));
        assert_eq!(file["bytes"], bytes.len());
        assert!(bytes.starts_with(&[0xff, 0xd8]) && file["sha256"].as_str().unwrap().len() == 64);
    }
    let original = std::fs::read(shop(list["picture"].as_str().unwrap())).unwrap();
    assert_eq!(scratch.read("files/suspect.jpg"), original, "byte for byte");
    explain(&copied, &out).exits(2).says("not empty");
    explain(&of("IC003"), &scratch.path("none")).exits(2).says("about no picture");
    for rule in ["IC005", "IC006"] {
        explain(&of(rule), &scratch.path(rule)).exits(0).says("suspect.");
    }
}

#[test]
fn a_picture_that_was_changed_after_the_scan_is_no_evidence() {
    let scratch = Scratch::new();
    std::fs::create_dir(scratch.path("pictures")).unwrap();
    let listings = std::fs::read_to_string(shop("listings.jsonl")).unwrap();
    scratch.file("listings.jsonl", listings);
    for entry in std::fs::read_dir(shop("pictures")).unwrap().map(Result::unwrap) {
        let to = std::path::Path::new(&scratch.path("pictures")).join(entry.file_name());
        std::fs::copy(entry.path(), to).unwrap();
    }
    let (from, gallery, brands) = (scratch.path("found.jsonl"), shop("gallery"), shop("brands.toml"));
    let (listings, out) = (scratch.path("listings.jsonl"), format!("jsonl={from}"));
    scratch.run(&["scan", &listings, "--gallery", &gallery, "--brands", &brands, "-o", &out]);
    let rows = Findings::parse(&scratch.text("found.jsonl")).findings;
    for rule in ["IC001", "IC005", "IC006"] {
        let row = rows.iter().find(|row| row["rule"] == rule).unwrap();
        let (fingerprint, files) = (row["fingerprint"].as_str().unwrap(), scratch.path(rule));
        let picture = scratch.path(row["evidence"]["uri"].as_str().unwrap());
        let kept = std::fs::read(&picture).unwrap();
        let explain = ["explain", fingerprint, "--from", &from, "--files", &files, "--gallery", &gallery];
        std::fs::write(&picture, [&kept[..], b"1"].concat()).unwrap();
        scratch.run(&explain).exits(2).says("changed after the scan");
        assert!(!std::path::Path::new(&files).exists());
        std::fs::write(&picture, kept).unwrap();
        scratch.run(&explain).exits(0);
    }
}

#[test]
fn rules_and_findings_are_explained_when_the_gallery_is_still_a_folder_of_pictures() {
    let scratch = Scratch::new();
    let config = shop("huoyan.toml");
    for command in [&["explain", "IC001"], &["rules", "list"]] {
        let told = scratch.run(&[command, &["--config", &config][..]].concat()).exits(0).stdout;
        assert!(told.contains("IC001"));
    }
    scratch.run(&["rules", "test", "--config", &config]).exits(0);
    let _ = matches(&scratch, &shop("gallery"));
    let rows = Findings::parse(&scratch.text("found.jsonl")).findings;
    let copied = rows.iter().find(|row| row["rule"] == "IC001").unwrap()["fingerprint"].as_str().unwrap().to_owned();
    let (from, out) = (scratch.path("found.jsonl"), scratch.path("files"));
    let explain = ["explain", &copied, "--from", &from, "--files", &out];
    scratch.run(&[&explain[..], &["--gallery", &shop("gallery")]].concat()).exits(0).says("laid.jpg");
}

#[test]
fn adding_and_removing_look_at_everything_before_they_change_anything() {
    let scratch = Scratch::new();
    let gallery = scratch.path("g");
    scratch.run(&["gallery", "build", &shop("gallery"), "--out", &gallery]).exits(0);
    let before = scratch.text("g/gallery.json");
    let first = std::fs::read_dir(shop("gallery")).unwrap().map(|entry| entry.unwrap().path());
    let first = first.filter(|path| path.extension().is_some_and(|e| e == "jpg")).min().unwrap();
    let (name, first) = (first.file_name().unwrap().to_str().unwrap(), first.to_str().unwrap());
    let pictures = shop("pictures");
    scratch.run(&["gallery", "add", &gallery, &pictures, "none.jpg"]).exits(2).says("none.jpg");
    scratch.run(&["gallery", "add", &gallery, first, first]).exits(2).says("two of the pictures");
    scratch.run(&["gallery", "add", &gallery, &pictures, "--brand", "X"]).exits(2).says("gallery.csv");
    assert_eq!(scratch.text("g/gallery.json"), before);
    scratch.run(&["gallery", "remove", &gallery, "--file", name, "--file", name]).exits(0).says("removed 1");
}
