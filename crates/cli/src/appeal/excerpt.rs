//! The records that a case is about, taken out of scanned files: lines of JSON Lines as they stand, rows of any other file by the fields that
//! a scan reads. Each excerpt says of which file it is one, that file's digest, and in which lines.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufRead as _, BufReader, Cursor};
use std::path::Path;

use huoyan_dossier::bundle::Sha256;
use huoyan_dossier::case::store::{By, NewExhibit, Original, Store};
use huoyan_dossier::case::{Case, ExhibitKind, Links, Party, Source, Subject};
use huoyan_dossier::deadline::Instant;
use huoyan_intake::Options;
use huoyan_model::{ColumnType, Locale, Localized, RecordKind, find_column};
use serde_json::{Map, Value};

use super::unreadable;
use crate::plugins::{Failure, failure};

/// How it came into the case: a file that the user gave to a scan.
pub(super) const METHOD: &str = "scan-input";

/// Some records of one file.
pub(super) struct Excerpt {
    kind: RecordKind,
    file: String,
    sha256: String,
    /// The record of each line of the excerpt, and where it stands in the file.
    records: Vec<(String, u64)>,
    text: String,
}

impl Excerpt {
    fn ids(&self) -> BTreeSet<&str> {
        self.records.iter().map(|(id, _)| id.as_str()).collect()
    }

    /// Whether it holds the record that a case is about.
    pub fn holds(&self, subject: &Subject) -> bool {
        subject.kind == self.kind.as_str() && self.ids().contains(subject.id.as_str())
    }
}

/// A record with the line that it stands in and its fields.
type Found = (String, u64, Map<String, Value>);

/// What the files hold of the subjects: an excerpt for each kind of each file that has any.
pub(super) fn of_files(files: &[&Path], subjects: &[Subject]) -> Result<Vec<Excerpt>, Failure> {
    let mut excerpts = Vec::new();
    for path in files {
        excerpts.extend(of_file_at(path, subjects)?);
    }
    Ok(excerpts)
}

fn of_file_at(path: &Path, subjects: &[Subject]) -> Result<Vec<Excerpt>, Failure> {
    let wanted: BTreeSet<(&str, &str)> =
        subjects.iter().map(|subject| (subject.kind.as_str(), subject.id.as_str())).collect();
    let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let input = path.to_string_lossy().into_owned();
    let mut intake = huoyan_intake::open(&[input], &Options::default()).map_err(failure)?;
    let mut found: BTreeMap<RecordKind, Vec<Found>> = BTreeMap::new();
    while let Some(batch) = intake.next_batch() {
        for row in 0..batch.len() {
            let id = batch.key(row);
            if wanted.contains(&(batch.kind.as_str(), id)) {
                let source = batch.source(row);
                let mut fields = batch.fields(row);
                fields.insert(
                    "source".to_owned(),
                    serde_json::json!({ "file": file, "sheet": source.sheet, "line": source.line }),
                );
                found.entry(batch.kind).or_default().push((id.to_owned(), source.line, fields));
            }
        }
    }
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let sha256 = digest(path)?.to_string();
    let lines: BTreeSet<u64> = found.values().flatten().map(|(_, line, _)| *line).collect();
    let written = json_lines(path, &lines)?;
    let rows_of = Lines::read(path, &lines)?;
    let excerpt = |(kind, rows): (RecordKind, Vec<Found>)| {
        let mut text = String::new();
        for (_, line, fields) in &rows {
            match written.get(line) {
                Some(as_it_stands) => text.push_str(as_it_stands),
                None => {
                    let fields = told(kind, fields.clone(), &rows_of.row(*line));
                    text.push_str(&Value::from(fields).to_string());
                }
            }
            text.push('\n');
        }
        let records = rows.into_iter().map(|(id, line, _)| (id, line)).collect();
        Excerpt { kind, file: file.clone(), sha256: sha256.clone(), records, text }
    };
    Ok(found.into_iter().map(excerpt).collect())
}

