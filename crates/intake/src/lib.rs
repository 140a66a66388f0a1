//! Turns the files people really have into records: listings and reviews as Arrow batches, with their provenance.
//!
//! Exports come in every format, encoding and state of repair. Intake reads them with no flag, says what it took them for
//! and what it repaired, refuses what is not its business with the reason, and loses nothing: a row that cannot be used is
//! quarantined with its bytes, an exact copy is set apart and counted, and always
//!
//! > rows read = rows scanned + duplicates + quarantined.
//!
//! The way of a row: [`open`] probes every input (`probe`, `guess`) before any is read; a [`Reader`] cuts inputs into
//! [`Chunk`]s (`text`, `format`), which is all that is serial; [`Chunk::decode`] parses, hashes and types the rows on any
//! thread (`chunk`, `assemble`, `values`); a [`Ledger`] takes the results in order and sets exact duplicates apart.
//!
//! What must stay true: the same bytes give the same batches in the same order, however many threads decode; no input makes
//! it panic; memory is bounded by a few chunks and 30 bytes a record, workbooks aside, which have a bound of their own.

mod assemble;
mod chunk;
mod delimited;
mod encoding;
mod error;
mod format;
mod guess;
mod inputs;
mod json;
mod ledger;
mod note;
mod options;
pub mod pictures;
mod plan;
mod probe;
pub mod quarantine;
mod reader;
mod row;
mod seen;
mod stream;
mod text;
mod value;
mod values;

use std::path::PathBuf;

use huoyan_model::RecordKind;

pub use chunk::{Chunk, Decoded};
pub use error::Error;
pub use guess::foreign::NotRecords;
pub use ledger::{Batch, Ledger, Totals};
pub use options::{ColumnSelection, FieldMap, Options, StandIn};
pub use plan::{InputName, InputPlan};
pub use quarantine::{BadReason, BadRow};
pub use reader::{Progress, Reader};
pub use stream::digest_file;

/// Inputs that were probed and are ready to be read.
pub struct Intake {
    inputs: Vec<InputPlan>,
    reader: Reader,
    ledger: Ledger,
}

/// Probes all inputs: paths, globs, folders, `-` for standard input.
///
/// # Errors
/// When any input cannot be read or holds no records; nothing was scanned then.
pub fn open(inputs: &[String], options: &Options) -> Result<Intake, Error> {
    let probed = probe::probe(inputs, options)?;
    let (reader, inputs) = Reader::new(probed, options);
    let ledger = Ledger::new(inputs.clone());
    Ok(Intake { inputs, reader, ledger })
}

impl Intake {
    /// What was found out about each input, in order; a workbook has one for each sheet.
    pub fn inputs(&self) -> &[InputPlan] {
        &self.inputs
    }

    /// The kinds of records that the inputs hold, in the order used for output.
    pub fn kinds(&self) -> Vec<RecordKind> {
        RecordKind::ALL.into_iter().filter(|kind| self.inputs.iter().any(|input| input.kind == Some(*kind))).collect()
    }

    /// The folders that the inputs lie in, each once: where pictures may lie unless the user gives others.
    pub fn folders(&self) -> Vec<PathBuf> {
        let mut folders: Vec<PathBuf> = self.inputs.iter().filter_map(|input| input.name.folder.clone()).collect();
        folders.sort();
        folders.dedup();
        folders
    }

    /// How far reading has come.
    pub fn progress(&self) -> Progress {
        self.reader.progress()
    }

    /// The two halves: one for the thread that reads, one for the one that restores the order.
    pub fn split(self) -> (Reader, Ledger) {
        (self.reader, self.ledger)
    }

    /// Reads, decodes and admits the next chunk on this thread.
    pub fn next_batch(&mut self) -> Option<Batch> {
        let chunk = self.reader.next_chunk()?;
        Some(self.ledger.admit(chunk.decode()))
    }

    /// The books so far.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }
}
