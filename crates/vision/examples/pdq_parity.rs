//! Compares this crate's PDQ with hashes made by the reference.
//!
//! usage: `pdq_parity REFERENCE.csv PICTURES_DIR`, where the table has the columns file, width, height, quality and then the
//! eight orientations in the order of `huoyan_vision::pdq::ORIENTATIONS`.
#![expect(clippy::print_stdout, reason = "prints its measurement")]

use std::path::Path;

use huoyan_vision::{Limits, decode, pdq};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [table, folder] = arguments.as_slice() else {
        return Err("usage: pdq_parity REFERENCE.csv PICTURES_DIR".into());
    };
    for (name, colour) in [("decoded to grey", false), ("decoded to colour", true)] {
        let mut off = [0usize; 257];
        let mut quality = 0;
        for row in csv::Reader::from_path(table)?.records() {
            let row = row?;
            let bytes = std::fs::read(Path::new(folder).join(&row[0]))?;
            let ours = if colour {
                let picture = image::load_from_memory(&bytes)?.to_rgb8();
                pdq::hash_rgb(picture.width() as usize, picture.height() as usize, picture.as_raw())
            } else {
                pdq::hash(&decode(&bytes, &Limits::default())?)
            };
            let ours = ours.ok_or("too small to hash")?;
            quality = quality.max((i32::from(ours.quality) - row[3].parse::<i32>()?).abs());
            for (i, hash) in ours.hashes.iter().enumerate() {
                let d = hash.distance(&row[4 + i].parse()?) as usize;
                off[d] += 1;
                if d > 2 && row[3].parse::<i32>()? >= 50 {
                    println!("  {} {}: {d} bits, quality {}", &row[0], pdq::ORIENTATIONS[i], &row[3]);
                }
            }
        }
        let n: usize = off.iter().sum();
        let counts: Vec<String> =
            off.iter().enumerate().filter(|(_, c)| **c > 0).map(|(d, c)| format!("{d}: {c}")).collect();
        println!("{name}: {n} hashes; bits away: {}; quality at most {quality} away", counts.join(", "));
    }
    Ok(())
}
