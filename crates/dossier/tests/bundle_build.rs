//! What a bundle is after it was built.
#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod support;

use std::collections::BTreeMap;

use huoyan_dossier::bundle::{
    BundleError, Code, Limits, Payload, Placement, Sha256, SigningKey, Trust, Verdict, build, verify,
};
use support::{Dice, build_in, info, key, path, rawzip, small_case, split_case, trust};

#[test]
fn a_bundle_is_intact_as_a_file_and_as_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let (payload, info) = small_case("CASE-1");
    let parts = build_in(folder.path(), &payload, &info, &Limits::none());
    assert_eq!((parts.len(), parts[0].files), (1, 5));
    let report = verify(&[&parts[0].path], &trust());
    assert_eq!((report.verdict, report.problems), (Verdict::Intact, vec![]));
    assert_eq!(report.parts[0].signer, key().public().fingerprint());
    assert_eq!(report.parts[0].tag_manifest, parts[0].tag_manifest.to_string());
    let (top, tree) = rawzip::read(&std::fs::read(&parts[0].path).unwrap());
    assert_eq!(top, "CASE-1");
    let unpacked = support::unpack(&tree, &folder.path().join("unpacked"));
    let report = verify(&[unpacked], &trust());
    assert_eq!((report.verdict, report.problems), (Verdict::Intact, vec![]));
}

#[test]
fn the_same_case_gives_the_same_bytes() {
    let first = support::split_zips("CASE-1");
    for _ in 0..20 {
        assert_eq!(support::split_zips("CASE-1"), first);
    }
    assert_ne!(support::split_zips("CASE-2"), first);
}

#[test]
fn a_second_writer_makes_the_same_file() {
    let zip = support::small_zip("CASE-1", &key());
    let (top, tree) = rawzip::read(&zip);
    assert_eq!(rawzip::write(&rawzip::entries(&top, &tree)), zip);
}

#[test]
fn without_a_pinned_key_everything_else_is_checked() {
    let folder = tempfile::tempdir().unwrap();
    let (payload, info) = small_case("CASE-1");
    let parts = build_in(folder.path(), &payload, &info, &Limits::none());
    let report = verify(&[&parts[0].path], &Trust::default());
    assert_eq!((report.verdict, report.verdict.exit_code()), (Verdict::NotVerifiable, 4));
    let mut bytes = std::fs::read(&parts[0].path).unwrap();
    let at = bytes.windows(9).position(|window| window == "不给返".as_bytes()).unwrap();
    bytes[at + 1] ^= 1;
    std::fs::write(&parts[0].path, bytes).unwrap();
    let report = verify(&[&parts[0].path], &Trust::default());
    assert_eq!((report.verdict, report.verdict.exit_code()), (Verdict::Tampered, 1));
    assert!(report.has(Code::Digest) && report.has(Code::NoPinnedKey));
}

#[test]
fn each_part_verifies_alone_and_misses_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let (payload, info, limits) = split_case("CASE-1");
    let parts = build_in(folder.path(), &payload, &info, &limits);
    assert!(parts.len() >= 2, "{parts:?}");
    for part in &parts {
        assert!(part.bytes <= limits.raw_bytes());
        let report = verify(&[&part.path], &trust());
        assert_eq!((report.verdict, report.verdict.exit_code()), (Verdict::PartMissing, 3));
        assert!(report.problems.iter().all(|problem| problem.code == Code::PartMissing), "{report:#?}");
        assert_eq!(report.problems.len(), parts.len() - 1);
    }
    let all: Vec<_> = parts.iter().map(|part| part.path.clone()).collect();
    assert_eq!(verify(&all, &trust()).verdict, Verdict::Intact);
    assert_eq!(verify(&[folder.path().join("CASE-1")], &trust()).verdict, Verdict::Intact);
}

#[test]
fn what_cannot_be_read_is_no_tampering() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.zip");
    assert_eq!(verify(&[&file], &trust()).verdict.exit_code(), 2);
    std::fs::write(&file, b"a picture, say").unwrap();
    assert_eq!(verify(&[file], &trust()).verdict.exit_code(), 2);
    let empty = folder.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    assert_eq!(verify(&[empty], &trust()).verdict.exit_code(), 2);
}

/// Random cases with limits of 60 kB, so that a thousand are quick; the planning of ten thousand at 20 MB is tested beside it.
#[test]
fn random_cases_stay_below_the_limit_and_give_back_every_byte() {
    let mut dice = Dice(1_130);
    let limits = Limits::of_file(60_000);
    for case in 0..150 {
        let folder = tempfile::tempdir().unwrap();
        let biggest = [500, 5_000, 20_000, 90_000][dice.below(4) as usize];
        let mut expected: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        let mut payload = Vec::new();
        for n in 0..1 + dice.below(12) {
            let name = format!("E{n:02}/文件{n}.bin");
            let length = dice.below(biggest) as usize;
            let bytes = dice.bytes(length);
            let placement = if n == 0 { Placement::First } else { Placement::Any };
            payload.push(Payload { placement, ..Payload::bytes(path(&name), bytes.clone()) });
            expected.insert(format!("data/{name}"), bytes);
        }
        let parts = build_in(folder.path(), &payload, &info("CASE-R"), &limits);
        let mut got: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        for part in &parts {
            assert!(part.bytes <= 60_000, "case {case}: {part:?}");
            let (_, tree) = rawzip::read(&std::fs::read(&part.path).unwrap());
            got.extend(tree.into_iter().filter(|(name, _)| name.starts_with("data/")));
        }
        let mut joined: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        for (name, bytes) in got {
            let whole = name.split_once(".part").map_or(name.as_str(), |(whole, _)| whole).to_owned();
            joined.entry(whole).or_default().extend(bytes);
        }
        assert_eq!(joined, expected, "case {case}");
        let report = verify(&[folder.path().join("CASE-R")], &trust());
        assert_eq!(report.verdict, Verdict::Intact, "case {case}: {:#?}", report.problems);
    }
}

