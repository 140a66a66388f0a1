use std::path::Path;
use std::time::Instant;

use huoyan_dossier::bundle::{Limits, Payload, Verdict, build, verify};

use crate::peak_megabytes;
use crate::support::{Dice, info, key, path, small_case, trust};

/// Ten exhibits of 300 kB beside the small case: what a shop hands in on most days. The median of 20 builds.
pub fn small() -> bool {
    let folder = tempfile::tempdir().unwrap();
    let (mut payload, info) = small_case("CASE-1");
    for n in 0..10 {
        let file = folder.path().join(format!("{n}.png"));
        std::fs::write(&file, Dice(n + 1).bytes(300_000)).unwrap();
        payload.push(Payload::file(path(&format!("E1{n}/{n}.png")), file));
    }
    let mut times = Vec::new();
    for run in 0..20 {
        let out = folder.path().join(format!("out{run}"));
        let begin = Instant::now();
        build(&payload, &info, &key(), &Limits::of_file(20_000_000), &out).unwrap();
        times.push(begin.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    println!("10 exhibits: {:.0} ms in the middle, {:.0} ms at most; {} MB", times[10], times[19], peak_megabytes());
    times[10] <= 300.0
}

/// 200 exhibits of 2.5 MB, in parts of 20,000,000 bytes.
pub fn large(place: &Path) -> bool {
    let folder = tempfile::tempdir_in(place).unwrap();
    let mut payload = Vec::new();
    let chunk = Dice(3).bytes(2_500_000);
    for n in 0..200_u64 {
        let file = folder.path().join(format!("{n}.jpg"));
        let mut bytes = chunk.clone();
        bytes[..8].copy_from_slice(&n.to_le_bytes());
        std::fs::write(&file, &bytes).unwrap();
        payload.push(Payload::file(path(&format!("E{n:03}/{n}.jpg")), file));
    }
    drop(chunk);
    let before = peak_megabytes();
    let out = folder.path().join("out");
    let begin = Instant::now();
    let parts = build(&payload, &info("CASE-1"), &key(), &Limits::of_file(20_000_000), &out).unwrap();
    let built = begin.elapsed().as_secs_f64();
    let peak = peak_megabytes();
    println!("500 MB: {} parts in {built:.1} s; {peak} MB ({before} MB before it began)", parts.len());
    let begin = Instant::now();
    let verdict = verify(&[out], &trust()).verdict;
    println!("verified in {:.1} s: {verdict:?}; {} MB", begin.elapsed().as_secs_f64(), peak_megabytes());
    built <= 8.0 && peak <= 128 && verdict == Verdict::Intact
}
