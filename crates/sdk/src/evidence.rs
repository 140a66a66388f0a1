//! A small JSON object writer, so that a plugin needs no JSON crate to cite its evidence.

use core::fmt::Write as _;

/// Builds the JSON object of a finding's evidence, keys in the order they are added.
///
/// ```
/// let json = huoyan_sdk::Evidence::new().text("category", "weapon").number("distance", 3.0).finish();
/// assert_eq!(json, r#"{"category":"weapon","distance":3}"#);
/// ```
///
/// Objects lie in each other as they are built; nothing is read again:
///
/// ```
/// use huoyan_sdk::Evidence;
/// let copies = ["R1", "R2"].map(|record| Evidence::new().text("record", record));
/// let json = Evidence::new().object("window", Evidence::new().number("from", 0.0)).objects("copies", copies).finish();
/// assert_eq!(json, r#"{"window":{"from":0},"copies":[{"record":"R1"},{"record":"R2"}]}"#);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    json: String,
}

impl Evidence {
    /// An empty object.
    pub fn new() -> Self {
        Self::default()
    }

    fn key(&mut self, key: &str) {
        self.json.push(if self.json.is_empty() { '{' } else { ',' });
        quote(&mut self.json, key);
        self.json.push(':');
    }

    /// Adds a text.
    #[must_use]
    pub fn text(mut self, key: &str, value: &str) -> Self {
        self.key(key);
        quote(&mut self.json, value);
        self
    }

    /// Adds a list of texts.
    #[must_use]
    pub fn texts<'a>(mut self, key: &str, values: impl IntoIterator<Item = &'a str>) -> Self {
        self.key(key);
        self.json.push('[');
        for (i, value) in values.into_iter().enumerate() {
            if i > 0 {
                self.json.push(',');
            }
            quote(&mut self.json, value);
        }
        self.json.push(']');
        self
    }

    /// Adds a number; one that is not finite becomes null.
    #[must_use]
    pub fn number(mut self, key: &str, value: f64) -> Self {
        self.key(key);
        if value.is_finite() {
            let _ = write!(self.json, "{value}");
        } else {
            self.json.push_str("null");
        }
        self
    }

    /// Adds yes or no.
    #[must_use]
    pub fn flag(mut self, key: &str, value: bool) -> Self {
        self.key(key);
        self.json.push_str(if value { "true" } else { "false" });
        self
    }

    /// Adds an object.
    #[must_use]
    pub fn object(mut self, key: &str, value: Self) -> Self {
        self.key(key);
        self.json.push_str(&value.finish());
        self
    }

    /// Adds a list of objects.
    #[must_use]
    pub fn objects(mut self, key: &str, values: impl IntoIterator<Item = Self>) -> Self {
        self.key(key);
        self.json.push('[');
        for (i, value) in values.into_iter().enumerate() {
            if i > 0 {
                self.json.push(',');
            }
            self.json.push_str(&value.finish());
        }
        self.json.push(']');
        self
    }

    /// Adds a value that is JSON already, such as what another crate wrote. It is read once to make sure. What is no JSON is added
    /// as a text, so that the object stays one.
    #[must_use]
    pub fn raw(mut self, key: &str, json: &str) -> Self {
        self.key(key);
        if crate::json::parse(json).is_ok() {
            self.json.push_str(json);
        } else {
            quote(&mut self.json, json);
        }
        self
    }

    /// The object.
    pub fn finish(mut self) -> String {
        if self.json.is_empty() {
            self.json.push('{');
        }
        self.json.push('}');
        self.json
    }
}

fn quote(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if (c as u32) < 0x20 => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_what_json_requires() {
        let json = Evidence::new().text("a\"b", "\\\n\u{1}微").flag("yes", true).number("nan", f64::NAN).finish();
        assert_eq!(json, r#"{"a\"b":"\\\n\u0001微","yes":true,"nan":null}"#);
        assert_eq!(Evidence::new().finish(), "{}");
    }

    #[test]
    fn what_is_no_json_stays_a_text() {
        let json = Evidence::new().raw("region", "[1,2]").raw("bad", "1,\"x\":2").finish();
        assert_eq!(json, r#"{"region":[1,2],"bad":"1,\"x\":2"}"#);
    }
}
