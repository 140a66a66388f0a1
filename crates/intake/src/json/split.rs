//! Finds where each value of a JSON array, or of a row of concatenated objects, begins and ends.
//!
//! Only brackets and strings are looked at; whether the value is good JSON is for the reader of the row to say.

use crate::text::{Cut, Splitter};

/// Splits `[{…}, {…}]` and `{…}\n{…}`, however their white space falls.
#[derive(Debug, Default)]
pub(crate) struct JsonValues;

impl Splitter for JsonValues {
    fn next(&mut self, bytes: &[u8], at_end: bool) -> Cut {
        let Some(start) = bytes.iter().position(|b| !matches!(b, b' ' | b'\t' | b'\r' | b'\n' | b',' | b'[' | b']'))
        else {
            // Nothing but punctuation: it may be dropped once read, whatever follows.
            return Cut::Skip { next: bytes.len() };
        };
        if start > 0 {
            return Cut::Skip { next: start };
        }
        if bytes[0] != b'{' {
            // Not an object: a number, a word, a stray bracket. It ends with the line or at the next comma.
            return match bytes.iter().position(|b| matches!(b, b'\n' | b',')) {
                Some(end) => Cut::Row { end, next: end },
                None if at_end => Cut::Row { end: bytes.len(), next: bytes.len() },
                None => Cut::More,
            };
        }
        let mut depth = 0_usize;
        let mut at = 0;
        while at < bytes.len() {
            match bytes[at] {
                b'"' => match string_end(&bytes[at..]) {
                    Some(length) => at += length,
                    None => return if at_end { Cut::Unclosed } else { Cut::More },
                },
                b'{' | b'[' => {
                    depth += 1;
                    at += 1;
                }
                b'}' | b']' => {
                    depth -= 1;
                    at += 1;
                    if depth == 0 {
                        return Cut::Row { end: at, next: at };
                    }
                }
                _ => at += 1,
            }
        }
        if at_end { Cut::Unclosed } else { Cut::More }
    }

    /// All of an array may stand on one line, so giving up a line is the last resort.
    fn patience(&self) -> usize {
        16
    }
}

/// The length of the string that begins at the first byte, both quotes included.
fn string_end(bytes: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        at += memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes[at] == b'"' {
            return Some(at + 1);
        }
        at += 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::tests::split_all;

    #[test]
    fn splits_arrays_and_concatenated_objects() {
        for text in [r#"[{"a":"]}"},{"b":[1,{"c":"\""}]}]"#, "{\"a\":\"]}\"}\n{\"b\":[1,{\"c\":\"\\\"\"}]}"] {
            let rows = split_all(JsonValues, text.as_bytes());
            assert_eq!(rows, ["{\"a\":\"]}\"}", "{\"b\":[1,{\"c\":\"\\\"\"}]}"], "{text}");
        }
    }

    #[test]
    fn an_element_that_is_no_object_is_a_row_of_its_own() {
        assert_eq!(split_all(JsonValues, b"[1, {\"a\":2}, \"x\"]"), ["1", "{\"a\":2}", "\"x\"]"]);
    }
}
