use serde::{Deserialize, Serialize};

use crate::{Localized, Severity};

/// How far a fact in a rule can be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// The text of a law or of the platform's own published rule.
    High,
    /// A regulator's notice, a standard, or agreeing secondary sources.
    Medium,
    /// One secondary source or our own observation.
    Low,
}

/// Where a rule's content comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provenance {
    /// Title of the law, rule or article, with its clause.
    pub title: String,
    /// The date of the text that was read, `YYYY-MM-DD` or `YYYY-MM`.
    pub as_of: String,
    /// How far it can be relied on.
    pub confidence: Confidence,
}

/// Texts that a rule must and must not meet; `huoyan rules test` runs them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Examples {
    /// Each must give a finding of this rule.
    #[serde(default)]
    pub positive: Vec<String>,
    /// None may give a finding of this rule.
    #[serde(default)]
    pub negative: Vec<String>,
    /// What shows the rule where a single text cannot: pictures, or what several records have in common. Such a rule needs
    /// no positive text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown_by: Option<Localized>,
}

/// What people are told about a rule. Every rule of every detector has this, in the detector's rule pack; how the rule
/// matches is the detector's own business and stands in other tables of the same file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RuleInfo {
    /// `PK001`; two upper-case letters and three digits.
    pub id: String,
    /// A short name.
    pub name: Localized,
    /// One sentence for the person who has to act. It says "suspected" (疑似).
    pub message: Localized,
    /// What policy uses unless the configuration says otherwise.
    pub severity: Severity,
    /// The legal or platform clause.
    #[serde(default)]
    pub clause: Option<Localized>,
    /// Where this comes from.
    pub source: Provenance,
    /// What to write instead, or what to do.
    #[serde(default)]
    pub rewrite: Option<Localized>,
    /// Texts that must and must not be flagged.
    #[serde(default)]
    pub examples: Examples,
}
