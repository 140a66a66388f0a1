use huoyan_model::Localized;
use serde::Serialize;

use crate::case::store::{Fault, StoreReport};
use crate::deadline::RuleSource;
use crate::lint::{ChatFinding, ExhibitId, StatementFinding};
use crate::package::Principle;
use crate::records::Place;
use crate::timeline::Timeline;

/// What a case shows and lacks.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Completeness {
    /// Whether nothing is missing. When it is not, documents are stamped and never withheld.
    pub complete: bool,
    /// Originals that are not there, or not as they were taken in; see [`Completeness::with_originals`].
    pub originals: Vec<Localized>,
    /// What to add, in the order of the table.
    pub missing: Vec<Missing>,
    /// What to add or explain, if there is anything: stretches of which nothing is told. They are questions, and stamp nothing.
    pub questions: Vec<Missing>,
    /// How far each of the three principles is met.
    pub principles: Vec<PrincipleScore>,
    /// Claims that cite no exhibit of the case.
    pub claims_without_exhibit: Vec<String>,
    /// Exhibits that no claim cites.
    pub exhibits_without_claim: Vec<ExhibitId>,
    /// Exhibits that are cited and not in the case.
    pub unknown_citations: Vec<UnknownCitation>,
    /// What in the shop's own chats would sink the appeal.
    pub harmful: Vec<ChatHit>,
    /// Words of the buyer that can be cited.
    pub citable: Vec<ChatHit>,
    /// What the records say against the shop.
    pub ledger: Vec<LedgerFact>,
    /// What the lint says of the statement.
    pub statement: Vec<StatementFinding>,
    /// What in the course of the orders does not fit together; see [`Completeness::with_course`].
    pub course: Vec<Localized>,
    /// What in the exhibits was not read, or not for certain; see [`Completeness::with_reading`].
    pub reading: Vec<Localized>,
    /// What should be known beside it.
    pub notes: Vec<Localized>,
}

impl Completeness {
    /// With what the timeline found not to fit together, which the merchant should look at before anybody else does.
    #[must_use]
    pub fn with_course(mut self, timeline: &Timeline) -> Self {
        let Timeline { missing, conflicts, impossible, shared_waybills, strays, zones, .. } = timeline;
        self.course.extend(conflicts.iter().map(|found| found.message()));
        self.course.extend(impossible.iter().map(|found| found.message()));
        self.course.extend(strays.iter().map(|found| found.message()));
        self.course.extend(shared_waybills.iter().map(|found| found.message()));
        self.course.extend(missing.iter().map(|found| found.message()));
        self.course.extend(zones.iter().map(|found| found.message()));
        self
    }

    /// With what the store says of the originals: a case that lacks one, or holds another in its place, shows nothing.
    #[must_use]
    pub fn with_originals(mut self, report: &StoreReport) -> Self {
        let faults = report.faults.iter().filter(|fault| !matches!(fault, Fault::Unlisted { .. }));
        self.originals.extend(faults.map(Fault::message));
        self.complete &= self.originals.is_empty();
        self
    }

    /// With what a person should look at in the exhibits, each with its exhibit or place.
    #[must_use]
    pub fn with_reading(mut self, notes: impl IntoIterator<Item = Localized>) -> Self {
        self.reading.extend(notes);
        self
    }
}

/// In what way something is missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "lack")]
pub enum Lack {
    /// No exhibit answers it.
    Absent,
    /// An exhibit is there without some of its facts.
    Facts {
        /// The exhibit.
        exhibit: ExhibitId,
        /// The facts, as the table names them.
        facts: Vec<String>,
    },
    /// An exhibit of the right kind is there, from somebody whose word is not enough.
    Source {
        /// The exhibit.
        exhibit: ExhibitId,
    },
    /// Exhibits are there, and their rows show nothing of a stage.
    Stage {
        /// The stage.
        stage: crate::timeline::Stage,
    },
    /// An exhibit of the right kind is there, in which nothing can be read.
    Unread {
        /// The exhibit.
        exhibit: ExhibitId,
    },
    /// A paper is there that is valid no more.
    Expired {
        /// The exhibit.
        exhibit: ExhibitId,
    },
    /// The records leave a time uncovered.
    Gap,
    /// An exhibit shows no tie to the deal.
    Untied {
        /// The exhibit.
        exhibit: ExhibitId,
    },
    /// The buyer's demand is in the chat and no claim quotes it.
    Demand,
    /// No exhibit comes from a third person.
    ThirdPerson,
    /// Nothing is claimed.
    Claims,
    /// The case names a type that is not in the table.
    Type,
}

/// Something to add.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Missing {
    /// The item or group of the table, or `claims`, `demand`, `third_person`, `links`, `type`.
    pub item: String,
    /// In what way.
    #[serde(flatten)]
    pub lack: Lack,
    /// The principle that it serves.
    pub principle: Principle,
    /// What to do, in one sentence.
    pub action: Localized,
    /// Why it is wanted; may be empty.
    pub why: Localized,
    /// How to get it; may be empty.
    pub how: Localized,
    /// Where the wish comes from.
    pub source: Option<RuleSource>,
}

/// How far a principle is met.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PrincipleScore {
    /// The principle.
    pub principle: Principle,
    /// 0 to 100: the part of its points that is met. It is ours, not the platform's.
    pub score: u8,
    /// The points.
    pub reasons: Vec<Reason>,
}

/// A point of a principle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// Whether it is met.
    pub met: bool,
    /// The point.
    pub text: Localized,
}

/// An exhibit that is cited and not in the case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct UnknownCitation {
    /// Who cites it: a claim's id, `subject`, or an exhibit's number.
    pub by: String,
    /// The exhibit.
    pub exhibit: ExhibitId,
}

/// Something found in a chat, with its place.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChatHit {
    /// The message.
    pub place: Place,
    /// What was found; its `message` counts within the exhibit.
    pub finding: ChatFinding,
}

/// Something that the records say against the shop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LedgerFact {
    /// `sent_late`, `not_sent`, `answered_late`.
    pub kind: &'static str,
    /// Where it stands.
    pub place: Place,
    /// The fact.
    pub text: Localized,
}
