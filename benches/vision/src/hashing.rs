//! JPEG files to PDQ in eight orientations, one thread.

use std::error::Error;

use cpu_time::ThreadTime;
use huoyan_vision::{Limits, decode, pdq};

pub(crate) fn run(arguments: &[String]) -> Result<(), Box<dyn Error>> {
    let [folder] = arguments else { return Err("usage: vision-bench hashing PICTURES_DIR".into()) };
    let mut files: Vec<_> = std::fs::read_dir(folder)?.map(|e| e.map(|e| e.path())).collect::<Result<_, _>>()?;
    files.sort();
    let pictures: Vec<Vec<u8>> = files.iter().map(std::fs::read).collect::<Result<_, _>>()?;
    let mut best = [f64::MAX; 2];
    let (mut pixels, mut hashed) = (0, 0);
    for _ in 0..5 {
        let mut times = [0.0; 2];
        (pixels, hashed) = (0, 0);
        for bytes in &pictures {
            let started = ThreadTime::now();
            let Ok(picture) = decode(bytes, &Limits::default()) else { continue };
            times[0] += started.elapsed().as_secs_f64();
            let started = ThreadTime::now();
            hashed += usize::from(pdq::hash(&picture).is_some());
            times[1] += started.elapsed().as_secs_f64();
            pixels += picture.width() * picture.height();
        }
        if times[0] + times[1] < best[0] + best[1] {
            best = times;
        }
    }
    let each = |seconds: f64| 1000.0 * seconds / hashed.max(1) as f64;
    if hashed < pictures.len() {
        println!("{} files could not be hashed", pictures.len() - hashed);
    }
    println!(
        "{hashed} pictures of {:.2} MP: decoding {:.2} ms, eight hashes {:.2} ms, together {:.0} pictures/s",
        pixels as f64 / hashed.max(1) as f64 / 1e6,
        each(best[0]),
        each(best[1]),
        hashed as f64 / (best[0] + best[1])
    );
    Ok(())
}
