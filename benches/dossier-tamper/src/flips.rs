use std::io::Cursor;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use huoyan_dossier::bundle::{Trust, Verdict, timestamp, verify_archives};

use crate::support::authority::Authority;
use crate::support::{key, small_zip, split_zips, trust};

/// Every bit of every part of three bundles: one part, several parts with a split file, one part with a time stamp.
pub fn all() -> bool {
    let mut bundles = vec![("one part", vec![small_zip("CASE-1", &key())], trust())];
    bundles.push(("several parts", split_zips("CASE-1"), trust()));
    match stamped() {
        Some((zip, trust)) => bundles.push(("time stamp", vec![zip], trust)),
        None => println!("no openssl: the bundle with a time stamp is left out"),
    }
    let mut good = true;
    for (name, zips, trust) in &bundles {
        let begin = Instant::now();
        let (bits, missed): (usize, usize) =
            zips.iter().map(|zip| part(zip, trust)).fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        let seconds = begin.elapsed().as_secs_f64();
        println!("{name}: {bits} bits flipped one at a time, {missed} not noticed, {seconds:.0} s");
        good &= missed == 0;
    }
    good && bundles.len() == 3
}

fn part(zip: &[u8], trust: &Trust) -> (usize, usize) {
    let next = AtomicUsize::new(0);
    let missed = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                let mut bad = zip.to_vec();
                loop {
                    let byte = next.fetch_add(1, Ordering::Relaxed);
                    if byte >= bad.len() {
                        return;
                    }
                    for bit in 0..8 {
                        bad[byte] ^= 1 << bit;
                        let report = verify_archives(vec![(String::new(), Cursor::new(&bad[..]))], trust);
                        missed.fetch_add(
                            usize::from(!matches!(report.verdict, Verdict::Tampered | Verdict::Damaged)),
                            Ordering::Relaxed,
                        );
                        bad[byte] ^= 1 << bit;
                    }
                }
            });
        }
    });
    (zip.len() * 8, missed.into_inner())
}

fn stamped() -> Option<(Vec<u8>, Trust)> {
    let authority = Authority::new()?;
    let folder = tempfile::tempdir().unwrap();
    let part = folder.path().join("CASE-1.zip");
    std::fs::write(&part, small_zip("CASE-1", &key())).unwrap();
    let authorities = timestamp::Anchor::read(&authority.certificate()).unwrap();
    let response = authority.answer(&timestamp::request_for(&part).unwrap());
    timestamp::attach(&part, &response, &key(), &authorities).unwrap();
    Some((std::fs::read(&part).unwrap(), Trust { authorities, ..trust() }))
}
