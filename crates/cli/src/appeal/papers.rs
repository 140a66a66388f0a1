//! What is computed of a case for its check and its bundle.

use std::collections::BTreeMap;

use huoyan_dossier::assemble::{CopyNote, Papers};
use huoyan_dossier::case::Case;
use huoyan_dossier::case::store::Store;
use huoyan_dossier::check::{Completeness, Gap, Subject, Tables, check};
use huoyan_dossier::deadline::Instant;
use huoyan_dossier::lint::ExhibitId;
use huoyan_dossier::page::{Composed, Material, compose};
use huoyan_dossier::records::{About, Note, Place, Roles, Row, is_readable, read_exhibit, tells_nothing};
use huoyan_dossier::statement::{self, Statement};
use huoyan_dossier::timeline::{self, Timeline};
use huoyan_model::{Locale, Localized};
use serde_json::json;

use crate::plugins::Failure;

/// Notes on one exhibit that are told.
const NOTES: usize = 12;

/// What a case says, read from its originals.
pub(super) struct Read<'s> {
    case: &'s Case,
    rows: Vec<(Place, Row)>,
    /// What a person should look at in them, what is not read first.
    reading: Vec<Localized>,
    /// Exhibits that tell nothing, with why.
    unread: Vec<(ExhibitId, Localized)>,
    /// The course of the orders.
    timeline: Timeline,
    tables: Tables<'s>,
    statement: Statement,
    now: Instant,
    locale: Locale,
}

impl<'s> Read<'s> {
    /// Reads every exhibit that has rows; `case` is the store's, or the same for another target.
    pub fn new(
        store: &'s Store,
        case: &'s Case,
        tables: Tables<'s>,
        now: Instant,
        locale: Locale,
    ) -> Result<Self, Failure> {
        let (mut rows, mut notes, mut unread, roles) = (Vec::new(), Vec::new(), Vec::new(), Roles::default());
        for exhibit in &case.exhibits {
            let said = is_readable(exhibit.kind, &exhibit.media_type).then(|| read_exhibit(store, exhibit.id, &roles));
            unread.extend(tells_nothing(exhibit, said.as_ref()).map(|why| (exhibit.id, why)));
            if let Some(Ok(said)) = said {
                rows.extend(said.rows);
                notes.extend(said.notes);
            }
        }
        let reading = reading(&unread, notes);
        let timeline = Timeline::of(case, &rows, now);
        let statement = statement::write(case, &rows, tables.packages, tables.targets, locale);
        Ok(Self { case, rows, reading, unread, timeline, tables, statement, now, locale })
    }

    /// What the case lacks.
    pub fn completeness(&self) -> Completeness {
        let text = self.statement.text();
        let gap = |gap: &timeline::Gap| Gap { from: gap.from.when.at, to: gap.to.when.at };
        let gaps: Vec<Gap> = self.timeline.gaps.iter().map(gap).collect();
        let Self { case, rows, unread, .. } = self;
        let subject = Subject { case, rows, unread, gaps: &gaps, statement: Some(&text) };
        check(&subject, &self.tables, self.now).with_course(&self.timeline).with_reading(self.reading.iter().cloned())
    }

    /// The documents for people, with what goes out of the exhibits once it is known.
    pub fn documents(
        &self,
        completeness: &Completeness,
        signer: Option<&str>,
        copies: Option<&[CopyNote]>,
    ) -> Vec<Composed> {
        compose(&Material {
            case: self.case,
            rows: &self.rows,
            timeline: &self.timeline,
            completeness,
            statement: &self.statement,
            copies,
            tables: &self.tables,
            signer,
            now: self.now,
            locale: self.locale,
        })
    }

    /// Everything that goes into the bundle.
    pub fn papers<'p>(&'p self, signer: &'p str) -> Papers<'p> {
        let found = self.completeness();
        let reason =
            self.tables.packages.get(&self.case.package).map(|package| package.name.get(self.locale).to_owned());
        // What in the shop's own words speaks against it is for the shop alone.
        let told = json!({
            "schema": "huoyan-completeness/1",
            "complete": found.complete,
            "missing": found.missing,
            "principles": found.principles,
            "unknown_citations": found.unknown_citations,
        });
        let Timeline { events, left_out, gaps, missing, conflicts, impossible, shared_waybills, strays, zones } =
            &self.timeline;
        let course = json!({
            "schema": "huoyan-timeline/1",
            "events": events,
            "left_out": left_out,
            "gaps": gaps,
            "missing": missing,
            "conflicts": conflicts,
            "impossible": impossible,
            "shared_waybills": shared_waybills,
            "strays": strays,
            "zones": zones,
        });
        Papers {
            data: vec![("completeness.json".to_owned(), told), ("timeline.json".to_owned(), course)],
            documents: Some(Box::new(move |copies| self.documents(&found, Some(signer), Some(copies)))),
            reason,
            pdf: None,
        }
    }
}

/// What is not read first, then what is not certain. A file in a wrong form has a note on each of its rows, of which the first ones tell enough.
fn reading(unread: &[(ExhibitId, Localized)], mut notes: Vec<Note>) -> Vec<Localized> {
    let said = |at: &str, what: &Localized| Localized::new(format!("{at}：{}", what.zh), format!("{at}: {}", what.en));
    let mut told: Vec<Localized> = unread.iter().map(|(id, why)| said(&id.to_string(), why)).collect();
    // Which moments name no zone stands in the course.
    notes.retain(|note| !matches!(note.about, About::NoZone { .. }));
    notes.sort_by_key(|note| (!matches!(note.about, About::MoreRows { .. }), note.place.exhibit));
    let mut left_out: BTreeMap<ExhibitId, usize> = BTreeMap::new();
    let mut shown: BTreeMap<ExhibitId, usize> = BTreeMap::new();
    for note in notes {
        let count = shown.entry(note.place.exhibit).or_default();
        if *count == NOTES {
            *left_out.entry(note.place.exhibit).or_default() += 1;
            continue;
        }
        *count += 1;
        told.push(said(&note.place.to_string(), &note.about.message()));
    }
    told.extend(left_out.into_iter().map(|(id, count)| {
        Localized::new(
            format!("{id}：另有 {count} 处，未逐一列出"),
            format!("{id}: {count} more, not listed one by one"),
        )
    }));
    told
}
