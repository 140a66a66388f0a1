//! What the later stages know of one review: ids as hashes, order facts, tone, wording and a sample of its phrasing.
//!
//! The text is read once, here; it never travels further. A missing or masked id (`j***k`) is no identity: 0.

use crate::codec::{Reader, Writer};
use crate::fold::fold;
use crate::signal::Signals;
use crate::sketch::{PIECES, hash, sketch};
use crate::wording::{Hit, Kind, Wording};
use crate::words::{Lexicon, Tone};

/// A review as its owner gave it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Review<'a> {
    /// The listing it is about.
    pub listing: Option<&'a str>,
    /// The listing's shop.
    pub shop: Option<&'a str>,
    /// Who wrote it.
    pub reviewer: Option<&'a str>,
    /// Stars, 1 to 5.
    pub rating: Option<f64>,
    /// What it says.
    pub text: Option<&'a str>,
    /// Unix seconds.
    pub time: Option<i64>,
    /// Whether the purchase is verified.
    pub verified: Option<bool>,
    /// Whether the order was refunded.
    pub refunded: Option<bool>,
    /// Hours from delivery to the review.
    pub delay_hours: Option<f64>,
    /// Age of the account when it wrote.
    pub age_days: Option<f64>,
}

/// Which way a review votes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Polarity {
    /// One or two stars.
    Negative,
    /// Three stars, or no rating.
    Neutral,
    /// Four or five stars.
    Positive,
}

/// The polarity of a rating.
pub fn polarity(rating: Option<f64>) -> Polarity {
    match rating {
        Some(r) if r < 2.5 => Polarity::Negative,
        Some(r) if r >= 3.5 => Polarity::Positive,
        _ => Polarity::Neutral,
    }
}

/// The busiest window around a review: what was seen and what is usual.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    /// Time of its first review, Unix seconds.
    pub from: i64,
    /// Time of its last review.
    pub to: i64,
    /// Reviews of the same polarity by different accounts.
    pub observed: u32,
    /// How many are usual on this listing in as long a time, with the platform's peak days taken into account.
    pub expected: f32,
}

/// Companions kept per review.
pub const MAX_COMPANIONS: usize = 6;

/// What is known of one review.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    /// Hash of the listing, 0 for none.
    pub listing: u64,
    /// Hash of the shop, 0 for none.
    pub shop: u64,
    /// Hash of the reviewer, 0 for none or masked.
    pub reviewer: u64,
    /// Unix seconds.
    pub time: Option<i64>,
    /// Which way it votes.
    pub polarity: Polarity,
    /// Whether the purchase is verified.
    pub verified: Option<bool>,
    /// Whether the order was refunded.
    pub refunded: Option<bool>,
    /// Hours from delivery to the review.
    pub delay_hours: Option<f32>,
    /// Age of the account when it wrote.
    pub age_days: Option<f32>,
    /// How it sounds.
    pub tone: Tone,
    /// Kept characters of the text.
    pub chars: u16,
    /// Wording met, by kind.
    pub hits: Vec<Hit>,
    /// A sample of the phrasing.
    pub pieces: Vec<u32>,
    /// What the stages so far found.
    pub signals: Signals,
    /// The busiest window around it, when it is busy.
    pub window: Option<Window>,
    /// Keys of reviews that share a rare trait or phrasing with it, when that is surprising; at most [`MAX_COMPANIONS`].
    pub companions: Vec<String>,
}

/// The hash of an id, or 0 when it identifies nobody: missing, blank, masked, or one of the names everybody has.
pub fn identity(id: Option<&str>) -> u64 {
    let id = id.unwrap_or("").trim();
    let masked = id.contains('*') || id.contains('＊') || id.contains('…') || id.ends_with("...");
    let nobody =
        matches!(id, "匿名" | "匿名用户" | "匿名买家" | "anonymous" | "null" | "NULL" | "None" | "nan" | "-" | "0");
    if id.is_empty() || masked || nobody { 0 } else { hash(id.as_bytes()) }
}

/// The hash of a listing's or shop's id, 0 for none.
pub fn place(id: Option<&str>) -> u64 {
    id.map(str::trim).filter(|id| !id.is_empty()).map_or(0, |id| hash(id.as_bytes()))
}

/// Reads one review.
pub fn facts(review: &Review<'_>, lexicon: &Lexicon, wording: &Wording) -> Facts {
    let folded = fold(review.text.unwrap_or(""));
    let readable = is_chinese(&folded.chars);
    let finite = |v: Option<f64>| v.filter(|v| v.is_finite() && *v >= 0.0).map(|v| v as f32);
    Facts {
        listing: place(review.listing),
        shop: place(review.shop),
        reviewer: identity(review.reviewer),
        time: review.time,
        polarity: polarity(review.rating),
        verified: review.verified,
        refunded: review.refunded,
        delay_hours: finite(review.delay_hours),
        age_days: finite(review.age_days),
        tone: if readable { lexicon.tone(&folded) } else { Tone::UNREAD },
        chars: folded.chars.len() as u16,
        hits: wording.hits(&folded).into_iter().filter(|hit| readable || hit.kind != Kind::Nonsense).collect(),
        pieces: sketch(&folded.chars),
        signals: Signals::default(),
        window: None,
        companions: Vec::new(),
    }
}

