//! The statement of a case, in a fixed order: who appeals, what is asked, three facts, the course, the rules, the exhibits, and
//! what this does not show.
//!
//! It is made of the merchant's claims and of the rows of the exhibits, and adds no fact of its own. What must stay true: each
//! sentence that states a fact cites an exhibit of the case, so a claim without one is left out and named by the check; words of
//! chats are not told here, for they are quoted whole in the exhibits.

mod copies;
mod sentence;

use huoyan_model::{Locale, Localized};
use serde::Serialize;

use crate::assemble::CopyNote;
use crate::case::{Case, Claim};
use crate::check::Deal;
use crate::lint::ExhibitId;
use crate::package::{Packages, Targets, Type};
use crate::records::{Place, Row};
use crate::timeline::{self, Event, events};

pub use self::sentence::{bare, cite};
use self::sentence::{brackets, phrase};

/// A statement in one language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Statement {
    /// Its parts, in order.
    pub sections: Vec<Section>,
}

/// A part of a statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Section {
    /// Which: `appeal`, `ask`, `facts`, `more`, `timeline`, `rules`, `exhibits`, `limits`.
    pub id: &'static str,
    /// Its heading.
    pub heading: String,
    /// Its lines, each one sentence or more.
    pub lines: Vec<String>,
}

impl Statement {
    /// The whole as plain text, which the lint reads.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for section in &self.sections {
            text.push_str(&section.heading);
            text.push('\n');
            for line in &section.lines {
                text.push_str(line);
                text.push('\n');
            }
            text.push('\n');
        }
        text
    }

    /// Tells of each exhibit what goes out of it, and declares no more of it than that.
    pub fn tell_copies(&mut self, case: &Case, copies: &[CopyNote], locale: Locale) {
        for section in &mut self.sections {
            match section.id {
                "exhibits" => section.lines = copies::list(case, Some(copies), locale),
                "limits" => section.lines = copies::limits(case, Some(copies), locale),
                _ => {}
            }
        }
    }

    /// The part with this id.
    pub fn section(&self, id: &str) -> Option<&Section> {
        self.sections.iter().find(|section| section.id == id)
    }
}

/// Writes the statement of a case.
pub fn write(case: &Case, rows: &[(Place, Row)], packages: &Packages, targets: &Targets, locale: Locale) -> Statement {
    let package = packages.get(&case.package);
    let section = |id, zh: &str, en: &str, lines: Vec<String>| {
        let heading = if locale == Locale::Zh { format!("{zh}：") } else { format!("{en}:") };
        (!lines.is_empty()).then_some(Section { id, heading, lines })
    };
    let (first, others) = facts(case, locale);
    let sections = [
        section("appeal", "申诉对象", "What is appealed", appeal(case, package, targets, locale)),
        section("ask", "诉求", "What is asked", vec![sentence(&ask(case, packages, targets, locale), locale)]),
        section("facts", "关键事实", "Key facts", first),
        section("more", "其他事实", "Other facts", others),
        section("timeline", "时间线", "Timeline", timeline(case, rows, locale)),
        section("rules", "规则依据", "Rules", rules(package, locale)),
        section("exhibits", "证据清单", "Exhibits", copies::list(case, None, locale)),
        section("limits", "声明与局限", "Declaration and limits", copies::limits(case, None, locale)),
    ];
    Statement { sections: sections.into_iter().flatten().collect() }
}

/// What is asked for: the case's own words, or those of its type. Without its full stop.
pub fn ask(case: &Case, packages: &Packages, targets: &Targets, locale: Locale) -> String {
    let own = phrase(&case.ask);
    if !own.is_empty() {
        return own;
    }
    let to = targets.get(&case.target).map(|target| target.addressee.clone());
    let to = to.unwrap_or_else(|| Localized::new("平台", "the platform"));
    let ask = packages.get(&case.package).map(|package| package.ask.clone());
    let ask = ask.unwrap_or_else(|| Localized::new("恳请{to}核实", "We ask {to} to examine this"));
    ask.get(locale).replace("{to}", to.get(locale))
}

/// The claims that stand on the cover, three at most, and the others. A claim without an exhibit of the case is in neither.
pub fn claims(case: &Case) -> (Vec<&Claim>, Vec<&Claim>) {
    let shown = |claim: &&Claim| claim.exhibits.iter().any(|id| case.exhibit(*id).is_some());
    let shown: Vec<&Claim> = case.claims.iter().filter(shown).collect();
    let marked = shown.iter().any(|claim| claim.on_cover);
    let mut left = 3;
    shown.into_iter().partition(|claim| {
        let first = left > 0 && (claim.on_cover || !marked);
        left -= usize::from(first);
        first
    })
}

/// The exhibits of a claim that are in the case.
pub fn shown_by(case: &Case, claim: &Claim) -> Vec<ExhibitId> {
    claim.exhibits.iter().copied().filter(|id| case.exhibit(*id).is_some()).collect()
}

