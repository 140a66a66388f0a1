//! The stages as tasks: reads batches, calls the signals, hands rows on.
//!
//! A review travels listing → shop → reviewer → judge as one row, gaining signals at each stop, so each stage sorts one row
//! per review. Keys are hashes of ids; a review without an id goes on alone under its own key, so that it is still judged.

use std::sync::Arc;

use huoyan_sdk::{Batch, BinaryColumn, Error, Fold, IntegerColumn, Rows, Sink, Task, TextColumn};

use crate::codec::{Reader, Writer};
use crate::copies::{self, Copy};
use crate::days::{Days, Usual};
use crate::facts::{Facts, Review, facts, identity, place, polarity};
use crate::fold::kept_chars;
use crate::judge::{self, Case, Meetings};
use crate::listing::{self, Member};
use crate::pairs::{self, Meeting, Step, Walk};
use crate::phrases::Phrases;
use crate::signal::Signal;
use crate::sketch::sketch;
use crate::{ReviewMalice, reviewer, shop};

/// Reviews of one group judged together. A larger group is judged in blocks of consecutive time, so memory stays bounded.
const BLOCK: usize = 50_000;

/// The columns of reviews.
struct Columns<'a> {
    record: TextColumn<'a>,
    listing: TextColumn<'a>,
    shop: TextColumn<'a>,
    reviewer: TextColumn<'a>,
    text: TextColumn<'a>,
    rating: huoyan_sdk::FloatColumn<'a>,
    time: IntegerColumn<'a>,
    verified: huoyan_sdk::BooleanColumn<'a>,
    refunded: huoyan_sdk::BooleanColumn<'a>,
    delay: huoyan_sdk::FloatColumn<'a>,
    age: huoyan_sdk::FloatColumn<'a>,
}

impl<'a> Columns<'a> {
    fn of(batch: &Batch<'a>) -> Result<Self, Error> {
        Ok(Self {
            record: batch.keys()?,
            listing: batch.text("listing_id")?,
            shop: batch.text("shop_id")?,
            reviewer: batch.text("reviewer_id")?,
            text: batch.text("text")?,
            rating: batch.float("rating")?,
            time: batch.integer("created_at")?,
            verified: batch.boolean("verified_purchase")?,
            refunded: batch.boolean("refunded")?,
            delay: batch.float("hours_since_delivery")?,
            age: batch.float("account_age_days")?,
        })
    }

    fn review(&self, row: usize) -> Review<'a> {
        Review {
            listing: self.listing.get(row),
            shop: self.shop.get(row),
            reviewer: self.reviewer.get(row),
            rating: self.rating.get(row),
            text: self.text.get(row),
            time: self.time.get(row),
            verified: self.verified.get(row),
            refunded: self.refunded.get(row),
            delay_hours: self.delay.get(row),
            age_days: self.age.get(row),
        }
    }
}

/// Corpus stage `days`.
pub struct DaysTask(pub Days);

impl Task for DaysTask {
    fn push(&mut self, batch: &Batch<'_>, _: &mut Sink<'_>) -> Result<(), Error> {
        let columns = Columns::of(batch)?;
        (0..batch.len()).for_each(|row| self.0.add(&columns.review(row)));
        Ok(())
    }

    fn close(&mut self, sink: &mut Sink<'_>) -> Result<(), Error> {
        sink.summary(&self.0.to_bytes());
        Ok(())
    }
}

/// Corpus stage `phrases`.
pub struct PhrasesTask(pub Phrases);

impl Task for PhrasesTask {
    fn push(&mut self, batch: &Batch<'_>, _: &mut Sink<'_>) -> Result<(), Error> {
        let text = batch.text("text")?;
        let mut chars = Vec::new();
        for row in 0..batch.len() {
            kept_chars(text.get(row).unwrap_or(""), &mut chars);
            self.0.add(&sketch(&chars));
        }
        Ok(())
    }

    fn close(&mut self, sink: &mut Sink<'_>) -> Result<(), Error> {
        sink.summary(&self.0.to_bytes());
        Ok(())
    }
}

