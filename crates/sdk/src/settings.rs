//! A detector's configuration: the table `[detectors.NAME]` of the user's huoyan.toml.

use crate::json::{self, Json, Whole};
use crate::{CreateContext, Error};

/// The settings a user gave, by name. Reading one of the wrong type is an error that names the setting, what was given and
/// what is expected; a setting that was not given is `None`.
///
/// ```
/// # use huoyan_sdk::{CreateContext, Error};
/// # fn main() -> Result<(), Error> {
/// let cx = CreateContext::new("shouting", r#"{"at_least": 4}"#, Vec::new());
/// let settings = cx.settings()?;
/// settings.only(&["at_least"])?;
/// assert_eq!(settings.integer("at_least", 1..=1_000)?, Some(4));
/// assert_eq!(settings.integer("at_least", 5..=9).unwrap_err().to_string(), "setting 'at_least' is 4; it must be from 5 to 9");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    entries: Vec<(String, Json)>,
}

impl CreateContext<'_> {
    /// The detector's configuration.
    ///
    /// # Errors
    /// When it is not a JSON object; a host gives no other.
    pub fn settings(&self) -> Result<Settings, Error> {
        match json::parse(self.config)? {
            Json::Table(entries) => Ok(Settings { entries }),
            other => Err(Error::config(format!("the configuration is {}, not a table", other.kind()))),
        }
    }
}

impl Settings {
    /// Refuses settings of other names than these, so that a misspelt one is not passed over in silence.
    ///
    /// # Errors
    /// Names the first that is unknown, and those that are known.
    pub fn only(&self, known: &[&str]) -> Result<(), Error> {
        match self.entries.iter().find(|(name, _)| !known.contains(&name.as_str())) {
            None => Ok(()),
            Some((name, _)) => {
                Err(Error::config(format!("there is no setting '{name}'; the settings are {}", known.join(", "))))
            }
        }
    }

    fn get(&self, name: &str) -> Option<&Json> {
        // The last of a name counts, as in other readers of JSON.
        self.entries.iter().rev().find(|(n, _)| n == name).map(|(_, value)| value).filter(|v| **v != Json::Null)
    }

    fn wrong(name: &str, got: &Json, expected: &str) -> Error {
        Error::config(format!("setting '{name}' is {}; it must be {expected}", got.kind()))
    }

    /// A number in `range`, ends included.
    ///
    /// # Errors
    /// When it is something else or outside.
    pub fn number(&self, name: &str, range: core::ops::RangeInclusive<f64>) -> Result<Option<f64>, Error> {
        match self.get(name) {
            None => Ok(None),
            Some(Json::Number(n)) if range.contains(&n.value) => Ok(Some(n.value)),
            Some(Json::Number(n)) => {
                Err(Self::outside(name, &n.value.to_string(), &range.start().to_string(), &range.end().to_string()))
            }
            Some(other) => Err(Self::wrong(name, other, "a number")),
        }
    }

    fn outside(name: &str, got: &str, start: &str, end: &str) -> Error {
        Error::config(format!("setting '{name}' is {got}; it must be from {start} to {end}"))
    }

    /// A whole number in `range`, ends included, to the last digit. `2.0` and `2e0` are whole, too; from 2^53 up a number must be
    /// written out.
    ///
    /// # Errors
    /// When it is something else or outside.
    pub fn integer(&self, name: &str, range: core::ops::RangeInclusive<i64>) -> Result<Option<i64>, Error> {
        let number = match self.get(name) {
            None => return Ok(None),
            Some(Json::Number(number)) => number,
            Some(other) => return Err(Self::wrong(name, other, "a number")),
        };
        let got = &number.text;
        match number.whole() {
            Whole::Number(whole) if range.contains(&whole) => Ok(Some(whole)),
            Whole::Number(_) | Whole::TooLarge => {
                Err(Self::outside(name, got, &range.start().to_string(), &range.end().to_string()))
            }
            Whole::Fraction => Err(Error::config(format!("setting '{name}' is {got}; it must be a whole number"))),
            Whole::Inexact => {
                Err(Error::config(format!("setting '{name}' is {got}; it must be a whole number with all its digits")))
            }
        }
    }

