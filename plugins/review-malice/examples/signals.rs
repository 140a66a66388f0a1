//! Writes the signals of every review, to look at: `signals REVIEWS.jsonl SIGNALS.csv [MODEL.toml]`.

mod input;
#[path = "input/signals.rs"]
mod of;

use std::error::Error;
use std::fmt::Write as _;
use std::fs;

use review_malice::signal::Signal;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().collect();
    let [_, from, to, model @ ..] = args.as_slice() else {
        return Err("usage: signals REVIEWS.jsonl SIGNALS.csv [MODEL.toml]".into());
    };
    let model = match model.first() {
        Some(path) => fs::read_to_string(path)?.leak(),
        None => include_str!("../rules/model.toml"),
    };
    let names: Vec<&str> = Signal::ALL.iter().map(|signal| signal.as_str()).collect();
    let mut csv = format!("record,side,stratum,stars,{}\n", names.join(","));
    for review in of::signals(from, model)? {
        let stratum = review.stratum.as_deref().unwrap_or("");
        let _ = write!(csv, "{},{},{stratum},{}", review.record, review.side, review.stars);
        review.values.iter().for_each(|value| {
            let _ = write!(csv, ",{value}");
        });
        csv.push('\n');
    }
    fs::write(to, csv)?;
    Ok(())
}
