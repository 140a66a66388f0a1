//! The stages as tasks: reads batches, calls the signals, hands rows on.
//!
//! A review travels reviewer → listing → judge as one row, gaining signals at each stop, so each stage sorts one row
//! per review; what other stages found of it waits for it at its listing. Keys are hashes of ids; a review without an id goes on alone under its own key, so that it is still judged.

use std::sync::Arc;

use huoyan_sdk::{Batch, BinaryColumn, Error, Fold, IntegerColumn, Rows, Sink, Task, TextColumn};

use crate::codec::{Reader, Writer};
use crate::copies::{self, Copy};
use crate::days::{Days, Usual};
use crate::facts::{Facts, MAX_MEETINGS, Met, Review, Ring, facts, identity, place, polarity};
use crate::fold::kept_chars;
use crate::judge;
use crate::listing::{self, Member, name};
use crate::pairs::{self, Meeting, Step, Walk};
use crate::phrases::Phrases;
use crate::signal::Signal;
use crate::sketch::{Hex, sketch};
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
            hand_on(facts.reviewer, record, &facts, sink);
        }
        Ok(())
    }
}

/// Sends a review to the group of that hash; one without is a group of its own.
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
                keys.iter().for_each(|key| sink.row(Hex::of(*key).as_str(), time, record, &bytes));
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
                let (copy, record) = (&self.bucket[i], &self.records[i]);
                Found { value: copied.value, ring: None, members }.send(copy.listing, copy.time, record, sink);
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

/// What another stage found of a review, on its way to its listing.
struct Found<'a> {
    value: f32,
    ring: Option<Ring>,
    members: Vec<&'a str>,
}

impl<'a> Found<'a> {
    fn send(&self, listing: u64, time: i64, record: &str, sink: &mut Sink<'_>) {
        let mut w = Writer::new();
        w.f32(self.value).u8(u8::from(self.ring.is_some()));
        if let Some(ring) = &self.ring {
            ring.write(&mut w);
        }
        w.u8(self.members.len() as u8);
        self.members.iter().for_each(|member| {
            w.text(member);
        });
        sink.row(&format!("{listing:016x}"), time, record, w.bytes());
    }

    fn read(r: &mut Reader<'a>) -> Option<Self> {
        let value = r.f32()?;
        let ring = if r.u8()? == 1 { Some(Ring::read(r)?) } else { None };
        let members = (0..r.u8()?).map(|_| r.text()).collect::<Option<_>>()?;
        Some(Self { value, ring, members })
    }

    /// Adds it to what is known of the review.
    fn join(self, facts: &mut Facts) {
        let signal = if self.ring.is_some() { Signal::Ring } else { Signal::CopyAcross };
        let known = facts.signals.get(signal);
        facts.signals.set(signal, known.max(self.value));
        self.members.into_iter().for_each(|member| name(facts, member.to_owned()));
        let Some(ring) = self.ring else { return };
        let known = facts.ring.get_or_insert_default();
        if self.value >= RING {
            facts.signals.set(Signal::RingWide, facts.signals.get(Signal::RingWide) + 1.0);
        }
        if ring.agreed > known.agreed {
            (known.agreed, known.met, known.chance) = (ring.agreed, ring.met, ring.chance);
        }
        known.meetings.extend(ring.meetings);
        known.meetings.sort_unstable();
        known.meetings.dedup();
        known.meetings.truncate(MAX_MEETINGS);
    }
}

/// Log-likelihood ratio from which a pair of listings counts as one more where accounts met.
const RING: f32 = 1.0;

/// Group stage `reviewer`.
pub struct AccountTask {
    usual: Usual,
    phrases: Phrases,
    members: Vec<Member>,
}

impl AccountTask {
    /// A task.
    pub fn new(usual: Usual, phrases: Phrases) -> Self {
        Self { usual, phrases, members: Vec::new() }
    }

