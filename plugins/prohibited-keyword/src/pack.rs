//! Rule packs and contexts as they stand in TOML files.
//!
//! Everything a compliance officer may change is here; nothing about matching is decided. Unknown keys are refused, so that a
//! misspelt `alow` does not silently allow nothing.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

/// A rule pack: one family of rules in one file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pack {
    /// What the pack is called and how old it is.
    pub pack: Head,
    /// Its rules.
    #[serde(default, rename = "rule")]
    pub rules: Vec<Rule>,
}

/// The head of a rule pack.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The date its content was last checked, `YYYY-MM` or `YYYY-MM-DD`.
    pub as_of: String,
}

/// A text in both languages.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// Simplified Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// Where a rule's content comes from.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// Title of the law, rule or list.
    pub title: String,
    /// The date of the text that was read.
    pub as_of: String,
    /// `high`, `medium` or `low`.
    pub confidence: String,
}

/// Texts a rule must and must not meet.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Examples {
    /// Each must give a finding of the rule.
    #[serde(default)]
    pub positive: Vec<String>,
    /// None may give a finding of the rule.
    #[serde(default)]
    pub negative: Vec<String>,
}

/// One rule: what people are told, and how it matches.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// `PK001`.
    pub id: String,
    /// A short name.
    pub name: Text,
    /// One sentence for the person who has to act.
    pub message: Text,
    /// What policy uses unless the configuration says otherwise.
    pub severity: String,
    /// The legal or platform clause.
    #[serde(default)]
    pub clause: Option<Text>,
    /// Where this comes from.
    pub source: Origin,
    /// What to write instead.
    #[serde(default)]
    pub rewrite: Option<Text>,
    /// Texts that must and must not be flagged.
    #[serde(default)]
    pub examples: Examples,
    /// The evidence's `category`.
    pub category: String,
    /// Terms that count alone, in every disguise.
    #[serde(default)]
    pub terms: Vec<String>,
    /// Terms that count alone, but only without replaced characters: codes and abbreviations.
    #[serde(default)]
    pub exact: Vec<String>,
    /// Terms that anyone may write, but that count when they are hidden: 减❤肥.
    #[serde(default)]
    pub hidden: Vec<String>,
    /// Terms of which two different ones must stand close together.
    #[serde(default)]
    pub weak: Vec<String>,
    /// Phrases that are fine: one that overlaps a hit and is at least as long clears it.
    #[serde(default)]
    pub allow: Vec<String>,
    /// Named contexts that clear a hit.
    #[serde(default)]
    pub contexts: Vec<String>,
}

/// Words that, close to a hit, show that it is about something else.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Context {
    /// Words within a few characters before the hit.
    #[serde(default)]
    pub before: Vec<String>,
    /// Words within a few characters after the hit.
    #[serde(default)]
    pub after: Vec<String>,
    /// Words that end directly before the hit.
    #[serde(default)]
    pub touching: Vec<String>,
    /// Words that begin directly after the hit.
    #[serde(default)]
    pub following: Vec<String>,
    /// Words in the listing's category.
    #[serde(default)]
    pub categories: Vec<String>,
}

/// The file of contexts.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contexts {
    /// By name.
    pub context: BTreeMap<String, Context>,
}

/// Why packs cannot be used: which file, which rule, what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackError {
    message: String,
}

impl PackError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }
}

impl fmt::Display for PackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for PackError {}

impl Pack {
    /// Parses a rule pack; `name` is used in messages.
    ///
    /// # Errors
    /// Says where the file departs from the shape of a rule pack.
    pub fn parse(name: &str, toml: &str) -> Result<Self, PackError> {
        toml::from_str(toml).map_err(|e| PackError::new(format!("rule pack '{name}' is not valid: {e}")))
    }
}

impl Contexts {
    /// Parses the file of contexts.
    ///
    /// # Errors
    /// Says where the file departs from the shape.
    pub fn parse(toml: &str) -> Result<Self, PackError> {
        toml::from_str(toml).map_err(|e| PackError::new(format!("resource 'contexts' is not valid: {e}")))
    }
}
