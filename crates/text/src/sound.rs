//! How characters sound: readings of Han characters, and pinyin written in letters.
//!
//! Sounds are compared as classes, without tone and with the pairs that speakers mix up joined (zh/z, ch/c, sh/s,
//! ang/an, eng/en, ing/in), because that is how disguises are made: 危性 for 微信.

use std::sync::OnceLock;

use crate::{Atom, Folded, Gap, Key, Kind};

const FIRST: u32 = 0x3400;

struct Sounds {
    /// Two classes per character from U+3400 on, 0 for none.
    readings: Vec<[u16; 2]>,
    /// The characters of each class by their first reading, in the order of classes.
    heard: Vec<(u16, char)>,
    /// The syllables as written, sorted.
    syllables: Vec<&'static str>,
    /// Packed spelling and class, by hash of the spelling.
    spelled: Vec<(u32, u16)>,
    /// The letters that syllables begin with and end with, as bits by the low five bits of their codes.
    firsts: u32,
    lasts: u32,
    /// By letter, those that may stand behind it in pinyin.
    pairs: [u32; 32],
}

/// Slots of the table of spellings, a power of two well above their number.
const SLOTS: usize = 2048;

/// A spelling of up to six letters in 30 bits.
fn pack(letters: impl Iterator<Item = u8>) -> u32 {
    letters.fold(0, |packed, letter| packed << 5 | u32::from(letter & 31))
}

fn slot(packed: u32) -> usize {
    (packed.wrapping_mul(0x9E37_79B1) >> 16) as usize % SLOTS
}

fn sounds() -> &'static Sounds {
    static SOUNDS: OnceLock<Sounds> = OnceLock::new();
    SOUNDS.get_or_init(|| {
        let list: Vec<&'static str> = include_str!("../tables/syllables.txt").lines().collect();
        let mut classes: Vec<String> = Vec::new();
        let mut of_syllable = vec![0_u16];
        for syllable in &list {
            let class = class(syllable);
            let at = classes.iter().position(|known| *known == class).unwrap_or_else(|| {
                classes.push(class);
                classes.len() - 1
            });
            of_syllable.push(at as u16 + 1);
        }
        let bytes: &[u8] = include_bytes!("../tables/sound.bin");
        let readings: Vec<[u16; 2]> = bytes
            .chunks_exact(4)
            .map(|four| {
                [u16::from_le_bytes([four[0], four[1]]), u16::from_le_bytes([four[2], four[3]])]
                    .map(|number| of_syllable.get(usize::from(number)).copied().unwrap_or(0))
            })
            .collect();
        let first = |(at, classes): (u32, &[u16; 2])| char::from_u32(FIRST + at).map(|c| (classes[0], c));
        let mut heard: Vec<(u16, char)> =
            (0..).zip(&readings).filter_map(first).filter(|(class, _)| *class != 0).collect();
        heard.sort_unstable();
        let mut spelled = vec![(0, 0); SLOTS];
        for (syllable, class) in list.iter().zip(of_syllable.iter().skip(1)) {
            let packed = pack(syllable.bytes());
            let mut at = slot(packed);
            while spelled[at].0 != 0 {
                at = (at + 1) % SLOTS;
            }
            spelled[at] = (packed, *class);
        }
        let letters = |letter: fn(&str) -> Option<u8>| {
            list.iter().filter_map(|syllable| letter(syllable)).fold(0, |set, letter| set | 1_u32 << (letter & 31))
        };
        let firsts = letters(|syllable| syllable.bytes().next());
        let lasts = letters(|syllable| syllable.bytes().last());
        let mut pairs = [0_u32; 32];
        for pair in list.iter().flat_map(|syllable| syllable.as_bytes().windows(2)) {
            pairs[usize::from(pair[0] & 31)] |= 1 << (pair[1] & 31);
        }
        (0..32).filter(|letter| lasts & 1 << letter != 0).for_each(|last| pairs[last] |= firsts);
        Sounds { readings, heard, syllables: list, spelled, firsts, lasts, pairs }
    })
}

