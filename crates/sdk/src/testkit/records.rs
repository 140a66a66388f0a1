//! Rows for tests, written as people read them.

use std::collections::BTreeMap;

use serde_json::Value;

use super::columns::{ColumnType, columns_of};
use crate::{Error, MemoryBatch, MemoryColumn};

/// Records of one kind, each a key and a JSON object of its fields. A field that a record does not name is null in it.
///
/// ```
/// use huoyan_sdk::testkit::{Records, json};
///
/// let records = Records::listings([
///     ("L1", json!({"title": "全场五折!!!", "price": 19.9})),
///     ("L2", json!({"title": "保温杯"})),
/// ]);
/// assert_eq!(records.len(), 2);
/// ```
#[derive(Clone, Debug)]
pub struct Records {
    kind: String,
    rows: Vec<(String, BTreeMap<String, Value>)>,
}

impl Records {
    /// Listings.
    ///
    /// # Panics
    /// As [`Records::of`].
    #[track_caller]
    pub fn listings<K: Into<String>>(rows: impl IntoIterator<Item = (K, Value)>) -> Self {
        Self::of("listing", rows)
    }

    /// Reviews.
    ///
    /// # Panics
    /// As [`Records::of`].
    #[track_caller]
    pub fn reviews<K: Into<String>>(rows: impl IntoIterator<Item = (K, Value)>) -> Self {
        Self::of("review", rows)
    }

    /// Records of `kind`: `listing`, `review` or `image`.
    ///
    /// # Panics
    /// When a row is no JSON object, names a field that the kind does not have or gives one of another type, or when two rows
    /// have one key: the test is wrong, not the detector.
    #[track_caller]
    pub fn of<K: Into<String>>(kind: &str, rows: impl IntoIterator<Item = (K, Value)>) -> Self {
        let rows = rows.into_iter().map(|(key, value)| (key.into(), value)).collect();
        match Self::checked(kind, rows) {
            Ok(records) => records,
            Err(what) => panic!("{what}"),
        }
    }

    /// Records of `kind` from JSON Lines, such as a fixture that `huoyan scan` reads. The key is the field `id`; times are
    /// seconds, or written as `2026-11-01T10:00:00Z`.
    ///
    /// # Panics
    /// As [`Records::of`], or when a line is no JSON.
    #[track_caller]
    pub fn from_json_lines(kind: &str, text: &str) -> Self {
        let mut rows = Vec::new();
        for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let row: Value = match serde_json::from_str(line) {
                Ok(row) => row,
                Err(why) => panic!("line {}: {why}", at + 1),
            };
            let Some(key) = row["id"].as_str() else { panic!("line {} has no text 'id'", at + 1) };
            rows.push((key.to_owned(), row));
        }
        match Self::checked(kind, rows) {
            Ok(records) => records,
            Err(what) => panic!("{what}"),
        }
    }

    fn checked(kind: &str, given: Vec<(String, Value)>) -> Result<Self, String> {
        let columns = columns_of(kind);
        if columns.is_empty() {
            return Err(format!("there are no '{kind}' records; the kinds are listing, review, image"));
        }
        let mut rows: Vec<(String, BTreeMap<String, Value>)> = Vec::with_capacity(given.len());
        for (key, row) in given {
            let Value::Object(fields) = row else { return Err(format!("row '{key}' is no JSON object: {row}")) };
            if key.is_empty() || rows.iter().any(|(other, _)| *other == key) {
                return Err(format!("the key '{key}' is empty or used twice; each record has its own"));
            }
            for (name, value) in &fields {
                let Some((_, ty)) = columns.iter().find(|(column, _)| column == name) else {
                    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
                    let names = names.join(", ");
                    return Err(format!("row '{key}': a {kind} has no field '{name}'; it has {names}"));
                };
                let good = match ty {
                    ColumnType::Text => {
                        value.is_string() || (matches!(name.as_str(), "attributes" | "images") && !value.is_number())
                    }
                    ColumnType::Float => value.is_number(),
                    ColumnType::Integer => integer_of(value).is_some(),
                    ColumnType::Boolean => value.is_boolean(),
                    ColumnType::Binary => value.is_string(),
                };
                if !good && !value.is_null() {
                    return Err(format!("row '{key}': field '{name}' is {value}, which is not of the type {ty:?}"));
                }
            }
            rows.push((key, fields.into_iter().filter(|(_, value)| !value.is_null()).collect()));
        }
        Ok(Self { kind: kind.to_owned(), rows })
    }

    /// The kind: `listing`, `review` or `image`.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// The number of records.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The same records from the last to the first.
    #[must_use]
    pub fn reversed(mut self) -> Self {
        self.rows.reverse();
        self
    }

    /// The text of a field, when that record has it.
    pub fn text(&self, key: &str, field: &str) -> Option<String> {
        self.rows.iter().find(|(k, _)| k == key).and_then(|(_, fields)| fields.get(field)).map(text_of)
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.rows.iter().any(|(k, _)| k == key)
    }

    /// The records as a batch: the key, then every column that a row names.
    ///
    /// # Errors
    /// Never for records that were built here.
    pub fn batch(&self) -> Result<MemoryBatch, Error> {
        let mut columns = vec![MemoryColumn::text("_record", self.rows.iter().map(|(key, _)| Some(key.as_str())))];
        for (name, ty) in columns_of(&self.kind) {
            if !self.rows.iter().any(|(_, fields)| fields.contains_key(*name)) {
                continue;
            }
            let values = || self.rows.iter().map(|(_, fields)| fields.get(*name));
            columns.push(match ty {
                ColumnType::Text | ColumnType::Binary => {
                    let texts: Vec<Option<String>> = values().map(|v| v.map(text_of)).collect();
                    if *ty == ColumnType::Text {
                        MemoryColumn::text(name, texts.iter().map(Option::as_deref))
                    } else {
                        MemoryColumn::binary(name, texts.iter().map(|t| t.as_deref().map(str::as_bytes)))
                    }
                }
                ColumnType::Float => MemoryColumn::float(name, values().map(|v| v.and_then(Value::as_f64))),
                ColumnType::Integer => MemoryColumn::integer(name, values().map(|v| v.and_then(integer_of))),
                ColumnType::Boolean => MemoryColumn::boolean(name, values().map(|v| v.and_then(Value::as_bool))),
            });
        }
        MemoryBatch::new(columns)
    }
}

fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A whole number, or a time as fixtures write it: `2026-11-01T10:00:00Z`.
fn integer_of(value: &Value) -> Option<i64> {
    let Some(text) = value.as_str() else { return value.as_i64() };
    let shape = text.bytes().map(|b| if b.is_ascii_digit() { b'0' } else { b });
    if !shape.eq(*b"0000-00-00T00:00:00Z") {
        return None;
    }
    let number = |range: core::ops::Range<usize>| text[range].parse::<i64>().ok();
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    // Days of the Gregorian calendar, years beginning in March so that the leap day is the last.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 719_469;
    Some(days * 86_400 + number(11..13)? * 3_600 + number(14..16)? * 60 + number(17..19)?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rows_become_columns_with_nulls() {
        let records = Records::reviews([
            ("R1", json!({"text": "很好", "rating": 5, "refunded": false})),
            ("R2", json!({"created_at": 7, "attributes": {"a": 1}})),
        ]);
        records
            .batch()
            .and_then(|batch| {
                batch.with(|b| {
                    assert_eq!((b.keys()?.get(1), b.text("text")?.get(1)), (Some("R2"), None));
                    assert_eq!((b.float("rating")?.get(0), b.boolean("refunded")?.get(0)), (Some(5.0), Some(false)));
                    assert_eq!(b.text("attributes")?.get(1), Some(r#"{"a":1}"#));
                    assert_eq!(b.integer("created_at")?.get(1), Some(7));
                    Ok::<_, Error>(())
                })?
            })
            .expect("columns");
    }

    #[test]
    fn times_are_numbers_or_dates() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2000-02-29T12:00:01Z", Some(951_825_601)),
            ("2026-11-30T08:00:00Z", Some(1_796_025_600)),
            ("2026-11-30", None),
        ] {
            assert_eq!(integer_of(&json!(text)), seconds, "{text}");
        }
    }

    #[test]
    fn a_wrong_row_is_told_by_name() {
        let said = |row: Value| Records::checked("listing", vec![("L1".to_owned(), row)]).expect_err("refused");
        assert!(said(json!({"titel": "x"})).contains("no field 'titel'; it has id, shop_id, title"));
        assert!(said(json!({"price": "9"})).contains("field 'price' is \"9\""));
        assert!(said(json!([1])).contains("no JSON object"));
        assert!(Records::checked("shop", vec![]).is_err());
        let twice = vec![("a".to_owned(), json!({})), ("a".to_owned(), json!({}))];
        assert!(Records::checked("listing", twice).is_err());
    }
}
