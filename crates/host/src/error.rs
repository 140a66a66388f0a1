//! What can go wrong with a plugin, before and during a run.

use std::fmt;
use std::path::{Path, PathBuf};

use huoyan_model::Localized;

/// Why a plugin or a resource cannot be used. Each message says what, where and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostError {
    file: PathBuf,
    what: Localized,
}

impl HostError {
    pub(crate) fn new(file: &Path, what: impl Into<Localized>) -> Self {
        Self { file: file.to_owned(), what: what.into() }
    }

    /// What is wrong around a plugin that is none of its own fault.
    pub fn of(plugin: &crate::PluginFile, what: &str) -> Self {
        Self::new(&plugin.path, what)
    }

    /// The file at fault.
    pub fn file(&self) -> &Path {
        &self.file
    }
}

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file.display(), self.what.en)
    }
}

impl std::error::Error for HostError {}

impl From<HostError> for Localized {
    fn from(error: HostError) -> Self {
        let Localized { zh, en } = error.what;
        let file = error.file.display();
        Self::new(format!("{file}：{zh}"), format!("{file}: {en}"))
    }
}

/// Why a detector could not be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CreateError {
    /// The plugin said no in words, or nothing of it ran: somebody has to mend the configuration, a resource or the system.
    Refused(HostError),
    /// Its code panicked, crashed, hung or lied: that costs this detector, and nothing else.
    Broke {
        /// What it did, as of any other call.
        fault: Fault,
        /// The same, with the file and the detector.
        error: HostError,
    },
}

impl CreateError {
    fn told(&self) -> &HostError {
        match self {
            Self::Refused(error) | Self::Broke { error, .. } => error,
        }
    }
}

impl fmt::Display for CreateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.told().fmt(f)
    }
}

impl std::error::Error for CreateError {}

/// Why no instance was made, before it is known whose.
pub(crate) enum Unmade {
    Refused(Fault),
    Broke(Fault),
}

impl Unmade {
    pub(crate) fn fault(&self) -> &Fault {
        match self {
            Self::Refused(fault) | Self::Broke(fault) => fault,
        }
    }
}

/// What a detector did wrong during a run. It is taken out of the run; the other detectors go on.
///
/// ```text
/// panic at src/lib.rs:41: index out of bounds
/// reported rule 'ZZ999', which it does not declare
/// gave a span 1..2 that cuts a character of field 'title'
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault(String);

impl Fault {
    /// A fault with its description: a phrase that follows the detector's name.
    pub fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Fault {}
