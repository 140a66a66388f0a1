//! Figures of the text matcher and of the rule packs.
//!
//! ```text
//! cargo run --release -p text-bench -- throughput CORPUS.txt[.gz] [TERMS]
//! cargo run --release -p text-bench -- pack CORPUS.txt[.gz] [TERMS]
//! cargo run --release -p text-bench -- worst
//! cargo run --release -p text-bench -- variants POSITIVES.jsonl...
//! ```
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

mod throughput;

use std::error::Error;

use huoyan_text::{Matcher, Pattern, Scratch, Variants};
use prohibited_keyword::overlay::Overlay;
use prohibited_keyword::pack::{Contexts, Pack, Rule};
use prohibited_keyword::{CONTEXTS, PACKS, Screen, Workspace, bundled};
use text_bench::bare::{Kept, thin};
use text_bench::corpus::{lines, read, terms};
use text_bench::memory::{build, in_use, row};
use text_bench::{variants, worst};

const USAGE: &str = "usage: text-bench throughput|pack CORPUS.txt[.gz] [TERMS] | worst | variants POSITIVES.jsonl...";

/// Everything that can be computed for every term.
const ALL: Variants = Variants::HOMOPHONE
    .and(Variants::PINYIN)
    .and(Variants::GLYPH)
    .and(Variants::SPLIT)
    .and(Variants::DIGITS)
    .and(Variants::EMOJI)
    .and(Variants::INITIALS);

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let wanted = || args.get(2).map_or(Ok(10_000), |n| n.parse::<usize>());
    match args.first().map(String::as_str) {
        Some("throughput") => throughput::run(args.get(1).ok_or(USAGE)?, wanted()?),
        Some("pack") => pack(args.get(1).ok_or(USAGE)?, wanted()?),
        Some("worst") => slow_texts(),
        Some("variants") if args.len() > 1 => computed(&args[1..]),
        _ => Err(USAGE.into()),
    }
}

fn matcher(terms: &[String], variants: Variants) -> Matcher {
    let patterns = terms.iter().enumerate().map(|(i, term)| Pattern::new(i as u32, term).variants(variants));
    Matcher::builder().patterns(patterns).build().expect("invariant: terms have letters, and few different ones")
}

/// What it takes to build a pack, to keep it, and to change it: terms sampled from a corpus, the bundled packs, and one hot
/// word laid over them. CPU milliseconds, the least of five; bytes as the allocator counts them.
fn pack(path: &str, wanted: usize) -> Result<(), Box<dyn Error>> {
    let corpus = read(path)?;
    let lines = lines(&corpus)?;
    let terms = terms(&lines, wanted);
    let empty = in_use();
    drop(matcher(&["微信".to_owned()], ALL));
    println!("tables of characters, once in a process: {:.2} MB", (in_use() - empty) as f64 / 1e6);
    row(&format!("matcher, {} terms, nothing on", terms.len()), build(|| matcher(&terms, Variants::NONE)));
    row(&format!("matcher, {} terms, everything on", terms.len()), build(|| matcher(&terms, ALL)));
    row("prohibited-keyword: the bundled packs", build(bundled));
    let screen = bundled()?;
    let hot = Overlay::parse("hot", r#"rule.PK110.terms = ["量子速读课程"]"#)?;
    row("prohibited-keyword: one hot word over them", build(|| screen.overlay(&hot)));
    Ok(())
}

fn slow_texts() -> Result<(), Box<dyn Error>> {
    let (matcher, screen) = (matcher(&worst::terms(), ALL), bundled()?);
    let (mut scratch, mut work, mut found) = (Scratch::new(), Workspace::new(), Vec::new());
    worst::run(&mut [
        ("10,000 terms", &mut |text| matcher.find(text, &mut scratch).len()),
        ("prohibited-keyword", &mut |text| {
            screen.scan(text, "", &mut work, &mut found);
            found.len()
        }),
    ]);
    Ok(())
}

fn computed(paths: &[String]) -> Result<(), Box<dyn Error>> {
    let (packs, removed) = bare()?;
    let (full, bare) = (bundled()?, Screen::new(&packs, &Contexts::parse(CONTEXTS)?)?);
    let spans = |screen: &Screen, text: &str| {
        let mut found = Vec::new();
        screen.scan(text, "", &mut Workspace::new(), &mut found);
        found.iter().filter(|hit| hit.score >= 0.5).map(|hit| (hit.start, hit.end)).collect()
    };
    variants::run("prohibited", paths, &removed, |text| spans(&full, text), |text| spans(&bare, text))
}

/// The rule packs, and what was taken out.
fn bare() -> Result<(Vec<Pack>, Vec<String>), Box<dyn Error>> {
    let (mut packs, mut removed) = (Vec::new(), Vec::new());
    for (name, toml) in PACKS {
        let mut pack = Pack::parse(name, toml)?;
        for rule in &mut pack.rules {
            let mut kept = Kept::default();
            let Rule { terms, exact, hidden, weak, .. } = rule;
            for list in [terms, exact, hidden, weak] {
                list.retain(|word| {
                    kept.keep(word) || {
                        removed.push(word.clone());
                        false
                    }
                });
                list.iter_mut().for_each(|term| *term = thin(term, &mut removed));
            }
        }
        packs.push(pack);
    }
    Ok((packs, removed))
}
