//! A draft of the mail that carries the bundle: an `.eml` file that mail programs open as something to look at and send.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{BundleError, Sha256};

/// Bytes of a line of base64 before and after: 57 give 76 and a line break.
const RAW_LINE: usize = 57;

/// A mail to be looked at and sent by a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Whom it is for; may be empty, to be filled in.
    pub to: String,
    /// The shop's id, for the subject.
    pub shop_id: String,
    /// The reason of the appeal, for the subject.
    pub reason: String,
    /// RFC 2822 date, from the clock given to the tool.
    pub date: String,
    /// The text.
    pub body: String,
    /// The parts to attach; their file names are the attachments' names.
    pub attachments: Vec<PathBuf>,
}

impl Draft {
    /// 【店铺ID】+【投诉事由】, as the platform asks.
    pub fn subject(&self) -> String {
        format!("【{}】+【{}】", self.shop_id, self.reason)
    }

    /// Writes the draft; attachments are read piece by piece.
    pub fn write(&self, out: &mut impl Write) -> Result<(), BundleError> {
        let io = |error: io::Error| BundleError::Io { path: "eml".to_owned(), message: crate::io_words(&error) };
        for (label, value) in
            [("To", &self.to), ("Shop-Id", &self.shop_id), ("Appeal-Reason", &self.reason), ("Date", &self.date)]
        {
            if value.chars().any(char::is_control) {
                return Err(BundleError::Info { label, value: value.clone() });
            }
        }
        let boundary = self.boundary();
        let mut head = String::from("X-Unsent: 1\r\n");
        if !self.to.is_empty() {
            head.push_str(&format!("To: {}\r\n", encoded_words(&self.to)));
        }
        head.push_str(&format!(
            "Subject: {}\r\nDate: {}\r\nMIME-Version: 1.0\r\n",
            encoded_words(&self.subject()),
            self.date
        ));
        head.push_str(&format!("Content-Type: multipart/mixed; boundary=\"{boundary}\"\r\n\r\n"));
        head.push_str(&format!("--{boundary}\r\nContent-Type: text/plain; charset=utf-8\r\n"));
        head.push_str("Content-Transfer-Encoding: base64\r\n\r\n");
        out.write_all(head.as_bytes()).map_err(io)?;
        encode(&mut self.body.replace('\n', "\r\n").as_bytes(), out).map_err(io)?;
        for path in &self.attachments {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let (plain, extended) = (ascii_name(&name), percent(&name));
            let head = format!(
                "--{boundary}\r\nContent-Type: application/zip\r\nContent-Disposition: attachment; filename=\"{plain}\";\r\n \
                 filename*=UTF-8''{extended}\r\nContent-Transfer-Encoding: base64\r\n\r\n"
            );
            out.write_all(head.as_bytes()).map_err(io)?;
            let mut file = File::open(path).map_err(BundleError::io(path))?;
            encode(&mut file, out).map_err(BundleError::io(path))?;
        }
        out.write_all(format!("--{boundary}--\r\n").as_bytes()).map_err(io)
    }

    /// Made from the content, so that a draft is the same each time. Base64 has no hyphen, so it occurs in no part.
    fn boundary(&self) -> String {
        // Names and not paths: where the files lie at the moment says nothing of the mail.
        let name = |path: &PathBuf| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let names: Vec<String> = self.attachments.iter().map(name).collect();
        let digest = Sha256::of(format!("{}\n{}\n{}", self.subject(), self.body, names.join("\n")).as_bytes());
        format!("=-part-{}", &digest.to_string()[..32])
    }
}

/// What an attachment of so many bytes takes in a mail.
pub fn encoded_bytes(raw: u64) -> u64 {
    let (lines, rest) = (raw / RAW_LINE as u64, raw % RAW_LINE as u64);
    lines * 78 + if rest == 0 { 0 } else { rest.div_ceil(3) * 4 + 2 }
}

fn encode(reader: &mut impl Read, out: &mut impl Write) -> io::Result<()> {
    let mut chunk = vec![0; RAW_LINE * 1024];
    loop {
        let mut filled = 0;
        while filled < chunk.len() {
            match reader.read(&mut chunk[filled..])? {
                0 => break,
                read => filled += read,
            }
        }
        if filled == 0 {
            return Ok(());
        }
        let mut text = String::with_capacity(filled / RAW_LINE * 78 + 80);
        for line in chunk[..filled].chunks(RAW_LINE) {
            STANDARD.encode_string(line, &mut text);
            text.push_str("\r\n");
        }
        out.write_all(text.as_bytes())?;
    }
}

/// RFC 2047: words of at most 75 characters, each of whole characters.
fn encoded_words(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    let mut words = vec![String::new()];
    for c in text.chars() {
        if words.last().is_some_and(|word| word.len() + c.len_utf8() > 42) {
            words.push(String::new());
        }
        words.last_mut().expect("invariant: there is always one").push(c);
    }
    let words: Vec<String> = words.iter().map(|word| format!("=?utf-8?B?{}?=", STANDARD.encode(word))).collect();
    words.join("\r\n ")
}

fn ascii_name(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_graphic() && !matches!(c, '"' | '\\') { c } else { '_' }).collect()
}

fn percent(name: &str) -> String {
    let keep = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    name.bytes().map(|byte| if keep(byte) { (byte as char).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(attachments: Vec<PathBuf>) -> Draft {
        Draft {
            to: "appeal@example.com".to_owned(),
            shop_id: "12345678".to_owned(),
            reason: "恶意差评申诉：同一买家多次勒索退款且保留商品".to_owned(),
            date: "Sun, 22 Nov 2026 10:00:00 +0800".to_owned(),
            body: "您好：\n附件为申诉证据。\n".to_owned(),
            attachments,
        }
    }

    #[test]
    fn the_subject_reads_as_the_platform_asks() {
        let mut out = Vec::new();
        draft(Vec::new()).write(&mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.lines().all(|line| line.len() <= 998 && line.is_ascii()));
        assert!(text.starts_with("X-Unsent: 1\r\n"));
        let subject = text.split("Subject: ").nth(1).unwrap().split("\r\nDate").next().unwrap();
        let decoded: Vec<u8> = subject
            .split("\r\n ")
            .flat_map(|word| {
                assert!(word.len() <= 75, "{word}");
                STANDARD.decode(word.strip_prefix("=?utf-8?B?").unwrap().strip_suffix("?=").unwrap()).unwrap()
            })
            .collect();
        assert_eq!(String::from_utf8(decoded).unwrap(), draft(Vec::new()).subject());
        assert!(draft(Vec::new()).subject().starts_with("【12345678】+【恶意差评申诉"));
    }

    #[test]
    fn an_attachment_takes_what_was_foretold() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("案件1.zip");
        let size = |bytes: usize| {
            std::fs::write(&path, vec![9; bytes]).unwrap();
            let mut out = Vec::new();
            draft(vec![path.clone()]).write(&mut out).unwrap();
            out.len() as u64
        };
        let empty = size(0);
        for bytes in [1, 2, 3, 56, 57, 58, 114, 57 * 1024, 57 * 1024 + 1, 200_000] {
            assert_eq!(size(bytes) - empty, encoded_bytes(bytes as u64), "{bytes}");
        }
    }

    #[test]
    fn a_header_cannot_be_smuggled_in() {
        let mut bad = draft(Vec::new());
        bad.shop_id = "1\r\nBcc: x@example.com".to_owned();
        assert!(bad.write(&mut Vec::new()).is_err());
    }
}
