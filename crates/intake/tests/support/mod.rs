//! Writes small messy files and reads them back.
#![allow(dead_code, reason = "each test file uses its own part of this")]
#![expect(clippy::unwrap_used, reason = "a test that cannot write its files fails")]

use std::io::Write;
use std::path::{Path, PathBuf};

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use huoyan_intake::{BadRow, Batch, Error, Options, Totals, open};
use huoyan_model::{InputReport, Locale, RecordKind};

/// A folder of test files.
pub struct Folder(tempfile::TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file and gives its path.
    pub fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path: PathBuf = self.0.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path.display().to_string()
    }
}

/// Everything that came of reading some inputs.
pub struct Outcome {
    pub kinds: Vec<RecordKind>,
    pub batches: Vec<Batch>,
    pub bad: Vec<BadRow>,
    pub totals: Totals,
    pub reports: Vec<InputReport>,
    pub incomplete: Vec<String>,
    pub ledger: huoyan_intake::Ledger,
}

impl Outcome {
    /// All values of a column, as texts; null is "∅".
    pub fn column(&self, name: &str) -> Vec<String> {
        self.batches.iter().flat_map(|batch| texts(&batch.records, name)).collect()
    }

    pub fn lines(&self) -> Vec<u64> {
        self.batches.iter().flat_map(|batch| batch.lines.clone()).collect()
    }

    pub fn account(&self) -> String {
        self.reports.iter().flat_map(|report| report.account.clone()).collect::<Vec<_>>().join("\n")
    }

    pub fn scanned(&self) -> u64 {
        self.totals.scanned.values().sum()
    }
}

/// Some batches, to be looked at by column.
pub struct Texts<'b>(Vec<&'b Batch>);

pub fn texts_of<'b>(batches: &[&'b Batch]) -> Texts<'b> {
    Texts(batches.to_vec())
}

impl Texts<'_> {
    pub fn column(&self, name: &str) -> Vec<String> {
        self.0.iter().flat_map(|batch| texts(&batch.records, name)).collect()
    }

    pub fn lines(&self) -> Vec<u64> {
        self.0.iter().flat_map(|batch| batch.lines.clone()).collect()
    }
}

fn texts(batch: &RecordBatch, name: &str) -> Vec<String> {
    let column = batch.column_by_name(name).unwrap_or_else(|| panic!("no column {name}"));
    let shown = |row| match column.data_type() {
        _ if column.is_null(row) => "∅".to_owned(),
        DataType::Utf8 => column.as_string::<i32>().value(row).to_owned(),
        DataType::Float64 => column.as_primitive::<Float64Type>().value(row).to_string(),
        DataType::Int64 => column.as_primitive::<Int64Type>().value(row).to_string(),
        _ => column.as_boolean().value(row).to_string(),
    };
    (0..batch.num_rows()).map(shown).collect()
}

pub fn read_with(inputs: &[String], options: &Options) -> Result<Outcome, Error> {
    let mut intake = open(inputs, options)?;
    let kinds = intake.kinds();
    let mut batches = Vec::new();
    while let Some(batch) = intake.next_batch() {
        let totals = intake.ledger().totals();
        let scanned: u64 = totals.scanned.values().sum();
        assert_eq!(totals.read, scanned + totals.duplicates + totals.quarantined, "the books balance at every moment");
        batches.push(batch);
    }
    let (_, ledger) = intake.split();
    let outcome = Outcome {
        kinds,
        bad: batches.iter().flat_map(|batch| batch.quarantined.clone()).collect(),
        totals: ledger.totals(),
        reports: ledger.reports(Locale::En),
        incomplete: ledger.incomplete().into_iter().map(|text| text.en).collect(),
        batches,
        ledger,
    };
    let rows: usize = outcome.batches.iter().map(Batch::len).sum();
    assert_eq!(outcome.scanned(), rows as u64);
    assert_eq!(outcome.totals.quarantined, outcome.bad.len() as u64);
    Ok(outcome)
}

/// Reads inputs with no flag.
pub fn read(inputs: &[String]) -> Outcome {
    read_with(inputs, &Options::default()).unwrap_or_else(|error| panic!("{error}"))
}

/// Reads one small file with no flag.
pub fn read_bytes(name: &str, bytes: impl AsRef<[u8]>) -> Outcome {
    let folder = Folder::new();
    read(&[folder.file(name, bytes)])
}

/// Why a small file is refused.
pub fn refusal(name: &str, bytes: impl AsRef<[u8]>) -> String {
    let folder = Folder::new();
    match read_with(&[folder.file(name, bytes)], &Options::default()) {
        Ok(outcome) => panic!("{name} was read: {}", outcome.account()),
        Err(error) => error.to_string(),
    }
}

pub fn gbk(text: &str) -> Vec<u8> {
    let (bytes, _, unmappable) = encoding_rs::GB18030.encode(text);
    assert!(!unmappable);
    bytes.into_owned()
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub fn xz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = liblzma::write::XzEncoder::new(Vec::new(), 6);
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub fn zst(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 3).unwrap()
}
