//! What the outputs of a run need, so that nothing else is decoded, kept or written.

use huoyan_intake::ColumnSelection;
use huoyan_model::RecordKind;
use huoyan_report::{Format, Spec};

use crate::prepare::Prepared;

/// What must be kept beside findings.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Wants {
    /// An entry for every record, also those that nothing was found in.
    pub(crate) every_record: bool,
    /// Scores.
    pub(crate) scores: bool,
    /// What reports show beside a finding: headline, text of the field, day, price.
    pub(crate) cards: bool,
    /// Findings below 0.5.
    pub(crate) all_findings: bool,
}

impl Wants {
    pub(crate) fn of(specs: &[Spec], all_findings: bool) -> Self {
        let mut wants = Self { all_findings, ..Self::default() };
        for spec in specs {
            let needs = spec.needs();
            wants.every_record |= needs.verdicts;
            wants.scores |= needs.scores;
            wants.cards |=
                matches!(spec.format, Format::Text | Format::Html | Format::Xlsx | Format::Csv | Format::Parquet);
        }
        wants
    }
}

/// The columns that intake must decode: those the detectors' stages read and those the outputs show.
pub(crate) fn columns(detectors: &[Prepared], wants: Wants) -> ColumnSelection {
    let mut selection = ColumnSelection::none();
    let mut select = |kind: RecordKind, name: &str| {
        // A column that this kind does not have is simply not there: pictures ask for more than every owner has.
        let _ = selection.select(kind, name);
    };
    let owners = [RecordKind::Listing, RecordKind::Review];
    for stage in detectors.iter().flat_map(|d| &d.spec.stages) {
        let Some(kind) = stage.reads.record else { continue };
        let names = stage.reads.columns.iter().chain(&stage.group_by).chain(&stage.order_by);
        if kind == RecordKind::Image {
            let names: Vec<_> = names.collect();
            for owner in owners {
                select(owner, "images");
                names.iter().for_each(|name| select(owner, name));
            }
        } else {
            names.for_each(|name| select(kind, name));
        }
    }
    for owner in owners {
        select(owner, "shop_id");
        if wants.cards {
            for name in ["title", "text", "price", "rating", "listing_id", "updated_at", "created_at"] {
                select(owner, name);
            }
        }
    }
    selection
}
