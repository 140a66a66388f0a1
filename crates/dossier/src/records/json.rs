//! JSON: an array of objects, wherever in a document it stands, or an object a line.
//!
//! What stands beside an array of objects, such as the order of a list of traces, belongs to each of them.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};

use super::columns;
use super::error::{About, Note, RecordError};
use super::read::Limits;
use super::table::{Line, Table, beginning, no_columns};
use super::{Place, rows};
use crate::case::ExhibitKind;
use crate::lint::ExhibitId;

enum Value {
    /// A text, number or truth value, as written.
    Plain(String),
    List(Vec<Value>),
    /// Its number among the document's objects, and its fields in their order.
    Object(usize, Vec<(String, Value)>),
}

/// Counts objects as they begin.
struct Seed<'a>(&'a Cell<usize>);

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Plain(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Plain(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Plain(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Plain(if value.abs() >= 1e15 { format!("{value:E}") } else { value.to_string() }))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Plain(value.trim().to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Plain(String::new()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(value) = access.next_element_seed(Seed(self.0))? {
            list.push(value);
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let number = self.0.get();
        self.0.set(number + 1);
        let mut fields = Vec::new();
        while let Some(key) = access.next_key::<String>()? {
            fields.push((key, access.next_value_seed(Seed(self.0))?));
        }
        Ok(Value::Object(number, fields))
    }
}

fn parse(text: &str) -> Result<Value, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = Seed(&Cell::new(0)).deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(value)
}

/// In which line each object of a document begins.
fn lines_of_objects(text: &str) -> Vec<u64> {
    let (mut lines, mut line, mut quoted, mut escaped) = (Vec::new(), 1, false, false);
    for byte in text.bytes() {
        match byte {
            b'\n' => line += 1,
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' if !quoted => lines.push(line),
            _ => {}
        }
    }
    lines
}

type Pairs = Vec<(String, String)>;

/// Gathers rows from a document.
struct Gather<'a> {
    kind: ExhibitKind,
    limits: &'a Limits,
    lines: Vec<u64>,
    header: Vec<String>,
    rows: Vec<(u64, Pairs)>,
    more: bool,
}

impl Gather<'_> {
    fn value(&mut self, value: &Value, inherited: &Pairs) {
        match value {
            Value::Plain(_) => {}
            Value::List(list) => list.iter().for_each(|value| self.value(value, inherited)),
            Value::Object(number, object) => self.object(*number, object, inherited),
        }
    }

    fn object(&mut self, number: usize, object: &[(String, Value)], inherited: &Pairs) {
        let mut own = Vec::new();
        flat("", object, &mut own);
        let mut fields = own.clone();
        // The nearest counts.
        fields.extend(inherited.iter().filter(|(key, _)| !own.iter().any(|(known, _)| known == key)).cloned());
        fields.truncate(self.limits.columns);
        let names: Vec<String> = fields.iter().map(|(key, _)| key.clone()).collect();
        let complete = rows::missing(self.kind, &columns::map(self.kind, &names)).is_empty();
        let nested = has_objects(object);
        if nested && !(complete && rows::holds_its_parts(self.kind)) {
            object.iter().for_each(|(_, value)| self.value(value, &fields));
        } else if self.rows.len() >= self.limits.rows {
            self.more = true;
        } else {
            for name in names {
                if !self.header.contains(&name) && self.header.len() < self.limits.columns {
                    self.header.push(name);
                }
            }
            self.rows.push((self.lines.get(number).copied().unwrap_or(0), fields));
        }
    }
}

/// Whether a list of objects stands somewhere below.
fn has_objects(object: &[(String, Value)]) -> bool {
    object.iter().any(|(_, value)| match value {
        Value::List(list) => list.iter().any(|value| matches!(value, Value::Object(..))),
        Value::Object(_, inner) => has_objects(inner),
        Value::Plain(_) => false,
    })
}

/// The plain values of an object and of the objects in it, by their path.
fn flat(prefix: &str, object: &[(String, Value)], out: &mut Pairs) {
    for (key, value) in object {
        match value {
            Value::Plain(text) => out.push((format!("{prefix}{key}"), text.clone())),
            Value::Object(_, inner) => flat(&format!("{prefix}{key}."), inner, out),
            Value::List(_) => {}
        }
    }
}

/// Reads a document, or an object a line.
pub(super) fn table(
    kind: ExhibitKind,
    exhibit: ExhibitId,
    text: &str,
    lines: bool,
    limits: &Limits,
    notes: &mut Vec<Note>,
) -> Result<Table, RecordError> {
    let mut gather = Gather { kind, limits, lines: Vec::new(), header: Vec::new(), rows: Vec::new(), more: false };
    match parse(text) {
        Ok(document) => {
            gather.lines = if lines { lines_of_objects(text) } else { Vec::new() };
            gather.value(&document, &Vec::new());
        }
        Err(error) if !lines && !looks_like_lines(text) => {
            return Err(RecordError::Form { format: "JSON", detail: error.to_string() });
        }
        Err(_) => {
            for (line, row) in (1..).zip(text.lines()).filter(|(_, row)| !row.trim().is_empty()) {
                match parse(row) {
                    Ok(document @ Value::Object(..)) => {
                        gather.lines = vec![line; lines_of_objects(row).len()];
                        gather.value(&document, &Vec::new());
                    }
                    _ => {
                        let place = Place { exhibit, line, sheet: String::new() };
                        notes.push(Note { place, about: About::NotARow { text: beginning(row) } });
                    }
                }
            }
        }
    }
    if gather.more {
        notes.push(Note { place: Place::whole(exhibit), about: About::MoreRows { limit: limits.rows as u64 } });
    }
    if gather.rows.is_empty() {
        return Err(RecordError::Empty);
    }
    let fields = columns::map(kind, &gather.header);
    if !rows::missing(kind, &fields).is_empty() {
        return Err(no_columns(kind, &fields, &gather.header));
    }
    let cells = |own: &Pairs| {
        let value = |name: &String| own.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        gather.header.iter().map(|name| value(name).unwrap_or_default()).collect()
    };
    // A document may be one line, and is indented anew in what leaves: its items are counted.
    let place = |(item, line)| if lines { line } else { item };
    let rows =
        (1..).zip(&gather.rows).map(|(item, (line, own))| Line { line: place((item, *line)), cells: cells(own) });
    let rows = rows.collect();
    Ok(Table { sheet: String::new(), header: gather.header.clone(), fields, rows })
}

fn looks_like_lines(text: &str) -> bool {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    lines.next().is_some_and(|line| parse(line).is_ok())
}
