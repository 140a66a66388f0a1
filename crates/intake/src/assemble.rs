//! Makes records of rows: hashes them, finds their keys, reads their cells into typed columns.
//!
//! What must stay true: the hash covers every field of the row, selected or not, read or not, under names and values that
//! do not depend on the order of columns or on the format; so the same record has the same version wherever it is met.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::Arc;

use arrow_array::builder::{BooleanBuilder, Float64Builder, Int64Builder, StringBuilder};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use huoyan_model::{Column, ColumnType, ContentHash, RecordHasher, RecordKind, columns_of};

use crate::note::{Repair, Tally};
use crate::plan::{Layout, Slot};
use crate::value::{Value, write_json_string};
use crate::values::{identity, images, number, price, time};

enum ColumnBuilder {
    Text(StringBuilder),
    Float(Float64Builder),
    Whole(Int64Builder),
    Boolean(BooleanBuilder),
}

impl ColumnBuilder {
    fn new(column: Column, rows: usize) -> Self {
        match column.ty {
            ColumnType::Float => Self::Float(Float64Builder::with_capacity(rows)),
            ColumnType::Time | ColumnType::Integer => Self::Whole(Int64Builder::with_capacity(rows)),
            ColumnType::Boolean => Self::Boolean(BooleanBuilder::with_capacity(rows)),
            ColumnType::Text | ColumnType::Json | ColumnType::Binary => {
                Self::Text(StringBuilder::with_capacity(rows, rows * 16))
            }
        }
    }

    fn finish(self) -> ArrayRef {
        match self {
            Self::Text(mut b) => Arc::new(b.finish()),
            Self::Float(mut b) => Arc::new(b.finish()),
            Self::Whole(mut b) => Arc::new(b.finish()),
            Self::Boolean(mut b) => Arc::new(b.finish()),
        }
    }
}

fn data_type(ty: ColumnType) -> DataType {
    match ty {
        ColumnType::Float => DataType::Float64,
        ColumnType::Time | ColumnType::Integer => DataType::Int64,
        ColumnType::Boolean => DataType::Boolean,
        ColumnType::Text | ColumnType::Json | ColumnType::Binary => DataType::Utf8,
    }
}

/// The schema of batches: the key, then the selected columns.
pub(crate) fn schema(kind: RecordKind, selected: &[usize]) -> SchemaRef {
    let mut fields = vec![Field::new("_record", DataType::Utf8, false)];
    let columns = columns_of(kind);
    fields.extend(selected.iter().map(|&i| Field::new(columns[i].name, data_type(columns[i].ty), true)));
    Arc::new(Schema::new(fields))
}

/// What a cell is worth to a column.
enum Reading<'a> {
    Null,
    Text(Cow<'a, str>),
    Float(f64),
    Whole(i64),
    Boolean(bool),
    /// The cell holds something that the column cannot take.
    Refused(Repair),
}

/// Builds one batch.
pub(crate) struct Assembler {
    kind: RecordKind,
    selected: Vec<usize>,
    /// Indices among the model's columns.
    attributes: usize,
    price: Option<usize>,
    currency: Option<usize>,
    builders: Vec<ColumnBuilder>,
    keys: StringBuilder,
    versions: Vec<ContentHash>,
    lines: Vec<u64>,
    hasher: RecordHasher,
    tally: Tally,
    scratch: String,
}

impl Assembler {
    pub fn new(kind: RecordKind, selected: &[usize], rows: usize) -> Self {
        let columns = columns_of(kind);
        let at = |name: &str| columns.iter().position(|column| column.name == name);
        let attributes = at("attributes").unwrap_or(usize::MAX);
        Self {
            kind,
            selected: selected.to_vec(),
            attributes,
            price: at("price"),
            currency: at("currency"),
            builders: selected.iter().map(|&i| ColumnBuilder::new(columns[i], rows)).collect(),
            keys: StringBuilder::with_capacity(rows, rows * 20),
            versions: Vec::with_capacity(rows),
            lines: Vec::with_capacity(rows),
            hasher: RecordHasher::new(),
            tally: Tally::default(),
            scratch: String::new(),
        }
    }

