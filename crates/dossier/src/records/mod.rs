//! What exhibits say, row by row: messages, orders, payments, traces.
//!
//! Read anew from the original bytes each time, never stored beside them, so that what is told of an exhibit can be checked on it.

use serde::{Deserialize, Serialize};

use crate::deadline::Instant;
use crate::lint::{ExhibitId, Who};

/// Where in an exhibit a row stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The exhibit.
    pub exhibit: ExhibitId,
    /// The line of a text file or the row of a sheet, from 1; 0 for the whole file.
    pub line: u64,
    /// The sheet of a workbook; empty otherwise.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sheet: String,
}

/// A moment as it was written: some exports name no zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct When {
    /// The moment; where no zone was written, China's is taken.
    pub at: Instant,
    /// As it was written.
    pub written: String,
    /// Whether its zone was written.
    pub zoned: bool,
    /// Whether only the day was written.
    pub day_only: bool,
}

/// One row of an exhibit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "row")]
pub enum Row {
    /// A message of a chat, or an e-mail.
    Message { when: When, who: Who, sender: String, text: String, order: Option<String> },
    /// An order, with what it tells of its own course.
    Order {
        order: String,
        buyer: Option<String>,
        listing: Option<String>,
        /// In minor units (fen).
        amount: Option<i64>,
        ordered: Option<When>,
        paid: Option<When>,
        /// Until when it had to be sent.
        promised: Option<When>,
        sent: Option<When>,
        received: Option<When>,
        waybill: Option<String>,
        status: Option<String>,
    },
    /// A payment (`amount` above 0) or a refund (below 0), in minor units.
    Payment { when: When, order: Option<String>, amount: i64, serial: Option<String> },
    /// A step of a parcel.
    Trace { when: When, waybill: Option<String>, order: Option<String>, step: Step, text: String },
    /// A step of an after-sale request.
    AfterSale { when: When, order: Option<String>, by: Who, text: String },
    /// A review.
    Review {
        when: Option<When>,
        review: Option<String>,
        order: Option<String>,
        buyer: Option<String>,
        stars: Option<u8>,
        text: String,
    },
    /// A call.
    Call { when: When, answered: bool, text: String },
    /// A price of a listing, in minor units.
    Price { when: When, listing: Option<String>, amount: i64 },
}

/// A step of a parcel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// The carrier has it.
    PickedUp,
    /// It is on its way.
    InTransit,
    /// It is being brought.
    OutForDelivery,
    /// It was handed over.
    Delivered,
    /// It came back or was refused.
    Returned,
    /// Something else.
    Other,
}
