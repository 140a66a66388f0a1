//! Parquet: batches of columns become cells again, so that the same names, repairs and hashes hold as for every format.

use std::borrow::Cow;
use std::fs::File;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Float64Type};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Float64Array, LargeStringArray, RecordBatch, StringArray, StringViewArray,
};
use arrow_schema::{ArrowError, DataType, TimeUnit};
use bytes::Bytes;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::errors::ParquetError;
use parquet::file::reader::ChunkReader;
use serde_json::Value as Json;

use crate::value::{Value, cell};

/// Where the bytes of a Parquet file are.
pub(crate) enum ParquetSource {
    File(File),
    Bytes(Bytes),
}

/// A reader of batches of at most `rows` rows and about `bytes` bytes: a column of a batch must stay far below 2 GiB, where
/// offsets end.
pub(crate) fn open(source: ParquetSource, rows: usize, bytes: usize) -> Result<ParquetRecordBatchReader, String> {
    // Parsing a hostile footer may panic in a dependency; that must not end the run.
    let open = || match source {
        ParquetSource::File(file) => ParquetRecordBatchReaderBuilder::try_new(file).and_then(|b| sized(b, rows, bytes)),
        ParquetSource::Bytes(all) => ParquetRecordBatchReaderBuilder::try_new(all).and_then(|b| sized(b, rows, bytes)),
    };
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(open)) {
        Ok(reader) => reader.map_err(|e| e.to_string()),
        Err(_) => Err("the Parquet file is broken".to_owned()),
    }
}

fn sized<T: ChunkReader + 'static>(
    builder: ParquetRecordBatchReaderBuilder<T>,
    rows: usize,
    bytes: usize,
) -> Result<ParquetRecordBatchReader, ParquetError> {
    let groups = builder.metadata().row_groups();
    let (all_rows, all_bytes) = groups.iter().fold((0_i64, 0_i64), |(rows, bytes), group| {
        (rows.saturating_add(group.num_rows().max(0)), bytes.saturating_add(group.total_byte_size().max(0)))
    });
    let each = usize::try_from(all_bytes / all_rows.max(1)).unwrap_or(usize::MAX).max(1);
    builder.with_batch_size((bytes / each).clamp(1, rows)).build()
}

/// A batch in pieces of about `bytes` bytes, should rows be of very different size.
pub(crate) fn pieces(batch: &RecordBatch, bytes: usize) -> Vec<RecordBatch> {
    let rows = batch.num_rows();
    let count = (batch.get_array_memory_size() / bytes.saturating_mul(4).max(1)).clamp(1, rows.max(1));
    let each = rows.div_ceil(count).max(1);
    (0..rows).step_by(each).map(|first| batch.slice(first, each.min(rows - first))).collect()
}

/// The next batch; an error ends the file.
pub(crate) fn next(reader: &mut ParquetRecordBatchReader) -> Option<Result<RecordBatch, String>> {
    let next = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| reader.next()));
    match next {
        Ok(batch) => batch.map(|b| b.map_err(|e: ArrowError| e.to_string())),
        Err(_) => Some(Err("the Parquet file is broken".to_owned())),
    }
}

/// Rows of a Parquet file.
pub(crate) struct ArrowRows {
    pub batch: RecordBatch,
    /// The number of the first row in the file, from 1.
    pub first_row: u64,
}

impl ArrowRows {
    pub fn columns(&self) -> Vec<ArrowColumn> {
        self.batch.columns().iter().map(ArrowColumn::new).collect()
    }
}

/// A column in the form in which its cells can be told.
pub(crate) enum ArrowColumn {
    Text(StringArray),
    LargeText(LargeStringArray),
    TextView(StringViewArray),
    Float(Float64Array),
    Boolean(BooleanArray),
    Nested(ArrayRef),
    /// A type that nothing can be told of.
    Absent,
}