/// Times as people write them. A scan takes a time without a zone as UTC; here it stays without one, as it was written.
fn told(kind: RecordKind, mut fields: Map<String, Value>, row: &Row<'_>) -> Map<String, Value> {
    for (name, value) in &mut fields {
        let is_time = find_column(kind, name).is_some_and(|column| column.ty == ColumnType::Time);
        let Some(seconds) = value.as_i64().filter(|_| is_time) else { continue };
        let china = |seconds| Some(Instant::from_unix_seconds(seconds)?.to_china().to_string());
        // The time that stands in UTC is the one that stands in China eight hours earlier.
        let (Some(zoned), Some(bare)) = (china(seconds), china(seconds - 8 * 3600)) else { continue };
        let Some(bare) = bare.get(..19) else { continue };
        *value = Value::from(if row.has_no_zone(&bare[11..16]) { bare.replace('T', " ") } else { zoned });
    }
    fields
}

/// A row as it stands in its file.
enum Row<'r> {
    /// Of a workbook, whose times have no zone.
    Cells,
    Text(&'r [u8]),
}

impl Row<'_> {
    /// Whether a time of day stands in it with no zone behind.
    fn has_no_zone(&self, time: &str) -> bool {
        let Self::Text(row) = self else { return true };
        let has = |time: &str| row.windows(time.len()).any(|window| window == time.as_bytes());
        let written = time == "00:00" || has(time.strip_prefix('0').unwrap_or(time));
        let zoned = (0..row.len()).filter(|at| row[*at] == b':').any(|at| {
            let rest = &row[at + 1..];
            let digits = rest.iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'.').count();
            match rest.get(digits..) {
                Some([b'Z', ..]) => digits >= 2,
                Some([b'+' | b'-', b'0'..=b'9', b'0'..=b'9', ..]) => digits >= 2,
                _ => false,
            }
        });
        written && !zoned
    }
}

/// The lines from each of the given ones on, as far as a row may reach.
struct Lines {
    workbook: bool,
    lines: BTreeMap<u64, Vec<u8>>,
}

impl Lines {
    /// So many lines of a text are taken for one row.
    const OF_A_ROW: u64 = 4;

    fn read(path: &Path, wanted: &BTreeSet<u64>) -> Result<Self, Failure> {
        let mut lines: BTreeMap<u64, Vec<u8>> = wanted.iter().map(|line| (*line, Vec::new())).collect();
        let mut workbook = false;
        for (number, line) in (1..).zip(BufReader::new(File::open(path).map_err(unreadable(path))?).split(b'\n')) {
            let line = line.map_err(unreadable(path))?;
            workbook |= number == 1 && (line.starts_with(b"PK\x03\x04") || line.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]));
            if workbook || wanted.last().is_none_or(|last| number >= last + Self::OF_A_ROW) {
                break;
            }
            for (_, row) in lines.range_mut(number.saturating_sub(Self::OF_A_ROW - 1)..=number) {
                row.extend_from_slice(&line);
                row.push(b'\n');
            }
        }
        Ok(Self { workbook, lines })
    }

    fn row(&self, line: u64) -> Row<'_> {
        if self.workbook { Row::Cells } else { Row::Text(self.lines.get(&line).map_or(&[], Vec::as_slice)) }
    }
}

/// The given lines of a file that has a JSON object in each of them; none of any other file.
fn json_lines(path: &Path, wanted: &BTreeSet<u64>) -> Result<BTreeMap<u64, String>, Failure> {
    let mut lines = BTreeMap::new();
    for (number, line) in (1..).zip(BufReader::new(File::open(path).map_err(unreadable(path))?).split(b'\n')) {
        if wanted.last().is_none_or(|last| number > *last) {
            break;
        }
        let line = line.map_err(unreadable(path))?;
        if wanted.contains(&number) {
            let text = String::from_utf8(line).ok().filter(|text| {
                serde_json::from_str::<Value>(text.trim_start_matches('\u{feff}')).is_ok_and(|value| value.is_object())
            });
            let Some(text) = text else { return Ok(BTreeMap::new()) };
            lines.insert(number, text.trim_start_matches('\u{feff}').trim_end().to_owned());
        }
    }
    Ok(lines)
}

fn digest(path: &Path) -> Result<Sha256, Failure> {
    let (sha256, _) = Sha256::of_reader(&mut File::open(path).map_err(unreadable(path))?).map_err(unreadable(path))?;
    Ok(sha256)
}

