//! JSON, redacted value by value under the names of its fields.

use serde_json::Value;

use super::{FieldKind, Redaction, Redactor, Source, field_kind};

impl Redactor {
    /// Redacts every text and number of a JSON value in place, keys included. Fields are told by pointers behind the source's field, which tells
    /// the line.
    pub fn json(&mut self, json: &mut Value, source: Source<'_>) -> Vec<Redaction> {
        let mut walk = Walk { exhibit: source.exhibit, redactor: self, redactions: Vec::new() };
        walk.at(json, &mut source.field.to_owned(), FieldKind::Free);
        walk.redactions
    }
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
                    let mut name = self.text(&name, pointer, FieldKind::Free);
                    // Two names may be two writings of one value; both fields stay.
                    while map.contains_key(&name) {
                        name.push('+');
                    }
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
        let done = self.redactor.value(kind, text, Source { exhibit: self.exhibit, field: pointer });
        self.redactions.extend(done.redactions);
        done.text
    }
}

/// Digests and fingerprints, in hexadecimal, by which a third person compares: their figures are nobody's number. The whole text must be one, at most
/// behind the name of what made it and the version of what it is of: `0.4.1 blake3:9e10…`.
pub(crate) fn is_digest(text: &str) -> bool {
    let named = text.rsplit_once(' ').map_or(Some(text), |(version, named)| is_version(version).then_some(named));
    let Some(named) = named else { return false };
    let digest = named.split_once(':').map_or(Some(named), |(made, digest)| MADE_BY.contains(&made).then_some(digest));
    digest.is_some_and(|digest| {
        matches!(digest.len(), 32 | 40 | 64 | 128)
            && digest.bytes().all(|byte| byte.is_ascii_hexdigit())
            && digest.bytes().any(|byte| byte.is_ascii_alphabetic())
    })
}

const MADE_BY: [&str; 8] = ["sha256", "sha-256", "sha512", "sha1", "md5", "blake3", "pdq", "fingerprint"];

/// A version has few figures between its points, fewer than any number that is somebody's.
fn is_version(text: &str) -> bool {
    let few = |part: &str| (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    text.split('.').count() <= 3 && text.split('.').all(few)
}

#[cfg(test)]
mod tests {
    use super::is_digest;

    #[test]
    fn a_digest_is_one_from_end_to_end() {
        let digest = "9e107d9d372bb6826bd81d3542a419d6";
        assert!(is_digest(digest) && is_digest(&format!("blake3:{digest}{digest}")));
        assert!(is_digest(&format!("0.12.1 blake3:{digest}{digest}")));
        for before in ["用户 13987654321 token:", "13987654321:", "13987654321 md5:", "139.876.543.21 md5:", "token:"]
        {
            assert!(!is_digest(&format!("{before}{digest}")), "{before}");
        }
        assert!(!is_digest("13812345678138123456781381234567"), "figures alone");
    }
}
