//! A small JSON reader, so that a plugin needs no JSON crate to read its settings.

use crate::Error;

/// How deep tables and lists may lie in each other.
const DEPTH: usize = 64;

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json {
    Null,
    Flag(bool),
    Number(Number),
    Text(String),
    List(Vec<Json>),
    Table(Vec<(String, Json)>),
}

/// A number, with the text it was written as: not every whole number of 64 bits is an `f64`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Number {
    pub(crate) value: f64,
    pub(crate) text: String,
}

/// What a number is as a whole number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whole {
    Number(i64),
    /// It has a fraction.
    Fraction,
    /// It is whole, and does not fit 64 bits.
    TooLarge,
    /// It is whole as far as can be told, but has more digits than its way of writing gives.
    Inexact,
}

impl Number {
    /// The whole number that is written here, to the last digit; `2.0` and `1e3` are whole, too.
    pub(crate) fn whole(&self) -> Whole {
        /// From here on an `f64` no longer tells each whole number from the next.
        const EXACT: f64 = (1_i64 << 53) as f64;
        let (digits, fraction) = self.text.split_once('.').unwrap_or((&self.text, ""));
        if !self.text.contains(['e', 'E']) {
            return match digits.parse() {
                _ if fraction.bytes().any(|b| b != b'0') => Whole::Fraction,
                Ok(whole) => Whole::Number(whole),
                Err(_) => Whole::TooLarge,
            };
        }
        match self.value {
            value if value.fract() != 0.0 => Whole::Fraction,
            value if value.abs() < EXACT => Whole::Number(value as i64),
            _ => Whole::Inexact,
        }
    }
}

impl Json {
    /// What kind of value it is, for a message.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Flag(_) => "true or false",
            Self::Number(_) => "a number",
            Self::Text(_) => "a text",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
        }
    }
}

