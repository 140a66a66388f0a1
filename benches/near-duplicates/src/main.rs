//! Near copies among reviews: how fast they are found, how many of them, and how time grows with the number of reviews.
//!
//! ```text
//! cargo run --release -p near-duplicates-bench -- pairs REVIEWS.jsonl[.gz] [COUNT...]
//! cargo run --release -p near-duplicates-bench -- stages REVIEWS.jsonl[.gz]
//! ```
//!
//! `REVIEWS` holds an object with a `text` in each line. `stages` prints what reading one of these reviews costs; `pairs` makes
//! as many reviews as told (60,000, 600,000 and 6,000,000 unless told) and looks for near copies. Both run on one thread and count its CPU time.
//!
//! # The reviews (`make.rs`)
//!
//! All seeded: the n-th review is the same in every run and at every count.
//!
//! * *Ordinary*: as many clauses as some review of the file has, at most 12, each drawn from all clauses of the file. 10 % are
//!   default texts instead: one of 40 short reviews of the file, the k-th drawn in proportion to 1/k. In 20 % of the others one of 60 hot clauses,
//!   drawn likewise, is put at the end. By chance some of these reviews are copies of each other too.
//! * *Planted*, one in 50: groups of 2 to 6 near copies of one base, an ordinary text of at least 24 characters, on different listings
//!   by different accounts within ten days of 400. Each member is edited on its own, from the base:
//!   * level 1: one word in 40 characters, at least one, gives way to another word of two characters; punctuation changes.
//!   * level 2: also a phrase of three to six characters is put at the start, at the end or between two clauses, and with
//!     probability .6 the clauses are shuffled.
//!   * level 3: also one character in 50 becomes another that no folding brings back, half of the characters that have a
//!     disguise wear it, and dots stand between some characters.
//!
//! # What is counted
//!
//! * *Reviews a second*: the plugin's code on every review: folding and sampling for the counts of phrases; folding, sampling and
//!   bands; sorting rows by bucket, time and record; judging each bucket. Making the reviews is not counted, nor checking what was
//!   found. Small counts are run up to nine times; the run of median time is told.
//! * *Recall*: of all pairs of planted reviews of one group that are near copies, those of which one is named as a copy of the other
//!   (`copies::Copied::with`). Near copies are texts that edits left half alike or more: Jaccard similarity .5 of all their pieces of three
//!   kept characters. What was found of the less alike ones stands beside it: shuffled clauses and a strange phrase leave less.
//! * *False*: of all pairs named, those whose similarity is below .3 (a sample of 200,000 pairs is checked). *Like*: those at .5 and
//!   above. Both count what chance made alike too: in millions of reviews from the clauses of 80,000 that is most of it.
//! * *Memory*: rows and the table of phrases. The rows stand in memory here; the host writes them to disk when there are many.
//! * *Exponent*: log(time of the largest / time of the smallest) / log(of the counts).
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

mod make;
mod pairs;
mod stages;

use std::error::Error;
use std::io::Read as _;

use serde::Deserialize;

const USAGE: &str = "usage: near-duplicates-bench pairs REVIEWS.jsonl[.gz] [COUNT...] | stages REVIEWS.jsonl[.gz]";

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (command, path) = (args.first().ok_or(USAGE)?, args.get(1).ok_or(USAGE)?);
    let texts = read(path)?;
    match command.as_str() {
        "pairs" => {
            let mut counts = args[2..].iter().map(|n| n.parse()).collect::<Result<Vec<usize>, _>>()?;
            if counts.is_empty() {
                counts = vec![60_000, 600_000, 6_000_000];
            }
            pairs::run(&texts, &counts)
        }
        "stages" => stages::run(&texts),
        _ => Err(USAGE.into()),
    }
}

#[derive(Deserialize)]
struct Line {
    text: String,
}

fn read(path: &str) -> Result<Vec<String>, Box<dyn Error>> {
    let bytes = std::fs::read(path).map_err(|e| format!("{path}: {e}"))?;
    let mut lines = String::new();
    if path.ends_with(".gz") {
        flate2::read::MultiGzDecoder::new(&*bytes).read_to_string(&mut lines)?;
    } else {
        lines = String::from_utf8(bytes)?;
    }
    let texts = lines.lines().map(|line| serde_json::from_str::<Line>(line).map(|l| l.text));
    Ok(texts.collect::<Result<_, _>>()?)
}
