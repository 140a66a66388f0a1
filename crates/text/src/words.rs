//! Which strings of Han characters are common words, so that 墙纸 is not taken for a disguised 枪支.

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

#[cfg(test)]
mod tests {
    use super::is_common_word;

    #[test]
    fn knows_common_words_only() {
        let common = |word: &str| is_common_word(&word.chars().collect::<Vec<_>>());
        assert!(["墙纸", "威信", "信任", "北京", "法宝"].into_iter().all(common));
        assert!(!["薇芯", "徽信", "淘室", "墙"].into_iter().any(common));
    }
}
