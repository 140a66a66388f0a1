//! One writer per output format: what a run found, for people (text, HTML, XLSX, CSV) and for programs (JSONL, Parquet,
//! scores, verdicts, baseline).
//!
//! The pipeline's final pass calls an [`Output`] once per row, in a deterministic order, so that several formats are
//! written in one run. What must stay true: every writer streams (memory does not grow with the number of records);
//! the same calls give the same bytes (no clock, no random names inside a file); a file appears under its name only
//! when it is whole; and listing text is hostile. It is made harmless for the place it goes to: sanitised for
//! terminals, escaped in HTML, formula-escaped in CSV and XLSX, and kept raw in JSONL, Parquet and scores, which
//! programs read.

mod baseline;
mod campaign;
mod csv;
mod error;
mod evidence;
mod formula;
mod html;
mod jsonl;
mod output;
mod parquet;
mod sanitise;
mod scores;
mod sink;
mod spec;
mod table;
mod text;
mod verdicts;
mod words;
mod xlsx;

pub use error::Error;
pub use evidence::{composition_sentence, evidence_lines, evidence_name, evidence_text, leading_facts};
pub use html::drawn_evidence;
pub use output::{GreyPicture, Options, Output, Outputs, References, open};
pub use sanitise::sanitise;
pub use spec::{Destination, Format, Needs, Spec, SpecError, check_specs};
pub use words::{field as field_name, kind as kind_name, severity as severity_name};
