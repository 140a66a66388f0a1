//! Looks at the beginning of every input and decides how it will be read, before anything is.
//!
//! An input that cannot be read or that holds no records is an error here, so that a run either starts with everything it
//! was given or not at all. Only standard input keeps its stream open; files are opened again when their turn comes.

mod containers;
mod text;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use bytes::Bytes;
use encoding_rs::Encoding;
use huoyan_model::Localized;

use crate::delimited::dialect::Dialect;
use crate::format::{self, Magic, parquet, workbook};
use crate::guess::columns::{Because, Understanding, understand};
use crate::guess::{Sample, header};
use crate::inputs::{InputFile, expand};
use crate::note::Note;
use crate::options::Options;
use crate::plan::{InputName, InputPlan, Plan, RowFormat, Shape, column_names, column_notes};
use crate::stream::{self, Meter, Stream};
use crate::{Error, NotRecords};

pub(crate) use text::text_input;

/// So many unpacked bytes are looked at.
const SAMPLE_BYTES: usize = 512 << 10;
const SAMPLE_ROWS: usize = 200;

/// How a text is cut into rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cutting {
    Lines,
    JsonValues,
    Records(Dialect),
}

/// How one part of a file is read.
#[derive(Clone, Debug)]
pub(crate) enum Part {
    Text {
        cutting: Cutting,
        terminator: u8,
        /// The encoding of the file, UTF-16 included.
        encoding: &'static Encoding,
        /// Bytes of the encoding's mark to leave out.
        mark: usize,
        /// Rows to leave out at the start: titles and the header.
        skip_rows: usize,
    },
    Sheet(workbook::SheetPart),
    Parquet,
}

/// One part of a file, ready to be read.
pub(crate) struct Unit {
    pub plan: Arc<Plan>,
    /// Index of the file.
    pub file: usize,
    /// The member of a tar archive, by its place among the regular files.
    pub member: Option<usize>,
    pub part: Part,
}

/// A file, and what of it is already in memory.
pub(crate) struct Opened {
    pub file: InputFile,
    pub meter: Arc<Meter>,
    /// Standard input, unpacked; or any input whose bytes had to be taken in as a whole.
    pub held: Held,
}

pub(crate) enum Held {
    No,
    Stream(Box<Stream>),
    Bytes(Bytes),
}

/// Everything that was found out.
pub(crate) struct Probed {
    pub files: Vec<Opened>,
    pub units: Vec<Unit>,
    pub inputs: Vec<InputPlan>,
    /// Raw bytes read so far, shared with the progress bar.
    pub read: Arc<AtomicU64>,
}

/// Probes all inputs.
pub(crate) fn probe(inputs: &[String], options: &Options) -> Result<Probed, Error> {
    for (name, value) in [
        ("batch_rows", options.batch_rows),
        ("batch_bytes", options.batch_bytes),
        ("max_row_bytes", options.max_row_bytes),
    ] {
        if value == 0 {
            return Err(Error::ZeroLimit { name });
        }
    }
    options.map.iter().try_for_each(crate::FieldMap::check)?;
    let read = Arc::new(AtomicU64::new(0));
    let mut prober = Prober {
        options,
        units: Vec::new(),
        inputs: Vec::new(),
        told: vec![false; options.map.len()],
        columns: Vec::new(),
    };
    let mut files = Vec::new();
    for (index, file) in expand(inputs)?.into_iter().enumerate() {
        let meter = Meter::new(read.clone());
        let held = match prober.file(index, &file, &meter) {
            Ok(held) => held,
            Err(Error::NotRecords { reason, .. }) if file.found => {
                prober.leave_out(InputName { file: file.name.clone(), sheet: None, folder: None }, reason.text());
                Held::No
            }
            // A header that is not there is the likelier reason for knowing no columns.
            Err(Error::NotRecords { .. }) if prober.told.contains(&false) && !prober.columns.is_empty() => {
                return Err(prober.unknown_header());
            }
            Err(error) => return Err(error),
        };
        files.push(Opened { file, meter, held });
    }
    if prober.units.is_empty() {
        return Err(Error::NothingFound { pattern: inputs.join(" ") });
    }
    if prober.told.contains(&false) {
        return Err(prober.unknown_header());
    }
    Ok(Probed { files, units: prober.units, inputs: prober.inputs, read })
}

