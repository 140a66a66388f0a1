//! Whether a text is a JSON object, without building it: taken apart it would take many times its size.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// A JSON object. What must stay true: every text that passes can be read as a `serde_json::Map` later, depth and numbers included.
pub(super) struct Object;

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OfObject;
        impl<'de> Visitor<'de> for OfObject {
            type Value = Object;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Object, A::Error> {
                Any.visit_map(map).map(|_| Object)
            }
        }
        deserializer.deserialize_map(OfObject)
    }
}

/// Any value. Not `IgnoredAny`, which looks neither at the depth nor at the size of numbers.
struct Any;

impl<'de> Deserialize<'de> for Any {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Any)
    }
}

impl<'de> Visitor<'de> for Any {
    type Value = Any;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Any, E> {
        Ok(Any)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Any, E> {
        Ok(Any)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Any, E> {
        Ok(Any)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Any, E> {
        Ok(Any)
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Any, E> {
        Ok(Any)
    }

    fn visit_unit<E: Error>(self) -> Result<Any, E> {
        Ok(Any)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Any, A::Error> {
        while seq.next_element::<Any>()?.is_some() {}
        Ok(Any)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Any, A::Error> {
        while map.next_entry::<Any, Any>()?.is_some() {}
        Ok(Any)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value};

    use super::*;

    #[test]
    fn what_passes_is_what_can_be_read_later() {
        let deep = |depth: usize| format!("{}1{}", "{\"a\":[".repeat(depth), "]}".repeat(depth));
        let texts = [
            "{}",
            " { \"a\" : 1 } ",
            r#"{"a":{"b":[1,-2,3.5e3,true,false,null,"\u00e9\ud83d\ude00",{}]},"a":2}"#,
            r#"{"a":18446744073709551615,"b":-9223372036854775808,"c":123456789012345678901234567890}"#,
            "",
            "{",
            "[]",
            "1",
            "null",
            "{1:2}",
            "{a:1}",
            "{\"a\":1,}",
            "{\"a\":1e999}",
            "{\"a\":01}",
            "{\"a\":\"\\ud800\"}",
            "{\"a\":\"\n\"}",
            "{}{}",
            "{} x",
        ];
        let all = texts.map(str::to_owned).into_iter().chain((60..68).map(deep));
        let mut passed = 0;
        for text in all {
            let (read, passes) =
                (serde_json::from_str::<Map<String, Value>>(&text), serde_json::from_str::<Object>(&text));
            assert_eq!(read.is_ok(), passes.is_ok(), "{text}");
            passed += usize::from(passes.is_ok());
        }
        assert!((4..12).contains(&passed), "{passed}");
    }
}
