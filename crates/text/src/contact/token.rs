//! Tokens that a shopping app reads from the clipboard: ￥aB3dE6gH9jK￥.

use super::{Contact, ContactKind};
use crate::Disguises;

/// Whether such a token may stand between two of these.
pub(crate) fn is_sign(c: char) -> bool {
    matches!(c, '￥' | '¥' | '$' | '£' | '¢' | '₠'..='₿')
}

pub(super) fn find(text: &str, out: &mut Vec<Contact>) {
    let mut from = 0;
    while let Some(at) = text[from..].find(is_sign) {
        let start = from + at;
        let opening = text[start..].chars().next().map_or(1, char::len_utf8);
        let body = start + opening;
        let len = text[body..].bytes().take_while(u8::is_ascii_alphanumeric).count();
        from = body;
        let token = &text[body..body + len];
        let closing = text[body + len..].chars().next().filter(|c| is_sign(*c));
        if let Some(closing) = closing
            && (8..=14).contains(&len)
            && mixed(token)
        {
            let end = body + len + closing.len_utf8();
            out.push(Contact {
                kind: ContactKind::ShareToken,
                start: start as u32,
                end: end as u32,
                disguises: Disguises::NONE,
                canonical: token.to_owned(),
            });
            from = end;
        }
    }
}

/// Random tokens mix cases or letters and figures; words and prices do not.
pub(super) fn mixed(token: &str) -> bool {
    let inner_upper = token.bytes().skip(1).any(|b| b.is_ascii_uppercase());
    let lower = token.bytes().any(|b| b.is_ascii_lowercase());
    let digit = token.bytes().any(|b| b.is_ascii_digit());
    let letter = token.bytes().any(|b| b.is_ascii_alphabetic());
    inner_upper && lower || digit && letter && (inner_upper || lower)
}
