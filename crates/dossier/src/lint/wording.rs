use std::sync::OnceLock;

use huoyan_model::Localized;
use serde::Deserialize;

use super::{PackError, RuleOrigin};

/// A phrase that says what is proved and no more.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phrase {
    /// Its name, such as `unaltered`.
    pub id: String,
    /// The phrase.
    pub text: Localized,
    /// What must be true before it may be used.
    pub when: Localized,
    /// Where it comes from.
    pub source: RuleOrigin,
}

/// The approved phrases.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wording {
    phrase: Vec<Phrase>,
}

impl Wording {
    /// The phrases that this version came with.
    pub fn built_in() -> &'static Self {
        static WORDING: OnceLock<Wording> = OnceLock::new();
        WORDING.get_or_init(|| {
            Self::parse(include_str!("../../data/lint/wording.toml"))
                .expect("invariant: the phrases that ship are read by the tests")
        })
    }

    /// Reads phrases from TOML in the form of `data/lint/wording.toml`.
    ///
    /// # Errors
    /// A file of another form, or a phrase written twice.
    pub fn parse(text: &str) -> Result<Self, PackError> {
        let made: Self =
            toml::from_str(text).map_err(|e| PackError::Form { detail: e.to_string().trim_end().to_owned() })?;
        for (at, phrase) in made.phrase.iter().enumerate() {
            if made.phrase[..at].iter().any(|before| before.id == phrase.id) {
                return Err(PackError::Twice { id: phrase.id.clone() });
            }
        }
        Ok(made)
    }

    /// Every phrase.
    pub fn iter(&self) -> impl Iterator<Item = &Phrase> {
        self.phrase.iter()
    }

    /// The phrase with this id.
    pub fn get(&self, id: &str) -> Option<&Phrase> {
        self.phrase.iter().find(|phrase| phrase.id == id)
    }
}
