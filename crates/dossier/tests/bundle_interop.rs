//! Bundles are read by the tools that everybody has. Where one is not installed, the test says so and passes.
#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod support;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

use huoyan_dossier::bundle::{Code, Limits, PublicKey, SigningKey, Trust, Verdict, timestamp, verify};
use support::authority::{Authority, is_there, run};
use support::{build_in, key, rawzip, small_case, split_case, trust};

fn unpacked(folder: &Path) -> PathBuf {
    let (payload, info) = small_case("CASE-1");
    let parts = build_in(folder, &payload, &info, &Limits::none());
    let (_, tree) = rawzip::read(&std::fs::read(&parts[0].path).unwrap());
    support::unpack(&tree, &folder.join("unpacked"))
}

/// The command of `VERIFY.md`.
fn ssh_verifies(folder: &Path) -> bool {
    let text = std::fs::read_to_string(folder.join("VERIFY.md")).unwrap();
    let line = text.lines().find(|line| line.starts_with("ssh-keygen -Y verify")).unwrap();
    let (command, input) = line.split_once(" < ").unwrap();
    let mut words = command.split(' ');
    let mut command = Command::new(words.next().unwrap());
    command.args(words).stdin(File::open(folder.join(input)).unwrap()).current_dir(folder);
    run(&mut command).0
}

#[test]
fn ssh_keygen_verifies_the_signature_as_verify_md_says() {
    if !is_there("ssh-keygen") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let unpacked = unpacked(folder.path());
    assert!(ssh_verifies(&unpacked));
    std::fs::write(unpacked.join("tagmanifest-sha256.txt"), "changed").unwrap();
    assert!(!ssh_verifies(&unpacked));
}

#[test]
fn keys_are_exchanged_with_ssh_keygen() {
    if !is_there("ssh-keygen") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (ours, theirs) = (folder.path().join("ours"), folder.path().join("theirs"));
    let key = SigningKey::generate().unwrap();
    key.write(&ours, "店铺").unwrap();
    let (good, text) = run(Command::new("ssh-keygen").arg("-y").arg("-f").arg(&ours));
    assert!(good, "{text}");
    assert_eq!(PublicKey::parse(&text), Ok(key.public()));
    let (good, text) = run(Command::new("ssh-keygen").arg("-l").arg("-f").arg(&ours));
    assert!(good && text.contains(&key.public().fingerprint()), "{text}");
    let make = |comment: &str, passphrase: &str| {
        let _ = std::fs::remove_file(&theirs);
        let mut command = Command::new("ssh-keygen");
        command.args(["-q", "-t", "ed25519", "-C", comment, "-N", passphrase, "-f"]).arg(&theirs);
        assert!(run(&mut command).0);
    };
    for comment in ["", "a", "shop@example.com", "a comment of some length"] {
        make(comment, "");
        let public = PublicKey::read(&theirs.with_extension("pub")).unwrap();
        assert_eq!(SigningKey::read(&theirs).unwrap().public(), public);
    }
    make("", "secret");
    assert!(SigningKey::read(&theirs).unwrap_err().to_string().contains("passphrase"));
}

#[test]
fn unzip_finds_no_errors() {
    if !is_there("unzip") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (payload, info, limits) = split_case("CASE-1");
    for part in build_in(folder.path(), &payload, &info, &limits) {
        let (good, text) = run(Command::new("unzip").arg("-t").arg(&part.path));
        assert!(good && text.contains("No errors detected"), "{text}");
        let out = folder.path().join(format!("out{}", part.number));
        assert!(run(Command::new("unzip").arg("-q").arg(&part.path).arg("-d").arg(&out)).0);
        let inside = out.join(part.path.file_stem().unwrap());
        let report = verify(&[inside], &trust());
        assert_eq!(report.verdict, Verdict::PartMissing);
    }
}

#[test]
fn openssl_verifies_the_time_stamp_and_so_do_we() {
    let Some(authority) = Authority::new() else { return };
    let folder = tempfile::tempdir().unwrap();
    let (payload, info) = small_case("CASE-1");
    let part = build_in(folder.path(), &payload, &info, &Limits::none()).remove(0).path;
    let response = authority.answer(&timestamp::request_for(&part).unwrap());
    let anchors = timestamp::Anchor::read(&authority.certificate()).unwrap();
    let stamp = timestamp::attach(&part, &response, &key(), &anchors).unwrap();
    assert!(stamp.trusted && stamp.authority == "test-tsa", "{stamp:?}");

    let (_, tree) = rawzip::read(&std::fs::read(&part).unwrap());
    let unpacked = support::unpack(&tree, &folder.path().join("unpacked"));
    let signature = unpacked.join("signatures/tagmanifest-sha256.txt.sig");
    assert!(authority.verifies(&signature, &signature.with_extension("sig.tsr")));

    let report = verify(&[&part], &Trust { authorities: anchors, ..trust() });
    assert_eq!((report.verdict, report.parts[0].stamp.as_ref()), (Verdict::Intact, Some(&stamp)));
    let unpinned = verify(&[&part], &trust());
    assert_eq!(unpinned.verdict, Verdict::Intact);
    assert!(unpinned.has(Code::StampUnchecked));
    let other = Authority::new().unwrap();
    let foreign = timestamp::Anchor::read(&other.certificate()).unwrap();
    assert!(verify(&[&part], &Trust { authorities: foreign, ..trust() }).has(Code::StampInvalid));

    // A second response takes the place of the first; one by another key, or of another bundle, is refused.
    let again = authority.answer(&timestamp::request_for(&part).unwrap());
    timestamp::attach(&part, &again, &key(), &[]).unwrap();
    assert_eq!(verify(&[&part], &trust()).verdict, Verdict::Intact);
    assert!(timestamp::attach(&part, &again, &support::attacker(), &[]).is_err());
    assert!(timestamp::attach(&part, &authority.answer(&timestamp::request(b"x")), &key(), &[]).is_err());
}
