//! Workbooks: XLSX and the old XLS, whatever they are named.
//!
//! Cells are read one by one and handed on in blocks, from a thread of their own: a sheet of a million rows is never held
//! as a whole (its table of shared strings is, and is bounded). Numbers are written as people see them: `100015206478`, not
//! `1.00015206478E11`.

use std::io::{Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::SyncSender;

use calamine::{Data, DataRef, Reader as _, SheetType, SheetVisible, Xls, Xlsx, open_workbook_from_rs};

/// Columns beyond this are no columns of a spreadsheet.
const MOST_COLUMNS: u32 = 16_384;

/// Rows of cells, as one text with marks in it.
#[derive(Debug, Default)]
pub(crate) struct CellBlock {
    text: String,
    /// The end of each cell in the text.
    ends: Vec<u32>,
    /// The line of each row and the end of its cells.
    rows: Vec<(u64, u32)>,
}

impl CellBlock {
    pub fn rows(&self) -> usize {
        self.rows.len()
    }

    pub fn bytes(&self) -> usize {
        self.text.len()
    }

    pub fn push(&mut self, line: u64, cells: &[String]) {
        for cell in cells {
            self.text.push_str(cell);
            self.ends.push(self.text.len() as u32);
        }
        self.rows.push((line, self.ends.len() as u32));
    }

    pub fn line(&self, row: usize) -> u64 {
        self.rows[row].0
    }

    pub fn row(&self, row: usize) -> impl Iterator<Item = &str> {
        let first = if row == 0 { 0 } else { self.rows[row - 1].1 as usize };
        (first..self.rows[row].1 as usize).map(|cell| {
            let start = if cell == 0 { 0 } else { self.ends[cell - 1] as usize };
            &self.text[start..self.ends[cell] as usize]
        })
    }
}

/// An open workbook.
pub(crate) enum Book {
    Xlsx(Box<Xlsx<Cursor<Vec<u8>>>>),
    Xls(Box<Xls<Cursor<Vec<u8>>>>),
}

/// Why a workbook cannot be read.
pub(crate) type BookError = String;

/// Runs calamine, which may panic on hostile files.
fn guarded<T>(work: impl FnOnce() -> Result<T, BookError>) -> Result<T, BookError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err("the workbook is broken".to_owned()))
}

/// Opens a workbook from its bytes. `limit` bounds what a zipped one may unpack to.
pub(crate) fn open(bytes: Vec<u8>, zipped: bool, limit: u64) -> Result<Book, BookError> {
    guarded(|| {
        if zipped {
            check_zip(&bytes, limit)?;
            let book = open_workbook_from_rs(Cursor::new(bytes)).map_err(|e: calamine::XlsxError| e.to_string())?;
            Ok(Book::Xlsx(Box::new(book)))
        } else {
            let book = open_workbook_from_rs(Cursor::new(bytes)).map_err(|e: calamine::XlsError| e.to_string())?;
            Ok(Book::Xls(Box::new(book)))
        }
    })
}

/// Refuses what is no workbook, and what unpacks to more than the limit. The sizes in the archive's directory are its own
/// claim, so the members are really unpacked, into nothing.
fn check_zip(bytes: &[u8], limit: u64) -> Result<(), BookError> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|e| e.to_string())?;
    if !archive.file_names().flatten().any(|name| name.eq_ignore_ascii_case("xl/workbook.xml")) {
        return Err("a zip archive without a workbook; unpack it first".to_owned());
    }
    let mut left = limit;
    for index in 0..archive.len() {
        let member = archive.by_index(index).map_err(|e| e.to_string())?;
        let name = member.name().map_err(|e| e.to_string())?.to_ascii_lowercase();
        if !name.ends_with(".xml") {
            continue;
        }
        let unpacked = std::io::copy(&mut member.take(left + 1), &mut std::io::sink()).map_err(|e| e.to_string())?;
        left = left
            .checked_sub(unpacked)
            .ok_or_else(|| format!("the workbook unpacks to more than the limit of {limit} bytes"))?;
    }
    Ok(())
}

impl Book {
    /// The names of the worksheets, in order, and whether they are visible.
    pub fn sheets(&self) -> Vec<(String, bool)> {
        let sheets = match self {
            Self::Xlsx(book) => book.sheets_metadata(),
            Self::Xls(book) => book.sheets_metadata(),
        };
        sheets
            .iter()
            .filter(|sheet| sheet.typ == SheetType::WorkSheet)
            .map(|sheet| (sheet.name.clone(), sheet.visible == SheetVisible::Visible))
            .collect()
    }

