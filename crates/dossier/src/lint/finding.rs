use std::ops::Range;

use huoyan_model::Localized;
use serde::{Deserialize, Serialize};

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A factual sentence that cites no exhibit.
    Unsupported,
    /// An exhibit is cited that is not in the list.
    UnknownExhibit,
    /// An exhibit of the list that no sentence cites.
    UnusedExhibit,
    /// An insult in the writer's own words.
    Insult,
    /// A guess told as a fact.
    Speculation,
    /// A word that leaves no room for the reader's own judgement.
    Absolute,
    /// A threat.
    Threat,
    /// More is claimed than the exhibits can show.
    BeyondProof,
    /// Anger and pathos.
    Emotion,
    /// A run of exclamation marks.
    Exclamation,
    /// A link out of the dossier.
    ExternalLink,
    /// Somebody is pressed to change or remove a review.
    ReviewPressure,
    /// Praise is asked for.
    AsksPraise,
    /// Money or goods for a review.
    CompensationForReview,
    /// The buyer is led away from the platform.
    OffPlatform,
    /// The shop admits a fault of its own.
    FaultAdmission,
    /// The shop refuses a return.
    RefusesReturn,
    /// The buyer makes the review depend on money.
    Extortion,
    /// The buyer threatens with a bad review or complaint where a refund is in dispute.
    ConditionalThreat,
    /// The buyer says that the complaint is not true or was ordered.
    BuyerAdmission,
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// A matter of style.
    Low,
    /// It weakens the appeal.
    Medium,
    /// It can sink the appeal or, in a buyer's words, carry it.
    High,
}

/// Something found in a statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StatementFinding {
    /// The sentence, from 0; `None` for what concerns the whole.
    pub sentence: Option<usize>,
    /// The words, in bytes of the statement.
    pub span: Range<usize>,
    /// The words themselves; for an unused exhibit its id.
    pub words: String,
    /// What it is about.
    pub kind: Kind,
    /// How much it matters.
    pub severity: Severity,
    /// The rule that found it.
    pub rule: String,
    /// Why it matters.
    pub why: Localized,
    /// What to do.
    pub suggestion: Localized,
}

/// Something found in a chat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChatFinding {
    /// The message, from 0.
    pub message: usize,
    /// The words, in bytes of the message.
    pub span: Range<usize>,
    /// The words themselves.
    pub words: String,
    /// What it is about.
    pub kind: Kind,
    /// How much it matters.
    pub severity: Severity,
    /// Whether it speaks for the appeal: words of the buyer that can be cited.
    pub helps: bool,
    /// The message that gives it this meaning, when that is another one.
    pub with: Option<usize>,
    /// The rule that found it.
    pub rule: String,
    /// Why it matters.
    pub why: Localized,
    /// What to do.
    pub suggestion: Localized,
}
