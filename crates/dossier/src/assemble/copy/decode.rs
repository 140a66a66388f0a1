//! Text out of bytes: UTF-8, UTF-16 with its mark, or GB18030, and nothing by halves.

use encoding_rs::{Encoding, GB18030, UTF_8};

/// Whether the first bytes of a file can be those of a text.
pub(super) fn looks_like_text(head: &[u8]) -> bool {
    if Encoding::for_bom(head).is_some() {
        return true;
    }
    let control = |byte: &&u8| **byte < 0x20 && !matches!(**byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b);
    head.iter().filter(control).count() == 0
}

/// The text, or nothing where a byte cannot be read: a part of it would go unseen.
pub(super) fn text(bytes: &[u8]) -> Option<String> {
    let encoding = match Encoding::for_bom(bytes) {
        Some((encoding, _)) => encoding,
        None if std::str::from_utf8(bytes).is_ok() => UTF_8,
        None => GB18030,
    };
    let (text, _, damaged) = encoding.decode(bytes);
    (!damaged && !text.contains('\0')).then(|| text.into_owned())
}
