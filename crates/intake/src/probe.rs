//! Looks at the beginning of every input and decides how it will be read, before anything is.
//!
//! An input that cannot be read or that holds no records is an error here, so that a run either starts with everything it
//! was given or not at all. Only standard input keeps its stream open; files are opened again when their turn comes.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use bytes::Bytes;
use encoding_rs::{Encoding, UTF_8};
use huoyan_model::Localized;

use crate::delimited::dialect::{self, Dialect};
use crate::encoding::{self, Detected};
use crate::format::{self, Magic, parquet, tar::Tar, workbook};
use crate::guess::columns::{Because, understand};
use crate::guess::{Sample, foreign, header};
use crate::inputs::{InputFile, expand};
use crate::json::{scan, split::JsonValues};
use crate::note::Note;
use crate::options::Options;
use crate::plan::{InputName, InputPlan, Plan, RowFormat, column_names, column_notes};
use crate::stream::{self, Meter, Stream};
use crate::text::{Bounds, Lines, Splitter, TextReader};
use crate::{Error, NotRecords};

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
        let mut place = Place {
            file: index,
            member: None,
            name: file.name.clone(),
            folder: file.path.as_deref().map(|path| path.parent().unwrap_or(Path::new("")).to_owned()),
            packing: Vec::new(),
        };
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

    fn tar(&mut self, place: &Place, stream: Stream) -> Result<(), Error> {
        let mut tar = Tar::new(Box::new(stream.bytes));
        let before = self.units.len();
        let mut ordinal = 0;
        let mut refused: Option<Error> = None;
        loop {
            let (name, member) = match tar.next_member() {
                Ok(Some(found)) => found,
                Ok(None) => break,
                // What comes before the break is still read; the reader will meet the break again and tell.
                Err(error) if self.units.len() > before => {
                    self.leave_out(
                        InputName { file: place.name.clone(), ..InputName::default() },
                        Localized {
                            zh: format!("归档不完整：{error}"), en: format!("the archive is cut: {error}")
                        },
                    );
                    break;
                }
                Err(error) => return Err(place.unreadable(error)),
            };
            let inner = Place {
                file: place.file,
                member: Some(ordinal),
                name: format!("{}!{name}", place.name),
                folder: place.folder.clone(),
                packing: place.packing.iter().copied().chain(["tar"]).collect(),
            };
            ordinal += 1;
            let result = stream::unpack(Box::new(member), self.options.max_decompressed_bytes)
                .map_err(|e| inner.unreadable(e))
                .and_then(|mut stream| match format::sniff(stream.bytes.peek(SAMPLE_BYTES)) {
                    Magic::Tar => {
                        Err(inner.refuse(NotRecords::Binary { format: "a tar archive inside another".to_owned() }))
                    }
                    magic => self.packed_or_whole(&inner, magic, stream, None),
                });
            match result {
                Ok(()) => {}
                // An archive is like a folder: what else lies in it is left out.
                Err(Error::NotRecords { reason, .. }) => {
                    let name = InputName { file: inner.name.clone(), ..InputName::default() };
                    self.leave_out(name, reason.text());
                    refused.get_or_insert(inner.refuse(reason));
                }
                Err(error) => return Err(error),
            }
        }
        if self.units.len() == before {
            Err(refused.unwrap_or_else(|| place.refuse(NotRecords::Empty)))
        } else {
            Ok(())
        }
    }

    fn workbook(&mut self, place: &Place, bytes: Vec<u8>, zipped: bool) -> Result<(), Error> {
        let mut book =
            workbook::open(bytes, zipped, self.options.max_workbook_bytes).map_err(|e| place.unreadable(e))?;
        let sheets = book.sheets();
        let before = self.units.len();
        let mut refused: Option<NotRecords> = None;
        for (sheet, visible) in sheets {
            let mut lines: Vec<u64> = Vec::new();
            let mut rows: Vec<Vec<String>> = Vec::new();
            let read = book.read(&sheet, &mut |line, cells| {
                if cells.iter().any(|cell| !cell.trim().is_empty()) {
                    lines.push(line);
                    rows.push(cells.to_vec());
                }
                rows.len() < SAMPLE_ROWS
            });
            let name = place.input(Some(sheet.clone()));
            let mut notes = vec![place.format(if zipped { "XLSX" } else { "XLS" })];
            if !visible {
                notes.push(Note::LeftOut {
                    what: sheet.clone(),
                    reason: Localized { zh: "工作表已隐藏".to_owned(), en: "the sheet is hidden".to_owned() },
                });
                self.inputs.push(InputPlan { name, kind: None, notes });
                continue;
            }
            if let (Err(error), true) = (&read, rows.is_empty()) {
                return Err(place.unreadable(error));
            }
            let table = Table { rows, lines };
            match self.table(name.clone(), RowFormat::Cells, UTF_8, table, notes) {
                Ok((plan, header_line, _)) => {
                    let part = Part::Sheet(workbook::SheetPart { name: sheet, header_line });
                    self.units.push(Unit { plan, file: place.file, member: place.member, part });
                }
                Err(reason) => {
                    self.leave_out((*name).clone(), reason.text());
                    if refused.is_none() || refused == Some(NotRecords::Empty) {
                        refused = Some(reason);
                    }
                }
            }
        }
        if self.units.len() == before {
            return Err(place.refuse(refused.unwrap_or(NotRecords::Empty)));
        }
        Ok(())
    }

    fn parquet(&mut self, place: &Place, source: parquet::ParquetSource) -> Result<(), Error> {
        let mut reader = parquet::open(source, SAMPLE_ROWS).map_err(|e| place.unreadable(e))?;
        let batch = match parquet::next(&mut reader) {
            Some(batch) => batch.map_err(|e| place.unreadable(e))?,
            None => return Err(place.refuse(NotRecords::Empty)),
        };
        let headers: Vec<String> = batch.schema().fields().iter().map(|field| field.name().clone()).collect();
        let rows = parquet::ArrowRows { batch, first_row: 1 };
        let columns = rows.columns();
        let cells = |row| columns.iter().map(|c| c.value(row).text().unwrap_or_default().to_owned()).collect();
        let sample = Sample { headers: headers.clone(), rows: (0..rows.batch.num_rows()).map(cells).collect() };
        let found = self.understand(&sample, true).map_err(|reason| place.refuse(reason))?;
        let mut notes = vec![place.format("Parquet")];
        notes.extend(column_notes(&found, &headers, true));
        let name = place.input(None);
        let plan =
            Plan::new(self.next_input(), name.clone(), RowFormat::Cells, UTF_8, headers, None, &found, self.options);
        self.inputs.push(InputPlan { name, kind: Some(found.kind), notes });
        self.units.push(Unit { plan: Arc::new(plan), file: place.file, member: place.member, part: Part::Parquet });
        Ok(())
    }

    fn text(&mut self, place: &Place, stream: &mut Stream) -> Result<(), Error> {
        let whole = stream.bytes.peek(SAMPLE_BYTES).len() < SAMPLE_BYTES && stream.bytes.is_whole();
        let head = stream.bytes.peek(SAMPLE_BYTES).to_vec();
        let detected = encoding::detect(&head, whole);
        if encoding::cuts_undecoded(detected.encoding) && head.iter().filter(|b| **b == 0).count() * 1000 > head.len() {
            let format = "a binary format that is not known".to_owned();
            return Err(place.refuse(NotRecords::Binary { format }));
        }
        let text = encoding::sample_text(detected, &head);
        // A cut last line would be taken for a bad row.
        let text = if whole { &text[..] } else { &text[..text.rfind('\n').map_or(text.len(), |end| end + 1)] };
        if text.trim().is_empty() {
            return Err(self.broken_or(place, stream, NotRecords::Empty));
        }
        if let Some(reason) = foreign::recognise(text) {
            return Err(place.refuse(reason));
        }
        let result = self.rows_of_text(place, text, detected);
        match (&result, stream.bytes.error()) {
            // What could be read of it was too little to tell.
            (Err(Error::NotRecords { .. }), Some(error)) => Err(place.unreadable(error)),
            _ => result,
        }
    }

    fn rows_of_text(&mut self, place: &Place, text: &str, detected: Detected) -> Result<(), Error> {
        let terminator = if text.contains('\n') || !text.contains('\r') { b'\n' } else { b'\r' };
        match json_cutting(text) {
            Some(cutting) => self.json(place, text, detected, cutting),
            None => self.delimited(place, text, detected, terminator),
        }
    }

    fn json(&mut self, place: &Place, text: &str, detected: Detected, cutting: Cutting) -> Result<(), Error> {
        let splitter: Box<dyn Splitter> = match cutting {
            Cutting::JsonValues => Box::new(JsonValues),
            _ => Box::new(Lines { terminator: b'\n' }),
        };
        let sample = json_sample(text, splitter);
        if sample.rows.is_empty() {
            return Err(place.refuse(NotRecords::Empty));
        }
        let found = self.understand(&sample, true).map_err(|reason| place.refuse(reason))?;
        let format = if cutting == Cutting::Lines { "JSONL" } else { "JSON" };
        let mut notes = vec![place.format(format), encoding_note(detected)];
        notes.extend(column_notes(&found, &sample.headers, true));
        let name = place.input(None);
        let encoding = row_encoding(detected.encoding);
        let plan = Plan::new(
            self.next_input(),
            name.clone(),
            RowFormat::Json,
            encoding,
            sample.headers,
            None,
            &found,
            self.options,
        );
        self.inputs.push(InputPlan { name, kind: Some(found.kind), notes });
        let part =
            Part::Text { cutting, terminator: b'\n', encoding: detected.encoding, mark: detected.mark, skip_rows: 0 };
        self.units.push(Unit { plan: Arc::new(plan), file: place.file, member: place.member, part });
        Ok(())
    }

    fn delimited(&mut self, place: &Place, text: &str, detected: Detected, terminator: u8) -> Result<(), Error> {
        let Some(dialect) = dialect::find(text, terminator) else {
            return Err(place.refuse(NotRecords::PlainText));
        };
        let rows = dialect::rows(text, dialect, terminator);
        let indices: Vec<usize> = rows.iter().map(|row| row.index).collect();
        let table = Table {
            lines: rows.iter().map(|row| row.line).collect(),
            rows: rows.into_iter().map(|row| row.cells).collect(),
        };
        let format = if dialect.separator == b'\t' { "TSV" } else { "CSV" };
        let notes = vec![place.format(format), encoding_note(detected), Note::Separator(dialect.separator)];
        let name = place.input(None);
        let row_format = RowFormat::Delimited { separator: dialect.separator, quotes: dialect.quotes };
        let encoding = row_encoding(detected.encoding);
        let (plan, _, header) =
            self.table(name, row_format, encoding, table, notes).map_err(|reason| place.refuse(reason))?;
        let skip_rows = header.map_or(0, |index| indices[index] + 1);
        let cutting = Cutting::Records(dialect);
        let part = Part::Text { cutting, terminator, encoding: detected.encoding, mark: detected.mark, skip_rows };
        self.units.push(Unit { plan, file: place.file, member: place.member, part });
        Ok(())
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
        let plan = Plan::new(self.next_input(), name.clone(), format, encoding, headers, trimmed, &found, self.options);
        self.inputs.push(InputPlan { name, kind: Some(found.kind), notes });
        Ok((Arc::new(plan), line, header))
    }

    fn understand(&mut self, sample: &Sample, named: bool) -> Result<crate::guess::columns::Understanding, NotRecords> {
        if self.columns.is_empty() {
            self.columns.clone_from(&sample.headers);
        }
        let found = understand(sample, named, self.options.kind, &self.options.map)?;
        for (told, map) in self.told.iter_mut().zip(&self.options.map) {
            *told |= found.assigned.iter().any(|entry| entry.because == Because::Told && entry.field == map.field);
        }
        Ok(found)
    }

    fn next_input(&self) -> u32 {
        self.inputs.len() as u32
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

fn encoding_note(detected: Detected) -> Note {
    Note::Encoding { name: shown_name(detected.encoding), mark: detected.mark > 0, guessed: detected.guessed }
}

fn shown_name(encoding: &'static Encoding) -> &'static str {
    if encoding == encoding_rs::GB18030 { "GB18030" } else { encoding.name() }
}

/// The encoding in which rows reach the decoder: UTF-16 was transcoded before.
fn row_encoding(encoding: &'static Encoding) -> &'static Encoding {
    if encoding::cuts_undecoded(encoding) { encoding } else { UTF_8 }
}

/// How a text of JSON is cut; nothing when it is no JSON.
fn json_cutting(text: &str) -> Option<Cutting> {
    let start = text.trim_start_matches('\u{feff}').trim_start();
    if let Some(inside) = start.strip_prefix('[') {
        return inside.trim_start().starts_with(['{', ']']).then_some(Cutting::JsonValues);
    }
    if !start.starts_with('{') {
        // A bad first line does not make a JSONL file something else.
        let lines: Vec<&str> = text.lines().filter(|l| !l.trim().is_empty()).take(20).collect();
        let good = lines.iter().filter(|line| is_object(line)).count();
        return (good * 2 > lines.len()).then_some(Cutting::Lines);
    }
    let objects = text.lines().filter(|line| !line.trim().is_empty()).take(20).filter(|line| is_object(line)).count();
    if objects > 0 {
        return Some(Cutting::Lines);
    }
    // One object over several lines, or one after another.
    match scan::first_value_end(start) {
        Ok(_) => Some(Cutting::JsonValues),
        // A single cut line, or braces that are no JSON at all: let the rows tell.
        Err(_)
            if start.lines().count() > 1 && start.lines().nth(1).is_some_and(|l| l.trim_start().starts_with('"')) =>
        {
            Some(Cutting::JsonValues)
        }
        Err(_) => Some(Cutting::Lines),
    }
}

fn is_object(line: &str) -> bool {
    scan::object(line, &mut Vec::new()).is_ok()
}

/// The members of the first objects, by name in order of first sight.
fn json_sample(text: &str, splitter: Box<dyn Splitter>) -> Sample {
    let bounds = Bounds { rows: SAMPLE_ROWS, bytes: usize::MAX >> 8, row_bytes: text.len().max(1) };
    let mut reader = TextReader::new(text.as_bytes(), splitter, b'\n', bounds);
    let mut sample = Sample::default();
    let Some(block) = reader.next_block() else { return sample };
    let mut positions = std::collections::HashMap::new();
    for span in &block.rows {
        let Ok(row) = std::str::from_utf8(&block.bytes[span.start as usize..span.end as usize]) else { continue };
        let mut members = Vec::new();
        if scan::object(row, &mut members).is_err() {
            continue;
        }
        let mut cells = vec![String::new(); sample.headers.len()];
        for (name, value) in members {
            let position = *positions.entry(name.clone().into_owned()).or_insert_with(|| {
                sample.headers.push(name.into_owned());
                sample.headers.len() - 1
            });
            if cells.len() <= position {
                cells.resize(position + 1, String::new());
            }
            cells[position] = value.text().unwrap_or_default().to_owned();
        }
        sample.rows.push(cells);
    }
    sample
}

/// Opens the text of a part for reading: the mark left out, UTF-16 made UTF-8.
pub(crate) fn text_input(
    mut bytes: impl Read + Send + 'static,
    encoding: &'static Encoding,
    mark: usize,
) -> Box<dyn Read + Send> {
    let mut left = vec![0; mark];
    // A file that shrank since it was probed ends here, and the reader will see nothing more.
    let _ = bytes.read_exact(&mut left);
    if encoding::cuts_undecoded(encoding) {
        Box::new(bytes)
    } else {
        Box::new(encoding::Transcoded::new(bytes, encoding))
    }
}