/// The spelling that stands for all syllables of a class.
fn class(syllable: &str) -> String {
    let mut out = syllable.to_owned();
    for (from, to) in [("zh", "z"), ("ch", "c"), ("sh", "s")] {
        if let Some(rest) = out.strip_prefix(from) {
            out = format!("{to}{rest}");
        }
    }
    for (from, to) in [("ang", "an"), ("eng", "en"), ("ing", "in"), ("uang", "uan")] {
        if let Some(rest) = out.strip_suffix(from) {
            out = format!("{rest}{to}");
        }
    }
    out
}

/// The classes of a Han character's first two readings, 0 for none.
pub(crate) fn readings(c: char) -> [u16; 2] {
    let at = (c as u32).wrapping_sub(FIRST) as usize;
    sounds().readings.get(at).copied().unwrap_or([0, 0])
}

/// Whether two folded Han characters share one of their readings, compared as classes.
pub fn sound_alike(a: char, b: char) -> bool {
    let (of_a, of_b) = (readings(a), readings(b));
    of_a.iter().any(|class| *class != 0 && of_b.contains(class))
}

/// The pinyin of a Han character's first reading.
pub(crate) fn pinyin(c: char) -> Option<&'static str> {
    // Classes lose the spelling, so go back to the table.
    let bytes: &[u8] = include_bytes!("../tables/sound.bin");
    let at = (c as u32).wrapping_sub(FIRST) as usize * 4;
    let number = u16::from_le_bytes([*bytes.get(at)?, *bytes.get(at + 1)?]);
    sounds().syllables.get(usize::from(number).checked_sub(1)?).copied()
}

/// The first of the private characters that stand for sound classes in a view.
pub(crate) const FIRST_CODE: u32 = 0xF_0000;

/// The character that stands for a sound class in a view; a private one, so that no text has it.
pub(crate) fn class_code(class: u16) -> char {
    char::from_u32(FIRST_CODE + u32::from(class)).unwrap_or('\u{F0000}')
}

/// The characters that are heard as the class that `sound` stands for; none when it stands for itself.
pub(crate) fn heard_as(sound: char) -> impl Iterator<Item = char> {
    let class = u16::try_from((sound as u32).wrapping_sub(FIRST_CODE)).unwrap_or(0);
    let heard = &sounds().heard;
    let first = heard.partition_point(|(of, _)| *of < class);
    heard[first..].iter().take_while(move |(of, _)| *of == class).map(|(_, c)| *c)
}

/// The class of a written syllable.
fn syllable(packed: u32) -> Option<u16> {
    let spelled = &sounds().spelled;
    let mut at = slot(packed);
    while spelled[at].0 != 0 {
        if spelled[at].0 == packed {
            return Some(spelled[at].1);
        }
        at = (at + 1) % SLOTS;
    }
    None
}

/// Longest run of letters that is read as pinyin; longer ones are never a hidden word.
pub(crate) const LONGEST: usize = 24;

/// Writes the text as sounds: Han characters as their class, runs of letters that are pinyin as the classes of their
/// syllables, everything else as it is.
pub(crate) fn view(folded: &Folded, out: &mut Vec<Key>) {
    out.clear();
    let atoms = folded.atoms();
    let mut keys = folded.keys().iter().peekable();
    while let Some(key) = keys.next() {
        let atom = &atoms[key.first as usize];
        match atom.kind {
            Kind::Han => {
                let class = readings(key.code)[0];
                let code = if class == 0 { key.code } else { class_code(class) };
                push(out, Key { code, ..*key }, folded);
            }
            Kind::Latin => {
                let first = key.first as usize;
                let mut end = first + 1;
                while end < atoms.len() && atoms[end].kind == Kind::Latin && atoms[end].gap.is_empty() {
                    end += 1;
                }
                let mut letters = [0; LONGEST];
                let run = spelled_out(&atoms[first..end], &mut letters);
                let mut cuts = [0_u8; LONGEST + 1];
                // The run must begin where its key does, or its first letters belong to a word before it.
                if run.len() >= 2 && segment(run, &mut cuts) {
                    let mut at = 0;
                    while at < run.len() {
                        let len = usize::from(cuts[at]);
                        let code = written_code(&run[at..at + len]);
                        push(out, Key { code, first: (first + at) as u32, atoms: len as u32, run: 1 }, folded);
                        at += len;
                    }
                    while keys.next_if(|next| (next.first as usize) < end).is_some() {}
                } else {
                    out.push(*key);
                    while let Some(next) = keys.next_if(|next| (next.first as usize) < end) {
                        out.push(*next);
                    }
                }
            }
            _ => out.push(*key),
        }
    }
}

