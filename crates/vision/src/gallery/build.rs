use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::format::GalleryError;
use super::write::{Entry, assemble, prepare};
use crate::Limits;

/// How a gallery is built.
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

/// What was built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildReport {
    /// Reference pictures written.
    pub pictures: usize,
    /// Bytes of the gallery file.
    pub bytes: u64,
    /// The digest of its content, as hexadecimal digits.
    pub digest: String,
    /// Pictures left out, in the order of their names.
    pub skipped: Vec<Skipped>,
    /// Rows of `gallery.csv` that name no picture.
    pub unmatched: Vec<String>,
}

const ENDINGS: [&str; 7] = ["jpg", "jpeg", "jfif", "png", "webp", "gif", "bmp"];

/// Builds a gallery from all pictures under `dir` and puts it at `out` by rename. `dir/gallery.csv` (columns file, item, brand)
/// says what they show; a picture it does not name shows the item of its file's name, of unknown brand.
///
/// # Errors
/// When the folder or the table cannot be read, no picture can be used, or the file cannot be written.
pub fn build(dir: &Path, out: &Path, options: &Options) -> Result<BuildReport, GalleryError> {
    let mut files = Vec::new();
    walk(dir, dir, &mut files)?;
    files.sort();
    let mut table = read_table(&dir.join("gallery.csv"))?;
    let entries: Vec<Entry> = files
        .into_iter()
        .map(|file| {
            let stem = file.rsplit('/').next().unwrap_or(&file);
            let stem = stem.rsplit_once('.').map_or(stem, |(stem, _)| stem).to_owned();
            let (item, brand) = table.remove(&file).unwrap_or_default();
            Entry { item: if item.is_empty() { stem } else { item }, brand, file }
        })
        .collect();
    let prepared: Vec<_> = entries
        .into_par_iter()
        .map(|entry| {
            let path = dir.join(&entry.file);
            let skipped = |reason: String| Skipped { file: entry.file.clone(), reason };
            let bytes = std::fs::read(&path).map_err(|e| skipped(e.to_string()))?;
            prepare(entry.clone(), &bytes, &options.limits).map_err(|e| skipped(e.to_string()))
        })
        .collect();
    let (mut pictures, mut skipped) = (Vec::new(), Vec::new());
    for result in prepared {
        match result {
            Ok(picture) => pictures.push(picture),
            Err(reason) => skipped.push(reason),
        }
    }
    if pictures.is_empty() {
        return Err(GalleryError::NoPictures(dir.to_owned()));
    }
    let count = pictures.len();
    let bytes = assemble(pictures);
    replace(out, &bytes)?;
    let digest = bytes[32..64].iter().map(|b| format!("{b:02x}")).collect();
    let unmatched = table.into_keys().collect();
    Ok(BuildReport { pictures: count, bytes: bytes.len() as u64, digest, skipped, unmatched })
}

fn walk(root: &Path, dir: &Path, files: &mut Vec<String>) -> Result<(), GalleryError> {
    let fail = |e| GalleryError::Io(dir.to_owned(), e);
    for entry in std::fs::read_dir(dir).map_err(fail)? {
        let path = entry.map_err(fail)?.path();
        if path.is_dir() {
            // A link back up would never end.
            if !path.is_symlink() {
                walk(root, &path, files)?;
            }
            continue;
        }
        let ending = path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
        if let (true, Ok(relative)) = (ENDINGS.contains(&ending.as_str()), path.strip_prefix(root)) {
            let parts: Vec<_> = relative.iter().map(|p| p.to_string_lossy()).collect();
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
    let text = String::from_utf8(text).map_err(|_| GalleryError::Table("it is not UTF-8".to_owned()))?;
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
    let fail = |e: csv::Error| GalleryError::Table(e.to_string());
    let headers = reader.headers().map_err(fail)?.clone();
    let column = |name: &str| headers.iter().position(|h| h.eq_ignore_ascii_case(name));
    let Some(file) = column("file") else { return Err(GalleryError::Table("it has no column 'file'".to_owned())) };
    let (item, brand) = (column("item"), column("brand"));
    for row in reader.records() {
        let row = row.map_err(fail)?;
        let get = |i: Option<usize>| i.and_then(|i| row.get(i)).unwrap_or_default().to_owned();
        let name = get(Some(file)).replace('\\', "/");
        table.insert(name.trim_start_matches("./").to_owned(), (get(item), get(brand)));
    }
    Ok(table)
}

/// Writes beside the target and renames: whoever has the old file mapped keeps it.
fn replace(out: &Path, bytes: &[u8]) -> Result<(), GalleryError> {
    let mut name = out.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    let part: PathBuf = out.with_file_name(name);
    let write = || -> std::io::Result<()> {
        let mut file = std::fs::File::create(&part)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&part, out)
    };
    write().map_err(|e| {
        // The half-written file is of no use; that it may stay behind is not worth hiding the error for.
        let _ = std::fs::remove_file(&part);
        GalleryError::Io(out.to_owned(), e)
    })
}
