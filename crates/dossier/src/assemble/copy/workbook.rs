//! Workbooks: every cell that is shown, as text. Comments, hidden names and formulas stay behind with the original.

use std::io::Cursor;

use calamine::{Data, Reader as _, open_workbook_auto_from_rs};

use super::Readable;

/// From here on whole numbers have no place each in a cell: an order number of 19 figures would be another's.
const ROUNDED_FROM: f64 = 9_007_199_254_740_992.0;

/// The sheets by name, or why they cannot be told.
pub(super) fn readable(bytes: Vec<u8>) -> Readable {
    let Some(sheets) = sheets(bytes) else { return Readable::Opaque };
    let is_rounded = |cell: &Data| matches!(cell, Data::Float(number) if number.abs() >= ROUNDED_FROM);
    if sheets.iter().any(|(_, rows)| rows.iter().flatten().any(is_rounded)) {
        return Readable::Unfit(
            (
                "有 16 位以上的数字以数值保存，转写会改变它",
                "it has numbers of 16 figures or more, which a transcript would round",
            )
                .into(),
        );
    }
    let told = |rows: Vec<Vec<Data>>| rows.iter().map(|row| row.iter().map(cell).collect()).collect();
    Readable::Tables(sheets.into_iter().map(|(name, rows)| (name, told(rows))).collect())
}

fn sheets(bytes: Vec<u8>) -> Option<Vec<(String, Vec<Vec<Data>>)>> {
    let mut workbook = open_workbook_auto_from_rs(Cursor::new(bytes)).ok()?;
    let mut sheets = Vec::new();
    for name in workbook.sheet_names() {
        let range = workbook.worksheet_range(&name).ok()?;
        sheets.push((name, range.rows().map(<[Data]>::to_vec).collect()));
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
