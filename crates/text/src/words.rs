//! Which strings of Han characters are common words, so that 墙纸 is not taken for a disguised 枪支, and which characters
//! are everyday ones, so that 冢 in 独冢 is.

use std::sync::OnceLock;

const BITS: u64 = 1 << 22;
const PROBES: u64 = 4;

static FILTER: &[u8] = include_bytes!("../tables/words.bin");

/// Whether the folded characters are a common word of two to four characters. A few strings in a thousand are taken
/// for one by mistake (the table is a Bloom filter); no common word is missed.
pub fn is_common_word(word: &[char]) -> bool {
    if !(2..=4).contains(&word.len()) {
        return false;
    }
    let hash = word.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, c| {
        (hash ^ u64::from(*c as u32)).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29)
    });
    (0..PROBES).all(|probe| {
        let bit = (hash >> (16 * probe) ^ hash.rotate_left(11 * probe as u32 + 5)) % BITS;
        FILTER.get((bit / 8) as usize).is_some_and(|byte| byte & 1 << (bit % 8) != 0)
    })
}

/// Whether a folded character is one of the 3,755 most used (the first level of GB 2312). Where another stands, somebody went
/// out of their way to write it.
pub fn is_everyday(c: char) -> bool {
    const FIRST: usize = 0x4E00;
    static BITS: OnceLock<Vec<u64>> = OnceLock::new();
    let bits = BITS.get_or_init(|| {
        let mut bits = vec![0; (0xA000 - FIRST) / 64];
        let lines = include_str!("../tables/everyday.txt").lines().filter(|line| !line.starts_with('#'));
        for at in lines.flat_map(str::chars).filter_map(|c| (c as usize).checked_sub(FIRST)) {
            if let Some(word) = bits.get_mut(at / 64) {
                *word |= 1_u64 << (at % 64);
            }
        }
        bits
    });
    (c as usize).checked_sub(FIRST).is_some_and(|at| bits.get(at / 64).is_some_and(|word| word & 1 << (at % 64) != 0))
}

#[cfg(test)]
mod tests {
    use super::{is_common_word, is_everyday};

    #[test]
    fn knows_common_words_only() {
        let common = |word: &str| is_common_word(&word.chars().collect::<Vec<_>>());
        assert!(["墙纸", "威信", "信任", "北京", "法宝"].into_iter().all(common));
        assert!(!["薇芯", "徽信", "淘室", "墙"].into_iter().any(common));
    }

    #[test]
    fn knows_everyday_characters() {
        assert!("的佳家信微炯".chars().all(is_everyday));
        assert!(!"隹冢徾宔矀a🐧".chars().any(is_everyday));
    }
}
