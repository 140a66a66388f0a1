//! What the command adds to a case made of findings: the records that they are about, as they stand in the scanned files, and what a match of
//! pictures rests on.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Cursor};
use std::path::{Path, PathBuf};

use huoyan_dossier::case::store::{By, NewExhibit, Original, Store, StoreError};
use huoyan_dossier::case::{COMPARISON, Case, ExhibitKind, Links, Party, Source, Subject};
use huoyan_dossier::lint::ExhibitId;
use huoyan_model::{Finding, Locale, Localized};
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
    let shown = |case: &mut Case| {
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
    /// The picture, as claims name it.
    record: String,
    /// What is alike, for people.
    comparison: Localized,
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
        out.push(Pictures {
            comparison: comparison(&finding),
            listing: finding.owner,
            record: finding.record,
            folder,
            names,
        });
    }
    Ok(out)
}

fn comparison(finding: &Finding) -> Localized {
    let Finding { rule, score, record, .. } = finding;
    let told = |key: &str| finding.evidence.get(key).and_then(Value::as_str).unwrap_or_default();
    let (item, whole) = (told("gallery_item"), told("match") == "copy");
    let (zh, en) = if whole { ("图片", "picture") } else { ("图案", "artwork") };
    Localized::new(
        format!("{record} 疑似使用了参考图「{item}」的同一{zh}，检测得分 {score:.2}（规则 {rule}）"),
        format!(
            "{record} is suspected to use the same {en} as the reference \"{item}\"; score {score:.2}, rule {rule}"
        ),
    )
}

/// A file of the evidence of a match, and what it is called in a case.
fn title(name: &str) -> Localized {
    match name {
        "outlined.jpg" => ("被检图片（标出相同之处的副本）", "picture found (copy, what is alike is outlined)").into(),
        "reference.jpg" => ("图库中的参考图（副本）", "reference of the gallery (copy)").into(),
        "laid.jpg" => ("参考图叠放在被检图片上（副本）", "reference laid over the picture found (copy)").into(),
        "evidence.json" => ("图片比对的检测记录", "what the screening found in the pictures").into(),
        _ => ("被检图片（原样）", "picture found (as it is)").into(),
    }
}

/// Whether a text names a picture: `L1#1`, and not `L1#10` or `XL1#1`.
fn names(text: &str, record: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '#' | '-' | '_');
    text.match_indices(record).any(|(at, _)| {
        let (before, behind) = (text[..at].chars().next_back(), text[at + record.len()..].chars().next());
        !before.is_some_and(word) && !behind.is_some_and(word)
    })
}

/// Puts them into the case, where the claims about the picture cite it and its reference: the reference beside what was found, and both laid over each other beside the outlined copy.
pub(super) fn add_pictures(store: &mut Store, pictures: &[Pictures], by: &By, locale: Locale) -> Result<(), Failure> {
    for Pictures { listing, record, comparison, folder, names: files } in pictures {
        let (mut original, mut outlined, mut cited) = (None, None, Vec::new());
        for name in files {
            let suspect = name.starts_with("suspect.");
            let party = if suspect { Party::Platform } else { Party::Tool };
            let source = Source { party, system: String::new(), uri: String::new() };
            let mut new = NewExhibit::new(source, if suspect { "download" } else { "replay" });
            title(name).get(locale).clone_into(&mut new.title);
            new.links.listings = vec![listing.clone()];
            new.kind = Some(if name == "evidence.json" { ExhibitKind::Detection } else { ExhibitKind::Picture });
            match name.as_str() {
                "outlined.jpg" => new.copy_of = original,
                "reference.jpg" => new.links.compared_with = original,
                "laid.jpg" => new.links.compared_with = outlined,
                _ => {}
            }
            if new.links.compared_with.is_some() {
                new.facts.insert(COMPARISON.to_owned(), comparison.get(locale).to_owned());
            }
            let id = match store.add(new, Original::Path(&folder.path().join(name)), by) {
                // The same picture may be found by several rules.
                Ok(id) | Err(StoreError::Twice { exhibit: id }) => id,
                Err(error) => return Err(failure(error.message())),
            };
            match name.as_str() {
                "outlined.jpg" => outlined = Some(id),
                "reference.jpg" => cited.push(id),
                _ if suspect => {
                    original = Some(id);
                    cited.push(id);
                }
                _ => {}
            }
        }
        let cite = |case: &mut Case| {
            for claim in case.claims.iter_mut().filter(|claim| names(&claim.text, record)) {
                claim.exhibits.extend(&cited);
                claim.exhibits.sort();
                claim.exhibits.dedup();
            }
        };
        store.update(cite).map_err(|e| failure(e.message()))?;
    }
    Ok(())
}
