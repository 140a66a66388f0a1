//! A detector's configuration: the table `[detectors.NAME]` of the user's huoyan.toml.

use crate::json::{self, Json};
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
            Some(Json::Number(n)) if range.contains(n) => Ok(Some(*n)),
            Some(Json::Number(n)) => {
                let (start, end) = (range.start(), range.end());
                Err(Error::config(format!("setting '{name}' is {n}; it must be from {start} to {end}")))
            }
            Some(other) => Err(Self::wrong(name, other, "a number")),
        }
    }

    /// A whole number in `range`, ends included.
    ///
    /// # Errors
    /// When it is something else or outside.
    pub fn integer(&self, name: &str, range: core::ops::RangeInclusive<i64>) -> Result<Option<i64>, Error> {
        let (start, end) = (*range.start(), *range.end());
        match self.number(name, start as f64..=end as f64)? {
            Some(n) if n.fract() != 0.0 => {
                Err(Error::config(format!("setting '{name}' is {n}; it must be a whole number")))
            }
            // Inside the range, so no digit is lost that was there.
            n => Ok(n.map(|n| n as i64)),
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
        assert_eq!(said(settings.text("i").err()), "setting 'i' is a number; it must be a text");
        assert_eq!(said(settings.texts("m").err()), "setting 'm' is a number; it must be a list of texts");
        assert_eq!(said(settings.flag("t").err()), "setting 't' is a text; it must be true or false");
        assert!(said(settings.only(&["n", "i"]).err()).contains("no setting 'f'; the settings are n, i"));
        assert!(CreateContext::new("d", "[]", vec![]).settings().is_err());
    }
}
