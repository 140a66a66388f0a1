//! Reads the inputs one after another and cuts them into chunks.
//!
//! From here on nothing is an error any more: an input that breaks off is told as incomplete with its last chunk, what came
//! before stays good, and the next input is read.

use std::collections::VecDeque;
use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};

use ::parquet::arrow::arrow_reader::ParquetRecordBatchReader;
use arrow_array::RecordBatch;
use bytes::Bytes;

use crate::chunk::{Body, Chunk, InputEnd};
use crate::delimited::split::Records;
use crate::format::workbook::{SheetNews, SheetPart, read_sheets};
use crate::format::{parquet, tar::Tar, workbook};
use crate::json::split::JsonValues;
use crate::options::Options;
use crate::probe::{Cutting, Held, Opened, Part, Probed, Unit, text_input};
use crate::quarantine::BadReason;
use crate::stream::{self, digest_file};
use crate::text::{Bounds, Lines, Splitter, TextReader};

/// How far reading has come, in raw bytes; to be looked at from any thread.
#[derive(Clone, Debug)]
pub struct Progress {
    read: Arc<AtomicU64>,
    total: Option<u64>,
}

impl Progress {
    /// Raw (packed) bytes read so far.
    pub fn bytes_read(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    /// Raw bytes of all inputs; unknown when standard input is among them.
    pub fn bytes_total(&self) -> Option<u64> {
        self.total
    }
}

/// What is open at the moment.
enum Current {
    Text { reader: TextReader<Box<dyn Read + Send>>, skip_rows: usize },
    Sheets { news: Receiver<SheetNews> },
    Parquet { reader: ParquetRecordBatchReader, pieces: VecDeque<RecordBatch>, next_row: u64 },
}

/// A tar archive that is being gone through.
struct OpenTar {
    file: usize,
    tar: Tar,
    next: usize,
}

/// Cuts inputs into chunks. Give it to one thread.
pub struct Reader {
    files: Vec<Opened>,
    units: VecDeque<Unit>,
    options: Options,
    progress: Progress,
    sequence: u64,
    current: Option<(Unit, Current)>,
    tar: Option<OpenTar>,
}

impl Reader {
    pub(crate) fn new(probed: Probed, options: &Options) -> (Self, Vec<crate::InputPlan>) {
        let sizes = probed.files.iter().map(|opened| {
            let path = opened.file.path.as_ref()?;
            std::fs::metadata(path).ok().map(|meta| meta.len())
        });
        let progress = Progress { read: probed.read, total: sizes.sum() };
        let reader = Self {
            files: probed.files,
            units: probed.units.into(),
            options: options.clone(),
            progress,
            sequence: 0,
            current: None,
            tar: None,
        };
        (reader, probed.inputs)
    }

    /// How far reading has come; the handle stays valid when the reader is gone.
    pub fn progress(&self) -> Progress {
        self.progress.clone()
    }

    /// The next rows; nothing when all inputs are exhausted.
    pub fn next_chunk(&mut self) -> Option<Chunk> {
        loop {
            let (unit, current) = match self.current.take() {
                Some(open) => open,
                None => {
                    let unit = self.units.pop_front()?;
                    match self.open(&unit) {
                        Ok(current) => (unit, current),
                        Err(message) => return Some(self.end(&unit, Some(BadReason::Unreadable { message }))),
                    }
                }
            };
            match self.advance(unit, current) {
                Some(chunk) => return Some(chunk),
                None => continue,
            }
        }
    }

