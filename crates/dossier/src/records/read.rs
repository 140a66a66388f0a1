//! Reading an exhibit row by row.

use std::io::Read as _;

use huoyan_model::Localized;
use serde::Serialize;

use super::columns::Field;
use super::error::{About, Note, RecordError};
use super::roles::Roles;
use super::rows::Maker;
use super::table::{Table, with_header};
use super::{Place, Row, chat, encoding, json, mail, sheet, table};
use crate::case::store::{Store, StoreError};
use crate::case::{Exhibit, ExhibitKind};
use crate::lint::ExhibitId;

/// What is read at most; records beyond this are not the records of one case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a file.
    pub bytes: u64,
    /// Bytes that a workbook unpacks to.
    pub unpacked: u64,
    /// Rows.
    pub rows: usize,
    /// Columns.
    pub columns: usize,
}

impl Default for Limits {
    /// 64 MiB, 512 MiB unpacked, 200,000 rows, 256 columns.
    fn default() -> Self {
        Self { bytes: 64 << 20, unpacked: 512 << 20, rows: 200_000, columns: 256 }
    }
}

/// What an exhibit says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Read {
    /// The exhibit.
    pub exhibit: ExhibitId,
    /// What it is.
    pub kind: ExhibitKind,
    /// Its rows, each with where it stands.
    pub rows: Vec<(Place, Row)>,
    /// What a person should look at: rows that were left out, names that nobody knows.
    pub notes: Vec<Note>,
    /// Which column was taken for what.
    pub columns: Vec<Column>,
    /// The encoding of a text; empty for others.
    pub encoding: &'static str,
}

/// What a column was taken for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Column {
    /// The sheet of a workbook; empty otherwise.
    pub sheet: String,
    /// Its header.
    pub header: String,
    /// What it holds; `None` when it was not used.
    pub field: Option<Field>,
}

/// Whether exhibits of this kind and media type have rows to read.
pub fn is_readable(kind: ExhibitKind, media_type: &str) -> bool {
    shape(kind, media_type).is_some()
}

/// Why an exhibit tells nothing: it is empty, or none of the rows that it is there for can be read. `read` is what came of reading it, for one
/// that has rows. A picture or a document tells its reader what no program reads here.
pub fn tells_nothing(exhibit: &Exhibit, read: Option<&Result<Read, RecordError>>) -> Option<Localized> {
    if exhibit.bytes == 0 {
        return Some(("文件是空的（0 字节）", "the file is empty (0 bytes)").into());
    }
    match read {
        Some(Err(why)) => Some(why.message()),
        Some(Ok(read)) if read.rows.is_empty() => Some(RecordError::NoRow.message()),
        None if has_rows(exhibit.kind) && exhibit.media_type == "application/octet-stream" => {
            Some(no_rows(exhibit.kind, &exhibit.media_type).message())
        }
        Some(Ok(_)) | None => None,
    }
}

/// How a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Delimited,
    Json,
    JsonLines,
    Workbook,
    Mail,
    PlainChat,
}

/// Whether exhibits of this kind hold rows where their format has any.
const fn has_rows(kind: ExhibitKind) -> bool {
    use ExhibitKind::*;
    matches!(
        kind,
        Chat | Mail
            | PlatformNotice
            | Order
            | Payment
            | Logistics
            | BuyerRecord
            | AfterSale
            | Review
            | CallLog
            | PriceRecord
    )
}

fn shape(kind: ExhibitKind, media_type: &str) -> Option<Shape> {
    use ExhibitKind::{Chat, Mail, PlatformNotice};
    let messages = matches!(kind, Chat | Mail | PlatformNotice);
    match media_type {
        _ if !has_rows(kind) => None,
        "text/csv" => Some(Shape::Delimited),
        "application/json" => Some(Shape::Json),
        "application/x-ndjson" => Some(Shape::JsonLines),
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" | "application/vnd.ms-excel" => {
            Some(Shape::Workbook)
        }
        "message/rfc822" if messages => Some(Shape::Mail),
        "text/plain" if kind == Chat => Some(Shape::PlainChat),
        "text/plain" => Some(Shape::Delimited).filter(|_| !messages),
        _ => None,
    }
}

/// Reads an exhibit of a case.
///
/// # Errors
/// As [`read`], and an original that cannot be read.
pub fn read_exhibit(store: &Store, id: ExhibitId, roles: &Roles) -> Result<Read, RecordError> {
    let store_error = |error: StoreError| RecordError::Store { message: error.message() };
    let unknown = || store_error(StoreError::Unknown { exhibit: id });
    let exhibit = store.case().exhibit(id).ok_or_else(unknown)?;
    let limits = Limits::default();
    if shape(exhibit.kind, &exhibit.media_type).is_none() {
        return Err(no_rows(exhibit.kind, &exhibit.media_type));
    }
    let mut bytes = Vec::new();
    let file = store.original(id).map_err(store_error)?;
    let read = file.take(limits.bytes + 1).read_to_end(&mut bytes);
    read.map_err(|error| RecordError::Store { message: error.to_string().into() })?;
    read_within(exhibit.kind, &exhibit.media_type, id, &bytes, roles, &limits)
}