    pub fn tally(&mut self) -> &mut Tally {
        &mut self.tally
    }

    /// Adds a row; false when it has no field at all, and nothing was added.
    ///
    /// `values` may be shorter than the layout: what is missing is null.
    pub fn push(&mut self, layout: &Layout, values: &[Value<'_>], line: u64) -> bool {
        let mut any = false;
        self.hasher.part(self.kind.as_str().as_bytes());
        for (position, name) in &layout.order {
            if let Some(text) = values.get(*position).and_then(Value::text) {
                self.hasher.part(name.as_bytes());
                self.hasher.part(text.as_bytes());
                any = true;
            }
        }
        let version = self.hasher.finish();
        if !any {
            return false;
        }
        self.versions.push(version);
        self.lines.push(line);
        let value_of = |column: usize| layout.positions[column].and_then(|p| values.get(p)).unwrap_or(&Value::Null);
        match value_of(0).text().map(identity::clean_id) {
            Some(Some(id)) => self.keys.append_value(id),
            refused => {
                if refused.is_some() {
                    self.tally.add(Repair::IdLost, 1);
                }
                self.scratch.clear();
                // Writing to a string cannot fail.
                let _ = write!(self.scratch, "{version}");
                self.keys.append_value(&self.scratch);
            }
        }
        for index in 0..self.selected.len() {
            let column = self.selected[index];
            if column == self.attributes {
                self.scratch.clear();
                write_attributes(self.kind, layout, values, self.attributes, &mut self.scratch);
                let ColumnBuilder::Text(builder) = &mut self.builders[index] else { continue };
                if self.scratch.is_empty() {
                    builder.append_null();
                } else {
                    builder.append_value(&self.scratch);
                }
                continue;
            }
            let mut reading = read(self.kind, column, value_of(column));
            if let Reading::Refused(repair) = reading {
                self.tally.add(repair, 1);
            }
            if matches!(reading, Reading::Null)
                && Some(column) == self.currency
                && let Some(price) = self.price.and_then(|price| value_of(price).text())
                && let price::Price::Amount(_, Some(code)) = price::parse(price)
            {
                reading = Reading::Text(Cow::Borrowed(code));
            }
            append(&mut self.builders[index], reading);
        }
        true
    }

    /// The batch, and what goes with its rows.
    pub fn finish(mut self) -> (RecordBatch, Vec<ContentHash>, Vec<u64>, Tally) {
        let mut arrays: Vec<ArrayRef> = vec![Arc::new(self.keys.finish())];
        arrays.extend(self.builders.into_iter().map(ColumnBuilder::finish));
        let batch = RecordBatch::try_new(schema(self.kind, &self.selected), arrays)
            .expect("invariant: every builder got one value a row, of the type in the schema");
        (batch, self.versions, self.lines, self.tally)
    }
}

fn append(builder: &mut ColumnBuilder, reading: Reading<'_>) {
    match (builder, reading) {
        (ColumnBuilder::Text(b), Reading::Text(text)) => b.append_value(text),
        (ColumnBuilder::Float(b), Reading::Float(value)) => b.append_value(value),
        (ColumnBuilder::Whole(b), Reading::Whole(value)) => b.append_value(value),
        (ColumnBuilder::Boolean(b), Reading::Boolean(value)) => b.append_value(value),
        (ColumnBuilder::Text(b), _) => b.append_null(),
        (ColumnBuilder::Float(b), _) => b.append_null(),
        (ColumnBuilder::Whole(b), _) => b.append_null(),
        (ColumnBuilder::Boolean(b), _) => b.append_null(),
    }
}

/// Reads a cell as its column wants it.
fn read<'a>(kind: RecordKind, column: usize, value: &'a Value<'_>) -> Reading<'a> {
    let Some(text) = value.text() else { return Reading::Null };
    let column = columns_of(kind)[column];
    match column.ty {
        ColumnType::Float => match column.name {
            "price" | "list_price" => match price::parse(text) {
                price::Price::Amount(amount, _) => Reading::Float(amount),
                price::Price::OffShelf => Reading::Refused(Repair::OffShelf),
                price::Price::Unclear => Reading::Refused(Repair::PriceUnclear),
            },
            "rating" => number::rating(text).map_or(Reading::Refused(Repair::ValueUnclear), Reading::Float),
            _ => number::float(text).map_or(Reading::Refused(Repair::ValueUnclear), Reading::Float),
        },
        ColumnType::Time => match time::parse(text) {
            time::Time::Seconds(seconds) => Reading::Whole(seconds),
            time::Time::Relative => Reading::Refused(Repair::TimeRelative),
            time::Time::Unclear => Reading::Refused(Repair::TimeUnclear),
        },
        ColumnType::Integer => text.trim().parse().map_or(Reading::Refused(Repair::ValueUnclear), Reading::Whole),
        ColumnType::Boolean => number::boolean(text).map_or(Reading::Refused(Repair::ValueUnclear), Reading::Boolean),
        ColumnType::Json => images::to_json(text).map_or(Reading::Null, |json| Reading::Text(Cow::Owned(json))),
        ColumnType::Binary => Reading::Null,
        ColumnType::Text => match column.name {
            "reviewer_id" if identity::is_masked(text) => Reading::Refused(Repair::Masked),
            "id" => identity::clean_id(text).map_or(Reading::Null, Reading::Text),
            "reviewer_id" | "listing_id" | "shop_id" | "order_id" => {
                identity::clean_id(text).map_or(Reading::Refused(Repair::IdLost), Reading::Text)
            }
            _ => match value {
                Value::Nested(raw) => Reading::Text(joined(raw, column.name)),
                _ => Reading::Text(Cow::Borrowed(text)),
            },
        },
    }
}

/// A list of texts where one text is wanted (`"description": ["…", "…"]`) as one; anything else as it is.
fn joined<'a>(raw: &'a str, column: &str) -> Cow<'a, str> {
    match serde_json::from_str::<Vec<String>>(raw) {
        Ok(parts) => Cow::Owned(parts.join(if column == "category" { " > " } else { "\n" })),
        Err(_) => Cow::Borrowed(raw),
    }
}