    /// Yes or no.
    ///
    /// # Errors
    /// When it is something else.
    pub fn flag(&self, name: &str) -> Result<Option<bool>, Error> {
        match self.get(name) {
            None => Ok(None),
            Some(Json::Flag(flag)) => Ok(Some(*flag)),
            Some(other) => Err(Self::wrong(name, other, "true or false")),
        }
    }

    /// A text.
    ///
    /// # Errors
    /// When it is something else.
    pub fn text(&self, name: &str) -> Result<Option<&str>, Error> {
        match self.get(name) {
            None => Ok(None),
            Some(Json::Text(text)) => Ok(Some(text)),
            Some(other) => Err(Self::wrong(name, other, "a text")),
        }
    }

    /// A list of texts; one that was not given is empty.
    ///
    /// # Errors
    /// When it is something else.
    pub fn texts(&self, name: &str) -> Result<Vec<&str>, Error> {
        match self.get(name) {
            None => Ok(Vec::new()),
            Some(Json::List(values)) => values
                .iter()
                .map(|value| match value {
                    Json::Text(text) => Ok(text.as_str()),
                    other => Err(Self::wrong(name, other, "a list of texts")),
                })
                .collect(),
            Some(other) => Err(Self::wrong(name, other, "a list of texts")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_type_is_checked_by_name() {
        let cx =
            CreateContext::new("d", r#"{"n":2.5,"i":3,"f":true,"t":"x","l":["a","b"],"m":["a",1],"z":null}"#, vec![]);
        let settings = cx.settings().expect("a table");
        assert_eq!(settings.number("n", 0.0..=9.0), Ok(Some(2.5)));
        assert_eq!(settings.integer("i", 0..=9), Ok(Some(3)));
        assert_eq!(settings.flag("f"), Ok(Some(true)));
        assert_eq!(settings.text("t"), Ok(Some("x")));
        assert_eq!(settings.texts("l"), Ok(vec!["a", "b"]));
        assert_eq!((settings.number("z", 0.0..=1.0), settings.texts("no")), (Ok(None), Ok(vec![])));
        let said = |error: Option<Error>| error.expect("refused").to_string();
        assert_eq!(said(settings.integer("n", 0..=9).err()), "setting 'n' is 2.5; it must be a whole number");
        assert_eq!(said(settings.integer("i", 4..=9).err()), "setting 'i' is 3; it must be from 4 to 9");
        assert_eq!(said(settings.integer("t", 4..=9).err()), "setting 't' is a text; it must be a number");
        assert_eq!(said(settings.text("i").err()), "setting 'i' is a number; it must be a text");
        assert_eq!(said(settings.texts("m").err()), "setting 'm' is a number; it must be a list of texts");
        assert_eq!(said(settings.flag("t").err()), "setting 't' is a text; it must be true or false");
        assert!(said(settings.only(&["n", "i"]).err()).contains("no setting 'f'; the settings are n, i"));
        assert!(CreateContext::new("d", "[]", vec![]).settings().is_err());
    }

    #[test]
    fn a_whole_number_loses_no_digit_and_must_fit() {
        let cx = CreateContext::new(
            "d",
            r#"{"odd":9007199254740993,"most":9223372036854775807,"more":9223372036854775808,"power":1e18}"#,
            vec![],
        );
        let settings = cx.settings().expect("a table");
        let integer = |name| settings.integer(name, 0..=i64::MAX);
        assert_eq!(integer("odd"), Ok(Some(9_007_199_254_740_993)));
        assert_eq!(integer("most"), Ok(Some(i64::MAX)));
        let said = |name| integer(name).expect_err("refused").to_string();
        assert_eq!(said("more"), "setting 'more' is 9223372036854775808; it must be from 0 to 9223372036854775807");
        assert_eq!(said("power"), "setting 'power' is 1e18; it must be a whole number with all its digits");
    }
}
