//! A small sample of a text's three-character pieces, drawn the same way from every text.
//!
//! Texts keep the pieces with the smallest hashes (bottom-k sampling, Broder 1997), so two texts that share a phrase keep the
//! same pieces of it, and the overlap of two samples estimates the overlap of the texts. How common a piece is among all
//! reviews ([`crate::phrases`]) tells a phrase everybody uses from one that was handed out. A piece can know where it stands,
//! which shows what two texts have in common ([`aligned`]).

/// Pieces kept of one text.
pub const PIECES: usize = 24;
/// Characters of a piece.
const WIDTH: usize = 3;
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

/// Kept characters that may stand between two shared pieces of one passage.
const GAP: u16 = 12;
/// Passages told.
const SPANS: usize = 6;

/// What two texts have in common.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Aligned {
    /// Passages that stand in both, longest first: from and to in the one text, from and to in the other, in kept characters. The
    /// ends are exclusive and may lie past the end of a text shorter than a piece.
    pub spans: Vec<[u16; 4]>,
    /// How many of the first text's pieces the other has too, of a hundred.
    pub percent: u8,
}

/// Finds what two texts have in common from their [`sketch_at`].
///
/// Neighbouring shared pieces make one passage when at most 12 characters stand between them on both sides. Of a long text
/// only some pieces are known, so its passages come in parts.
pub fn aligned(a: &[(u32, u16)], b: &[(u32, u16)]) -> Aligned {
    // Both ascend by piece.
    let mut shared: Vec<(u16, u16)> = Vec::new();
    let mut others = b.iter().peekable();
    for (piece, at) in a {
        while others.next_if(|other| other.0 < *piece).is_some() {}
        if let Some(other) = others.next_if(|other| other.0 == *piece) {
            shared.push((*at, other.1));
        }
    }
    let percent = (shared.len() * 100).checked_div(a.len()).unwrap_or(0) as u8;
    shared.sort_unstable();
    let mut spans: Vec<[u16; 4]> = Vec::new();
    let width = WIDTH as u16;
    for (x, y) in shared {
        let (to_x, to_y) = (x.saturating_add(width), y.saturating_add(width));
        // A common word that also stands elsewhere must not tear a passage apart, so earlier ones stay open.
        let joins = |s: &&mut [u16; 4]| {
            let [_, a_to, _, b_to] = **s;
            x <= a_to.saturating_add(GAP) && y <= b_to.saturating_add(GAP) && to_x > a_to && to_y > b_to
        };
        match spans.iter_mut().rev().find(joins) {
            Some(span) => (span[1], span[3]) = (to_x, to_y),
            None => spans.push([x, to_x, y, to_y]),
        }
    }
    spans.sort_by_key(|[from, to, ..]| (std::cmp::Reverse(to - from), *from));
    spans.truncate(SPANS);
    Aligned { spans, percent }
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

    #[test]
    fn a_copied_passage_is_aligned_whatever_stands_around_it() {
        let passage = "盖子根本拧不紧倒了一桌子水";
        let a = chars(&format!("收到以后才发现{passage}"));
        let b = chars(&format!("唉真是气死了{passage}下次不来了"));
        let found = aligned(&sketch_at(&a), &sketch_at(&b));
        assert_eq!(found.spans, [[7, 20, 6, 19]]);
        assert_eq!(a[7..20], b[6..19]);
        assert!((50..=70).contains(&found.percent), "{found:?}");
    }

    #[test]
    fn swapped_clauses_are_two_passages_and_an_insertion_keeps_one() {
        let (one, two) = ("面料起球而且掉色严重", "客服三天都没有回复我");
        let a = sketch_at(&chars(&format!("{one}{two}")));
        let swapped = aligned(&a, &sketch_at(&chars(&format!("{two}{one}"))));
        assert_eq!(swapped.spans, [[0, 10, 10, 20], [10, 20, 0, 10]]);
        let inserted = aligned(&a, &sketch_at(&chars(&format!("{one}真的是{two}"))));
        assert_eq!(inserted.spans, [[0, 20, 0, 23]]);
    }

    #[test]
    fn a_word_met_elsewhere_does_not_tear_a_passage_apart() {
        let a = [(1, 0), (2, 4), (3, 8), (4, 12)];
        let b = [(1, 20), (2, 24), (3, 90), (4, 32)];
        assert_eq!(aligned(&a, &b).spans, [[0, 15, 20, 35], [8, 11, 90, 93]]);
        assert_eq!(aligned(&a, &b).percent, 100);
    }

    #[test]
    fn texts_with_nothing_in_common_align_nowhere_and_at_most_six_passages_are_told() {
        assert_eq!(aligned(&[], &[(1, 0)]), Aligned::default());
        assert_eq!(aligned(&[(1, 0)], &[(2, 0)]), Aligned::default());
        let far: Vec<(u32, u16)> = (0..20).map(|i| (i, i as u16 * 100)).collect();
        assert_eq!(aligned(&far, &far).spans.len(), 6);
        let last = [(7, u16::MAX)];
        assert_eq!(aligned(&last, &last).spans, [[u16::MAX; 4]]);
    }
}
