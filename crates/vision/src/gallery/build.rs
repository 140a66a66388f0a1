use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use rayon::prelude::*;

use super::write::{Entry, Prepared, prepare};
use super::{Added, GalleryError, Store};
use crate::Limits;

/// How pictures are taken into a gallery.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// What a picture may cost.
    pub limits: Limits,
}

/// A file that did not become part of the gallery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// Its path under the folder.
    pub file: String,
    /// Why.
    pub reason: String,
}

/// What came of a folder of pictures.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// What became of the pictures.
    pub added: Added,
    /// Pictures left out, in the order of their names.
    pub skipped: Vec<Skipped>,
    /// Rows of `gallery.csv` that name no picture.
    pub unmatched: Vec<String>,
    /// Pictures of which nothing is said and that take the place of others: they are taken to show what those showed.
    pub inherited: Vec<Entry>,
}

/// Pictures prepared at a time: what is kept of so many is about 200 MB.
const TOGETHER: usize = 2048;

const ENDINGS: [&str; 7] = ["jpg", "jpeg", "jfif", "png", "webp", "gif", "bmp"];

/// Makes a gallery at `out` of all pictures under `dir`; one that is there already then holds these and no others.
/// `dir/gallery.csv` (columns file, item, brand) says what they show; a picture it does not name shows the item of its file's name,
/// of unknown brand. `map` reads or maps a file of the gallery.
///
/// # Errors
/// When the folder or the table cannot be read, no picture can be used, or the gallery cannot be written.
pub fn build<B: AsRef<[u8]>>(
    dir: &Path,
    out: &Path,
    options: &Options,
    map: impl Fn(&Path) -> io::Result<B>,
) -> Result<Report, GalleryError> {
    let (entries, mut report) = entries(dir)?;
    let mut chunks = entries.chunks(TOGETHER);
    // Nothing is made until there is a picture to put into it.
    let mut first = Vec::new();
    while first.is_empty() {
        let Some(chunk) = chunks.next() else { return Err(GalleryError::NoPictures(dir.to_owned())) };
        first = prepare_all(dir, chunk, options, &mut report);
    }
    let mut store = Store::open_or_empty(out, map)?;
    let rest = chunks.map(|chunk| prepare_all(dir, chunk, options, &mut report));
    let mut count = 0;
    store.replace_all(std::iter::once(first).chain(rest).inspect(|part| count += part.len()))?;
    report.added.new = count;
    Ok(report)
}

/// Adds all pictures under `dir`, as [`build`] names them, to a gallery. One that takes the place of another and of which nothing is said shows
/// what that one showed.
///
/// # Errors
/// When the folder or the table cannot be read, no picture can be used, or the gallery cannot be written.
pub fn add<B: AsRef<[u8]>, M: Fn(&Path) -> io::Result<B>>(
    store: &mut Store<B, M>,
    dir: &Path,
    options: &Options,
) -> Result<Report, GalleryError> {
    let (mut entries, mut report) = entries(dir)?;
    for entry in entries.iter_mut().filter(|entry| entry.brand.is_empty() && entry.item == stem(&entry.file)) {
        if let Some(known) = store.known(&entry.file).filter(|known| known != entry) {
            report.inherited.push(known.clone());
            *entry = known;
        }
    }
    for chunk in entries.chunks(TOGETHER) {
        let prepared = prepare_all(dir, chunk, options, &mut report);
        let added = store.add(&prepared)?;
        report.added.new += added.new;
        report.added.replaced += added.replaced;
        report.added.unchanged += added.unchanged;
    }
    if report.added == Added::default() {
        return Err(GalleryError::NoPictures(dir.to_owned()));
    }
    Ok(report)
}

/// The pictures under a folder in the order of their names; in the report, the rows of its table that name none, and files that
/// cannot be named.
fn entries(dir: &Path) -> Result<(Vec<Entry>, Report), GalleryError> {
    let (mut files, mut report) = (Vec::new(), Report::default());
    walk(dir, dir, &mut files, &mut report.skipped)?;
    files.sort();
    let mut table = read_table(&dir.join("gallery.csv"))?;
    let entries = files
        .into_iter()
        .map(|file| {
            let (item, brand) = table.remove(&file).unwrap_or_default();
            let item = if item.is_empty() { stem(&file).to_owned() } else { item };
            Entry { item, brand, file }
        })
        .collect();
    report.unmatched = table.into_keys().collect();
    Ok((entries, report))
}

