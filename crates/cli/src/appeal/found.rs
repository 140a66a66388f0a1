//! What `--from` names, and what the command adds to a case made of a match of pictures: all that the match rests on.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

use huoyan_dossier::case::store::{By, NewExhibit, Original, Store, StoreError};
use huoyan_dossier::case::{COMPARISON, Case, ExhibitKind, Party, Source};
use huoyan_model::{Finding, Locale, Localized};
use huoyan_pipeline::config::Config;
use serde_json::Value;
use tempfile::TempDir;

use super::{excerpt, of_file, unreadable};
use crate::evidence;
use crate::plugins::{Failure, failure};
use crate::scan::make_galleries;

/// The files that `--from` names, told apart by their first lines.
#[derive(Default)]
pub(super) struct From<'a> {
    pub findings: Vec<&'a Path>,
    /// Anything else is a scanned file; what reads it says so where it is none.
    pub records: Vec<&'a Path>,
}

/// No header of findings is longer.
const LONGEST: u64 = 8 << 20;

impl<'a> From<'a> {
    pub fn new(files: &'a [PathBuf]) -> Result<Self, Failure> {
        let mut from = Self::default();
        for path in files {
            // A pipe can be read once only, and a folder not at all.
            if !fs::metadata(path).map_err(unreadable(path))?.is_file() {
                let why = Localized::new("不是普通文件；请给出单个文件", "this is no regular file; name a single file");
                return Err(of_file(path, &why));
            }
            let mut first = Vec::new();
            BufReader::new(File::open(path).map_err(unreadable(path))?)
                .take(LONGEST)
                .read_until(b'\n', &mut first)
                .map_err(unreadable(path))?;
            let header = serde_json::from_slice::<Value>(&first).is_ok_and(|value| value["type"] == "header");
            let list = if header { &mut from.findings } else { &mut from.records };
            list.push(path);
        }
        Ok(from)
    }
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
pub(super) fn pictures(detection: &[u8], galleries: &[PathBuf], roots: &[PathBuf]) -> Result<Vec<Pictures>, Failure> {
    let text = String::from_utf8_lossy(detection);
    let findings = text.lines().filter_map(|line| serde_json::from_str::<Finding>(line).ok());
    let findings: Vec<Finding> = findings.filter(|finding| finding.evidence.contains_key("uri")).collect();
    let mut config = Config { galleries: galleries.to_vec(), ..Config::default() };
    let _made = if findings.is_empty() { None } else { Some(make_galleries(&mut config)?) };
    let mut out = Vec::new();
    for finding in findings {
        let folder = tempfile::tempdir().map_err(|e| failure(e.to_string()))?;
        let names = evidence::write(&at_root(&finding, roots), folder.path(), &config.galleries, roots)
            .map_err(|why| moved(&finding, why))?;
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

/// The finding with its file where it lies below one of the folders that the user names, for a scan that ran elsewhere.
fn at_root(finding: &Finding, roots: &[PathBuf]) -> Finding {
    let mut finding = finding.clone();
    let file = Path::new(&finding.source.file);
    let there = roots.iter().map(|root| root.join(file)).find(|path| path.parent().is_some_and(Path::is_dir));
    if let Some(there) = there {
        finding.source.file = there.to_string_lossy().into_owned();
    }
    finding
}

/// A picture that is not found is most often looked for from another folder than the scan's.
fn moved(finding: &Finding, why: Failure) -> Failure {
    let file = Path::new(&finding.source.file);
    if file.parent().is_none_or(|folder| folder.as_os_str().is_empty() || folder.is_dir()) {
        return why;
    }
    let file = huoyan_report::sanitise(&finding.source.file).into_owned();
    failure((
        format!(
            "{}\n该发现来自 {file}，路径相对于扫描时所在的文件夹；请在那里运行，或用 --root 给出那个文件夹",
            why.zh
        ),
        format!(
            "{}\nthe finding is of {file}, a path from the folder that the scan ran in; run this there, or name that folder by --root",
            why.en
        ),
    ))
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

/// What a case about a picture lacks without its gallery.
pub(super) fn without_gallery() -> Localized {
    Localized::new(
        "没有给出 --gallery：案件里没有参考图和比对图；请加上扫描时用的图库重新立案，或用 appeal add --compare-with 自行添加",
        "no --gallery was given: the case has no reference and no comparison; open it again with the gallery of the scan, or add them by \
         appeal add --compare-with",
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

/// Puts them into the case, where the claims about the picture cite it and its reference: the reference beside what was found,
/// and both laid over each other beside the outlined copy.
pub(super) fn add_pictures(
    store: &mut Store,
    pictures: &[Pictures],
    party: Option<Party>,
    by: &By,
    locale: Locale,
) -> Result<(), Failure> {
    for Pictures { listing, record, comparison, folder, names: files } in pictures {
        let (mut original, mut outlined, mut cited) = (None, None, Vec::new());
        for name in files {
            let suspect = name.starts_with("suspect.");
            // The picture lay in the shop's own folder, whoever made it.
            let (of, method) =
                if suspect { (party.unwrap_or(Party::Merchant), excerpt::METHOD) } else { (Party::Tool, "replay") };
            let party_told = !suspect || party.is_some();
            let source = Source { party: of, party_told, system: String::new(), uri: String::new() };
            let mut new = NewExhibit::new(source, method);
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
