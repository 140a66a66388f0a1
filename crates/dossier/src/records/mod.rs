//! What exhibits say, row by row: messages, orders, payments, traces.
//!
//! Read anew from the original bytes each time, never stored beside them, so that what is told of an exhibit can be checked on it.

mod chat;
mod columns;
mod encoding;
mod error;
mod guess;
mod json;
mod mail;
mod money;
mod read;
mod roles;
mod rows;
mod sheet;
mod step;
mod table;
#[cfg(test)]
mod tests;
mod when;

use huoyan_model::Localized;
use serde::{Deserialize, Serialize};

pub use self::columns::Field;
pub use self::error::{About, Note, RecordError};
pub(crate) use self::guess::kind_of;
pub use self::money::fen;
pub use self::read::{Column, Limits, Read, is_readable, read, read_exhibit, read_within, tells_nothing};
pub use self::roles::Roles;

use crate::case::Case;
use crate::deadline::Instant;
use crate::lint::{ExhibitId, Who};

/// A document of which the items are counted, not the lines.
pub(crate) const JSON: &str = "application/json";

/// Where in an exhibit a row stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The exhibit.
    pub exhibit: ExhibitId,
    /// The line of a text file, the row of a sheet or the item of a JSON document, from 1; 0 for the whole file.
    pub line: u64,
    /// The sheet of a workbook; empty otherwise.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sheet: String,
}

impl Place {
    /// The whole of an exhibit.
    pub const fn whole(exhibit: ExhibitId) -> Self {
        Self { exhibit, line: 0, sheet: String::new() }
    }

    /// The line or the item for people; `None` for the whole file. A JSON document may be one line, and what leaves is indented anew, so its items
    /// are counted.
    pub fn words(&self, case: &Case) -> Option<Localized> {
        let line = Some(self.line).filter(|line| *line > 0)?;
        let items = case.exhibit(self.exhibit).is_some_and(|exhibit| exhibit.media_type == JSON);
        Some(if items {
            Localized::new(format!("第 {line} 条"), format!("item {line}"))
        } else {
            Localized::new(format!("第 {line} 行"), format!("line {line}"))
        })
    }
}

/// `E02`, `E02:17` or `E02:sheet:17`.
impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.exhibit)?;
        if !self.sheet.is_empty() {
            write!(f, ":{}", self.sheet)?;
        }
        if self.line > 0 { write!(f, ":{}", self.line) } else { Ok(()) }
    }
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

impl When {
    /// As it was written; a bare number, which nobody reads as a moment, in China's zone.
    pub fn shown(&self) -> String {
        if self.written.bytes().any(|byte| !byte.is_ascii_digit() && byte != b'.') {
            return self.written.clone();
        }
        let (day, time) = (self.at.china_date(), self.at.to_china().china_time());
        if self.day_only { day.to_string() } else { format!("{day} {}", time.format("%H:%M:%S")) }
    }
}

/// One row of an exhibit.
#[expect(
    clippy::large_enum_variant,
    reason = "rows are read, looked at and let go; a box for each order would cost more"
)]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "row")]
pub enum Row {
    /// A message of a chat, or an e-mail.
    Message {
        /// When it was sent.
        when: When,
        /// Who wrote it.
        who: Who,
        /// The name of who wrote it, as shown.
        sender: String,
        /// What it says.
        text: String,
        /// The order it belongs to.
        order: Option<String>,
    },
    /// An order, with what it tells of its own course.
    Order {
        /// Its id.
        order: String,
        /// The buyer's id or nickname.
        buyer: Option<String>,
        /// The listing that was bought.
        listing: Option<String>,
        /// In minor units (fen).
        amount: Option<i64>,
        /// When it was placed.
        ordered: Option<When>,
        /// When it was paid.
        paid: Option<When>,
        /// Until when it had to be sent.
        promised: Option<When>,
        /// When it was sent.
        sent: Option<When>,
        /// When it was received.
        received: Option<When>,
        /// The parcel it was sent in.
        waybill: Option<String>,
        /// Its state, as written.
        status: Option<String>,
    },
    /// A payment (`amount` above 0) or a refund (below 0), in minor units.
    Payment {
        /// When.
        when: When,
        /// The order it is for.
        order: Option<String>,
        /// In minor units (fen); a refund is below 0.
        amount: i64,
        /// The number the payment service gave it.
        serial: Option<String>,
    },
    /// A step of a parcel.
    Trace {
        /// When.
        when: When,
        /// The parcel.
        waybill: Option<String>,
        /// The order in it.
        order: Option<String>,
        /// Which step.
        step: Step,
        /// What the carrier wrote.
        text: String,
    },
    /// A step of an after-sale request.
    AfterSale {
        /// When.
        when: When,
        /// The order it is about.
        order: Option<String>,
        /// Whose step it is.
        by: Who,
        /// What was done or asked for.
        text: String,
    },
    /// A review.
    Review {
        /// When it was written.
        when: Option<When>,
        /// Its id.
        review: Option<String>,
        /// The order it is about.
        order: Option<String>,
        /// The buyer's id or nickname.
        buyer: Option<String>,
        /// From 1 to 5.
        stars: Option<u8>,
        /// What it says.
        text: String,
    },
    /// A call.
    Call {
        /// When it began.
        when: When,
        /// Whether it was answered.
        answered: bool,
        /// What is known of it: the number, how long.
        text: String,
    },
    /// A price of a listing, in minor units.
    Price {
        /// From when on.
        when: When,
        /// The listing.
        listing: Option<String>,
        /// In minor units (fen).
        amount: i64,
    },
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

impl Row {
    /// Every moment of the row, in the order of its fields.
    pub fn moments(&self) -> Vec<&When> {
        match self {
            Self::Message { when, .. }
            | Self::Payment { when, .. }
            | Self::Trace { when, .. }
            | Self::AfterSale { when, .. }
            | Self::Call { when, .. }
            | Self::Price { when, .. } => vec![when],
            Self::Order { ordered, paid, promised, sent, received, .. } => {
                [ordered, paid, promised, sent, received].into_iter().flatten().collect()
            }
            Self::Review { when, .. } => when.iter().collect(),
        }
    }
}