/// The item of a picture of which nothing is said.
pub fn stem(file: &str) -> &str {
    let name = file.rsplit('/').next().unwrap_or(file);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// Reads a picture's file, but no more than the limits allow.
///
/// # Errors
/// When it is no file, is too large, or cannot be read.
pub fn read(path: &Path, limits: &Limits) -> std::io::Result<Vec<u8>> {
    let data = std::fs::metadata(path)?;
    if !data.is_file() {
        return Err(std::io::Error::other("it is no file"));
    }
    if data.len() > limits.bytes as u64 {
        return Err(std::io::Error::other(format!("it has {} bytes, {} are allowed", data.len(), limits.bytes)));
    }
    std::fs::read(path)
}

fn prepare_all(dir: &Path, entries: &[Entry], options: &Options, report: &mut Report) -> Vec<Prepared> {
    let prepared: Vec<_> = entries
        .par_iter()
        .map(|entry| {
            let skipped = |reason: String| Skipped { file: entry.file.clone(), reason };
            let bytes = read(&dir.join(&entry.file), &options.limits).map_err(|e| skipped(e.to_string()))?;
            prepare(entry.clone(), &bytes, &options.limits).map_err(|e| skipped(e.to_string()))
        })
        .collect();
    let mut pictures = Vec::with_capacity(prepared.len());
    for result in prepared {
        match result {
            Ok(picture) => pictures.push(picture),
            Err(reason) => report.skipped.push(reason),
        }
    }
    pictures
}

fn walk(root: &Path, dir: &Path, files: &mut Vec<String>, skipped: &mut Vec<Skipped>) -> Result<(), GalleryError> {
    let fail = |e| GalleryError::Io(dir.to_owned(), e);
    for entry in std::fs::read_dir(dir).map_err(fail)? {
        let path = entry.map_err(fail)?.path();
        if path.is_dir() {
            // A link back up would never end.
            if !path.is_symlink() {
                walk(root, &path, files, skipped)?;
            }
            continue;
        }
        let ending = path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
        if let (true, Ok(relative)) = (ENDINGS.contains(&ending.as_str()), path.strip_prefix(root)) {
            let Some(parts) = relative.iter().map(|part| part.to_str()).collect::<Option<Vec<_>>>() else {
                let file = relative.to_string_lossy().into_owned();
                skipped.push(Skipped { file, reason: "its name is not UTF-8; rename it".to_owned() });
                continue;
            };
            files.push(parts.join("/"));
        }
    }
    Ok(())
}

/// File -> (item, brand).
fn read_table(path: &Path) -> Result<BTreeMap<String, (String, String)>, GalleryError> {
    let mut table = BTreeMap::new();
    if !path.exists() {
        return Ok(table);
    }
    let text = std::fs::read(path).map_err(|e| GalleryError::Io(path.to_owned(), e))?;
    let unusable = |why: &dyn std::fmt::Display| {
        GalleryError::Table(format!("gallery.csv cannot be used: {why}; it needs the columns file, item, brand"))
    };
    let text = String::from_utf8(text).map_err(|_| unusable(&"it is not UTF-8"))?;
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
    let fail = |e: csv::Error| unusable(&e);
    let headers = reader.headers().map_err(fail)?.clone();
    let column = |name: &str| headers.iter().position(|h| h.eq_ignore_ascii_case(name));
    let Some(file) = column("file") else { return Err(unusable(&"it has no column 'file'")) };
    let (item, brand) = (column("item"), column("brand"));
    for row in reader.records() {
        let row = row.map_err(fail)?;
        let get = |i: Option<usize>| i.and_then(|i| row.get(i)).unwrap_or_default().to_owned();
        let name = get(Some(file)).replace('\\', "/");
        let (name, said) = (name.trim_start_matches("./"), (get(item), get(brand)));
        let line = row.position().map_or(0, csv::Position::line);
        if name.is_empty() {
            return Err(unusable(&format_args!("line {line} names no file")));
        }
        if table.insert(name.to_owned(), said.clone()).is_some_and(|known| known != said) {
            return Err(unusable(&format_args!("line {line} says of '{name}' something else than a line before it")));
        }
    }
    Ok(table)
}
