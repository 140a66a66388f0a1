//! Parquet: batches of columns become cells again, so that the same names, repairs and hashes hold as for every format.

use std::borrow::Cow;
use std::fs::File;

use arrow_array::cast::AsArray;
use arrow_array::temporal_conversions::{as_date, as_datetime, as_time};
use arrow_array::types::{
    ArrowPrimitiveType, ArrowTimestampType, Date32Type, Date64Type, Decimal32Type, Decimal64Type, Decimal128Type,
    Decimal256Type, DecimalType, Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    Time32MillisecondType, Time32SecondType, Time64MicrosecondType, Time64NanosecondType, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type,
    UInt64Type,
};
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
            DataType::List(_)
            | DataType::LargeList(_)
            | DataType::FixedSizeList(..)
            | DataType::Struct(_)
            | DataType::Map(..) => Self::Nested(array.clone()),
            DataType::Null | DataType::Binary | DataType::LargeBinary | DataType::BinaryView => Self::Absent,
            _ => text(array).map_or(Self::Absent, Self::Text),
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

/// Numbers, days, times and entries of a dictionary written out; `None` for types that catalogues do not have.
///
/// `arrow-cast` would do this and more, at an eighth of the whole build.
fn text(array: &ArrayRef) -> Option<StringArray> {
    fn of<T: ArrowPrimitiveType>(array: &ArrayRef, tell: impl Fn(T::Native) -> Option<String>) -> StringArray {
        array.as_primitive::<T>().iter().map(|value| value.and_then(&tell)).collect()
    }
    fn whole<T: ArrowPrimitiveType<Native: ToString>>(array: &ArrayRef) -> StringArray {
        of::<T>(array, |value| Some(value.to_string()))
    }
    fn decimal<T: DecimalType>(array: &ArrayRef, precision: u8, scale: i8) -> StringArray {
        of::<T>(array, |value| Some(T::format_decimal(value, precision, scale)))
    }
    fn day<T: ArrowPrimitiveType<Native: Into<i64>>>(array: &ArrayRef) -> StringArray {
        of::<T>(array, |value| as_date::<T>(value.into()).map(|day| format!("{day:?}")))
    }
    fn clock<T: ArrowPrimitiveType<Native: Into<i64>>>(array: &ArrayRef) -> StringArray {
        of::<T>(array, |value| as_time::<T>(value.into()).map(|time| format!("{time:?}")))
    }
    // A zone would be written by its name; the instant in UTC is what is meant, and nobody means parts of a second by it.
    fn instant<T: ArrowTimestampType>(array: &ArrayRef, zoned: bool) -> StringArray {
        let second = match T::UNIT {
            TimeUnit::Second => 1,
            TimeUnit::Millisecond => 1_000,
            TimeUnit::Microsecond => 1_000_000,
            TimeUnit::Nanosecond => 1_000_000_000,
        };
        of::<T>(array, |value| {
            let value = if zoned { value.div_euclid(second) * second } else { value };
            as_datetime::<T>(value).map(|at| format!("{at:?}"))
        })
    }
    Some(match array.data_type() {
        DataType::Int8 => whole::<Int8Type>(array),
        DataType::Int16 => whole::<Int16Type>(array),
        DataType::Int32 => whole::<Int32Type>(array),
        DataType::Int64 => whole::<Int64Type>(array),
        DataType::UInt8 => whole::<UInt8Type>(array),
        DataType::UInt16 => whole::<UInt16Type>(array),
        DataType::UInt32 => whole::<UInt32Type>(array),
        DataType::UInt64 => whole::<UInt64Type>(array),
        DataType::Float16 => of::<Float16Type>(array, |value| Some(value.to_f32().to_string())),
        DataType::Decimal32(precision, scale) => decimal::<Decimal32Type>(array, *precision, *scale),
        DataType::Decimal64(precision, scale) => decimal::<Decimal64Type>(array, *precision, *scale),
        DataType::Decimal128(precision, scale) => decimal::<Decimal128Type>(array, *precision, *scale),
        DataType::Decimal256(precision, scale) => decimal::<Decimal256Type>(array, *precision, *scale),
        DataType::Date32 => day::<Date32Type>(array),
        DataType::Date64 => day::<Date64Type>(array),
        DataType::Time32(TimeUnit::Second) => clock::<Time32SecondType>(array),
        DataType::Time32(_) => clock::<Time32MillisecondType>(array),
        DataType::Time64(TimeUnit::Microsecond) => clock::<Time64MicrosecondType>(array),
        DataType::Time64(_) => clock::<Time64NanosecondType>(array),
        DataType::Timestamp(unit, zone) => match unit {
            TimeUnit::Second => instant::<TimestampSecondType>(array, zone.is_some()),
            TimeUnit::Millisecond => instant::<TimestampMillisecondType>(array, zone.is_some()),
            TimeUnit::Microsecond => instant::<TimestampMicrosecondType>(array, zone.is_some()),
            TimeUnit::Nanosecond => instant::<TimestampNanosecondType>(array, zone.is_some()),
        },
        DataType::Dictionary(..) => {
            let entries = array.as_any_dictionary();
            if entries.values().is_empty() {
                return Some(StringArray::new_null(array.len()));
            }
            let values = ArrowColumn::new(entries.values());
            let keys = entries.normalized_keys();
            let told = |(row, key): (usize, usize)| {
                let told = array.is_valid(row).then(|| values.value(key));
                told.and_then(|value| value.text().map(str::to_owned))
            };
            keys.into_iter().enumerate().map(told).collect()
        }
        _ => return None,
    })
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
        DataType::FixedSizeList(..) => items(array.as_fixed_size_list().value(row)),
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::*;

    use super::*;

    fn cells(array: impl Array + 'static) -> Vec<Option<String>> {
        let array: ArrayRef = Arc::new(array);
        let column = ArrowColumn::new(&array);
        (0..array.len()).map(|row| column.value(row).text().map(str::to_owned)).collect()
    }

    #[test]
    fn every_type_that_a_catalogue_may_have_is_written_out() {
        let one = |text: &str| vec![Some(text.to_owned()), None];
        assert_eq!(cells(Int8Array::from(vec![Some(-7), None])), one("-7"));
        assert_eq!(cells(UInt64Array::from(vec![Some(u64::MAX), None])), one("18446744073709551615"));
        assert_eq!(cells(Float32Array::from(vec![Some(89.1), None])), one("89.1"));
        let price = Decimal128Array::from(vec![Some(1990), None]).with_precision_and_scale(10, 2);
        assert_eq!(cells(price.expect("fits")), one("19.90"));
        assert_eq!(cells(Date32Array::from(vec![Some(19_723), None])), one("2024-01-01"));
        assert_eq!(cells(Date64Array::from(vec![Some(1_704_067_200_000), None])), one("2024-01-01"));
        assert_eq!(cells(Time32SecondArray::from(vec![Some(3_661), None])), one("01:01:01"));
        assert_eq!(cells(TimestampSecondArray::from(vec![Some(1_704_067_261), None])), one("2024-01-01T00:01:01"));
        let parts = TimestampMillisecondArray::from(vec![Some(1_704_067_261_500), None]);
        assert_eq!(cells(parts.clone()), one("2024-01-01T00:01:01.500"));
        assert_eq!(cells(parts.with_timezone("Asia/Shanghai")), one("2024-01-01T00:01:01"));
        let early = TimestampMicrosecondArray::from(vec![Some(-1), None]).with_timezone("+08:00");
        assert_eq!(cells(early), one("1969-12-31T23:59:59"));
        let shops: DictionaryArray<types::Int32Type> =
            vec![Some("甲店"), None, Some("乙店"), Some("甲店")].into_iter().collect();
        assert_eq!(cells(shops), [Some("甲店".into()), None, Some("乙店".into()), Some("甲店".into())]);
        let nobody: DictionaryArray<types::Int8Type> = vec![None::<&str>, None].into_iter().collect();
        assert_eq!(cells(nobody), [None, None]);
        assert_eq!(cells(DurationSecondArray::from(vec![Some(1)])), [None]);
    }
}
