//! E-mails (`.eml`): their headers and texts in plain words, and the names of what was attached.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use encoding_rs::{Encoding, UTF_8};

use huoyan_model::Localized;

use super::readable::Transcript;
use super::{decode, html};

/// Headers that a reader needs; the others tell routes and devices.
const SHOWN: [&str; 5] = ["from", "to", "cc", "subject", "date"];
/// Parts inside of parts.
const DEEPEST: usize = 8;

/// The mail as a text, or nothing where it is none or its parts cannot be told apart.
pub(super) fn transcript(bytes: &[u8]) -> Option<Transcript> {
    let (headers, body) = split(bytes);
    if !headers.iter().any(|(name, _)| name == "from" || name == "date") {
        return None;
    }
    let mut told = Told::default();
    for shown in SHOWN {
        for (name, value) in headers.iter().filter(|(name, _)| name == shown) {
            told.text.push_str(&format!("{name}: {}\n", words(value)));
        }
    }
    told.text.push('\n');
    part(&headers, body, 0, &mut told)?;
    let mut left_out = vec![("其余邮件头", "its other headers").into(), ("格式", "formats").into()];
    if told.attached > 0 {
        let count = told.attached;
        left_out.push(Localized::new(format!("{count} 个附件"), format!("{count} attachments")));
    }
    if told.between {
        left_out.push(("各分段以外的内容", "what stands outside of its parts").into());
    }
    Some(Transcript { text: told.text, left_out })
}

#[derive(Default)]
struct Told {
    text: String,
    attached: usize,
    /// Whether anything stands before the first part or after the last.
    between: bool,
}

fn part(headers: &[(String, String)], body: &[u8], depth: usize, told: &mut Told) -> Option<()> {
    let header = |name: &str| headers.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value.as_str());
    let kind = header("content-type");
    let lower = kind.to_ascii_lowercase();
    if lower.starts_with("multipart/") && depth < DEEPEST {
        let boundary = format!("--{}", parameter(kind, "boundary")?);
        for piece in pieces(body, boundary.as_bytes(), &mut told.between)? {
            let (headers, body) = split(piece);
            part(&headers, body, depth + 1, told)?;
        }
        return Some(());
    }
    let disposition = header("content-disposition");
    let name = parameter(disposition, "filename").or_else(|| parameter(kind, "name"));
    let attached = disposition.to_ascii_lowercase().starts_with("attachment") || name.is_some();
    let is_text = lower.is_empty() || lower.starts_with("text/");
    if attached || !is_text {
        let name = words(name.as_deref().unwrap_or("?"));
        told.attached += 1;
        told.text.push_str(&format!("[附件未附上 attachment left out: {name}, {} bytes encoded]\n", body.len()));
        return Some(());
    }
    let raw = match header("content-transfer-encoding").trim().to_ascii_lowercase().as_str() {
        "base64" => from_base64(body)?,
        "quoted-printable" => quoted_printable(body, false),
        _ => body.to_vec(),
    };
    let text = match parameter(kind, "charset").and_then(|label| Encoding::for_label(label.as_bytes())) {
        Some(encoding) => encoding.decode(&raw).0.into_owned(),
        None => decode::text(&raw)?,
    };
    let is_page = lower.starts_with("text/html");
    told.text.push_str(&if is_page { html::text(&text) } else { text.replace("\r\n", "\n") });
    told.text.push('\n');
    Some(())
}

/// Unfolded headers with names in lower case, and the body.
fn split(bytes: &[u8]) -> (Vec<(String, String)>, &[u8]) {
    let mut headers: Vec<(String, String)> = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let end = rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |at| at + 1);
        let line = rest[..end].trim_ascii_end();
        rest = &rest[end..];
        if line.is_empty() {
            break;
        }
        let line = decode::text(line).unwrap_or_else(|| UTF_8.decode(line).0.into_owned());
        match (line.starts_with([' ', '\t']), line.split_once(':')) {
            (true, _) => {
                if let Some((_, value)) = headers.last_mut() {
                    value.push(' ');
                    value.push_str(line.trim());
                }
            }
            (false, Some((name, value))) => headers.push((name.to_ascii_lowercase(), value.trim().to_owned())),
            (false, None) => {}
        }
    }
    (headers, rest)
}

/// The parts between the boundaries, or nothing where there is none. A mail that was cut off has no last boundary: its last part ends where it ends.
fn pieces<'b>(body: &'b [u8], boundary: &[u8], between: &mut bool) -> Option<Vec<&'b [u8]>> {
    let (mut pieces, mut from, mut at) = (Vec::new(), None, 0);
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        let end = at + line.len();
        match line.trim_ascii_end().strip_prefix(boundary) {
            Some(rest @ (b"" | b"--")) => {
                pieces.extend(from.map(|from: usize| &body[from..at]));
                from = rest.is_empty().then_some(end);
            }
            _ => *between |= from.is_none() && !line.trim_ascii().is_empty(),
        }
        at = end;
    }
    pieces.extend(from.filter(|from| *from < at).map(|from| &body[from..]));
    (!pieces.is_empty()).then_some(pieces)
}