/// Reads one value and nothing after it.
pub(crate) fn parse(text: &str) -> Result<Json, Error> {
    let mut reader = Reader { text, at: 0 };
    let value = reader.value(DEPTH)?;
    reader.blank();
    if reader.at == text.len() { Ok(value) } else { Err(reader.fail("nothing more")) }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn fail(&self, expected: &str) -> Error {
        Error::config(format!("not valid JSON at byte {}: expected {expected}", self.at))
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn blank(&mut self) {
        self.at = self.text.len() - self.rest().trim_start_matches([' ', '\t', '\n', '\r']).len();
    }

    fn take(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        self.at += if found { token.len() } else { 0 };
        found
    }

    fn value(&mut self, depth: usize) -> Result<Json, Error> {
        self.blank();
        if depth == 0 {
            return Err(self.fail("less depth"));
        }
        match self.rest().as_bytes().first() {
            Some(b'{') => self.table(depth),
            Some(b'[') => self.list(depth),
            Some(b'"') => self.string().map(Json::Text),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ if self.take("true") => Ok(Json::Flag(true)),
            _ if self.take("false") => Ok(Json::Flag(false)),
            _ if self.take("null") => Ok(Json::Null),
            _ => Err(self.fail("a value")),
        }
    }

    fn table(&mut self, depth: usize) -> Result<Json, Error> {
        self.at += 1;
        let mut entries = Vec::new();
        self.blank();
        if self.take("}") {
            return Ok(Json::Table(entries));
        }
        loop {
            self.blank();
            if !self.rest().starts_with('"') {
                return Err(self.fail("a key in quotation marks"));
            }
            let key = self.string()?;
            self.blank();
            if !self.take(":") {
                return Err(self.fail("':'"));
            }
            entries.push((key, self.value(depth - 1)?));
            self.blank();
            if self.take("}") {
                return Ok(Json::Table(entries));
            }
            if !self.take(",") {
                return Err(self.fail("',' or '}'"));
            }
        }
    }

    fn list(&mut self, depth: usize) -> Result<Json, Error> {
        self.at += 1;
        let mut values = Vec::new();
        self.blank();
        if self.take("]") {
            return Ok(Json::List(values));
        }
        loop {
            values.push(self.value(depth - 1)?);
            self.blank();
            if self.take("]") {
                return Ok(Json::List(values));
            }
            if !self.take(",") {
                return Err(self.fail("',' or ']'"));
            }
        }
    }

    fn number(&mut self) -> Result<Json, Error> {
        let bytes = self.rest().as_bytes();
        let digits = |from: usize| bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();
        let start = usize::from(bytes[0] == b'-');
        let whole = digits(start);
        let mut end = start + whole;
        let mut good = whole > 0 && (whole == 1 || bytes[start] != b'0');
        if bytes.get(end) == Some(&b'.') {
            let n = digits(end + 1);
            good &= n > 0;
            end += 1 + n;
        }
        if matches!(bytes.get(end), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
            let n = digits((end + 1 + sign).min(bytes.len()));
            good &= n > 0;
            end += 1 + sign + n;
        }
        let number = if good { self.rest()[..end].parse::<f64>().ok() } else { None };
        let value = number.filter(|n| n.is_finite()).ok_or_else(|| self.fail("a number"))?;
        let text = self.rest()[..end].to_owned();
        self.at += end;
        Ok(Json::Number(Number { value, text }))
    }

    fn string(&mut self) -> Result<String, Error> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let rest = self.rest();
            let plain = rest.find(|c: char| c == '"' || c == '\\' || c < ' ').ok_or_else(|| self.fail("'\"'"))?;
            out.push_str(&rest[..plain]);
            self.at += plain;
            if self.take("\"") {
                return Ok(out);
            }
            if !self.take("\\") {
                return Err(self.fail("no control character in a text"));
            }
            out.push(self.escape()?);
        }
    }

    fn escape(&mut self) -> Result<char, Error> {
        let letter = self.rest().bytes().next();
        let plain = match letter {
            Some(b @ (b'"' | b'\\' | b'/')) => char::from(b),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.at += 1;
                let first = self.unit()?;
                if !(0xd800..0xdc00).contains(&first) {
                    return char::from_u32(first).ok_or_else(|| self.fail("a whole character"));
                }
                let second = if self.take("\\u") { self.unit()? } else { 0 };
                let low = second.checked_sub(0xdc00).filter(|low| *low < 0x400);
                let code = low.map(|low| 0x1_0000 + ((first - 0xd800) << 10) + low);
                return code.and_then(char::from_u32).ok_or_else(|| self.fail("a whole character"));
            }
            _ => return Err(self.fail("an escape")),
        };
        self.at += 1;
        Ok(plain)
    }

    fn unit(&mut self) -> Result<u32, Error> {
        let digits = self.rest().get(..4).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
        let unit = digits.and_then(|d| u32::from_str_radix(d, 16).ok()).ok_or_else(|| self.fail("four digits"))?;
        self.at += 4;
        Ok(unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_is_json_and_nothing_else() {
        let text = r#" {"a": [1, -2.5e3, true, null], "微": "x\n\"\u4f60\ud834\udd1e", "t": {}} "#;
        let Ok(Json::Table(entries)) = parse(text) else { panic!("it is JSON") };
        let number = |value, text: &str| Json::Number(Number { value, text: text.to_owned() });
        assert_eq!(
            entries[0].1,
            Json::List(vec![number(1.0, "1"), number(-2500.0, "-2.5e3"), Json::Flag(true), Json::Null])
        );
        assert_eq!(entries[1], ("微".to_owned(), Json::Text("x\n\"你𝄞".to_owned())));
        for bad in [
            "",
            "{",
            "{\"a\"}",
            "{a:1}",
            "[1,]",
            "[1 2]",
            "01",
            "1.",
            "1e",
            "1e+",
            "-",
            "\"",
            "\"\\x\"",
            "\"\\ud834\"",
            "\"\\ud834\\u0041\"",
            "\"\n\"",
            "nul",
            "1 2",
            "1e999",
            "{\"a\":1,}",
            "\"\\u12\"",
            "+1",
            "\"\\u12微\"",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn whole_numbers_keep_every_digit() {
        for (text, expected) in [
            ("3", Whole::Number(3)),
            ("-0", Whole::Number(0)),
            ("2.0", Whole::Number(2)),
            ("2.5", Whole::Fraction),
            ("-2.5e3", Whole::Number(-2500)),
            ("25e-1", Whole::Fraction),
            ("9007199254740993", Whole::Number(9_007_199_254_740_993)),
            ("9007199254740993.0", Whole::Number(9_007_199_254_740_993)),
            ("9007199254740993.00000000000000001", Whole::Fraction),
            ("-9223372036854775808", Whole::Number(i64::MIN)),
            ("9223372036854775807", Whole::Number(i64::MAX)),
            ("9223372036854775808", Whole::TooLarge),
            ("9007199254740992e0", Whole::Inexact),
            ("1e300", Whole::Inexact),
        ] {
            let Ok(Json::Number(number)) = parse(text) else { panic!("{text} is a number") };
            assert_eq!(number.whole(), expected, "{text}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
        assert!(parse(&nested(DEPTH)).is_ok());
        assert!(parse(&nested(DEPTH + 1)).is_err());
        assert!(parse(&"[".repeat(1_000_000)).is_err());
    }

    #[cfg(feature = "testkit")]
    #[test]
    fn agrees_with_another_reader() {
        // Every text of up to five of these pieces.
        let pieces = ["{", "}", "[", "]", ",", ":", "\"a\"", "1", "-0.5", "true", " ", "\"\\u00e9\""];
        let mut count = [0; 2];
        for n in 0..pieces.len().pow(5) {
            let text: String = (0..5).map(|i| pieces[n / pieces.len().pow(i) % pieces.len()]).collect();
            let theirs = serde_json::from_str::<serde_json::Value>(&text).is_ok();
            assert_eq!(parse(&text).is_ok(), theirs, "{text}");
            count[usize::from(theirs)] += 1;
        }
        assert!(count[0] > 1000 && count[1] > 100, "{count:?}");
    }
}
