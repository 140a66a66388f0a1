use std::fmt;

use huoyan_model::Localized;

/// Why a run cannot start or go on. The message says what, where and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(Localized);

impl Error {
    pub(crate) fn new(what: impl Into<Localized>) -> Self {
        Self(what.into())
    }

    pub(crate) fn temporary(e: impl fmt::Display) -> Self {
        Self(Localized::new(
            format!("无法使用临时文件：{e}；请腾出空间，或把 TMPDIR 设为别的文件夹"),
            format!("a temporary file cannot be used: {e}; free some space or set TMPDIR to another folder"),
        ))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.en)
    }
}

impl std::error::Error for Error {}

impl From<Error> for Localized {
    fn from(error: Error) -> Self {
        error.0
    }
}

macro_rules! from {
    ($($ty:ty),*) => {
        $(impl From<$ty> for Error {
            fn from(e: $ty) -> Self {
                Self(e.into())
            }
        })*
    };
}
from!(huoyan_host::HostError, huoyan_intake::Error, huoyan_report::Error, crate::config::ConfigError);