/// Record stage `facts`.
pub struct FactsTask(pub Arc<ReviewMalice>);

impl Task for FactsTask {
    fn push(&mut self, batch: &Batch<'_>, sink: &mut Sink<'_>) -> Result<(), Error> {
        let columns = Columns::of(batch)?;
        for row in 0..batch.len() {
            let Some(record) = columns.record.get(row) else { continue };
            let facts = facts(&columns.review(row), &self.0.lexicon, &self.0.wording);
            hand_on(facts.listing, record, &facts, sink);
        }
        Ok(())
    }
}

fn hand_on(key: u64, record: &str, facts: &Facts, sink: &mut Sink<'_>) {
    let mut w = Writer::new();
    facts.write(&mut w);
    let key = if key == 0 { format!("-{record}") } else { format!("{key:016x}") };
    sink.row(&key, facts.time.unwrap_or(i64::MIN), record, w.bytes());
}

/// Record stage `bands`.
pub struct BandsTask(pub Phrases);

impl Task for BandsTask {
    fn push(&mut self, batch: &Batch<'_>, sink: &mut Sink<'_>) -> Result<(), Error> {
        let columns = Columns::of(batch)?;
        let mut chars = Vec::new();
        for row in 0..batch.len() {
            let review = columns.review(row);
            let (Some(record), Some(time)) = (columns.record.get(row), review.time) else { continue };
            let (reviewer, listing) = (identity(review.reviewer), place(review.listing));
            if reviewer == 0 || listing == 0 {
                continue;
            }
            kept_chars(review.text.unwrap_or(""), &mut chars);
            let text = || copies::copy(reviewer, listing, time, polarity(review.rating) as u8);
            if let Some((copy, keys)) = copies::bands(&sketch(&chars), chars.len() as u16, &self.0, text) {
                let bytes = copy.write();
                keys.iter().for_each(|key| sink.row(&format!("{key:016x}"), time, record, &bytes));
            }
        }
        Ok(())
    }
}

/// Group stage `copies`.
#[derive(Default)]
pub struct CopiesTask {
    bucket: Vec<Copy>,
    records: Vec<String>,
}

impl CopiesTask {
    fn flush(&mut self, sink: &mut Sink<'_>) {
        if self.bucket.len() > 1 {
            for (i, copied) in copies::judge(&self.bucket).iter().enumerate().filter(|(_, c)| c.value > 0.0) {
                let members = copied.with.iter().map(|j| self.records[*j].as_str()).collect();
                let row = Meetings { value: copied.value, agreeing: copied.accounts as u32, met: 0, members };
                sink.row(&self.records[i], 2, &self.records[i], &row.write());
            }
        }
        self.bucket.clear();
        self.records.clear();
    }
}

impl Fold for CopiesTask {
    type Columns<'a> = Rows<'a>;

    fn columns<'a>(&self, batch: &Batch<'a>) -> Result<Rows<'a>, Error> {
        Rows::of(batch)
    }

    fn start(&mut self, _: &str) {
        self.bucket.clear();
        self.records.clear();
    }

    fn row(&mut self, rows: &Rows<'_>, row: usize, sink: &mut Sink<'_>) -> Result<(), Error> {
        if self.bucket.len() == BLOCK {
            self.flush(sink);
        }
        self.bucket.push(Copy::read(&mut Reader(payload(&rows.payload, row)?)).ok_or_else(unreadable)?);
        self.records.push(rows.record.get(row).ok_or_else(unreadable)?.to_owned());
        Ok(())
    }

    fn finish(&mut self, _: &str, sink: &mut Sink<'_>) -> Result<(), Error> {
        self.flush(sink);
        Ok(())
    }
}

/// Which group a [`GroupTask`] judges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Reviews of a listing; handed on by shop.
    Listing,
    /// Reviews of a shop; handed on by reviewer.
    Shop,
    /// Reviews of an account; handed on by record.
    Reviewer,
}

/// Group stages `listing`, `shop` and `reviewer`.
pub struct GroupTask {
    level: Level,
    usual: Usual,
    phrases: Phrases,
    members: Vec<Member>,
}

