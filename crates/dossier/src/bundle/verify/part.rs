use std::collections::BTreeMap;
use std::io::{self, Read};

use huoyan_model::Localized;

use super::files::Files;
use super::{Trust, signed};
use crate::bundle::custody::Custody;
use crate::bundle::digest::{Prints, read_through};
use crate::bundle::info::{Oxum, ReadInfo};
use crate::bundle::parts::PartIndex;
use crate::bundle::{Code, PartReport, Problem, Sha256, manifest, names, path};

/// `data/` and `.part000` beside the longest path of a payload.
const MAX_PATH: usize = 240;

/// A part after its checks, for those that follow.
pub struct CheckedPart<'a> {
    pub(super) files: Box<dyn Files + 'a>,
    pub(super) folder: Option<String>,
    pub(super) prints: BTreeMap<String, Prints>,
    pub(super) tags: BTreeMap<String, Vec<u8>>,
    pub(super) info: Option<ReadInfo>,
    pub(super) index: Option<PartIndex>,
    /// The digest of `parts.json`, if it could be read.
    pub(super) index_digest: Option<Sha256>,
    pub(super) report: PartReport,
}

impl<'a> CheckedPart<'a> {
    pub(super) fn new(name: String, files: Box<dyn Files + 'a>, folder: Option<String>) -> Self {
        let report = PartReport { name, ..PartReport::default() };
        let (prints, tags) = (BTreeMap::new(), BTreeMap::new());
        Self { files, folder, prints, tags, info: None, index: None, index_digest: None, report }
    }

    /// What it says of itself.
    pub fn report(&self) -> &PartReport {
        &self.report
    }

    /// Paths of the payload, `data/…`.
    pub fn payload(&self) -> impl Iterator<Item = &str> {
        self.prints.keys().map(String::as_str).filter(|name| name.starts_with("data/"))
    }

    /// The digest of `parts.json`, which the parts of one bundle share.
    pub fn bundle(&self) -> Option<Sha256> {
        self.index_digest
    }

    /// Paths of the payload of all parts.
    pub fn listed(&self) -> impl Iterator<Item = &str> {
        self.index.iter().flat_map(|index| &index.parts).flat_map(|part| &part.files).map(|file| file.path.as_str())
    }

    /// Opens a file of the payload.
    pub fn open(&mut self, name: &str) -> io::Result<Box<dyn Read + '_>> {
        self.files.open(name)
    }

    /// A problem of this part.
    pub fn problem(&self, code: Code, place: &str, message: impl Into<Localized>) -> Problem {
        Problem { code, part: self.report.name.clone(), place: place.to_owned(), message: message.into() }
    }
}

/// All checks of one part.
pub(super) fn check(part: &mut CheckedPart<'_>, trust: &Trust) -> Vec<Problem> {
    let mut problems = Vec::new();
    let listed = part.files.names();
    problems.extend(names_fit(part, &listed));
    problems.extend(read_files(part, &listed));
    problems.extend(signed::check(part, trust));
    problems.extend(declaration(part));
    problems.extend(payload(part));
    problems.extend(index(part));
    problems.extend(custody(part));
    // Everything was looked at; many parts shall not hold many manifests.
    part.tags.clear();
    problems
}

fn names_fit(part: &CheckedPart<'_>, listed: &[(String, u64)]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (name, _) in listed {
        if let Err(fault) = path::check(name, MAX_PATH) {
            problems.push(part.problem(Code::HostileName, name, fault.text()));
        }
    }
    if let Some((first, second)) = path::first_twins(listed.iter().map(|(name, _)| name.as_str())) {
        let message =
            (format!("与 '{first}' 在某些系统上是同一个文件"), format!("one file with '{first}' on some systems"));
        problems.push(part.problem(Code::TwinNames, &second, message));
    }
    problems
}

