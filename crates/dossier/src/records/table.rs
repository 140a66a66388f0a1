//! Rows of cells under a header, from a text with separators, a workbook or JSON.

use super::columns::{self, Field, Fields};
use super::encoding;
use super::error::{About, Note, RecordError};
use super::read::Limits;
use super::{Place, rows};
use crate::case::ExhibitKind;
use crate::lint::ExhibitId;

/// A header is looked for in so many of the first rows: exports put titles and remarks above it.
const HEADER_WITHIN: usize = 40;

/// A row with the line it stands in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub line: u64,
    pub cells: Vec<String>,
}

/// Rows, and what their columns hold.
#[derive(Debug)]
pub(super) struct Table {
    pub sheet: String,
    pub header: Vec<String>,
    pub fields: Fields,
    pub rows: Vec<Line>,
}

/// Reads a text with separators.
pub(super) fn delimited(text: &str, limits: &Limits) -> (Vec<Line>, bool) {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator(text))
        .from_reader(text.as_bytes());
    let (mut rows, mut record) = (Vec::new(), csv::StringRecord::new());
    let mut lines = Lines { text: text.as_bytes(), at: 0, line: 1 };
    while reader.read_record(&mut record).unwrap_or(false) {
        if rows.len() >= limits.rows {
            return (rows, true);
        }
        let line = record.position().map_or(0, |position| lines.of(position.byte()));
        let cells = record.iter().take(limits.columns).map(|cell| clean(cell).to_owned()).collect();
        rows.push(Line { line, cells });
    }
    (rows, false)
}

/// The line of each place in a text, places given in order. The reader's own count stands before the line feed that ends the row above, where
/// lines end in two characters, as Windows writes them.
struct Lines<'t> {
    text: &'t [u8],
    at: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line of the first byte, from here on, that is no end of a line.
    fn of(&mut self, byte: u64) -> u64 {
        let begin = usize::try_from(byte).unwrap_or(self.text.len()).min(self.text.len());
        let ends = self.text[begin..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let end = begin + ends;
        while self.at < end {
            let pair = self.text[self.at..].starts_with(b"\r\n");
            self.line += u64::from(!pair && matches!(self.text[self.at], b'\r' | b'\n'));
            self.at += 1;
        }
        self.line
    }
}

/// The mark that stands most often, outside of quotes, in the line that has most of one.
fn separator(text: &str) -> u8 {
    let mut best = (0, b',');
    for line in text.lines().take(HEADER_WITHIN) {
        let mut quoted = false;
        let mut counts = [0_usize; 4];
        for byte in line.bytes() {
            quoted ^= byte == b'"';
            if let Some(at) = b",\t;|".iter().position(|mark| *mark == byte && !quoted) {
                counts[at] += 1;
            }
        }
        for (count, mark) in counts.into_iter().zip(*b",\t;|") {
            if count > best.0 {
                best = (count, mark);
            }
        }
    }
    best.1
}

/// Exports guard ids from spreadsheets with `="…"`, a leading apostrophe or a tab.
fn clean(cell: &str) -> &str {
    let cell = cell.trim().trim_start_matches('\u{feff}');
    let formula = cell.strip_prefix("=\"").and_then(|inside| inside.strip_suffix('"'));
    formula.unwrap_or_else(|| cell.strip_prefix('\'').unwrap_or(cell)).trim()
}

