//! Measures folding, search and contact grammar on a corpus, one text a line, on one thread.
//!
//! `cargo run --release -p huoyan-text --example throughput -- CORPUS.txt [TERMS]` takes TERMS (default 10,000) strings of two
//! to six characters from the corpus itself, spread evenly over it, and times: the bare automaton on raw bytes (which folds
//! nothing), folding alone, search with every computed variant off and with each class, and the contact grammar. Times are
//! CPU times where the system tells them (Linux), so that a busy machine does not spoil them.

use std::io::Write;
use std::time::Instant;

use aho_corasick::AhoCorasick;
use huoyan_text::{Folded, Kind, Matcher, Pattern, Scratch, Variants, contacts};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let path = args.next().ok_or("usage: throughput CORPUS.txt [TERMS]")?;
    let wanted: usize = args.next().map_or(Ok(10_000), |n| n.parse())?;
    let corpus = std::fs::read_to_string(path)?;
    let lines: Vec<&str> = corpus.lines().filter(|line| !line.is_empty()).collect();
    let bytes: usize = lines.iter().map(|line| line.len()).sum();
    let mut terms = Vec::new();
    let mut folded = Folded::new();
    for (i, line) in lines.iter().enumerate().step_by((lines.len() / wanted).max(1)) {
        folded.fold(line);
        let atoms = folded.atoms();
        let len = 2 + i % 5;
        let from = (i * 7) % atoms.len().max(1);
        if let Some(part) = atoms.get(from..from + len)
            && part.iter().all(|atom| atom.kind == Kind::Han)
        {
            terms.push(part.iter().map(|atom| atom.code).collect::<String>());
        }
    }
    terms.sort();
    terms.dedup();
    let mut out = std::io::stdout();
    writeln!(out, "{} texts, {:.1} MB, {} terms", lines.len(), bytes as f64 / 1e6, terms.len())?;
    let mut time = |name: &str, mut work: Box<dyn FnMut(&str) -> usize>| -> std::io::Result<()> {
        let mut best = f64::MAX;
        let mut count = 0;
        for _ in 0..3 {
            let started = cpu_seconds();
            count = lines.iter().map(|line| work(line)).sum();
            best = best.min(cpu_seconds() - started);
        }
        let each = best * 1e9 / lines.len() as f64;
        writeln!(out, "{name:<28} {:>7.1} MB/s {each:>8.0} ns a text, {count} found", bytes as f64 / best / 1e6)
    };
    let raw = AhoCorasick::new(&terms)?;
    time("aho-corasick, raw bytes", Box::new(move |line| raw.find_overlapping_iter(line).count()))?;
    time("fold", {
        let mut folded = Folded::new();
        Box::new(move |line| {
            folded.fold(line);
            folded.atoms().len()
        })
    })?;
    for (name, variants) in [
        ("fold + search", Variants::NONE),
        ("… + homophones", Variants::HOMOPHONE | Variants::PINYIN),
        ("… + split", Variants::SPLIT),
        ("… + look-alikes", Variants::GLYPH),
    ] {
        let started = Instant::now();
        let patterns = terms.iter().enumerate().map(|(i, term)| Pattern::new(i as u32, term).variants(variants));
        let matcher = Matcher::builder().patterns(patterns).build()?;
        let built = started.elapsed().as_secs_f64() * 1e3;
        let mut scratch = Scratch::new();
        time(&format!("{name} ({built:.0} ms)"), Box::new(move |line| matcher.find(line, &mut scratch).len()))?;
    }
    time("fold + contacts", {
        let (mut folded, mut found) = (Folded::new(), Vec::new());
        Box::new(move |line| {
            folded.fold(line);
            contacts(line, &folded, &mut found);
            found.len()
        })
    })?;
    Ok(())
}

/// Seconds that this thread has run, or that have passed where the system does not tell.
fn cpu_seconds() -> f64 {
    static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    let start = START.get_or_init(Instant::now);
    let schedstat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = schedstat.split(' ').next().and_then(|n| n.parse::<f64>().ok());
    nanos.map_or_else(|| start.elapsed().as_secs_f64(), |nanos| nanos / 1e9)
}
