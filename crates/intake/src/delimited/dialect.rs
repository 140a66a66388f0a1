//! Finds out which separator a file uses, by trying those there are: the right one gives rows of equal width.

use super::{parse, split::Records};
use crate::guess::names;
use crate::text::{Bounds, TextReader};

/// How cells are separated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Dialect {
    pub separator: u8,
    pub quotes: bool,
}

/// Separators that exports use, the common ones first.
const SEPARATORS: &[u8] = b",\t;|\x01\x02\x1f^~#";
/// A text a line. The separator is a byte that no text has.
pub(crate) const ONE_COLUMN: Dialect = Dialect { separator: 0x1e, quotes: true };
const SAMPLED_ROWS: usize = 200;

/// A row of the sample.
#[derive(Clone, Debug)]
pub(crate) struct SampleRow {
    /// Its place among all rows that the splitter will find.
    pub index: usize,
    pub line: u64,
    pub cells: Vec<String>,
}

/// The rows of a sample that hold something.
pub(crate) fn rows(text: &str, dialect: Dialect, terminator: u8) -> Vec<SampleRow> {
    let bounds = Bounds { rows: SAMPLED_ROWS, bytes: usize::MAX >> 8, row_bytes: text.len().max(1) };
    let splitter = Box::new(Records::new(dialect.separator, terminator, dialect.quotes));
    let mut reader = TextReader::new(text.as_bytes(), splitter, terminator, bounds);
    let mut found = Vec::new();
    let Some(block) = reader.next_block() else { return found };
    for (index, span) in block.rows.iter().enumerate() {
        let Ok(row) = std::str::from_utf8(&block.bytes[span.start as usize..span.end as usize]) else { continue };
        let mut cells = Vec::new();
        parse::cells(row, dialect.separator, dialect.quotes, &mut cells);
        if cells.iter().any(|cell| !cell.trim().is_empty()) {
            let cells = cells.into_iter().map(std::borrow::Cow::into_owned).collect();
            found.push(SampleRow { index, line: span.line, cells });
        }
    }
    found
}

/// The dialect of a text, when it is a table at all.
pub(crate) fn find(text: &str, terminator: u8) -> Option<Dialect> {
    let mut best: Option<(f64, Dialect)> = None;
    for &separator in SEPARATORS.iter().filter(|s| text.as_bytes().contains(s)) {
        let dialect = Dialect { separator, quotes: true };
        let score = score(&rows(text, dialect, terminator));
        if score > 0.0 && best.is_none_or(|(most, _)| score > most + 1e-9) {
            best = Some((score, dialect));
        }
    }
    // One column of texts, each with commas of its own: its first line is a name.
    let first = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    if names::is_known(&names::normalise(first.trim_matches(['"', '\u{feff}'])))
        && best.is_none_or(|(most, _)| most < 1.5)
    {
        return Some(ONE_COLUMN);
    }
    match best {
        Some((score, dialect)) if score >= 0.6 => Some(dialect),
        _ => by_header(first, text, terminator),
    }
}

/// The share of rows that have the most common width, raised by the names that the first rows have.
fn score(rows: &[SampleRow]) -> f64 {
    let mut widths: Vec<usize> = rows.iter().map(|row| row.cells.len()).collect();
    // The last row of a sample may be cut.
    if widths.len() > 2 {
        widths.pop();
    }
    widths.sort_unstable();
    let mut most = (0, 0);
    for run in widths.chunk_by(|a, b| a == b) {
        if run.len() > most.0 && run[0] > 1 {
            most = (run.len(), run[0]);
        }
    }
    if most.0 == 0 {
        return 0.0;
    }
    let named = rows
        .iter()
        .take(5)
        .map(|row| row.cells.iter().filter(|cell| names::is_known(&names::normalise(cell))).count())
        .max()
        .unwrap_or(0);
    most.0 as f64 / widths.len() as f64 + (named.min(4) as f64) * 0.25
}

/// Any other byte that cuts the first line into names that are known: one export was seen with `w` as its separator.
fn by_header(first: &str, text: &str, terminator: u8) -> Option<Dialect> {
    let mut candidates: Vec<u8> = first.bytes().filter(|b| b.is_ascii_graphic() && !matches!(b, b'"' | b'_')).collect();
    candidates.sort_unstable();
    candidates.dedup();
    candidates.into_iter().map(|separator| Dialect { separator, quotes: true }).find(|dialect| {
        let cells: Vec<&str> = first.split(char::from(dialect.separator)).collect();
        let known = cells.iter().filter(|cell| names::is_known(&names::normalise(cell))).count();
        known >= 3 && known * 3 >= cells.len() * 2 && score(&rows(text, *dialect, terminator)) >= 1.0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn separator(text: &str) -> Option<char> {
        find(text, b'\n').map(|dialect| char::from(dialect.separator))
    }

    #[test]
    fn the_right_separator_gives_rows_of_equal_width() {
        assert_eq!(separator("id,title\n1,\"a;b\"\n2,c;d\n"), Some(','));
        assert_eq!(separator("id\ttitle\n1\ta,b\n2\tc\n"), Some('\t'));
        assert_eq!(separator("id;title;price\n1;a;1,5\n2;b;2,5\n"), Some(';'));
        assert_eq!(separator("id|title\n1|a\n2|b\n"), Some('|'));
        assert_eq!(separator("idwtitlewprice\n1w面霜w139\n2w口红w20\n"), Some('w'));
    }

    #[test]
    fn one_column_needs_no_separator() {
        assert_eq!(separator("评价内容\n很好,喜欢\n一般,般,般\n"), Some('\u{1e}'));
        assert_eq!(separator("just some words\nand more words\n"), None);
    }
}
