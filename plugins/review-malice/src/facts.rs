//! What the later stages know of one review: ids as hashes, order facts, tone, wording and a sample of its phrasing.
//!
//! The text is read once, here; no signal sees it later, and only its beginning travels on, for evidence. A missing or masked id (`j***k`) is no identity: 0.

use crate::aside::Aside;
use crate::codec::{Reader, Writer};
use crate::fold::fold;
use crate::passages::{Piece, Shared, pieces};
use crate::signal::Signals;
use crate::sketch::{PIECES, hash};
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

/// The stars of a rating, 0 for none.
pub fn stars(rating: Option<f64>) -> u8 {
    rating.filter(|r| (0.5..=5.5).contains(r)).map_or(0, |r| r.round() as u8)
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
/// Meetings of other accounts kept per review.
pub const MAX_MEETINGS: usize = 16;
/// Longer ids are cut in evidence.
const LONGEST_ID: usize = 64;

/// Another review with phrasing in common.
#[derive(Clone, Debug, PartialEq)]
pub struct Copied {
    /// Its key.
    pub record: String,
    /// What this text shares with it.
    pub shared: Shared,
}

/// A review by which another account met this one's on a listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Met {
    /// The account.
    pub reviewer: u64,
    /// The listing.
    pub listing: u64,
    /// Unix seconds.
    pub time: i64,
    /// Stars, 0 for none.
    pub stars: u8,
}

/// How accounts that met this one's on several listings voted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ring {
    /// Accounts that voted the same on both listings.
    pub agreed: u32,
    /// Accounts that met at all.
    pub met: u32,
    /// How often one would agree by chance.
    pub chance: f32,
    /// Reviews of those that agreed, at most [`MAX_MEETINGS`].
    pub meetings: Vec<Met>,
}

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
    /// Stars, 0 for none.
    pub stars: u8,
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
    pub pieces: Vec<Piece>,
    /// Reviews that the account wrote besides; nothing for nameless ones, and before its account was looked at.
    pub others: Option<u16>,
    /// The listing's and the shop's id, for evidence.
    pub ids: [String; 2],
    /// What the stages so far found.
    pub signals: Signals,
    /// The busiest window around it, when it is busy.
    pub window: Option<Window>,
    /// Keys of reviews that share a rare trait or phrasing with it, when that is surprising; at most [`MAX_COMPANIONS`].
    pub companions: Vec<String>,
    /// Reviews of other accounts with the same phrasing; at most [`MAX_COMPANIONS`].
    pub copied: Vec<Copied>,
    /// Who met it on several listings, when that is surprising.
    pub ring: Option<Box<Ring>>,
    /// What only evidence needs.
    pub aside: Aside,
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
        stars: stars(review.rating),
        verified: review.verified,
        refunded: review.refunded,
        delay_hours: finite(review.delay_hours),
        age_days: finite(review.age_days),
        tone: if readable { lexicon.tone(&folded) } else { Tone::UNREAD },
        chars: folded.chars.len() as u16,
        hits: wording.hits(&folded).into_iter().filter(|hit| readable || hit.kind != Kind::Nonsense).collect(),
        pieces: pieces(&folded),
        others: None,
        ids: [review.listing, review.shop].map(|id| cut(id.unwrap_or("").trim()).to_owned()),
        signals: Signals::default(),
        window: None,
        companions: Vec::new(),
        copied: Vec::new(),
        ring: None,
        aside: Aside::of(review.text.unwrap_or("")),
    }
}

