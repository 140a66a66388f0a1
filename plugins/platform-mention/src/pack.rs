//! The data of the detector: rules, names, contexts, domains, as they are written in TOML.

use serde::Deserialize;

use crate::screen::Voice;

/// What is wrong with a file of the pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackError(pub String);

impl std::fmt::Display for PackError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for PackError {}

/// The head of a file of the pack.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The date its content was last checked, `YYYY-MM` or `YYYY-MM-DD`.
    pub as_of: String,
}

/// One rule, as far as the detector cares; the host reads the rest.
#[derive(Clone, Debug, Deserialize)]
pub struct Rule {
    /// `PM001`.
    pub id: String,
    /// What it covers: `market.invite`, `mobile`, … (see [`mod@crate::screen`]).
    pub when: Vec<String>,
    /// The platform's clause.
    pub clause: Option<Text>,
    /// What to write instead.
    pub rewrite: Option<Text>,
    /// Texts that must and must not be flagged.
    #[serde(default)]
    pub examples: Examples,
}

/// A text of a rule; the host reads the English one.
#[derive(Clone, Debug, Deserialize)]
pub struct Text {
    /// Simplified Chinese.
    pub zh: String,
}

/// The examples of a rule.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Examples {
    /// Each must give a finding of the rule at 0.5 or more (for rules about complaints and mentions: any score).
    #[serde(default)]
    pub positive: Vec<String>,
    /// None may give a finding of the rule at 0.5 or more.
    #[serde(default)]
    pub negative: Vec<String>,
}

/// A file of rules.
#[derive(Clone, Debug, Deserialize)]
pub struct RuleFile {
    /// Its rules.
    #[serde(default)]
    pub rule: Vec<Rule>,
}

/// How the words around a name are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// A marketplace.
    Market,
    /// A content or social platform.
    Social,
    /// A messenger.
    Messenger,
    /// A group, an official account, a code to scan.
    Group,
    /// A way to pay past the platform.
    Pay,
    /// A contact without a place.
    Contact,
}

impl Class {
    /// The name used in the pack.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Market => "market",
            Self::Social => "social",
            Self::Messenger => "messenger",
            Self::Group => "group",
            Self::Pay => "pay",
            Self::Contact => "contact",
        }
    }
}

/// What kind of account makes a name a contact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Identifier {
    /// Letters and figures, or a number.
    #[default]
    Any,
    /// A number.
    Digits,
    /// Whatever follows a colon.
    Colon,
    /// Nothing.
    None,
}

/// Names of one place.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alias {
    /// What evidence names.
    pub target: String,
    /// How context is read.
    pub class: Class,
    /// The names.
    pub words: Vec<String>,
    /// The score of the bare name, 0 to 1.
    pub base: f64,
    /// Computed disguises, by name.
    #[serde(default)]
    pub variants: Vec<String>,
    /// Whether these are nicknames.
    #[serde(default)]
    pub slang: bool,
    /// Whether nothing but the end of a word may follow.
    #[serde(default)]
    pub open: bool,
    /// Whether neither letters nor figures may touch.
    #[serde(default)]
    pub strict: bool,
    /// What account makes it a contact.
    #[serde(default)]
    pub id: Identifier,
}

/// A file of names.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AliasFile {
    /// The names.
    pub alias: Vec<Alias>,
}

/// Where a cue stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// Before the name.
    Before,
    /// After the name.
    After,
    /// On either side.
    Near,
}

/// Words that say something about a name near them.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cue {
    /// Cues of one group count once, the strongest.
    pub group: String,
    /// Where it stands.
    pub side: Side,
    /// The classes it speaks about.
    pub classes: Vec<Class>,
    /// Whose words it weighs; anybody's without.
    #[serde(default)]
    pub voice: Option<Voice>,
    /// Characters between cue and name at most.
    pub reach: u32,
    /// What it adds to the score.
    pub weight: f64,
    /// The words.
    pub words: Vec<String>,
}

/// Words that say something about a number after them.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NumberCue {
    /// What it adds to the score.
    pub weight: f64,
    /// Characters between cue and number at most.
    pub reach: u32,
    /// The words.
    pub words: Vec<String>,
}

/// Words by which a number is told in pieces.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pieces {
    /// The words.
    pub words: Vec<String>,
}

/// Addresses that are names of things.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Addresses {
    /// Domains that are never reported.
    pub ignore: Vec<String>,
}

/// Phrases in which no name counts.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Allow {
    /// Whole phrases.
    pub phrases: Vec<String>,
    /// Words that no name is cut out of.
    pub cuts: Vec<String>,
}

/// Words by which a review says that the shop was the one who asked.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Complaint {
    /// The words.
    pub words: Vec<String>,
    /// Characters between them and the name at most.
    pub reach: u32,
}

/// The file of contexts.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContextFile {
    /// Cues about names.
    pub cue: Vec<Cue>,
    /// Cues about numbers.
    pub number: Vec<NumberCue>,
    /// Numbers told in pieces.
    pub pieces: Pieces,
    /// Addresses that are no addresses.
    pub address: Addresses,
    /// Allowed phrases.
    pub allow: Allow,
    /// Complaints in reviews.
    pub complaint: Complaint,
}

/// The file of domains.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DomainFile {
    /// Domains by whose they are.
    pub domains: std::collections::BTreeMap<String, Vec<String>>,
}

/// Reads one file of the pack.
///
/// # Errors
/// Says which file, where in it, and what is wrong.
pub fn read<T: for<'de> Deserialize<'de>>(name: &str, text: &str) -> Result<T, PackError> {
    toml::from_str(text).map_err(|error| PackError(format!("resource '{name}' is not a valid table: {error}")))
}
