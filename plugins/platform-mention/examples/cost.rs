//! What each step of the detector costs on a corpus, one text a line: `cargo run --release --example cost -- CORPUS.txt`.

use std::io::Write;
use std::time::Instant;

use huoyan_text::{Folded, Scratch, contacts};
use platform_mention::BUNDLED;
use platform_mention::lexicon::Lexicon;
use platform_mention::screen::{Setting, Voice, Work, screen};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("usage: cost CORPUS.txt")?;
    let corpus = std::fs::read_to_string(path)?;
    let lines: Vec<&str> = corpus.lines().collect();
    let lexicon = Lexicon::new(&BUNDLED)?;
    let mut out = std::io::stdout();
    let mut time = |name: &str, work: &mut dyn FnMut(&str) -> usize| -> std::io::Result<()> {
        let mut best = f64::MAX;
        let mut count = 0;
        for _ in 0..5 {
            let started = Instant::now();
            count = lines.iter().map(|line| work(line)).sum();
            best = best.min(started.elapsed().as_secs_f64());
        }
        writeln!(out, "{name:<12} {:>8.0} ns a text, {count}", best * 1e9 / lines.len() as f64)
    };
    let mut folded = Folded::new();
    time("fold", &mut |line| {
        folded.fold(line);
        folded.atoms().len()
    })?;
    let mut scratch = Scratch::new();
    time("find", &mut |line| lexicon.names.find(line, &mut scratch).len())?;
    time("around", &mut |line| lexicon.around.find(line, &mut scratch).len())?;
    let mut found = Vec::new();
    time("contacts", &mut |line| {
        folded.fold(line);
        contacts(line, &folded, &mut found);
        found.len()
    })?;
    let mut work = Work::default();
    time("screen", &mut |line| screen(&lexicon, line, Setting::of(Voice::Shop), &mut work).len())?;
    Ok(())
}
