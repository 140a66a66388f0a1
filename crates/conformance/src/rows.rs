//! Rows as people can read and feed back: one JSON object a line.

use std::collections::BTreeMap;
use std::path::Path;

use huoyan_model::{ColumnType, Localized, Manifest, RecordKind, columns_of, find_column};
use serde_json::{Map, Value};

/// A record: its kind, its key and the columns that are not null.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    pub(crate) kind: RecordKind,
    pub(crate) key: String,
    pub(crate) values: BTreeMap<&'static str, Value>,
}

impl Row {
    pub(crate) fn new(kind: RecordKind, key: impl Into<String>) -> Self {
        Self { kind, key: key.into(), values: BTreeMap::new() }
    }

    pub(crate) fn with(mut self, column: &str, value: Value) -> Self {
        if let Some(column) = find_column(self.kind, column) {
            self.values.insert(column.name, value);
        }
        self
    }

    pub(crate) fn text(&self, column: &str) -> Option<&str> {
        self.values.get(column).and_then(Value::as_str)
    }

    pub(crate) fn to_json(&self) -> Value {
        let mut out = Map::new();
        out.insert("kind".into(), self.kind.as_str().into());
        out.insert("_record".into(), self.key.clone().into());
        out.extend(self.values.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        Value::Object(out)
    }

    /// A row from a line; `kinds` are those the plugin reads, for lines that do not say theirs.
    fn from_json(object: &Map<String, Value>, kinds: &[RecordKind], line: usize) -> Result<Self, Localized> {
        let fail = |zh: String, en: String| Localized::new(format!("第 {line} 行：{zh}"), format!("line {line}: {en}"));
        let kind = match object.get("kind").and_then(Value::as_str) {
            Some(name) => RecordKind::parse(name).ok_or_else(|| {
                fail(
                    format!("没有 '{name}' 这种记录；请用 listing、review 或 image"),
                    format!("there is no kind of record '{name}'; use listing, review or image"),
                )
            })?,
            None => best_kind(object, kinds),
        };
        let text = |name: &str| object.get(name).and_then(Value::as_str).map(str::to_owned);
        let key = text("_record").or_else(|| text("id")).unwrap_or_else(|| format!("line-{line}"));
        let mut row = Self::new(kind, key);
        for (name, value) in object.iter().filter(|(_, value)| !value.is_null()) {
            let Some(column) = find_column(kind, name) else { continue };
            let seconds = value.as_str().filter(|_| column.ty == ColumnType::Time).and_then(seconds_of);
            let value = &seconds.map_or_else(|| value.clone(), Value::from);
            let good = match column.ty {
                ColumnType::Text | ColumnType::Binary => value.is_string(),
                ColumnType::Json => true,
                ColumnType::Float => value.is_number(),
                ColumnType::Time | ColumnType::Integer => value.is_i64(),
                ColumnType::Boolean => value.is_boolean(),
            };
            if !good {
                return Err(fail(
                    format!("列 '{name}' 的值类型不对；{}", expected_zh(column.ty)),
                    format!("column '{name}' has a value of another type; {}", expected_en(column.ty)),
                ));
            }
            row.values.insert(column.name, value.clone());
        }
        Ok(row)
    }
}

/// Seconds since 1970 of a time such as `2026-11-01T10:00:00Z`, as fixtures for a scan have it.
fn seconds_of(text: &str) -> Option<i64> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let numbers = |text: &str, by: char| -> Option<[i64; 3]> {
        let parts: Vec<&str> = text.split(by).collect();
        let digits = parts.iter().all(|part| part.len() <= 4 && part.bytes().all(|b| b.is_ascii_digit()));
        let parts: Vec<i64> = parts.iter().filter_map(|part| part.parse().ok()).collect();
        parts.try_into().ok().filter(|_| digits)
    };
    let ([year, month, day], [hour, minute, second]) = (numbers(date, '-')?, numbers(time, ':')?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    // Years that begin in March end with the leap day.
    let (year, month) = if month < 3 { (year - 1, month + 9) } else { (year, month - 3) };
    let days = year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    let days = days + (month * 153 + 2) / 5 + day - 1 - 719_468;
    Some(days * 86_400 + hour * 3600 + minute * 60 + second)
}

fn expected_zh(ty: ColumnType) -> &'static str {
    match ty {
        ColumnType::Text => "应为字符串",
        ColumnType::Binary => "应为 base64 字符串",
        ColumnType::Json => "应为 JSON",
        ColumnType::Float => "应为数字",
        ColumnType::Time => "应为 2026-11-01T10:00:00Z 这样的时间，或自 1970 年起的秒数（整数）",
        ColumnType::Integer => "应为整数",
        ColumnType::Boolean => "应为 true 或 false",
    }
}

