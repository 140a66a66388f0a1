use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use sha2::digest::DynDigest;
use unicode_normalization::UnicodeNormalization as _;

use super::text::{self, Encoding};
use super::{Judgement, Version};
use crate::bundle::digest::hex;
use crate::bundle::path::{SYSTEM_FILES, twin_key};

/// A manifest of this length is read as a whole; a longer one is an error.
const MAX_TAG_BYTES: u64 = 256 * 1024 * 1024;

pub(super) fn judge(folder: &Path, version: Version, encoding: Encoding, out: &mut Judgement) -> io::Result<()> {
    let bag = Bag { version, encoding, files: list(folder, out)? };
    if !folder.join("data").is_dir() {
        out.error("data", "没有 data 文件夹", "there is no folder data");
    }
    let payload: Vec<Manifest> = bag.manifests("manifest-", out)?;
    if payload.is_empty() {
        out.error("", "没有文件清单", "there is no payload manifest");
    }
    for manifest in &payload {
        for (path, digest) in &manifest.entries {
            if in_data(path) {
                bag.compare(path, digest, manifest, out)?;
            } else {
                out.error(path, "清单中的路径不在 data/ 下", "a payload manifest lists a path outside of data/");
            }
        }
        twins(manifest, out);
    }
    bag.unlisted(&payload, out);
    for manifest in bag.manifests("tagmanifest-", out)? {
        for (path, digest) in &manifest.entries {
            if is_inside(path) {
                bag.compare(path, digest, &manifest, out)?;
            } else {
                out.error(path, "清单中的路径在包外", "a tag manifest lists a path outside of the bag");
            }
        }
    }
    bag.fetch(&payload, out)?;
    bag.oxum(&payload, out)
}

struct Bag {
    version: Version,
    encoding: Encoding,
    /// Paths with slashes, and where they are.
    files: BTreeMap<String, PathBuf>,
}

struct Manifest {
    name: String,
    algorithm: String,
    entries: BTreeMap<String, String>,
}

fn list(folder: &Path, out: &mut Judgement) -> io::Result<BTreeMap<String, PathBuf>> {
    let mut files = BTreeMap::new();
    for entry in walkdir::WalkDir::new(folder).min_depth(1) {
        let entry = entry?;
        let path = entry.path().strip_prefix(folder).unwrap_or(entry.path());
        let name = path.iter().map(|name| name.to_string_lossy()).collect::<Vec<_>>().join("/");
        if entry.file_type().is_symlink() {
            out.error(&name, "是链接，可能指向包外", "it is a link, which may lead out of the bag");
        } else if entry.file_type().is_file() {
            files.insert(name, entry.path().to_owned());
        }
    }
    Ok(files)
}

fn in_data(path: &str) -> bool {
    path.starts_with("data/") && is_inside(path)
}

/// Relative on every system, and without a way up.
fn is_inside(path: &str) -> bool {
    let drive = path.as_bytes().get(1) == Some(&b':');
    !path.starts_with(['/', '~', '\\', '%']) && !drive && path.split(['/', '\\']).all(|name| name != "..")
}

/// Names that are one name on some systems.
fn twins(manifest: &Manifest, out: &mut Judgement) {
    let (mut composed, mut caseless) = (HashMap::new(), HashMap::new());
    for path in manifest.entries.keys() {
        if let Some(other) = composed.insert(path.nfc().collect::<String>(), path) {
            let (zh, en) = (
                format!("与 '{other}' 仅 Unicode 形式不同"),
                format!("differs from '{other}' in its Unicode form only"),
            );
            out.warn(path, zh, en);
        } else if let Some(other) = caseless.insert(twin_key(path), path) {
            out.warn(path, format!("与 '{other}' 仅大小写不同"), format!("differs from '{other}' in case only"));
        }
        if is_system_file(path) {
            out.warn(path, "是系统文件，可能被自动删除", "a file manager's own file, which may come and go");
        }
    }
}

fn is_system_file(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_lowercase();
    SYSTEM_FILES.contains(&name.as_str())
}

impl Bag {
    fn read(&self, name: &str, out: &mut Judgement) -> io::Result<Option<String>> {
        let Some(path) = self.files.get(name) else { return Ok(None) };
        if fs::metadata(path)?.len() > MAX_TAG_BYTES {
            out.error(name, "过长", "it is too long");
            return Ok(None);
        }
        let text = self.encoding.decode(&fs::read(path)?);
        if text.is_none() {
            out.error(name, "不是所声明的编码", "it is not in the encoding that bagit.txt names");
        }
        Ok(text)
    }

    fn manifests(&self, prefix: &str, out: &mut Judgement) -> io::Result<Vec<Manifest>> {
        let names: Vec<&String> = self.files.keys().filter(|name| name.starts_with(prefix)).collect();
        let mut manifests = Vec::new();
        for name in names {
            let Some(algorithm) = name.strip_prefix(prefix).and_then(|rest| rest.strip_suffix(".txt")) else {
                continue;
            };
            let algorithm = algorithm.to_lowercase().replace('-', "");
            if hasher(&algorithm).is_none() {
                out.error(name, "不支持的哈希算法", "its hash algorithm is not known");
            } else if let Some(text) = self.read(name, out)? {
                let entries = self.entries(name, &text, out);
                manifests.push(Manifest { name: name.clone(), algorithm, entries });
            }
        }
        Ok(manifests)
    }

