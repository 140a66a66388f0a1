//! Workbooks: XLSX and the old XLS.

use std::io::{Cursor, Read as _};
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{Data, ExcelDateTime, Reader as _, SheetType, open_workbook_auto_from_rs};
use chrono::{NaiveDate, NaiveTime, TimeDelta};

use super::error::RecordError;
use super::read::Limits;
use super::table::Line;

/// The sheets of a workbook.
pub(super) struct Sheets {
    /// By name, with their rows.
    pub sheets: Vec<(String, Vec<Line>)>,
    /// Whether rows were left out.
    pub more: bool,
}

/// Reads a workbook.
pub(super) fn sheets(bytes: &[u8], limits: &Limits) -> Result<Sheets, RecordError> {
    let form = |detail: String| RecordError::Form { format: "Excel", detail };
    if bytes.starts_with(b"PK") {
        check_zip(bytes, limits.unpacked).map_err(form)?;
    }
    // calamine may panic on hostile files; nothing of it is used after that.
    catch_unwind(AssertUnwindSafe(|| open(bytes, limits)))
        .unwrap_or_else(|_| Err("the workbook is broken".to_owned()))
        .map_err(form)
}

fn open(bytes: &[u8], limits: &Limits) -> Result<Sheets, String> {
    let mut book = open_workbook_auto_from_rs(Cursor::new(bytes)).map_err(|e| e.to_string())?;
    let names: Vec<String> = book
        .sheets_metadata()
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet)
        .map(|sheet| sheet.name.clone())
        .collect();
    let (mut found, mut left, mut more) = (Vec::new(), limits.rows, false);
    for name in names {
        let range = book.worksheet_range(&name).map_err(|e| e.to_string())?;
        let first = u64::from(range.start().map_or(0, |(row, _)| row));
        let mut rows = Vec::new();
        for (line, cells) in (first + 1..).zip(range.rows()) {
            if cells.iter().all(|cell| matches!(cell, Data::Empty)) {
                continue;
            }
            if left == 0 {
                more = true;
                break;
            }
            left -= 1;
            rows.push(Line { line, cells: cells.iter().take(limits.columns).map(shown).collect() });
        }
        found.push((name, rows));
    }
    Ok(Sheets { sheets: found, more })
}

/// The sizes in an archive's directory are its own claim, so its members are unpacked, into nothing.
fn check_zip(bytes: &[u8], limit: u64) -> Result<(), String> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|e| e.to_string())?;
    let mut left = limit;
    for index in 0..archive.len() {
        let mut member = archive.by_index(index).map_err(|e| e.to_string())?.take(left + 1);
        let unpacked = std::io::copy(&mut member, &mut std::io::sink()).map_err(|e| e.to_string())?;
        left = left
            .checked_sub(unpacked)
            .ok_or_else(|| format!("the workbook unpacks to more than the limit of {limit} bytes"))?;
    }
    Ok(())
}

/// A cell as people see it: ids without an exponent, dates as dates.
fn shown(cell: &Data) -> String {
    match cell {
        Data::String(text) => text.trim().to_owned(),
        Data::Int(number) => number.to_string(),
        // A double holds 15 figures for certain; what is longer was rounded, and is marked as such.
        Data::Float(number) if number.abs() >= 1e15 => format!("{number:E}"),
        Data::Float(number) => number.to_string(),
        Data::Bool(value) => value.to_string(),
        Data::DateTime(moment) if moment.is_datetime() => date(moment).unwrap_or_default(),
        Data::DateTime(duration) => duration.as_f64().to_string(),
        Data::DateTimeIso(text) | Data::DurationIso(text) => text.clone(),
        Data::Empty | Data::Error(_) => String::new(),
        #[expect(unreachable_patterns, reason = "calamine may come to know more kinds of cells")]
        _ => String::new(),
    }
}

/// To the nearest second: a second is no exact part of a day, and what was 33 is stored as 32.9999.
fn date(moment: &ExcelDateTime) -> Option<String> {
    let (year, month, day, hour, minute, second, milli) = moment.to_ymd_hms_milli();
    let day = NaiveDate::from_ymd_opt(i32::from(year), u32::from(month), u32::from(day))?;
    let exact = day.and_hms_opt(u32::from(hour), u32::from(minute), u32::from(second))?;
    let near = exact.checked_add_signed(TimeDelta::seconds(i64::from(milli >= 500)))?;
    let format = if near.time() == NaiveTime::MIN { "%Y-%m-%d" } else { "%Y-%m-%d %H:%M:%S" };
    Some(near.format(format).to_string())
}
