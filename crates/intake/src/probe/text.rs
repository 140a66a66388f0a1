//! Looks at the beginning of a text: its encoding, whether it is JSON or cells, and how its rows are cut.

use std::collections::HashMap;
use std::io::Read;

use encoding_rs::{Encoding, UTF_8};

use super::{Cutting, Part, Place, Prober, SAMPLE_BYTES, SAMPLE_ROWS, Table, Unit};
use huoyan_model::Localized;

use crate::delimited::dialect;
use crate::encoding::{self, Detected};
use crate::guess::{Sample, foreign};
use crate::json::{scan, split::JsonValues};
use crate::note::Note;
use crate::plan::{RowFormat, Shape, column_notes};
use crate::stream::Stream;
use crate::text::{Bounds, Lines, Splitter, TextReader};
use crate::{Error, NotRecords};

impl Prober<'_> {
    pub(super) fn text(&mut self, place: &Place, stream: &mut Stream) -> Result<(), Error> {
        let mut result = Ok(());
        for bytes in [SAMPLE_BYTES, 16 * SAMPLE_BYTES, 128 * SAMPLE_BYTES] {
            let whole = stream.bytes.peek(bytes).len() < bytes && stream.bytes.is_whole();
            result = self.sample(place, stream, bytes, whole);
            // A first row longer than the sample: it may be read, or set aside and those behind it read.
            if whole || !matches!(result, Err(Error::NotRecords { reason: NotRecords::Empty, .. })) {
                break;
            }
        }
        result
    }

    /// Looks at the first `bytes` of a text, of which it is the `whole` or not.
    fn sample(&mut self, place: &Place, stream: &mut Stream, bytes: usize, whole: bool) -> Result<(), Error> {
        let head = stream.bytes.peek(bytes).to_vec();
        let detected = encoding::detect(&head, whole);
        if encoding::cuts_undecoded(detected.encoding) && head.iter().filter(|b| **b == 0).count() * 1000 > head.len() {
            let format = Localized::new("未知的二进制格式", "a binary format that is not known");
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

    pub(super) fn rows_of_text(&mut self, place: &Place, text: &str, detected: Detected) -> Result<(), Error> {
        let terminator = if text.contains('\n') || !text.contains('\r') { b'\n' } else { b'\r' };
        match json_cutting(text) {
            Some(cutting) => self.json(place, text, detected, cutting),
            None => self.delimited(place, text, detected, terminator),
        }
    }

    pub(super) fn json(
        &mut self,
        place: &Place,
        text: &str,
        detected: Detected,
        cutting: Cutting,
    ) -> Result<(), Error> {
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
        let shape = Shape { format: RowFormat::Json, encoding, headers: sample.headers, header: None };
        let plan = self.accept(name, shape, &found, notes);
        let part =
            Part::Text { cutting, terminator: b'\n', encoding: detected.encoding, mark: detected.mark, skip_rows: 0 };
        self.units.push(Unit { plan, file: place.file, member: place.member, part });
        Ok(())
    }

    pub(super) fn delimited(
        &mut self,
        place: &Place,
        text: &str,
        detected: Detected,
        terminator: u8,
    ) -> Result<(), Error> {
        let dialect = match dialect::find(text, terminator) {
            Some(dialect) => dialect,
            // One text a line is enough when the user says what the texts are.
            None if self.options.kind.is_some() => dialect::ONE_COLUMN,
            None => return Err(place.refuse(NotRecords::PlainText)),
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
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).take(20).collect();
    let objects = lines.iter().filter(|line| is_object(line)).count();
    // A pretty-printed object may hold some that fit on a line; lines of objects are nearly all of them objects.
    if objects * 2 > lines.len() || lines.first().is_some_and(|line| is_object(line)) {
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
    let mut positions = HashMap::new();
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
