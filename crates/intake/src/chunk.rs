//! Some rows, cut out of an input and not yet looked at; and what they become.
//!
//! [`Chunk::decode`] is where the work of intake is done. It is a pure function of the chunk, so any thread may run it
//! and the result does not depend on which.

use std::borrow::Cow;
use std::sync::Arc;

use arrow_array::RecordBatch;
use encoding_rs::UTF_8;
use huoyan_model::{ContentHash, RecordKind};

use crate::assemble::Assembler;
use crate::delimited::parse;
use crate::encoding;
use crate::format::parquet::ArrowRows;
use crate::format::workbook::CellBlock;
use crate::json::scan;
use crate::note::{Repair, Tally};
use crate::plan::{InputName, Layout, Plan, RowFormat, Slot};
use crate::quarantine::{BadReason, BadRow, RawRow};
use crate::text::{RowSpan, TextBlock};
use crate::value::{Value, cell};

/// Rows in the form in which their format gives them.
pub(crate) enum Body {
    Text(TextBlock),
    Cells(CellBlock),
    Arrow(ArrowRows),
    /// No rows: only the news that the input ended.
    End,
}

/// How an input ended; travels with its last chunk, so that it is told in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct InputEnd {
    /// Why it ended before its end.
    pub failure: Option<BadReason>,
    /// The file and the digest of its raw bytes, with the last part of the file.
    pub digest: Option<(String, String)>,
}

/// Some rows of an input, at most one batch of them.
pub struct Chunk {
    pub(crate) sequence: u64,
    pub(crate) plan: Arc<Plan>,
    pub(crate) body: Body,
    pub(crate) end: Option<InputEnd>,
}

/// The rows of a chunk as records, before exact duplicates are set apart.
pub struct Decoded {
    pub(crate) sequence: u64,
    pub(crate) input: u32,
    pub(crate) name: Arc<InputName>,
    pub(crate) kind: RecordKind,
    pub(crate) records: RecordBatch,
    pub(crate) versions: Vec<ContentHash>,
    pub(crate) lines: Vec<u64>,
    pub(crate) quarantined: Vec<BadRow>,
    pub(crate) tally: Tally,
    pub(crate) end: Option<InputEnd>,
}

impl Decoded {
    /// The place of the chunk in the input, from 0, without gaps.
    pub fn sequence(&self) -> u64 {
        self.sequence
    }
}

impl Chunk {
    /// The place of the chunk in the input, from 0, without gaps.
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// Parses, hashes and types the rows.
    pub fn decode(self) -> Decoded {
        let plan = &*self.plan;
        let rows = match &self.body {
            Body::Text(block) => block.rows.len(),
            Body::Cells(block) => block.rows(),
            Body::Arrow(rows) => rows.batch.num_rows(),
            Body::End => 0,
        };
        let mut decoder = Decoder { plan, assembler: Assembler::new(plan.kind, &plan.selected, rows), bad: Vec::new() };
        match &self.body {
            Body::Text(block) => decoder.text(block),
            Body::Cells(block) => decoder.cells(block),
            Body::Arrow(rows) => decoder.arrow(rows),
            Body::End => {}
        }
        let Decoder { assembler, mut bad, .. } = decoder;
        bad.sort_by_key(|row| row.line);
        let (records, versions, lines, tally) = assembler.finish();
        Decoded {
            sequence: self.sequence,
            input: plan.input,
            name: plan.name.clone(),
            kind: plan.kind,
            records,
            versions,
            lines,
            quarantined: bad
                .into_iter()
                .map(|row| BadRow {
                    source: plan.name.source(row.line),
                    reason: row.reason,
                    raw: row.raw,
                    raw_len: row.raw_len,
                })
                .collect(),
            tally,
            end: self.end,
        }
    }
}

struct Decoder<'p> {
    plan: &'p Plan,
    assembler: Assembler,
    bad: Vec<RawRow>,
}