/// Puts the excerpts into the case. From then on each shows the subjects that it holds, and no other.
pub(super) fn add(
    store: &mut Store,
    excerpts: Vec<Excerpt>,
    party: Option<Party>,
    by: &By,
    locale: Locale,
) -> Result<(), Failure> {
    for excerpt in excerpts {
        let subjects: Vec<Subject> =
            store.case().subjects.iter().filter(|subject| excerpt.holds(subject)).cloned().collect();
        let new = described(&excerpt, party, locale);
        let id = store
            .add(new, Original::Reader(&mut Cursor::new(excerpt.text.as_bytes())), by)
            .map_err(|e| failure(e.message()))?;
        let shown = |case: &mut Case| {
            for subject in case.subjects.iter_mut().filter(|subject| subjects.contains(subject)) {
                subject.shown_by = Some(id);
            }
        };
        store.update(shown).map_err(|e| failure(e.message()))?;
    }
    Ok(())
}

fn described(excerpt: &Excerpt, party: Option<Party>, locale: Locale) -> NewExhibit {
    let Excerpt { kind, file, sha256, records, .. } = excerpt;
    let ids: Vec<String> = excerpt.ids().into_iter().map(str::to_owned).collect();
    let (name, exhibit_kind, links, what) = match kind {
        RecordKind::Review => {
            let links = Links { reviews: ids, ..Links::default() };
            ("reviews.jsonl", ExhibitKind::Review, links, ("评价", "reviews"))
        }
        _ => {
            let links = Links { listings: ids, ..Links::default() };
            ("listings.jsonl", ExhibitKind::Listing, links, ("商品", "listings"))
        }
    };
    let count = records.len();
    let title = Localized::new(
        format!("{}记录摘录（{count} 条，摘自 {file}）", what.0),
        format!("excerpt of {} ({count}, of {file})", what.1),
    );
    let system = Localized::new("扫描输入文件", "file given to a scan").get(locale).to_owned();
    // Unless the user says whose export it is, all that is known is that the shop had it.
    let source =
        Source { party: party.unwrap_or(Party::Merchant), party_told: party.is_some(), system, uri: file.clone() };
    let mut new = NewExhibit::new(source, METHOD);
    new.name = name.to_owned();
    new.kind = Some(exhibit_kind);
    new.title = title.get(locale).to_owned();
    new.links = links;
    // An L before each number keeps a row of them from being taken for a telephone number.
    let lines = records.iter().map(|(_, line)| format!("L{line}")).collect::<Vec<_>>().join(" ");
    new.facts = BTreeMap::from([
        ("excerpt_of".to_owned(), file.clone()),
        ("excerpt_sha256".to_owned(), sha256.clone()),
        ("excerpt_lines".to_owned(), lines),
    ]);
    new
}

/// Says which subjects none of the files holds.
pub(super) fn missing(excerpts: &[Excerpt], subjects: &[Subject]) -> Option<Localized> {
    let recorded = subjects.iter().filter(|subject| matches!(subject.kind.as_str(), "review" | "listing"));
    let missing: Vec<&str> = recorded
        .filter(|subject| !excerpts.iter().any(|excerpt| excerpt.holds(subject)))
        .map(|subject| subject.id.as_str())
        .collect();
    if missing.is_empty() {
        return None;
    }
    let count = missing.len();
    let mut ids = missing.iter().take(6).copied().collect::<Vec<_>>().join(" ");
    if count > 6 {
        ids.push_str(" …");
    }
    Some(Localized::new(
        format!("--from 的文件中没有这 {count} 条记录：{ids}；请再给出包含它们的文件，或用 appeal add 添加"),
        format!(
            "the --from files do not hold {count} of the records: {ids}; name a file that has them, or add it by appeal add"
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_keeps_its_zone_or_goes_without_as_it_was_written() {
        let no_zone = |row: &str, time: &str| Row::Text(row.as_bytes()).has_no_zone(time);
        assert!(no_zone("R1,很好,2026-11-05 10:00:00,x", "10:00"));
        assert!(no_zone("R1,2026/11/5 9:05", "09:05"));
        assert!(no_zone("R1,2026-11-05", "00:00"));
        assert!(!no_zone("R1,2026-11-05T10:00:00Z", "10:00"));
        assert!(!no_zone("R1,2026-11-05T18:00:00+08:00", "10:00"));
        assert!(!no_zone("R1,2026-11-05T10:00:00.25+00:00", "10:00"));
        assert!(!no_zone("{\"created_at\": 1793872800}", "10:00"), "Unix seconds are a moment");
        assert!(Row::Cells.has_no_zone("10:00"));
    }
}
