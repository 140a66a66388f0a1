//! Reads the QR codes of every picture of a folder and tells what that costs.
//!
//! usage: `codes PICTURES_DIR`
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "prints its measurement")]

use std::time::{Duration, Instant};

use huoyan_vision::{Limits, decode, qr};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).ok_or("usage: codes PICTURES_DIR")?;
    let mut files: Vec<_> = std::fs::read_dir(folder)?.map(|e| e.map(|e| e.path())).collect::<Result<_, _>>()?;
    files.sort();
    let (mut time, mut count, mut pixels, mut crowded) = (Duration::ZERO, 0u32, 0, 0);
    for file in &files {
        let Ok(picture) = decode(&std::fs::read(file)?, &Limits::default()) else { continue };
        let started = Instant::now();
        let codes = qr::read(&picture);
        time += started.elapsed();
        count += 1;
        pixels += picture.width() * picture.height();
        crowded += usize::from(codes.is_none());
        for code in codes.unwrap_or_default() {
            println!("{}: {:?} {:?}", file.display(), code.region(), code.text);
        }
    }
    let per = f64::from(count.max(1));
    eprintln!(
        "{count} pictures of {:.2} MP, {crowded} too full of marks, {:.2} ms each",
        pixels as f64 / per / 1e6,
        time.as_secs_f64() * 1e3 / per
    );
    Ok(())
}