    fn advance(&mut self, unit: Unit, mut current: Current) -> Option<Chunk> {
        let body = match &mut current {
            Current::Text { reader, skip_rows } => match reader.next_block() {
                Some(mut block) => {
                    // Titles and the header; nearly always in the first block.
                    let skipped = (*skip_rows).min(block.rows.len());
                    block.rows.drain(..skipped);
                    *skip_rows -= skipped;
                    Body::Text(block)
                }
                None => {
                    let failure = reader.failure().cloned();
                    return Some(self.end(&unit, failure));
                }
            },
            Current::Sheets { news } => match news.recv() {
                Ok(SheetNews::Block(block)) => Body::Cells(block),
                Ok(SheetNews::End(failure)) => {
                    let chunk = self.end(&unit, failure.map(|message| BadReason::Unreadable { message }));
                    // The thread goes on with the next sheet of the same workbook.
                    let next_is_sibling = self.units.front().is_some_and(|next| {
                        next.file == unit.file && next.member == unit.member && matches!(next.part, Part::Sheet(_))
                    });
                    if next_is_sibling && let Some(next) = self.units.pop_front() {
                        self.current = Some((next, current));
                    }
                    return Some(chunk);
                }
                Err(_) => {
                    let message = "the workbook is broken".to_owned();
                    return Some(self.end(&unit, Some(BadReason::Unreadable { message })));
                }
            },
            Current::Parquet { reader, pieces, next_row } => {
                while pieces.is_empty() {
                    match parquet::next(reader) {
                        Some(Ok(batch)) => pieces.extend(parquet::pieces(&batch, self.options.batch_bytes)),
                        Some(Err(message)) => return Some(self.end(&unit, Some(BadReason::Unreadable { message }))),
                        None => return Some(self.end(&unit, None)),
                    }
                }
                let batch = pieces.pop_front()?;
                let first_row = *next_row;
                *next_row += batch.num_rows() as u64;
                Body::Arrow(parquet::ArrowRows { batch, first_row })
            }
        };
        let chunk = Chunk { sequence: self.next_sequence(), plan: unit.plan.clone(), body, end: None };
        self.current = Some((unit, current));
        Some(chunk)
    }

    fn next_sequence(&mut self) -> u64 {
        self.sequence += 1;
        self.sequence - 1
    }

    /// The last chunk of an input.
    fn end(&mut self, unit: &Unit, failure: Option<BadReason>) -> Chunk {
        let more_of_file = self.units.front().is_some_and(|next| next.file == unit.file);
        let digest = if more_of_file { None } else { self.close_file(unit.file) };
        let end = Some(InputEnd { failure, digest });
        Chunk { sequence: self.next_sequence(), plan: unit.plan.clone(), body: Body::End, end }
    }

    /// Forgets a file; gives its name and the digest of its raw bytes.
    fn close_file(&mut self, index: usize) -> Option<(String, String)> {
        if self.tar.as_ref().is_some_and(|open| open.file == index) {
            self.tar = None;
        }
        let opened = &mut self.files[index];
        opened.held = Held::No;
        let digest = match &opened.file.path {
            // Bytes may follow what the unpacker asked for, Parquet is not read in order, and an archive may have been
            // opened twice: then the file is digested again.
            Some(path) if std::fs::metadata(path).ok()?.len() != opened.meter.digested() => digest_file(path).ok()?,
            _ => opened.meter.digest(),
        };
        Some((opened.file.name.clone(), digest))
    }

    fn bounds(&self) -> Bounds {
        Bounds { rows: self.options.batch_rows, bytes: self.options.batch_bytes, row_bytes: self.options.max_row_bytes }
    }

