//! Continuity: whether the stages of the deal that the type needs are shown, without gaps.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};
use huoyan_model::Localized;

use super::items::{Answered, missing};
use super::{Deal, Found, Lack, Subject};
use crate::lint::{ExhibitId, Who};
use crate::package::{Item, Packages, Principle, Type};
use crate::records::{Place, Row, Step};
use crate::timeline::Stage;

/// The stages that a row shows.
pub(super) fn stages_of(row: &Row) -> Vec<Stage> {
    match row {
        Row::Message { who: Who::Buyer, .. } => vec![Stage::Consultation],
        Row::Message { .. } | Row::Call { .. } | Row::Price { .. } => Vec::new(),
        Row::Order { ordered, paid, sent, received, .. } => [
            (ordered.is_some(), Stage::Order),
            (paid.is_some(), Stage::Payment),
            (sent.is_some(), Stage::Dispatch),
            (received.is_some(), Stage::Receipt),
        ]
        .into_iter()
        .filter_map(|(there, stage)| there.then_some(stage))
        .collect(),
        Row::Payment { amount, .. } if *amount > 0 => vec![Stage::Payment],
        Row::Payment { .. } | Row::AfterSale { .. } => vec![Stage::AfterSale],
        Row::Trace { step: Step::PickedUp | Step::InTransit | Step::OutForDelivery, .. } => vec![Stage::Dispatch],
        Row::Trace { step: Step::Delivered, .. } => vec![Stage::Receipt],
        Row::Trace { .. } => Vec::new(),
        Row::Review { .. } => vec![Stage::Review],
    }
}

/// The first and the last day that the records tell of.
pub(super) struct Days(Option<(NaiveDate, NaiveDate)>);

impl Days {
    pub fn of(rows: &[&(Place, Row)]) -> Self {
        let days = || rows.iter().flat_map(|(_, row)| row.moments()).map(|when| when.at.china_date());
        Self(days().min().zip(days().max()))
    }

    /// The item's name, with the days where they are known.
    pub fn name(&self, item: &Item) -> Localized {
        match (&item.dated, self.0) {
            (Some(name), Some((from, to))) if from < to => Self::dated(name, from, to),
            _ => item.name.clone(),
        }
    }

    fn dated(name: &Localized, from: NaiveDate, to: NaiveDate) -> Localized {
        let short =
            |day: NaiveDate| if from.year() == to.year() { day.format("%m-%d") } else { day.format("%Y-%m-%d") };
        Localized::new(
            name.zh.replace("{from}", &short(from).to_string()).replace("{to}", &short(to).to_string()),
            name.en.replace("{from}", &from.to_string()).replace("{to}", &to.to_string()),
        )
    }
}

pub(super) fn check(
    subject: &Subject,
    package: &Type,
    packages: &Packages,
    answered: &Answered,
    deal: &Deal,
    found: &mut Found,
) {
    let shown: BTreeSet<Stage> = deal.rows(subject.rows).iter().flat_map(|(_, row)| stages_of(row)).collect();
    let read: BTreeSet<ExhibitId> = subject.rows.iter().map(|(place, _)| place.exhibit).collect();
    let groups = package.one_of.iter().flat_map(|group| &group.items);
    let items: Vec<&Item> = package.required.iter().chain(groups).filter_map(|id| packages.item(id)).collect();
    let absent = |item: &&Item| found.missing.iter().any(|missing| missing.item == item.id);
    let mut late = Vec::new();
    for stage in &package.stages {
        let name = stage.name();
        let covering: Vec<&Item> = items.iter().filter(|item| item.covers.contains(stage)).copied().collect();
        // A screenshot has no rows; it shows the stage for a person.
        let seen = covering
            .iter()
            .flat_map(|item| answered.get(&item.id).into_iter().flatten())
            .any(|exhibit| !read.contains(exhibit));
        let met = shown.contains(stage) || seen;
        let text = if met {
            Localized::new(format!("有“{}”环节的记录", name.zh), format!("the stage '{}' is shown", name.en))
        } else {
            Localized::new(format!("没有“{}”环节的记录", name.zh), format!("the stage '{}' is not shown", name.en))
        };
        found.points.add(Principle::Continuity, met, text);
        let Some(item) = covering.first().filter(|_| !met && !covering.iter().any(absent)) else { continue };
        let action = Localized::new(
            format!("补充：{}中没有“{}”环节的时间（连续性）", item.name.zh, name.zh),
            format!("complete: {} shows no time of the stage '{}' (continuity)", item.name.en, name.en),
        );
        late.push(missing(&item.id, Lack::Stage { stage: *stage }, action, item, packages));
    }
    found.missing.extend(late);
    gaps(subject, package, packages, found);
}

/// Gaps are asked about by the first item that tells a course, unless it is missing as a whole. A stretch in which nothing
/// happened cannot be filled, so they are questions.
fn gaps(subject: &Subject, package: &Type, packages: &Packages, found: &mut Found) {
    let Some((item, name)) = packages.items(&package.required).find_map(|item| Some((item, item.dated.as_ref()?)))
    else {
        return;
    };
    let absent = found.missing.iter().any(|missing| missing.item == item.id && missing.lack == Lack::Absent);
    for gap in subject.gaps {
        let name = Days::dated(name, gap.from.china_date(), gap.to.china_date());
        let action = Localized::new(
            format!("请补充或说明：{}（连续性）", name.zh),
            format!("add or explain: {} (continuity)", name.en),
        );
        found.points.add(Principle::Continuity, false, action.clone());
        if !absent {
            found.questions.push(missing(&item.id, Lack::Gap, action, item, packages));
        }
    }
}
