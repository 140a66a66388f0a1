//! A small sample of a text's three-character pieces, drawn the same way from every text.
//!
//! Texts keep the pieces with the smallest hashes (bottom-k sampling, Broder 1997), so two texts that share a phrase keep the
//! same pieces of it, and the overlap of two samples estimates the overlap of the texts. How common a piece is among all
//! reviews ([`crate::phrases`]) tells a phrase everybody uses from one that was handed out. Where pieces stand
//! shows what two texts have in common ([`crate::passages`]).

/// Pieces kept of one text.
pub const PIECES: usize = 24;
/// Characters of a piece.
pub const WIDTH: usize = 3;
/// Pieces of longer texts are first thinned to about so many, so that few are sorted; some more than are kept, since how many
/// pass is chance.
const THINNED: usize = 40;

/// A well-mixed 64-bit hash of a number (the finaliser of SplitMix64).
#[inline]
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

/// A hash as sixteen hexadecimal digits, which is how rows are keyed.
#[derive(Clone, Copy, Debug)]
pub struct Hex([u8; 16]);

impl Hex {
    /// The digits of a hash, the highest first.
    pub fn of(hash: u64) -> Self {
        let digit = |i: usize| b"0123456789abcdef"[(hash >> (60 - 4 * i) & 15) as usize];
        Self(std::array::from_fn(digit))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("invariant: digits are ASCII")
    }
}

/// The sampled pieces of a folded text, ascending and distinct. Texts of fewer than three characters give one piece.
pub fn sketch(chars: &[char]) -> Vec<u32> {
    let mut out = Vec::new();
    sketch_into(chars, &mut out);
    out
}

/// [`sketch`] into a buffer, whose earlier content goes.
pub fn sketch_into(chars: &[char], out: &mut Vec<u32>) {
    sample(chars, out, |piece, _| piece, |sampled| *sampled);
}

/// The pieces of [`sketch`], each with the kept character at which it first stands.
pub fn sketch_at(chars: &[char]) -> Vec<(u32, u16)> {
    let mut out = Vec::new();
    sample(chars, &mut out, |piece, at| (piece, at), |sampled| sampled.0);
    out
}

/// The smallest distinct pieces; `make` gives what is kept of a piece and orders as pieces do, `piece` gives the piece back.
fn sample<T: Ord + Copy>(chars: &[char], out: &mut Vec<T>, make: impl Fn(u32, u16) -> T, piece: impl Fn(&T) -> u32) {
    out.clear();
    let count = match chars.len() {
        0 => return,
        n => n.saturating_sub(WIDTH - 1).max(1),
    };
    let room = (THINNED as u64) << 32;
    let below = if count <= THINNED { u64::MAX } else { room / count as u64 };
    thin(chars, below, out, &make);
    finish(out, &piece);
    // Too few passed, by chance or because the text repeats itself: all are looked at.
    if out.len() < PIECES && below != u64::MAX {
        out.clear();
        thin(chars, u64::MAX, out, &make);
        finish(out, &piece);
    }
}

/// The pieces with a hash below a limit, in the order of the text.
fn thin<T>(chars: &[char], below: u64, out: &mut Vec<T>, make: &impl Fn(u32, u16) -> T) {
    const MASK: u64 = (1 << (21 * WIDTH)) - 1;
    out.reserve(chars.len().min(2 * THINNED));
    let (head, rest) = chars.split_at(chars.len().min(WIDTH - 1));
    let mut window = head.iter().fold(0u64, |v, c| v << 21 | u64::from(*c));
    let mut take = |window: u64, at: usize| {
        let piece = mix(window) >> 32;
        if piece < below {
            out.push(make(piece as u32, at as u16));
        }
    };
    if rest.is_empty() {
        take(window, 0);
    }
    for (at, c) in rest.iter().enumerate() {
        window = (window << 21 | u64::from(*c)) & MASK;
        take(window, at);
    }
}

fn finish<T: Ord + Copy>(out: &mut Vec<T>, piece: &impl Fn(&T) -> u32) {
    out.sort_unstable();
    out.dedup_by_key(|sampled| piece(sampled));
    out.truncate(PIECES);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chars(text: &str) -> Vec<char> {
        text.chars().collect()
    }

    /// All pieces, sorted; the smallest distinct ones.
    fn plainly(chars: &[char]) -> Vec<u32> {
        let piece = |w: &[char]| (mix(w.iter().fold(0, |v, c| v << 21 | u64::from(*c))) >> 32) as u32;
        let mut all: Vec<u32> = match chars.len() {
            0 => Vec::new(),
            1 | 2 => vec![piece(chars)],
            _ => chars.windows(3).map(piece).collect(),
        };
        all.sort_unstable();
        all.dedup();
        all.truncate(PIECES);
        all
    }

    #[test]
    fn shared_phrases_give_shared_pieces() {
        let (a, b) = (sketch(&chars("这个杯子盖不严一倒就漏水")), sketch(&chars("唉这个杯子盖不严一倒就漏水真是")));
        assert!(a.iter().filter(|p| b.contains(p)).count() >= 9);
    }

    #[test]
    fn empty_text_has_no_pieces_and_hashes_are_never_zero() {
        assert!(sketch(&[]).is_empty());
        assert_ne!(hash(b""), 0);
        assert_ne!(hash(b"ab"), hash(b"ab\0"));
    }

    #[test]
    fn a_key_is_written_as_sixteen_digits() {
        for value in [0, 1, 0xfedc_ba98_7654_3210, u64::MAX, mix(5)] {
            assert_eq!(Hex::of(value).as_str(), format!("{value:016x}"));
        }
    }

    #[test]
    fn the_sample_is_the_smallest_distinct_pieces_of_texts_of_any_length() {
        for n in 0..400u64 {
            for kinds in [3, 40, 5_000] {
                let text: Vec<char> =
                    (0..n).filter_map(|i| char::from_u32(0x4e00 + (mix(n * 1_000 + i) % kinds) as u32)).collect();
                let sampled = sketch_at(&text);
                assert_eq!(sketch(&text), plainly(&text));
                assert_eq!(sampled.iter().map(|s| s.0).collect::<Vec<_>>(), sketch(&text));
                for (piece, at) in sampled {
                    let from = usize::from(at);
                    let here = |from: usize| plainly(&text[from..(from + 3).min(text.len())]) == [piece];
                    assert!(here(from) && !(0..from).any(here), "a piece stands where it says, and nowhere before");
                }
            }
        }
    }
}
