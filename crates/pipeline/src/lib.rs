//! Plans and runs detectors over record batches, and applies policy to what they find.
//!
//! The way of a run: [`Detectors::prepare`] makes the detectors, [`run`] reads waves of batches, runs every stage that
//! judges records as they pass (`pass`), then the stages that compare records with each other (`graph`), joins late
//! findings with their records (`join`) and hands everything, in one fixed order, to the outputs (`finish`).
//!
//! What must stay true: memory is bounded by the wave, the sort budget and what was found, never by the input; and the
//! bytes that come out do not depend on threads, batches or partitions.

pub mod config;
mod entry;
mod error;
mod examples;
mod finish;
mod graph;
mod join;
mod pass;
mod pictures;
pub mod policy;
mod prepare;
mod progress;
mod run;
mod scores;
mod sort;
mod spool;
mod wants;

pub use error::Error;
pub use examples::{ExampleFailure, ExampleReport, test_examples};
#[cfg(unix)]
pub use prepare::children;
pub use prepare::{Detectors, Prepared, rules_in_use};
pub use progress::{Phase, Progress};
pub use run::{Finished, Run, run};
