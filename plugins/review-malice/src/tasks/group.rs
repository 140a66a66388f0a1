//! Group stages `reviewer`, `listing` and `judge`: a review travels through all three.

use std::sync::Arc;

use huoyan_sdk::{Batch, Error, Fold, Rows, Sink};

use super::elsewhere::Found;
use super::{ALONE, BLOCK, hand_on, member, payload, unreadable};
use crate::codec::Reader;
use crate::days::Usual;
use crate::listing::Member;
use crate::phrases::Phrases;
use crate::{ReviewMalice, judge, listing, reviewer, shop};

/// Which group is judged, and what is needed for it.
pub enum Level {
    /// Reviews of an account; handed on by listing.
    Reviewer(Usual, Phrases),
    /// Reviews of a listing; handed on by shop.
    Listing(Usual, Phrases, Arc<ReviewMalice>),
    /// Reviews of a shop, which are then judged.
    Judge(Usual, Arc<ReviewMalice>),
}

/// A task of one of them.
pub struct GroupTask {
    level: Level,
    members: Vec<Member>,
    /// What was found of a review that has not come yet: its key, and what.
    early: Vec<(String, Vec<u8>)>,
}

impl GroupTask {
    /// A task.
    pub fn new(level: Level) -> Self {
        Self { level, members: Vec::new(), early: Vec::new() }
    }

    fn flush(&mut self, alone: bool, sink: &mut Sink<'_>) {
        let members = &mut self.members;
        match &self.level {
            Level::Reviewer(usual, phrases) if !alone => reviewer::judge(members, usual, phrases),
            Level::Listing(usual, ..) if alone => listing::alone(members, usual),
            Level::Listing(usual, phrases, detector) => listing::judge(members, usual, phrases, &detector.model),
            Level::Judge(usual, _) if !alone => shop::judge(members, usual),
            _ => {}
        }
        for Member { record, mut facts } in members.drain(..) {
            match &self.level {
                Level::Reviewer(..) => hand_on(facts.listing, &record, &facts, sink),
                Level::Listing(..) => {
                    facts.pieces.clear();
                    facts.aside.text.clear();
                    hand_on(facts.shop, &record, &facts, sink);
                }
                Level::Judge(usual, detector) => judge::report(&record, &facts, detector, usual, sink),
            }
        }
    }
}

impl Fold for GroupTask {
    type Columns<'a> = Rows<'a>;

    fn columns<'a>(&self, batch: &Batch<'a>) -> Result<Rows<'a>, Error> {
        Rows::of(batch)
    }

    fn start(&mut self, _: &str) {
        self.members.clear();
        self.early.clear();
    }

    fn row(&mut self, rows: &Rows<'_>, row: usize, sink: &mut Sink<'_>) -> Result<(), Error> {
        // Rows come in order of time and record, so that what was found of a review stands beside it.
        if matches!(rows.input.get(row), Some("pairs" | "copies")) {
            let (bytes, record) = (payload(&rows.payload, row)?, rows.record.get(row).ok_or_else(unreadable)?);
            match self.members.last_mut() {
                Some(last) if last.record == record => found(bytes)?.join(&mut last.facts),
                _ => self.early.push((record.to_owned(), bytes.to_owned())),
            }
            return Ok(());
        }
        if self.members.len() >= BLOCK {
            self.flush(false, sink);
        }
        let mut member = member(rows, row)?;
        for (record, bytes) in self.early.drain(..) {
            if record == member.record {
                found(&bytes)?.join(&mut member.facts);
            }
        }
        self.members.push(member);
        Ok(())
    }

    fn finish(&mut self, key: &str, sink: &mut Sink<'_>) -> Result<(), Error> {
        if !self.members.is_empty() {
            self.flush(key.starts_with(ALONE), sink);
        }
        Ok(())
    }
}

fn found(bytes: &[u8]) -> Result<Found<'_>, Error> {
    Found::read(&mut Reader(bytes)).ok_or_else(unreadable)
}
