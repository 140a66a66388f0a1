//! A gallery of hashes alone: how long it takes to open, to add and to remove a picture, and what it keeps in memory.
//!
//! usage: `vision-bench gallery [PICTURES [FOLDER]]`. The folder holds the gallery while it is measured and is left empty.

use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use huoyan_host::MappedFile;
use huoyan_vision::gallery::{Entry, Gallery, Prepared, Store};
use huoyan_vision::pdq::Hash;

use crate::hamming::Random;

/// Pictures added at a time.
const TOGETHER: usize = 1 << 20;
/// Single changes that are timed.
const CHANGES: usize = 300;

pub(crate) fn run(arguments: &[String]) -> Result<(), Box<dyn Error>> {
    let count: usize = arguments.first().map_or(Ok(1_000_000), |n| n.parse())?;
    let folder = arguments.get(1).map_or_else(std::env::temp_dir, PathBuf::from);
    let dir = folder.join(format!("vision-bench-{}", std::process::id()));
    let measured = measure(&dir, count);
    fs::remove_dir_all(&dir)?;
    measured
}

fn measure(dir: &std::path::Path, count: usize) -> Result<(), Box<dyn Error>> {
    let mut random = Random::new(1);
    let mut picture = |i: usize| {
        let entry = Entry { file: format!("shelf/{i:08}.jpg"), item: format!("item-{i}"), brand: "brand".to_owned() };
        Prepared::hash_only(entry, Hash(random.code()), 100)
    };
    let started = Instant::now();
    let mut store = Store::open_or_create(dir, MappedFile::open)?;
    for first in (0..count).step_by(TOGETHER) {
        let pictures: Vec<_> = (first..count.min(first + TOGETHER)).map(&mut picture).collect();
        store.add(&pictures)?;
    }
    println!("add {count} pictures: {:.1} s", started.elapsed().as_secs_f64());
    drop(store);
    let before = resident()?;
    let started = Instant::now();
    let gallery = Gallery::open_folder(dir, MappedFile::open)?;
    let opened = started.elapsed();
    println!("open: {:.3} ms ({} pictures in {} segments)", ms(opened), gallery.len(), gallery.segments());
    let started = Instant::now();
    gallery.verify()?;
    println!("verify in full: {:.3} s", started.elapsed().as_secs_f64());
    let after = resident()?;
    println!(
        "on disk {} MB; resident once all of it was read {} MB",
        gallery.size() / 1_000_000,
        after.saturating_sub(before) / 1000
    );
    drop(gallery);
    let started = Instant::now();
    let mut store = Store::open(dir, MappedFile::open)?;
    println!("open to change: {:.3} ms", ms(started.elapsed()));
    let (mut added, mut removed) = (Vec::new(), Vec::new());
    for i in 0..CHANGES {
        let one = [picture(count + i)];
        let started = Instant::now();
        store.add(&one)?;
        added.push(started.elapsed());
        let name = format!("shelf/{:08}.jpg", (i * 7919) % count.max(1));
        let started = Instant::now();
        store.remove_named(&name)?;
        removed.push(started.elapsed());
    }
    // What a disk takes to make three small files safe bounds both: a segment, the list of removals, the manifest.
    let mut safe = Vec::new();
    for i in 0..CHANGES {
        let started = Instant::now();
        let path = dir.join(format!("probe-{i}"));
        let file = fs::File::create(&path)?;
        std::io::Write::write_all(&mut &file, &[0; 4096])?;
        file.sync_data()?;
        safe.push(started.elapsed());
    }
    for (what, mut times) in [("add one", added), ("remove one", removed), ("(write and sync a file of 4 KB)", safe)] {
        times.sort_unstable();
        let at = |share: f64| ms(times[((times.len() - 1) as f64 * share) as usize]);
        println!("{what}: median {:.3} ms, 90 % {:.3} ms, most {:.3} ms", at(0.5), at(0.9), at(1.0));
    }
    Ok(())
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// Kilobytes of this process in memory.
fn resident() -> Result<u64, Box<dyn Error>> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
