use std::borrow::Cow;

/// One field of a row as it stood in the input, before anybody decided what it means.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value<'a> {
    /// Absent, null, an empty cell, an empty list.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A JSON number, as written.
    Number(Cow<'a, str>),
    /// Text, unescaped.
    Text(Cow<'a, str>),
    /// A JSON object or array, without white space outside strings.
    Nested(Cow<'a, str>),
}

impl Value<'_> {
    /// The value as text; `None` for null.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Null => None,
            Self::Bool(true) => Some("true"),
            Self::Bool(false) => Some("false"),
            Self::Number(text) | Self::Text(text) | Self::Nested(text) => Some(text),
        }
    }

    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Appends the value as JSON.
    pub fn write_json(&self, out: &mut String) {
        match self {
            Self::Text(text) => write_json_string(text, out),
            Self::Null => out.push_str("null"),
            other => out.push_str(other.text().unwrap_or("null")),
        }
    }
}

/// Makes a text cell: empty means null, in every format.
pub(crate) fn cell(text: Cow<'_, str>) -> Value<'_> {
    if text.is_empty() { Value::Null } else { Value::Text(text) }
}

/// Appends a JSON string with its quotes.
pub(crate) fn write_json_string(text: &str, out: &mut String) {
    out.push('"');
    let mut plain_from = 0;
    for (at, byte) in text.bytes().enumerate() {
        let escape: &str = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0..=0x1f => "",
            _ => continue,
        };
        out.push_str(&text[plain_from..at]);
        if escape.is_empty() {
            const HEX: &[u8; 16] = b"0123456789abcdef";
            out.push_str("\\u00");
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 15)]));
        } else {
            out.push_str(escape);
        }
        plain_from = at + 1;
    }
    out.push_str(&text[plain_from..]);
    out.push('"');
}
