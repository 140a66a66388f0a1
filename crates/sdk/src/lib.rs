//! Write a huoyan detector plugin in Rust.
//!
//! A detector is pure: it is given rows and resources and says what it saw, through a [`Sink`]. Reading files, threads,
//! sorting and deciding how bad a finding is all belong to the host. A detector that judges each record alone needs one
//! trait ([`RecordDetector`]), one struct and one macro line:
//!
//! ```
//! use huoyan_sdk::{Batch, CreateContext, Error, Finding, RecordDetector, Rule, Sink};
//!
//! const SHOUTING: Rule = Rule::new("SH001");
//!
//! struct Shouting;
//!
//! impl RecordDetector for Shouting {
//!     fn create(_: &CreateContext<'_>) -> Result<Self, Error> {
//!         Ok(Self)
//!     }
//!
//!     fn scan(&self, _stage: &str, batch: &Batch<'_>, sink: &mut Sink<'_>) -> Result<(), Error> {
//!         let (keys, titles) = (batch.keys()?, batch.text("title")?);
//!         for row in 0..batch.len() {
//!             let (Some(key), Some(title)) = (keys.get(row), titles.get(row)) else { continue };
//!             if let Some(at) = title.find("!!!") {
//!                 sink.finding(&Finding::new(key, SHOUTING, 0.9).matched("title", title, at..at + 3));
//!             }
//!         }
//!         Ok(())
//!     }
//! }
//!
//! huoyan_sdk::export_record_detector!(Shouting, manifest = "doc_manifest.json");
//! # fn main() {}
//! ```
//!
//! Detectors that compare records with each other implement [`Detector`], a small graph of stages; `examples/` has one of
//! each kind, `docs/plugin-guide.md` builds them step by step, and `huoyan plugin new` writes a crate to start from.
//!
//! # Shapes and units
//!
//! | what | how it arrives |
//! |---|---|
//! | text, JSON | [`TextColumn`], UTF-8; `attributes` is a JSON object, `images` a JSON list of texts |
//! | prices | [`FloatColumn`], in the record's `currency` |
//! | ratings, hours, days | [`FloatColumn`] |
//! | times | [`IntegerColumn`], seconds since 1970-01-01T00:00:00Z |
//! | yes and no | [`BooleanColumn`] |
//! | pictures | [`BinaryColumn`], the file's bytes |
//!
//! Any value but the key (`_record`) may be null, and a column that the user's file lacks is null throughout. Batches hold about
//! 4,096 rows and at most 4 MiB, or a single row; they may be empty. Scores go from 0 to 1; spans are bytes; a summary has at
//! most 64 MiB; a call may report 256 findings a row, evidence of 1 MiB each, and 256 MiB in all.
//!
//! # The log, and the end of a run
//!
//! [`CreateContext::host`] and [`TaskContext::host`] hand out the host's log, for the people who run the detector. When the user
//! stops a run, [`Sink::is_open`] becomes false, and [`TaskHost::is_cancelled`] true for a task that has no sink at hand; a
//! detector whose rows take long then returns `Ok`.
//!
//! ```
//! use huoyan_sdk::{Batch, CreateContext, Error, Host, RecordDetector, Sink};
//!
//! struct Slow {
//!     host: Host,
//! }
//!
//! impl RecordDetector for Slow {
//!     fn create(cx: &CreateContext<'_>) -> Result<Self, Error> {
//!         let host = cx.host();
//!         if cx.resource("gallery").is_none() {
//!             host.warn("there is no gallery: only titles are compared");
//!         }
//!         Ok(Self { host })
//!     }
//!
//!     fn scan(&self, stage: &str, batch: &Batch<'_>, sink: &mut Sink<'_>) -> Result<(), Error> {
//!         for row in 0..batch.len() {
//!             if !sink.is_open() {
//!                 self.host.debug(format!("stage '{stage}' stopped before row {row} of {}", batch.len()));
//!                 break;
//!             }
//!             // Something that takes long.
//!         }
//!         Ok(())
//!     }
//! }
//! ```
//!
//! # Errors and panics
//!
//! An [`Error`] takes the detector out of the run, which goes on and ends incomplete. A record that cannot be judged is no error:
//! report it with [`Sink::unjudged`]. A panic is caught at the boundary and costs this detector only.
//!
//! What must stay true: this crate depends on nothing but the ABI, so that a plugin built with any version of any other
//! crate loads into any host of the same ABI major; and no panic of the author's code crosses the boundary.

#![expect(unsafe_code, reason = "this crate turns the C contract into a safe interface")]

#[cfg(panic = "abort")]
compile_error!(
    "a huoyan plugin must be built with panic = \"unwind\": with \"abort\" a panic cannot be caught and ends the host"
);

mod batch;
mod column;
mod context;
mod detector;
mod evidence;
mod export;
mod finding;
pub mod glue;
mod group;
mod guard;
mod host;
mod json;
mod memory;
mod per_shop;
mod rule;
mod settings;
mod sink;
#[cfg(feature = "testkit")]
pub mod testkit;

pub use batch::Batch;
pub use column::{BinaryColumn, BooleanColumn, FloatColumn, IntegerColumn, TextColumn};
pub use context::{CreateContext, Resource, TaskContext};
pub use detector::{Detector, EachRecord, Error, ErrorKind, RecordDetector, Task};
pub use evidence::Evidence;
pub use finding::Finding;
pub use group::{Fold, Grouped, Rows};
pub use host::{Host, Level, LogLine, StandIn, TaskHost};
pub use huoyan_abi as abi;
pub use memory::{MemoryBatch, MemoryColumn};
pub use per_shop::PerShop;
pub use rule::{Rule, Score};
pub use settings::Settings;
pub use sink::{Emitted, EmittedFinding, Sink, SinkBuffer};
