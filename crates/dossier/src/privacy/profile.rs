//! Profiles: for whom a text is redacted.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde::Deserialize;

use super::Kind;

/// What is replaced for a reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    name: String,
    keep: BTreeSet<Kind>,
    shop: bool,
}

#[derive(Deserialize)]
struct File {
    profile: BTreeMap<String, Entry>,
}

#[derive(Deserialize)]
struct Entry {
    keep: BTreeSet<Kind>,
    #[serde(default)]
    shop: bool,
}

impl Profile {
    /// The profile with this name in `data/privacy/profiles.toml`: `platform`, `confidential`, `public`.
    pub fn named(name: &str) -> Option<Self> {
        static FILE: LazyLock<File> = LazyLock::new(|| {
            toml::from_str(include_str!("../../data/privacy/profiles.toml"))
                .expect("invariant: the committed profiles can be read")
        });
        let entry = FILE.profile.get(name)?;
        Some(Self { name: name.to_owned(), keep: entry.keep.clone(), shop: entry.shop })
    }

    /// For the platform that decides the appeal.
    pub fn platform() -> Self {
        Self::named("platform").expect("invariant: the committed profiles have 'platform'")
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether values of this kind are replaced.
    pub fn replaces(&self, kind: Kind) -> bool {
        if kind == Kind::Shop { self.shop } else { !self.keep.contains(&kind) }
    }
}