/// A parameter of a header, quoted or not.
fn parameter(header: &str, name: &str) -> Option<String> {
    header.split(';').skip(1).find_map(|parameter| {
        let (key, value) = parameter.split_once('=')?;
        let key = key.trim().to_ascii_lowercase();
        (key == name || key == format!("{name}*")).then(|| value.trim().trim_matches('"').to_owned())
    })
}

/// RFC 2047: `=?utf-8?B?…?=`.
fn words(value: &str) -> String {
    let mut out = String::new();
    let mut rest = value;
    while let Some(at) = rest.find("=?") {
        let (before, word) = rest.split_at(at);
        let pieces: Vec<&str> = word[2..].splitn(4, '?').collect();
        let decoded = match pieces[..] {
            [charset, how, text, end] if end.starts_with('=') => {
                let bytes = match how {
                    "B" | "b" => from_base64(text.as_bytes()),
                    _ => Some(quoted_printable(text.as_bytes(), true)),
                };
                let encoding = Encoding::for_label(charset.as_bytes()).unwrap_or(UTF_8);
                bytes.map(|bytes| {
                    (encoding.decode(&bytes).0.into_owned(), 2 + charset.len() + how.len() + text.len() + 4)
                })
            }
            _ => None,
        };
        match decoded {
            Some((text, len)) => {
                // Blanks between two encoded words do not count.
                if !before.trim().is_empty() || out.is_empty() {
                    out.push_str(before);
                }
                out.push_str(&text);
                rest = &word[len..];
            }
            None => {
                out.push_str(before);
                out.push_str("=?");
                rest = &word[2..];
            }
        }
    }
    out + rest
}

fn from_base64(text: &[u8]) -> Option<Vec<u8>> {
    let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let bare: Vec<u8> = text.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    GeneralPurpose::new(&STANDARD, config).decode(bare).ok()
}

fn quoted_printable(text: &[u8], in_header: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let hex = text.get(at + 1..at + 3).and_then(|pair| std::str::from_utf8(pair).ok());
        match (text[at], hex.and_then(|pair| u8::from_str_radix(pair, 16).ok())) {
            (b'=', Some(byte)) => {
                out.push(byte);
                at += 3;
            }
            (b'=', None) if text[at..].starts_with(b"=\r\n") => at += 3,
            (b'=', None) if text[at..].starts_with(b"=\n") => at += 2,
            (b'_', _) if in_header => {
                out.push(b' ');
                at += 1;
            }
            (byte, _) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_in_parts_becomes_its_text() {
        let mail = "From: =?utf-8?B?5byg5bu65Zu9?= <a@example.com>\r\nReceived: from 10.0.0.1\r\nSubject: =?utf-8?Q?=E4=BD=A0=E5=A5=BD?=\r\n\
                    Date: Sun, 22 Nov 2026 10:00:00 +0800\r\nContent-Type: multipart/mixed;\r\n boundary=\"b\"\r\n\r\n--b\r\nContent-Type: \
                    text/plain; charset=gbk\r\nContent-Transfer-Encoding: base64\r\n\r\nxOO6ww==\r\n--b\r\nContent-Type: \
                    text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<p>a=3Db=\r\nc</p>\r\n--b\r\nContent-Type: \
                    image/png; name=x.png\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n--b--\r\n";
        let Transcript { text, left_out } = transcript(mail.as_bytes()).unwrap();
        assert_eq!(left_out.len(), 3, "the headers, the formats, the picture: {left_out:?}");
        assert!(text.starts_with("from: 张建国 <a@example.com>\nsubject: 你好\ndate: Sun, 22 Nov 2026"), "{text}");
        assert!(text.contains("\n你好\n") && text.contains("a=bc") && text.contains("x.png"), "{text}");
        assert!(!text.contains("10.0.0.1"));
    }

    #[test]
    fn a_mail_that_was_cut_off_keeps_its_last_part() {
        let head = "From: a@example.com\nContent-Type: multipart/mixed; boundary=b\n\n";
        let one = "--b\nContent-Type: text/plain\n\nfirst\n";
        let told = |body: &str| transcript(format!("{head}{body}").as_bytes());
        let whole = told(&format!("{one}--b\n\nsecond 不退款就差评\n--b--\n")).unwrap();
        let cut = told(&format!("{one}--b\n\nsecond 不退款就差评")).unwrap();
        assert!(whole.text.contains("second") && whole.left_out.len() == 2);
        assert!(cut.text.contains("first") && cut.text.contains("second 不退款就差评"), "{}", cut.text);
        let inner =
            told(&format!("{one}--b\nContent-Type: multipart/mixed; boundary=bb\n\n--bb\n\ndeep\n--bb--\n--b--\n"));
        assert!(inner.unwrap().text.contains("deep"), "a boundary that begins like another is another");
        assert_eq!(told(&format!("before\n{one}--b--\nafter\n")).unwrap().left_out.len(), 3);
        assert!(told("no boundary at all\n").is_none(), "what cannot be told apart is withheld");
    }

    #[test]
    fn what_is_no_mail_is_none() {
        assert!(transcript(b"hello\n\nworld").is_none());
    }
}
