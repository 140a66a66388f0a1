//! Scores reviews without a host: `eval REVIEWS.jsonl SCORES.csv`. Times per stage go to standard error.
#![expect(clippy::print_stderr, reason = "a measurement")]

mod input;

use std::error::Error;
use std::fs;

use huoyan_sdk::testkit::{Shape, run};
use review_malice::{MANIFEST, RESOURCES, ReviewMalice};

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().collect();
    let [_, from, to] = args.as_slice() else { return Err("usage: eval REVIEWS.jsonl SCORES.csv".into()) };
    let reviews = input::reviews(from)?;
    let out = run::<ReviewMalice>(MANIFEST, "{}", &RESOURCES, &[("review", &reviews)], Shape::default())?;
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