/// Where the run of letters that begins with the atom `first` ends, and whether it is read as pinyin.
pub(crate) fn letters(folded: &Folded, first: usize) -> (usize, bool) {
    let atoms = folded.atoms();
    let mut end = first + 1;
    while end < atoms.len() && atoms[end].kind == Kind::Latin && atoms[end].gap.is_empty() {
        end += 1;
    }
    let mut letters = [0; LONGEST];
    let run = spelled_out(&atoms[first..end], &mut letters);
    (end, run.len() >= 2 && segment(run, &mut [0; LONGEST + 1]))
}

/// The letters of a run; none of one that is too long to be pinyin.
fn spelled_out<'l>(run: &[Atom], letters: &'l mut [u8; LONGEST]) -> &'l [u8] {
    if run.len() > LONGEST {
        return &[];
    }
    letters.iter_mut().zip(run).for_each(|(letter, atom)| *letter = atom.code as u8);
    &letters[..run.len()]
}

/// The character that stands for a written syllable in a view.
pub(crate) fn written_code(letters: &[u8]) -> char {
    class_code(syllable(pack(letters.iter().copied())).unwrap_or(0))
}

/// Whether pinyin may have the second letter behind the first.
#[inline]
pub(crate) fn may_follow(first: u8, second: u8) -> bool {
    sounds().pairs[usize::from(first & 31)] & 1 << (second & 31) != 0
}

/// Adds a key, joining it to one of the same sound before it: duoduo is 多多.
fn push(out: &mut Vec<Key>, key: Key, folded: &Folded) {
    match out.last_mut() {
        Some(last) if last.code == key.code && !folded.gap_before(key.first as usize).has(Gap::BOUNDARY) => {
            last.run += key.run;
            last.atoms += key.atoms;
        }
        _ => out.push(key),
    }
}

/// Cuts a run of at most [`LONGEST`] letters into the fewest syllables; `cuts[i]` is the length of the syllable that begins
/// at `i`.
pub(crate) fn segment(run: &[u8], cuts: &mut [u8; LONGEST + 1]) -> bool {
    // Most words of other languages have pairs of letters that pinyin has not, or begin or end as no syllable does.
    let sounds = sounds();
    let is_in = |set: u32, letter: u8| set & 1 << (letter & 31) != 0;
    let ([first, ..], [.., last]) = (run, run) else { return false };
    if !(is_in(sounds.firsts, *first) && is_in(sounds.lasts, *last)) || run.len() > LONGEST {
        return false;
    }
    if !run.windows(2).all(|pair| may_follow(pair[0], pair[1])) {
        return false;
    }
    let mut best = [u8::MAX; LONGEST + 1];
    best[run.len()] = 0;
    for at in (0..run.len()).rev() {
        if !is_in(sounds.firsts, run[at]) {
            continue;
        }
        let mut packed = 0;
        for (len, letter) in (1..=6).zip(&run[at..]) {
            packed = packed << 5 | u32::from(letter & 31);
            let rest = best[at + len];
            if rest != u8::MAX && rest + 1 < best[at] && syllable(packed).is_some() {
                best[at] = rest + 1;
                cuts[at] = len as u8;
            }
        }
    }
    best[0] != u8::MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classes(text: &str) -> Vec<char> {
        let mut folded = Folded::new();
        folded.fold(text);
        let mut out = Vec::new();
        view(&folded, &mut out);
        out.iter().map(|key| key.code).collect()
    }

    #[test]
    fn sounds_alike_however_written() {
        for text in ["薇芯", "weixin", "微xin", "wei信", "危性", "ＷＥＩxin"] {
            assert_eq!(classes(text), classes("微信"), "{text}");
        }
        assert_ne!(classes("淘宝"), classes("京东"));
        assert_eq!(classes("abc1"), ['a', 'b', 'c', '1']);
    }

    #[test]
    fn spells_characters() {
        assert_eq!(pinyin('微'), Some("wei"));
        assert_eq!(pinyin('a'), None);
    }
}
