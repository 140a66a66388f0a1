//! How sure a hit is, given how much of the word was replaced.
//!
//! 雷管 written 雷菅 might be chance; 全网最低价 with one character replaced is not. The more of a word stands as it should,
//! and the more of the term around it was read, the surer. Numbers are our own observation on titles and reviews.

use huoyan_text::{Disguises, Gap, Hit, is_everyday};

use crate::frequent::is_frequent;
use crate::reading::Reading;

const PLAIN: f64 = 0.9;
const UNSURE: f64 = 0.4;

/// Confidence in [0, 1] for `anchor`, of which `hit.changed` characters are replaced, with `rest` more characters of the term
/// read plainly. `goods`: the term names goods, not a claim made of everyday words.
pub(crate) fn trust(hit: &Hit, anchor: &str, rest: usize, goods: bool, reading: &Reading<'_>) -> f64 {
    let length = anchor.chars().count();
    let changed = usize::from(hit.changed);
    let bonus = 0.002 * (length + rest).min(20) as f64;
    if changed == 0 {
        return PLAIN + bonus;
    }
    let kept = (length + rest).saturating_sub(changed);
    let unnatural = Disguises::SPLIT_CHAR.and(Disguises::EMOJI).and(Disguises::PINYIN);
    if hit.disguises.contains(Disguises::PINYIN) && kept == 0 {
        // The whole word in Latin letters: two syllables are too often a name or another word.
        let letters = (hit.end_atom - hit.first_atom) as usize;
        return if length >= 3 || letters >= 9 { 0.7 } else { UNSURE };
    }
    let looks = hit.disguises.contains(Disguises::GLYPH);
    if changed > 0 && !hit.disguises.intersects(unnatural) && ((hit.end_atom - hit.first_atom) as usize) < length {
        // 时才 is no 时时彩: a replaced character stands for one character.
        return UNSURE;
    }
    // Nobody writes 最隹 or 独冢 for another word.
    let rare = looks && replaced(hit, anchor, reading).all(|(_, c)| !is_everyday(c));
    if looks
        && !rare
        && (changed * 3 > (length + rest).max(3)
            || length + rest < 4 && !goods
            || replaced(hit, anchor, reading).any(|(_, c)| is_frequent(c)))
    {
        return UNSURE;
    }
    // A look-alike at the edge of the hit may belong to the word beside it: 电子煎|药壶.
    if looks && !rare && (rest == 0 && !open_edges(hit, anchor, reading)) {
        return UNSURE;
    }
    let sure = if hit.disguises.intersects(unnatural) { kept >= 1 } else { kept >= 2 };
    if sure {
        return 0.8 - 0.05 * changed.min(4) as f64 + bonus;
    }
    if looks && kept >= 1 && (rare || alone(hit, reading)) { 0.55 } else { UNSURE }
}

/// The characters that stand where the anchor has others.
fn replaced<'a>(hit: &Hit, anchor: &'a str, reading: &Reading<'a>) -> impl Iterator<Item = (usize, char)> + 'a {
    let atoms = reading.atoms.get(hit.first_atom as usize..hit.end_atom as usize).unwrap_or(&[]);
    atoms
        .iter()
        .zip(anchor.chars())
        .enumerate()
        .filter(|(_, (atom, own))| atom.code != *own)
        .map(|(i, (atom, _))| (i, atom.code))
}

/// Whether a replaced character at the edge of the hit has a sign, a space or the text's end beside it.
fn open_edges(hit: &Hit, anchor: &str, reading: &Reading<'_>) -> bool {
    let (first, end) = (hit.first_atom as usize, hit.end_atom as usize);
    let apart = |at: usize| at == 0 || reading.atoms.get(at).is_none_or(|atom| atom.gap != Gap::NONE);
    replaced(hit, anchor, reading).all(|(i, _)| (i > 0 || apart(first)) && (first + i + 1 < end || apart(end)))
}

/// Whether the hit stands by itself between signs, spaces or the text's ends.
fn alone(hit: &Hit, reading: &Reading<'_>) -> bool {
    let (first, end) = (hit.first_atom as usize, hit.end_atom as usize);
    let apart = |at: usize| reading.atoms.get(at).is_none_or(|atom| atom.gap != Gap::NONE);
    (first == 0 || apart(first)) && apart(end)
}
