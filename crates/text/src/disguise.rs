//! How a word was hidden.

use std::ops::{BitOr, BitOrAssign};

/// A set of disguises, named as in findings' evidence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Disguises(u32);

macro_rules! disguises {
    ($($(#[$doc:meta])* $name:ident = $bit:literal, $text:literal;)*) => {
        impl Disguises {
            $($(#[$doc])* pub const $name: Self = Self(1 << $bit);)*

            const NAMES: &[(Self, &'static str)] = &[$((Self::$name, $text)),*];
        }
    };
}

// The first eight bits are numbered by the fold table (`generator/src/fold.rs`).
disguises! {
    /// Full-width or half-width forms: ｖｘ.
    FULLWIDTH = 1, "fullwidth";
    /// Traditional or variant characters: 淘寶.
    TRADITIONAL = 2, "traditional";
    /// A letter of another script or a symbol in a letter's place: wеіхіn.
    CONFUSABLE = 3, "confusable";
    /// Circled, squared or parenthesised: ⓥⓧ, ①③⑧.
    CIRCLED = 4, "circled";
    /// Mathematical, superscript or small-capital letters: 𝓿𝔁, ᵛˣ.
    STYLED = 5, "styled";
    /// Combining marks or accents: v̷x̷.
    COMBINING = 6, "combining";
    /// Characters without width inside the word.
    ZERO_WIDTH = 7, "zero_width";
    /// Figures written as characters: 壹叁捌, 幺洞.
    DIGITS = 8, "digits";
    /// Characters repeated: 微微信信.
    REPEAT = 9, "repeat";
    /// Punctuation between the characters: 微-信.
    NOISE = 10, "noise";
    /// Spaces or line breaks between the characters: 微 信.
    SPACE = 11, "space";
    /// Pictures between the characters: 微❤信.
    EMOJI_NOISE = 12, "emoji_noise";
    /// Another character with the same sound: 薇信.
    HOMOPHONE = 13, "homophone";
    /// Another character with the same look: 徽信.
    GLYPH = 14, "glyph";
    /// A character taken apart: 亻言.
    SPLIT_CHAR = 15, "split_char";
    /// Pinyin for some or all characters: weixin, 微xin.
    PINYIN = 16, "pinyin";
    /// The initials of the pinyin: wx.
    INITIALS = 17, "initials";
    /// A picture that means the word: 🐧.
    EMOJI = 18, "emoji";
    /// Written backwards: 信微.
    REVERSED = 19, "reversed";
    /// A separator spelled out: 点com, 艾特.
    SPELLED = 20, "spelled";
    /// A nickname: 绿泡泡.
    SLANG = 21, "slang";
}

impl Disguises {
    /// No disguise.
    pub const NONE: Self = Self(0);

    /// Whether nothing is hidden.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether all of `other` is in this set.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether any of `other` is in this set.
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// This set without `other`.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// How many there are.
    pub const fn len(self) -> u32 {
        self.0.count_ones()
    }

    /// Both sets together, in a constant.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The names, in a fixed order.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES.iter().filter(move |(set, _)| self.intersects(*set)).map(|(_, name)| *name)
    }

    /// The disguise with this number in the fold table; 0 is none.
    pub(crate) const fn numbered(number: u32) -> Self {
        if number == 0 { Self::NONE } else { Self(1 << number) }
    }
}

impl BitOr for Disguises {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Disguises {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_in_order() {
        let set = Disguises::SPACE | Disguises::FULLWIDTH;
        assert_eq!(set.names().collect::<Vec<_>>(), ["fullwidth", "space"]);
        assert!(set.contains(Disguises::SPACE) && !set.contains(Disguises::SPACE | Disguises::EMOJI));
    }
}
