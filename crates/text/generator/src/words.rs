//! The word filter: a Bloom filter of common words of two to four Han characters.
//!
//! `words.bin` is the bit array; the hashing is that of `huoyan_text::words`. A word belongs when the dictionary of
//! `jieba-rs` counts it at least [`MIN_COUNT`] times.

use std::process::Command;

use crate::fold;

const BITS: u64 = 1 << 22;
const PROBES: u64 = 4;
const MIN_COUNT: u32 = 3;

/// The path of the dictionary inside the fetched sources of `jieba-rs`.
fn dictionary() -> String {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--manifest-path", manifest])
        .output()
        .expect("cargo metadata runs");
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("cargo metadata writes JSON");
    let package = metadata["packages"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|package| package["name"] == "jieba-rs")
        .expect("jieba-rs is a dependency");
    package["manifest_path"].as_str().unwrap_or_default().replace("Cargo.toml", "src/data/dict.txt")
}

/// The bytes of `words.bin`.
pub fn table() -> Vec<u8> {
    let text = std::fs::read_to_string(dictionary()).expect("the dictionary can be read");
    let mut bits = vec![0_u8; (BITS / 8) as usize];
    let mut count = 0;
    for line in text.lines() {
        let mut fields = line.split_whitespace();
        let (Some(word), Some(frequency)) = (fields.next(), fields.next().and_then(|n| n.parse::<u32>().ok())) else {
            continue;
        };
        let word: Vec<char> = word.chars().map(fold::folded).collect();
        if frequency < MIN_COUNT || !(2..=4).contains(&word.len()) || !word.iter().all(|c| fold::is_plain_han(*c)) {
            continue;
        }
        count += 1;
        let hash = hash(&word);
        for probe in 0..PROBES {
            let bit = (hash >> (16 * probe) ^ hash.rotate_left(11 * probe as u32 + 5)) % BITS;
            bits[(bit / 8) as usize] |= 1 << (bit % 8);
        }
    }
    eprintln!("{count} words");
    bits
}

fn hash(word: &[char]) -> u64 {
    word.iter().fold(0xcbf2_9ce4_8422_2325, |hash, c| {
        (hash ^ u64::from(*c as u32)).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29)
    })
}