/// Finds the header among the first rows.
pub(super) fn with_header(
    kind: ExhibitKind,
    exhibit: ExhibitId,
    sheet: &str,
    mut rows: Vec<Line>,
    notes: &mut Vec<Note>,
) -> Result<Table, RecordError> {
    rows.retain(|row| row.cells.iter().any(|cell| !cell.is_empty()));
    if rows.is_empty() {
        return Err(RecordError::Empty);
    }
    let mut best: Option<(usize, usize, Fields)> = None;
    for (at, row) in rows.iter().take(HEADER_WITHIN).enumerate() {
        let fields = columns::map(kind, &row.cells);
        let count = fields.iter().flatten().count();
        if rows::missing(kind, &fields).is_empty() && best.as_ref().is_none_or(|(_, known, _)| count > *known) {
            best = Some((at, count, fields));
        }
    }
    let place = |line| Place { exhibit, line, sheet: sheet.to_owned() };
    if let Some((at, _, mut fields)) = best {
        let mut rest = rows.split_off(at + 1);
        let mut header = rows.pop().map(|row| row.cells).unwrap_or_default();
        for row in rows {
            let told = titles(kind, &row, &fields);
            if told.is_empty() {
                let text = beginning(&row.cells.join(" "));
                notes.push(Note { place: place(row.line), about: About::NotARow { text } });
            }
            for (name, field, value) in told {
                let width = header.len();
                header.push(name);
                fields.push(Some(field));
                for row in &mut rest {
                    row.cells.resize(width, String::new());
                    row.cells.push(value.clone());
                }
            }
        }
        return Ok(Table { sheet: sheet.to_owned(), header, fields, rows: rest });
    }
    if let Some(fields) = rows::without_header(kind, &rows) {
        let header = vec![String::new(); fields.len()];
        return Ok(Table { sheet: sheet.to_owned(), header, fields, rows });
    }
    // The row with most cells is the likeliest header.
    let filled = |row: &&Line| row.cells.iter().filter(|cell| !cell.is_empty()).count();
    let head = &rows[..rows.len().min(HEADER_WITHIN)];
    let widest = head.iter().rev().max_by_key(filled);
    let header = widest.map(|row| row.cells.clone()).unwrap_or_default();
    Err(no_columns(kind, &columns::map(kind, &header), &header))
}

/// What a row above the header says of all rows: `运单号 | YT123`, or `运单号：YT123` in one cell; names that no column has.
fn titles(kind: ExhibitKind, row: &Line, fields: &Fields) -> Vec<(String, (Field, bool), String)> {
    let cells: Vec<&str> = row.cells.iter().map(String::as_str).filter(|cell| !cell.is_empty()).collect();
    let pairs: Vec<(&str, &str)> = match cells.as_slice() {
        [cell] => cell.split_once(['：', ':']).into_iter().collect(),
        cells if cells.len() % 2 == 0 => cells.chunks(2).map(|pair| (pair[0], pair[1])).collect(),
        _ => return Vec::new(),
    };
    let known = |name: &str| columns::map(kind, &[name.to_owned()])[0];
    let told = pairs.iter().map(|(name, value)| {
        let field = known(name).filter(|(field, _)| !fields.iter().flatten().any(|(there, _)| there == field))?;
        let value = value.trim();
        (!value.is_empty() && known(value).is_none()).then(|| ((*name).to_owned(), field, value.to_owned()))
    });
    // All or nothing: half a title is no title.
    told.collect::<Option<Vec<_>>>().unwrap_or_default()
}

pub(super) fn no_columns(kind: ExhibitKind, fields: &[Option<(Field, bool)>], header: &[String]) -> RecordError {
    let columns = header.iter().filter(|name| !name.is_empty()).take(40).map(|name| beginning(name)).collect();
    RecordError::NoColumns { missing: rows::missing(kind, fields), columns }
}

/// Enough of a text to know it again.
pub(super) fn beginning(text: &str) -> String {
    let mut short: String = text.trim().chars().take(60).collect();
    if text.trim().chars().count() > 60 {
        short.push('…');
    }
    short
}

/// The rows of a text with separators, under their header.
pub(super) fn from_text(
    kind: ExhibitKind,
    exhibit: ExhibitId,
    bytes: &[u8],
    limits: &Limits,
    notes: &mut Vec<Note>,
) -> Result<(Table, &'static str), RecordError> {
    let (text, encoding) = encoding::decode(bytes);
    let (rows, more) = delimited(&text, limits);
    if more {
        notes.push(Note { place: Place::whole(exhibit), about: About::MoreRows { limit: limits.rows as u64 } });
    }
    Ok((with_header(kind, exhibit, "", rows, notes)?, encoding))
}
