//! How an exhibit can be read to be redacted, told from its bytes before its name.

use std::collections::HashSet;
use std::path::Path;

use huoyan_model::Localized;

use super::{decode, html, mail, once, table, workbook};
use crate::assemble::{AssembleError, originals};
use crate::case::Exhibit;

/// Longer texts are not redacted in memory; they are treated as files that cannot be redacted.
const MOST_TEXT: u64 = 24 * 1024 * 1024;
/// Longer pictures are no screenshots.
const MOST_PICTURE: u64 = 64 * 1024 * 1024;

/// An exhibit as far as it can be redacted.
pub(in crate::assemble) enum Readable {
    /// Sheets of a workbook or the one table of a file, by name.
    Tables(Vec<(String, Vec<Vec<String>>)>),
    /// One JSON value, or one of each line, and the text that they were read from.
    Json(Vec<serde_json::Value>, String),
    /// Plain text.
    Text(String),
    /// What can be told as plain text only.
    Transcript(Transcript),
    /// A picture whose metadata can be taken off.
    Picture,
    /// What cannot be redacted here.
    Opaque,
    /// What could be read but not be told as it is, and why.
    Unfit(Localized),
}

/// A file told as plain text.
pub(in crate::assemble) struct Transcript {
    pub text: String,
    /// What of the file the text does not tell.
    pub left_out: Vec<Localized>,
}

enum Form {
    Table,
    Workbook,
    Json,
    JsonLines,
    Mail,
    Html,
    Text,
    Picture,
    Opaque,
}

pub(super) fn extension(exhibit: &Exhibit) -> String {
    let name = exhibit.file.rsplit('/').next().unwrap_or_default();
    name.rfind('.').map_or(String::new(), |dot| name[dot + 1..].to_lowercase())
}

fn form(exhibit: &Exhibit, folder: &Path) -> Result<Form, AssembleError> {
    let head = originals::head(exhibit, folder, 8192)?;
    let extension = extension(exhibit);
    let picture = matches!(&head[..], [0xFF, 0xD8, ..] | [0x89, b'P', b'N', b'G', ..])
        || head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP");
    if picture {
        return Ok(if exhibit.bytes <= MOST_PICTURE { Form::Picture } else { Form::Opaque });
    }
    let office = head.starts_with(b"PK\x03\x04") || head.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]);
    if exhibit.bytes > MOST_TEXT {
        return Ok(Form::Opaque);
    }
    if office {
        let workbook = matches!(extension.as_str(), "xlsx" | "xlsm" | "xls" | "xlsb" | "ods");
        return Ok(if workbook { Form::Workbook } else { Form::Opaque });
    }
    if head.starts_with(b"%PDF") || !decode::looks_like_text(&head) {
        return Ok(Form::Opaque);
    }
    Ok(match extension.as_str() {
        "csv" | "tsv" | "tab" => Form::Table,
        "json" => Form::Json,
        "jsonl" | "ndjson" => Form::JsonLines,
        "eml" => Form::Mail,
        "html" | "htm" | "mht" | "xml" | "svg" => Form::Html,
        _ => Form::Text,
    })
}

/// An exhibit as it can be read, before anything is replaced.
pub(in crate::assemble) fn readable(exhibit: &Exhibit, folder: &Path) -> Result<Readable, AssembleError> {
    let form = form(exhibit, folder)?;
    if matches!(form, Form::Picture) {
        return Ok(Readable::Picture);
    }
    if matches!(form, Form::Opaque) {
        return Ok(Readable::Opaque);
    }
    let bytes = originals::read(exhibit, folder)?;
    if matches!(form, Form::Workbook) {
        return Ok(workbook::readable(bytes));
    }
    if matches!(form, Form::Mail) {
        return Ok(mail::transcript(&bytes).map_or(Readable::Opaque, transcript));
    }
    let Some(text) = decode::text(&bytes) else { return Ok(Readable::Opaque) };
    let lines = |text: &str| text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect();
    Ok(match form {
        Form::Table => Readable::Tables(vec![(String::new(), table::rows(&text))]),
        Form::Html => transcript(html::transcript(&text)),
        Form::Json => json(vec![text.clone()], text),
        Form::JsonLines => json(lines(&text), text),
        _ => Readable::Text(text),
    })
}

/// A page without a word is shown by its pictures or by what a transcript leaves out.
fn transcript(told: Transcript) -> Readable {
    if told.text.trim().is_empty() { Readable::Opaque } else { Readable::Transcript(told) }
}

/// JSON pieces, if a copy of what is read of them is one of what is written: a field that stands twice would be read once, and a number too long for a
/// number would be another. What is no JSON is a text, unless escapes hide what it says.
fn json(pieces: Vec<String>, text: String) -> Readable {
    let mut values = Vec::new();
    for piece in pieces {
        match (once::value(&piece), serde_json::from_str::<serde::de::IgnoredAny>(&piece)) {
            (Ok(value), _) => values.push(value),
            (Err(_), Err(_)) if !text.contains("\\u") => return Readable::Text(text),
            _ => return Readable::Opaque,
        }
    }
    if same_numbers(&values, &text) { Readable::Json(values, text) } else { Readable::Opaque }
}

/// A number as written, without zeros at the end of its fraction.
fn plain(written: &str) -> &str {
    if written.contains('.') { written.trim_end_matches('0').trim_end_matches('.') } else { written }
}

/// Whether every number with a fraction, and every one too long for a whole number, is written in the text as it would be written again.
fn same_numbers(values: &[serde_json::Value], text: &str) -> bool {
    let tokens = text.split(|c: char| !matches!(c, '0'..='9' | '.' | '-' | '+' | 'e' | 'E'));
    let written: HashSet<&str> = tokens.map(plain).collect();
    let mut left: Vec<&serde_json::Value> = values.iter().collect();
    while let Some(value) = left.pop() {
        match value {
            serde_json::Value::Number(number) if number.is_f64() && !written.contains(plain(&number.to_string())) => {
                return false;
            }
            serde_json::Value::Array(items) => left.extend(items),
            serde_json::Value::Object(fields) => left.extend(fields.values()),
            _ => {}
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::same_numbers;

    #[test]
    fn an_order_number_too_long_for_a_number_is_not_rounded_into_a_copy() {
        let same = |text: &str| same_numbers(&[serde_json::from_str(text).unwrap()], text);
        assert!(same(r#"{"order": 6912345678901234567, "paid": [59.90, -1, 12.5]}"#));
        assert!(!same(r#"[{"order": 269123456789012345671}]"#));
    }
}
