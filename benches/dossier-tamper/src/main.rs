//! Appeal bundles under attack, and what they cost.
//!
//! ```text
//! cargo run --release -p dossier-tamper-bench -- flips              every bit of three bundles, one at a time
//! cargo run --release -p dossier-tamper-bench -- kill 200           builds killed at so many points
//! cargo run --release -p dossier-tamper-bench -- conformance DIR    the BagIt conformance suite
//! cargo run --release -p dossier-tamper-bench -- small              a case of 10 exhibits, built and signed
//! cargo run --release -p dossier-tamper-bench -- large [DIR]        500 MB of exhibits, made in DIR
//! cargo run --release -p dossier-tamper-bench -- same 1000          one case built so often, compared byte for byte
//! cargo run --release -p dossier-tamper-bench -- verify PATH...     one bundle, with the key of the reference bundles
//! cargo run --release -p dossier-tamper-bench -- reference DIR      writes the reference bundles, for other tools
//! ```
//!
//! Time is wall clock on this machine, memory the process's high-water mark (Linux).
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(clippy::unwrap_used, reason = "a benchmark ends where it cannot go on")]

mod conformance;
mod flips;
mod kill;
mod speed;
#[path = "../../../crates/dossier/tests/support/mod.rs"]
mod support;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use huoyan_dossier::bundle::{Limits, verify};

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let good = match words[..] {
        ["flips"] => flips::all(),
        ["kill", points] => kill::points(points.parse().unwrap()),
        ["kill-child", place] => kill::child(Path::new(place)),
        ["conformance", folder] => conformance::suite(Path::new(folder)),
        ["small"] => speed::small(),
        ["large"] => speed::large(&std::env::temp_dir()),
        ["large", folder] => speed::large(Path::new(folder)),
        ["same", runs] => speed::same(runs.parse().unwrap()),
        ["verify", ..] => judge(&words[1..]),
        ["reference", folder] => reference(Path::new(folder)),
        _ => {
            println!(
                "usage: flips | kill N | conformance DIR | small | large [DIR] | same N | verify PATH... | reference DIR"
            );
            false
        }
    };
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn judge(paths: &[&str]) -> bool {
    let paths: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
    let report = verify(&paths, &support::trust());
    for problem in &report.problems {
        println!("{} {} {}: {}", problem.code.as_str(), problem.part, problem.place, problem.message.en);
    }
    println!("{:?}, exit {}, {} MB at most", report.verdict, report.verdict.exit_code(), peak_megabytes());
    report.verdict.exit_code() == 0
}

fn reference(folder: &Path) -> bool {
    let (payload, info) = support::small_case("CASE-1");
    support::build_in(folder, &payload, &info, &Limits::none());
    let (payload, info, limits) = support::split_case("CASE-2");
    support::build_in(folder, &payload, &info, &limits);
    true
}

fn peak_megabytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("0");
    line.split_whitespace().next().and_then(|kilobytes| kilobytes.parse::<u64>().ok()).unwrap_or(0) / 1024
}
