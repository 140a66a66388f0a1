//! Every single flipped bit is refused. Here a sample of at least 100,000; all of them by the command `dossier-tamper flips`.
#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod support;

use std::io::Cursor;

use huoyan_dossier::bundle::{Trust, Verdict, timestamp, verify_archives};
use support::authority::Authority;
use support::{Dice, key, trust};

fn judge(zips: &[&[u8]], trust: &Trust) -> Verdict {
    let parts = zips.iter().enumerate().map(|(n, zip)| (n.to_string(), Cursor::new(*zip))).collect();
    verify_archives(parts, trust).verdict
}

/// A bundle of one part with a time stamp, where there is an openssl to make one.
fn stamped() -> (Vec<u8>, Trust) {
    let mut trust = trust();
    let folder = tempfile::tempdir().unwrap();
    let part = folder.path().join("CASE-1.zip");
    std::fs::write(&part, support::small_zip("CASE-1", &key())).unwrap();
    if let Some(authority) = Authority::new() {
        trust.authorities = timestamp::Anchor::read(&authority.certificate()).unwrap();
        let response = authority.answer(&timestamp::request_for(&part).unwrap());
        timestamp::attach(&part, &response, &key(), &trust.authorities).unwrap();
    }
    (std::fs::read(&part).unwrap(), trust)
}

/// Flips `count` bits drawn at random, one at a time, on two threads.
fn flips(name: &str, zips: &[Vec<u8>], trust: &Trust, count: usize) -> usize {
    let whole: Vec<&[u8]> = zips.iter().map(Vec::as_slice).collect();
    assert_eq!(judge(&whole, trust), Verdict::Intact);
    let bits: u64 = zips.iter().map(|zip| zip.len() as u64 * 8).sum();
    let work = |thread: u64| {
        let mut zips = zips.to_vec();
        let mut dice = Dice(20_261_122 + thread);
        for _ in 0..count / 2 {
            let mut bit = dice.below(bits) as usize;
            let part = zips.iter().position(|zip| {
                let here = bit < zip.len() * 8;
                bit -= if here { 0 } else { zip.len() * 8 };
                here
            });
            let part = part.unwrap();
            zips[part][bit / 8] ^= 1 << (bit % 8);
            // A flip is seen in its own part already.
            let verdict = judge(&[&zips[part]], trust);
            assert!(
                matches!(verdict, Verdict::Tampered | Verdict::Damaged),
                "{verdict:?}, {name}: part {part}, bit {bit}"
            );
            zips[part][bit / 8] ^= 1 << (bit % 8);
        }
    };
    std::thread::scope(|scope| {
        let threads = [1, 2].map(|thread| scope.spawn(move || work(thread)));
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
    count / 2 * 2
}

#[test]
fn a_hundred_thousand_flipped_bits_over_three_bundles_are_refused() {
    let (stamped, stamped_trust) = stamped();
    let mut flipped = flips("small", &[support::small_zip("CASE-1", &key())], &trust(), 34_000);
    flipped += flips("split", &support::split_zips("CASE-1"), &trust(), 34_000);
    flipped += flips("stamped", &[stamped], &stamped_trust, 34_000);
    assert!(flipped >= 100_000);
}
