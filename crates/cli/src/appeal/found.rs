//! What a scan found, as the first exhibits of a case: the findings with the header of their run, so that each can be replayed, and the records
//! that they are about, as they stand in the scanned files.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Cursor};
use std::path::Path;

use huoyan_dossier::case::store::{By, NewExhibit, Original, Store};
use huoyan_dossier::case::{ExhibitKind, Links, Party, Source};
use huoyan_dossier::lint::ExhibitId;
use huoyan_report::sanitise;
use serde_json::Value;

use crate::args::appeal::NewArgs;
use crate::plugins::{Failure, failure};

/// What was read for a case.
#[derive(Default)]
pub(super) struct Found {
    /// The reviews that the case is about.
    pub reviews: BTreeSet<String>,
    /// The listings that the case is about.
    pub listings: BTreeSet<String>,
    findings: String,
    header: Option<String>,
    records: String,
}

/// Reads the files that `--from` names.
pub(super) fn read(args: &NewArgs) -> Result<Found, Failure> {
    let mut found = Found {
        reviews: args.review.iter().cloned().collect(),
        listings: args.listing.iter().cloned().collect(),
        ..Found::default()
    };
    let mut lines: Vec<(String, Value)> = Vec::new();
    for path in &args.from {
        lines.extend(json_lines(path)?);
    }
    let is_finding = |value: &Value| value["type"] == "finding";
    let of = |value: &Value, name: &str| value[name].as_str().unwrap_or_default().to_owned();
    let mut wanted: BTreeSet<String> = BTreeSet::new();
    for fingerprint in args.fingerprint.iter().chain(&args.campaign) {
        let campaign = args.campaign.contains(fingerprint);
        let Some((_, finding)) =
            lines.iter().find(|(_, value)| is_finding(value) && of(value, "fingerprint") == *fingerprint)
        else {
            let fingerprint = sanitise(fingerprint);
            return Err(failure((
                format!("--from 的文件中没有指纹为 {fingerprint} 的发现；请给出 -o jsonl 写出的文件"),
                format!(
                    "no finding in the --from files has the fingerprint {fingerprint}; name a file that -o jsonl wrote"
                ),
            )));
        };
        wanted.insert(fingerprint.clone());
        let owner = of(finding, "owner");
        let owners = if of(finding, "owner_kind") == "review" { &mut found.reviews } else { &mut found.listings };
        owners.insert(owner);
        if campaign {
            let members: Vec<String> = members(finding);
            if members.is_empty() {
                let fingerprint = sanitise(fingerprint);
                return Err(failure((
                    format!("--campaign {fingerprint}：该发现没有成员；单条评价请用 --fingerprint"),
                    format!("--campaign {fingerprint}: the finding has no members; for one review use --fingerprint"),
                )));
            }
            found.reviews.extend(members);
        }
    }
    let concerns = |value: &Value| {
        wanted.contains(&of(value, "fingerprint"))
            || of(value, "owner_kind") == "review" && found.reviews.contains(&of(value, "owner"))
            || of(value, "owner_kind") == "listing" && found.listings.contains(&of(value, "owner"))
    };
    let (mut findings, mut records, mut header) = (String::new(), String::new(), None);
    for (line, value) in &lines {
        if value["type"] == "header" {
            header.get_or_insert_with(|| without_folders(value));
        } else if is_finding(value) {
            if concerns(value) {
                findings.push_str(line);
                findings.push('\n');
            }
        } else if value["type"].is_null() {
            let id = of(value, "id");
            if found.reviews.contains(&id) || found.listings.contains(&id) {
                records.push_str(line);
                records.push('\n');
            }
        }
    }
    for id in args.review.iter().chain(&args.listing) {
        let quoted = Value::from(id.as_str()).to_string();
        if !args.from.is_empty() && !findings.contains(&quoted) && !records.contains(&quoted) {
            let id = sanitise(id);
            return Err(failure((
                format!("--from 的文件中没有 {id}；请核对编号，或给出包含它的文件"),
                format!("the --from files have no {id}; check the id, or name a file that has it"),
            )));
        }
    }
    (found.findings, found.records, found.header) = (findings, records, header);
    Ok(found)
}

/// The header line with the names of the inputs alone: in which folder of whose machine they lay is nobody's business.
fn without_folders(header: &Value) -> String {
    let mut header = header.clone();
    if let Some(inputs) = header["inputs"].as_object_mut() {
        for (path, digest) in std::mem::take(inputs) {
            let name = path.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
            inputs.insert(name, digest);
        }
    }
    header.to_string()
}

fn members(finding: &Value) -> Vec<String> {
    let id = |member: &Value| match member {
        Value::String(id) => Some(id.clone()),
        Value::Object(map) => {
            ["record", "key", "id"].iter().find_map(|name| map.get(*name)?.as_str()).map(str::to_owned)
        }
        _ => None,
    };
    finding["members"].as_array().into_iter().flatten().filter_map(id).collect()
}

fn json_lines(path: &Path) -> Result<Vec<(String, Value)>, Failure> {
    let shown = path.display();
    let fail =
        |e: std::io::Error| failure((format!("{shown}：无法读取：{e}"), format!("{shown}: it cannot be read: {e}")));
    let mut lines = Vec::new();
    for line in BufReader::new(File::open(path).map_err(fail)?).lines() {
        let line = line.map_err(fail)?;
        // A last line that was cut off is no finding.
        if let Ok(value) = serde_json::from_str(&line) {
            lines.push((line, value));
        }
    }
    if lines.is_empty() {
        return Err(failure((
            format!("{shown} 不是 JSON Lines；请给出 -o jsonl 写出的发现文件，或扫描过的 .jsonl 文件"),
            format!("{shown} is no JSON Lines; give findings that -o jsonl wrote, or a .jsonl file that was scanned"),
        )));
    }
    Ok(lines)
}

impl Found {
    /// Puts them into the case, and gives each exhibit with what it is.
    pub fn add_to(self, store: &mut Store, by: &By) -> Result<Vec<(ExhibitId, &'static str)>, Failure> {
        let mut added = Vec::new();
        let links = Links {
            reviews: self.reviews.iter().cloned().collect(),
            listings: self.listings.iter().cloned().collect(),
            ..Links::default()
        };
        let mut put = |name: &'static str, kind, party, method: &str, text: String| {
            let source = Source { party, system: String::new(), uri: String::new() };
            let mut new = NewExhibit::new(source, method);
            (new.name, new.kind, new.links) = (name.to_owned(), Some(kind), links.clone());
            let mut reader = Cursor::new(text.into_bytes());
            let id = store.add(new, Original::Reader(&mut reader), by).map_err(|e| failure(e.message()))?;
            added.push((id, name));
            Ok::<ExhibitId, Failure>(id)
        };
        let reviews = !self.reviews.is_empty();
        let mut shown_by = None;
        if !self.records.is_empty() {
            let (name, kind) =
                if reviews { ("reviews.jsonl", ExhibitKind::Review) } else { ("listings.jsonl", ExhibitKind::Listing) };
            shown_by = Some(put(name, kind, Party::Platform, "export", self.records)?);
        }
        if !self.findings.is_empty() {
            let header = self.header.map(|header| format!("{header}\n")).unwrap_or_default();
            let text = format!("{header}{}", self.findings);
            put("findings.jsonl", ExhibitKind::Detection, Party::Tool, "replay", text)?;
        }
        if let Some(id) = shown_by {
            store
                .update(|case| case.subjects.iter_mut().for_each(|subject| subject.shown_by = Some(id)))
                .map_err(|e| failure(e.message()))?;
        }
        Ok(added)
    }
}
