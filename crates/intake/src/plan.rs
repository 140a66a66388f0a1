//! What was decided about an input before it is read: kind, columns, format, and where each cell goes.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use encoding_rs::Encoding;
use huoyan_model::{Locale, RecordKind, Source, columns_of};

use crate::guess::columns::{Because, Understanding};
use crate::guess::names;
use crate::note::Note;
use crate::options::Options;

/// The name of an input: a file, or a sheet of one.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct InputName {
    /// The file as the user named it (or as found in a folder), `-` for standard input, with `archive!member` for a packed
    /// one.
    pub file: String,
    /// The sheet of a workbook.
    pub sheet: Option<String>,
    /// Where the file lies: relative paths of pictures start here. None for standard input.
    pub folder: Option<PathBuf>,
}

impl InputName {
    /// The place of a line (or row) of this input, from 1.
    pub fn source(&self, line: u64) -> Source {
        Source { file: self.file.clone(), sheet: self.sheet.clone(), line }
    }
}

/// What was found out about an input.
#[derive(Clone, Debug)]
pub struct InputPlan {
    /// Its name.
    pub name: Arc<InputName>,
    /// The kind of its records; none for a file that was left out.
    pub kind: Option<RecordKind>,
    pub(crate) notes: Vec<Note>,
}

impl InputPlan {
    /// Format, encoding, header and columns as guessed or told, one fact a line.
    pub fn account(&self, locale: Locale) -> Vec<String> {
        self.notes.iter().map(|note| note.text().get(locale).to_owned()).collect()
    }
}

/// How rows are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RowFormat {
    Json,
    Delimited {
        separator: u8,
        quotes: bool,
    },
    /// Rows come as cells already.
    Cells,
}

/// Where a cell goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slot {
    /// A column of the model, by its index.
    Column(usize),
    Attribute,
    /// A name that comes again later in the same object.
    Overruled,
}

/// Where each cell of a row goes, and in which order they are hashed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Layout {
    /// The name of each cell in the input.
    pub headers: Vec<String>,
    pub slots: Vec<Slot>,
    /// Positions in ascending order of the name under which a cell is hashed, with that name.
    pub order: Vec<(usize, String)>,
    /// Position of each column of the model.
    pub positions: Vec<Option<usize>>,
}

impl Layout {
    pub fn new(kind: RecordKind, headers: Vec<String>, slots: Vec<Slot>) -> Self {
        let columns = columns_of(kind);
        let mut positions = vec![None; columns.len()];
        let mut order = Vec::with_capacity(slots.len());
        for (position, slot) in slots.iter().enumerate() {
            match *slot {
                Slot::Column(column) => {
                    positions[column] = Some(position);
                    order.push((position, columns[column].name.to_owned()));
                }
                Slot::Attribute => order.push((position, headers[position].clone())),
                Slot::Overruled => {}
            }
        }
        order.sort_by(|a, b| a.1.cmp(&b.1).then_with(|| headers[a.0].cmp(&headers[b.0])));
        Self { headers, slots, order, positions }
    }
}

/// Everything that decoding a chunk needs to know.
#[derive(Debug)]
pub(crate) struct Plan {
    pub input: u32,
    pub name: Arc<InputName>,
    pub kind: RecordKind,
    pub format: RowFormat,
    pub encoding: &'static Encoding,
    /// Indices of the model's columns to decode, ascending.
    pub selected: Vec<usize>,
    /// Slots by name, for JSON.
    pub slots: HashMap<String, Slot>,
    /// Cells by position, for tables.
    pub layout: Layout,
    /// The header's cells, when the table has one: rows equal to it are no records.
    pub header: Option<Vec<String>>,
    /// Bytes that a row may have.
    pub row_bytes: usize,
}

/// How the rows of an input look.
#[derive(Debug)]
pub(crate) struct Shape {
    pub format: RowFormat,
    pub encoding: &'static Encoding,
    /// The name of every column.
    pub headers: Vec<String>,
    /// The header's cells, when the table has one.
    pub header: Option<Vec<String>>,
}