fn facts(case: &Case, locale: Locale) -> (Vec<String>, Vec<String>) {
    let (first, others) = claims(case);
    let write = |claims: Vec<&Claim>| {
        claims
            .into_iter()
            .map(|claim| cite(&claim.text, &shown_by(case, claim), locale))
            .filter(|line| !line.is_empty())
            .collect()
    };
    (write(first), write(others))
}

fn appeal(case: &Case, package: Option<&Type>, targets: &Targets, locale: Locale) -> Vec<String> {
    let (shop, target) = (&case.shop, targets.get(&case.target));
    let name = if shop.name.is_empty() { String::new() } else { phrase(&shop.name) };
    let kind = package.map(|package| package.name.get(locale)).unwrap_or(&case.package);
    let to = target.map(|target| target.name.get(locale)).unwrap_or(&case.target);
    let subjects: Vec<String> = case.subjects.iter().map(|subject| subject_of(subject, locale)).collect();
    match locale {
        Locale::Zh => {
            let name = if name.is_empty() { "店铺".to_owned() } else { name };
            let mut lines = vec![format!("申诉人：{name}（店铺 ID {}）", phrase(&shop.id))];
            lines.push(format!("申诉类型：{kind}；提交至：{to}；案号：{}", phrase(&case.id)));
            if !subjects.is_empty() {
                lines.push(format!("申诉对象：{}", subjects.join("、")));
            }
            lines
        }
        Locale::En => {
            let mut lines = vec![format!("We declare this appeal for {name} (shop {})", phrase(&shop.id))];
            lines.push(format!("We declare its type as {kind}, to {to}, case {}", phrase(&case.id)));
            if !subjects.is_empty() {
                lines.push(format!("We declare its subject as {}", subjects.join(", ")));
            }
            lines
        }
    }
}

/// A subject with its id and the exhibit that shows it.
pub fn subject_of(subject: &crate::case::Subject, locale: Locale) -> String {
    let kind: Localized = match subject.kind.as_str() {
        "review" => ("评价", "review").into(),
        "listing" => ("商品", "listing").into(),
        "order" => ("订单", "order").into(),
        "penalty" => ("处罚", "penalty").into(),
        "image" => ("图片", "picture").into(),
        other => phrase(other).into(),
    };
    let shown = subject.shown_by.map(|id| brackets(&[id])).unwrap_or_default();
    format!("{} {}{shown}", kind.get(locale), phrase(&subject.id))
}

fn timeline(case: &Case, rows: &[(Place, Row)], locale: Locale) -> Vec<String> {
    let mut turns = events(Deal::of(case, rows).rows(rows));
    turns.retain(|event| event.turn && case.exhibit(event.place.exhibit).is_some());
    let (turns, left_out) = timeline::bounded(turns, timeline::in_statement());
    // A campaign of reviews is one line, and no less true.
    let alike = |one: &Event, next: &Event| one.what == next.what && one.place.exhibit == next.place.exhibit;
    let mut lines: Vec<String> = turns.chunk_by(alike).flat_map(|run| sentences(run, locale)).collect();
    if left_out > 0 {
        lines.push(match locale {
            Locale::Zh => format!("附件另载 {left_out} 个时间点，此处从略。"),
            Locale::En => format!("Attachments hold {left_out} further moments, which are left out here."),
        });
    }
    lines
}

/// Fewer of one kind in a row are told one by one.
const WORTH_A_SUM: usize = 4;

/// The sentences of a run of events that are the same but for their times.
fn sentences(run: &[Event], locale: Locale) -> Vec<String> {
    let [first, .., last] = run else { return run.iter().map(|event| told(event, locale)).collect() };
    if run.len() < WORTH_A_SUM {
        return run.iter().map(|event| told(event, locale)).collect();
    }
    let (cited, count) = (brackets(&[first.place.exhibit]), run.len());
    let (from, to) = (first.moment(), last.moment());
    vec![match (locale, from == to) {
        (Locale::Zh, true) => format!("{from}，{}，共 {count} 条{cited}。", first.what.zh),
        (Locale::Zh, false) => format!("{from} 至 {to}，{}，共 {count} 条{cited}。", first.what.zh),
        (Locale::En, true) => format!("{from}, {}, {count} times {cited}.", first.what.en),
        (Locale::En, false) => format!("{from} to {to}, {}, {count} times {cited}.", first.what.en),
    }]
}

/// An event in one sentence, with its citation.
fn told(event: &Event, locale: Locale) -> String {
    let (moment, what, cited) = (event.moment(), event.what.get(locale), brackets(&[event.place.exhibit]));
    match locale {
        Locale::Zh => format!("{moment}，{what}{cited}。"),
        Locale::En => format!("{moment}, {what} {cited}."),
    }
}

fn rules(package: Option<&Type>, locale: Locale) -> Vec<String> {
    let basis = package.map(|package| package.basis.as_slice()).unwrap_or_default();
    basis.iter().map(|basis| sentence(basis.text.get(locale), locale)).collect()
}

/// A phrase with its full stop.
fn sentence(text: &str, locale: Locale) -> String {
    let stop = if locale == Locale::Zh { "。" } else { "." };
    format!("{}{stop}", bare(text))
}