/// Reads every file that may be there, once; names every file that may not.
fn read_files(part: &mut CheckedPart<'_>, listed: &[(String, u64)]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (name, bytes) in listed {
        let is_tag = names::LISTED.contains(&name.as_str()) || names::UNLISTED.contains(&name.as_str());
        if !is_tag && !name.starts_with("data/") {
            problems.push(part.problem(Code::Unlisted, name, unlisted()));
            continue;
        }
        if is_tag && *bytes > names::max_bytes(name) {
            let message = (format!("有 {bytes} 字节，过长"), format!("it has {bytes} bytes, too many"));
            problems.push(part.problem(Code::TagForm, name, message));
            continue;
        }
        let mut kept = Vec::new();
        let keeps = is_tag || (name == names::CUSTODY && *bytes <= names::max_bytes(name));
        let read = part.files.open(name).and_then(|mut reader| {
            // A file that grows while it is read shall not fill the memory.
            let mut reader = (&mut reader).take(bytes + 1);
            read_through(&mut reader, *bytes, |chunk| {
                if keeps {
                    kept.extend_from_slice(chunk);
                }
                Ok(())
            })
        });
        match read {
            Err(error) => problems.push(part.problem(Code::Unreadable, name, error.to_string())),
            Ok(prints) => {
                if part.files.crc32(name).is_some_and(|crc32| crc32 != prints.crc32) {
                    let message = ("校验和与文件头不符", "its checksum is not the one in its header");
                    problems.push(part.problem(Code::ZipChecksum, name, message));
                }
                part.prints.insert(name.clone(), prints);
                if keeps {
                    part.tags.insert(name.clone(), kept);
                }
            }
        }
    }
    problems
}

fn unlisted() -> Localized {
    Localized::new("没有任何清单列出它，不属于证据包", "nothing lists it; it is not part of the bundle")
}

pub(super) fn form(part: &CheckedPart<'_>, name: &str, what: impl std::fmt::Display) -> Problem {
    part.problem(Code::TagForm, name, (format!("格式不符：{what}"), format!("not in its form: {what}")))
}

fn text<'b>(part: &'b CheckedPart<'_>, name: &str) -> Option<&'b str> {
    std::str::from_utf8(part.tags.get(name)?).ok()
}

fn declaration(part: &mut CheckedPart<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    if part.tags.get(names::DECLARATION).is_some_and(|bytes| bytes != names::DECLARATION_TEXT.as_bytes()) {
        problems.push(form(part, names::DECLARATION, "BagIt-Version"));
    }
    match text(part, names::INFO).map(ReadInfo::parse) {
        Some(Ok(info)) => {
            let folder = names::folder(&info.case_id, info.number, info.of);
            if part.folder.as_ref().is_some_and(|given| *given != folder) {
                let message = (format!("文件夹应名为 '{folder}'"), format!("its folder should be '{folder}'"));
                problems.push(part.problem(Code::ZipFolder, "", message));
            }
            let report = &mut part.report;
            (report.case_id, report.number, report.of) = (info.case_id.clone(), info.number, info.of);
            part.info = Some(info);
        }
        Some(Err(label)) => problems.push(form(part, names::INFO, label)),
        // Missing, or no text: the tag manifest's check says so too.
        None => problems.push(form(part, names::INFO, "UTF-8")),
    }
    problems
}

fn payload(part: &mut CheckedPart<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    let manifests = [(names::SHA256, 64), (names::SHA512, 128)];
    let mut parsed = Vec::new();
    for (name, digits) in manifests {
        match text(part, name).map(|text| manifest::parse(text, digits)) {
            Some(Ok(entries)) => parsed.push((name, entries)),
            Some(Err(line)) => problems.push(form(part, name, format_args!("line {line}"))),
            None => problems.push(form(part, name, "UTF-8")),
        }
    }
    for (name, entries) in &parsed {
        for (file, digest) in entries {
            let found = part.prints.get(file).filter(|_| file.starts_with("data/"));
            let message = match found {
                None => {
                    let message =
                        (format!("{name} 列出了它，但它不在"), format!("{name} lists it, and it is not there"));
                    problems.push(part.problem(Code::FileMissing, file, message));
                    continue;
                }
                Some(prints) if *digest == prints.sha256.to_string() || *digest == prints.sha512 => continue,
                Some(_) => (format!("与 {name} 的哈希不符"), format!("not as its hash in {name} says")),
            };
            problems.push(part.problem(Code::Digest, file, message));
        }
    }
    for file in part.payload() {
        if parsed.iter().any(|(_, entries)| !entries.contains_key(file)) {
            problems.push(part.problem(Code::Unlisted, file, unlisted()));
        }
    }
    let oxum = part
        .payload()
        .fold(Oxum::default(), |sum, file| Oxum { bytes: sum.bytes + part.prints[file].bytes, files: sum.files + 1 });
    if part.info.as_ref().is_some_and(|info| info.oxum != oxum) {
        let (bytes, files) = (oxum.bytes, oxum.files);
        let message = (
            format!("实有 {files} 个文件、{bytes} 字节，与 Payload-Oxum 不符"),
            format!("there are {files} files of {bytes} bytes, Payload-Oxum says otherwise"),
        );
        problems.push(part.problem(Code::Oxum, names::INFO, message));
    }
    (part.report.bytes, part.report.files) = (oxum.bytes, oxum.files);
    problems
}

