//! What is searched for, and in which disguises.

use std::ops::BitOr;

/// The computed disguises that a pattern asks for, beyond what folding takes off every text anyway.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Variants(u16);

impl Variants {
    /// Only what folding sees: width, case, script, style, repeats, bounded noise.
    pub const NONE: Self = Self(0);
    /// Characters of the same sound, pinyin of single characters (微xin).
    pub const HOMOPHONE: Self = Self(1);
    /// Characters of the same look.
    pub const GLYPH: Self = Self(2);
    /// Characters taken apart (亻言).
    pub const SPLIT: Self = Self(4);
    /// The whole word in pinyin (weixin), as a Latin word of its own.
    pub const PINYIN: Self = Self(8);
    /// The initials of the pinyin (wx), as a Latin word of its own.
    pub const INITIALS: Self = Self(16);
    /// The word backwards.
    pub const REVERSED: Self = Self(32);
    /// Pictures that mean a character (🐟 = 鱼).
    pub const EMOJI: Self = Self(64);
    /// Figures for characters and the reverse (第1 = 第一).
    pub const DIGITS: Self = Self(128);

    /// Whether all of `other` is asked for.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The class with this name in a rule pack, such as `homophone`; `None` when there is none.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "homophone" => Self::HOMOPHONE,
            "glyph" => Self::GLYPH,
            "split" => Self::SPLIT,
            "pinyin" => Self::PINYIN,
            "initials" => Self::INITIALS,
            "reversed" => Self::REVERSED,
            "emoji" => Self::EMOJI,
            "digits" => Self::DIGITS,
            _ => return None,
        })
    }

    /// These and the others.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOr for Variants {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// What may touch a pattern's first and last character when that is a letter or a figure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Boundary {
    /// Letters may not touch letters, figures may not touch figures.
    #[default]
    Word,
    /// Neither letters nor figures may touch.
    Strict,
    /// As [`Self::Word`], whether or not the word is written apart: only what touches directly counts.
    Touch,
    /// As [`Self::Touch`], at the beginning alone.
    Start,
    /// Anything may.
    None,
}

/// One thing to search for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// The caller's number, given back in hits; several patterns may share one.
    pub id: u32,
    /// The word as people write it. It is folded like any text; what is noise in it is dropped.
    pub text: String,
    /// The computed disguises to look for.
    pub variants: Variants,
    /// Visible noise characters allowed between two of its characters. Clause ends are never allowed.
    pub max_noise: u8,
    /// What may touch it.
    pub boundary: Boundary,
    /// How many of its characters must stand there themselves in a homophone or look-alike spelling. Whole pinyin is exempt.
    pub min_exact: u8,
    /// Whether a replaced character may belong to a common word (墙纸 for 枪支). Set it only where context decides.
    pub keep_common: bool,
}

impl Pattern {
    /// A pattern with two noise characters allowed, word boundaries, and no computed disguises.
    pub fn new(id: u32, text: impl Into<String>) -> Self {
        Self {
            id,
            text: text.into(),
            variants: Variants::NONE,
            max_noise: 2,
            boundary: Boundary::Word,
            min_exact: 1,
            keep_common: false,
        }
    }

    /// The same with computed disguises.
    #[must_use]
    pub fn variants(mut self, variants: Variants) -> Self {
        self.variants = variants;
        self
    }

    /// The same with another bound on noise.
    #[must_use]
    pub fn max_noise(mut self, max_noise: u8) -> Self {
        self.max_noise = max_noise;
        self
    }

    /// The same with another demand on unreplaced characters.
    #[must_use]
    pub fn min_exact(mut self, min_exact: u8) -> Self {
        self.min_exact = min_exact;
        self
    }

    /// The same with common words kept; see [`Hit::common`](crate::Hit::common).
    #[must_use]
    pub fn keep_common(mut self) -> Self {
        self.keep_common = true;
        self
    }

    /// The same with another demand on what touches it.
    #[must_use]
    pub fn boundary(mut self, boundary: Boundary) -> Self {
        self.boundary = boundary;
        self
    }
}
