//! Rows that could not be used: where they stood, why, and what they were.
//!
//! A bad row never ends a run and is never dropped: it is counted, and written to `quarantine.jsonl` with its bytes, so
//! that somebody can mend it and scan it again.

use std::io::{self, Write};

use base64::Engine as _;
use huoyan_model::{Localized, Source};
use serde::Serialize;

/// So many bytes of a bad row are kept.
pub const RAW_LIMIT: usize = 64 << 10;

/// Why a row could not be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BadReason {
    /// The row is no JSON object.
    Json {
        /// The byte in the row where reading stopped.
        at: u64,
        /// What should have stood there.
        expected: &'static str,
    },
    /// Bytes that the encoding of the file does not have.
    Encoding {
        /// The encoding that the file is in.
        encoding: String,
    },
    /// The row is longer than the limit.
    TooLong {
        /// The limit in bytes.
        limit: u64,
    },
    /// A quoted cell or an object that nothing closes.
    Unclosed,
    /// The input broke off: a truncated archive, a failing disk, a limit on unpacked bytes.
    Unreadable {
        /// What the system or the unpacker said.
        message: String,
    },
    /// A row without any field that a record of its kind has.
    NoField,
}

impl BadReason {
    /// A short, stable name for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Json { .. } => "json",
            Self::Encoding { .. } => "encoding",
            Self::TooLong { .. } => "too-long",
            Self::Unclosed => "unclosed",
            Self::Unreadable { .. } => "unreadable",
            Self::NoField => "no-field",
        }
    }

    /// The reason for a person.
    pub fn text(&self) -> Localized {
        let (zh, en) = match self {
            Self::Json { at, expected } => (
                format!("不是有效的 JSON 对象：第 {at} 字节处应为 {expected}"),
                format!("not a valid JSON object: expected {expected} at byte {at}"),
            ),
            Self::Encoding { encoding } => {
                (format!("含有不属于 {encoding} 编码的字节"), format!("has bytes that are not {encoding}"))
            }
            Self::TooLong { limit } => {
                (format!("行长度超过上限 {limit} 字节"), format!("longer than the limit of {limit} bytes"))
            }
            Self::Unclosed => ("引号或括号未闭合".to_owned(), "a quote or bracket is never closed".to_owned()),
            Self::Unreadable { message } => {
                (format!("输入在此中断：{message}"), format!("the input breaks off here: {message}"))
            }
            Self::NoField => {
                ("没有任何可识别的字段".to_owned(), "has none of the fields that a record of this kind has".to_owned())
            }
        };
        Localized { zh, en }
    }
}

/// A bad row before anybody knows the name of its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RawRow {
    pub line: u64,
    pub reason: BadReason,
    pub raw: Vec<u8>,
    pub raw_len: u64,
}

impl RawRow {
    pub fn new(line: u64, reason: BadReason, raw: &[u8]) -> Self {
        Self { line, reason, raw: raw[..raw.len().min(RAW_LIMIT)].to_vec(), raw_len: raw.len() as u64 }
    }

    /// Adds the next bytes of the row.
    pub fn extend(&mut self, more: &[u8]) {
        let room = RAW_LIMIT - self.raw.len();
        self.raw.extend_from_slice(&more[..more.len().min(room)]);
        self.raw_len += more.len() as u64;
    }
}

/// A row that could not be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadRow {
    /// Where it stood.
    pub source: Source,
    /// Why it could not be used.
    pub reason: BadReason,
    /// Its bytes, at most [`RAW_LIMIT`] of them.
    pub raw: Vec<u8>,
    /// How many bytes it had.
    pub raw_len: u64,
}

#[derive(Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    source: &'a Source,
    code: &'static str,
    reason: Localized,
    #[serde(skip_serializing_if = "Option::is_none")]
    raw: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    raw_base64: Option<String>,
    raw_bytes: u64,
}

/// Writes bad rows as JSON lines: `file`, `sheet`, `line`, `code`, `reason` in both languages, `raw_bytes`, and the bytes
/// as `raw` when they are UTF-8, else as `raw_base64`.
///
/// # Errors
/// What the writer says.
pub fn write(out: &mut impl Write, rows: &[BadRow]) -> io::Result<()> {
    for row in rows {
        let raw = std::str::from_utf8(&row.raw).ok();
        let raw_base64 = raw.is_none().then(|| base64::engine::general_purpose::STANDARD.encode(&row.raw));
        let line = Line {
            source: &row.source,
            code: row.reason.code(),
            reason: row.reason.text(),
            raw,
            raw_base64,
            raw_bytes: row.raw_len,
        };
        serde_json::to_writer(&mut *out, &line)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_text_are_written_in_base64() {
        let row = |raw: &[u8]| BadRow {
            source: Source { file: "a.csv".to_owned(), sheet: None, line: 7 },
            reason: BadReason::Encoding { encoding: "UTF-8".to_owned() },
            raw: raw.to_vec(),
            raw_len: raw.len() as u64,
        };
        let mut out = Vec::new();
        write(&mut out, &[row(b"ok"), row(b"\xff")]).unwrap();
        let text = String::from_utf8(out).unwrap();
        let lines: Vec<serde_json::Value> = text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        assert_eq!(lines[0]["raw"], "ok");
        assert_eq!(lines[0]["line"], 7);
        assert_eq!(lines[1]["raw_base64"], "/w==");
        assert_eq!(lines[1]["code"], "encoding");
    }
}
