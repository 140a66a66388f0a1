//! What travels with a review for its evidence alone: no signal reads any of it.
//!
//! The beginning of its text goes as far as its listing, where it is laid beside the texts it shares passages with; from there on only
//! the excerpts go, with other people's contacts masked.

use crate::codec::{Reader, Writer};

/// Bytes of a text that travel: the beginning, 120 Chinese characters.
const BEGINNING: usize = 360;
/// Shorter texts are never laid beside others: bytes of seven Chinese characters.
const SHORTEST: usize = 21;

/// What evidence needs of a review besides its facts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Aside {
    /// The beginning of its text; empty from its listing on.
    pub text: String,
    /// What the others of its busiest window are like.
    pub composition: Vec<Row>,
    /// Passages it shares, in the order of the copies they belong to.
    pub excerpts: Vec<Excerpt>,
}

/// What a row of a composition is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trait {
    /// Accounts among the platform's youngest.
    Fresh,
    /// Reviews among the platform's soonest after delivery.
    Fast,
    /// The mean rank of the hours from delivery to review, 0 for the shortest and 1 for the longest on the platform.
    DelayRank,
    /// The mean rank of the accounts' ages, likewise.
    AgeRank,
    /// No verified purchase.
    Unverified,
    /// Accounts that wrote nothing else.
    Lone,
    /// Texts that share uncommon phrasing with another account's.
    Alike,
    /// Refunded orders.
    Refunded,
}

impl Trait {
    /// Every trait.
    pub const ALL: [Self; 8] = [
        Self::Fresh,
        Self::Fast,
        Self::DelayRank,
        Self::AgeRank,
        Self::Unverified,
        Self::Lone,
        Self::Alike,
        Self::Refunded,
    ];

    /// The name in evidence.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fresh => "fresh_accounts",
            Self::Fast => "fast_reviews",
            Self::DelayRank => "delay_rank",
            Self::AgeRank => "age_rank",
            Self::Unverified => "unverified",
            Self::Lone => "lone_accounts",
            Self::Alike => "shared_phrasing",
            Self::Refunded => "refunded",
        }
    }

    /// Whether a mean rank is told, and not a count.
    pub const fn is_rank(self) -> bool {
        matches!(self, Self::DelayRank | Self::AgeRank)
    }
}

/// One line of a composition: what the others of a window are like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row {
    /// What it is about.
    pub of: Trait,
    /// How many have it, or the mean rank.
    pub observed: f32,
    /// Others of whom it is known.
    pub known: u32,
    /// The share that is usual on the platform, or the mean rank, one half.
    pub usual: f32,
}

/// A passage in both texts, each with a little of what stands around it: before, the passage, after.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Excerpt {
    /// Of this review.
    pub own: [String; 3],
    /// Of the other.
    pub other: [String; 3],
}

impl Aside {
    /// What is put aside of a text.
    pub fn of(text: &str) -> Self {
        let text = text.trim_end();
        let end = (0..=BEGINNING.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
        let text = if text.len() < SHORTEST { "" } else { &text[..end] };
        Self { text: text.to_owned(), ..Self::default() }
    }

    /// As bytes.
    pub fn write(&self, w: &mut Writer) {
        w.text(&self.text).u8(self.composition.len() as u8);
        for row in &self.composition {
            w.u8(row.of as u8).f32(row.observed).u32(row.known).f32(row.usual);
        }
        w.u8(self.excerpts.len() as u8);
        for piece in self.excerpts.iter().flat_map(|excerpt| excerpt.own.iter().chain(&excerpt.other)) {
            w.text(piece);
        }
    }

    /// From bytes; `None` when they are not what [`Aside::write`] gave.
    pub fn read(r: &mut Reader<'_>) -> Option<Self> {
        let text = r.text()?.to_owned();
        let row = |r: &mut Reader<'_>| {
            let of = *Trait::ALL.get(usize::from(r.u8()?))?;
            Some(Row { of, observed: r.f32()?, known: r.u32()?, usual: r.f32()? })
        };
        let composition = (0..r.u8()?).map(|_| row(r)).collect::<Option<_>>()?;
        let texts = |r: &mut Reader<'_>| Some([r.text()?.to_owned(), r.text()?.to_owned(), r.text()?.to_owned()]);
        let excerpts =
            (0..r.u8()?).map(|_| Some(Excerpt { own: texts(r)?, other: texts(r)? })).collect::<Option<_>>()?;
        Some(Self { text, composition, excerpts })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_survives_the_way_as_bytes_and_a_long_text_is_cut() {
        let mut aside = Aside::of(&"质量很差，".repeat(100));
        assert!(aside.text.len() <= BEGINNING && aside.text.ends_with(['质', '量', '很', '差', '，']));
        assert_eq!(Aside::of("很差").text, "");
        for of in Trait::ALL {
            aside.composition.push(Row { of, observed: 3.0, known: 9, usual: 0.125 });
        }
        let texts = |text: &str| [text, "b", "c"].map(str::to_owned);
        aside.excerpts.push(Excerpt { own: texts("a"), other: texts("…") });
        let mut w = Writer::new();
        aside.write(&mut w);
        assert_eq!(Aside::read(&mut Reader(w.bytes())), Some(aside));
        assert_eq!(Aside::read(&mut Reader(&w.bytes()[..20])), None);
    }
}
