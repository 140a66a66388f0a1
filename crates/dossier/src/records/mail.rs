//! E-mails as `.eml` files: who wrote when to whom, the subject and the text.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use encoding_rs::Encoding;

use super::error::{About, RecordError};
use super::rows::Maker;
use super::{Place, Row, When, encoding};

/// Parts within parts, and parts of one mail; real ones have fewer.
const DEEPEST: usize = 8;
const MOST_PARTS: usize = 200;

/// Transfer encodings in the wild leave out padding and have blanks in them.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

pub(super) fn read(bytes: &[u8], maker: &mut Maker<'_>) -> Result<(), RecordError> {
    let mail = Part::new(bytes);
    let place = |line| Place { exhibit: maker.exhibit, line, sheet: String::new() };
    let Some((line, written)) = mail.header("date") else {
        return Err(RecordError::Form { format: "e-mail", detail: "it has no Date".to_owned() });
    };
    let place = place(line);
    let from = mail.header("from").map(|(_, text)| words(&text)).unwrap_or_default();
    let subject = mail.header("subject").map(|(_, text)| words(&text)).unwrap_or_default();
    let mut found = Found::default();
    found.part(&mail, 0);
    for name in found.attachments {
        maker.note(&place, About::Attachment { name });
    }
    let Some(when) = When::read(&written) else {
        maker.note(&place, About::NoTime { written });
        return Ok(());
    };
    let body = if found.plain.is_empty() { found.html } else { found.plain };
    let text = [subject.trim(), body.trim()].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n");
    let who = maker.who(&place, "", &from);
    maker.rows.push((place, Row::Message { when, who, sender: from, text, order: None }));
    Ok(())
}

/// A mail or one of its parts.
struct Part<'a> {
    /// The line of each header, its name in small letters, and its unfolded value.
    headers: Vec<(u64, String, String)>,
    body: &'a [u8],
}

impl<'a> Part<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        let mut headers: Vec<(u64, String, String)> = Vec::new();
        let (mut at, mut number) = (0, 0);
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            number += 1;
            at += line.len();
            let text = encoding::decode(line).0;
            let text = text.trim_end_matches(['\r', '\n']);
            if text.is_empty() {
                break;
            }
            if text.starts_with([' ', '\t']) {
                if let Some((_, _, value)) = headers.last_mut() {
                    value.push(' ');
                    value.push_str(text.trim());
                }
            } else if let Some((name, value)) = text.split_once(':') {
                headers.push((number, name.trim().to_lowercase(), value.trim().to_owned()));
            }
        }
        Self { headers, body: &bytes[at..] }
    }

    fn header(&self, name: &str) -> Option<(u64, String)> {
        self.headers.iter().find(|(_, known, _)| known == name).map(|(line, _, value)| (*line, value.clone()))
    }

    fn value(&self, name: &str) -> String {
        self.header(name).map(|(_, value)| value).unwrap_or_default()
    }

    fn decoded(&self) -> Vec<u8> {
        match self.value("content-transfer-encoding").to_lowercase().trim() {
            "base64" => base64(self.body),
            "quoted-printable" => quoted(self.body, false),
            _ => self.body.to_vec(),
        }
    }

    fn text(&self) -> String {
        let bytes = self.decoded();
        match parameter(&self.value("content-type"), "charset").and_then(|label| charset(&label)) {
            Some(charset) => charset.decode_without_bom_handling(&bytes).0.into_owned(),
            None => encoding::decode(&bytes).0,
        }
    }
}

/// What the parts of a mail hold.
#[derive(Default)]
struct Found {
    plain: String,
    html: String,
    attachments: Vec<String>,
    parts: usize,
}

impl Found {
    fn part(&mut self, part: &Part<'_>, depth: usize) {
        self.parts += 1;
        if depth > DEEPEST || self.parts > MOST_PARTS {
            return;
        }
        let kind = part.value("content-type");
        let (disposition, lower) = (part.value("content-disposition"), kind.to_lowercase());
        let name = parameter(&disposition, "filename").or_else(|| parameter(&kind, "name"));
        if let Some(boundary) = parameter(&kind, "boundary").filter(|_| lower.starts_with("multipart/")) {
            for inner in split(part.body, boundary.as_bytes()) {
                self.part(&Part::new(inner), depth + 1);
            }
        } else if disposition.to_lowercase().starts_with("attachment") || name.is_some() {
            self.attachments.push(words(&name.unwrap_or_else(|| "?".to_owned())));
        } else if lower.is_empty() || lower.starts_with("text/plain") {
            self.plain.push_str(&part.text());
        } else if lower.starts_with("text/html") {
            self.html.push_str(&without_tags(&part.text()));
        }
    }
}

