//! Exact search among uniform random codes, with neighbours planted at every distance up to the radius.
//!
//! usage: `vision-bench hamming [CODES [QUERIES [FOLDER [PARTS]]]]`. In the folder, unless it is `-`, codes and queries are written
//! as bare 32-byte records, for `benches/hamming_peers.py`.

use std::error::Error;
use std::path::Path;

use cpu_time::ThreadTime;
use huoyan_vision::hamming::{Buckets, Index, Layout, Near, Scratch, scan};

const RADIUS: u32 = 31;

/// SplitMix64 (Steele, Lea and Flood, 2014).
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    pub(crate) fn code(&mut self) -> [u8; 32] {
        let mut code = [0; 32];
        code.as_chunks_mut::<8>().0.iter_mut().for_each(|word| *word = self.next().to_le_bytes());
        code
    }

    /// A code that differs in exactly `bits` bits.
    fn near(&mut self, code: &[u8; 32], bits: u32) -> [u8; 32] {
        let mut near = *code;
        let mut left = bits;
        while left > 0 {
            let bit = self.next() as usize % 256;
            if (near[bit / 8] ^ code[bit / 8]) & 1 << (bit % 8) == 0 {
                near[bit / 8] ^= 1 << (bit % 8);
                left -= 1;
            }
        }
        near
    }
}

pub(crate) fn run(arguments: &[String]) -> Result<(), Box<dyn Error>> {
    let number = |i: usize, default: usize| arguments.get(i).map_or(Ok(default), |n| n.parse());
    let (n, wanted) = (number(0, 1_000_000)?, number(1, 20_000)?);
    let parts = arguments.get(3).map(|parts| parts.parse()).transpose()?;
    if parts.is_some_and(|parts| !(10..=32).contains(&parts)) {
        return Err("give 10 to 32 parts".into());
    }
    let layout = parts.map(Layout::with_parts).or_else(|| Layout::of(n));
    let layout = layout.filter(|_| n > 0).ok_or("so few codes are compared one by one: give 65,536 or more")?;
    let mut random = Random(1);
    let codes: Vec<[u8; 32]> = (0..n).map(|_| random.code()).collect();
    let queries: Vec<[u8; 32]> = (0..wanted)
        .map(|i| {
            let of = codes[random.next() as usize % n];
            random.near(&of, i as u32 % (RADIUS + 1))
        })
        .collect();
    if let Some(folder) = arguments.get(2).filter(|folder| *folder != "-") {
        std::fs::create_dir_all(folder)?;
        std::fs::write(Path::new(folder).join("codes.bin"), codes.as_flattened())?;
        std::fs::write(Path::new(folder).join("queries.bin"), queries.as_flattened())?;
    }
    let started = std::time::Instant::now();
    let buckets = Buckets::of(&codes, layout);
    let built = started.elapsed();
    let bytes = 32 * n + buckets.bounds.len() + 4 * buckets.places.len();
    let index = Index::new(&codes, layout, &buckets.bounds, &buckets.places).ok_or("the index does not fit")?;
    let (mut scratch, mut found): (Scratch, Vec<Near>) = Default::default();
    let mut rates = Vec::new();
    let mut planted = 0;
    for _ in 0..5 {
        let started = ThreadTime::now();
        planted = 0;
        for query in &queries {
            index.within_into(query, RADIUS, &mut scratch, &mut found);
            planted += usize::from(!found.is_empty());
        }
        rates.push(queries.len() as f64 / started.elapsed().as_secs_f64());
    }
    rates.sort_by(f64::total_cmp);
    // The proof that nothing is missed: the first queries against a comparison with every code.
    let sample = (200_000_000 / n).clamp(20, 1000).min(queries.len());
    let started = ThreadTime::now();
    let mut equal = 0;
    for query in &queries[..sample] {
        equal += usize::from(index.within(query, RADIUS) == scan(&codes, query, RADIUS));
    }
    let scanned = sample as f64 / started.elapsed().as_secs_f64();
    println!(
        "{n} codes, radius {RADIUS}, one thread: {:.0} queries/s ({:.0} to {:.0}), {} parts, {:.1} MB a million, built in {:.1} s",
        rates[2],
        rates[0],
        rates[4],
        layout.parts(),
        bytes as f64 / n as f64,
        built.as_secs_f64()
    );
    println!(
        "planted neighbours found {planted} of {wanted}; equal to comparing with every code {equal} of {sample}; that alone about {scanned:.0} queries/s"
    );
    Ok(())
}
