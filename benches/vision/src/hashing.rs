//! JPEG files to PDQ in eight orientations, one thread; with the feature `peers`, beside image_hasher.

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
    #[cfg(feature = "peers")]
    peers(&pictures, hashed as f64 / (best[0] + best[1]))?;
    Ok(())
}

/// image_hasher as its documentation uses it: the picture decoded by the crate image, its default hash, one orientation.
#[cfg(feature = "peers")]
fn peers(pictures: &[Vec<u8>], ours: f64) -> Result<(), Box<dyn Error>> {
    use image_hasher::{HashAlg, HasherConfig};
    for (name, algorithm, side) in
        [("Gradient 8 x 8", HashAlg::Gradient, 8), ("Mean 16 x 16 with DCT", HashAlg::Mean, 16)]
    {
        let config = HasherConfig::new().hash_alg(algorithm).hash_size(side, side);
        let hasher = if side == 16 { config.preproc_dct() } else { config }.to_hasher();
        let mut best = f64::MAX;
        for _ in 0..3 {
            let started = ThreadTime::now();
            for bytes in pictures {
                std::hint::black_box(hasher.hash_image(&image::load_from_memory(bytes)?));
            }
            best = best.min(started.elapsed().as_secs_f64());
        }
        let rate = pictures.len() as f64 / best;
        println!(
            "image + image_hasher 3.1.1, {name}, one orientation: {rate:.0} pictures/s, ours {:.1} times as fast",
            ours / rate
        );
    }
    Ok(())
}