/// Writes everything that no column took as a JSON object; nothing when there is nothing.
fn write_attributes(kind: RecordKind, layout: &Layout, values: &[Value<'_>], attributes: usize, out: &mut String) {
    let declared = layout.positions.get(attributes).copied().flatten().and_then(|p| values.get(p));
    let mut names: Vec<String> = Vec::new();
    match declared {
        Some(Value::Nested(raw)) if raw.starts_with('{') && raw.len() > 2 => {
            out.push_str(&raw[..raw.len() - 1]);
            if let Ok(members) = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(raw) {
                names.extend(members.into_iter().map(|(name, _)| name));
            }
        }
        Some(Value::Text(text)) if text.trim_start().starts_with('{') => {
            // A cell of a table that holds an object as text.
            if let Ok(members) = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text) {
                if !members.is_empty() {
                    let written = serde_json::Value::Object(members.clone()).to_string();
                    out.push_str(&written[..written.len() - 1]);
                    names.extend(members.into_iter().map(|(name, _)| name));
                }
            } else {
                member(out, "attributes", &Value::Text(Cow::Borrowed(text)), &names);
            }
        }
        Some(value) if !value.is_null() => member(out, "attributes", value, &names),
        _ => {}
    }
    for (position, value) in values.iter().enumerate().filter(|(_, value)| !value.is_null()) {
        let keep = match layout.slots.get(position) {
            Some(Slot::Attribute) => true,
            Some(Slot::Column(column)) if *column != attributes => {
                let lost_id = *column == 0 && value.text().is_some_and(|text| identity::clean_id(text).is_none());
                lost_id || matches!(read(kind, *column, value), Reading::Refused(_))
            }
            _ => false,
        };
        if keep {
            member(out, &layout.headers[position], value, &names);
        }
    }
    if !out.is_empty() {
        out.push('}');
    }
}

fn member(out: &mut String, name: &str, value: &Value<'_>, taken: &[String]) {
    if taken.iter().any(|known| known == name) {
        return;
    }
    out.push(if out.is_empty() { '{' } else { ',' });
    write_json_string(name, out);
    out.push(':');
    value.write_json(out);
}
