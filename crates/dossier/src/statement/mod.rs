//! The statement of a case, in a fixed order: who appeals, what is asked, three facts, the course, the rules, the exhibits, and
//! what this does not show.
//!
//! It is made of the merchant's claims and of the rows of the exhibits, and adds no fact of its own. What must stay true: each
//! sentence that states a fact cites an exhibit of the case, so a claim without one is left out and named by the check; words of
//! chats are not told here, for they are quoted whole in the exhibits.

mod sentence;

use huoyan_model::{Locale, Localized};
use serde::Serialize;

use crate::case::{Case, Claim, Exhibit};
use crate::check::Deal;
use crate::lint::{ExhibitId, Wording};
use crate::package::{Packages, Targets, Type};
use crate::records::{Place, Row};
use crate::timeline::{self, Event, events};

pub use self::sentence::cite;
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
        section("exhibits", "附件清单", "Exhibits", list(case, locale)),
        section("limits", "声明与局限", "Declaration and limits", limits(case, locale)),
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
    let mut lines: Vec<String> = turns.iter().map(|event| told(event, locale)).collect();
    if left_out > 0 {
        lines.push(match locale {
            Locale::Zh => format!("附件另载 {left_out} 个时间点，此处从略。"),
            Locale::En => format!("Attachments hold {left_out} further moments, which are left out here."),
        });
    }
    lines
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

fn list(case: &Case, locale: Locale) -> Vec<String> {
    case.exhibits.iter().map(|exhibit| listed(exhibit, locale)).collect()
}

fn listed(exhibit: &Exhibit, locale: Locale) -> String {
    let (title, party) = (phrase(&exhibit.title), exhibit.source.party.name());
    let copy = exhibit.copy_of.map(|original| match locale {
        Locale::Zh => format!("，{original} 的遮盖副本，并非原件"),
        Locale::En => format!(", a redacted copy of {original}, not the original"),
    });
    let (copy, cited, digest) = (copy.unwrap_or_default(), brackets(&[exhibit.id]), exhibit.sha256);
    match locale {
        Locale::Zh => format!("附件{cited}：{title}，来自{}{copy}，SHA-256 {digest}", party.zh),
        Locale::En => format!("Attachments {cited}: {title}, from {}{copy}, SHA-256 {digest}", party.en),
    }
}

fn limits(case: &Case, locale: Locale) -> Vec<String> {
    let phrase = |id: &str| Wording::built_in().get(id).map(|phrase| phrase.text.get(locale)).unwrap_or_default();
    let (unaltered, unproved) = (phrase("unaltered"), phrase("content_not_proved"));
    let mut lines = match locale {
        Locale::Zh => vec![
            format!("声明：清单所列附件{unaltered}，可凭哈希值核对。"),
            format!("局限：{unproved}。"),
            "声明：本陈述只写证据所显示的内容，是否构成违规由受理方认定。".to_owned(),
        ],
        Locale::En => vec![
            format!("We declare that the exhibits listed are {unaltered}, which their digests let anybody check."),
            format!("We understand that {unproved}."),
            "We understand that this tells only what the exhibits show; whether a rule was broken is for the reader to judge.".to_owned(),
        ],
    };
    if let Some(round) = &case.round_before {
        let round = sentence::phrase(round);
        lines.push(match locale {
            Locale::Zh => format!("声明：本次为再次申诉，前次材料的摘要为 {round}。"),
            Locale::En => format!("We declare this a further round; the digest of the bundle before is {round}."),
        });
    }
    lines
}

/// A phrase with its full stop.
fn sentence(text: &str, locale: Locale) -> String {
    let stop = if locale == Locale::Zh { "。" } else { "." };
    format!("{}{stop}", text.trim_end_matches(['。', '.', '！', '!', '？', '?']))
}
