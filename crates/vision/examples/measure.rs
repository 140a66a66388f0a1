//! Holds every picture of a folder against a gallery and writes what is found, one line a candidate, as CSV.
//!
//! usage: `measure GALLERY|PICTURES_OF_THE_BRAND PICTURES_DIR [EVERY_NTH]`; prints pictures a second and thread to stderr.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "prints its measurement")]

use std::path::Path;
use std::time::Instant;

use huoyan_vision::gallery::{self, Gallery};
use huoyan_vision::{Limits, Suspect, decode, pdq, search, verify};
use rayon::prelude::*;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (references, folder) = (Path::new(&arguments[0]), Path::new(&arguments[1]));
    let nth: usize = arguments.get(2).map_or(Ok(1), |n| n.parse())?;
    let read = |path: &Path| std::fs::read(path);
    let folder_of = if references.join(gallery::MANIFEST).exists() {
        references.to_owned()
    } else {
        let out = std::env::temp_dir().join(format!("measure-{}.gallery", std::process::id()));
        let started = Instant::now();
        let report = gallery::build(references, &out, &gallery::Options::default(), read)?;
        eprintln!("{report:?} in {:?}", started.elapsed());
        out
    };
    let started = Instant::now();
    let gallery = Gallery::open_folder(&folder_of, read)?;
    eprintln!("opened {} pictures in {:?}", gallery.len(), started.elapsed());
    let mut files: Vec<_> = std::fs::read_dir(folder)?.map(|e| e.map(|e| e.path())).collect::<Result<_, _>>()?;
    files.sort();
    let files: Vec<_> = files.into_iter().step_by(nth).collect();
    let lines: Vec<(String, [u128; 5])> = files
        .par_iter()
        .map(|path| {
            let bytes = std::fs::read(path).unwrap_or_default();
            let id = path.file_stem().unwrap_or_default().to_string_lossy();
            let start = Instant::now();
            let picture = match decode(&bytes, &Limits::default()) {
                Ok(picture) => picture,
                Err(e) => return (format!("# {id}: {e}\n"), [0; 5]),
            };
            let decoded = start.elapsed().as_micros();
            let _ = pdq::hash(&picture);
            let hashed = start.elapsed().as_micros();
            let suspect = Suspect::new(&picture);
            let described = start.elapsed().as_micros();
            let candidates = search::candidates(&gallery, &suspect);
            let searched = start.elapsed().as_micros();
            let mut lines = String::new();
            for candidate in &candidates {
                let Some(v) = verify::verify(&gallery, &suspect, candidate) else { continue };
                let a = v.agreement;
                lines += &format!(
                    "{id},{},{},{},{},{},{},{:.4},{:.4},{},{},{},{},{:.4},{:.4},{},{},{},{},{:.3},{:.4}\n",
                    gallery.picture(v.candidate.picture).map_or("", |picture| picture.item),
                    u8::from(v.candidate.mirrored),
                    v.candidate.votes,
                    v.candidate.distance,
                    v.expected,
                    v.inliers,
                    v.reference_share,
                    v.suspect_share,
                    a.textured,
                    a.visible,
                    a.agreeing,
                    a.close,
                    a.correlation,
                    a.shading,
                    a.spots,
                    a.spots_agreeing,
                    a.middle,
                    a.middle_agreeing,
                    a.tone,
                    a.contrast
                );
            }
            (
                lines,
                [
                    decoded,
                    hashed - decoded,
                    described - hashed,
                    searched - described,
                    start.elapsed().as_micros() - searched,
                ],
            )
        })
        .collect();
    println!(
        "id,item,mirrored,votes,distance,expected,inliers,reference_share,suspect_share,textured,visible,agreeing,close,correlation,shading,spots,spots_agreeing,middle,middle_agreeing,tone,contrast"
    );
    lines.iter().for_each(|(line, _)| print!("{line}"));
    let names = ["decode", "pdq", "signals (with pdq)", "search", "verify"];
    let n = lines.len() as f64;
    for (i, name) in names.iter().enumerate() {
        eprintln!("{name}: {:.2} ms", lines.iter().map(|l| l.1[i] as f64).sum::<f64>() / n / 1000.0);
    }
    Ok(())
}
