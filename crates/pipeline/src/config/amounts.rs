//! Amounts with a unit: how long, how much memory.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use huoyan_host::ChildSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// How long one call into a plugin's child process may take, such as "60s".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeLimit(pub Duration);

/// How much memory a plugin's child process may take, such as "2GiB".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryLimit(pub u64);

/// Units of time, in milliseconds; the largest first, since a limit is written in the largest that fits it.
const TIMES: [(&str, u64); 3] = [("min", 60_000), ("ms", 1), ("s", 1000)];
/// Units of memory, in bytes.
const SIZES: [(&str, u64); 3] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];

fn parse(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    units.iter().find_map(|(unit, size)| {
        let number: u64 = text.strip_suffix(unit)?.trim().parse().ok()?;
        number.checked_mul(*size).filter(|amount| *amount > 0)
    })
}

fn write(amount: u64, units: &[(&str, u64)]) -> String {
    let unit = units.iter().filter(|(_, size)| amount.is_multiple_of(*size)).max_by_key(|(_, size)| *size);
    unit.map_or_else(|| amount.to_string(), |(unit, size)| format!("{}{unit}", amount / size))
}

impl Default for TimeLimit {
    fn default() -> Self {
        Self(ChildSettings::TIME_LIMIT)
    }
}

impl Default for MemoryLimit {
    fn default() -> Self {
        Self(ChildSettings::MEMORY_LIMIT)
    }
}

impl fmt::Display for TimeLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = u64::try_from(self.0.as_millis()).unwrap_or(u64::MAX);
        // "60s" says more to most people than "1min".
        let units = if millis <= 120_000 { &TIMES[1..] } else { &TIMES[..] };
        f.write_str(&write(millis, units))
    }
}

impl fmt::Display for MemoryLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&write(self.0, &SIZES))
    }
}

impl FromStr for TimeLimit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        parse(text, &TIMES)
            .map(|millis| Self(Duration::from_millis(millis)))
            .ok_or_else(|| format!("'{text}' is no time; write a whole number with ms, s or min, such as \"60s\""))
    }
}

impl FromStr for MemoryLimit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        parse(text, &SIZES).map(Self).ok_or_else(|| {
            format!("'{text}' is no amount of memory; write a whole number with KiB, MiB or GiB, such as \"2GiB\"")
        })
    }
}

impl Serialize for TimeLimit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Serialize for MemoryLimit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TimeLimit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl<'de> Deserialize<'de> for MemoryLimit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for TimeLimit {
    fn schema_name() -> Cow<'static, str> {
        "TimeLimit".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A time such as \"60s\".",
            "type": "string",
            "pattern": "^[1-9][0-9]*(ms|s|min)$"
        })
    }
}

impl JsonSchema for MemoryLimit {
    fn schema_name() -> Cow<'static, str> {
        "MemoryLimit".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "An amount of memory such as \"2GiB\".",
            "type": "string",
            "pattern": "^[1-9][0-9]*(KiB|MiB|GiB)$"
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_come_back_as_they_were_written() {
        for text in ["60s", "1500ms", "1s", "5min", "120s"] {
            assert_eq!(text.parse::<TimeLimit>().unwrap().to_string(), text);
        }
        for text in ["2GiB", "512MiB", "3KiB"] {
            assert_eq!(text.parse::<MemoryLimit>().unwrap().to_string(), text);
        }
        assert_eq!("1024MiB".parse::<MemoryLimit>().unwrap().to_string(), "1GiB");
    }

    #[test]
    fn what_is_no_amount_is_refused_with_an_example() {
        for text in
            ["", "60", "s", "0s", "-1s", "1.5s", "60 minutes", "99999999999999999999s", "18446744073709551615min"]
        {
            assert!(text.parse::<TimeLimit>().unwrap_err().contains("such as \"60s\""), "{text}");
        }
        for text in ["2", "2GB", "0GiB", "99999999999999999999GiB"] {
            assert!(text.parse::<MemoryLimit>().unwrap_err().contains("such as \"2GiB\""), "{text}");
        }
    }
}
