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

/// What each stage asks for in the manifest: another column is null there.
const OF_DAYS: [&str; 7] = [
    "reviewer_id",
    "rating",
    "created_at",
    "verified_purchase",
    "refunded",
    "hours_since_delivery",
    "account_age_days",
];
const OF_FACTS: [&str; 10] = [
    "listing_id",
    "shop_id",
    "reviewer_id",
    "rating",
    "text",
    "created_at",
    "verified_purchase",
    "refunded",
    "hours_since_delivery",
    "account_age_days",
];
const OF_BANDS: [&str; 5] = ["listing_id", "reviewer_id", "rating", "text", "created_at"];

/// The columns of reviews that a stage asks for.
struct Columns<'a> {
    record: TextColumn<'a>,
    listing: Option<TextColumn<'a>>,
    shop: Option<TextColumn<'a>>,
    reviewer: Option<TextColumn<'a>>,
    text: Option<TextColumn<'a>>,
    rating: Option<FloatColumn<'a>>,
    time: Option<IntegerColumn<'a>>,
    verified: Option<BooleanColumn<'a>>,
    refunded: Option<BooleanColumn<'a>>,
    delay: Option<FloatColumn<'a>>,
    age: Option<FloatColumn<'a>>,
}

impl<'a> Columns<'a> {
    fn of(batch: &Batch<'a>, asked: &[&str]) -> Result<Self, Error> {
        fn read<T>(asked: &[&str], name: &str, of: impl FnOnce(&str) -> Result<T, Error>) -> Result<Option<T>, Error> {
            asked.contains(&name).then(|| of(name)).transpose()
        }
        let text = |name| read(asked, name, |name| batch.text(name));
        let float = |name| read(asked, name, |name| batch.float(name));
        let boolean = |name| read(asked, name, |name| batch.boolean(name));
        Ok(Self {
            record: batch.keys()?,
            listing: text("listing_id")?,
            shop: text("shop_id")?,
            reviewer: text("reviewer_id")?,
            text: text("text")?,
            rating: float("rating")?,
            time: read(asked, "created_at", |name| batch.integer(name))?,
            verified: boolean("verified_purchase")?,
            refunded: boolean("refunded")?,
            delay: float("hours_since_delivery")?,
            age: float("account_age_days")?,
        })
    }

    fn review(&self, row: usize) -> Review<'a> {
        let text = |column: &Option<TextColumn<'a>>| column.as_ref().and_then(|column| column.get(row));
        let float = |column: &Option<FloatColumn<'a>>| column.as_ref().and_then(|column| column.get(row));
        let boolean = |column: &Option<BooleanColumn<'a>>| column.as_ref().and_then(|column| column.get(row));
        Review {
            listing: text(&self.listing),
            shop: text(&self.shop),
            reviewer: text(&self.reviewer),
            rating: float(&self.rating),
            text: text(&self.text),
            time: self.time.as_ref().and_then(|column| column.get(row)),
            verified: boolean(&self.verified),
            refunded: boolean(&self.refunded),
            delay_hours: float(&self.delay),
            age_days: float(&self.age),
        }
    }
}

/// Corpus stage `days`.
pub struct DaysTask(pub Days);

impl Task for DaysTask {
    fn push(&mut self, batch: &Batch<'_>, _: &mut Sink<'_>) -> Result<(), Error> {
        let columns = Columns::of(batch, &OF_DAYS)?;
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
        let columns = Columns::of(batch, &OF_FACTS)?;
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
        let columns = Columns::of(batch, &OF_BANDS)?;
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
