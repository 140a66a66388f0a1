use std::io::Write as _;
use std::path::Path;
use std::time::Instant;

use huoyan_dossier::bundle::{Limits, Payload, Verdict, build, verify};

use crate::peak_megabytes;
use crate::support::{Dice, info, key, path, small_case, split_zips, trust};

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

/// 500 MB: 200 exhibits of 2.5 MB, and one of 500 MB, in parts of 20,000,000 bytes.
pub fn large(place: &Path) -> bool {
    let many = exhibits(place, 200, 2_500_000);
    many & exhibits(place, 1, 500_000_000)
}

fn exhibits(place: &Path, count: u64, bytes: usize) -> bool {
    let folder = tempfile::tempdir_in(place).unwrap();
    let chunk = Dice(3).bytes(2_500_000);
    let mut payload = Vec::new();
    for n in 0..count {
        let path_on_disk = folder.path().join(format!("{n}.jpg"));
        let mut file = std::fs::File::create(&path_on_disk).unwrap();
        for _ in 0..bytes / chunk.len() {
            file.write_all(&chunk).unwrap();
        }
        file.write_all(&n.to_le_bytes()).unwrap();
        payload.push(Payload::file(path(&format!("E{n:03}/{n}.jpg")), path_on_disk));
    }
    let out = folder.path().join("out");
    let begin = Instant::now();
    let parts = build(&payload, &info("CASE-1"), &key(), &Limits::of_file(20_000_000), &out).unwrap();
    let built = begin.elapsed().as_secs_f64();
    let peak = peak_megabytes();
    println!("500 MB in {count} files: {} parts in {built:.1} s; {peak} MB", parts.len());
    let begin = Instant::now();
    let verdict = verify(&[out], &trust()).verdict;
    println!("verified in {:.1} s: {verdict:?}; {} MB", begin.elapsed().as_secs_f64(), peak_megabytes());
    built <= 8.0 && peak <= 128 && verdict == Verdict::Intact
}

/// The same case so often, compared byte for byte.
pub fn same(runs: usize) -> bool {
    let first = split_zips("CASE-1");
    let differing = (0..runs).filter(|_| split_zips("CASE-1") != first).count();
    println!("{runs} builds of one case: {differing} differ");
    differing == 0
}
