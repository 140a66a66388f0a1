use std::fmt;
use std::path::Path;

/// What is wrong with a configuration: place, problem, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    place: String,
    problem: String,
    help: Option<String>,
}

impl ConfigError {
    /// An error at a place such as `huoyan.toml:3:1`; empty where there is none.
    pub(crate) fn new(place: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { place: place.into(), problem: problem.into(), help: None }
    }

    pub(crate) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub(crate) fn io(path: &Path, error: &std::io::Error) -> Self {
        Self::new(path.display().to_string(), format!("cannot be read: {error}"))
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
            return Self::new(place, format!("unknown key '{name}'")).with_help(suggestion(name, &known));
        }
        if let Some((name, known)) = unknown("unknown variant `") {
            return Self::new(place, format!("unknown value '{name}'")).with_help(suggestion(name, &known));
        }
        Self::new(place, message.replace('`', "'").replace('\n', "; "))
    }
}

/// `did you mean …` when one known name is close, else all of them.
pub(super) fn suggestion(name: &str, known: &[&str]) -> String {
    match closest(name, known) {
        Some(candidate) => format!("did you mean '{candidate}'?"),
        None => format!("known are {}", known.join(", ")),
    }
}

/// The known name that was most likely meant, if any is close.
pub(super) fn closest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let likeness = |candidate: &str| strsim::jaro_winkler(name, candidate);
    known
        .iter()
        .copied()
        .filter(|candidate| strsim::damerau_levenshtein(name, candidate) <= 2 || likeness(candidate) > 0.85)
        .max_by(|a, b| likeness(a).total_cmp(&likeness(b)))
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.place.is_empty() {
            write!(f, "{}: ", self.place)?;
        }
        f.write_str(&self.problem)?;
        match &self.help {
            Some(help) => write!(f, "; {help}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for ConfigError {}
