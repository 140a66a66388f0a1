//! Workbooks: every cell that is shown, as text. Comments, hidden names and formulas stay behind with the original.

use std::io::Cursor;

use calamine::{Data, Reader as _, open_workbook_auto_from_rs};

/// The sheets by name, or nothing where one cannot be read.
pub(super) fn sheets(bytes: Vec<u8>) -> Option<Vec<(String, Vec<Vec<String>>)>> {
    let mut workbook = open_workbook_auto_from_rs(Cursor::new(bytes)).ok()?;
    let mut sheets = Vec::new();
    for name in workbook.sheet_names() {
        let range = workbook.worksheet_range(&name).ok()?;
        sheets.push((name, range.rows().map(|row| row.iter().map(cell).collect()).collect()));
    }
    Some(sheets)
}

fn cell(data: &Data) -> String {
    match data {
        Data::DateTime(moment) if moment.is_datetime() => {
            let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
        }
        other => other.to_string(),
    }
}
