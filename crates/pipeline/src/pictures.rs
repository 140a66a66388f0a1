//! From the picture paths of listings and reviews to batches of the kind `image`.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef, BinaryArray, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use huoyan_intake::Batch;
use huoyan_intake::pictures::{Roots, list};
use huoyan_model::{ColumnType, Locale, RecordKind, columns_of};

use crate::Error;

/// The largest picture file that is read, in bytes.
const MAX_PICTURE_BYTES: u64 = 32 << 20;
/// A batch of pictures is handed over once it has this many bytes or rows.
const BATCH_BYTES: usize = 4 << 20;
const BATCH_ROWS: usize = 256;
/// The most pictures of one record that are looked at; a record with more is told as unjudged for the rest.
const MAX_PICTURES: usize = 200;

struct Row {
    owner_row: usize,
    position: usize,
    uri: String,
    path: String,
    bytes: Vec<u8>,
}

/// Loads every picture of a batch and hands them on, batch by batch, so that only one lies in memory.
pub(crate) fn each_batch(
    batch: &Batch,
    roots: &Roots,
    locale: Locale,
    mut each: impl FnMut(&RecordBatch, &[(usize, String)]) -> Result<(), Error>,
) -> Result<Vec<(usize, String, String)>, Error> {
    let mut unreadable = Vec::new();
    let Some(images) = batch.records.column_by_name("images").and_then(|c| c.as_string_opt::<i32>()) else {
        return Ok(unreadable);
    };
    let (mut rows, mut size) = (Vec::new(), 0);
    for owner_row in (0..batch.len()).filter(|&row| images.is_valid(row)) {
        let uris = list(images.value(owner_row));
        for (position, uri) in uris.into_iter().enumerate() {
            let key = || format!("{}#{position}", owner_key(batch, owner_row));
            if position >= MAX_PICTURES {
                let why = match locale {
                    Locale::Zh => format!("图片超过 {MAX_PICTURES} 张，其余未查看"),
                    Locale::En => format!("more than {MAX_PICTURES} pictures; the rest was not looked at"),
                };
                unreadable.push((owner_row, key(), why));
                break;
            }
            match roots.load(&uri, batch.input.folder.as_deref(), MAX_PICTURE_BYTES) {
                Err(why) => unreadable.push((owner_row, key(), why.text().get(locale).to_owned())),
                Ok(picture) => {
                    size += picture.bytes.len();
                    let path = picture.path.to_string_lossy().into_owned();
                    rows.push(Row { owner_row, position, uri, path, bytes: picture.bytes });
                    if size >= BATCH_BYTES || rows.len() >= BATCH_ROWS {
                        hand_over(batch, &mut rows, &mut each)?;
                        size = 0;
                    }
                }
            }
        }
    }
    if !rows.is_empty() {
        hand_over(batch, &mut rows, &mut each)?;
    }
    Ok(unreadable)
}

fn owner_key(batch: &Batch, row: usize) -> &str {
    batch.records["_record"].as_string::<i32>().value(row)
}

fn hand_over(
    batch: &Batch,
    rows: &mut Vec<Row>,
    each: &mut impl FnMut(&RecordBatch, &[(usize, String)]) -> Result<(), Error>,
) -> Result<(), Error> {
    let rows = std::mem::take(rows);
    let keys: ArrayRef = Arc::new(StringArray::from_iter_values(
        rows.iter().map(|row| format!("{}#{}", owner_key(batch, row.owner_row), row.position)),
    ));
    let mut fields = vec![Field::new("_record", DataType::Utf8, false)];
    let mut columns = vec![keys];
    for column in columns_of(RecordKind::Image) {
        let values: ArrayRef = match column.name {
            "owner_kind" => Arc::new(StringArray::from_iter_values(rows.iter().map(|_| batch.kind.as_str()))),
            "owner" => Arc::new(StringArray::from_iter_values(rows.iter().map(|r| owner_key(batch, r.owner_row)))),
            "position" => Arc::new(Int64Array::from_iter_values(rows.iter().map(|r| r.position as i64))),
            "uri" => Arc::new(StringArray::from_iter_values(rows.iter().map(|r| &r.uri))),
            "bytes" => Arc::new(BinaryArray::from_iter_values(rows.iter().map(|r| &r.bytes))),
            // The rest is the owner's own, where the owner has it.
            name if column.ty == ColumnType::Time => {
                let of = batch.records.column_by_name(name).and_then(|c| c.as_primitive_opt::<Int64Type>());
                Arc::new(
                    rows.iter()
                        .map(|r| of.filter(|c| c.is_valid(r.owner_row)).map(|c| c.value(r.owner_row)))
                        .collect::<Int64Array>(),
                )
            }
            name if column.ty == ColumnType::Float => {
                let of = batch.records.column_by_name(name).and_then(|c| c.as_primitive_opt::<Float64Type>());
                Arc::new(
                    rows.iter()
                        .map(|r| of.filter(|c| c.is_valid(r.owner_row)).map(|c| c.value(r.owner_row)))
                        .collect::<Float64Array>(),
                )
            }
            name => {
                let of = batch.records.column_by_name(name).and_then(|c| c.as_string_opt::<i32>());
                Arc::new(
                    rows.iter()
                        .map(|r| of.filter(|c| c.is_valid(r.owner_row)).map(|c| c.value(r.owner_row)))
                        .collect::<StringArray>(),
                )
            }
        };
        fields.push(Field::new(column.name, values.data_type().clone(), true));
        columns.push(values);
    }
    let pictures = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
        .map_err(|e| Error::new(format!("a batch of pictures cannot be made: {e}")))?;
    let origins: Vec<(usize, String)> = rows.into_iter().map(|row| (row.owner_row, row.path)).collect();
    each(&pictures, &origins)
}
