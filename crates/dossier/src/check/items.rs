//! Which items of the table the exhibits answer.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use huoyan_model::{Locale, Localized};
use serde::Serialize;

use super::stages::Days;
use super::{Deal, Found, Lack, Missing, Subject};
use crate::case::Exhibit;
use crate::lint::ExhibitId;
use crate::package::{Item, OneOf, Packages, Type};

/// The exhibits that answer each item.
pub(super) type Answered = BTreeMap<String, Vec<ExhibitId>>;

pub(super) fn check(
    subject: &Subject,
    package: &Type,
    packages: &Packages,
    deal: &Deal,
    found: &mut Found,
) -> Answered {
    let ids =
        package.required.iter().chain(package.one_of.iter().flat_map(|group| &group.items)).chain(&package.helpful);
    let answered: Answered =
        ids.filter_map(|id| packages.item(id)).map(|item| (item.id.clone(), answers(item, subject))).collect();
    // An exhibit that answers one item is no poor answer to another.
    let taken: BTreeSet<ExhibitId> = answered.values().flatten().copied().collect();
    let days = Days::of(&deal.rows(subject.rows));
    for item in packages.items(&package.required) {
        let exhibits = &answered[&item.id];
        if exhibits.is_empty() {
            let missing = lacking(item, subject, &taken, packages, &days);
            found.points.add(item.principle, false, missing.action.clone());
            found.missing.push(missing);
        } else {
            found.points.add(item.principle, true, there(&item.name, exhibits));
        }
    }
    for group in &package.one_of {
        let exhibits: Vec<ExhibitId> =
            group.items.iter().filter_map(|id| answered.get(id)).flatten().copied().collect();
        let Some(first) = packages.items(&group.items).next() else { continue };
        if exhibits.is_empty() {
            let missing = none_of(group, first, subject, &taken, packages);
            found.points.add(first.principle, false, missing.action.clone());
            found.missing.push(missing);
        } else {
            found.points.add(first.principle, true, there(&group.name, &exhibits));
        }
    }
    answered
}

/// The exhibits that answer an item. A copy of ours answers nothing that its original does not.
fn answers(item: &Item, subject: &Subject) -> Vec<ExhibitId> {
    let opened = subject.case.opened_at.china_date();
    let answers = |exhibit: &&Exhibit| {
        item.is_answered_by(exhibit) && subject.unread(exhibit.id).is_none() && item.ended(exhibit, opened).is_none()
    };
    subject.case.exhibits.iter().filter(answers).map(|exhibit| exhibit.id).collect()
}

/// An exhibit that nearly answers the item, and what it lacks: one that lacks facts, the least of them, or one from somebody else, or
/// one in which nothing can be read.
fn nearly(
    item: &Item,
    subject: &Subject,
    taken: &BTreeSet<ExhibitId>,
    packages: &Packages,
) -> Option<(Lack, Localized)> {
    let case = subject.case;
    let free = |exhibit: &&Exhibit| !taken.contains(&exhibit.id) && subject.unread(exhibit.id).is_none();
    let candidates = case.exhibits.iter().filter(|exhibit| item.takes(exhibit)).filter(free);
    if let Some(exhibit) = candidates.min_by_key(|exhibit| item.lacking(exhibit).count()) {
        let ended = item.ended(exhibit, case.opened_at.china_date()).filter(|_| item.lacking(exhibit).next().is_none());
        return Some(ended.map_or_else(|| facts(item, exhibit, packages), |day| expired(item, exhibit.id, day)));
    }
    let like = || case.exhibits.iter().filter(|exhibit| item.is_like(exhibit));
    let Some(exhibit) = like().find(free) else {
        return like().find_map(|exhibit| Some(unread(item, exhibit.id, subject.unread(exhibit.id)?)));
    };
    let (from, principle) = (names(item.from.iter().map(|party| party.name())), item.principle.name());
    let (id, party) = (exhibit.id, exhibit.source.party.name());
    let action = Localized::new(
        format!("补充：{}须来自{}，{id} 来自{}（{}）", item.name.zh, from.zh, party.zh, principle.zh),
        format!("complete: {} must come from {}, {id} is from {} ({})", item.name.en, from.en, party.en, principle.en),
    );
    Some((Lack::Source { exhibit: id }, action))
}