impl Decoder<'_> {
    fn text(&mut self, block: &TextBlock) {
        self.bad.extend(block.bad.iter().cloned());
        self.assembler.tally().add(Repair::BlankRow, block.blank);
        let whole = (self.plan.encoding == UTF_8).then(|| std::str::from_utf8(&block.bytes).ok()).flatten();
        match whole {
            Some(text) => self.rows(text, &block.rows),
            None => {
                let (text, rows) = self.transcode(block);
                self.rows(&text, &rows);
            }
        }
    }

    /// The rows as UTF-8, one by one, so that a row of wrong bytes costs only itself.
    fn transcode(&mut self, block: &TextBlock) -> (String, Vec<RowSpan>) {
        let mut text = String::with_capacity(block.bytes.len() * 3 / 2);
        let mut rows = Vec::with_capacity(block.rows.len());
        for row in &block.rows {
            let bytes = &block.bytes[row.start as usize..row.end as usize];
            match encoding::decode_row(self.plan.encoding, bytes) {
                Some(decoded) => {
                    let start = text.len() as u32;
                    text.push_str(&decoded);
                    rows.push(RowSpan { start, end: text.len() as u32, line: row.line });
                }
                None => {
                    let reason = BadReason::Encoding { encoding: self.plan.encoding.name().to_owned() };
                    self.bad.push(RawRow::new(row.line, reason, bytes));
                }
            }
        }
        (text, rows)
    }

    fn rows(&mut self, text: &str, rows: &[RowSpan]) {
        match self.plan.format {
            RowFormat::Delimited { separator, quotes } => self.delimited(text, rows, separator, quotes),
            _ => self.json(text, rows),
        }
    }

    fn json(&mut self, text: &str, rows: &[RowSpan]) {
        let mut layouts = Layouts::default();
        let mut members: Vec<(Cow<'_, str>, Value<'_>)> = Vec::new();
        let mut values: Vec<Value<'_>> = Vec::new();
        for row in rows {
            let raw = &text[row.start as usize..row.end as usize];
            if let Err(error) = scan::object(raw, &mut members) {
                let reason = BadReason::Json { at: error.at as u64, expected: error.expected };
                self.bad.push(RawRow::new(row.line, reason, raw.as_bytes()));
                continue;
            }
            let layout = layouts.of(self.plan, &members);
            values.clear();
            values.extend(members.drain(..).map(|(_, value)| value));
            if !self.assembler.push(layout, &values, row.line) {
                self.bad.push(RawRow::new(row.line, BadReason::NoField, raw.as_bytes()));
            }
        }
    }

    fn delimited(&mut self, text: &str, rows: &[RowSpan], separator: u8, quotes: bool) {
        let mut cells: Vec<Cow<'_, str>> = Vec::new();
        let mut values: Vec<Value<'_>> = Vec::new();
        let mut wider = Wider::default();
        for row in rows {
            let raw = &text[row.start as usize..row.end as usize];
            cells.clear();
            parse::cells(raw, separator, quotes, &mut cells);
            if self.is_header(cells.iter().map(Cow::as_ref)) {
                self.assembler.tally().add(Repair::RepeatedHeader, 1);
                continue;
            }
            values.clear();
            values.extend(cells.drain(..).map(cell));
            self.table_row(&values, row.line, &mut wider);
        }
    }

    fn cells(&mut self, block: &CellBlock) {
        let mut values: Vec<Value<'_>> = Vec::new();
        let mut wider = Wider::default();
        for row in 0..block.rows() {
            if self.is_header(block.row(row)) {
                self.assembler.tally().add(Repair::RepeatedHeader, 1);
                continue;
            }
            values.clear();
            values.extend(block.row(row).map(|text| cell(Cow::Borrowed(text))));
            if self.is_too_long(&values, block.line(row)) {
                continue;
            }
            self.table_row(&values, block.line(row), &mut wider);
        }
    }

    fn arrow(&mut self, rows: &ArrowRows) {
        let columns = rows.columns();
        let mut values: Vec<Value<'_>> = Vec::new();
        for row in 0..rows.batch.num_rows() {
            values.clear();
            values.extend(columns.iter().map(|column| column.value(row)));
            let line = rows.first_row + row as u64;
            if self.is_too_long(&values, line) {
                continue;
            }
            if !self.assembler.push(&self.plan.layout, &values, line) {
                self.assembler.tally().add(Repair::BlankRow, 1);
            }
        }
    }

    fn table_row(&mut self, values: &[Value<'_>], line: u64, wider: &mut Wider) {
        let width = self.plan.layout.slots.len();
        let layout = if values.len() > width {
            // Separators at the end of a line are no cells.
            let used = values.iter().rposition(|v| !v.is_null()).map_or(0, |last| last + 1);
            if used > width { wider.of(self.plan, used) } else { &self.plan.layout }
        } else {
            &self.plan.layout
        };
        let values = &values[..values.len().min(layout.slots.len())];
        if !self.assembler.push(layout, values, line) {
            self.assembler.tally().add(Repair::BlankRow, 1);
        } else if layout.slots.len() > width || (values.len() < width && self.plan.format != RowFormat::Cells) {
            self.assembler.tally().add(Repair::RaggedRow, 1);
        }
    }

    /// Quarantines a row of cells beyond the limit; rows of text were measured when they were cut.
    fn is_too_long(&mut self, values: &[Value<'_>], line: u64) -> bool {
        let limit = self.plan.row_bytes;
        let texts = || values.iter().filter_map(Value::text);
        if texts().map(str::len).sum::<usize>() <= limit {
            return false;
        }
        let mut row = RawRow::new(line, BadReason::TooLong { limit: limit as u64 }, b"");
        for text in texts() {
            row.extend(text.as_bytes());
            row.extend(b"\t");
        }
        self.bad.push(row);
        true
    }

    fn is_header<'a>(&self, mut cells: impl Iterator<Item = &'a str>) -> bool {
        let Some(header) = &self.plan.header else { return false };
        // Nearly every row differs in its first cell.
        header.iter().all(|name| cells.next().unwrap_or("").trim().trim_start_matches('\u{feff}') == name)
            && cells.all(|cell| cell.trim().is_empty())
    }
}

