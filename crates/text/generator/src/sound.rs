//! The sound table: Han character → readings as numbered syllables without tone.
//!
//! `syllables.txt` lists the syllables in order, one a line; `sound.bin` holds, for each code point of U+3400–U+9FFF, two
//! syllable numbers plus one (u16, little-endian), zero for none.

use std::collections::BTreeSet;

use pinyin::ToPinyinMulti;

const FIRST: u32 = 0x3400;
const LAST: u32 = 0x9FFF;

fn readings(c: char) -> Vec<&'static str> {
    let mut out: Vec<&'static str> = Vec::new();
    if let Some(all) = c.to_pinyin_multi() {
        for reading in all {
            let plain = reading.plain();
            if plain.bytes().all(|b| b.is_ascii_lowercase() || b == b'v') && !out.contains(&plain) {
                out.push(plain);
            }
        }
    }
    out
}

/// Every syllable of the table, sorted.
pub fn syllables() -> Vec<&'static str> {
    let mut all = BTreeSet::new();
    for c in (FIRST..=LAST).filter_map(char::from_u32) {
        all.extend(readings(c));
    }
    all.into_iter().collect()
}

/// The text of `syllables.txt`.
pub fn syllable_list() -> Vec<u8> {
    (syllables().join("\n") + "\n").into_bytes()
}

/// The bytes of `sound.bin`.
pub fn table() -> Vec<u8> {
    let syllables = syllables();
    let number = |reading: &str| syllables.binary_search(&reading).map_or(0, |at| at as u16 + 1);
    let mut out = Vec::new();
    for c in FIRST..=LAST {
        let all = char::from_u32(c).map(readings).unwrap_or_default();
        for slot in 0..2 {
            out.extend_from_slice(&all.get(slot).map_or(0, |reading| number(reading)).to_le_bytes());
        }
    }
    out
}