    fn flush(&mut self, alone: bool, sink: &mut Sink<'_>) {
        if !alone && !self.members.is_empty() {
            reviewer::judge(&mut self.members, &self.usual, &self.phrases);
        }
        for Member { record, facts } in self.members.drain(..) {
            hand_on(facts.listing, &record, &facts, sink);
        }
    }
}

impl Fold for AccountTask {
    type Columns<'a> = Rows<'a>;

    fn columns<'a>(&self, batch: &Batch<'a>) -> Result<Rows<'a>, Error> {
        Rows::of(batch)
    }

    fn start(&mut self, _: &str) {
        self.members.clear();
    }

    fn row(&mut self, rows: &Rows<'_>, row: usize, sink: &mut Sink<'_>) -> Result<(), Error> {
        self.members.push(member(rows, row)?);
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

fn member(rows: &Rows<'_>, row: usize) -> Result<Member, Error> {
    let facts = Facts::read(&mut Reader(payload(&rows.payload, row)?)).ok_or_else(unreadable)?;
    let record = rows.record.get(row).ok_or_else(unreadable)?.to_owned();
    Ok(Member { record, facts })
}

/// Group stage `listing`.
pub struct ListingTask {
    detector: Arc<ReviewMalice>,
    usual: Usual,
    phrases: Phrases,
    members: Vec<Member>,
    /// What was found of a review that has not come yet: its key, what, and its bytes.
    early: Vec<(String, Vec<u8>)>,
}

impl ListingTask {
    /// A task.
    pub fn new(detector: Arc<ReviewMalice>, usual: Usual, phrases: Phrases) -> Self {
        Self { detector, usual, phrases, members: Vec::new(), early: Vec::new() }
    }

    fn flush(&mut self, alone: bool, sink: &mut Sink<'_>) {
        if alone {
            listing::alone(&mut self.members, &self.usual);
        } else {
            listing::judge(&mut self.members, &self.usual, &self.phrases, &self.detector.model);
        }
        for Member { record, mut facts } in self.members.drain(..) {
            facts.pieces.clear();
            hand_on(facts.shop, &record, &facts, sink);
        }
    }
}

impl Fold for ListingTask {
    type Columns<'a> = Rows<'a>;

    fn columns<'a>(&self, batch: &Batch<'a>) -> Result<Rows<'a>, Error> {
        Rows::of(batch)
    }

    fn start(&mut self, _: &str) {
        self.members.clear();
        self.early.clear();
    }

    fn row(&mut self, rows: &Rows<'_>, row: usize, sink: &mut Sink<'_>) -> Result<(), Error> {
        if rows.input.get(row) == Some("reviewer") {
            if self.members.len() >= BLOCK {
                self.flush(false, sink);
            }
            let mut member = member(rows, row)?;
            // Rows come in order of time and record, so that what was found of a review stands beside it.
            for (record, bytes) in self.early.drain(..) {
                if record == member.record {
                    Found::read(&mut Reader(&bytes)).ok_or_else(unreadable)?.join(&mut member.facts);
                }
            }
            self.members.push(member);
            return Ok(());
        }
        let (bytes, record) = (payload(&rows.payload, row)?, rows.record.get(row).ok_or_else(unreadable)?);
        match self.members.last_mut() {
            Some(last) if last.record == record => {
                Found::read(&mut Reader(bytes)).ok_or_else(unreadable)?.join(&mut last.facts);
            }
            _ => self.early.push((record.to_owned(), bytes.to_owned())),
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
        self.walk.step(self.reviewer, step, |key, order, records, meeting| {
            for (which, record) in records.into_iter().enumerate() {
                let mut bytes = meeting.write();
                bytes.push(which as u8);
                sink.row(key, order, record, &bytes);
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
    listings: [u64; 2],
    /// One entry per account and pair of reviews; both reviews of the pair share it.
    meetings: Vec<Meeting>,
    records: Vec<Vec<(String, u8)>>,
}

impl PairsTask {
    /// A task.
    pub fn new(usual: Usual) -> Self {
        Self { usual, listings: [0; 2], meetings: Vec::new(), records: Vec::new() }
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
            for (i, (ring, records)) in rings.iter().zip(&self.records).enumerate() {
                if ring.value <= 0.0 {
                    continue;
                }
                for (record, which) in records {
                    let which = usize::from(*which).min(1);
                    let meetings = ring.with.iter().flat_map(|j| {
                        let other = &self.meetings[*j];
                        [0, 1].map(|s| Met {
                            reviewer: other.reviewer,
                            listing: self.listings[s],
                            time: other.times[s],
                            vote: other.votes[s],
                        })
                    });
                    let told = Ring {
                        agreed: ring.agreeing as u32,
                        met: ring.met as u32,
                        chance: ring.chance as f32,
                        meetings: meetings.collect(),
                    };
                    // Of those that agreed, their reviews of the same listing.
                    let same = |j: &usize| self.records[*j].iter().find(|(_, w)| usize::from(*w) == which);
                    let members = ring.with.iter().filter_map(same).map(|(record, _)| record.as_str()).collect();
                    let found = Found { value: ring.value as f32, ring: Some(told), members };
                    found.send(self.listings[which], self.meetings[i].times[which], record, sink);
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

    fn start(&mut self, key: &str) {
        self.meetings.clear();
        self.records.clear();
        let half = |range| key.get(range).and_then(|digits| u64::from_str_radix(digits, 16).ok()).unwrap_or(0);
        self.listings = [half(0..16), half(16..32)];
    }

    fn row(&mut self, rows: &Rows<'_>, row: usize, sink: &mut Sink<'_>) -> Result<(), Error> {
        let bytes = payload(&rows.payload, row)?;
        let meeting = Meeting::read(&mut Reader(bytes)).ok_or_else(unreadable)?;
        let which = bytes.last().copied().unwrap_or(0);
        let record = rows.record.get(row).ok_or_else(unreadable)?.to_owned();
        // The two reviews of a pair carry the same meeting; they need not be neighbours when accounts act in step.
        let same = self.meetings.iter().rev().take(8).position(|m| *m == meeting);
        match same {
            Some(back) => {
                let at = self.meetings.len() - 1 - back;
                self.records[at].push((record, which));
            }
            None => {
                if self.meetings.len() == BLOCK {
                    self.flush(sink);
                }
                self.meetings.push(meeting);
                self.records.push(vec![(record, which)]);
            }
        }
        Ok(())
    }

    fn finish(&mut self, _: &str, sink: &mut Sink<'_>) -> Result<(), Error> {
        self.flush(sink);
        Ok(())
    }
}

/// Group stage `judge`: the reviews of a shop.
pub struct JudgeTask {
    detector: Arc<ReviewMalice>,
    usual: Usual,
    members: Vec<Member>,
}

impl JudgeTask {
    /// A task.
    pub fn new(detector: Arc<ReviewMalice>, usual: Usual) -> Self {
        Self { detector, usual, members: Vec::new() }
    }

    fn flush(&mut self, alone: bool, sink: &mut Sink<'_>) {
        if !alone {
            shop::judge(&mut self.members, &self.usual);
        }
        for Member { record, facts } in self.members.drain(..) {
            judge::report(&record, &facts, &self.detector, self.usual.salt, sink);
        }
    }
}

impl Fold for JudgeTask {
    type Columns<'a> = Rows<'a>;

    fn columns<'a>(&self, batch: &Batch<'a>) -> Result<Rows<'a>, Error> {
        Rows::of(batch)
    }

    fn start(&mut self, _: &str) {
        self.members.clear();
    }

    fn row(&mut self, rows: &Rows<'_>, row: usize, sink: &mut Sink<'_>) -> Result<(), Error> {
        self.members.push(member(rows, row)?);
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