/// What `parts.json` says of the part it lies in.
fn index(part: &mut CheckedPart<'_>) -> Vec<Problem> {
    let Some(index) = text(part, names::PARTS).and_then(PartIndex::parse) else {
        return vec![form(part, names::PARTS, "appeal-parts/1")];
    };
    let mut problems = Vec::new();
    if let Some(info) = &part.info {
        let here =
            index.parts.get(info.number - 1).filter(|_| index.parts.len() == info.of && index.case == info.case_id);
        let same = here.is_some_and(|here| {
            here.name == names::folder(&info.case_id, info.number, info.of)
                && here.files.iter().map(|file| file.path.as_str()).eq(part.payload())
                && here.files.iter().all(|file| {
                    part.prints.get(&file.path).is_some_and(|p| (p.bytes, p.sha256) == (file.bytes, file.sha256))
                })
        });
        if !same {
            let message = ("与所在分卷的内容不符", "it says otherwise than the part it lies in");
            problems.push(part.problem(Code::PartIndex, names::PARTS, message));
        }
    }
    part.index_digest = part.prints.get(names::PARTS).map(|prints| prints.sha256);
    part.index = Some(index);
    problems
}

fn custody(part: &CheckedPart<'_>) -> Vec<Problem> {
    let (Some(info), Some(index)) = (&part.info, &part.index) else { return Vec::new() };
    if !part.prints.contains_key(names::CUSTODY) {
        // It lies in another part, whole or in pieces, or was never put in although the head is given.
        let whole = index.parts.iter().flat_map(|part| &part.files).any(|file| file.path == names::CUSTODY);
        let pieces = index.split.iter().any(|split| split.path == names::CUSTODY);
        if info.custody_head.is_none() || whole || pieces {
            return Vec::new();
        }
        let message = (
            "bag-info.txt 给出了保管链末端，但没有保管记录",
            "bag-info.txt names a custody head, and there is no record",
        );
        return vec![part.problem(Code::CustodyHead, names::CUSTODY, message)];
    }
    let fault = custody_fault(text(part, names::CUSTODY), info.custody_head);
    fault.into_iter().map(|(code, message)| part.problem(code, names::CUSTODY, message)).collect()
}

/// What is wrong with a custody record and the head that `bag-info.txt` says it has. `None` is no text at all.
pub(super) fn custody_fault(text: Option<&str>, said: Option<Sha256>) -> Option<(Code, Localized)> {
    let Some(text) = text else {
        return Some((Code::CustodyChain, Localized::new("不是 UTF-8，或过长", "it is no UTF-8, or too long")));
    };
    let found = match Custody::verify(text) {
        Ok(custody) => custody.head(),
        Err(fault) => return Some((Code::CustodyChain, fault.localized())),
    };
    if found == said {
        return None;
    }
    let [found, said] = [found, said].map(|head| head.map_or("-".to_owned(), |head| head.to_string()));
    let message = Localized::new(
        format!("保管链末端是 {found}，bag-info.txt 记为 {said}"),
        format!("the chain ends with {found}, bag-info.txt says {said}"),
    );
    Some((Code::CustodyHead, message))
}
