//! Broken beyond what an attacker would do: nothing panics, and nothing broken is taken for intact.
#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod support;

use std::io::Cursor;

use huoyan_dossier::bundle::{Trust, Verdict, verify_archives};
use support::{Dice, key, rawzip, sign, small_zip, split_zips, trust};

fn judge(zip: &[u8], trust: &Trust) -> Verdict {
    verify_archives(vec![("x.zip".to_owned(), Cursor::new(zip))], trust).verdict
}

fn spoil(bytes: &mut Vec<u8>, dice: &mut Dice) {
    for _ in 0..1 + dice.below(4) {
        let at = dice.below(bytes.len() as u64 + 1) as usize;
        match dice.below(5) {
            0 => bytes.truncate(at),
            1 => bytes.insert(at, dice.next() as u8),
            2 if at < bytes.len() => bytes[at] = dice.next() as u8,
            3 => {
                let end = (at + dice.below(40) as usize).min(bytes.len());
                bytes.drain(at..end);
            }
            _ => {
                let from = dice.below(bytes.len() as u64 + 1) as usize;
                let copy = bytes[from..(from + 20).min(bytes.len())].to_vec();
                bytes.splice(at..at, copy);
            }
        }
    }
}

#[test]
fn spoiled_archives_are_never_intact() {
    let good = small_zip("CASE-1", &key());
    let mut dice = Dice(31);
    for round in 0..3_000 {
        let mut bad = good.clone();
        spoil(&mut bad, &mut dice);
        if bad != good {
            assert_ne!(judge(&bad, &trust()), Verdict::Intact, "round {round}");
        }
    }
}

/// The worst writer is one whose signature holds: everything behind the signature's check is reached too.
#[test]
fn spoiled_tag_files_under_a_good_signature_do_no_harm() {
    let mut dice = Dice(37);
    for good in [small_zip("CASE-1", &key()), split_zips("CASE-1").remove(1)] {
        let (folder, tree) = rawzip::read(&good);
        let names: Vec<String> = tree.keys().filter(|name| !name.starts_with("signatures/")).cloned().collect();
        for round in 0..1_500 {
            let mut bad = tree.clone();
            let name = &names[dice.below(names.len() as u64) as usize];
            spoil(bad.get_mut(name).unwrap(), &mut dice);
            if bad[name] == tree[name] {
                continue;
            }
            if name != "tagmanifest-sha256.txt" {
                support::refresh_tags(&mut bad);
            }
            sign(&mut bad, &key());
            let verdict = judge(&rawzip::write(&rawzip::entries(&folder, &bad)), &trust());
            // A text that only people read may say anything if we signed it; what parts.json tells of other parts, only they can refute.
            let free = ["VERIFY.md", "bag-info.txt"].contains(&name.as_str());
            let alone = name == "parts.json" && verdict == Verdict::PartMissing;
            assert!(free || alone || verdict.exit_code() == 1, "round {round}: {name}: {verdict:?}");
        }
    }
}
