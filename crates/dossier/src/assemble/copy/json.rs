//! JSON, redacted value by value under the names of its fields.

use serde_json::Value;

use super::value;
use crate::privacy::{FieldKind, Redaction, Redactor, Source, field_kind};

/// Redacts a value in place. Fields are told by pointers behind `prefix`, which tells the line.
pub(in crate::assemble) fn redact(
    json: &mut Value,
    exhibit: &str,
    prefix: &str,
    redactor: &mut Redactor,
) -> Vec<Redaction> {
    let mut walk = Walk { exhibit, redactor, redactions: Vec::new() };
    walk.at(json, &mut prefix.to_owned(), FieldKind::Free);
    walk.redactions
}

struct Walk<'w> {
    exhibit: &'w str,
    redactor: &'w mut Redactor,
    redactions: Vec<Redaction>,
}

impl Walk<'_> {
    fn at(&mut self, json: &mut Value, pointer: &mut String, kind: FieldKind) {
        match json {
            Value::String(text) if is_digest(text) => {}
            Value::String(text) => *text = self.text(text, pointer, kind),
            // A measure has figures behind its point, and is nobody's number.
            Value::Number(number) if kind == FieldKind::Free && number.as_f64().is_some_and(|n| n.fract() != 0.0) => {}
            Value::Number(number) => {
                let text = number.to_string();
                let done = self.text(&text, pointer, kind);
                if done != text {
                    *json = Value::String(done);
                }
            }
            Value::Array(items) => {
                for (n, item) in items.iter_mut().enumerate() {
                    let len = pointer.len();
                    pointer.push_str(&format!("/{n}"));
                    self.at(item, pointer, kind);
                    pointer.truncate(len);
                }
            }
            Value::Object(map) => {
                for (name, mut item) in std::mem::take(map) {
                    let own = field_kind(&name);
                    let name = self.text(&name, pointer, FieldKind::Free);
                    let len = pointer.len();
                    pointer.push('/');
                    pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
                    // What stands inside a person's field is that person's, unless its name says otherwise.
                    self.at(&mut item, pointer, if own == FieldKind::Free { kind } else { own });
                    pointer.truncate(len);
                    map.insert(name, item);
                }
            }
            Value::Null | Value::Bool(_) => {}
        }
    }

    fn text(&mut self, text: &str, pointer: &str, kind: FieldKind) -> String {
        let done = value(self.redactor, kind, text, Source { exhibit: self.exhibit, field: pointer });
        self.redactions.extend(done.redactions);
        done.text
    }
}

/// Digests and fingerprints, in hexadecimal, by which a third person compares: their figures are nobody's number.
pub(in crate::assemble) fn is_digest(text: &str) -> bool {
    let text = text.rsplit(':').next().unwrap_or_default();
    matches!(text.len(), 32 | 40 | 64 | 128)
        && text.bytes().all(|byte| byte.is_ascii_hexdigit())
        && text.bytes().any(|byte| byte.is_ascii_alphabetic())
}