/// A paper that is valid no more.
fn expired(item: &Item, id: ExhibitId, day: NaiveDate) -> (Lack, Localized) {
    let (name, principle) = (&item.name, item.principle.name());
    let action = Localized::new(
        format!("更换：{}（{id}）已于 {day} 到期（{}）", name.zh, principle.zh),
        format!("replace: {} ({id}) was valid until {day} ({})", name.en, principle.en),
    );
    (Lack::Expired { exhibit: id }, action)
}

/// An exhibit of the right kind that tells nothing.
fn unread(item: &Item, id: ExhibitId, why: &Localized) -> (Lack, Localized) {
    let (name, principle) = (&item.name, item.principle.name());
    let action = Localized::new(
        format!("更换：{}（{id}）读不出内容：{}（{}）", name.zh, why.zh, principle.zh),
        format!("replace: {} ({id}) cannot be read: {} ({})", name.en, why.en, principle.en),
    );
    (Lack::Unread { exhibit: id }, action)
}

fn lacking(item: &Item, subject: &Subject, taken: &BTreeSet<ExhibitId>, packages: &Packages, days: &Days) -> Missing {
    let absent = || absent(&days.name(item), item);
    let (lack, action) = nearly(item, subject, taken, packages).unwrap_or_else(absent);
    missing(&item.id, lack, action, item, packages)
}

fn none_of(
    group: &OneOf,
    first: &Item,
    subject: &Subject,
    taken: &BTreeSet<ExhibitId>,
    packages: &Packages,
) -> Missing {
    let near = packages.items(&group.items).find_map(|item| nearly(item, subject, taken, packages));
    let (lack, action) = near.unwrap_or_else(|| absent(&group.name, first));
    missing(&group.id, lack, action, first, packages)
}

fn absent(name: &Localized, item: &Item) -> (Lack, Localized) {
    let principle = item.principle.name();
    let action = Localized::new(
        format!("缺少：{}（{}）", name.zh, principle.zh),
        format!("missing: {} ({})", name.en, principle.en),
    );
    (Lack::Absent, action)
}

fn names(names: impl Iterator<Item = Localized>) -> Localized {
    let (zh, en): (Vec<_>, Vec<_>) = names.map(|name| (name.zh, name.en)).unzip();
    Localized::new(zh.join("、"), en.join(", "))
}

fn facts(item: &Item, exhibit: &Exhibit, packages: &Packages) -> (Lack, Localized) {
    let facts: Vec<String> = item.lacking(exhibit).map(str::to_owned).collect();
    let names = names(facts.iter().map(|fact| packages.fact_name(fact)));
    let (id, principle) = (exhibit.id, item.principle.name());
    let action = Localized::new(
        format!("补充：{}（{id}）未注明{}（{}）", item.name.zh, names.zh, principle.zh),
        format!("complete: {} ({id}) lacks {} ({})", item.name.en, names.en, principle.en),
    );
    (Lack::Facts { exhibit: id, facts }, action)
}

pub(super) fn missing(id: &str, lack: Lack, action: Localized, item: &Item, packages: &Packages) -> Missing {
    Missing {
        item: id.to_owned(),
        lack,
        principle: item.principle,
        action,
        why: item.why.clone(),
        how: how(item, packages),
        source: packages.source(&item.source).cloned(),
    }
}

/// How to get it, and the options by which it is added so that it counts.
fn how(item: &Item, packages: &Packages) -> Localized {
    let mut options = vec![format!("--kind {}", word(&item.kinds[0]))];
    options.extend(item.from.first().map(|party| format!("--party {}", word(party))));
    let facts = |locale| {
        let facts =
            item.needs.iter().map(move |fact| format!("--fact {fact}={}", packages.fact_name(fact).get(locale)));
        options.iter().cloned().chain(facts).collect::<Vec<_>>().join(" ")
    };
    Localized::new(
        format!("{}添加时注明：{}", item.how.zh, facts(Locale::Zh)),
        format!("{} Add it with {}", item.how.en, facts(Locale::En)),
    )
}

/// A word as files and options write it.
fn word(word: &impl Serialize) -> String {
    serde_json::to_value(word).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

fn there(name: &Localized, exhibits: &[ExhibitId]) -> Localized {
    let list: Vec<String> = exhibits.iter().map(ToString::to_string).collect();
    Localized::new(
        format!("已有：{}（{}）", name.zh, list.join("、")),
        format!("there: {} ({})", name.en, list.join(", ")),
    )
}
