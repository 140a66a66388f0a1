//! What a case lacks, said as actions, and what in it would speak against the shop.
//!
//! An appeal is refused without a word on what was missing, so the table of packages says it beforehand. What must stay true:
//!
//! * it never blocks: an incomplete case is stamped `未完整` and goes where the merchant wants it;
//! * each missing thing is named once, by the item that would bring it: what follows from it is not told again;
//! * nothing here says that the merchant is right; scores are parts of points met and ours alone.

mod completeness;
mod deal;
mod harm;
mod items;
mod notes;
mod relevance;
mod score;
mod stages;

use huoyan_model::Localized;

use self::score::Points;
use crate::case::Case;
use crate::deadline::{Calendar, Instant, Rules};
use crate::lint::{ExhibitId, LintPack};
use crate::package::{Packages, Principle, Targets, Type};
use crate::records::{Place, Row};

pub use self::completeness::{
    ChatHit, Completeness, Lack, LedgerFact, Missing, PrincipleScore, Reason, UnknownCitation,
};
pub use self::deal::Deal;
pub(crate) use self::relevance::quotations;

/// What is checked.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'c> {
    /// The case.
    pub case: &'c Case,
    /// The rows of its exhibits, those of each exhibit in their order.
    pub rows: &'c [(Place, Row)],
    /// Exhibits in which nothing can be read that they are there for, each with why.
    pub unread: &'c [(ExhibitId, Localized)],
    /// Times that the records leave uncovered.
    pub gaps: &'c [Gap],
    /// The statement, once there is one.
    pub statement: Option<&'c str>,
}

/// A time that the records leave uncovered, longer than its stage allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The last thing before it.
    pub from: Instant,
    /// The first thing after it.
    pub to: Instant,
}

/// By what it is checked.
#[derive(Clone, Copy, Debug)]
pub struct Tables<'t> {
    /// The types of packages.
    pub packages: &'t Packages,
    /// The targets.
    pub targets: &'t Targets,
    /// The lint of chats and statements.
    pub lint: &'t LintPack,
    /// The deadlines there are.
    pub rules: &'t Rules,
    /// The days that are worked.
    pub calendar: &'t Calendar,
}

impl Subject<'_> {
    /// Why nothing can be read in an exhibit, if so.
    fn unread(&self, id: ExhibitId) -> Option<&Localized> {
        self.unread.iter().find(|(exhibit, _)| *exhibit == id).map(|(_, why)| why)
    }
}

impl Tables<'static> {
    /// The tables that this version came with.
    pub fn built_in() -> Self {
        Self {
            packages: Packages::built_in(),
            targets: Targets::built_in(),
            lint: LintPack::built_in(),
            rules: Rules::built_in(),
            calendar: Calendar::built_in(),
        }
    }
}

/// Checks a case at a moment.
pub fn check(subject: &Subject, tables: &Tables, now: Instant) -> Completeness {
    let Subject { case, rows, .. } = *subject;
    let deal = Deal::of(case, rows);
    let (harmful, citable) = harm::chats(rows, tables.lint);
    let mut found = Found { missing: Vec::new(), questions: Vec::new(), points: Points::default() };
    let claims_without_exhibit = relevance::bare_claims(case);
    let exhibits_without_claim = relevance::idle_exhibits(case, tables.packages.get(&case.package));
    let unknown_citations = relevance::unknown_citations(case);
    if let Some(package) = tables.packages.get(&case.package) {
        let answered = items::check(subject, package, tables.packages, &deal, &mut found);
        stages::check(subject, package, tables.packages, &answered, &deal, &mut found);
        relevance::check(subject, package, &citable, &mut found);
        third_person(subject, package, tables.packages, &mut found);
    } else {
        found.missing.push(unknown_type(case, tables.packages));
    }
    relevance::score(&claims_without_exhibit, &exhibits_without_claim, &unknown_citations, &mut found.points);
    let complete = found.missing.is_empty() && claims_without_exhibit.is_empty() && unknown_citations.is_empty();
    Completeness {
        complete,
        originals: Vec::new(),
        missing: found.missing,
        questions: found.questions,
        principles: found.points.scores(),
        claims_without_exhibit,
        exhibits_without_claim,
        unknown_citations,
        harmful,
        citable,
        ledger: harm::ledger(&deal.rows(rows), tables, now),
        statement: harm::statement(case, subject.statement, tables.lint),
        course: Vec::new(),
        reading: Vec::new(),
        notes: notes::notes(subject, tables, now),
    }
}

/// What the parts of the check gather.
struct Found {
    missing: Vec<Missing>,
    questions: Vec<Missing>,
    points: Points,
}

/// At least one exhibit must come from neither party. Where an item that would bring it is missing, that says it.
fn third_person(subject: &Subject, package: &Type, packages: &Packages, found: &mut Found) {
    let outside: Vec<String> = subject
        .case
        .exhibits
        .iter()
        .filter(|exhibit| exhibit.source.party.is_outside() && subject.unread(exhibit.id).is_none())
        .map(|exhibit| exhibit.id.to_string())
        .collect();
    let brings = |missing: &Missing| {
        let item = packages.item(&missing.item);
        let outside =
            item.is_some_and(|item| !item.from.is_empty() && item.from.iter().all(|party| party.is_outside()));
        outside || missing.principle == Principle::Corroboration
    };
    let named = found.missing.iter().any(brings);
    if !outside.is_empty() {
        let list = outside.join("、");
        let text =
            (format!("有第三方材料：{list}"), format!("third persons' records are there: {}", outside.join(", ")));
        found.points.add(Principle::Corroboration, true, text);
        return;
    }
    let text = ("没有买卖双方以外的第三方材料", "nothing comes from a person other than shop and buyer");
    found.points.add(Principle::Corroboration, false, text);
    if !named {
        found.missing.push(Missing {
            item: "third_person".to_owned(),
            lack: Lack::ThirdPerson,
            principle: Principle::Corroboration,
            action: (
                "缺少：至少一份买卖双方以外的第三方材料，如物流、质检、支付或平台记录（第三方佐证）",
                "missing: at least one record of a third person, such as carrier, laboratory, payment service or platform (corroboration)",
            )
                .into(),
            why: ("双方各执一词时，第三方材料最有分量。", "Where the parties differ, a third person's record weighs most.").into(),
            how: Default::default(),
            source: packages.source(&package.source).cloned(),
        });
    }
}

fn unknown_type(case: &Case, packages: &Packages) -> Missing {
    let known: Vec<&str> = packages.iter().map(|package| package.id.as_str()).collect();
    let known = known.join(", ");
    Missing {
        item: "type".to_owned(),
        lack: Lack::Type,
        principle: Principle::Relevance,
        action: (
            format!("改正：案件类型“{}”不在表中；可用：{known}", case.package),
            format!("correct: the type '{}' is not in the table; there are {known}", case.package),
        )
            .into(),
        why: Default::default(),
        how: Default::default(),
        source: None,
    }
}