    fn open(&mut self, unit: &Unit) -> Result<Current, String> {
        match &unit.part {
            Part::Text { cutting, terminator, encoding, mark, skip_rows } => {
                let bytes = self.stream(unit)?;
                let input = text_input(bytes, encoding, *mark);
                let splitter: Box<dyn Splitter> = match *cutting {
                    Cutting::Lines => Box::new(Lines { terminator: *terminator }),
                    Cutting::JsonValues => Box::new(JsonValues),
                    Cutting::Records(dialect) => Box::new(Records::new(dialect.separator, *terminator, dialect.quotes)),
                };
                let reader = TextReader::new(input, splitter, *terminator, self.bounds());
                Ok(Current::Text { reader, skip_rows: *skip_rows })
            }
            Part::Sheet(part) => self.open_workbook(unit, part),
            Part::Parquet => {
                let opened = &self.files[unit.file];
                let plain_file = match (&opened.file.path, unit.member) {
                    (Some(path), None) => std::fs::File::open(path).ok().filter(|file| {
                        let mut magic = [0; 4];
                        (&mut &*file).read_exact(&mut magic).is_ok() && &magic == b"PAR1"
                    }),
                    _ => None,
                };
                let source = match plain_file {
                    Some(file) => parquet::ParquetSource::File(file),
                    None => parquet::ParquetSource::Bytes(Bytes::from(self.whole(unit)?)),
                };
                let Bounds { rows, bytes, .. } = self.bounds();
                let reader = parquet::open(source, rows, bytes)?;
                Ok(Current::Parquet { reader, pieces: VecDeque::new(), next_row: 1 })
            }
        }
    }

    fn open_workbook(&mut self, unit: &Unit, part: &SheetPart) -> Result<Current, String> {
        let bytes = self.whole(unit)?;
        let zipped = bytes.starts_with(b"PK");
        let book = workbook::open(bytes, zipped, self.options.max_workbook_bytes)?;
        let mut parts = vec![part.clone()];
        parts.extend(
            self.units
                .iter()
                .take_while(|next| next.file == unit.file && next.member == unit.member)
                .filter_map(|next| if let Part::Sheet(part) = &next.part { Some(part.clone()) } else { None }),
        );
        let Bounds { rows, bytes, .. } = self.bounds();
        let (sender, news) = sync_channel(2);
        std::thread::Builder::new()
            .name("huoyan-workbook".to_owned())
            .spawn(move || read_sheets(book, &parts, rows, bytes, &sender))
            .map_err(|e| e.to_string())?;
        Ok(Current::Sheets { news })
    }

    fn whole(&mut self, unit: &Unit) -> Result<Vec<u8>, String> {
        let limit = self.options.max_workbook_bytes;
        stream::read_whole(&mut self.stream(unit)?, limit).map_err(|e| e.to_string())
    }

    /// The unpacked bytes of a unit.
    fn stream(&mut self, unit: &Unit) -> Result<Box<dyn Read + Send>, String> {
        let limit = self.options.max_decompressed_bytes;
        let Some(member) = unit.member else {
            return self.file_stream(unit.file);
        };
        let at_hand = self.tar.as_ref().is_some_and(|open| open.file == unit.file && open.next <= member);
        if !at_hand {
            let tar = Tar::new(self.file_stream(unit.file)?);
            self.tar = Some(OpenTar { file: unit.file, tar, next: 0 });
        }
        let open = self.tar.as_mut().ok_or("invariant: a tar archive is open")?;
        loop {
            let found = open.tar.next_member().map_err(|e| e.to_string())?;
            let (_, content) = found.ok_or("the archive has changed since it was opened")?;
            open.next += 1;
            if open.next > member {
                let stream = stream::unpack(Box::new(content), limit).map_err(|e| e.to_string())?;
                return Ok(Box::new(stream.bytes));
            }
        }
    }

    fn file_stream(&mut self, index: usize) -> Result<Box<dyn Read + Send>, String> {
        let opened = &mut self.files[index];
        let raw = match std::mem::replace(&mut opened.held, Held::No) {
            Held::Stream(stream) => return Ok(Box::new(stream.bytes)),
            Held::Bytes(bytes) => {
                let again = std::io::Cursor::new(bytes.clone());
                opened.held = Held::Bytes(bytes);
                // Held bytes are unpacked already.
                return Ok(Box::new(again));
            }
            Held::No => match &opened.file.path {
                Some(path) => stream::open_file(path, opened.meter.clone()).map_err(|e| e.to_string())?,
                None => return Err("standard input was already read".to_owned()),
            },
        };
        let stream = stream::unpack(raw, self.options.max_decompressed_bytes).map_err(|e| e.to_string())?;
        Ok(Box::new(stream.bytes))
    }
}
