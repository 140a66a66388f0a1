//! What came of the laws.

use huoyan_model::Localized;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What came of judging one plugin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The plugin's name.
    pub plugin: String,
    /// Its version.
    pub version: String,
    /// BLAKE3 of its file.
    pub digest: String,
    /// The seed of the generated rows.
    pub seed: u64,
    /// One for each law and detector.
    pub laws: Vec<LawReport>,
    /// What this system does not keep from the processes in which the plugin was judged.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gaps: Vec<Localized>,
}

impl Report {
    /// Whether no law is broken.
    pub fn all_kept(&self) -> bool {
        self.laws.iter().all(|law| !matches!(law.outcome, Outcome::Broken(_)))
    }

    /// The ids of the broken laws, each once.
    pub fn broken(&self) -> Vec<&str> {
        self.ids(|outcome| matches!(outcome, Outcome::Broken(_)))
    }

    /// The ids of the laws that could not be judged, each once.
    pub fn unjudged(&self) -> Vec<&str> {
        self.ids(|outcome| matches!(outcome, Outcome::Unjudged { .. }))
    }

    /// The detectors that said nothing of any record by any law, so that what was kept shows little.
    pub fn silent(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for law in self.laws.iter().filter(|law| law.spoke.is_some()) {
            let spoke = |other: &&LawReport| other.detector == law.detector && other.spoke == Some(true);
            if !names.contains(&law.detector.as_str()) && !self.laws.iter().any(|law| spoke(&law)) {
                names.push(&law.detector);
            }
        }
        names
    }

    fn ids(&self, of: impl Fn(&Outcome) -> bool) -> Vec<&str> {
        let mut ids: Vec<&str> = Vec::new();
        for law in self.laws.iter().filter(|law| of(&law.outcome)) {
            if !ids.contains(&law.law.as_str()) {
                ids.push(&law.law);
            }
        }
        ids
    }
}

/// What came of one law for one detector.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LawReport {
    /// The law's id.
    pub law: String,
    /// The law's name.
    pub name: Localized,
    /// The detector.
    pub detector: String,
    /// Whether it said anything of a record; none when no rows were played.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spoke: Option<bool>,
    /// What came of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// Whether a law is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "outcome")]
pub enum Outcome {
    /// Kept.
    Kept {
        /// On so many inputs.
        inputs: usize,
        /// What an author should know all the same.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<Localized>,
    },
    /// There is nothing it could be judged by.
    Moot {
        /// Why.
        why: Localized,
    },
    /// Another law is broken already on the plain input, so there is nothing to compare with.
    Unjudged {
        /// What went wrong there.
        why: Localized,
    },
    /// Broken.
    Broken(Break),
}

/// How a law is broken.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Break {
    /// What differs or went wrong.
    pub what: Localized,
    /// The configuration, where it is not the one that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config: Option<String>,
    /// The smallest input found: lines of a fixture.
    pub input: Vec<Value>,
    /// Whether the law is judged on this input again when it is given as the fixture.
    pub by_fixture: bool,
}
