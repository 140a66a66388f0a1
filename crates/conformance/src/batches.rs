//! Rows as Arrow batches, whole or sliced.

use std::sync::Arc;

use arrow_array::builder::{BinaryBuilder, BooleanBuilder, Float64Builder, Int64Builder, StringBuilder};
use arrow_array::{Array, ArrayRef, Int64Array, RecordBatch};
use arrow_schema::{Field, Schema};
use base64::Engine as _;
use huoyan_model::{ColumnType, RecordKind, StageSpec, find_column};
use serde_json::Value;

use crate::random::Random;
use crate::rows::Row;
use crate::shape::Shape;

/// A row for a later stage: one that a stage emitted, or a record that a group stage reads.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Keyed {
    pub(crate) key: String,
    pub(crate) order: i64,
    pub(crate) record: String,
    /// The emitting stage; empty for records.
    pub(crate) input: String,
    pub(crate) payload: Vec<u8>,
    /// The record's place among the rows, for group stages over records.
    pub(crate) row: usize,
}

/// The columns of a stage, each once, those the shape withholds left out.
fn columns<'s>(stage: &'s StageSpec, shape: &Shape) -> Vec<&'s str> {
    let mut names: Vec<&str> = stage.reads.columns.iter().map(String::as_str).collect();
    names.sort_unstable();
    names.dedup();
    names.retain(|name| !shape.withholds(name));
    names
}

/// Records for a stage of the kind record or corpus.
pub(crate) fn records(stage: &StageSpec, kind: RecordKind, rows: &[&Row], shape: &Shape) -> RecordBatch {
    let mut made = vec![("_record".to_owned(), texts(rows.iter().map(|row| row.key.as_str()), shape, "_record"))];
    for name in columns(stage, shape) {
        made.push((name.to_owned(), column(kind, name, rows, shape)));
    }
    batch(made)
}

/// Records for a group stage.
pub(crate) fn grouped(
    stage: &StageSpec,
    kind: RecordKind,
    keyed: &[Keyed],
    rows: &[&Row],
    shape: &Shape,
) -> RecordBatch {
    let mut made = vec![
        ("_key".to_owned(), texts(keyed.iter().map(|row| row.key.as_str()), shape, "_key")),
        ("_record".to_owned(), texts(keyed.iter().map(|row| row.record.as_str()), shape, "_record")),
    ];
    let rows: Vec<&Row> = keyed.iter().filter_map(|row| rows.get(row.row).copied()).collect();
    for name in columns(stage, shape) {
        made.push((name.to_owned(), column(kind, name, &rows, shape)));
    }
    batch(made)
}

/// Rows of earlier stages.
pub(crate) fn emitted(keyed: &[Keyed], shape: &Shape) -> RecordBatch {
    let mut payloads = BinaryBuilder::new();
    let mut orders = Int64Builder::new();
    let (front, back) = shape.padding("_payload");
    for _ in 0..front {
        payloads.append_value(b"not a row of this batch");
    }
    for row in keyed {
        payloads.append_value(&row.payload);
    }
    for _ in 0..back {
        payloads.append_value(b"");
    }
    let (before, after) = shape.padding("_order");
    for order in std::iter::repeat_n(i64::MAX, before)
        .chain(keyed.iter().map(|row| row.order))
        .chain(std::iter::repeat_n(i64::MIN, after))
    {
        orders.append_value(order);
    }
    let cut = |array: ArrayRef, front: usize| array.slice(front, keyed.len());
    batch(vec![
        ("_key".to_owned(), texts(keyed.iter().map(|row| row.key.as_str()), shape, "_key")),
        ("_record".to_owned(), texts(keyed.iter().map(|row| row.record.as_str()), shape, "_record")),
        ("_input".to_owned(), texts(keyed.iter().map(|row| row.input.as_str()), shape, "_input")),
        ("_payload".to_owned(), cut(Arc::new(payloads.finish()), front)),
        ("_order".to_owned(), cut(Arc::new(orders.finish()), before)),
    ])
}

