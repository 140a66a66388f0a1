//! Texts, and terms sampled from them.

use std::error::Error;
use std::io::Read as _;

use cpu_time::ThreadTime;
use huoyan_text::{Folded, Kind};

/// Reads a text file, packed with gzip or not.
///
/// # Errors
/// A file that cannot be read or is not UTF-8.
pub fn read(path: &str) -> Result<String, Box<dyn Error>> {
    let bytes = std::fs::read(path).map_err(|e| format!("{path}: {e}"))?;
    if !path.ends_with(".gz") {
        return Ok(String::from_utf8(bytes)?);
    }
    let mut text = String::new();
    flate2::read::MultiGzDecoder::new(&*bytes).read_to_string(&mut text)?;
    Ok(text)
}

/// SplitMix64: seeded, so that every run has the same terms.
#[derive(Debug)]
pub struct Random(pub u64);

impl Random {
    /// A number below `limit`.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % limit.max(1) as u64) as usize
    }
}

/// The texts of a corpus, one a line.
///
/// # Errors
/// A corpus without any.
pub fn lines(corpus: &str) -> Result<Vec<&str>, Box<dyn Error>> {
    let lines: Vec<&str> = corpus.lines().filter(|line| !line.trim().is_empty()).collect();
    if lines.is_empty() { Err("the corpus has no text: give a file with one text a line".into()) } else { Ok(lines) }
}

/// `wanted` different strings of two to six Han characters that stand in the corpus, folded.
pub fn terms(lines: &[&str], wanted: usize) -> Vec<String> {
    let mut random = Random(1);
    let mut terms = std::collections::BTreeSet::new();
    let mut folded = Folded::new();
    for _ in 0..wanted * 50 {
        if terms.len() == wanted {
            break;
        }
        folded.fold(lines[random.below(lines.len())]);
        let (len, atoms) = (2 + random.below(5), folded.atoms());
        let from = random.below(atoms.len());
        if let Some(part) = atoms.get(from..from + len)
            && part.iter().all(|atom| atom.kind == Kind::Han)
            && part[1..].iter().all(|atom| atom.gap.is_empty())
        {
            terms.insert(part.iter().map(|atom| atom.code).collect::<String>());
        }
    }
    terms.into_iter().collect()
}

/// Runs `work` over the texts `repeats` times; the least CPU seconds of a run and what it counted.
pub fn least(lines: &[&str], repeats: usize, mut work: impl FnMut(&str) -> usize) -> (f64, usize) {
    let (mut best, mut count) = (f64::MAX, 0);
    for _ in 0..repeats {
        let started = ThreadTime::now();
        count = lines.iter().map(|line| work(line)).sum();
        best = best.min(started.elapsed().as_secs_f64());
    }
    (best, count)
}
