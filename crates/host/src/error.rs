//! What can go wrong with a plugin, before and during a run.

use std::fmt;
use std::path::{Path, PathBuf};

use huoyan_model::{Localized, Span};

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

impl From<CreateError> for Localized {
    fn from(error: CreateError) -> Self {
        match error {
            CreateError::Refused(error) | CreateError::Broke { error, .. } => error.into(),
        }
    }
}

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
/// gave a span 1..2 that cuts a character of, or leaves, field 'title'
/// ```
#[derive(Clone, Debug)]
pub struct Fault(Box<Told>);

#[derive(Clone, Debug)]
struct Told {
    text: Localized,
    aftermath: bool,
}

/// By what is told.
impl PartialEq for Fault {
    fn eq(&self, other: &Self) -> bool {
        self.0.text == other.0.text
    }
}

impl Eq for Fault {}

impl Fault {
    /// A fault with its description in Chinese and in English: a phrase that follows the detector's name.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self(Box::new(Told { text: Localized::new(zh, en), aftermath: false }))
    }

    /// A fault that only follows from an earlier one of another call: the detector panicked and is called no more.
    pub(crate) fn aftermath(mut self) -> Self {
        self.0.aftermath = true;
        self
    }

    /// Whether it only follows from an earlier fault, which tells more.
    pub fn is_aftermath(&self) -> bool {
        self.0.aftermath
    }

    /// The detector gave a record more than one score.
    pub fn two_scores(record: &str) -> Self {
        let record: String = record.chars().take(80).collect();
        Self::new(format!("为记录 '{record}' 给出了两个分数"), format!("gave two scores for record '{record}'"))
    }

    /// The detector spoke of a record, which nobody gave it.
    pub fn not_given(record: &str) -> Self {
        let record: String = record.chars().take(80).collect();
        Self::new(
            format!("提到了没有交给它的记录 '{record}'"),
            format!("spoke of record '{record}', which it was not given"),
        )
    }

    /// The detector gave a span that does not lie in a field's text on character boundaries, as was seen when its record was found.
    pub fn does_not_fit(span: Span, field: &str) -> Self {
        let Span(start, end) = span;
        Self::new(
            format!("给出的区间 {start}..{end} 与字段 '{field}' 不符"),
            format!("gave a span {start}..{end} that does not fit field '{field}'"),
        )
    }

    /// Its batch did not reach the detector.
    pub(crate) fn no_batch(why: impl Into<Localized>) -> Self {
        let Localized { zh, en } = why.into();
        Self::new(format!("无法把一批记录交给它：{zh}"), format!("could not be given a batch: {en}"))
    }

    /// The description in both languages.
    pub fn text(&self) -> &Localized {
        &self.0.text
    }
}

/// In English, for logs.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.text.en)
    }
}

impl std::error::Error for Fault {}

impl From<Fault> for Localized {
    fn from(fault: Fault) -> Self {
        fault.0.text
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A text for people: Chinese in the one, and not the same in the other.
    #[track_caller]
    pub(crate) fn in_both(text: &Localized) {
        let han = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        assert!(han(&text.zh) && !han(&text.en) && !text.en.is_empty(), "{text:?}");
    }

    #[test]
    fn a_fault_is_told_in_both_languages() {
        let all = [
            Fault::not_given("R1"),
            Fault::does_not_fit(Span(0, 9), "title"),
            Fault::two_scores("R1"),
            Fault::no_batch("why"),
            Fault::no_batch(("为何", "why")),
        ];
        all.iter().for_each(|fault| in_both(fault.text()));
        assert_eq!(all[4].text().zh, "无法把一批记录交给它：为何");
        assert_eq!(all[4].to_string(), "could not be given a batch: why");
        assert!(Fault::not_given(&"x".repeat(10_000)).to_string().len() < 200);
    }
}