fn batch(columns: Vec<(String, ArrayRef)>) -> RecordBatch {
    let fields: Vec<Field> =
        columns.iter().map(|(name, column)| Field::new(name, column.data_type().clone(), true)).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns.into_iter().map(|(_, column)| column).collect())
        .expect("invariant: the columns are made for the same rows")
}

fn texts<'t>(values: impl ExactSizeIterator<Item = &'t str>, shape: &Shape, name: &str) -> ArrayRef {
    let (front, back) = shape.padding(name);
    let len = values.len();
    let mut out = StringBuilder::new();
    for text in
        std::iter::repeat_n("not a row of this batch", front).chain(values).chain(std::iter::repeat_n("¿", back))
    {
        out.append_value(text);
    }
    Arc::new(out.finish().slice(front, len))
}

/// A declared column. Around the rows of a sliced one stand others that a detector must not see, null and not null.
fn column(kind: RecordKind, name: &str, rows: &[&Row], shape: &Shape) -> ArrayRef {
    if shape.wrong_types {
        // A host never does this; a detector must still not take numbers for pointers.
        return Arc::new(Int64Array::from(vec![Some(i64::MAX); rows.len()]));
    }
    let ty = find_column(kind, name).map_or(ColumnType::Text, |column| column.ty);
    let (front, back) = shape.padding(name);
    let mut random = Random::new(shape.slice.unwrap_or_default(), name);
    let mut outside = |n: usize| -> Vec<Option<Value>> {
        (0..n).map(|_| if random.once_in(2) { None } else { Some(filler(ty)) }).collect()
    };
    let (before, after) = (outside(front), outside(back));
    let value_of = |row: &&Row| if shape.nulls { None } else { row.values.get(name).cloned() };
    let values = before.into_iter().chain(rows.iter().map(value_of)).chain(after);
    let array: ArrayRef = match ty {
        ColumnType::Text | ColumnType::Json => {
            let mut out = StringBuilder::new();
            for value in values {
                match value {
                    Some(Value::String(text)) => out.append_value(text),
                    Some(json) => out.append_value(json.to_string()),
                    None => out.append_null(),
                }
            }
            Arc::new(out.finish())
        }
        ColumnType::Float => {
            let mut out = Float64Builder::new();
            values.for_each(|value| out.append_option(value.and_then(|v| v.as_f64())));
            Arc::new(out.finish())
        }
        ColumnType::Time | ColumnType::Integer => {
            let mut out = Int64Builder::new();
            values.for_each(|value| out.append_option(value.and_then(|v| v.as_i64())));
            Arc::new(out.finish())
        }
        ColumnType::Boolean => {
            let mut out = BooleanBuilder::new();
            values.for_each(|value| out.append_option(value.and_then(|v| v.as_bool())));
            Arc::new(out.finish())
        }
        ColumnType::Binary => {
            let mut out = BinaryBuilder::new();
            for value in values {
                let decoded = value.as_ref().and_then(Value::as_str).map(decode);
                out.append_option(decoded);
            }
            Arc::new(out.finish())
        }
    };
    array.slice(front, rows.len())
}

fn filler(ty: ColumnType) -> Value {
    match ty {
        ColumnType::Text => "邻行的文字 !!! 最好 加微信".into(),
        ColumnType::Json => "[]".into(),
        ColumnType::Float => 4.25.into(),
        ColumnType::Time | ColumnType::Integer => 1_700_000_000.into(),
        ColumnType::Boolean => true.into(),
        ColumnType::Binary => encode(b"BM").into(),
    }
}

/// Bytes as they stand in a fixture.
pub(crate) fn encode(bytes: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// Bytes of a fixture; a text that is no base64 stands for itself, so that shrinking may cut it anywhere.
fn decode(text: &str) -> Vec<u8> {
    base64::engine::general_purpose::STANDARD.decode(text).unwrap_or_else(|_| text.as_bytes().to_vec())
}
