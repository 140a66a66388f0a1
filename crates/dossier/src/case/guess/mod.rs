//! What a file is, from its name and its first bytes.

mod jpeg;
mod pdf;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

pub(super) use self::pdf::pages;
use super::ExhibitKind;
use crate::records;

/// What a file seems to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guess {
    /// What it shows, from the words of its name, else from its media type.
    pub kind: ExhibitKind,
    /// Its media type, from its first bytes, else from the end of its name.
    pub media_type: &'static str,
    /// Pages; 0 when not known.
    pub length: u32,
    /// What the file tells of itself, such as `exif_time`.
    pub facts: BTreeMap<String, String>,
}

/// Looks at a file's name and its first bytes (64 KiB are enough).
pub fn guess(name: &str, head: &[u8]) -> Guess {
    let media_type = media_type(name, head);
    let named = kind(name, media_type);
    // A table or a chat says by its columns what its name does not.
    let kind = if named == ExhibitKind::Document { records::kind_of(media_type, head).unwrap_or(named) } else { named };
    let facts = if media_type == "image/jpeg" { jpeg::facts(head) } else { BTreeMap::new() };
    Guess { kind, media_type, length: 0, facts }
}

fn media_type(name: &str, head: &[u8]) -> &'static str {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
    if head.starts_with(b"%PDF-") {
        return "application/pdf";
    }
    if head.starts_with(b"\xff\xd8\xff") {
        return "image/jpeg";
    }
    if head.starts_with(b"\x89PNG\r\n\x1a\n") {
        return "image/png";
    }
    if head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP") {
        return "image/webp";
    }
    if head.starts_with(b"GIF8") {
        return "image/gif";
    }
    if head.get(4..8) == Some(b"ftyp") {
        return if head.get(8..10) == Some(b"qt") { "video/quicktime" } else { "video/mp4" };
    }
    if head.starts_with(b"PK\x03\x04") {
        return match ending.as_str() {
            "xlsx" | "xlsm" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "wacz" => "application/wacz",
            _ => "application/zip",
        };
    }
    if head.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return if ending == "xls" { "application/vnd.ms-excel" } else { "application/x-ole-storage" };
    }
    match ending.as_str() {
        "csv" | "tsv" => return "text/csv",
        "jsonl" | "ndjson" => return "application/x-ndjson",
        "json" => return "application/json",
        "eml" => return "message/rfc822",
        "html" | "htm" => return "text/html",
        _ => {}
    }
    let text = String::from_utf8_lossy(head);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let lower: String = text.chars().take(4_096).collect::<String>().to_ascii_lowercase();
    if lower.starts_with("<!doctype html") || lower.starts_with("<html") {
        "text/html"
    } else if text.starts_with('[')
        && lower.trim_end().ends_with([']', '}', ','])
        && text[1..].trim_start().starts_with('{')
    {
        "application/json"
    } else if text.starts_with('{') {
        if text.lines().nth(1).is_some_and(|line| line.starts_with('{')) {
            "application/x-ndjson"
        } else {
            "application/json"
        }
    } else if ["from:", "received:", "return-path:", "delivered-to:", "mime-version:", "message-id:"]
        .iter()
        .any(|field| lower.starts_with(field))
    {
        "message/rfc822"
    } else if matches!(ending.as_str(), "txt" | "md" | "log")
        || !head.is_empty() && !head.contains(&0) && !text.contains('\u{fffd}')
    {
        "text/plain"
    } else if let "wav" | "mp3" | "m4a" | "amr" = ending.as_str() {
        "audio/mpeg"
    } else {
        "application/octet-stream"
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct KindFile {
    #[serde(rename = "pack")]
    _pack: Head,
    kind: Vec<KindWords>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    #[serde(rename = "name")]
    _name: String,
    #[serde(rename = "as_of")]
    _as_of: String,
    #[serde(rename = "source")]
    _source: String,
    #[serde(rename = "confidence")]
    _confidence: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct KindWords {
    kind: ExhibitKind,
    words: Vec<String>,
}

fn words() -> &'static [KindWords] {
    static WORDS: OnceLock<Vec<KindWords>> = OnceLock::new();
    WORDS.get_or_init(|| {
        let file: KindFile = toml::from_str(include_str!("../../../data/records/kinds.toml"))
            .expect("invariant: the words that ship are read by the tests");
        file.kind
    })
}

fn kind(name: &str, media_type: &str) -> ExhibitKind {
    let name = name.to_lowercase();
    let named = words().iter().find(|entry| entry.words.iter().any(|word| name.contains(word.as_str())));
    match named {
        Some(entry) => entry.kind,
        None if media_type == "message/rfc822" => ExhibitKind::Mail,
        None if media_type.starts_with("image/") => ExhibitKind::Picture,
        None if media_type.starts_with("video/") => ExhibitKind::Video,
        None => ExhibitKind::Document,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_its_first_bytes_before_its_name() {
        for (name, head, media_type, kind) in [
            ("订单.csv", "订单号,x".as_bytes(), "text/csv", ExhibitKind::Order),
            ("a.csv", b"%PDF-1.7", "application/pdf", ExhibitKind::Document),
            ("IMG_1.jpg", b"\xff\xd8\xff\xe0", "image/jpeg", ExhibitKind::Picture),
            ("差评截图.png", b"\x89PNG\r\n\x1a\n", "image/png", ExhibitKind::Review),
            ("x.webp", b"RIFF\0\0\0\0WEBPVP8 ", "image/webp", ExhibitKind::Picture),
            ("x.mp4", b"\0\0\0\x18ftypmp42", "video/mp4", ExhibitKind::Video),
            (
                "聊天记录.xlsx",
                b"PK\x03\x04",
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                ExhibitKind::Chat,
            ),
            ("x.eml", b"Received: by x\r\n", "message/rfc822", ExhibitKind::Mail),
            ("noname", b"From: a@b\nDate: x\n", "message/rfc822", ExhibitKind::Mail),
            ("noname", b"<!DOCTYPE html>", "text/html", ExhibitKind::Document),
            ("物流轨迹.json", b"[{}]", "application/json", ExhibitKind::Logistics),
            ("noname", b"{\"a\":1}\n{\"a\":2}\n", "application/x-ndjson", ExhibitKind::Document),
            ("noname", b"\0\x01\x02", "application/octet-stream", ExhibitKind::Document),
        ] {
            let guess = guess(name, head);
            assert_eq!((guess.media_type, guess.kind), (media_type, kind), "{name}");
        }
    }

    #[test]
    fn a_table_without_a_telling_name_is_known_by_its_columns() {
        let orders = "订单编号,下单时间,支付时间,实付金额\n1,2026-11-05 10:00,2026-11-05 10:01,9.9\n";
        assert_eq!(guess("export1.csv", orders.as_bytes()).kind, ExhibitKind::Order);
        let chat = "[2026-11-05 10:20:33] 小红: 在吗\n[2026-11-05 10:21:00] 客服: 在\n";
        assert_eq!(guess("新建文本文档.txt", chat.as_bytes()).kind, ExhibitKind::Chat);
        assert_eq!(guess("note.txt", "明天去仓库".as_bytes()).kind, ExhibitKind::Document);
    }
}
