//! One record as plain values, for what shows records to people.

use arrow_array::cast::AsArray as _;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array as _, ArrayRef};
use arrow_schema::DataType;
use huoyan_model::{ColumnType, find_column};
use serde_json::{Map, Value};

use crate::ledger::Batch;

impl Batch {
    /// The key of a row's record.
    pub fn key(&self, row: usize) -> &str {
        self.records.column(0).as_string::<i32>().value(row)
    }

    /// The fields of a row that are not empty, by the names of the model. Times are seconds since 1970.
    pub fn fields(&self, row: usize) -> Map<String, Value> {
        let schema = self.records.schema();
        let columns = schema.fields().iter().zip(self.records.columns()).skip(1);
        columns
            .filter_map(|(field, array)| {
                let json = find_column(self.kind, field.name()).is_some_and(|column| column.ty == ColumnType::Json);
                Some((field.name().clone(), value(array, row, json)?))
            })
            .collect()
    }
}

fn value(array: &ArrayRef, row: usize, json: bool) -> Option<Value> {
    if array.is_null(row) {
        return None;
    }
    Some(match array.data_type() {
        DataType::Float64 => {
            // A whole number is shown as it was most likely written.
            let number = array.as_primitive::<Float64Type>().value(row);
            if number.fract() == 0.0 && number.abs() < 1e15 { Value::from(number as i64) } else { Value::from(number) }
        }
        DataType::Int64 => Value::from(array.as_primitive::<Int64Type>().value(row)),
        DataType::Boolean => Value::from(array.as_boolean().value(row)),
        _ => {
            let text = array.as_string::<i32>().value(row);
            let parsed = if json { serde_json::from_str(text).ok() } else { None };
            parsed.unwrap_or_else(|| Value::from(text))
        }
    })
}
