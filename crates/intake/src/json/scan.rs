//! Reads the members of one JSON object as borrowed values.
//!
//! Strict about structure (what it takes, `serde_json` takes), lenient in three ways that real exports need: raw control
//! characters in strings, lone surrogates (`\ud83d` of a cut emoji becomes U+FFFD), and Python's `NaN` for null.

use std::borrow::Cow;

use crate::value::Value;

/// What is wrong with a text that should be a JSON object, and at which byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct JsonError {
    /// The byte in the row.
    pub at: usize,
    /// What was expected there.
    pub expected: &'static str,
}

/// Objects nested deeper than this are refused.
const MAX_DEPTH: u32 = 128;

/// Reads one object; its members replace what `members` held. Of a name that comes twice, the last counts.
pub(crate) fn object<'a>(text: &'a str, members: &mut Vec<(Cow<'a, str>, Value<'a>)>) -> Result<(), JsonError> {
    members.clear();
    let mut scanner = Scanner { text, bytes: text.as_bytes(), at: 0 };
    scanner.space();
    scanner.expect(b'{', "an object '{…}'")?;
    scanner.space();
    if scanner.peek() == Some(b'}') {
        scanner.at += 1;
    } else {
        loop {
            scanner.space();
            let name = scanner.string()?;
            scanner.space();
            scanner.expect(b':', "':' after the name")?;
            scanner.space();
            let value = scanner.value()?;
            members.push((name, value));
            scanner.space();
            match scanner.peek() {
                Some(b',') => scanner.at += 1,
                Some(b'}') => {
                    scanner.at += 1;
                    break;
                }
                _ => return Err(scanner.error("',' or '}' after the value")),
            }
        }
    }
    scanner.space();
    if scanner.at < scanner.bytes.len() {
        return Err(scanner.error("the end of the row after the object"));
    }
    Ok(())
}

/// Whether a text begins with one whole JSON value, and where that value ends.
pub(crate) fn first_value_end(text: &str) -> Result<usize, JsonError> {
    let mut scanner = Scanner { text, bytes: text.as_bytes(), at: 0 };
    scanner.space();
    scanner.skip(0)?;
    Ok(scanner.at)
}

struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Scanner<'a> {
    #[inline]
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    #[inline]
    fn space(&mut self) {
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = self.peek() {
            self.at += 1;
        }
    }

    fn error(&self, expected: &'static str) -> JsonError {
        JsonError { at: self.at, expected }
    }

    #[inline]
    fn expect(&mut self, byte: u8, expected: &'static str) -> Result<(), JsonError> {
        if self.peek() == Some(byte) {
            self.at += 1;
            Ok(())
        } else {
            Err(self.error(expected))
        }
    }

    #[inline]
    fn value(&mut self) -> Result<Value<'a>, JsonError> {
        match self.peek() {
            Some(b'"') => {
                let text = self.string()?;
                Ok(crate::value::cell(text))
            }
            Some(b'{' | b'[') => {
                let start = self.at;
                self.skip(0)?;
                let raw = &self.text[start..self.at];
                if raw[1..raw.len() - 1].trim().is_empty() {
                    return Ok(Value::Null);
                }
                Ok(Value::Nested(minify(raw)))
            }
            Some(b'-' | b'0'..=b'9') => {
                let start = self.at;
                if self.bytes[start..].starts_with(b"-Infinity") {
                    self.at += 9;
                    return Ok(Value::Null);
                }
                self.number()?;
                Ok(Value::Number(Cow::Borrowed(&self.text[start..self.at])))
            }
            Some(b't') => self.word("true").map(|()| Value::Bool(true)),
            Some(b'f') => self.word("false").map(|()| Value::Bool(false)),
            Some(b'n') => self.word("null").map(|()| Value::Null),
            Some(b'N') => self.word("NaN").map(|()| Value::Null),
            Some(b'I') => self.word("Infinity").map(|()| Value::Null),
            _ => Err(self.error("a value")),
        }
    }

    fn word(&mut self, word: &'static str) -> Result<(), JsonError> {
        if self.bytes[self.at..].starts_with(word.as_bytes()) {
            self.at += word.len();
            Ok(())
        } else {
            Err(self.error("a value"))
        }
    }

    fn digits(&mut self) -> Result<(), JsonError> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        if self.at == start { Err(self.error("a digit")) } else { Ok(()) }
    }

    fn number(&mut self) -> Result<(), JsonError> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
            if matches!(self.peek(), Some(b'0'..=b'9')) {
                return Err(self.error("no digit after a leading zero"));
            }
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    /// A string; borrowed unless it has escapes.
    #[inline]
    fn string(&mut self) -> Result<Cow<'a, str>, JsonError> {
        let start = self.at + 1;
        let plain = self.skip_string()?;
        let raw = &self.text[start..self.at - 1];
        if plain { Ok(Cow::Borrowed(raw)) } else { unescape(raw, start).map(Cow::Owned) }
    }

    /// Moves behind the closing quote; says whether the string had no escape.
    #[inline]
    fn skip_string(&mut self) -> Result<bool, JsonError> {
        self.expect(b'"', "'\"'")?;
        let mut plain = true;
        loop {
            self.at += quote_or_backslash(&self.bytes[self.at..]);
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(plain);
                }
                Some(_) => {
                    plain = false;
                    self.at += 2;
                    if self.at > self.bytes.len() {
                        self.at = self.bytes.len();
                        return Err(self.error("the closing '\"'"));
                    }
                }
                None => return Err(self.error("the closing '\"'")),
            }
        }
    }

    /// Moves behind any value, checking it.
    fn skip(&mut self, depth: u32) -> Result<(), JsonError> {
        if depth > MAX_DEPTH {
            return Err(self.error("at most 128 levels of nesting"));
        }
        match self.peek() {
            Some(b'"') => {
                let start = self.at + 1;
                if !self.skip_string()? {
                    check_escapes(&self.text[start..self.at - 1], start)?;
                }
                Ok(())
            }
            Some(b'{') => self.skip_list(b'}', depth, true),
            Some(b'[') => self.skip_list(b']', depth, false),
            Some(b't') => self.word("true"),
            Some(b'f') => self.word("false"),
            Some(b'n') => self.word("null"),
            _ => self.number(),
        }
    }

    fn skip_list(&mut self, close: u8, depth: u32, named: bool) -> Result<(), JsonError> {
        self.at += 1;
        self.space();
        if self.peek() == Some(close) {
            self.at += 1;
            return Ok(());
        }
        loop {
            self.space();
            if named {
                let start = self.at + 1;
                if !self.skip_string()? {
                    check_escapes(&self.text[start..self.at - 1], start)?;
                }
                self.space();
                self.expect(b':', "':' after the name")?;
                self.space();
            }
            self.skip(depth + 1)?;
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(byte) if byte == close => {
                    self.at += 1;
                    return Ok(());
                }
                _ => return Err(self.error("',' or the closing bracket")),
            }
        }
    }
}

/// How many bytes stand before the first quote or backslash (all of them, when there is none). Eight bytes at a time:
/// most strings of a listing are too short for a vectorised search to pay for its call.
#[inline]
fn quote_or_backslash(bytes: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let zero_bytes = |word: u64| word.wrapping_sub(ONES) & !word & HIGH;
    let mut at = 0;
    while let Some(chunk) = bytes.get(at..at + 8) {
        let mut word = [0; 8];
        word.copy_from_slice(chunk);
        let word = u64::from_le_bytes(word);
        let hits = zero_bytes(word ^ (ONES * u64::from(b'"'))) | zero_bytes(word ^ (ONES * u64::from(b'\\')));
        if hits != 0 {
            return at + (hits.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    let rest = bytes[at..].iter().take_while(|b| !matches!(b, b'"' | b'\\')).count();
    at + rest
}

fn hex4(bytes: &[u8]) -> Option<u32> {
    let digits = bytes.get(..4)?;
    digits.iter().try_fold(0, |sum, &digit| Some(sum * 16 + char::from(digit).to_digit(16)?))
}

fn check_escapes(raw: &str, offset: usize) -> Result<(), JsonError> {
    let bytes = raw.as_bytes();
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'\\', &bytes[at..]) {
        at += found + 1;
        let good = match bytes.get(at) {
            Some(b'u') => hex4(&bytes[at + 1..]).is_some(),
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => true,
            _ => false,
        };
        if !good {
            return Err(JsonError { at: offset + at, expected: "an escape that JSON knows" });
        }
        at += 1;
    }
    Ok(())
}

fn unescape(raw: &str, offset: usize) -> Result<String, JsonError> {
    let bytes = raw.as_bytes();
    let mut out = String::with_capacity(raw.len());
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'\\', &bytes[at..]) {
        out.push_str(&raw[at..at + found]);
        at += found + 1;
        let bad = JsonError { at: offset + at, expected: "an escape that JSON knows" };
        let c = match bytes.get(at) {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let unit = hex4(&bytes[at + 1..]).ok_or(bad)?;
                at += 4;
                let low = match (unit, bytes.get(at + 1..at + 3)) {
                    (0xD800..0xDC00, Some(b"\\u")) => {
                        hex4(&bytes[at + 3..]).filter(|low| (0xDC00..0xE000).contains(low))
                    }
                    _ => None,
                };
                match low {
                    Some(low) => {
                        at += 6;
                        char::from_u32(0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00)).unwrap_or('\u{fffd}')
                    }
                    None => char::from_u32(unit).unwrap_or('\u{fffd}'),
                }
            }
            _ => return Err(bad),
        };
        out.push(c);
        at += 1;
    }
    out.push_str(&raw[at..]);
    Ok(out)
}

