//! What a timeline is judged by: `data/timeline.toml`.

use std::sync::OnceLock;

use huoyan_model::Localized;
use serde::Deserialize;

use super::{Fact, Stage};
use crate::deadline::RuleSource;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rules {
    #[serde(rename = "pack")]
    _pack: toml::Table,
    pub settings: Settings,
    pub stage: Vec<StageRule>,
    pub gap: Vec<GapRule>,
    pub never_before: Vec<NeverBefore>,
    pub same: Vec<Pair>,
    pub in_order: Vec<Pair>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    pub clock_seconds: i64,
    pub events: usize,
    pub page_events: usize,
    pub statement_events: usize,
    pub years_before: i64,
    pub zone_hours: Vec<i64>,
    pub zone_seconds: i64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StageRule {
    pub id: Stage,
    pub name: Localized,
    /// Whether an order may well do without it.
    #[serde(default)]
    pub optional: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GapRule {
    pub first: Fact,
    pub then: Fact,
    pub hours: i64,
    /// Where a time was promised, that counts instead.
    #[serde(default)]
    pub unless_promised: bool,
    pub source: RuleSource,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NeverBefore {
    pub first: Fact,
    pub then: Fact,
    pub why: Localized,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pair {
    pub one: Fact,
    pub other: Fact,
    pub minutes: i64,
}

pub(super) fn rules() -> &'static Rules {
    static RULES: OnceLock<Rules> = OnceLock::new();
    RULES.get_or_init(|| {
        toml::from_str(include_str!("../../data/timeline.toml"))
            .expect("invariant: the rules that ship are read by the tests")
    })
}

impl Rules {
    pub fn stage(&self, stage: Stage) -> Option<&StageRule> {
        self.stage.iter().find(|rule| rule.id == stage)
    }
}
