//! Scores reviews without a host: `eval REVIEWS.jsonl SCORES.csv [REPEAT [MODEL.toml]]`. Times per stage, the best of REPEAT runs
//! (default 1), go to standard error; sorting between stages is the host's work and not counted.
#![expect(clippy::print_stderr, reason = "a measurement")]

mod input;

use std::error::Error;
use std::fs;

use huoyan_sdk::Resource;
use huoyan_sdk::testkit::{Shape, run};
use review_malice::{MANIFEST, RESOURCES, ReviewMalice};

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().collect();
    let [_, from, to, repeat @ ..] = args.as_slice() else {
        return Err("usage: eval REVIEWS.jsonl SCORES.csv [REPEAT [MODEL.toml]]".into());
    };
    let model = repeat.get(1);
    let repeat: usize = repeat.first().map_or(Ok(1), |n| n.parse())?;
    let reviews = input::reviews(from)?;
    let mut resources = RESOURCES.to_vec();
    if let Some(path) = model {
        resources.retain(|(name, _)| *name != "model");
        resources.push(("model", Resource::from_static(fs::read(path)?.leak())));
    }
    let score = || run::<ReviewMalice>(MANIFEST, "{}", &resources, &[("review", &reviews)], Shape::default());
    let mut out = score()?;
    for _ in 1..repeat {
        for (best, again) in out.elapsed.iter_mut().zip(score()?.elapsed) {
            best.1 = best.1.min(again.1);
        }
    }
    let mut csv = String::from("detector,record_kind,record,score\n");
    for (record, score) in &out.scores {
        csv.push_str(&format!("review-malice,review,{record},{score:.17}\n"));
    }
    fs::write(to, csv)?;
    let mut total = 0.0;
    for (stage, time) in &out.elapsed {
        total += time.as_secs_f64();
        eprintln!("{stage:10} {:8.1} ms", time.as_secs_f64() * 1e3);
    }
    eprintln!(
        "{} reviews, {} findings, {:.0} reviews/s",
        reviews.len(),
        out.findings.len(),
        reviews.len() as f64 / total
    );
    Ok(())
}
