//! Near copies among made reviews.

use std::collections::BTreeSet;
use std::error::Error;

use cpu_time::ThreadTime;
use review_malice::copies::{self, BANDS, Copy};
use review_malice::fold::kept_chars;
use review_malice::phrases::Phrases;
use review_malice::sketch::sketch_into;

use crate::make::Source;

/// Reviews made, then measured, at a time.
const BATCH: usize = 10_000;
/// Parts that rows are written to, by their key; each is sorted by itself.
const PARTS: usize = 1024;
/// Named pairs whose texts are compared.
const CHECKED: usize = 200_000;

struct Row {
    key: u64,
    record: u32,
    copy: Copy,
}

/// What was found among so many reviews, and how long it took.
struct Found {
    phrases: f64,
    bands: f64,
    sort: f64,
    judge: f64,
    rows: usize,
    characters: usize,
    /// Each pair named, the lower record first.
    pairs: BTreeSet<(u32, u32)>,
}

impl Found {
    fn time(&self) -> f64 {
        self.phrases + self.bands + self.sort + self.judge
    }
}

pub fn run(texts: &[String], counts: &[usize]) -> Result<(), Box<dyn Error>> {
    let source = Source::of(texts)?;
    let mut times = Vec::new();
    for count in counts {
        let repeats = (2_000_000 / count).clamp(1, 9);
        let mut runs: Vec<Found> = (0..repeats).map(|_| search(&source, *count)).collect();
        runs.sort_by(|a, b| a.time().total_cmp(&b.time()));
        let found = runs.swap_remove(runs.len() / 2);
        let time = found.time();
        times.push(time);
        println!(
            "{count} reviews of {:.0} kept characters: {:.0} reviews/s ({time:.2} s; in us each: phrases {:.2}, bands {:.2}, sort {:.2}, judge {:.2})",
            found.characters as f64 / *count as f64,
            *count as f64 / time,
            found.phrases / *count as f64 * 1e6,
            found.bands / *count as f64 * 1e6,
            found.sort / *count as f64 * 1e6,
            found.judge / *count as f64 * 1e6,
        );
        let bytes = found.rows * size_of::<Row>() + (4 << 20);
        println!("  {:.2} rows a review, {:.0} MB", found.rows as f64 / *count as f64, bytes as f64 / 1e6);
        recall(&source, &found.pairs, *count);
        likeness(&source, &found.pairs);
    }
    if let ([first, .., last], [n, .., m]) = (&times[..], counts) {
        println!("exponent {:.3}", (last / first).ln() / (*m as f64 / *n as f64).ln());
    }
    Ok(())
}

fn search(source: &Source, count: usize) -> Found {
    let (mut chars, mut pieces) = (Vec::new(), Vec::new());
    let mut characters = 0;
    let mut phrases = Phrases::default();
    let mut counting = 0.0;
    batches(source, count, |_, texts| {
        let started = ThreadTime::now();
        for text in texts {
            kept_chars(text, &mut chars);
            characters += chars.len();
            sketch_into(&chars, &mut pieces);
            phrases.add(&pieces);
        }
        counting += started.elapsed().as_secs_f64();
    });
    let mut parts: Vec<Vec<Row>> = (0..PARTS).map(|_| Vec::with_capacity(count * BANDS / PARTS + 64)).collect();
    let mut banding = 0.0;
    batches(source, count, |from, texts| {
        let started = ThreadTime::now();
        for (i, text) in texts.iter().enumerate() {
            let review = Source::review(from + i, count);
            kept_chars(text, &mut chars);
            sketch_into(&chars, &mut pieces);
            let text = || copies::copy(review.reviewer, review.listing, review.time, review.vote);
            if let Some((copy, keys)) = copies::bands(&pieces, chars.len() as u16, &phrases, text) {
                for key in keys.iter() {
                    let part = &mut parts[(key >> 54) as usize % PARTS];
                    part.push(Row { key: *key, record: (from + i) as u32, copy: copy.clone() });
                }
            }
        }
        banding += started.elapsed().as_secs_f64();
    });
    let rows = parts.iter().map(Vec::len).sum();
    let mut named: Vec<(u32, u32)> = Vec::new();
    let (mut sorting, mut judging) = (0.0, 0.0);
    for part in parts {
        let started = ThreadTime::now();
        let order = sorted(&part);
        sorting += started.elapsed().as_secs_f64();
        let started = ThreadTime::now();
        judge(&part, &order, &mut named);
        judging += started.elapsed().as_secs_f64();
    }
    let pairs = named.into_iter().map(|(a, b)| (a.min(b), a.max(b))).collect();
    Found { phrases: counting, bands: banding, sort: sorting, judge: judging, rows, characters, pairs }
}

fn batches(source: &Source, count: usize, mut each: impl FnMut(usize, &[String])) {
    for from in (0..count).step_by(BATCH) {
        let texts: Vec<String> = (from..(from + BATCH).min(count)).map(|n| source.text(n)).collect();
        each(from, &texts);
    }
}

