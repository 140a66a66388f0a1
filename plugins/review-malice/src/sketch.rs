//! A small sample of a text's three-character pieces, drawn the same way from every text.
//!
//! Texts keep the pieces with the smallest hashes (bottom-k sampling, Broder 1997), so two texts that share a phrase keep the
//! same pieces of it, and the overlap of two samples estimates the overlap of the texts. How common a piece is among all
//! reviews ([`crate::phrases`]) tells a phrase everybody uses from one that was handed out.

/// Pieces kept of one text.
pub const PIECES: usize = 24;

/// A well-mixed 64-bit hash of a number (the finaliser of SplitMix64).
pub fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A 64-bit hash of bytes, never 0 (0 stands for "no identity").
pub fn hash(bytes: &[u8]) -> u64 {
    let mut h = 0x5851_f42d_4c95_7f2d ^ bytes.len() as u64;
    for chunk in bytes.chunks(8) {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        h = mix(h ^ u64::from_le_bytes(word));
    }
    h.max(1)
}

/// The sampled pieces of a folded text, ascending and distinct. Texts of fewer than three characters give one piece.
pub fn sketch(chars: &[char]) -> Vec<u32> {
    let piece = |w: &[char]| {
        let mut v = 0u64;
        for &c in w {
            v = v << 21 | u64::from(c as u32);
        }
        (mix(v) >> 32) as u32
    };
    if chars.is_empty() {
        return Vec::new();
    }
    let mut all: Vec<u32> = if chars.len() < 3 { vec![piece(chars)] } else { chars.windows(3).map(piece).collect() };
    if all.len() > 4 * PIECES {
        all.select_nth_unstable(2 * PIECES);
        all.truncate(2 * PIECES);
    }
    all.sort_unstable();
    all.dedup();
    all.truncate(PIECES);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_phrases_give_shared_pieces() {
        let a: Vec<char> = "这个杯子盖不严一倒就漏水".chars().collect();
        let b: Vec<char> = "唉这个杯子盖不严一倒就漏水真是".chars().collect();
        let (a, b) = (sketch(&a), sketch(&b));
        assert!(a.iter().filter(|p| b.contains(p)).count() >= 9);
    }

    #[test]
    fn empty_text_has_no_pieces_and_hashes_are_never_zero() {
        assert!(sketch(&[]).is_empty());
        assert_ne!(hash(b""), 0);
        assert_ne!(hash(b"ab"), hash(b"ab\0"));
    }
}
