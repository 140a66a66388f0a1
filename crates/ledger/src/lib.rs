//! Additive scores that can be checked line by line.
//!
//! A *signal* is one number about one record; 0 says nothing. A [`Model`] gives each signal a monotone curve in log-odds, keeps what
//! signals of one *family* can add under a cap, and asks that several families speak before a score can reach one half. What it
//! says of a record is a [`Ledger`]: contributions that are multiples of 1/1024, so that they add up to the score exactly, in any order.
//! [`fit`] finds the curves from decided cases.
//!
//! What must stay true: a signal of 0 adds 0; curves are monotone, in the direction the file states; a signal that only tells of others'
//! company ([`Speaks::Never`]) is refused in a score of its own.

mod curve;
mod file;
pub mod fit;
mod model;

pub use curve::Curve;
pub use file::{ModelFile, Side, SignalEntry, Speaks};
pub use model::{Entry, Ledger, Model, ModelError};
