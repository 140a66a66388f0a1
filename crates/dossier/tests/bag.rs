//! The plain judge of BagIt: small bags of our own, each wrong in one way. The suite of the Library of Congress runs in `benches/dossier-tamper`.
#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

use std::fs;
use std::path::Path;

use huoyan_dossier::bundle::Sha256;
use huoyan_dossier::bundle::bag::{Judgement, judge};

const TEXT: &[u8] = b"hello\n";

/// A valid bag of two files, then changed.
fn bag(change: impl FnOnce(&Path)) -> Judgement {
    let folder = tempfile::tempdir().unwrap();
    let bag = folder.path().join("bag");
    fs::create_dir_all(bag.join("data/sub")).unwrap();
    put(&bag, "data/a.txt", TEXT);
    put(&bag, "data/sub/图.txt", "图\n".as_bytes());
    put(&bag, "bagit.txt", b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n");
    put(&bag, "bag-info.txt", b"Payload-Oxum: 10.2\n");
    let lines = format!("{}  data/a.txt\n{}  data/sub/图.txt\n", Sha256::of(TEXT), Sha256::of("图\n".as_bytes()));
    put(&bag, "manifest-sha256.txt", lines.as_bytes());
    let tags: String = ["bag-info.txt", "bagit.txt", "manifest-sha256.txt"]
        .iter()
        .map(|name| format!("{}  {name}\n", Sha256::of(&fs::read(bag.join(name)).unwrap())))
        .collect();
    put(&bag, "tagmanifest-sha256.txt", tags.as_bytes());
    change(&bag);
    judge(&bag).unwrap()
}

fn put(bag: &Path, name: &str, bytes: &[u8]) {
    fs::write(bag.join(name), bytes).unwrap();
}

fn edit(bag: &Path, name: &str, change: impl FnOnce(String) -> String) {
    let text = fs::read_to_string(bag.join(name)).unwrap();
    put(bag, name, change(text).as_bytes());
}

/// Without the tag manifest, so that a changed tag file is judged for itself.
fn loose(bag: &Path, name: &str, change: impl FnOnce(String) -> String) {
    fs::remove_file(bag.join("tagmanifest-sha256.txt")).unwrap();
    edit(bag, name, change);
}

/// Whether it is refused for this reason at this place.
fn refused(judgement: &Judgement, place: &str, words: &str) {
    let found = judgement.errors.iter().any(|error| error.place == place && error.message.en.contains(words));
    assert!(found, "{place}: {words}: {judgement:#?}");
}

#[test]
fn a_valid_bag_is_valid_with_and_without_a_tag_manifest() {
    assert_eq!(bag(|_| {}), Judgement::default());
    assert_eq!(bag(|bag| loose(bag, "bag-info.txt", |text| format!("{text}Contact-Name: x\n"))), Judgement::default());
}

#[test]
fn what_is_listed_and_what_is_there_must_agree() {
    refused(&bag(|bag| fs::remove_file(bag.join("data/a.txt")).unwrap()), "data/a.txt", "not there");
    refused(&bag(|bag| put(bag, "data/a.txt", b"hullo\n")), "data/a.txt", "digest");
    let more = bag(|bag| put(bag, "data/more.txt", b""));
    assert!(more.errors.iter().any(|error| error.place == "data/more.txt"), "{more:#?}");
    let one_less = |text: String| text.lines().take(1).map(|line| format!("{line}\n")).collect();
    refused(&bag(|bag| loose(bag, "manifest-sha256.txt", one_less)), "data/sub/图.txt", "not in the payload manifests");
    // A second manifest must list everything too, since 1.0.
    let second = bag(|bag| put(bag, "manifest-md5.txt", b"b1946ac92492d2347c6235b4d2611184  data/a.txt\n"));
    refused(&second, "data/sub/图.txt", "not in the payload manifests");
}

#[test]
fn the_payload_must_have_as_many_bytes_and_files_as_it_says() {
    for oxum in ["11.2", "10.3", "0.0"] {
        let judged = bag(|bag| loose(bag, "bag-info.txt", |_| format!("Payload-Oxum: {oxum}\n")));
        assert!(!judged.is_valid(), "{oxum}");
        assert!(judged.errors.iter().all(|error| error.place == "bag-info.txt"), "{oxum}: {judged:#?}");
    }
}

#[test]
fn a_tag_manifest_is_held_to() {
    refused(&bag(|bag| put(bag, "bag-info.txt", b"Payload-Oxum: 10.2\n\n")), "bag-info.txt", "digest");
    let outside = format!("{}  ../outside.txt\n", Sha256::of(b""));
    refused(&bag(|bag| edit(bag, "tagmanifest-sha256.txt", |text| text + &outside)), "../outside.txt", "outside");
}

#[test]
fn no_path_leads_out_of_the_bag() {
    for path in ["data/../../etc/passwd", "/etc/passwd", "~/x", "../x", "C:/x", "data\\..\\..\\x", "bagit.txt"] {
        let line = format!("{}  {path}\n", Sha256::of(TEXT));
        let judged = bag(|bag| loose(bag, "manifest-sha256.txt", |text| text + &line));
        assert!(judged.errors.iter().any(|error| error.message.en.contains("outside")), "{path}: {judged:#?}");
    }
}

#[cfg(unix)]
#[test]
fn a_link_is_no_file() {
    let judged = bag(|bag| std::os::unix::fs::symlink("/etc/hostname", bag.join("data/link")).unwrap());
    refused(&judged, "data/link", "link");
}

#[test]
fn a_path_stands_in_a_manifest_once() {
    let again = format!("{}  data/a.txt\n", Sha256::of(TEXT));
    refused(&bag(|bag| loose(bag, "manifest-sha256.txt", |text| text + &again)), "data/a.txt", "twice");
    let other = format!("{}  data/a.txt\n", Sha256::of(b"other"));
    let judged = bag(|bag| loose(bag, "manifest-sha256.txt", |text| text + &other));
    assert!(judged.errors.iter().any(|error| error.message.en.contains("different digests")), "{judged:#?}");
    // Before 1.0 that was a thing to warn of only.
    let old = bag(|bag| {
        loose(bag, "manifest-sha256.txt", |text| text + &again);
        edit(bag, "bagit.txt", |text| text.replace("1.0", "0.97"));
    });
    assert!(old.is_valid() && !old.warnings.is_empty(), "{old:#?}");
}

#[test]
fn tag_files_are_in_the_encoding_that_is_declared() {
    let judged = bag(|bag| {
        fs::remove_file(bag.join("tagmanifest-sha256.txt")).unwrap();
        put(bag, "bag-info.txt", b"Payload-Oxum: 10.2\nContact-Name: \xff\xfe\n");
    });
    refused(&judged, "bag-info.txt", "encoding");
    for declared in ["UTF-77", ""] {
        let judged = bag(|bag| loose(bag, "bagit.txt", |text| text.replace("UTF-8", declared)));
        refused(&judged, "bagit.txt", "declaration");
    }
}

#[test]
fn the_declaration_has_one_form() {
    let wrong = [
        ("a byte order mark", "\u{feff}BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"),
        ("an unknown version", "BagIt-Version: 9.9\nTag-File-Character-Encoding: UTF-8\n"),
        ("no encoding", "BagIt-Version: 1.0\n"),
        ("the other order", "Tag-File-Character-Encoding: UTF-8\nBagIt-Version: 1.0\n"),
        ("nothing", ""),
    ];
    for (what, text) in wrong {
        let judged = bag(|bag| loose(bag, "bagit.txt", |_| text.to_owned()));
        assert!(!judged.is_valid() && judged.errors[0].place == "bagit.txt", "{what}: {judged:#?}");
    }
    refused(&bag(|bag| fs::remove_file(bag.join("bagit.txt")).unwrap()), "bagit.txt", "not there");
}

#[test]
fn what_is_still_to_be_fetched_is_in_the_payload_and_listed() {
    for (line, place, words) in [
        ("http://127.0.0.1/x - ../x\n", "../x", "outside"),
        ("http://127.0.0.1/x - data/unlisted\n", "data/unlisted", "no manifest"),
        ("http://127.0.0.1/x\n", "fetch.txt", "line 1"),
    ] {
        refused(&bag(|bag| put(bag, "fetch.txt", line.as_bytes())), place, words);
    }
    assert!(bag(|bag| put(bag, "fetch.txt", b"http://127.0.0.1/x 6 data/a.txt\n")).is_valid());
}

#[test]
fn a_bag_has_a_payload_and_a_manifest_of_a_known_algorithm() {
    let judged = bag(|bag| {
        fs::remove_file(bag.join("tagmanifest-sha256.txt")).unwrap();
        fs::rename(bag.join("manifest-sha256.txt"), bag.join("manifest-crc7.txt")).unwrap();
    });
    assert!(judged.errors.iter().any(|error| error.place == "manifest-crc7.txt"), "{judged:#?}");
    assert!(judged.errors.iter().any(|error| error.message.en.contains("no payload manifest")), "{judged:#?}");
    assert!(!bag(|bag| fs::remove_dir_all(bag.join("data")).unwrap()).is_valid());
    let torn = bag(|bag| loose(bag, "manifest-sha256.txt", |text| text + "no digest\n"));
    assert!(torn.errors.iter().any(|error| error.message.en.contains("line 3")), "{torn:#?}");
}

#[test]
fn names_that_are_one_on_some_systems_are_warned_of() {
    let judged = bag(|bag| {
        put(bag, "data/A.TXT", TEXT);
        let line = format!("{}  data/A.TXT\n", Sha256::of(TEXT));
        loose(bag, "manifest-sha256.txt", |text| text + &line);
        edit(bag, "bag-info.txt", |_| "Payload-Oxum: 16.3\n".to_owned());
    });
    assert!(
        judged.is_valid() && judged.warnings.iter().any(|found| found.message.en.contains("in case only")),
        "{judged:#?}"
    );
}
