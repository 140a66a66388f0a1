use std::fmt;

/// Why a run cannot start or go on. The message says what, where and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(String);

impl Error {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }

    pub(crate) fn temporary(e: impl fmt::Display) -> Self {
        Self(format!("a temporary file cannot be used: {e}; free some space or set TMPDIR to another folder"))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}

macro_rules! from {
    ($($ty:ty),*) => {
        $(impl From<$ty> for Error {
            fn from(e: $ty) -> Self {
                Self(e.to_string())
            }
        })*
    };
}
from!(huoyan_host::HostError, huoyan_intake::Error, huoyan_report::Error, crate::config::ConfigError);
