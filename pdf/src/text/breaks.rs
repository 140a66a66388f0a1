//! Where a line may end.
//!
//! Chinese breaks between any two characters, except that a line never begins with closing punctuation nor ends with
//! opening punctuation (避头尾, GB/T 15834 and JIS X 4051 in their simple form: the character before moves along).
//! Latin words stay whole unless a word alone is wider than the line.

use std::ops::Range;

use super::Cell;

/// How a text breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Words and punctuation stay together.
    Words,
    /// Anywhere: hashes and identifiers.
    Anywhere,
}

/// Never at the beginning of a line.
const NO_START: &str = "，。、；：？！）】》」』〉〕〗〙〛’”…—～·・％‰℃％ー々〻ゝゞ,.;:?!)]}%";
/// Never at the end of a line.
const NO_END: &str = "（【《「『〈〔〖〘〚‘“([{￥¥$#№";

/// The lines of cells, each at most `room` ems wide, as ranges without the spaces and line ends that close them.
///
/// A line holds at least one cell, so a room narrower than a character still ends.
pub fn lines(cells: &[Cell], room: f32, mode: Mode) -> Vec<Range<usize>> {
    let mut lines = Vec::new();
    let mut start = 0;
    loop {
        let end = line_end(cells, start, room, mode);
        lines.push(start..trimmed(cells, start, end));
        let Some(next) = next_start(cells, end) else { return lines };
        start = next;
    }
}

/// Where the line that begins at `start` ends, before any space it may hang.
fn line_end(cells: &[Cell], start: usize, room: f32, mode: Mode) -> usize {
    let mut width = 0.0;
    let mut chance = None;
    for at in start..cells.len() {
        let cell = &cells[at];
        if cell.ch == '\n' {
            return at;
        }
        if at > start && (mode == Mode::Anywhere || may_break(cells[at - 1].ch, cell.ch)) {
            chance = Some(at);
        }
        width += cell.width;
        // A space may hang over the edge; the tolerance keeps a line that was measured to fit from breaking.
        if width > room + 1e-3 && cell.ch != ' ' && at > start {
            return chance.unwrap_or(at);
        }
    }
    cells.len()
}

/// Where the next line begins: after one line end, or after the spaces at a break.
fn next_start(cells: &[Cell], end: usize) -> Option<usize> {
    let spaces = cells[end..].iter().take_while(|cell| cell.ch == ' ').count();
    match cells.get(end + spaces) {
        None => None,
        Some(cell) if cell.ch == '\n' => Some(end + spaces + 1),
        Some(_) => Some(end + spaces),
    }
}

fn trimmed(cells: &[Cell], start: usize, end: usize) -> usize {
    end - cells[start..end].iter().rev().take_while(|cell| cell.ch == ' ').count()
}

/// Whether a line may end between two characters.
pub fn may_break(before: char, after: char) -> bool {
    if after == ' ' || after == '\n' {
        return false;
    }
    if before == ' ' {
        return true;
    }
    // Dashes and dots that belong in pairs.
    if before == after && matches!(before, '—' | '…') {
        return false;
    }
    if NO_END.contains(before) || NO_START.contains(after) {
        return false;
    }
    if is_wide(before) || is_wide(after) {
        return true;
    }
    // Within a Latin word: after a hyphen between letters and after the joints of a path or address.
    matches!(before, '/' | '?' | '&' | '=' | '_' | '|') && after.is_alphanumeric()
        || before == '-' && after.is_alphabetic()
}

