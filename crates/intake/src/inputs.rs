//! Turns what the user named (paths, globs, folders, `-`) into files, in an order that does not depend on the disk.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use globset::GlobBuilder;
use walkdir::WalkDir;

use crate::Error;

/// A file to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct InputFile {
    /// As the user named it, or as found below what the user named.
    pub name: String,
    /// None for standard input.
    pub path: Option<PathBuf>,
    /// Found in a folder rather than named: when it holds no records it is left out, not refused.
    pub found: bool,
}

/// Endings that are looked at in folders. Named files are looked at whatever they are called.
const ENDINGS: [&str; 10] = ["csv", "tsv", "txt", "json", "jsonl", "ndjson", "parquet", "xlsx", "xls", "tar"];
const PACKED: [&str; 5] = ["gz", "zst", "xz", "tgz", "txz"];

/// The files behind the inputs.
pub(crate) fn expand(inputs: &[String]) -> Result<Vec<InputFile>, Error> {
    if inputs.is_empty() {
        return Err(Error::NoInput);
    }
    let mut files: Vec<InputFile> = Vec::new();
    let mut known = HashSet::new();
    for input in inputs {
        if input == "-" {
            if files.iter().any(|file| file.path.is_none()) {
                return Err(Error::StdinTwice);
            }
            files.push(InputFile { name: input.clone(), path: None, found: false });
            continue;
        }
        let path = Path::new(input);
        let found = if path.is_dir() {
            below(path, input)?
        } else if path.exists() || !input.contains(['*', '?', '[', '{']) {
            vec![InputFile { name: input.clone(), path: Some(path.to_owned()), found: false }]
        } else {
            matching(input)?
        };
        // The same file named twice would only give duplicates of everything.
        files.extend(found.into_iter().filter(|file| known.insert(file.path.clone())));
    }
    Ok(files)
}

/// The files below a folder that may hold records, by path. Hidden ones are left alone, links are not followed.
fn below(folder: &Path, named: &str) -> Result<Vec<InputFile>, Error> {
    let mut files = Vec::new();
    let visible =
        |entry: &walkdir::DirEntry| entry.depth() == 0 || !entry.file_name().to_string_lossy().starts_with('.');
    for entry in WalkDir::new(folder).sort_by_file_name().into_iter().filter_entry(visible) {
        let entry = entry.map_err(|e| Error::Unreadable { file: named.to_owned(), message: e.to_string() })?;
        if entry.file_type().is_file() && may_hold_records(entry.path()) {
            let name = entry.path().to_string_lossy().into_owned();
            files.push(InputFile { name, path: Some(entry.into_path()), found: true });
        }
    }
    if files.is_empty() { Err(Error::NothingFound { pattern: named.to_owned() }) } else { Ok(files) }
}

fn may_hold_records(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    let mut parts: Vec<&str> = name.split('.').skip(1).collect();
    if matches!(parts.last(), Some(last) if matches!(*last, "tgz" | "txz")) {
        return true;
    }
    while matches!(parts.last(), Some(last) if PACKED.contains(last)) {
        parts.pop();
    }
    matches!(parts.last(), Some(last) if ENDINGS.contains(last))
}

/// The files that a glob matches, by path.
fn matching(pattern: &str) -> Result<Vec<InputFile>, Error> {
    let nothing = || Error::NothingFound { pattern: pattern.to_owned() };
    let matcher = GlobBuilder::new(pattern).literal_separator(true).build().map_err(|_| nothing())?.compile_matcher();
    // The part before the first wildcard is where to look.
    let plain = &pattern[..pattern.find(['*', '?', '[', '{']).unwrap_or(pattern.len())];
    let root = plain.rfind('/').map_or(".", |slash| if slash == 0 { "/" } else { &plain[..slash] });
    let mut files = Vec::new();
    for entry in WalkDir::new(root).sort_by_file_name().into_iter().flatten() {
        let path = if root == "." { entry.path().strip_prefix("./").unwrap_or(entry.path()) } else { entry.path() };
        if entry.path().is_file() && matcher.is_match(path) {
            let name = path.to_string_lossy().into_owned();
            files.push(InputFile { name, path: Some(path.to_owned()), found: false });
        }
    }
    if files.is_empty() { Err(nothing()) } else { Ok(files) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_and_globs_give_their_files_in_order() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["b.csv", "a.jsonl.gz", "picture.jpg", ".hidden.csv", "sub/c.xlsx", "README.md"] {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "x").unwrap();
        }
        let names = |input: String| -> Vec<String> {
            let found = expand(&[input]).unwrap();
            let strip = |file: InputFile| file.path.unwrap().strip_prefix(dir.path()).unwrap().display().to_string();
            found.into_iter().map(strip).collect()
        };
        assert_eq!(names(dir.path().display().to_string()), ["a.jsonl.gz", "b.csv", "sub/c.xlsx"]);
        assert_eq!(names(format!("{}/*.csv", dir.path().display())), [".hidden.csv", "b.csv"]);
        assert_eq!(names(format!("{}/**/c.*", dir.path().display())), ["sub/c.xlsx"]);
        assert!(matches!(expand(&[format!("{}/*.tsv", dir.path().display())]), Err(Error::NothingFound { .. })));
    }

    #[test]
    fn standard_input_is_named_once() {
        assert_eq!(expand(&["-".to_owned(), "-".to_owned()]), Err(Error::StdinTwice));
        assert_eq!(expand(&[]), Err(Error::NoInput));
    }
}
