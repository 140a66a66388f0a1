//! Looks into what holds several tables or cannot be read as a stream: tar archives, workbooks, Parquet.

use encoding_rs::UTF_8;
use huoyan_model::Localized;

use super::{Part, Place, Prober, SAMPLE_BYTES, SAMPLE_ROWS, Table, Unit};
use crate::format::{self, Magic, parquet, tar::Tar, workbook};
use crate::guess::Sample;
use crate::note::Note;
use crate::plan::{InputName, InputPlan, RowFormat, Shape, column_notes};
use crate::stream::{self, Stream};
use crate::{Error, NotRecords};

impl Prober<'_> {
    pub(super) fn tar(&mut self, place: &Place, stream: Stream) -> Result<(), Error> {
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
                    Magic::Tar => Err(inner.refuse(NotRecords::Binary {
                        format: ("套在另一个归档里的 tar", "a tar archive inside another").into(),
                    })),
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

    pub(super) fn workbook(&mut self, place: &Place, bytes: Vec<u8>, zipped: bool) -> Result<(), Error> {
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

    pub(super) fn parquet(&mut self, place: &Place, source: parquet::ParquetSource) -> Result<(), Error> {
        let mut reader =
            parquet::open(source, SAMPLE_ROWS, self.options.batch_bytes).map_err(|e| place.unreadable(e))?;
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
        let shape = Shape { format: RowFormat::Cells, encoding: UTF_8, headers, header: None };
        let plan = self.accept(name, shape, &found, notes);
        self.units.push(Unit { plan, file: place.file, member: place.member, part: Part::Parquet });
        Ok(())
    }
}
