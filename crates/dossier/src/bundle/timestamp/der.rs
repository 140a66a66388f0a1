//! As much of DER as time stamps need: definite lengths, shortest form, nothing else.

pub(super) const BOOLEAN: u8 = 0x01;
pub(super) const INTEGER: u8 = 0x02;
pub(super) const BITS: u8 = 0x03;
pub(super) const OCTETS: u8 = 0x04;
pub(super) const NULL: u8 = 0x05;
pub(super) const OID: u8 = 0x06;
pub(super) const UTC_TIME: u8 = 0x17;
pub(super) const GENERALIZED_TIME: u8 = 0x18;
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;

/// 2.16.840.1.101.3.4.2.1
pub(super) const SHA256: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];
/// 2.16.840.1.101.3.4.2.2
pub(super) const SHA384: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02];
/// 2.16.840.1.101.3.4.2.3
pub(super) const SHA512: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03];

/// The tag `[n]` around something.
pub(super) const fn context(n: u8) -> u8 {
    0xa0 | n
}

/// One element.
#[derive(Clone, Copy, Debug)]
pub(super) struct Element<'a> {
    pub tag: u8,
    pub content: &'a [u8],
    /// With its tag and length.
    pub whole: &'a [u8],
}

/// Elements one after another.
#[derive(Clone, Copy)]
pub(super) struct Elements<'a>(pub &'a [u8]);

impl<'a> Elements<'a> {
    pub fn next(&mut self) -> Option<Element<'a>> {
        let [tag, first, after @ ..] = self.0 else { return None };
        let high_tag = tag & 0x1f == 0x1f;
        let (length, after) = match first {
            0..=0x7f => (usize::from(*first), after),
            0x81..=0x83 => {
                let (digits, after) = after.split_at_checked(usize::from(first & 0x7f))?;
                let length = digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit));
                let shortest = digits[0] != 0 && length > 0x7f;
                (shortest.then_some(length)?, after)
            }
            _ => return None,
        };
        let (content, rest) = after.split_at_checked(length).filter(|_| !high_tag)?;
        let whole = &self.0[..self.0.len() - rest.len()];
        self.0 = rest;
        Some(Element { tag: *tag, content, whole })
    }

    /// The next, which must have this tag.
    pub fn expect(&mut self, tag: u8) -> Option<Element<'a>> {
        self.next().filter(|element| element.tag == tag)
    }

    /// The next, if it has this tag.
    pub fn optional(&mut self, tag: u8) -> Option<Element<'a>> {
        if self.0.first() == Some(&tag) { self.next() } else { None }
    }

    /// The inside of the next, which must have this tag.
    pub fn enter(&mut self, tag: u8) -> Option<Elements<'a>> {
        self.expect(tag).map(|element| Elements(element.content))
    }

    pub fn end(&self) -> Option<()> {
        self.0.is_empty().then_some(())
    }
}

/// A single element and nothing behind it.
pub(super) fn single(bytes: &[u8], tag: u8) -> Option<Elements<'_>> {
    let mut all = Elements(bytes);
    let inside = all.enter(tag)?;
    all.end()?;
    Some(inside)
}

pub(super) fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match content.len() {
        length @ 0..=0x7f => out.push(length as u8),
        length => {
            let digits: Vec<u8> = length.to_be_bytes().into_iter().skip_while(|digit| *digit == 0).collect();
            out.push(0x80 | digits.len() as u8);
            out.extend(digits);
        }
    }
    out.extend(content);
    out
}

pub(super) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    tlv(SEQUENCE, &parts.concat())
}

/// `YYMMDDHHMMSSZ` or `YYYYMMDDHHMMSS[.f…]Z`; fractions of a second are cut off.
pub(super) fn time(element: Element<'_>) -> Option<chrono::DateTime<chrono::Utc>> {
    let text = std::str::from_utf8(element.content).ok()?.strip_suffix('Z')?;
    let (digits, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits_only = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits_only(digits) || !digits_only(fraction) {
        return None;
    }
    let full = match (element.tag, digits.len()) {
        // RFC 5280: two digits below 50 are of this century.
        (UTC_TIME, 12) => format!("{}{digits}", if digits < "50" { "20" } else { "19" }),
        (GENERALIZED_TIME, 14) => digits.to_owned(),
        _ => return None,
    };
    chrono::NaiveDateTime::parse_from_str(&full, "%Y%m%d%H%M%S").ok().map(|time| time.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_shortest_definite_length_is_read() {
        assert_eq!(Elements(&[4, 1, 9]).next().unwrap().content, [9]);
        for bad in [&[4, 0x81, 1, 9][..], &[4, 0x80, 9, 0, 0], &[4, 2, 9], &[4], &[0x1f, 1, 9], &[4, 0x82, 0, 0x80]] {
            assert!(Elements(bad).next().is_none(), "{bad:?}");
        }
        let long = tlv(OCTETS, &[7; 300]);
        assert_eq!(Elements(&long).next().unwrap().content, [7; 300]);
    }

    #[test]
    fn times_are_read_in_both_forms() {
        let read = |tag, text: &str| time(Element { tag, content: text.as_bytes(), whole: &[] }).map(|t| t.timestamp());
        assert_eq!(read(UTC_TIME, "700101000001Z"), Some(1));
        assert_eq!(read(GENERALIZED_TIME, "19700101000001.5Z"), Some(1));
        for bad in ["19700101000001", "1970010100000Z", "19701301000000Z", "19700101000001.Z", "+9700101000001Z"] {
            assert_eq!(read(GENERALIZED_TIME, bad), None, "{bad}");
        }
    }
}