fn expected_en(ty: ColumnType) -> &'static str {
    match ty {
        ColumnType::Text => "a string is expected",
        ColumnType::Binary => "a base64 string is expected",
        ColumnType::Json => "JSON is expected",
        ColumnType::Float => "a number is expected",
        ColumnType::Time => "a time such as 2026-11-01T10:00:00Z or whole seconds since 1970 are expected",
        ColumnType::Integer => "a whole number is expected",
        ColumnType::Boolean => "true or false is expected",
    }
}

fn best_kind(object: &Map<String, Value>, kinds: &[RecordKind]) -> RecordKind {
    let known = |kind: RecordKind| columns_of(kind).iter().filter(|c| object.contains_key(c.name)).count();
    let mut best = kinds.first().copied().unwrap_or(RecordKind::Listing);
    for &kind in kinds {
        if known(kind) > known(best) {
            best = kind;
        }
    }
    best
}

/// The kinds of records that a plugin's stages read.
pub(crate) fn kinds_read(manifest: &Manifest) -> Vec<RecordKind> {
    let stages = || manifest.detectors.iter().flat_map(|d| &d.stages);
    RecordKind::ALL.into_iter().filter(|kind| stages().any(|s| s.reads.record == Some(*kind))).collect()
}

/// Reads the rows of a fixture; of rows with the same kind and key the first counts.
pub(crate) fn read_fixture(path: &Path, manifest: &Manifest) -> Result<Vec<Row>, Localized> {
    let at = path.display();
    let text = std::fs::read_to_string(path).map_err(|e| {
        Localized::new(
            format!("{at}：无法读取：{e}；请检查路径"),
            format!("{at}: it cannot be read: {e}; check the path"),
        )
    })?;
    parse(&text, &kinds_read(manifest))
        .map_err(|what| Localized::new(format!("{at}：{}", what.zh), format!("{at}: {}", what.en)))
}

pub(crate) fn parse(text: &str, kinds: &[RecordKind]) -> Result<Vec<Row>, Localized> {
    let mut rows: Vec<Row> = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    for (i, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let object: Map<String, Value> = serde_json::from_str(line).map_err(|e| {
            Localized::new(
                format!("第 {} 行：不是 JSON 对象：{e}", i + 1),
                format!("line {}: it is no JSON object: {e}", i + 1),
            )
        })?;
        let row = Row::from_json(&object, kinds, i + 1)?;
        if seen.insert((row.kind, row.key.clone())) {
            rows.push(row);
        }
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_comes_back_as_it_went() {
        let row = Row::new(RecordKind::Review, "r\u{0}1")
            .with("text", "差\u{202e}评\u{301}".into())
            .with("rating", 1.5.into())
            .with("created_at", i64::MIN.into())
            .with("refunded", true.into());
        let line = row.to_json().to_string();
        assert_eq!(parse(&line, &[]).unwrap(), [row]);
    }

    #[test]
    fn a_line_that_does_not_say_its_kind_is_known_by_its_columns() {
        let rows = parse(
            "{\"id\":\"L1\",\"title\":\"t\"}\n\n{\"id\":\"R1\",\"text\":\"t\",\"listing_id\":\"L1\"}\n",
            &[RecordKind::Listing, RecordKind::Review],
        );
        let kinds: Vec<_> = rows.unwrap().iter().map(|row| (row.kind, row.key.clone())).collect();
        assert_eq!(kinds, [(RecordKind::Listing, "L1".to_owned()), (RecordKind::Review, "R1".to_owned())]);
    }

    #[test]
    fn times_are_read_as_scans_read_them() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0),
            ("1969-12-31T23:59:59Z", -1),
            ("2000-02-29T12:00:00Z", 951_825_600),
            ("2026-11-01T10:00:00Z", 1_793_527_200),
        ] {
            assert_eq!(seconds_of(text), Some(seconds), "{text}");
        }
        for text in ["", "2026-11-01", "2026-13-01T10:00:00Z", "2026-11-01T24:00:00Z", "x-11-01T10:00:00Z"] {
            assert_eq!(seconds_of(text), None, "{text}");
        }
    }

    #[test]
    fn a_value_of_another_type_is_named() {
        let error = parse(r#"{"kind":"review","rating":"five"}"#, &[]).unwrap_err();
        assert_eq!(error.en, "line 1: column 'rating' has a value of another type; a number is expected");
    }
}