/// Whether the lexicons, which are Chinese, can say anything of this text. A short run of Latin letters is still judged:
/// keyboard filling looks like that; a sentence in another language is not.
fn is_chinese(chars: &[char]) -> bool {
    let letters = chars.iter().filter(|c| c.is_alphabetic()).count();
    let han = chars.iter().filter(|c| matches!(**c, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}')).count();
    letters < 24 || han * 4 >= letters
}

fn flag(value: Option<bool>) -> u8 {
    value.map_or(0, |v| 1 + u8::from(v))
}

fn unflag(value: u8) -> Option<bool> {
    (value & 3 != 0).then_some(value & 3 == 2)
}

impl Facts {
    /// Whether wording of this kind was met.
    pub fn says(&self, kind: Kind) -> bool {
        self.hits.iter().any(|hit| hit.kind == kind)
    }

    /// As bytes.
    pub fn write(&self, w: &mut Writer) {
        w.u64(self.listing).u64(self.shop).u64(self.reviewer).i64(self.time.unwrap_or(i64::MIN));
        w.u8(self.polarity as u8 | flag(self.verified) << 2 | flag(self.refunded) << 4);
        w.f32(self.delay_hours.unwrap_or(f32::NAN)).f32(self.age_days.unwrap_or(f32::NAN));
        w.f32(self.tone.praise).u16(self.tone.words).u16(self.chars).u8(self.hits.len() as u8);
        for hit in &self.hits {
            w.u8(hit.kind as u8).f32(hit.weight).u32(hit.span.0).u32(hit.span.1);
        }
        w.u8(self.pieces.len() as u8);
        for piece in &self.pieces {
            w.u32(*piece);
        }
        self.signals.write(w);
        w.u8(u8::from(self.window.is_some()) << 7 | self.companions.len().min(MAX_COMPANIONS) as u8);
        if let Some(window) = self.window {
            w.i64(window.from).i64(window.to).u32(window.observed).f32(window.expected);
        }
        for companion in self.companions.iter().take(MAX_COMPANIONS) {
            w.text(companion);
        }
    }

    /// From bytes; `None` when they are not what [`Facts::write`] gave.
    pub fn read(r: &mut Reader<'_>) -> Option<Self> {
        let (listing, shop, reviewer, time) = (r.u64()?, r.u64()?, r.u64()?, r.i64()?);
        let bits = r.u8()?;
        let polarity = match bits & 3 {
            0 => Polarity::Negative,
            1 => Polarity::Neutral,
            _ => Polarity::Positive,
        };
        let (delay, age) = (r.f32()?, r.f32()?);
        let tone = Tone { praise: r.f32()?, words: r.u16()? };
        let chars = r.u16()?;
        let mut hits = Vec::new();
        for _ in 0..r.u8()? {
            let kind = *Kind::ALL.get(usize::from(r.u8()?))?;
            hits.push(Hit { kind, weight: r.f32()?, span: (r.u32()?, r.u32()?) });
        }
        let count = usize::from(r.u8()?);
        let mut pieces = Vec::with_capacity(count.min(PIECES));
        for _ in 0..count {
            pieces.push(r.u32()?);
        }
        let signals = Signals::read(r)?;
        let tail = r.u8()?;
        let window = if tail >> 7 == 1 {
            Some(Window { from: r.i64()?, to: r.i64()?, observed: r.u32()?, expected: r.f32()? })
        } else {
            None
        };
        let mut companions = Vec::new();
        for _ in 0..tail & 0x7f {
            companions.push(r.text()?.to_owned());
        }
        Some(Self {
            listing,
            shop,
            reviewer,
            time: (time != i64::MIN).then_some(time),
            polarity,
            verified: unflag(bits >> 2),
            refunded: unflag(bits >> 4),
            delay_hours: (!delay.is_nan()).then_some(delay),
            age_days: (!age.is_nan()).then_some(age),
            tone,
            chars,
            hits,
            pieces,
            signals,
            window,
            companions,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_review_in_another_language_is_not_held_against_its_author() {
        let lexicon = Lexicon::parse(include_str!("../rules/sentiment.toml")).unwrap();
        let wording = Wording::parse(include_str!("../rules/wording.toml")).unwrap();
        let text = "The straps pinch and the colour faded after one wash, so it went back to the shop the same week";
        let read = |text| facts(&Review { text: Some(text), ..Review::default() }, &lexicon, &wording);
        assert_eq!(read(text).tone, Tone::UNREAD);
        assert!(!read(text).says(Kind::Nonsense));
        assert!(read("asdfghjkl").says(Kind::Nonsense));
        assert_ne!(read("质量很差，用了一天就坏了").tone, Tone::UNREAD);
    }

    #[test]
    fn masked_and_missing_names_are_no_identity() {
        for id in [None, Some(""), Some("j***k"), Some("匿名用户"), Some(" ")] {
            assert_eq!(identity(id), 0, "{id:?}");
        }
        assert_ne!(identity(Some("u000123")), 0);
    }

    #[test]
    fn facts_survive_the_way_as_bytes() {
        let lexicon = Lexicon::parse(include_str!("../rules/sentiment.toml")).unwrap();
        let wording = Wording::parse(include_str!("../rules/wording.toml")).unwrap();
        let review = Review {
            listing: Some("l1"),
            rating: Some(1.0),
            text: Some("质量不好，老板是畜生"),
            verified: Some(false),
            ..Review::default()
        };
        let mut one = facts(&review, &lexicon, &wording);
        one.signals.set(crate::signal::Signal::Ring, 2.5);
        one.window = Some(Window { from: 1, to: 2, observed: 3, expected: 0.5 });
        one.companions = vec!["r2".into(), "r3".into()];
        let mut w = Writer::new();
        one.write(&mut w);
        assert_eq!(Facts::read(&mut Reader(w.bytes())), Some(one));
        assert_eq!(Facts::read(&mut Reader(&w.bytes()[..20])), None);
    }
}
