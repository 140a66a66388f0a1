//! The answer says no more than was found: "tampered" only of what shows it.
#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod support;

use std::fs;
use std::io::{Cursor, Write as _};
use std::path::Path;

use huoyan_dossier::bundle::{Code, Limits, Payload, Trust, Verdict, build, verify, verify_archives};
use huoyan_model::Locale;
use support::{attacker, build_in, key, path, rawzip, small_case, small_zip, split_zips, trust, unpack};

fn verdict(zips: Vec<Vec<u8>>, trust: &Trust) -> Verdict {
    let parts = zips.into_iter().enumerate().map(|(n, zip)| (format!("{n}.zip"), Cursor::new(zip))).collect();
    verify_archives(parts, trust).verdict
}

#[test]
fn an_intact_bundle_and_another_key_is_not_called_altered() {
    let other = Trust { keys: vec![attacker().public()], ..Trust::default() };
    let found = verdict(vec![small_zip("CASE-1", &key())], &other);
    assert_eq!((found, found.exit_code()), (Verdict::OtherSigner, 1));
    assert!(found.text(Locale::Zh).contains("签名者不是所给公钥") && !found.text(Locale::Zh).contains("改动"));
}

#[test]
fn two_intact_bundles_are_not_called_altered() {
    let found = verdict(vec![small_zip("CASE-1", &key()), small_zip("CASE-2", &key())], &trust());
    assert_eq!((found, found.exit_code()), (Verdict::Mixed, 2));
}

#[test]
fn half_a_download_is_not_whole_and_nothing_more_is_said() {
    let whole = small_zip("CASE-1", &key());
    for kept in [whole.len() / 10, whole.len() / 2, whole.len() - 1] {
        let found = verdict(vec![whole[..kept].to_vec()], &trust());
        assert_eq!((found, found.exit_code()), (Verdict::Damaged, 1), "{kept}");
    }
    assert!(Verdict::Damaged.text(Locale::Zh).starts_with("文件不完整或结构被破坏"));
    // What somebody packed anew has the shape of another tool.
    let (folder, tree) = rawzip::read(&whole);
    let mut entries = rawzip::entries(&folder, &tree);
    entries.reverse();
    assert_eq!(verdict(vec![rawzip::write(&entries)], &trust()), Verdict::Damaged);
}

fn deflated(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn an_archive_that_is_no_bag_is_no_bundle() {
    let mut book = rust_xlsxwriter::Workbook::new();
    book.add_worksheet().write(0, 0, "订单号").unwrap();
    let plain = rawzip::write(&[rawzip::Raw::new("photos/1.jpg", b"x"), rawzip::Raw::new("photos/2.jpg", b"y")]);
    for zip in [deflated(&[("photos/1.jpg", b"x"), ("a.txt", b"y")]), book.save_to_buffer().unwrap(), plain] {
        for bytes in [zip[..zip.len() / 2].to_vec(), zip] {
            let found = verdict(vec![bytes], &trust());
            assert_eq!((found, found.exit_code()), (Verdict::Unreadable, 2));
        }
    }
}

#[test]
fn an_unzipped_copy_beside_its_archive_is_looked_at_too() {
    let folder = tempfile::tempdir().unwrap();
    let (payload, info) = small_case("CASE-1");
    let part = build_in(folder.path(), &payload, &info, &Limits::none()).remove(0).path;
    let place = folder.path().join("CASE-1");
    let (_, tree) = rawzip::read(&fs::read(&part).unwrap());
    let unpacked = unpack(&tree, &place.join("CASE-1"));
    fs::write(place.join("CASE-1.eml"), "mail").unwrap();
    fs::write(place.join("photos.zip"), deflated(&[("1.jpg", b"x")])).unwrap();
    let report = verify(&[&place], &trust());
    assert_eq!(report.verdict, Verdict::Intact, "{report:#?}");
    assert!(report.has(Code::SamePart));
    let unseen = report.problems.iter().find(|problem| problem.code == Code::NotLookedAt).unwrap();
    assert!(unseen.message.zh.contains("CASE-1.eml") && unseen.message.zh.contains("photos.zip"), "{unseen:?}");
    let mut changed = fs::read(unpacked.join("data/case.json")).unwrap();
    changed.extend(b" ");
    fs::write(unpacked.join("data/case.json"), changed).unwrap();
    assert_eq!(verify(&[&place], &trust()).verdict, Verdict::Tampered);
}

#[test]
fn a_custody_record_in_pieces_is_verified_when_they_are_joined() {
    let judge = |spoil: bool| {
        let folder = tempfile::tempdir().unwrap();
        let (mut payload, info) = small_case("CASE-1");
        let (mut custody, mut record) = (huoyan_dossier::bundle::custody::Custody::default(), Vec::new());
        for n in 0..120 {
            let event = huoyan_dossier::bundle::custody::Event {
                at: "2026-11-22T10:00:00+08:00".to_owned(),
                who: "店员甲".to_owned(),
                action: "import".to_owned(),
                exhibit: format!("E{n:03}"),
                sha256: huoyan_dossier::bundle::Sha256::of(b"x"),
                bytes: 1,
                method: "file import".to_owned(),
                reason: String::new(),
            };
            custody.append(event, &mut record).unwrap();
        }
        if spoil {
            let text = String::from_utf8(record).unwrap();
            record = text.replacen("E050", "E051", 1).into_bytes();
        }
        payload.retain(|file| file.path.as_str() != "custody.jsonl");
        payload.push(Payload::bytes(path("custody.jsonl"), record));
        let info = huoyan_dossier::bundle::BundleInfo { custody_head: custody.head(), ..info };
        let out = folder.path().join("out");
        let parts = build(&payload, &info, &key(), &Limits::of_file(45_000), &out).unwrap();
        assert!(parts.len() > 1);
        let listed = rawzip::read(&fs::read(&parts[0].path).unwrap()).1["parts.json"].clone();
        assert!(String::from_utf8(listed).unwrap().contains("data/custody.jsonl.part"), "it is in pieces");
        verify(&[Path::new(&out)], &trust())
    };
    assert_eq!(judge(false).verdict, Verdict::Intact);
    let report = judge(true);
    assert!(report.has(Code::CustodyChain) && report.verdict == Verdict::Tampered, "{report:#?}");
}

#[test]
fn a_part_given_twice_is_said_to_be() {
    let parts = split_zips("CASE-1");
    let folder = tempfile::tempdir().unwrap();
    let mut paths: Vec<_> = (0..parts.len()).map(|n| folder.path().join(format!("{n}.zip"))).collect();
    paths.iter().zip(&parts).for_each(|(path, bytes)| fs::write(path, bytes).unwrap());
    paths.push(paths[0].clone());
    let report = verify(&paths, &trust());
    assert_eq!(report.verdict, Verdict::Intact);
    let told = report.problems.iter().find(|problem| problem.code == Code::SamePart).unwrap();
    assert!(told.message.zh.contains("同一卷给了两次"), "{told:?}");
}