/// Whether lines break on both sides of a character, as around a Chinese one.
fn is_wide(ch: char) -> bool {
    matches!(ch,
        '\u{2E80}'..='\u{A4CF}' | '\u{AC00}'..='\u{D7AF}' | '\u{F900}'..='\u{FAFF}' | '\u{FE30}'..='\u{FE4F}'
        | '\u{FF00}'..='\u{FFEF}' | '\u{20000}'..='\u{3FFFF}' | '\u{1F000}'..='\u{1FAFF}' | '\u{2500}'..='\u{27BF}'
        | '‘' | '’' | '“' | '”' | '…' | '—')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theme::Ink;

    fn cell(ch: char) -> Cell {
        let width = if ch.is_ascii() { 0.5 } else { 1.0 };
        Cell { ch, face: 0, id: 1, width, ink: Ink::Text, cites: false }
    }

    fn broken(text: &str, room: f32, mode: Mode) -> Vec<String> {
        let cells: Vec<Cell> = text.chars().map(cell).collect();
        lines(&cells, room, mode).into_iter().map(|line| super::super::shown(&cells[line])).collect()
    }

    #[test]
    fn closing_punctuation_never_begins_a_line() {
        assert_eq!(broken("一二三四，五六", 4.0, Mode::Words), ["一二三", "四，五六"]);
        assert_eq!(broken("一二三四）。五", 4.0, Mode::Words), ["一二三", "四）。五"]);
    }

    #[test]
    fn opening_punctuation_never_ends_a_line() {
        assert_eq!(broken("一二三（四五）", 4.0, Mode::Words), ["一二三", "（四五）"]);
        assert_eq!(broken("一二（「三」四", 4.0, Mode::Words), ["一二", "（「三」", "四"]);
    }

    #[test]
    fn latin_words_stay_whole_unless_wider_than_the_line() {
        assert_eq!(broken("see the exhibit", 4.0, Mode::Words), ["see the", "exhibit"]);
        assert_eq!(broken("abcdefghij", 2.0, Mode::Words), ["abcd", "efgh", "ij"]);
        assert_eq!(broken("运单SF1234567", 4.0, Mode::Words), ["运单", "SF123456", "7"]);
    }

    #[test]
    fn code_breaks_anywhere() {
        assert_eq!(broken("abc，d", 2.0, Mode::Anywhere), ["abc", "，d"]);
        assert_eq!(broken("0123456789", 2.0, Mode::Anywhere), ["0123", "4567", "89"]);
    }

    #[test]
    fn line_ends_are_kept_and_empty_lines_too() {
        assert_eq!(broken("a\n\nb", 4.0, Mode::Words), ["a", "", "b"]);
        assert_eq!(broken("a \nb\n", 4.0, Mode::Words), ["a", "b", ""]);
        assert_eq!(broken("", 4.0, Mode::Words), [""]);
    }

    #[test]
    fn pairs_of_dashes_and_dots_stay_together() {
        assert_eq!(broken("一二三四——五", 5.0, Mode::Words), ["一二三", "四——五"]);
    }

    #[test]
    fn a_line_of_nothing_but_punctuation_still_ends() {
        assert_eq!(broken("，，，，，", 2.0, Mode::Words), ["，，", "，，", "，"]);
        assert_eq!(broken("一", 0.1, Mode::Words), ["一"]);
    }

    #[test]
    fn nothing_but_spaces_and_line_ends_is_lost_and_no_line_is_too_wide() {
        let mut seed = 7u64;
        let alphabet: Vec<char> = "一，。（）“”ab1- \n—…￥%/".chars().collect();
        for round in 0..2000 {
            let text: String = (0..round % 60)
                .map(|_| {
                    seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                    alphabet[(seed >> 33) as usize % alphabet.len()]
                })
                .collect();
            let kept = |text: &str| text.chars().filter(|ch| !ch.is_whitespace()).collect::<String>();
            for room in [0.5, 1.0, 3.0, 10.0] {
                for mode in [Mode::Words, Mode::Anywhere] {
                    let cells: Vec<Cell> = text.chars().map(cell).collect();
                    let ranges = lines(&cells, room, mode);
                    for line in &ranges {
                        let wide = super::super::width(&cells[line.clone()]);
                        assert!(wide <= room + 1e-3 || line.len() == 1, "{text:?} at {room}: {line:?}");
                    }
                    let all: String = ranges.into_iter().map(|line| super::super::shown(&cells[line])).collect();
                    assert_eq!(kept(&all), kept(&text), "{text:?} at {room}");
                }
            }
        }
    }
}