impl ArrowColumn {
    pub fn new(array: &ArrayRef) -> Self {
        match array.data_type() {
            DataType::Utf8 => Self::Text(array.as_string().clone()),
            DataType::LargeUtf8 => Self::LargeText(array.as_string().clone()),
            DataType::Utf8View => Self::TextView(array.as_string_view().clone()),
            DataType::Float64 => Self::Float(array.as_primitive::<Float64Type>().clone()),
            // 67.5 as a 32-bit float is 67.5, but 89.1 would come out as 89.0999984741211.
            DataType::Float32 => {
                let floats = array.as_primitive::<Float32Type>();
                Self::Float(floats.iter().map(|v| v.and_then(|v| v.to_string().parse().ok())).collect())
            }
            DataType::Boolean => Self::Boolean(array.as_boolean().clone()),
            DataType::List(_) | DataType::LargeList(_) | DataType::Struct(_) | DataType::Map(..) => {
                Self::Nested(array.clone())
            }
            DataType::Null | DataType::Binary | DataType::LargeBinary | DataType::BinaryView => Self::Absent,
            // A zone would be written by its name; the instant in UTC is what is meant.
            DataType::Timestamp(unit, Some(_)) => {
                let utc = DataType::Timestamp(TimeUnit::Second, None);
                let _ = unit;
                arrow_cast::cast(array, &utc).map_or(Self::Absent, |plain| Self::as_text(&plain))
            }
            _ => Self::as_text(array),
        }
    }

    fn as_text(array: &ArrayRef) -> Self {
        match arrow_cast::cast(array, &DataType::Utf8) {
            Ok(text) => Self::Text(text.as_string().clone()),
            Err(_) => Self::Absent,
        }
    }

    pub fn value(&self, row: usize) -> Value<'_> {
        match self {
            Self::Text(array) if array.is_valid(row) => cell(Cow::Borrowed(array.value(row))),
            Self::LargeText(array) if array.is_valid(row) => cell(Cow::Borrowed(array.value(row))),
            Self::TextView(array) if array.is_valid(row) => cell(Cow::Borrowed(array.value(row))),
            Self::Float(array) if array.is_valid(row) && array.value(row).is_finite() => {
                Value::Number(Cow::Owned(array.value(row).to_string()))
            }
            Self::Boolean(array) if array.is_valid(row) => Value::Bool(array.value(row)),
            Self::Nested(array) if array.is_valid(row) => match json(array, row) {
                Json::Array(items) if items.is_empty() => Value::Null,
                Json::Object(members) if members.is_empty() => Value::Null,
                value => Value::Nested(Cow::Owned(value.to_string())),
            },
            _ => Value::Null,
        }
    }
}

/// A nested value as JSON.
fn json(array: &ArrayRef, row: usize) -> Json {
    if array.is_null(row) {
        return Json::Null;
    }
    let items = |values: ArrayRef| Json::Array((0..values.len()).map(|i| json(&values, i)).collect());
    match array.data_type() {
        DataType::List(_) => items(array.as_list::<i32>().value(row)),
        DataType::LargeList(_) => items(array.as_list::<i64>().value(row)),
        DataType::Struct(fields) => {
            let columns = array.as_struct().columns();
            Json::Object(fields.iter().zip(columns).map(|(f, c)| (f.name().clone(), json(c, row))).collect())
        }
        DataType::Map(..) => {
            let entries = array.as_map().value(row);
            let (keys, values) = (ArrowColumn::new(entries.column(0)), entries.column(1));
            let name = |i| keys.value(i).text().unwrap_or_default().to_owned();
            Json::Object((0..entries.len()).map(|i| (name(i), json(values, i))).collect())
        }
        DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Int64 => {
            match ArrowColumn::new(array).value(row).text() {
                Some(text) => text.parse::<i64>().map_or(Json::Null, Json::from),
                None => Json::Null,
            }
        }
        _ => match ArrowColumn::new(array).value(row) {
            Value::Null => Json::Null,
            Value::Bool(value) => Json::Bool(value),
            Value::Number(text) => text.parse::<f64>().map_or(Json::Null, Json::from),
            value => value.text().map_or(Json::Null, Json::from),
        },
    }
}
