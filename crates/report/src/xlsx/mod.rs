//! A workbook for people: a summary sheet, and the findings with a filter and frozen headings.
//!
//! Rows are streamed (rust_xlsxwriter's constant-memory mode). Text cells are strings, so nothing is run; they are
//! formula-escaped as well, because the next thing people do is save the sheet as CSV. A sheet holds at most
//! 1,048,576 rows: further findings go to further sheets.

mod summary;

use std::collections::BTreeMap;

use huoyan_model::{Locale, ReportItem, RuleInfo, RunHeader, RunSummary, Severity, Unjudged};
use rust_xlsxwriter::{Color, DocProperties, ExcelDateTime, Format, Workbook, XlsxError};

use crate::sink::Sink;
use crate::table::{COLUMNS, Cell};
use crate::words::{self, pick};
use crate::{Error, Output, formula, table};

/// Rows of a sheet below its headings.
const SHEET_ROWS: u32 = 1_048_575;
/// Characters (UTF-16 units) a cell may hold.
const CELL_UNITS: usize = 32_767;
/// Unjudged records listed; the rest are counted.
const UNJUDGED_ROWS: usize = 10_000;

pub(crate) struct Xlsx {
    sink: Sink,
    locale: Locale,
    workbook: Workbook,
    rules: BTreeMap<String, RuleInfo>,
    header: Option<RunHeader>,
    sheets: usize,
    row: u32,
    unjudged: Vec<Unjudged>,
}

impl Xlsx {
    pub(crate) fn new(sink: Sink, locale: Locale) -> Self {
        Self {
            sink,
            locale,
            workbook: Workbook::new(),
            rules: BTreeMap::new(),
            header: None,
            sheets: 0,
            row: 0,
            unjudged: Vec::new(),
        }
    }

    fn fail(&self, error: &XlsxError) -> Error {
        Error::format(self.sink.name(), error)
    }

    fn add_findings_sheet(&mut self) -> Result<(), XlsxError> {
        self.sheets += 1;
        let base = pick(self.locale, "疑似问题", "Findings");
        let name = if self.sheets == 1 { base.to_owned() } else { format!("{base} {}", self.sheets) };
        let sheet = self.workbook.add_worksheet_with_constant_memory()?;
        sheet.set_name(name)?;
        sheet.set_freeze_panes(1, 0)?;
        let heading = heading();
        for (index, column) in (0u16..).zip(COLUMNS) {
            sheet.set_column_width(index, column.width)?;
            sheet.write_string_with_format(0, index, column.heading(self.locale), &heading)?;
        }
        self.row = 0;
        Ok(())
    }

    fn write_finding(&mut self, item: &ReportItem) -> Result<(), XlsxError> {
        if self.row == SHEET_ROWS {
            self.close_findings_sheet()?;
            self.add_findings_sheet()?;
        }
        self.row += 1;
        let (row, index) = (self.row, self.sheets);
        let cells = table::row(item, &self.rules, self.locale);
        let sheet = self.workbook.worksheet_from_index(index)?;
        let fill = severity_format(item.finding.severity);
        for (column, cell) in (0u16..).zip(cells) {
            match cell {
                Cell::Empty => {}
                Cell::Text(text) => {
                    // What programs read as names, people read as words.
                    let finding = &item.finding;
                    match COLUMNS[usize::from(column)].name {
                        "severity" => {
                            let word = words::severity(finding.severity, self.locale);
                            sheet.write_string_with_format(row, column, word, &fill)?
                        }
                        "verdict" => sheet.write_string(row, column, words::verdict(item.verdict, self.locale))?,
                        "owner_kind" => {
                            sheet.write_string(row, column, words::kind(finding.owner_kind, self.locale))?
                        }
                        "record_kind" => {
                            sheet.write_string(row, column, words::kind(finding.record_kind, self.locale))?
                        }
                        _ => sheet.write_string(row, column, cell_text(&text))?,
                    };
                }
                Cell::Number(number) => {
                    sheet.write_number(row, column, number)?;
                }
                Cell::Whole(number) => {
                    sheet.write_number(row, column, number as f64)?;
                }
            }
        }
        Ok(())
    }

    fn close_findings_sheet(&mut self) -> Result<(), XlsxError> {
        let last = u16::try_from(COLUMNS.len() - 1).expect("invariant: the table has a few dozen columns");
        let row = self.row.max(1);
        self.workbook.worksheet_from_index(self.sheets)?.autofilter(0, 0, row, last)?;
        Ok(())
    }

    fn close(&mut self, summary: &RunSummary) -> Result<(), XlsxError> {
        self.close_findings_sheet()?;
        self.write_summary(summary)?;
        if !self.unjudged.is_empty() {
            self.write_unjudged(summary.unjudged)?;
        }
        Ok(())
    }
}

impl Output for Xlsx {
    fn begin(&mut self, header: &RunHeader) -> Result<(), Error> {
        self.rules.clone_from(&header.rules);
        self.header = Some(header.clone());
        let mut start = || {
            // No clock: the same run gives the same bytes.
            let epoch = ExcelDateTime::from_ymd(2000, 1, 1)?;
            self.workbook.set_properties(&DocProperties::new().set_title("huoyan").set_creation_datetime(&epoch));
            let sheet = self.workbook.add_worksheet_with_constant_memory()?;
            sheet.set_name(pick(self.locale, "汇总", "Summary"))?;
            sheet.set_column_width(0, 30)?;
            sheet.set_column_width(1, 70)?;
            self.add_findings_sheet()
        };
        start().map_err(|error| self.fail(&error))
    }

    fn finding(&mut self, item: &ReportItem) -> Result<(), Error> {
        self.write_finding(item).map_err(|error| self.fail(&error))
    }

    fn unjudged(&mut self, item: &Unjudged) -> Result<(), Error> {
        if self.unjudged.len() < UNJUDGED_ROWS {
            self.unjudged.push(item.clone());
        }
        Ok(())
    }

    fn finish(&mut self, summary: &RunSummary) -> Result<(), Error> {
        self.close(summary).map_err(|error| self.fail(&error))?;
        // A zip wants to seek, which a pipe cannot; a workbook is small enough to hold once it is compressed.
        let bytes = self.workbook.save_to_buffer().map_err(|error| self.fail(&error))?;
        self.sink.put(&bytes)?;
        self.sink.commit()
    }
}

fn heading() -> Format {
    Format::new().set_bold().set_font_color(Color::White).set_background_color(Color::RGB(0x33_41_55))
}

fn severity_format(severity: Severity) -> Format {
    let (background, ink) = match severity {
        Severity::Critical => (0xB4_23_18, 0xFF_FF_FF),
        Severity::High => (0xF7_9C_86, 0x3A_0D_05),
        Severity::Medium => (0xFC_D9_8B, 0x3D_2A_00),
        Severity::Low => (0xCF_E3_F7, 0x0B_2B_4A),
        Severity::Info => (0xE8_EA_ED, 0x22_27_2E),
    };
    Format::new().set_background_color(Color::RGB(background)).set_font_color(Color::RGB(ink))
}

/// Text as a cell may hold it: escaped, without control characters, and cut at the format's limit.
fn cell_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut units = 0;
    for c in formula::escape(text).chars() {
        let c = if c.is_control() && !matches!(c, '\n' | '\t') { '\u{fffd}' } else { c };
        units += c.len_utf16();
        if units >= CELL_UNITS {
            out.push('…');
            break;
        }
        out.push(c);
    }
    out
}
