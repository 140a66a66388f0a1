//! Judges the pictures of listings against a gallery by calling the detector's functions directly.
//!
//! usage: `eval LISTINGS.jsonl GALLERY|PICTURES_OF_THE_BRAND FINDINGS.jsonl [EVERY_NTH]`. Writes findings as the command would, as
//! far as measurements read them, and tells the time a picture took (thread time) on stderr.
#![expect(clippy::print_stderr, reason = "prints its measurement")]

use std::fmt::Write as _;
use std::path::Path;
use std::time::Instant;

use huoyan_sdk::{CreateContext, Detector, Resource};
use huoyan_vision::{Limits, Suspect, gallery};
use image_counterfeit::ImageCounterfeit;
use image_counterfeit::picture::Offer;
use rayon::prelude::*;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (listings, references) = (Path::new(&arguments[0]), Path::new(&arguments[1]));
    let nth: usize = arguments.get(3).map_or(Ok(1), |n| n.parse())?;
    let folder = tempfile::tempdir()?;
    let out = if references.join(gallery::MANIFEST).exists() {
        references.to_owned()
    } else {
        let out = folder.path().join("built.gallery");
        gallery::build(references, &out, &gallery::Options::default(), |path| std::fs::read(path))?;
        out
    };
    let mut resources = Vec::new();
    for entry in std::fs::read_dir(out)? {
        let entry = entry?;
        // Held until the end of the run, as a host would hold a mapped file.
        let bytes: &'static [u8] = Box::leak(std::fs::read(entry.path())?.into_boxed_slice());
        let name: &'static str =
            Box::leak(format!("gallery/0/{}", entry.file_name().to_string_lossy()).into_boxed_str());
        resources.push((name, Resource::from_static(bytes)));
    }
    let context = CreateContext::new("image-counterfeit", "{}", resources);
    let detector = ImageCounterfeit::create(&context).map_err(|e| e.to_string())?;
    let root = listings.parent().unwrap_or(Path::new("."));
    let text = std::fs::read_to_string(listings)?;
    let rows: Vec<serde_json::Value> = text.lines().step_by(nth).map(serde_json::from_str).collect::<Result<_, _>>()?;
    let started = Instant::now();
    let lines: Vec<String> = rows
        .par_iter()
        .map(|row| {
            let (id, shop) = (row["id"].as_str().unwrap_or_default(), row["shop_id"].as_str());
            let mut lines = String::new();
            for (i, image) in row["images"].as_array().into_iter().flatten().enumerate() {
                let bytes = std::fs::read(root.join(image.as_str().unwrap_or_default())).unwrap_or_default();
                match Suspect::decode(&bytes, &Limits::default()) {
                    Ok(suspect) => {
                        let offer = Offer { shop, ..Offer::default() };
                        if let Some(m) = detector.match_picture(&suspect, &offer).and_then(|m| m.found) {
                            let _ = writeln!(
                                lines,
                                r#"{{"detector":"image-counterfeit","owner":"{id}","record":"{id}#{i}","rule":"{}","score":{},"evidence":{}}}"#,
                                m.rule,
                                m.score,
                                m.evidence.finish()
                            );
                        }
                    }
                    Err(why) => eprintln!("{id}: {why}"),
                }
            }
            lines
        })
        .collect();
    eprintln!("{} listings in {:?}", rows.len(), started.elapsed());
    std::fs::write(&arguments[2], lines.concat())?;
    Ok(())
}
