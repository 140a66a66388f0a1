use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use huoyan_model::Severity;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// How many unusable rows a run may meet before it counts as incomplete: a number, or a share of the rows read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum BadRows {
    /// At most this many rows.
    Rows(u64),
    /// At most this share, in percent, 0 to 100.
    Percent(f64),
}

impl BadRows {
    /// Whether `bad` of `read` rows are too many.
    pub fn exceeded(&self, bad: u64, read: u64) -> bool {
        match *self {
            Self::Rows(limit) => bad > limit,
            Self::Percent(percent) => bad as f64 * 100.0 > percent * read as f64,
        }
    }
}

impl Default for BadRows {
    fn default() -> Self {
        Self::Percent(1.0)
    }
}

impl fmt::Display for BadRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rows(rows) => write!(f, "{rows}"),
            Self::Percent(percent) => write!(f, "{percent}%"),
        }
    }
}

impl FromStr for BadRows {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let help =
            || format!("'{text}' is no limit of bad rows; write a number such as 100, or a share such as \"1%\"");
        match text.strip_suffix('%') {
            Some(share) => match share.trim().parse::<f64>() {
                Ok(percent) if (0.0..=100.0).contains(&percent) => Ok(Self::Percent(percent)),
                _ => Err(help()),
            },
            None => text.parse().map(Self::Rows).map_err(|_| help()),
        }
    }
}

impl Serialize for BadRows {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Rows(rows) => serializer.serialize_u64(*rows),
            Self::Percent(_) => serializer.collect_str(self),
        }
    }
}

impl<'de> Deserialize<'de> for BadRows {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Rows(i64),
            Text(String),
        }
        match Written::deserialize(deserializer)? {
            Written::Rows(rows) => rows.to_string().parse(),
            Written::Text(text) => text.parse(),
        }
        .map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for BadRows {
    fn schema_name() -> Cow<'static, str> {
        "BadRows".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "How many unusable rows a run may meet: a number, or a share of the rows read such as \"1%\".",
            "oneOf": [
                { "type": "integer", "minimum": 0 },
                { "type": "string", "pattern": "^([0-9]+|[0-9.]+%)$" }
            ]
        })
    }
}

/// The severity from which a finding makes the run end with status 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailOn {
    /// Findings never do.
    Never,
    /// Findings of this severity or above do.
    From(Severity),
}

impl FailOn {
    /// The severity, unless findings never fail a run.
    pub fn severity(&self) -> Option<Severity> {
        match self {
            Self::Never => None,
            Self::From(severity) => Some(*severity),
        }
    }
}

impl Default for FailOn {
    fn default() -> Self {
        Self::From(Severity::High)
    }
}

impl fmt::Display for FailOn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.severity().map_or("never", Severity::as_str))
    }
}

impl FromStr for FailOn {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match Severity::parse(text) {
            Some(severity) => Ok(Self::From(severity)),
            None if text == "never" => Ok(Self::Never),
            None => Err(format!("'{text}' is no severity; use info, low, medium, high, critical or never")),
        }
    }
}

impl Serialize for FailOn {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for FailOn {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for FailOn {
    fn schema_name() -> Cow<'static, str> {
        "FailOn".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "The severity from which a finding makes the run end with status 1.",
            "enum": ["info", "low", "medium", "high", "critical", "never"]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_of_bad_rows_is_a_number_or_a_share() {
        assert_eq!("100".parse(), Ok(BadRows::Rows(100)));
        assert_eq!("0.5%".parse(), Ok(BadRows::Percent(0.5)));
        for bad in ["-1", "101%", "1 in 100", "%", "NaN%"] {
            assert!(bad.parse::<BadRows>().is_err(), "{bad}");
        }
    }

    #[test]
    fn the_limit_itself_is_still_allowed() {
        assert!(!BadRows::Percent(1.0).exceeded(1, 100));
        assert!(BadRows::Percent(1.0).exceeded(2, 100));
        assert!(!BadRows::Percent(1.0).exceeded(0, 0));
        assert!(BadRows::Rows(0).exceeded(1, 1_000_000));
    }
}
