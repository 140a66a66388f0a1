//! Speed over a corpus, one text a call, one thread, the least CPU time of five runs each.
//!
//! The terms are strings of the corpus itself, so every text has hits: more than real lists have, alike for all. "Raw" rows
//! search the text as it is and see through nothing: they are the limit. The chain is what one would glue together: NFKC,
//! characters simplified, everything but letters and figures left out, then daachorse. "Ours" folds, skips noise, gives spans
//! in the original text and names the disguise; "everything on" adds homophones, pinyin, look-alikes, split characters,
//! figures, pictures and initials for every term.

use std::error::Error;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use daachorse::CharwiseDoubleArrayAhoCorasick;
use huoyan_text::{Scratch, Variants};
use unicode_normalization::UnicodeNormalization as _;

use text_bench::corpus::{least, lines, read, terms};

use crate::{ALL, matcher};

const REPEATS: usize = 5;

pub(crate) fn run(path: &str, wanted: usize) -> Result<(), Box<dyn Error>> {
    let corpus = read(path)?;
    let lines = lines(&corpus)?;
    let bytes: usize = lines.iter().map(|line| line.len()).sum();
    let terms = terms(&lines, wanted);
    println!("{} texts, {:.1} MB, {} terms", lines.len(), bytes as f64 / 1e6, terms.len());
    let row = |name: &str, (seconds, found): (f64, usize)| {
        let (speed, each) = (bytes as f64 / seconds / 1e6, seconds * 1e9 / lines.len() as f64);
        println!("{name:<44} {speed:>7.1} MB/s {each:>7.0} ns a text {found:>9} found");
        speed
    };

    let dfa = AhoCorasick::builder().kind(Some(AhoCorasickKind::ContiguousNFA)).build(&terms)?;
    row("raw: aho-corasick 1", least(&lines, REPEATS, |line| dfa.find_overlapping_iter(line).count()));
    let charwise = CharwiseDoubleArrayAhoCorasick::<u32>::new(&terms).map_err(|e| e.to_string())?;
    row("raw: daachorse, by characters", least(&lines, REPEATS, |line| charwise.find_overlapping_iter(line).count()));
    let mut plain = String::new();
    let chain = row(
        "chain: NFKC, simplified, stripped, daachorse",
        least(&lines, REPEATS, |line| {
            let composed: String = line.nfkc().collect();
            plain.clear();
            plain.extend(fast2s::convert(&composed).to_lowercase().chars().filter(|c| c.is_alphanumeric()));
            charwise.find_overlapping_iter(&plain).count()
        }),
    );
    let mut scratch = Scratch::new();
    for (name, variants) in [
        ("ours: folding and noise", Variants::NONE),
        ("ours: and homophones", Variants::HOMOPHONE.and(Variants::PINYIN)),
        ("ours: everything on", ALL),
    ] {
        let matcher = matcher(&terms, variants);
        let speed = row(name, least(&lines, REPEATS, |line| matcher.find(line, &mut scratch).len()));
        println!("{:<44} {:>7.2} x the chain", "", speed / chain);
    }
    Ok(())
}
