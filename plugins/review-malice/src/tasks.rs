//! The stages as tasks: reads batches, calls the signals, hands rows on.
//!
//! A review travels reviewer → listing → judge as one row, gaining signals at each stop, so each stage sorts one row
//! per review; what other stages found of it waits for it at its listing. Keys are hashes of ids; a review without an id goes on
//! alone under its own key, so that it is still judged.

mod elsewhere;
mod group;

use std::sync::Arc;

use huoyan_sdk::{Batch, BinaryColumn, BooleanColumn, Error, FloatColumn, IntegerColumn, Rows, Sink, Task, TextColumn};

pub use self::elsewhere::{CopiesTask, PairsTask, TogetherTask};
pub use self::group::{GroupTask, Level};
use crate::ReviewMalice;
use crate::codec::{Reader, Writer};
use crate::copies;
use crate::days::Days;
use crate::facts::{Facts, Review, facts, identity, place, polarity};
use crate::fold::kept_chars;
use crate::listing::Member;
use crate::phrases::Phrases;
use crate::sketch::{Hex, sketch};

/// Rows of one group judged together. A larger group is judged in blocks of consecutive time, so memory stays bounded.
const BLOCK: usize = 50_000;

/// The columns of reviews.
struct Columns<'a> {
    record: TextColumn<'a>,
    listing: TextColumn<'a>,
    shop: TextColumn<'a>,
    reviewer: TextColumn<'a>,
    text: TextColumn<'a>,
    rating: FloatColumn<'a>,
    time: IntegerColumn<'a>,
    verified: BooleanColumn<'a>,
    refunded: BooleanColumn<'a>,
    delay: FloatColumn<'a>,
    age: FloatColumn<'a>,
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

/// Begins the key of a review that belongs to no group.
const ALONE: char = '-';

/// Sends a review to the group of that hash; one without is a group of its own.
fn hand_on(key: u64, record: &str, facts: &Facts, sink: &mut Sink<'_>) {
    let mut w = Writer::new();
    facts.write(&mut w);
    let time = facts.time.unwrap_or(i64::MIN);
    match key {
        0 => sink.row(&format!("{ALONE}{record}"), time, record, w.bytes()),
        key => sink.row(Hex::of(key).as_str(), time, record, w.bytes()),
    }
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

fn member(rows: &Rows<'_>, row: usize) -> Result<Member, Error> {
    let facts = Facts::read(&mut Reader(payload(&rows.payload, row)?)).ok_or_else(unreadable)?;
    let record = rows.record.get(row).ok_or_else(unreadable)?.to_owned();
    Ok(Member { record, facts })
}

fn payload<'a>(column: &BinaryColumn<'a>, row: usize) -> Result<&'a [u8], Error> {
    column.get(row).ok_or_else(unreadable)
}

fn unreadable() -> Error {
    Error::internal("a row of an earlier stage cannot be read")
}
