use std::fmt;
use std::path::Path;

use huoyan_model::{Locale, Localized};

/// What is wrong with a configuration: place, problem, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    place: String,
    problem: Localized,
    help: Option<Localized>,
}

impl ConfigError {
    /// An error at a place such as `huoyan.toml:3:1`; empty where there is none.
    pub(crate) fn new(place: impl Into<String>, problem: impl Into<Localized>) -> Self {
        Self { place: place.into(), problem: problem.into(), help: None }
    }

    pub(crate) fn with_help(mut self, help: impl Into<Localized>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub(crate) fn io(path: &Path, error: &std::io::Error) -> Self {
        Self::new(path.display().to_string(), (format!("无法读取：{error}"), format!("cannot be read: {error}")))
    }

    /// From the TOML reader's error on `text`. An unknown key gets the closest known one as help.
    pub(super) fn toml(place: &str, text: &str, error: &toml::de::Error) -> Self {
        let place = match error.span() {
            Some(span) => {
                let before = text.get(..span.start).unwrap_or("");
                let line = before.matches('\n').count() + 1;
                let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
                format!("{place}:{line}:{column}")
            }
            None => place.to_owned(),
        };
        Self::message(place, error.message())
    }

    pub(super) fn message(place: String, message: &str) -> Self {
        let message = message.trim_end();
        let unknown = |start: &str| {
            let (name, expected) = message.strip_prefix(start)?.split_once('`')?;
            let known: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
            Some((name, known))
        };
        if let Some((name, known)) = unknown("unknown field `") {
            return Self::new(place, (format!("未知的键 '{name}'"), format!("unknown key '{name}'")))
                .with_help(suggestion(name, &known));
        }
        if let Some((name, known)) = unknown("unknown variant `") {
            return Self::new(place, (format!("未知的值 '{name}'"), format!("unknown value '{name}'")))
                .with_help(suggestion(name, &known));
        }
        Self::new(place, message.replace('`', "'").replace('\n', "; "))
    }
}

/// What to do about a fingerprint that is none.
pub(super) const COPY_FINGERPRINT: (&str, &str) =
    ("请复制该发现下方的 32 位十六进制数", "copy the 32 hexadecimal digits that stand under the finding");

pub(crate) fn not_a_fingerprint(text: &str) -> Localized {
    Localized::new(format!("'{text}' 不是指纹"), format!("'{text}' is no fingerprint"))
}

/// `did you mean …` when one known name is close, else all of them.
pub(super) fn suggestion(name: &str, known: &[&str]) -> Localized {
    match closest(name, known) {
        Some(candidate) => Localized::new(format!("是否想写 '{candidate}'？"), format!("did you mean '{candidate}'?")),
        None => {
            let known = known.join(", ");
            Localized::new(format!("可用：{known}"), format!("known are {known}"))
        }
    }
}

/// The known name that was most likely meant, if any is close.
pub(super) fn closest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let likeness = |candidate: &str| strsim::jaro_winkler(name, candidate);
    known
        .iter()
        .copied()
        .filter(|candidate| {
            // Two slips in a word of four letters are another word.
            let room = if name.chars().count().max(candidate.chars().count()) < 5 { 1 } else { 2 };
            strsim::damerau_levenshtein(name, candidate) <= room || likeness(candidate) > 0.85
        })
        .max_by(|a, b| likeness(a).total_cmp(&likeness(b)))
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&Localized::from(self).en)
    }
}

impl From<&ConfigError> for Localized {
    fn from(error: &ConfigError) -> Self {
        let ConfigError { place, problem, help } = error;
        let told = |locale, colon: &str, semicolon: &str| {
            let place = if place.is_empty() { String::new() } else { format!("{place}{colon}") };
            let help = help.as_ref().map_or(String::new(), |help| format!("{semicolon}{}", help.get(locale)));
            format!("{place}{}{help}", problem.get(locale))
        };
        Self::new(told(Locale::Zh, "：", "；"), told(Locale::En, ": ", "; "))
    }
}

impl From<ConfigError> for Localized {
    fn from(error: ConfigError) -> Self {
        Self::from(&error)
    }
}

impl std::error::Error for ConfigError {}