/// A JSON value without white space outside strings; borrowed when it has none.
fn minify(raw: &str) -> Cow<'_, str> {
    let bytes = raw.as_bytes();
    let mut in_string = false;
    let mut escaped = false;
    let is_outer_space = |byte: u8, in_string: &mut bool, escaped: &mut bool| -> bool {
        if *in_string {
            match byte {
                _ if *escaped => *escaped = false,
                b'\\' => *escaped = true,
                b'"' => *in_string = false,
                _ => {}
            }
            return false;
        }
        if byte == b'"' {
            *in_string = true;
        }
        matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
    };
    let Some(first) = bytes.iter().position(|&b| is_outer_space(b, &mut in_string, &mut escaped)) else {
        return Cow::Borrowed(raw);
    };
    let mut out = String::with_capacity(raw.len());
    out.push_str(&raw[..first]);
    let mut from = first + 1;
    for at in first + 1..bytes.len() {
        if is_outer_space(bytes[at], &mut in_string, &mut escaped) {
            out.push_str(&raw[from..at]);
            from = at + 1;
        }
    }
    out.push_str(&raw[from..]);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<(String, Value<'_>)>, JsonError> {
        let mut members = Vec::new();
        object(text, &mut members)?;
        Ok(members.into_iter().map(|(name, value)| (name.into_owned(), value)).collect())
    }

    #[test]
    fn reads_every_type_of_value() {
        let row = read(r#" {"a": "x\n\u4e2d\ud83d\ude00", "b": -1.5e3, "c": true, "d": null, "e": [1, {"f": "g h"}], "h": "", "i": [ ]} "#)
            .unwrap();
        let values: Vec<_> = row.iter().map(|(_, value)| value.text()).collect();
        let expected = [Some("x\n中😀"), Some("-1.5e3"), Some("true"), None, Some(r#"[1,{"f":"g h"}]"#), None, None];
        assert_eq!(values, expected);
    }

    #[test]
    fn takes_what_python_writes() {
        assert_eq!(read(r#"{"a": NaN, "b": -Infinity, "c": "\ud83d"}"#).unwrap()[2].1.text(), Some("\u{fffd}"));
    }

    #[test]
    fn refuses_exactly_what_serde_json_refuses() {
        let rows = [
            "{",
            "}",
            "",
            "[]",
            "1",
            "{}",
            "{} x",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "{\"a\":01}",
            "{\"a\":1.}",
            "{\"a\":.5}",
            "{\"a\":+1}",
            "{'a':1}",
            "{\"a\":\"\\x\"}",
            "{\"a\":\"\\u12\"}",
            "{\"a\":\"b}",
            "{\"a\":[1,]}",
            "{\"a\":[1}",
            "{\"a\":{\"b\" 1}}",
            "{\"a\":tru}",
            "{\"a\":1e}",
            "{\"a\":\"\\",
            "{\"a\":[\"\\q\"]}",
            "{\"a\":1}{\"b\":2}",
            "{\"a\":[[[]]]}",
            "{\"a\" : [ ] , \"b\":{}}",
        ];
        for row in rows {
            let ours = read(row).is_ok();
            let theirs = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(row).is_ok();
            assert_eq!(ours, theirs, "{row}");
        }
    }

    #[test]
    fn every_cut_of_a_good_row_is_bad() {
        let row = r#"{"a": "x\n\u4e2d", "b": -1.5e3, "c": true, "e": [1, {"f": "g \" h"}]}"#;
        for cut in 0..row.len() {
            if row.is_char_boundary(cut) {
                assert!(read(&row[..cut]).is_err(), "{}", &row[..cut]);
            }
        }
    }

    #[test]
    fn deep_nesting_is_refused_not_a_crash() {
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(read(&deep).unwrap_err().expected, "at most 128 levels of nesting");
    }
}
