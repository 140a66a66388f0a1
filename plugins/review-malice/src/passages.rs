//! What two texts have in common, as passages of both.
//!
//! A sampled piece knows the bytes of the original at which it first stands, so that passages can be cut out of texts that never
//! travel whole. Neighbouring shared pieces make one passage; of a long text only some pieces are known, so its passages come in parts.

use std::cmp::Reverse;

use crate::aside::Excerpt;
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

/// Characters of an excerpt.
const EXCERPT: usize = 120;
/// Of these around the passage on each side, as far as there is room.
const AROUND: usize = 12;

/// Cuts a passage out of both texts, with what stands around it; none when it begins behind the end of one. Contacts are masked.
pub fn excerpt(own: &str, other: &str, span: &[u16; 4]) -> Option<Excerpt> {
    let [a, b, c, d] = span.map(usize::from);
    Some(Excerpt { own: cut(own, a, b)?, other: cut(other, c, d)? })
}

fn cut(text: &str, from: usize, to: usize) -> Option<[String; 3]> {
    let (before, rest) = (text.get(..from)?, text.get(from..).filter(|rest| !rest.is_empty())?);
    let end = (to - from).min(rest.len());
    let (front, inner) = (before.chars().count(), rest.get(..end)?.chars().count());
    let told = inner.min(EXCERPT);
    let around = AROUND.min((EXCERPT - told) / 2);
    let masked = masked(text);
    let start = front.saturating_sub(around);
    let stop = (front + inner + around).min(masked.len());
    let mut parts = [&masked[start..front], &masked[front..front + told], &masked[front + inner..stop]]
        .map(|part| part.iter().collect::<String>());
    if start > 0 {
        parts[0].insert(0, '…');
    }
    if told < inner {
        parts[1].push('…');
        parts[2].clear();
    } else if stop < masked.len() {
        parts[2].push('…');
    }
    Some(parts)
}

/// Words behind which an account stands.
const CONTACTS: [&str; 18] = [
    "微信",
    "薇信",
    "威信",
    "徽信",
    "v信",
    "加v",
    "vx",
    "wx",
    "wechat",
    "weixin",
    "qq",
    "扣扣",
    "企鹅",
    "手机",
    "电话",
    "抖音",
    "快手",
    "支付宝",
];
/// Digits in a row, and in all with signs between them, that are no price, size or date any more.
const DIGITS: usize = 5;
const ALL_DIGITS: usize = 9;

/// The characters of a text; phone numbers, accounts and addresses of messages as asterisks.
fn masked(text: &str) -> Vec<char> {
    let mut chars: Vec<char> = text.chars().collect();
    // Full-width letters and digits are as good as plain ones.
    let plain = |c: char| char::from_u32((c as u32).wrapping_sub(0xfee0)).filter(|p| p.is_ascii_graphic()).unwrap_or(c);
    let folded: Vec<char> = chars.iter().map(|c| plain(*c).to_ascii_lowercase()).collect();
    let joins = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '@');
    let mut from = 0;
    while from < folded.len() {
        let run = folded[from..].iter().take_while(|c| joins(**c)).count();
        if run == 0 {
            from += 1;
            continue;
        }
        let token: String = folded[from..from + run].iter().collect();
        let digits = token.chars().filter(char::is_ascii_digit).count();
        let long = token.split(|c: char| !c.is_ascii_digit()).any(|digits| digits.len() >= DIGITS);
        let before: String =
            folded[from.saturating_sub(8)..from].iter().filter(|c| !": ：号是为的+".contains(**c)).collect();
        let inside =
            CONTACTS.iter().find(|word| token.starts_with(**word) && run >= word.len() + 4).map(|word| word.len());
        let named = run >= 4 && CONTACTS.iter().any(|word| before.ends_with(word));
        if long || digits >= ALL_DIGITS || token.contains('@') || named {
            chars[from..from + run].fill('*');
        } else if let Some(word) = inside {
            chars[from + word..from + run].fill('*');
        }
        from += run;
    }
    chars
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
    fn excerpts_are_aligned_bounded_and_without_contacts() {
        let passage = "盖子根本拧不紧倒了一桌子水";
        let (one, two) = (
            format!("收到以后才发现{passage}"),
            format!("唉真是气死了，加微信wang_8899，{passage}{}", "后".repeat(30)),
        );
        let shared = of(&one, &two).0;
        let told = excerpt(&one, &two, &shared.spans[0]).unwrap();
        assert_eq!(told.own, ["收到以后才发现", passage, ""]);
        assert_eq!(told.other, ["…微信*********，", passage, "后后后后后后后后后后后后…"]);
        let long = "一二三四五六七八九十".repeat(20);
        let [before, same, after] = cut(&long, 0, 600).unwrap();
        assert_eq!((before.as_str(), same.chars().count(), after.as_str()), ("", 121, ""));
        assert_eq!(cut("短", 3, 6), None);
        assert_eq!(cut("短", 1, 6), None);
    }

    #[test]
    fn contacts_are_masked_and_figures_of_goods_are_not() {
        for (text, told) in [
            ("电话13812345678", "电话***********"),
            ("打 138-1234-5678", "打 *************"),
            ("１３８１２３４５６７８", "***********"),
            ("vx：abcd_e", "vx：******"),
            ("加VX8abc9", "加VX*****"),
            ("写信到 a.b@c.com", "写信到 *********"),
            ("QQ号是 4455", "QQ号是 ****"),
            ("2024-01 买的 XXL 码 199.9 元", "2024-01 买的 XXL 码 199.9 元"),
            ("用了3天就坏", "用了3天就坏"),
        ] {
            assert_eq!(masked(text).into_iter().collect::<String>(), told);
        }
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
