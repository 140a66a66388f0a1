//! What the command adds to a case made of findings: the records that they are about, as they stand in the scanned files, and what a match of
//! pictures rests on.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Cursor};
use std::path::{Path, PathBuf};

use huoyan_dossier::case::store::{By, NewExhibit, Original, Store};
use huoyan_dossier::case::{ExhibitKind, Links, Party, Source, Subject};
use huoyan_dossier::lint::ExhibitId;
use huoyan_model::Finding;
use huoyan_pipeline::config::Config;
use serde_json::Value;
use tempfile::TempDir;

use crate::evidence;
use crate::plugins::{Failure, failure};
use crate::scan::make_galleries;

/// The files that `--from` names, told apart by their first lines.
#[derive(Default)]
pub(super) struct From<'a> {
    pub findings: Vec<&'a Path>,
    pub records: Vec<&'a Path>,
}

impl<'a> From<'a> {
    pub fn new(files: &'a [PathBuf]) -> Result<Self, Failure> {
        let mut from = Self::default();
        for path in files {
            let mut first = String::new();
            BufReader::new(File::open(path).map_err(unreadable(path))?)
                .read_line(&mut first)
                .map_err(unreadable(path))?;
            let Ok(value) = serde_json::from_str::<Value>(&first) else {
                let shown = path.display();
                return Err(failure((
                    format!("{shown} 不是 JSON Lines；请给出 -o jsonl 写出的发现文件，或扫描过的 .jsonl 文件"),
                    format!(
                        "{shown} is no JSON Lines; give findings that -o jsonl wrote, or a .jsonl file that was scanned"
                    ),
                )));
            };
            let list = if value["type"] == "header" { &mut from.findings } else { &mut from.records };
            list.push(path);
        }
        Ok(from)
    }
}

fn unreadable(path: &Path) -> impl Fn(std::io::Error) -> Failure {
    let shown = path.display().to_string();
    move |e| failure((format!("{shown}：无法读取：{e}"), format!("{shown}: it cannot be read: {e}")))
}

/// The lines of the records with these ids.
pub(super) fn records(files: &[&Path], ids: &BTreeSet<&str>) -> Result<String, Failure> {
    let mut out = String::new();
    for path in files {
        for line in BufReader::new(File::open(path).map_err(unreadable(path))?).lines() {
            let line = line.map_err(unreadable(path))?;
            // A last line that was cut off is no record.
            let Ok(value) = serde_json::from_str::<Value>(&line) else { continue };
            if value["id"].as_str().is_some_and(|id| ids.contains(id)) {
                out.push_str(&line);
                out.push('\n');
            }
        }
    }
    Ok(out)
}

/// Puts the records into the case, which from then on show what it is about.
pub(super) fn add_records(
    store: &mut Store,
    subjects: &[Subject],
    text: String,
    by: &By,
) -> Result<ExhibitId, Failure> {
    let ids = |kind: &str| -> Vec<String> {
        subjects.iter().filter(|subject| subject.kind == kind).map(|subject| subject.id.clone()).collect()
    };
    let links = Links { reviews: ids("review"), listings: ids("listing"), ..Links::default() };
    let (name, kind) = if links.reviews.is_empty() {
        ("listings.jsonl", ExhibitKind::Listing)
    } else {
        ("reviews.jsonl", ExhibitKind::Review)
    };
    let source = Source { party: Party::Platform, system: String::new(), uri: String::new() };
    let mut new = NewExhibit::new(source, "export");
    (new.name, new.kind, new.links) = (name.to_owned(), Some(kind), links);
    let mut reader = Cursor::new(text.into_bytes());
    let id = store.add(new, Original::Reader(&mut reader), by).map_err(|e| failure(e.message()))?;
    let shown = |case: &mut huoyan_dossier::case::Case| {
        for subject in &mut case.subjects {
            subject.shown_by = Some(id);
        }
    };
    store.update(shown).map_err(|e| failure(e.message()))?;
    Ok(id)
}

/// What a match of pictures rests on: the picture byte for byte, the reference, both laid over each other.
pub(super) struct Pictures {
    listing: String,
    folder: TempDir,
    names: Vec<String>,
}

/// Writes them out for each finding about a picture, before the case is made.
pub(super) fn pictures(detection: &[u8], galleries: &[PathBuf]) -> Result<Vec<Pictures>, Failure> {
    let text = String::from_utf8_lossy(detection);
    let findings = text.lines().filter_map(|line| serde_json::from_str::<Finding>(line).ok());
    let findings: Vec<Finding> = findings.filter(|finding| finding.evidence.contains_key("uri")).collect();
    let mut config = Config { galleries: galleries.to_vec(), ..Config::default() };
    let _made = if findings.is_empty() { None } else { Some(make_galleries(&mut config)?) };
    let mut out = Vec::new();
    for finding in findings {
        let folder = tempfile::tempdir().map_err(|e| failure(e.to_string()))?;
        let names = evidence::write(&finding, folder.path(), &config.galleries, &[])?;
        out.push(Pictures { listing: finding.owner, folder, names });
    }
    Ok(out)
}

/// Puts them into the case.
pub(super) fn add_pictures(store: &mut Store, pictures: &[Pictures], by: &By) -> Result<(), Failure> {
    for Pictures { listing, folder, names } in pictures {
        let mut original = None;
        for name in names {
            let suspect = name.starts_with("suspect.");
            let party = if suspect { Party::Platform } else { Party::Tool };
            let source = Source { party, system: String::new(), uri: String::new() };
            let mut new = NewExhibit::new(source, if suspect { "download" } else { "replay" });
            new.links.listings = vec![listing.clone()];
            if name == "evidence.json" {
                new.kind = Some(ExhibitKind::Detection);
            } else {
                new.kind = Some(ExhibitKind::Picture);
                new.copy_of = if name == "outlined.jpg" { original } else { None };
            }
            match store.add(new, Original::Path(&folder.path().join(name)), by) {
                Ok(id) => original = if suspect { Some(id) } else { original },
                // The same picture may be found by several rules.
                Err(huoyan_dossier::case::store::StoreError::Twice { exhibit }) if suspect => original = Some(exhibit),
                Err(huoyan_dossier::case::store::StoreError::Twice { .. }) => {}
                Err(error) => return Err(failure(error.message())),
            }
        }
    }
    Ok(())
}