/// Layouts of JSON objects, by their names in order: most rows of a file have those of the row before.
#[derive(Default)]
struct Layouts {
    known: Vec<(Vec<String>, Layout)>,
    last: usize,
}

/// Files in which every row has other names get a new layout each; only so many are kept.
const MOST_LAYOUTS: usize = 64;

impl Layouts {
    fn of(&mut self, plan: &Plan, members: &[(Cow<'_, str>, Value<'_>)]) -> &Layout {
        let same = |names: &[String]| {
            names.len() == members.len() && names.iter().zip(members).all(|(name, (member, _))| name == member)
        };
        let found = match self.known.get(self.last) {
            Some((names, _)) if same(names) => Some(self.last),
            _ => self.known.iter().position(|(names, _)| same(names)),
        };
        self.last = match found {
            Some(index) => index,
            None => {
                if self.known.len() == MOST_LAYOUTS {
                    self.known.clear();
                }
                let names: Vec<String> = members.iter().map(|(name, _)| name.clone().into_owned()).collect();
                self.known.push((names.clone(), json_layout(plan, names)));
                self.known.len() - 1
            }
        };
        &self.known[self.last].1
    }
}

fn json_layout(plan: &Plan, names: Vec<String>) -> Layout {
    // Sorted positions find repeated names without comparing every pair: an object may have very many members.
    let mut by_name: Vec<usize> = (0..names.len()).collect();
    by_name.sort_by(|a, b| names[*a].cmp(&names[*b]).then(a.cmp(b)));
    let mut slots: Vec<Slot> = names.iter().map(|name| plan.slot(name)).collect();
    for pair in by_name.windows(2) {
        if names[pair[0]] == names[pair[1]] {
            slots[pair[0]] = Slot::Overruled;
        }
    }
    Layout::new(plan.kind, names, slots)
}

/// Layouts of rows with more cells than the header.
#[derive(Default)]
struct Wider(Option<Layout>);

impl Wider {
    fn of(&mut self, plan: &Plan, cells: usize) -> &Layout {
        if self.0.as_ref().is_none_or(|layout| layout.slots.len() != cells) {
            self.0 = None;
        }
        self.0.get_or_insert_with(|| plan.wider_layout(cells))
    }
}
