//! Deadlines of appeals, in calendar days, hours and Chinese working days.
//!
//! The articles that name a deadline rarely say when it begins or whether the first day counts, and a merchant who guesses
//! wrong loses the appeal. So every rule keeps all its readings, the earliest of which is worked to, and says where its
//! number comes from. Numbers and dates are data (`data/deadlines/`, `data/calendar/`); what must stay true of the code:
//!
//! * a year that is not in the calendar is counted by weekends and flagged, never refused and never silent;
//! * a later start or a greater amount never gives an earlier result;
//! * a count that includes the first day never ends after one that does not;
//! * days are days in China whatever zone the start was written in, and no clock is read: the present is an argument.

mod calendar;
mod contact;
mod countdown;
mod due;
mod error;
mod flag;
mod ics;
mod instant;
mod rules;
mod table;

pub use calendar::{Calendar, DayKind, Shifted};
pub use contact::{ContactHours, Unanswered};
pub use countdown::{Countdown, Urgency};
pub use due::{Deadline, Reading};
pub use error::{CalendarError, DeadlineError, RuleError};
pub use flag::Flag;
pub use ics::ics;
pub use instant::Instant;
pub use rules::{Confidence, Rule, RuleSource, Rules, Side, Unit};