/// Whether the lexicons, which are Chinese, can say anything of this text. A short run of Latin letters is still judged:
/// keyboard filling looks like that; a sentence in another language is not.
fn is_chinese(chars: &[char]) -> bool {
    let han = chars.iter().filter(|c| matches!(**c, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}')).count();
    // Whether a character is a letter takes a search; most texts do without.
    if chars.len() < 24 || han * 4 >= chars.len() {
        return true;
    }
    let letters = chars.iter().filter(|c| c.is_alphabetic()).count();
    letters < 24 || han * 4 >= letters
}

/// An id, cut where it is too long to be told.
fn cut(id: &str) -> &str {
    let end = (0..=LONGEST_ID.min(id.len())).rev().find(|end| id.is_char_boundary(*end));
    &id[..end.unwrap_or(0)]
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
            w.u32(piece.hash).u16(piece.from).u8(piece.len);
        }
        w.u8(self.stars).u16(self.others.map_or(u16::MAX, |n| n.min(u16::MAX - 1)));
        self.ids.iter().for_each(|id| {
            w.text(id);
        });
        self.signals.write(w);
        w.u8(u8::from(self.window.is_some()) << 7 | self.companions.len().min(MAX_COMPANIONS) as u8);
        if let Some(window) = self.window {
            w.i64(window.from).i64(window.to).u32(window.observed).f32(window.expected);
        }
        for companion in self.companions.iter().take(MAX_COMPANIONS) {
            w.text(companion);
        }
        w.u8(self.copied.len().min(MAX_COMPANIONS) as u8);
        for copied in self.copied.iter().take(MAX_COMPANIONS) {
            let Shared { spans, percent } = &copied.shared;
            w.text(&copied.record).u8(*percent).u8(spans.len() as u8);
            spans.iter().flatten().for_each(|at| {
                w.u16(*at);
            });
        }
        w.u8(u8::from(self.ring.is_some()));
        if let Some(ring) = &self.ring {
            ring.write(w);
        }
        self.aside.write(w);
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
            pieces.push(Piece { hash: r.u32()?, from: r.u16()?, len: r.u8()? });
        }
        let (stars, others) = (r.u8()?, r.u16()?);
        let ids = [r.text()?.to_owned(), r.text()?.to_owned()];
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
        let mut copied = Vec::new();
        for _ in 0..r.u8()? {
            let (record, percent, count) = (r.text()?.to_owned(), r.u8()?, r.u8()?);
            let spans = (0..count).map(|_| Some([r.u16()?, r.u16()?, r.u16()?, r.u16()?])).collect::<Option<_>>()?;
            copied.push(Copied { record, shared: Shared { spans, percent } });
        }
        let ring = if r.u8()? == 1 { Some(Box::new(Ring::read(r)?)) } else { None };
        let aside = Aside::read(r)?;
        Some(Self {
            listing,
            shop,
            reviewer,
            time: (time != i64::MIN).then_some(time),
            polarity,
            stars,
            others: (others != u16::MAX).then_some(others),
            ids,
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
            copied,
            ring,
            aside,
        })
    }
}

impl Ring {
    /// As bytes.
    pub fn write(&self, w: &mut Writer) {
        w.u32(self.agreed).u32(self.met).f32(self.chance).u8(self.meetings.len().min(MAX_MEETINGS) as u8);
        for met in self.meetings.iter().take(MAX_MEETINGS) {
            w.u64(met.reviewer).u64(met.listing).i64(met.time).u8(met.stars);
        }
    }

    /// From bytes.
    pub fn read(r: &mut Reader<'_>) -> Option<Self> {
        let (agreed, met, chance) = (r.u32()?, r.u32()?, r.f32()?);
        let meeting =
            |r: &mut Reader<'_>| Some(Met { reviewer: r.u64()?, listing: r.u64()?, time: r.i64()?, stars: r.u8()? });
        let meetings = (0..r.u8()?).map(|_| meeting(r)).collect::<Option<_>>()?;
        Some(Self { agreed, met, chance, meetings })
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
        one.copied = vec![Copied { record: "r4".into(), shared: Shared { spans: vec![[0, 3, 6, 9]], percent: 80 } }];
        let met = Met { reviewer: 1, listing: 2, time: 3, stars: 1 };
        one.ring = Some(Box::new(Ring { agreed: 4, met: 5, chance: 0.1, meetings: vec![met] }));
        one.others = Some(7);
        let mut w = Writer::new();
        one.write(&mut w);
        assert_eq!(Facts::read(&mut Reader(w.bytes())), Some(one));
        assert_eq!(Facts::read(&mut Reader(&w.bytes()[..20])), None);
    }
}
