//! Characters that must not be drawn as they are: those that would hide, reorder or misdraw the text around them.

use serde::Serialize;

/// Why a character is not drawn as itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// No font of this system has it.
    NoGlyph,
    /// A control character.
    Control,
    /// It reorders the text around it, so that a reader sees another text than a machine.
    Bidi,
    /// It has no width: it can split a word or hide a message.
    Invisible,
    /// Its script joins or reorders its letters, which this program does not do; drawn one by one they would mislead.
    NeedsShaping,
    /// For private use: its look depends on the font.
    PrivateUse,
    /// A variation selector or an emoji joiner: it styles its neighbour, which is drawn without it.
    Style,
}

/// Why a character is not drawn as itself, if so. Line breaks and tabs are handled before.
pub fn why(ch: char) -> Option<Why> {
    match ch {
        '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200E}' | '\u{200F}' | '\u{061C}' => Some(Why::Bidi),
        '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}' | '\u{200D}' | '\u{1F3FB}'..='\u{1F3FF}' => {
            Some(Why::Style)
        }
        '\u{00AD}' | '\u{200B}' | '\u{200C}' | '\u{2060}'..='\u{2065}' | '\u{206A}'..='\u{206F}' | '\u{FEFF}' => {
            Some(Why::Invisible)
        }
        '\u{180B}'..='\u{180F}' | '\u{115F}' | '\u{1160}' | '\u{3164}' | '\u{FFA0}' | '\u{E0000}'..='\u{E00FF}' => {
            Some(Why::Invisible)
        }
        '\u{034F}' | '\u{FFF9}'..='\u{FFFC}' | '\u{FFFE}' | '\u{FFFF}' => Some(Why::Invisible),
        '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{10FFFF}' => Some(Why::PrivateUse),
        _ if ch.is_control() => Some(Why::Control),
        _ if needs_shaping(ch) => Some(Why::NeedsShaping),
        _ => None,
    }
}

/// Whether the letters of a character's script change or move with their neighbours.
pub fn needs_shaping(ch: char) -> bool {
    const SCRIPTS: &[(char, char)] = &[
        ('\u{0590}', '\u{08FF}'),   // Hebrew to Arabic Extended-A
        ('\u{0900}', '\u{0DFF}'),   // scripts of India and Sri Lanka
        ('\u{0F00}', '\u{109F}'),   // Tibetan, Myanmar
        ('\u{1780}', '\u{18AF}'),   // Khmer, Mongolian
        ('\u{A840}', '\u{A87F}'),   // Phags-pa
        ('\u{FB1D}', '\u{FDFF}'),   // presentation forms of Hebrew and Arabic
        ('\u{FE70}', '\u{FEFE}'),   // presentation forms of Arabic
        ('\u{10800}', '\u{10FFF}'), // right-to-left scripts of the supplementary plane
        ('\u{11000}', '\u{11FFF}'), // Brahmic scripts of the supplementary plane
        ('\u{1E800}', '\u{1EEFF}'), // Mende Kikakui to Arabic mathematical symbols
    ];
    SCRIPTS.iter().any(|&(first, last)| (first..=last).contains(&ch))
}