#[test]
fn an_exhibit_that_changed_since_it_was_taken_in_ends_the_build() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.png");
    std::fs::write(&file, b"now").unwrap();
    let mut payload = vec![Payload::file(path("E01/a.png"), &file)];
    payload[0].sha256 = Some(Sha256::of(b"then"));
    let out = folder.path().join("out");
    let error = build(&payload, &info("C"), &key(), &Limits::none(), &out).unwrap_err();
    assert!(matches!(error, BundleError::Changed { .. }), "{error}");
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["a.png"], "nothing half is left");
}

#[test]
fn a_bundle_never_replaces_anything() {
    let folder = tempfile::tempdir().unwrap();
    let (payload, info) = small_case("C");
    std::fs::create_dir(folder.path().join("C")).unwrap();
    let error = build(&payload, &info, &key(), &Limits::none(), &folder.path().join("C")).unwrap_err();
    assert!(matches!(error, BundleError::Exists { .. }), "{error}");
}

#[test]
fn wrong_cases_are_refused_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let file = |name: &str| Payload::bytes(path(name), &b"x"[..]);
    let refuse = |payload: &[Payload], info, limits: Limits| build(payload, &info, &key(), &limits, &out).unwrap_err();
    let none = Limits::none();
    assert_eq!(refuse(&[], info("C"), none), BundleError::Empty);
    assert!(matches!(refuse(&[file("a"), file("A")], info("C"), none), BundleError::Twins { .. }));
    assert!(matches!(refuse(&[file("a"), file("a/b")], info("C"), none), BundleError::Twins { .. }));
    assert!(matches!(refuse(&[file("a")], info("../C"), none), BundleError::Info { .. }));
    let mut broken = info("C");
    broken.reason = "x\nShop-Id: 9".to_owned();
    assert!(matches!(refuse(&[file("a")], broken, none), BundleError::Info { label: "Appeal-Reason", .. }));
    assert!(matches!(refuse(&[file("a")], info("C"), Limits::of_file(5_000)), BundleError::NoRoom { .. }));
    assert_eq!(refuse(&[file("custody.jsonl")], info("C"), none), BundleError::Custody { has_record: true });
    let long = Payload::bytes(path("long"), vec![1; 200_000]);
    let few = Limits { max_files: 2, ..Limits::of_file(50_000) };
    assert!(matches!(refuse(&[long], info("C"), few), BundleError::TooManyParts { max: 2, .. }));
    assert!(!out.exists());
}

#[test]
fn the_report_is_json_with_both_languages() {
    let report =
        verify(&["nowhere.zip"], &Trust { keys: vec![SigningKey::from_seed([1; 32]).public()], ..Trust::default() });
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["schema"], "appeal-verify/1");
    assert_eq!(json["verdict"], "unreadable");
    assert_eq!(json["problems"][0]["code"], "unreadable");
}

#[test]
fn the_commands_of_verify_md_join_what_was_cut() {
    let folder = tempfile::tempdir().unwrap();
    let (mut payload, info, _) = split_case("CASE-1");
    let limits = Limits::of_file(200_000);
    let film = Dice(5).bytes(350_000);
    payload.push(Payload { placement: Placement::Any, ..Payload::bytes(path("E05-视频/开箱's 2.mp4"), film) });
    let digest_of = |payload: &Payload| {
        let mut payload = payload.clone();
        if let huoyan_dossier::bundle::Source::Bytes(bytes) = &payload.source {
            payload.sha256 = Some(Sha256::of(bytes));
        }
        payload
    };
    let payload: Vec<Payload> = payload.iter().map(digest_of).collect();
    let parts = build_in(folder.path(), &payload, &info, &limits);
    assert!(parts.len() > 1 && parts.iter().any(|part| part.pieces > 0));
    assert!(parts.iter().all(|part| part.bytes <= limits.max_file_bytes), "{parts:?}");
    let all = folder.path().join("all");
    let mut text = String::new();
    for part in &parts {
        let (top, tree) = rawzip::read(&std::fs::read(&part.path).unwrap());
        let unpacked = support::unpack(&tree, &all.join(top));
        text = std::fs::read_to_string(unpacked.join("VERIFY.md")).unwrap();
    }
    let mut joined = 0;
    for line in text.lines().filter_map(|line| line.strip_prefix("    cat ")) {
        let done = std::process::Command::new("sh").arg("-c").arg(format!("cat {line}")).current_dir(&all).status();
        assert!(done.unwrap().success(), "{line}");
        let name = line.rsplit(" > ").next().unwrap().trim_matches('\'').replace("'\\''", "'");
        let digest = Sha256::of(&std::fs::read(all.join(&name)).unwrap()).to_string();
        assert!(text.contains(&format!("`{name}`")) && text.contains(&digest), "{name} {digest}\n{text}");
        joined += 1;
    }
    assert!(joined > 0 && text.matches("copy /b").count() > joined, "{text}");
}
