//! Figures in any dress.

use std::sync::OnceLock;

use crate::{Atom, Disguises, Folded, Gap, Kind, sound};

/// A stretch of figures in the text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// The figures, `0`–`9`; `x` for one that is masked.
    pub digits: String,
    /// The first atom.
    pub first_atom: usize,
    /// One past the last atom.
    pub end_atom: usize,
    /// How they were dressed.
    pub disguises: Disguises,
}

/// The figure that an atom is by itself, with its disguise.
pub(super) fn figure(atom: &Atom) -> Option<(u8, Disguises)> {
    if atom.kind == Kind::Digit {
        return Some((atom.code as u8, atom.disguises));
    }
    if atom.kind != Kind::Han {
        return None;
    }
    let figure = match atom.code {
        '零' | '洞' => b'0',
        '一' | '幺' => b'1',
        '二' => b'2',
        '三' => b'3',
        '四' => b'4',
        '五' => b'5',
        '六' => b'6',
        '七' | '拐' => b'7',
        '八' => b'8',
        '九' | '勾' => b'9',
        _ => return None,
    };
    Some((figure, atom.disguises | Disguises::DIGITS))
}

/// The figure that a letter is taken for between figures.
pub(super) fn letter_figure(atom: &Atom) -> Option<(u8, Disguises)> {
    let figure = match atom.code {
        'o' => b'0',
        'l' | 'i' => b'1',
        _ => return None,
    };
    Some((figure, atom.disguises | Disguises::CONFUSABLE))
}

/// The figure that a character sounds like: 武玖伞扒 for 5938.
pub(super) fn sounding_figure(atom: &Atom) -> Option<(u8, Disguises)> {
    static FIGURES: OnceLock<Vec<u8>> = OnceLock::new();
    let by_class = FIGURES.get_or_init(|| {
        let mut table = vec![0; 0x400];
        for (c, figure) in "零一二三四五六七八九幺洞拐两".chars().zip(*b"01234567891072") {
            if let Some(slot) = table.get_mut(usize::from(sound::readings(c)[0])) {
                *slot = figure;
            }
        }
        table[0] = 0;
        table
    });
    if atom.kind != Kind::Han {
        return None;
    }
    let figure = by_class.get(usize::from(sound::readings(atom.code)[0])).copied().unwrap_or(0);
    (figure != 0).then_some((figure, Disguises::HOMOPHONE))
}

/// Whether the folded character is a figure in any dress, sounds like one, or is a letter taken for one between figures.
pub(crate) fn may_be_figure(kind: Kind, code: char) -> bool {
    let atom = Atom { code, start: 0, end: 0, disguises: Disguises::NONE, kind, gap: Gap::NONE };
    match kind {
        Kind::Digit => true,
        Kind::Latin => letter_figure(&atom).is_some(),
        _ => figure(&atom).or_else(|| sounding_figure(&atom)).is_some(),
    }
}

/// The longest number read; longer stretches are cut off, which no contact reaches.
const LONGEST: usize = 32;

/// Reads the number that begins at atom `from` or right behind it, with at most `max_gap` visible characters before each
/// figure. Masked figures (`x`) count when `masked`, and characters that sound like figures count when that makes at
/// least five of them. `None` when fewer than `least` figures stand there.
pub fn figures_from(folded: &Folded, from: usize, max_gap: u8, masked: bool, least: usize) -> Option<Figures> {
    let plain = read(folded, from, max_gap, |atom| {
        figure(atom).or_else(|| (masked && atom.code == 'x').then_some((b'x', Disguises::NONE)))
    });
    if plain.digits.len() >= least {
        return Some(plain);
    }
    let heard = read(folded, from, max_gap, |atom| figure(atom).or_else(|| sounding_figure(atom)));
    (heard.digits.len() >= least.max(5)).then_some(heard)
}

fn read(folded: &Folded, from: usize, max_gap: u8, figure: impl Fn(&Atom) -> Option<(u8, Disguises)>) -> Figures {
    let atoms = folded.atoms();
    let mut out = Figures { first_atom: from, end_atom: from, ..Figures::default() };
    for (i, atom) in atoms.iter().enumerate().skip(from).take(LONGEST) {
        let gap = atom.gap;
        if i > from && (gap.len() > max_gap || gap.has(Gap::BOUNDARY)) {
            break;
        }
        let Some((digit, disguises)) = figure(atom) else { break };
        out.digits.push(char::from(digit));
        out.disguises |= disguises;
        if i > from {
            out.disguises |= gap.disguises();
        }
        out.end_atom = i + 1;
    }
    out
}

/// Reads a number whose groups are parted by a few words (前三位138中间0013后面8000), beginning at atom `from`: every
/// figure up to `reach` atoms on, with at most `between` other atoms between two groups, and at least two groups. The
/// caller must know from other words that such a number is being told.
pub fn figures_split(folded: &Folded, from: usize, reach: usize, between: usize) -> Figures {
    let mut out = Figures { first_atom: from, end_atom: from, ..Figures::default() };
    let mut others = 0;
    for (i, atom) in folded.atoms().iter().enumerate().skip(from).take(reach) {
        if atom.kind == Kind::Digit {
            if out.digits.is_empty() {
                out.first_atom = i;
            } else if others > 0 {
                out.disguises |= Disguises::NOISE;
            }
            others = 0;
            out.digits.push(atom.code);
            out.disguises |= atom.disguises;
            out.end_atom = i + 1;
        } else {
            others += 1;
            if others > between && !out.digits.is_empty() {
                break;
            }
        }
    }
    out
}