struct Prober<'o> {
    options: &'o Options,
    units: Vec<Unit>,
    inputs: Vec<InputPlan>,
    /// Which entries of `--map` met a header.
    told: Vec<bool>,
    /// The headers of the first input.
    columns: Vec<String>,
}

/// What is the same for all parts of a file or member.
struct Place {
    file: usize,
    member: Option<usize>,
    name: String,
    folder: Option<PathBuf>,
    packing: Vec<&'static str>,
}

impl Place {
    fn input(&self, sheet: Option<String>) -> Arc<InputName> {
        Arc::new(InputName { file: self.name.clone(), sheet, folder: self.folder.clone() })
    }

    fn refuse(&self, reason: NotRecords) -> Error {
        Error::NotRecords { file: self.name.clone(), reason }
    }

    fn unreadable(&self, message: impl ToString) -> Error {
        Error::Unreadable { file: self.name.clone(), message: message.to_string() }
    }

    fn format(&self, format: &'static str) -> Note {
        Note::Format { format, packing: self.packing.clone(), misnamed: format::misnamed(&self.name, format) }
    }
}

impl Prober<'_> {
    /// The first entry of `--map` that met no header.
    fn unknown_header(&self) -> Error {
        let missing = self.told.iter().zip(&self.options.map).find(|(told, _)| !**told).map(|(_, map)| map.clone());
        let crate::FieldMap { field, header } =
            missing.unwrap_or_else(|| crate::FieldMap { field: String::new(), header: String::new() });
        Error::UnknownHeader { field, header, columns: self.columns.clone() }
    }

    fn file(&mut self, index: usize, file: &InputFile, meter: &Arc<Meter>) -> Result<Held, Error> {
        let (name, folder) = match &self.options.stand_in {
            Some(told) => (told.name.clone(), told.folder.clone()),
            None => {
                let folder = file.path.as_deref().map(|path| path.parent().unwrap_or(Path::new("")).to_owned());
                (file.name.clone(), folder)
            }
        };
        let mut place = Place { file: index, member: None, name, folder, packing: Vec::new() };
        let raw = match &file.path {
            // Reading for the probe is no progress, and not the digest's business.
            Some(path) => stream::open_file(path, Meter::new(Arc::default())).map_err(|e| place.unreadable(e))?,
            None => stream::open_stdin(meter.clone()),
        };
        let mut stream = stream::unpack(raw, self.options.max_decompressed_bytes).map_err(|e| place.unreadable(e))?;
        place.packing = stream.packing.iter().map(|p| p.name()).collect();
        let magic = format::sniff(stream.bytes.peek(SAMPLE_BYTES));
        match (magic, &file.path) {
            (Magic::Text, None) => {
                self.text(&place, &mut stream)?;
                Ok(Held::Stream(Box::new(stream)))
            }
            (Magic::Not(reason), _) => Err(self.broken_or(&place, &stream, reason)),
            (magic, None) => {
                // Standard input cannot be read twice, and these formats need it whole or twice.
                let bytes = stream::read_whole(&mut stream.bytes, self.options.max_workbook_bytes)
                    .map_err(|e| place.unreadable(e))?;
                let bytes = Bytes::from(bytes);
                let again = stream::unpack(Box::new(std::io::Cursor::new(bytes.clone())), u64::MAX)
                    .map_err(|e| place.unreadable(e))?;
                self.packed_or_whole(&place, magic, again, None)?;
                Ok(Held::Bytes(bytes))
            }
            (Magic::Text, Some(_)) => {
                self.text(&place, &mut stream)?;
                Ok(Held::No)
            }
            (magic, Some(path)) => {
                self.packed_or_whole(&place, magic, stream, Some(path))?;
                Ok(Held::No)
            }
        }
    }

    /// A stream that fails at its very start is unreadable rather than empty.
    fn broken_or(&self, place: &Place, stream: &Stream, reason: NotRecords) -> Error {
        match stream.bytes.error() {
            Some(error) if reason == NotRecords::Empty => place.unreadable(error),
            _ => place.refuse(reason),
        }
    }

    fn packed_or_whole(
        &mut self,
        place: &Place,
        magic: Magic,
        mut stream: Stream,
        path: Option<&Path>,
    ) -> Result<(), Error> {
        match magic {
            Magic::Tar => self.tar(place, stream),
            Magic::Zip | Magic::Ole => {
                let bytes = stream::read_whole(&mut stream.bytes, self.options.max_workbook_bytes)
                    .map_err(|e| place.unreadable(e))?;
                self.workbook(place, bytes, magic == Magic::Zip)
            }
            Magic::Parquet => {
                let source = match path {
                    Some(path) if place.packing.is_empty() && place.member.is_none() => {
                        parquet::ParquetSource::File(std::fs::File::open(path).map_err(|e| place.unreadable(e))?)
                    }
                    _ => {
                        let bytes = stream::read_whole(&mut stream.bytes, self.options.max_workbook_bytes)
                            .map_err(|e| place.unreadable(e))?;
                        parquet::ParquetSource::Bytes(Bytes::from(bytes))
                    }
                };
                self.parquet(place, source)
            }
            Magic::Text => self.text(place, &mut stream),
            Magic::Not(reason) => Err(self.broken_or(place, &stream, reason)),
        }
    }

    /// Plans a table: its header, kind and columns. Gives the line of the header and its index among the rows.
    fn table(
        &mut self,
        name: Arc<InputName>,
        format: RowFormat,
        encoding: &'static Encoding,
        table: Table,
        mut notes: Vec<Note>,
    ) -> Result<(Arc<Plan>, u64, Option<usize>), NotRecords> {
        let Table { mut rows, lines } = table;
        if rows.is_empty() {
            return Err(NotRecords::Empty);
        }
        let (header, line) = match header::find(&rows) {
            header::HeaderRow::At(index) => (Some(index), lines[index]),
            header::HeaderRow::None => (None, 0),
        };
        let cells = header.map(|index| rows[index].clone());
        notes.push(match header {
            Some(titles) => Note::Header { line, titles },
            None => Note::NoHeader,
        });
        let records = rows.split_off(header.map_or(0, |index| index + 1));
        let used = |row: &Vec<String>| row.iter().rposition(|cell| !cell.trim().is_empty()).map_or(0, |last| last + 1);
        let widest = records.iter().map(used).max().unwrap_or(0);
        let width = match (&cells, format) {
            // A sheet has columns without names; a line with more cells than its header is a broken line.
            (Some(cells), RowFormat::Cells) => used(cells).max(widest),
            (Some(cells), _) => used(cells),
            (None, _) => widest,
        };
        let named = cells.as_deref().map_or(&[][..], |cells| &cells[..width.min(cells.len())]);
        let headers = column_names(named, width);
        let shown = if cells.is_some() { headers.clone() } else { (1..=width).map(|n| n.to_string()).collect() };
        let sample = Sample { headers: shown, rows: records };
        let found = self.understand(&sample, cells.is_some())?;
        notes.extend(column_notes(&found, &headers, cells.is_some()));
        let trimmed: Option<Vec<String>> = cells.map(|cells| {
            cells[..used(&cells)].iter().map(|c| c.trim().trim_start_matches('\u{feff}').to_owned()).collect()
        });
        let shape = Shape { format, encoding, headers, header: trimmed };
        Ok((self.accept(name, shape, &found, notes), line, header))
    }

    fn understand(&mut self, sample: &Sample, named: bool) -> Result<Understanding, NotRecords> {
        if self.columns.is_empty() {
            self.columns.clone_from(&sample.headers);
        }
        let found = understand(sample, named, self.options.kind, &self.options.map)?;
        for (told, map) in self.told.iter_mut().zip(&self.options.map) {
            *told |= found.assigned.iter().any(|entry| entry.because == Because::Told && entry.field == map.field);
        }
        Ok(found)
    }

    /// Takes an input in, with the plan by which it will be read.
    fn accept(&mut self, name: Arc<InputName>, shape: Shape, found: &Understanding, notes: Vec<Note>) -> Arc<Plan> {
        let plan = Plan::new(self.inputs.len() as u32, name.clone(), shape, found, self.options);
        self.inputs.push(InputPlan { name, kind: Some(found.kind), notes });
        Arc::new(plan)
    }

    fn leave_out(&mut self, name: InputName, reason: Localized) {
        let what = name.sheet.clone().unwrap_or_else(|| name.file.clone());
        self.inputs.push(InputPlan { name: Arc::new(name), kind: None, notes: vec![Note::LeftOut { what, reason }] });
    }
}

/// The rows of a sample that hold something, with their lines.
struct Table {
    rows: Vec<Vec<String>>,
    lines: Vec<u64>,
}
