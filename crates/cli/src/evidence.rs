//! What a finding about a picture rests on, as files that a case can take in.

use std::fs;
use std::path::{Path, PathBuf};

use huoyan_intake::pictures::Roots;
use huoyan_model::Finding;
use huoyan_report::{drawn_evidence, sanitise};
use huoyan_vision::sha256;
use serde_json::{Value, json};

use crate::gallery::open;
use crate::plugins::{Failure, failure};
use crate::references::references;

/// The largest picture taken in, in bytes.
const MOST_BYTES: u64 = 32 << 20;

/// Writes `suspect.*` (the bytes as they are), `outlined.jpg`, `reference.jpg`, `laid.jpg` (copies, drawn for people) and
/// `evidence.json` (the finding, and each file's size, SHA-256 and nature) into a folder that must be new or empty. Gives their names.
/// Pictures are looked for beside the file of the listing and in `folders`, as a scan does.
pub(crate) fn write(
    finding: &Finding,
    dir: &Path,
    galleries: &[PathBuf],
    folders: &[PathBuf],
) -> Result<Vec<String>, Failure> {
    let told = |key: &str| finding.evidence.get(key).and_then(Value::as_str);
    let Some(uri) = told("uri") else {
        return Err(failure((
            "该发现不涉及图片，没有可写出的图片证据",
            "this finding is about no picture: there are no files to write",
        )));
    };
    let folder = Path::new(&finding.source.file).parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let mut roots = vec![folder.to_owned()];
    roots.extend(folders.iter().cloned());
    let roots = Roots::new(&roots).map_err(|e| failure(format!("{}: {e}", folder.display())))?;
    let picture = roots.load(uri, Some(folder), MOST_BYTES).map_err(|why| {
        let (why, at) = (why.text(), folder.join(sanitise(uri).as_ref()));
        failure((format!("{}：{}", at.display(), why.zh), format!("{}: {}", at.display(), why.en)))
    })?;
    if let Some(known) = told("sha256").filter(|known| *known != sha256(&picture.bytes)) {
        let (at, known) = (picture.path.display(), sanitise(known));
        return Err(failure((
            format!("{at}：图片在扫描之后被改动（扫描时 SHA-256 为 {known}），不再是该发现的依据，请重新扫描"),
            format!(
                "{at}: the picture was changed after the scan (its SHA-256 was {known}) and is no longer what the finding rests on; scan again"
            ),
        )));
    }
    let reference = match told("gallery_item") {
        Some(item) => references(galleries)?.and_then(|find| find(item, told("gallery_file"))),
        None => None,
    };
    let ending =
        picture.path.extension().and_then(|e| e.to_str()).filter(|e| e.bytes().all(|b| b.is_ascii_alphanumeric()));
    let name = format!("suspect.{}", ending.unwrap_or("bin").to_lowercase());
    let mut files = vec![(name, "original", picture.bytes)];
    let drawn = drawn_evidence(&files[0].2, reference, &finding.evidence);
    files.extend(drawn.into_iter().map(|(name, bytes)| (name.to_owned(), "copy", bytes)));
    let listed: Vec<Value> = files
        .iter()
        .map(|(name, nature, bytes)| {
            json!({ "file": name, "nature": nature, "bytes": bytes.len(), "sha256": sha256(bytes) })
        })
        .collect();
    let digests =
        galleries.iter().map(|dir| Ok(open(dir)?.digest().to_owned())).collect::<Result<Vec<_>, Failure>>()?;
    let list = json!({ "finding": finding, "picture": uri, "files": listed, "galleries": digests });
    let list = serde_json::to_string_pretty(&list).map_err(|e| failure(e.to_string()))?;
    files.push(("evidence.json".to_owned(), "copy", format!("{list}\n").into_bytes()));
    let fail = |path: &Path, e: std::io::Error| failure(format!("{}: {e}", path.display()));
    fs::create_dir_all(dir).map_err(|e| fail(dir, e))?;
    if fs::read_dir(dir).map_err(|e| fail(dir, e))?.next().is_some() {
        let dir = dir.display();
        return Err(failure((
            format!("{dir}：文件夹不为空，未写入任何内容"),
            format!("{dir}: the folder is not empty; nothing was written"),
        )));
    }
    let mut names = Vec::new();
    for (name, _, bytes) in files {
        let path = dir.join(&name);
        fs::write(&path, bytes).map_err(|e| fail(&path, e))?;
        names.push(name);
    }
    Ok(names)
}
