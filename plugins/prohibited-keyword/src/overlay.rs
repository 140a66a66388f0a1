//! Changes to the rule packs that one user of them wants: terms added and taken out, phrases allowed, rules switched off.
//!
//! An overlay leaves the packs and the automaton made of them as they are. It is compiled by itself, in well under a
//! millisecond for a few words, and laid over the screen while a text is judged; so each shop of a platform may have its own.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::pack::{Head, PackError};

/// Changes to the packs.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Overlay {
    /// Its name and age.
    pub overlay: Option<Head>,
    /// The shops whose listings it is for, by `shop_id`; for all listings when there are none.
    #[serde(default)]
    pub shops: Vec<String>,
    /// Phrases that are fine in every rule.
    #[serde(default)]
    pub allow: Vec<String>,
    /// What changes, by rule id.
    #[serde(default, rename = "rule")]
    pub rules: BTreeMap<String, Change>,
}

/// What changes in one rule. Lists of terms are those of [`crate::pack::Rule`].
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Change {
    /// Further terms that count alone, in every disguise.
    pub terms: Vec<String>,
    /// Further terms that count only as written.
    pub exact: Vec<String>,
    /// Further terms that count when they are hidden.
    pub hidden: Vec<String>,
    /// Further weak terms.
    pub weak: Vec<String>,
    /// Further phrases that are fine.
    pub allow: Vec<String>,
    /// Terms of the pack that no longer count, written as the pack writes them.
    pub remove: Vec<String>,
    /// The rule finds nothing at all.
    pub off: bool,
}

impl Overlay {
    /// Parses an overlay; `name` is used in messages.
    ///
    /// # Errors
    /// Says where the file departs from the shape.
    pub fn parse(name: &str, toml: &str) -> Result<Self, PackError> {
        toml::from_str(toml).map_err(|e| PackError::new(format!("'{name}' is not a valid overlay: {e}")))
    }

    /// Whether it changes nothing.
    pub fn is_empty(&self) -> bool {
        self.allow.is_empty() && self.rules.values().all(|change| *change == Change::default())
    }

    /// The changes of all `parts`. Its name is that of the last, the one that errors are most likely about.
    pub fn all_of<'a>(parts: impl IntoIterator<Item = &'a Self>) -> Self {
        parts.into_iter().fold(Self::default(), |mut all, part| {
            all.merge(part);
            all
        })
    }

    fn merge(&mut self, other: &Self) {
        self.overlay = other.overlay.clone().or(self.overlay.take());
        self.allow.extend_from_slice(&other.allow);
        for (id, more) in &other.rules {
            let change = self.rules.entry(id.clone()).or_default();
            for (list, more) in [
                (&mut change.terms, &more.terms),
                (&mut change.exact, &more.exact),
                (&mut change.hidden, &more.hidden),
                (&mut change.weak, &more.weak),
                (&mut change.allow, &more.allow),
                (&mut change.remove, &more.remove),
            ] {
                list.extend_from_slice(more);
            }
            change.off |= more.off;
        }
    }
}
