//! What is found of a review outside of its listing: accounts that met elsewhere, and copies of its text.

use huoyan_sdk::{Batch, Error, FloatColumn, Fold, IntegerColumn, Rows, Sink, TextColumn};

use super::{BLOCK, payload, unreadable};
use crate::codec::{Reader, Writer};
use crate::copies::{self, Copy};
use crate::days::Usual;
use crate::facts::{Facts, MAX_MEETINGS, Met, Ring, identity, place, polarity, stars};
use crate::listing::name;
use crate::pairs::{self, Meeting, Step, Walk};
use crate::signal::Signal;
use crate::sketch::Hex;

/// What another stage found of a review, on its way to its listing.
pub(super) struct Found<'a> {
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
        sink.row(Hex::of(listing).as_str(), time, record, w.bytes());
    }

    pub(super) fn read(r: &mut Reader<'a>) -> Option<Self> {
        let value = r.f32()?;
        let ring = if r.u8()? == 1 { Some(Ring::read(r)?) } else { None };
        let members = (0..r.u8()?).map(|_| r.text()).collect::<Option<_>>()?;
        Some(Self { value, ring, members })
    }

    /// Adds it to what is known of the review.
    pub(super) fn join(self, facts: &mut Facts) {
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

/// Group stage `together`.
#[derive(Default)]
pub struct TogetherTask {
    walk: Walk,
    reviewer: u64,
}

impl Fold for TogetherTask {
    type Columns<'a> = Visits<'a>;

    fn columns<'a>(&self, batch: &Batch<'a>) -> Result<Visits<'a>, Error> {
        Ok(Visits {
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

    fn row(&mut self, columns: &Visits<'_>, row: usize, sink: &mut Sink<'_>) -> Result<(), Error> {
        let listing = place(columns.listing.get(row));
        let (Some(record), Some(time)) = (columns.record.get(row), columns.time.get(row)) else { return Ok(()) };
        if self.reviewer == 0 || listing == 0 {
            return Ok(());
        }
        let rating = columns.rating.get(row);
        let (polarity, stars) = (polarity(rating), stars(rating));
        let step = Step { record: record.to_owned(), listing, time, polarity, stars };
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
pub struct Visits<'a> {
    record: TextColumn<'a>,
    listing: TextColumn<'a>,
    rating: FloatColumn<'a>,
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
                            stars: other.stars[s],
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