/// The parts between lines of `--boundary`.
fn split<'a>(body: &'a [u8], boundary: &[u8]) -> Vec<&'a [u8]> {
    let (mut parts, mut begin, mut at) = (Vec::new(), None, 0);
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        let next = at + line.len();
        if let Some(rest) = line.strip_prefix(b"--").and_then(|rest| rest.strip_prefix(boundary)) {
            if let Some(begin) = begin.take() {
                parts.push(&body[begin..at]);
            }
            if rest.starts_with(b"--") {
                return parts;
            }
            begin = Some(next);
        }
        at = next;
        if parts.len() > MOST_PARTS {
            break;
        }
    }
    parts.extend(begin.map(|begin| &body[begin..]));
    parts
}

/// `charset="gbk"` of a header's value.
fn parameter(value: &str, name: &str) -> Option<String> {
    value.split(';').skip(1).find_map(|part| {
        let (key, value) = part.split_once('=')?;
        let value = value.trim().trim_matches('"');
        key.trim().eq_ignore_ascii_case(name).then(|| value.to_owned()).filter(|value| !value.is_empty())
    })
}

fn charset(label: &str) -> Option<&'static Encoding> {
    Encoding::for_label(label.trim().as_bytes())
}

/// `=?gbk?B?…?=` and `=?utf-8?Q?…?=` of RFC 2047.
fn words(value: &str) -> String {
    let (mut out, mut rest, mut after_word) = (String::new(), value, false);
    while let Some(at) = rest.find("=?") {
        let (before, word) = rest.split_at(at);
        // Blanks between two encoded words are no text.
        if !(after_word && before.trim().is_empty()) {
            out.push_str(before);
        }
        match word_at(word) {
            Some((text, end)) => {
                out.push_str(&text);
                rest = &word[end..];
                after_word = true;
            }
            None => {
                out.push_str("=?");
                rest = &word[2..];
                after_word = false;
            }
        }
    }
    out.push_str(rest);
    out.trim().chars().filter(|c| !c.is_control()).collect()
}

fn word_at(word: &str) -> Option<(String, usize)> {
    let mut parts = word[2..].splitn(3, '?');
    let (label, how, rest) = (parts.next()?, parts.next()?, parts.next()?);
    let end = rest.find("?=")?;
    let bytes = match how {
        "B" | "b" => base64(&rest.as_bytes()[..end]),
        "Q" | "q" => quoted(&rest.as_bytes()[..end], true),
        _ => return None,
    };
    let label = label.split('*').next().unwrap_or(label);
    let text = charset(label)?.decode_without_bom_handling(&bytes).0.into_owned();
    Some((text, 2 + label.len() + (word[2..].len() - rest.len() - label.len()) + end + 2))
}

fn base64(bytes: &[u8]) -> Vec<u8> {
    let clean: Vec<u8> =
        bytes.iter().copied().filter(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/')).collect();
    // One letter too many says nothing.
    let whole = if clean.len() % 4 == 1 { &clean[..clean.len() - 1] } else { &clean[..] };
    LENIENT.decode(whole).unwrap_or_default()
}

fn quoted(bytes: &[u8], word: bool) -> Vec<u8> {
    let digit = |byte: Option<&u8>| byte.and_then(|byte| (*byte as char).to_digit(16));
    let (mut out, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'_' if word => out.push(b' '),
            b'=' => {
                if let (Some(high), Some(low)) = (digit(bytes.get(at + 1)), digit(bytes.get(at + 2))) {
                    out.push((high * 16 + low) as u8);
                    at += 2;
                } else {
                    // A line that goes on.
                    let rest = &bytes[at + 1..];
                    let blanks = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r')).count();
                    match rest.get(blanks) {
                        Some(b'\n') => at += blanks + 1,
                        _ => out.push(b'='),
                    }
                }
            }
            byte => out.push(byte),
        }
        at += 1;
    }
    out
}

/// The text of a page of a mail, for reading only.
fn without_tags(html: &str) -> String {
    let (mut out, mut rest) = (String::new(), html);
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        let tag = &rest[at..];
        let lower: String = tag.chars().take(8).collect::<String>().to_ascii_lowercase();
        let end = if lower.starts_with("<style") || lower.starts_with("<script") {
            let close = if lower.starts_with("<style") { "</style>" } else { "</script>" };
            tag.to_ascii_lowercase().find(close).map_or(tag.len(), |end| end + close.len())
        } else {
            tag.find('>').map_or(tag.len(), |end| end + 1)
        };
        if ["<br", "<p", "</p", "<div", "</div", "<tr", "</tr", "<li"].iter().any(|name| lower.starts_with(name)) {
            out.push('\n');
        }
        rest = &tag[end..];
    }
    out.push_str(rest);
    for (name, c) in [("&nbsp;", " "), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")] {
        out = out.replace(name, c);
    }
    let lines = out.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n")
}
