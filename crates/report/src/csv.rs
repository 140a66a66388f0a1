//! Findings as CSV for spreadsheets: UTF-8, formula-escaped.
//!
//! A file starts with a byte order mark, without which Excel on Chinese Windows reads UTF-8 as GBK (Python: read it
//! with `utf-8-sig`); standard output, which goes to programs, does not.

use std::collections::BTreeMap;

use huoyan_model::{Locale, ReportItem, RuleInfo, RunHeader, RunSummary};

use crate::sink::Sink;
use crate::table::{COLUMNS, Cell};
use crate::{Error, Output, formula, scores, table};

pub(crate) struct Csv {
    writer: Option<::csv::Writer<Sink>>,
    name: String,
    locale: Locale,
    rules: BTreeMap<String, RuleInfo>,
}

impl Csv {
    pub(crate) fn new(sink: Sink, locale: Locale) -> Self {
        let name = sink.name().to_owned();
        Self { writer: Some(::csv::Writer::from_writer(sink)), name, locale, rules: BTreeMap::new() }
    }

    fn fail(name: &str, error: ::csv::Error) -> Error {
        match error.into_kind() {
            ::csv::ErrorKind::Io(error) => Error::io(name, error),
            other => Error::format(name, format!("{other:?}")),
        }
    }
}

impl Output for Csv {
    fn begin(&mut self, header: &RunHeader) -> Result<(), Error> {
        self.rules.clone_from(&header.rules);
        let Some(writer) = self.writer.take() else { return Ok(()) };
        let mut sink = writer.into_inner().map_err(|error| Error::format(&self.name, error))?;
        if !sink.is_stdout() {
            sink.put("\u{feff}".as_bytes())?;
        }
        let writer = self.writer.insert(::csv::Writer::from_writer(sink));
        writer.write_record(COLUMNS.iter().map(|column| column.name)).map_err(|error| Self::fail(&self.name, error))
    }

    fn finding(&mut self, item: &ReportItem) -> Result<(), Error> {
        let Some(writer) = &mut self.writer else { return Ok(()) };
        let cells = table::row(item, &self.rules, self.locale);
        for cell in &cells {
            let field = match cell {
                Cell::Empty => writer.write_field(""),
                Cell::Text(text) => writer.write_field(formula::escape(text).as_ref()),
                Cell::Number(number) => writer.write_field(scores::digits(*number)),
                Cell::Whole(number) => writer.write_field(number.to_string()),
            };
            field.map_err(|error| Self::fail(&self.name, error))?;
        }
        writer.write_record(None::<&[u8]>).map_err(|error| Self::fail(&self.name, error))
    }

    fn finish(&mut self, summary: &RunSummary) -> Result<(), Error> {
        let Some(writer) = self.writer.take() else { return Ok(()) };
        let mut sink = writer.into_inner().map_err(|error| Error::format(&self.name, error))?;
        sink.commit_marked(summary)
    }
}
