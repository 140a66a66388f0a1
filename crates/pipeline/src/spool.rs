//! Records kept on disk for stages that come back to them, and for joining late findings with their records.
//!
//! One Arrow IPC stream per batch, so that batches can be written and read by any thread.

use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{ArrayRef, BinaryArray, Int64Array, RecordBatch, StringArray};
use arrow_ipc::CompressionType;
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::{IpcWriteOptions, StreamWriter};
use arrow_schema::{DataType, Field, Schema};
use huoyan_intake::Batch;
use huoyan_model::{ContentHash, RecordKind, Source};

use crate::Error;

/// The file of batches.
pub(crate) struct Spool {
    file: BufWriter<File>,
    blocks: Vec<(RecordKind, u64, u64)>,
    end: u64,
}

/// One batch as it comes back: the record columns and where each row came from.
pub(crate) struct Spooled {
    pub(crate) kind: RecordKind,
    pub(crate) records: RecordBatch,
}

impl Spool {
    pub(crate) fn new() -> io::Result<Self> {
        let file = BufWriter::with_capacity(1 << 20, tempfile::tempfile()?);
        Ok(Self { file, blocks: Vec::new(), end: 0 })
    }

    pub(crate) fn append(&mut self, kind: RecordKind, block: &[u8]) -> io::Result<()> {
        self.file.write_all(block)?;
        self.blocks.push((kind, self.end, block.len() as u64));
        self.end += block.len() as u64;
        Ok(())
    }

    pub(crate) fn finish(self) -> io::Result<SpoolReader> {
        let file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        Ok(SpoolReader { file: std::sync::Mutex::new(file), blocks: self.blocks })
    }
}

/// Encodes a batch with its provenance.
pub(crate) fn encode(batch: &Batch) -> Result<Vec<u8>, Error> {
    let schema = batch.records.schema();
    let mut fields: Vec<Field> = schema.fields().iter().map(|f| f.as_ref().clone()).collect();
    let mut columns = batch.records.columns().to_vec();
    let versions: ArrayRef = Arc::new(BinaryArray::from_iter_values(batch.versions.iter().map(|v| v.0)));
    let files: ArrayRef = Arc::new(StringArray::from_iter_values((0..batch.len()).map(|_| &batch.input.file)));
    let sheets: ArrayRef = Arc::new((0..batch.len()).map(|_| batch.input.sheet.as_deref()).collect::<StringArray>());
    let lines: ArrayRef = Arc::new(Int64Array::from_iter_values(batch.lines.iter().map(|line| line.cast_signed())));
    for (name, ty, column) in [
        ("_version", DataType::Binary, versions),
        ("_file", DataType::Utf8, files),
        ("_sheet", DataType::Utf8, sheets),
        ("_line", DataType::Int64, lines),
    ] {
        fields.push(Field::new(name, ty, true));
        columns.push(column);
    }
    let schema = Arc::new(Schema::new(fields));
    let bad = |e| Error::temporary(e);
    let whole = RecordBatch::try_new(Arc::clone(&schema), columns).map_err(bad)?;
    let options = IpcWriteOptions::default().try_with_compression(Some(CompressionType::LZ4_FRAME)).map_err(bad)?;
    let mut writer = StreamWriter::try_new_with_options(Vec::new(), &schema, options).map_err(bad)?;
    writer.write(&whole).map_err(bad)?;
    writer.into_inner().map_err(bad)
}

/// The batches again, in input order, readable from any thread.
pub(crate) struct SpoolReader {
    file: std::sync::Mutex<File>,
    blocks: Vec<(RecordKind, u64, u64)>,
}

impl SpoolReader {
    pub(crate) fn len(&self) -> usize {
        self.blocks.len()
    }

    pub(crate) fn kind(&self, block: usize) -> RecordKind {
        self.blocks[block].0
    }

    pub(crate) fn read(&self, block: usize) -> Result<Spooled, Error> {
        let (kind, start, len) = self.blocks[block];
        let mut bytes = vec![0; usize::try_from(len).unwrap_or(usize::MAX)];
        {
            let mut file = self.file.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            file.seek(SeekFrom::Start(start)).and_then(|_| file.read_exact(&mut bytes)).map_err(Error::temporary)?;
        }
        let mut reader = StreamReader::try_new(&bytes[..], None).map_err(Error::temporary)?;
        let records =
            reader.next().ok_or_else(|| Error::temporary("a spooled batch is empty"))?.map_err(Error::temporary)?;
        Ok(Spooled { kind, records })
    }
}

impl Spooled {
    pub(crate) fn key(&self, row: usize) -> &str {
        self.records["_record"].as_string::<i32>().value(row)
    }

    pub(crate) fn version(&self, row: usize) -> ContentHash {
        let bytes = self.records["_version"].as_binary::<i32>().value(row);
        let mut out = [0; 16];
        out.copy_from_slice(bytes);
        ContentHash(out)
    }

    pub(crate) fn source(&self, row: usize) -> Source {
        let sheet = self.records["_sheet"].as_string_opt::<i32>().filter(|s| !arrow_array::Array::is_null(s, row));
        Source {
            file: self.records["_file"].as_string::<i32>().value(row).to_owned(),
            sheet: sheet.map(|s| s.value(row).to_owned()),
            line: self.records["_line"].as_primitive::<Int64Type>().value(row).cast_unsigned(),
        }
    }
}