impl Plan {
    pub fn new(input: u32, name: Arc<InputName>, shape: Shape, found: &Understanding, options: &Options) -> Self {
        let Shape { format, encoding, headers, header } = shape;
        let columns = columns_of(found.kind);
        let mut slots = vec![Slot::Attribute; headers.len()];
        for entry in &found.assigned {
            if let Some(column) = columns.iter().position(|c| c.name == entry.field) {
                slots[entry.column] = Slot::Column(column);
            }
        }
        let by_name = headers.iter().cloned().zip(slots.iter().copied()).collect();
        Self {
            input,
            name,
            kind: found.kind,
            format,
            encoding,
            selected: options.columns.columns(found.kind).map(|(index, _)| index).collect(),
            slots: by_name,
            layout: Layout::new(found.kind, headers, slots),
            header,
            row_bytes: options.max_row_bytes,
        }
    }

    /// Where a JSON member goes. One that the sample did not show goes to the field of exactly its name.
    pub fn slot(&self, name: &str) -> Slot {
        if let Some(slot) = self.slots.get(name) {
            return *slot;
        }
        match columns_of(self.kind).iter().position(|column| column.name == name) {
            Some(column) if self.layout.positions[column].is_none() => Slot::Column(column),
            _ => Slot::Attribute,
        }
    }

    /// The layout of rows with more cells than the header.
    pub fn wider_layout(&self, cells: usize) -> Layout {
        let mut headers = self.layout.headers.clone();
        let mut slots = self.layout.slots.clone();
        for position in headers.len()..cells {
            headers.push(unnamed(position));
            slots.push(Slot::Attribute);
        }
        Layout::new(self.kind, headers, slots)
    }
}

/// The name of a column that has none.
pub(crate) fn unnamed(position: usize) -> String {
    format!("column_{}", position + 1)
}

/// Names of a table's columns: trimmed, filled in where empty, told apart where equal.
pub(crate) fn column_names(cells: &[String], width: usize) -> Vec<String> {
    let mut names: Vec<String> = Vec::with_capacity(width);
    for position in 0..width.max(cells.len()) {
        let name = cells.get(position).map_or("", |cell| cell.trim().trim_start_matches('\u{feff}'));
        let name = if name.is_empty() {
            unnamed(position)
        } else if names.iter().any(|known| known == name) {
            format!("{name}_{}", position + 1)
        } else {
            name.to_owned()
        };
        names.push(name);
    }
    names
}

/// What is told about the kind and the columns.
pub(crate) fn column_notes(found: &Understanding, headers: &[String], named: bool) -> Vec<Note> {
    let mut notes = vec![Note::Kind { kind: found.kind, told: found.kind_told }];
    let shown = |column: usize| if named { headers[column].clone() } else { (column + 1).to_string() };
    let mut has_time = false;
    for entry in &found.assigned {
        let header = shown(entry.column);
        let stands_in = entry.because == Because::Name && is_stand_in(found.kind, entry.field, &header);
        has_time |= matches!(entry.field, "created_at" | "updated_at");
        notes.push(if stands_in {
            Note::StandIn { header, field: entry.field }
        } else {
            Note::Column { header, field: entry.field, because: entry.because }
        });
    }
    let assigned = |column: &usize| found.assigned.iter().any(|entry| entry.column == *column);
    let others: Vec<String> = (0..headers.len()).filter(|column| !assigned(column)).map(shown).collect();
    if !others.is_empty() {
        notes.push(Note::Others { headers: others });
    }
    if has_time {
        notes.push(Note::Zoneless);
    }
    notes
}

/// Whether a name stands in for an id that the file does not have.
fn is_stand_in(kind: RecordKind, field: &str, header: &str) -> bool {
    let name = names::normalise(header);
    let is_name = |marks: &[&str]| marks.iter().any(|mark| name.ends_with(mark));
    match (kind, field) {
        (_, "shop_id") => !name.contains("id") && !name.contains("编号"),
        (RecordKind::Review, "listing_id") => {
            is_name(&["name", "title", "名称", "标题", "商品名", "商品", "宝贝", "product"])
        }
        (RecordKind::Review, "reviewer_id") => {
            is_name(&["name", "nick", "昵称", "用户名", "会员名", "author", "评论人"])
        }
        _ => false,
    }
}