/// The rows' places in the order of bucket, time and record: first spread by the next bits of the key, then sorted.
fn sorted(rows: &[Row]) -> Vec<(u64, i64, u32, u32)> {
    let bits = (rows.len() / 64).max(1).ilog2();
    let place = |row: &Row| ((row.key << 10) >> (63 - bits)) as usize >> 1;
    let mut starts = vec![0u32; (1 << bits) + 1];
    rows.iter().for_each(|row| starts[place(row) + 1] += 1);
    for i in 1..starts.len() {
        starts[i] += starts[i - 1];
    }
    let mut next = starts.clone();
    let mut order = vec![(0, 0, 0, 0); rows.len()];
    for (i, row) in rows.iter().enumerate() {
        let at = &mut next[place(row)];
        order[*at as usize] = (row.key, row.copy.time, row.record, i as u32);
        *at += 1;
    }
    for ends in starts.windows(2) {
        order[ends[0] as usize..ends[1] as usize].sort_unstable();
    }
    order
}

fn judge(rows: &[Row], order: &[(u64, i64, u32, u32)], named: &mut Vec<(u32, u32)>) {
    let mut bucket: Vec<Copy> = Vec::new();
    for group in order.chunk_by(|a, b| a.0 == b.0).filter(|group| group.len() > 1) {
        bucket.clear();
        bucket.extend(group.iter().map(|(_, _, _, i)| rows[*i as usize].copy.clone()));
        for (me, copied) in group.iter().zip(copies::judge(&bucket)) {
            named.extend(copied.with.iter().map(|j| (me.2, group[*j].2)));
        }
    }
}

/// Lower bounds of the likenesses that recall is told for.
/// Of which this one makes a near copy.
const HALF: usize = 3;
const BOUNDS: [f64; 7] = [0.0, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8];

fn recall(source: &Source, pairs: &BTreeSet<(u32, u32)>, count: usize) {
    let planted: Vec<usize> = (0..count).filter(|n| Source::group(*n).is_some()).collect();
    let (mut found, mut all) = ([[0usize; BOUNDS.len()]; 4], [[0usize; BOUNDS.len()]; 4]);
    let group = |n: &usize| Source::group(*n).map(|group| group.number);
    for members in planted.chunk_by(|a, b| group(a) == group(b)) {
        let level = Source::group(members[0]).map_or(0, |group| group.level);
        let texts: Vec<String> = members.iter().map(|n| source.text(*n)).collect();
        for (i, a) in members.iter().enumerate() {
            for (j, b) in members.iter().enumerate().skip(i + 1) {
                let likeness = jaccard(&texts[i], &texts[j]);
                let at = BOUNDS.partition_point(|bound| *bound <= likeness) - 1;
                let here = usize::from(pairs.contains(&(*a as u32, *b as u32)));
                for level in [0, level] {
                    found[level][at] += here;
                    all[level][at] += 1;
                }
            }
        }
    }
    let share = |level: usize, from: usize| {
        let sum = |counts: &[[usize; BOUNDS.len()]; 4]| counts[level][from..].iter().sum::<usize>();
        (sum(&found) as f64 / sum(&all).max(1) as f64, sum(&all))
    };
    let (recall, pairs) = share(0, HALF);
    print!("  recall {recall:.4} of {pairs} planted pairs that are half alike or more; by level");
    (1..4).for_each(|level| print!(" {:.4} of {},", share(level, HALF).0, share(level, HALF).1));
    println!(" and {:.4} of all {}", share(0, 0).0, share(0, 0).1);
    print!("  by likeness:");
    for (i, bound) in BOUNDS.iter().enumerate() {
        print!(" from {bound} {:.3} of {},", found[0][i] as f64 / all[0][i].max(1) as f64, all[0][i]);
    }
    println!();
}

fn likeness(source: &Source, pairs: &BTreeSet<(u32, u32)>) {
    let step = pairs.len() / CHECKED + 1;
    let (mut checked, mut unlike, mut like) = (0usize, 0usize, 0usize);
    let mut examples = Vec::new();
    for (a, b) in pairs.iter().step_by(step) {
        let (a, b) = (source.text(*a as usize), source.text(*b as usize));
        let likeness = jaccard(&a, &b);
        checked += 1;
        unlike += usize::from(likeness < 0.3);
        like += usize::from(likeness >= 0.5);
        if likeness < 0.3 && examples.len() < 2 {
            examples.push((a, b));
        }
    }
    let percent = |n: usize| 100.0 * n as f64 / checked.max(1) as f64;
    println!("  {} pairs named; {:.3} % false, {:.1} % like", pairs.len(), percent(unlike), percent(like));
    for (a, b) in examples.iter().filter(|_| std::env::var_os("EXAMPLES").is_some()) {
        println!("    {a}\n    {b}");
    }
}

fn jaccard(a: &str, b: &str) -> f64 {
    let pieces = |text: &str| -> BTreeSet<[char; 3]> {
        let mut chars = Vec::new();
        kept_chars(text, &mut chars);
        chars.windows(3).map(|w| [w[0], w[1], w[2]]).collect()
    };
    let (a, b) = (pieces(a), pieces(b));
    let both = a.intersection(&b).count();
    both as f64 / (a.len() + b.len() - both).max(1) as f64
}