impl GroupTask {
    /// A task of that level.
    pub fn new(level: Level, usual: Usual, phrases: Phrases) -> Self {
        Self { level, usual, phrases, members: Vec::new() }
    }

    fn flush(&mut self, alone: bool, sink: &mut Sink<'_>) {
        let members = &mut self.members;
        match self.level {
            Level::Listing if alone => listing::alone(members, &self.usual),
            Level::Listing => listing::judge(members, &self.usual, &self.phrases),
            Level::Shop if !alone => shop::judge(members, &self.usual),
            Level::Reviewer if !alone => reviewer::judge(members, &self.usual, &self.phrases),
            _ => {}
        }
        for member in members.drain(..) {
            let (record, mut facts) = (member.record, member.facts);
            match self.level {
                Level::Listing => hand_on(facts.shop, &record, &facts, sink),
                Level::Shop => hand_on(facts.reviewer, &record, &facts, sink),
                Level::Reviewer => {
                    facts.pieces.clear();
                    let mut w = Writer::new();
                    facts.write(&mut w);
                    sink.row(&record, 0, &record, w.bytes());
                }
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
    }

    fn row(&mut self, rows: &Rows<'_>, row: usize, sink: &mut Sink<'_>) -> Result<(), Error> {
        let facts = Facts::read(&mut Reader(payload(&rows.payload, row)?)).ok_or_else(unreadable)?;
        let record = rows.record.get(row).ok_or_else(unreadable)?.to_owned();
        self.members.push(Member { record, facts });
        if self.members.len() == BLOCK {
            self.flush(false, sink);
        }
        Ok(())
    }

    fn finish(&mut self, key: &str, sink: &mut Sink<'_>) -> Result<(), Error> {
        self.flush(key.starts_with('-'), sink);
        Ok(())
    }
}

fn payload<'a>(column: &BinaryColumn<'a>, row: usize) -> Result<&'a [u8], Error> {
    column.get(row).ok_or_else(unreadable)
}

fn unreadable() -> Error {
    Error::internal("a row of an earlier stage cannot be read")
}

/// Group stage `together`.
#[derive(Default)]
pub struct TogetherTask {
    walk: Walk,
    reviewer: u64,
}

impl Fold for TogetherTask {
    type Columns<'a> = Step4<'a>;

    fn columns<'a>(&self, batch: &Batch<'a>) -> Result<Step4<'a>, Error> {
        Ok(Step4 {
            record: batch.keys()?,
            listing: batch.text("listing_id")?,
            rating: batch.float("rating")?,
            time: batch.integer("created_at")?,
        })
    }

    fn start(&mut self, key: &str) {
        self.walk.clear();
        self.reviewer = identity(Some(key));
    }

    fn row(&mut self, columns: &Step4<'_>, row: usize, sink: &mut Sink<'_>) -> Result<(), Error> {
        let listing = place(columns.listing.get(row));
        let (Some(record), Some(time)) = (columns.record.get(row), columns.time.get(row)) else { return Ok(()) };
        if self.reviewer == 0 || listing == 0 {
            return Ok(());
        }
        let step = Step { record: record.to_owned(), listing, time, polarity: polarity(columns.rating.get(row)) };
        self.walk.step(self.reviewer, step, |key, order, records, bytes| {
            for record in records {
                sink.row(key, order, record, bytes);
            }
        });
        Ok(())
    }

    fn finish(&mut self, _: &str, _: &mut Sink<'_>) -> Result<(), Error> {
        Ok(())
    }
}

/// The columns that `together` reads.
pub struct Step4<'a> {
    record: TextColumn<'a>,
    listing: TextColumn<'a>,
    rating: huoyan_sdk::FloatColumn<'a>,
    time: IntegerColumn<'a>,
}

/// Group stage `pairs`.
pub struct PairsTask {
    usual: Usual,
    /// One entry per account and pair of reviews; both reviews of the pair share it.
    meetings: Vec<Meeting>,
    records: Vec<Vec<String>>,
}

