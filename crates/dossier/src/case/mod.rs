//! The case: what is appealed, for whom, with which claims and exhibits.
//!
//! `case.json` holds plain data only; everything computed (timeline, completeness, deadlines) is computed anew from it and from the
//! exhibits' bytes, so that a third person gets the same. What must stay true: an exhibit's original bytes never change after
//! [`Store::add`](store::Store::add) put them there, and that one function also writes their custody line.

mod exhibit;
mod guess;
pub mod open;
pub mod store;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use self::exhibit::{COMPARISON, Class, Exhibit, ExhibitKind, Links, Party, Source};
pub use self::guess::{Guess, guess};
use crate::deadline::Instant;
use crate::lint::ExhibitId;

/// The version of `case.json` that this crate writes.
pub const SCHEMA: &str = "huoyan-case/1";

/// A case, as `case.json` holds it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// [`SCHEMA`].
    pub schema: String,
    /// Its name: `CASE-20261122-0001`; letters, digits, `-` and `_`.
    pub id: String,
    /// The package type, an id of `data/packages.toml`: `malicious_review`, `ship_timeout` …
    #[serde(rename = "type")]
    pub package: String,
    /// Where it goes, an id of `data/targets.toml`: `douyin`, `12315`, `court` …
    pub target: String,
    /// The shop that appeals.
    pub shop: Shop,
    /// When the case was opened.
    pub opened_at: Instant,
    /// What is asked for, in one calm sentence; empty until it is said.
    #[serde(default)]
    pub ask: String,
    /// What it is about.
    #[serde(default)]
    pub subjects: Vec<Subject>,
    /// When what starts a deadline happened, by the event's name in `data/deadlines`: `penalty_notice` …
    #[serde(default)]
    pub started: BTreeMap<String, Instant>,
    /// What is claimed, in the order in which it is told.
    #[serde(default)]
    pub claims: Vec<Claim>,
    /// The exhibits, by their numbers.
    #[serde(default)]
    pub exhibits: Vec<Exhibit>,
    /// The answer of an earlier round: the digest of the bundle that was answered with a no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub round_before: Option<String>,
}

/// The shop that appeals.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shop {
    /// Its id on the platform.
    pub id: String,
    /// Its name, as shown; may be empty.
    #[serde(default)]
    pub name: String,
    /// Who signs for it; may be empty.
    #[serde(default)]
    pub contact: String,
}

/// A thing the case is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// `review`, `listing`, `order`, `penalty`, `image`.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// The exhibit that shows it, when it is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown_by: Option<ExhibitId>,
}

/// A claim: one fact, and the exhibits that show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// `C1`, `C2` …
    pub id: String,
    /// The fact, in one sentence, without its citations.
    pub text: String,
    /// The exhibits that show it.
    #[serde(default)]
    pub exhibits: Vec<ExhibitId>,
    /// Among the facts on the cover (three at most).
    #[serde(default)]
    pub on_cover: bool,
}

impl Case {
    /// An exhibit by its number.
    pub fn exhibit(&self, id: ExhibitId) -> Option<&Exhibit> {
        self.exhibits.iter().find(|exhibit| exhibit.id == id)
    }
}
