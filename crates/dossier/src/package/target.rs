use std::sync::OnceLock;

use huoyan_model::Localized;
use serde::Deserialize;

use super::TableError;
use super::packages::once;
use crate::bundle::Limits;
use crate::deadline::RuleSource;

/// Somewhere a dossier can go. Limits that no source names are `None`: nothing is then checked.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// Its name in commands and files.
    pub id: String,
    /// Its name for people.
    pub name: Localized,
    /// Who is asked, as the object of a sentence.
    pub addressee: Localized,
    /// Bytes of one file.
    pub max_file_bytes: Option<u64>,
    /// Files of one appeal.
    pub max_files: Option<usize>,
    /// Whether the limit counts a file as mail carries it.
    #[serde(default)]
    pub counts_encoded: bool,
    /// Characters of the statement.
    pub max_chars: Option<usize>,
    /// Types of files that are taken; unknown when empty.
    #[serde(default)]
    pub types: Vec<String>,
    /// Where it is mailed to; only with a source.
    pub mail: Option<String>,
    /// The subject of the mail, with `{shop_id}` and `{type}`.
    pub subject: Option<Localized>,
    /// Where this comes from.
    pub source: RuleSource,
}

impl Target {
    /// What a bundle for it may be.
    pub fn limits(&self) -> Limits {
        let none = Limits::none();
        Limits {
            max_file_bytes: self.max_file_bytes.unwrap_or(none.max_file_bytes),
            max_files: self.max_files.unwrap_or(none.max_files),
            counts_encoded: self.counts_encoded,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pack {
    name: String,
    as_of: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    pack: Pack,
    target: Vec<Target>,
}

/// The targets there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Targets {
    name: String,
    as_of: String,
    targets: Vec<Target>,
}

impl Targets {
    /// The targets that this version came with.
    pub fn built_in() -> &'static Self {
        static TARGETS: OnceLock<Targets> = OnceLock::new();
        TARGETS.get_or_init(|| {
            Self::parse(include_str!("../../data/targets.toml"))
                .expect("invariant: the targets that ship are read by the tests")
        })
    }

    /// Reads targets from TOML in the form of `data/targets.toml`.
    ///
    /// # Errors
    /// A file of another form, or an id written twice.
    pub fn parse(text: &str) -> Result<Self, TableError> {
        let File { pack, target } =
            toml::from_str(text).map_err(|e| TableError::Form { detail: e.to_string().trim_end().to_owned() })?;
        once(target.iter().map(|target| &target.id))?;
        Ok(Self { name: pack.name, as_of: pack.as_of, targets: target })
    }

    /// The table's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The day on which it was last checked.
    pub fn as_of(&self) -> &str {
        &self.as_of
    }

    /// Every target, in the order of the table.
    pub fn iter(&self) -> impl Iterator<Item = &Target> {
        self.targets.iter()
    }

    /// The target with this id.
    pub fn get(&self, id: &str) -> Option<&Target> {
        self.targets.iter().find(|target| target.id == id)
    }
}