impl PairsTask {
    /// A task.
    pub fn new(usual: Usual) -> Self {
        Self { usual, meetings: Vec::new(), records: Vec::new() }
    }

    fn flush(&mut self, sink: &mut Sink<'_>) {
        let (negative, positive) = (self.usual.negative, self.usual.positive);
        let chance = |vote: u8| match vote {
            0 => negative.clamp(0.1, 0.5),
            1 => 0.1,
            _ => positive.clamp(0.5, 0.95),
        };
        if self.meetings.len() > 1 {
            let rings = pairs::judge(&self.meetings, chance);
            for (ring, records) in rings.iter().zip(&self.records) {
                if ring.value <= 0.0 {
                    continue;
                }
                let members: Vec<&str> =
                    ring.with.iter().filter_map(|j| self.records[*j].first()).map(String::as_str).collect();
                let row = Meetings {
                    value: ring.value as f32,
                    agreeing: ring.agreeing as u32,
                    met: ring.met as u32,
                    members,
                };
                for record in records {
                    sink.row(record, 1, record, &row.write());
                }
            }
        }
        self.meetings.clear();
        self.records.clear();
    }
}

impl Fold for PairsTask {
    type Columns<'a> = Rows<'a>;

    fn columns<'a>(&self, batch: &Batch<'a>) -> Result<Rows<'a>, Error> {
        Rows::of(batch)
    }

    fn start(&mut self, _: &str) {
        self.meetings.clear();
        self.records.clear();
    }

    fn row(&mut self, rows: &Rows<'_>, row: usize, sink: &mut Sink<'_>) -> Result<(), Error> {
        let meeting = Meeting::read(&mut Reader(payload(&rows.payload, row)?)).ok_or_else(unreadable)?;
        let record = rows.record.get(row).ok_or_else(unreadable)?.to_owned();
        // The two reviews of a pair carry the same meeting; they need not be neighbours when accounts act in step.
        let same = self.meetings.iter().rev().take(8).position(|m| *m == meeting);
        match same {
            Some(back) => {
                let at = self.meetings.len() - 1 - back;
                self.records[at].push(record);
            }
            None => {
                if self.meetings.len() == BLOCK {
                    self.flush(sink);
                }
                self.meetings.push(meeting);
                self.records.push(vec![record]);
            }
        }
        Ok(())
    }

    fn finish(&mut self, _: &str, sink: &mut Sink<'_>) -> Result<(), Error> {
        self.flush(sink);
        Ok(())
    }
}

/// Group stage `judge`.
pub struct JudgeTask {
    detector: Arc<ReviewMalice>,
    case: Option<Case>,
}

impl JudgeTask {
    /// A task.
    pub fn new(detector: Arc<ReviewMalice>) -> Self {
        Self { detector, case: None }
    }
}

impl Fold for JudgeTask {
    type Columns<'a> = Rows<'a>;

    fn columns<'a>(&self, batch: &Batch<'a>) -> Result<Rows<'a>, Error> {
        Rows::of(batch)
    }

    fn start(&mut self, _: &str) {
        self.case = None;
    }

    fn row(&mut self, rows: &Rows<'_>, row: usize, _: &mut Sink<'_>) -> Result<(), Error> {
        let bytes = payload(&rows.payload, row)?;
        let signal = match rows.input.get(row) {
            Some("pairs") => Some(Signal::Ring),
            Some("copies") => Some(Signal::CopyAcross),
            _ => None,
        };
        if let Some(signal) = signal {
            if let Some(case) = &mut self.case {
                case.join(signal, Meetings::read(&mut Reader(bytes)).ok_or_else(unreadable)?);
            }
            return Ok(());
        }
        // Rows come in order, and the review itself (order 0) before what was found about it.
        let facts = Facts::read(&mut Reader(bytes)).ok_or_else(unreadable)?;
        self.case = Some(Case::new(facts));
        Ok(())
    }

    fn finish(&mut self, record: &str, sink: &mut Sink<'_>) -> Result<(), Error> {
        if let Some(case) = self.case.take() {
            judge::report(record, &case, &self.detector, sink);
        }
        Ok(())
    }
}