/// Reads the bytes of an exhibit.
///
/// # Errors
/// A kind or media type without rows, a file that is too large or broken, columns that are missing. A single row that cannot be read is a
/// note, not an error.
pub fn read(
    kind: ExhibitKind,
    media_type: &str,
    exhibit: ExhibitId,
    bytes: &[u8],
    roles: &Roles,
) -> Result<Read, RecordError> {
    read_within(kind, media_type, exhibit, bytes, roles, &Limits::default())
}

/// As [`read()`], within other limits.
///
/// # Errors
/// As [`read()`].
pub fn read_within(
    kind: ExhibitKind,
    media_type: &str,
    exhibit: ExhibitId,
    bytes: &[u8],
    roles: &Roles,
    limits: &Limits,
) -> Result<Read, RecordError> {
    let shape = shape(kind, media_type).ok_or_else(|| no_rows(kind, media_type))?;
    if bytes.len() as u64 > limits.bytes {
        return Err(RecordError::TooLarge { bytes: bytes.len() as u64, max: limits.bytes });
    }
    let mut maker = Maker::new(kind, exhibit, roles);
    let (mut columns, mut encoding) = (Vec::new(), "");
    match shape {
        Shape::Mail => mail::read(bytes, &mut maker)?,
        Shape::PlainChat => {
            let (text, name) = encoding::decode(bytes);
            encoding = name;
            chat::read(&text, &mut maker, limits.rows);
        }
        Shape::Json | Shape::JsonLines => {
            let (text, name) = encoding::decode(bytes);
            encoding = name;
            let lines = shape == Shape::JsonLines;
            let table = json::table(kind, exhibit, &text, lines, limits, &mut maker.notes)?;
            take(table, &mut maker, &mut columns);
        }
        Shape::Delimited => {
            let (table, name) = table::from_text(kind, exhibit, bytes, limits, &mut maker.notes)?;
            encoding = name;
            take(table, &mut maker, &mut columns);
        }
        Shape::Workbook => workbook(bytes, limits, &mut maker, &mut columns)?,
    }
    if maker.rows.is_empty() && maker.notes.is_empty() {
        return Err(RecordError::Empty);
    }
    let count = maker.rows.iter().flat_map(|(_, row)| row.moments()).filter(|when| !when.zoned).count() as u64;
    if count > 0 {
        maker.note(&Place::whole(exhibit), About::NoZone { count });
    }
    let Maker { rows, mut notes, .. } = maker;
    notes.sort_by(|one, other| one.place.cmp(&other.place));
    Ok(Read { exhibit, kind, rows, notes, columns, encoding })
}

fn no_rows(kind: ExhibitKind, media_type: &str) -> RecordError {
    let kind = serde_json::to_value(kind).ok().and_then(|value| value.as_str().map(str::to_owned));
    RecordError::NoRows { kind: kind.unwrap_or_default(), media_type: media_type.to_owned() }
}

fn take(table: Table, maker: &mut Maker<'_>, columns: &mut Vec<Column>) {
    for (header, field) in table.header.iter().zip(&table.fields) {
        let field = field.map(|(field, _)| field);
        columns.push(Column { sheet: table.sheet.clone(), header: header.clone(), field });
    }
    maker.table(&table);
}

/// Every sheet that has the columns; the first error when none has.
fn workbook(
    bytes: &[u8],
    limits: &Limits,
    maker: &mut Maker<'_>,
    columns: &mut Vec<Column>,
) -> Result<(), RecordError> {
    let sheet::Sheets { sheets, more } = sheet::sheets(bytes, limits)?;
    if more {
        maker.note(&Place::whole(maker.exhibit), About::MoreRows { limit: limits.rows as u64 });
    }
    let (mut error, mut read) = (None, false);
    for (name, rows) in sheets {
        let mut notes = Vec::new();
        let first = rows.first().map(|row| (row.line, table::beginning(&row.cells.join(" "))));
        match with_header(maker.kind, maker.exhibit, &name, rows, &mut notes) {
            Ok(table) => {
                maker.notes.append(&mut notes);
                take(table, maker, columns);
                read = true;
            }
            Err(found) => {
                if let Some((line, text)) = first {
                    let place = Place { exhibit: maker.exhibit, line, sheet: name };
                    maker.note(&place, About::NotARow { text });
                }
                error = error.or(Some(found));
            }
        }
    }
    if read { Ok(()) } else { Err(error.unwrap_or(RecordError::Empty)) }
}