    /// Gives each row that has a cell to `row`, with its number from 1, until that says to stop.
    pub fn read(&mut self, sheet: &str, row: &mut dyn FnMut(u64, &[String]) -> bool) -> Result<(), BookError> {
        guarded(|| match self {
            Self::Xlsx(book) => {
                let mut reader = book.worksheet_cells_reader(sheet).map_err(|e| e.to_string())?;
                let mut cells: Vec<String> = Vec::new();
                let mut current = None;
                while let Some(cell) = reader.next_cell().map_err(|e| e.to_string())? {
                    let (line, column) = cell.get_position();
                    if column >= MOST_COLUMNS {
                        continue;
                    }
                    if current != Some(line) {
                        if let Some(line) = current
                            && !row(u64::from(line) + 1, &cells)
                        {
                            return Ok(());
                        }
                        cells.clear();
                        current = Some(line);
                    }
                    let text = shown_ref(cell.get_value());
                    put(&mut cells, column as usize, text);
                }
                if let Some(line) = current {
                    row(u64::from(line) + 1, &cells);
                }
                Ok(())
            }
            Self::Xls(book) => {
                let range = book.worksheet_range(sheet).map_err(|e| e.to_string())?;
                let (first_row, first_column) = range.start().unwrap_or((0, 0));
                let mut cells: Vec<String> = Vec::new();
                for (index, values) in range.rows().enumerate() {
                    cells.clear();
                    cells.resize(first_column as usize, String::new());
                    cells.extend(values.iter().map(shown));
                    let line = u64::from(first_row) + index as u64 + 1;
                    if !row(line, &cells) {
                        return Ok(());
                    }
                }
                Ok(())
            }
        })
    }
}

fn put(cells: &mut Vec<String>, column: usize, text: String) {
    if cells.len() <= column {
        cells.resize(column + 1, String::new());
    }
    cells[column] = text;
}

fn shown_ref(value: &DataRef<'_>) -> String {
    match value {
        DataRef::SharedString(text) => (*text).to_owned(),
        other => shown(&Data::from(other.clone())),
    }
}

/// A value as a text that the readers of values know.
fn shown(value: &Data) -> String {
    match value {
        Data::Int(value) => value.to_string(),
        // Display writes neither an exponent nor a trailing `.0`.
        Data::Float(value) => value.to_string(),
        Data::String(text) => text.clone(),
        Data::Bool(value) => value.to_string(),
        Data::DateTime(moment) if moment.is_datetime() => {
            let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
            if (hour, minute, second) == (0, 0, 0) {
                format!("{year:04}-{month:02}-{day:02}")
            } else {
                format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
            }
        }
        Data::DateTime(duration) => duration.as_f64().to_string(),
        Data::DateTimeIso(text) | Data::DurationIso(text) => text.clone(),
        _ => String::new(),
    }
}

/// A sheet to read: its name and the line of its header (0: none).
#[derive(Clone, Debug)]
pub(crate) struct SheetPart {
    pub name: String,
    pub header_line: u64,
}

/// What the reading thread says.
pub(crate) enum SheetNews {
    Block(CellBlock),
    /// The sheet ended, early when there is a reason.
    End(Option<String>),
}

/// Reads sheets one after another, each ended by [`SheetNews::End`].
pub(crate) fn read_sheets(
    mut book: Book,
    parts: &[SheetPart],
    rows: usize,
    bytes: usize,
    news: &SyncSender<SheetNews>,
) {
    for part in parts {
        let mut block = CellBlock::default();
        let mut listening = true;
        let result = book.read(&part.name, &mut |line, cells| {
            if line > part.header_line {
                block.push(line, cells);
                if block.rows() >= rows || block.bytes() >= bytes {
                    listening = news.send(SheetNews::Block(std::mem::take(&mut block))).is_ok();
                }
            }
            listening
        });
        if block.rows() > 0 && listening {
            listening = news.send(SheetNews::Block(block)).is_ok();
        }
        if !listening || news.send(SheetNews::End(result.err())).is_err() {
            return;
        }
    }
}
