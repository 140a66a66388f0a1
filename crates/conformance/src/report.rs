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
}

impl Report {
    /// Whether no law is broken.
    pub fn all_kept(&self) -> bool {
        self.laws.iter().all(|law| !matches!(law.outcome, Outcome::Broken(_)))
    }

    /// The ids of the broken laws, each once.
    pub fn broken(&self) -> Vec<&str> {
        let mut ids: Vec<&str> = Vec::new();
        for law in self.laws.iter().filter(|law| matches!(law.outcome, Outcome::Broken(_))) {
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
}
