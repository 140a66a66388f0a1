//! What is computed of a case for its check and its bundle.

use huoyan_dossier::assemble::{CopyNote, Papers};
use huoyan_dossier::case::Case;
use huoyan_dossier::case::store::Store;
use huoyan_dossier::check::{Completeness, Gap, Subject, Tables, check};
use huoyan_dossier::deadline::Instant;
use huoyan_dossier::lint::ExhibitId;
use huoyan_dossier::page::{Composed, Material, compose};
use huoyan_dossier::records::{Place, Roles, Row, is_readable, read_exhibit};
use huoyan_dossier::statement::{self, Statement};
use huoyan_dossier::timeline::{self, Timeline};
use huoyan_model::{Locale, Localized};
use serde_json::json;

use crate::plugins::Failure;

/// What a case says, read from its originals.
pub(super) struct Read<'s> {
    case: &'s Case,
    rows: Vec<(Place, Row)>,
    /// What a person should look at in them.
    pub notes: Vec<(ExhibitId, Localized)>,
    /// The course of the orders.
    pub timeline: Timeline,
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
        let mut rows = Vec::new();
        let (mut read, mut notes, roles) = (Vec::new(), Vec::new(), Roles::default());
        for exhibit in case.exhibits.iter().filter(|exhibit| is_readable(exhibit.kind, &exhibit.media_type)) {
            match read_exhibit(store, exhibit.id, &roles) {
                Ok(said) => {
                    rows.extend(said.rows.iter().cloned());
                    notes.extend(said.notes.iter().map(|note| (exhibit.id, note.about.message())));
                    read.push((exhibit.clone(), said));
                }
                Err(why) => notes.push((exhibit.id, why.message())),
            }
        }
        let timeline = Timeline::of(case, &read);
        let statement = statement::write(case, &rows, tables.packages, tables.targets, locale);
        Ok(Self { case, rows, notes, timeline, tables, statement, now, locale })
    }

    /// What the case lacks.
    pub fn completeness(&self) -> Completeness {
        let text = self.statement.text();
        let gap = |gap: &timeline::Gap| Gap { from: gap.from.when.at, to: gap.to.when.at };
        let gaps: Vec<Gap> = self.timeline.gaps.iter().map(gap).collect();
        let subject = Subject { case: self.case, rows: &self.rows, gaps: &gaps, statement: Some(&text) };
        check(&subject, &self.tables, self.now)
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
        let Timeline { events, gaps, zones, .. } = &self.timeline;
        let course = json!({ "schema": "huoyan-timeline/1", "events": events, "gaps": gaps, "zones": zones });
        Papers {
            data: vec![("completeness.json".to_owned(), told), ("timeline.json".to_owned(), course)],
            documents: Some(Box::new(move |copies| self.documents(&found, Some(signer), Some(copies)))),
            reason,
            pdf: None,
        }
    }
}