    fn entries(&self, name: &str, text: &str, out: &mut Judgement) -> BTreeMap<String, String> {
        let mut entries: BTreeMap<String, String> = BTreeMap::new();
        for (n, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let Some(line) = text::manifest_line(line, self.version) else {
                out.error(
                    name,
                    format!("第 {} 行不是“哈希 路径”", n + 1),
                    format!("line {} is no digest and path", n + 1),
                );
                continue;
            };
            if line.starred {
                out.warn(name, "由 md5sum 一类工具生成（含 *）", "made with a tool like md5sum, with asterisks");
            }
            let path = match line.path.strip_prefix("./") {
                Some(path) => {
                    out.warn(&line.path, "路径以 ./ 开头", "its path begins with ./");
                    path.to_owned()
                }
                None => line.path,
            };
            match entries.insert(path.clone(), line.digest.clone()) {
                Some(other) if other != line.digest => {
                    out.error(path, "列出两次且哈希不同", "listed twice with different digests");
                }
                Some(_) if self.version >= Version(1, 0) => out.error(path, "列出两次", "listed twice"),
                Some(_) => out.warn(path, "列出两次", "listed twice"),
                None => {}
            }
        }
        entries
    }

    /// Where a listed file is: under its name, or under one that another system would have taken for it.
    fn find(&self, path: &str, out: &mut Judgement) -> Option<&Path> {
        if let Some(found) = self.files.get(path) {
            return Some(found);
        }
        let key = twin_key(path);
        let (name, found) = self.files.iter().find(|(name, _)| twin_key(name) == key)?;
        out.warn(path, format!("实际文件名是 '{name}'"), format!("the file is called '{name}'"));
        Some(found)
    }

    fn compare(&self, path: &str, digest: &str, manifest: &Manifest, out: &mut Judgement) -> io::Result<()> {
        let Some(found) = self.find(path, out) else {
            if is_system_file(path) {
                out.warn(path, "系统文件已不在", "a file manager's own file is gone");
            } else {
                let name = &manifest.name;
                out.error(path, format!("{name} 列出了它，但它不在"), format!("{name} lists it, and it is not there"));
            }
            return Ok(());
        };
        let mut hasher = hasher(&manifest.algorithm).expect("invariant: manifests of unknown algorithms are not read");
        let (mut file, mut chunk) = (File::open(found)?, vec![0; 64 * 1024]);
        loop {
            let read = file.read(&mut chunk)?;
            if read == 0 {
                break;
            }
            hasher.update(&chunk[..read]);
        }
        if hex(&hasher.finalize()) != digest {
            let name = &manifest.name;
            out.error(path, format!("与 {name} 的哈希不符"), format!("not as its digest in {name} says"));
        }
        Ok(())
    }

    /// Every file of the payload is in some manifest; since 1.0, in each.
    fn unlisted(&self, manifests: &[Manifest], out: &mut Judgement) {
        let mut listed: HashMap<String, usize> = HashMap::new();
        for manifest in manifests {
            let keys: BTreeSet<String> = manifest.entries.keys().map(|path| twin_key(path)).collect();
            keys.into_iter().for_each(|key| *listed.entry(key).or_default() += 1);
        }
        let needed = if self.version >= Version(1, 0) { manifests.len() } else { 1 };
        for path in self.files.keys().filter(|path| path.starts_with("data/")) {
            if listed.get(&twin_key(path)).copied().unwrap_or(0) < needed {
                out.error(path, "不在（每个）文件清单中", "it is not in the payload manifests");
            }
        }
    }

    fn fetch(&self, manifests: &[Manifest], out: &mut Judgement) -> io::Result<()> {
        let Some(text) = self.read("fetch.txt", out)? else { return Ok(()) };
        for (n, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let Some(path) = text::fetch_path(line, self.version) else {
                let n = n + 1;
                out.error("fetch.txt", format!("第 {n} 行格式不符"), format!("line {n} is no URL, length and path"));
                continue;
            };
            let path = path.strip_prefix("./").unwrap_or(&path);
            if !in_data(path) {
                out.error(path, "fetch.txt 中的路径不在 data/ 下", "fetch.txt names a path outside of data/");
            } else if !manifests.iter().any(|manifest| manifest.entries.contains_key(path)) {
                out.error(path, "在 fetch.txt 中但不在清单中", "it is in fetch.txt and in no manifest");
            }
        }
        Ok(())
    }

    fn oxum(&self, manifests: &[Manifest], out: &mut Judgement) -> io::Result<()> {
        // Until 0.95 the file had another name.
        let name = if self.version < Version(0, 96) { "package-info.txt" } else { "bag-info.txt" };
        let Some(oxum) = self.read(name, out)?.and_then(|text| text::oxum(&text)) else { return Ok(()) };
        let mut found = (0, 0);
        for path in self.files.iter().filter(|(name, _)| name.starts_with("data/")).map(|(_, path)| path) {
            found = (found.0 + fs::metadata(path)?.len(), found.1 + 1);
        }
        // What a file manager took away was counted, and nobody knows how long it was.
        let listed = manifests.iter().flat_map(|manifest| manifest.entries.keys());
        let gone: BTreeSet<&String> =
            listed.filter(|path| is_system_file(path) && !self.files.contains_key(*path)).collect();
        let bytes_fit = if gone.is_empty() { found.0 == oxum.0 } else { found.0 <= oxum.0 };
        if !bytes_fit || found.1 + gone.len() as u64 != oxum.1 {
            out.error(name, "与 Payload-Oxum 不符", "the payload is not as Payload-Oxum says");
        }
        Ok(())
    }
}

fn hasher(algorithm: &str) -> Option<Box<dyn DynDigest>> {
    Some(match algorithm {
        "md5" => Box::<md5::Md5>::default(),
        "sha1" => Box::<sha1::Sha1>::default(),
        "sha224" => Box::<sha2::Sha224>::default(),
        "sha256" => Box::<sha2::Sha256>::default(),
        "sha384" => Box::<sha2::Sha384>::default(),
        "sha512" => Box::<sha2::Sha512>::default(),
        _ => return None,
    })
}
