//! What two texts have in common, as passages of both.
//!
//! A sampled piece knows the bytes of the original at which it first stands, so that passages can be cut out of texts that never
//! travel. Neighbouring shared pieces make one passage; of a long text only some pieces are known, so its passages come in parts.

use std::cmp::Reverse;

use crate::fold::Folded;
use crate::sketch::{WIDTH, sketch_at};

/// Bytes that may stand between two shared pieces of one passage, on both sides: about a dozen characters.
const GAP: u16 = 36;
/// Passages told.
const TOLD: usize = 6;

/// A sampled piece of a text, and where it stands in the original.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Its hash.
    pub hash: u32,
    /// Its first byte; [`u16::MAX`] when it stands too far back to say.
    pub from: u16,
    /// Its bytes.
    pub len: u8,
}

impl Piece {
    fn range(&self) -> Option<(u16, u16)> {
        (self.from != u16::MAX).then(|| (self.from, self.from.saturating_add(self.len.into())))
    }
}

/// The pieces of a text, ascending by their hashes.
pub fn pieces(folded: &Folded) -> Vec<Piece> {
    let piece = |(hash, at): (u32, u16)| {
        let (from, to) = folded.span(at.into(), usize::from(at) + WIDTH);
        let near = u16::try_from(from).ok().zip(u8::try_from(to - from).ok());
        let (from, len) = near.unwrap_or((u16::MAX, 0));
        Piece { hash, from, len }
    };
    sketch_at(&folded.chars).into_iter().map(piece).collect()
}

/// What a text shares with another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shared {
    /// Passages that stand in both, longest first: bytes from and to in the one text, from and to in the other.
    pub spans: Vec<[u16; 4]>,
    /// How many of the first text's pieces the other has too, of a hundred.
    pub percent: u8,
}

/// Finds what two texts have in common.
pub fn shared(a: &[Piece], b: &[Piece]) -> Shared {
    let mut both = Vec::new();
    let mut count = 0;
    let mut others = b.iter().peekable();
    for piece in a {
        while others.next_if(|other| other.hash < piece.hash).is_some() {}
        if let Some(other) = others.next_if(|other| other.hash == piece.hash) {
            count += 1;
            both.extend(piece.range().zip(other.range()));
        }
    }
    both.sort_unstable();
    let mut spans: Vec<[u16; 4]> = Vec::new();
    for ((x, to_x), (y, to_y)) in both {
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
    spans.sort_by_key(|[from, to, ..]| (Reverse(to - from), *from));
    spans.truncate(TOLD);
    Shared { spans, percent: (count * 100_usize).checked_div(a.len()).unwrap_or(0) as u8 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fold::fold;

    fn of(one: &str, other: &str) -> (Shared, Vec<(String, String)>) {
        let found = shared(&pieces(&fold(one)), &pieces(&fold(other)));
        let cut = |text: &str, from: u16, to: u16| text[usize::from(from)..usize::from(to)].to_owned();
        let told = found.spans.iter().map(|[a, b, c, d]| (cut(one, *a, *b), cut(other, *c, *d))).collect();
        (found, told)
    }

    fn piece(hash: u32, from: u16) -> Piece {
        Piece { hash, from, len: 9 }
    }

    #[test]
    fn a_copied_passage_is_found_whatever_stands_around_it_and_however_it_is_written() {
        let passage = "盖子根本拧不紧倒了一桌子水";
        let (found, told) = of(&format!("收到以后才发现{passage}"), &format!("唉真是气死了{passage}下次不来了"));
        assert_eq!(told, [(passage.to_owned(), passage.to_owned())]);
        assert!((50..=70).contains(&found.percent), "{found:?}");
        let (_, told) = of(passage, "盖子·根本 拧不紧，倒了一桌子水！");
        assert_eq!(told[0].1, "盖子·根本 拧不紧，倒了一桌子水");
    }

    #[test]
    fn swapped_clauses_are_two_passages_and_an_insertion_keeps_one() {
        let (one, two) = ("面料起球而且掉色严重", "客服三天都没有回复我");
        let (_, told) = of(&format!("{one}{two}"), &format!("{two}{one}"));
        assert_eq!(told, [(one.to_owned(), one.to_owned()), (two.to_owned(), two.to_owned())]);
        let (_, told) = of(&format!("{one}{two}"), &format!("{one}真的是{two}"));
        assert_eq!(told, [(format!("{one}{two}"), format!("{one}真的是{two}"))]);
    }

    #[test]
    fn a_word_met_elsewhere_does_not_tear_a_passage_apart() {
        let a = [piece(1, 0), piece(2, 12), piece(3, 24), piece(4, 36)];
        let b = [piece(1, 60), piece(2, 72), piece(3, 300), piece(4, 96)];
        assert_eq!(shared(&a, &b).spans, [[0, 45, 60, 105], [24, 33, 300, 309]]);
        assert_eq!(shared(&a, &b).percent, 100);
    }

    #[test]
    fn what_is_too_far_back_is_counted_but_not_shown_and_six_passages_are_told() {
        assert_eq!(shared(&[], &[piece(1, 0)]), Shared::default());
        assert_eq!(shared(&[piece(1, 0)], &[piece(2, 0)]), Shared::default());
        let far: Vec<Piece> = (0..20).map(|i| piece(i, i as u16 * 300)).collect();
        assert_eq!(shared(&far, &far).spans.len(), 6);
        let lost = [Piece { hash: 7, from: u16::MAX, len: 0 }];
        assert_eq!(shared(&lost, &lost), Shared { spans: Vec::new(), percent: 100 });
        let long = format!("{}收到的杯子盖子根本拧不紧", " ".repeat(70_000));
        assert!(pieces(&fold(&long)).iter().all(|piece| piece.from == u16::MAX));
    }
}
