//! `plugins.lock`: which plugins of others this user has decided to trust, by digest.
//!
//! ```toml
//! version = 1
//!
//! [[plugin]]
//! name = "shouting"
//! version = "0.1.0"
//! file = "plugins/libshouting.so"
//! digest = "blake3:6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85"
//! isolation = "child"
//! trusted_at = "2026-11-30T10:00:00+08:00"
//! ```
//!
//! What must stay true: the digest decides and nothing else does, a key that is not known is refused (a misspelt one must not be a silent
//! one), and the same entries are the same bytes.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use huoyan_model::{Isolation, Localized};
use serde::{Deserialize, Serialize};

use crate::image::{self, Facts};
use crate::{HostError, place};

/// The file's name where none is given.
pub const LOCK_FILE: &str = "plugins.lock";

/// The version of the format.
const VERSION: i64 = 1;

/// What stands before the hexadecimal of a digest.
const DIGEST_PREFIX: &str = "blake3:";

const KEYS: [&str; 2] = ["version", "plugin"];
const ENTRY_KEYS: [&str; 8] = ["name", "version", "file", "digest", "isolation", "trusted_at", "by", "note"];

/// The plugins that are trusted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock {
    entries: Vec<LockEntry>,
    digest: Option<String>,
}

/// One plugin that is trusted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockEntry {
    /// The plugin's name, as its manifest has it.
    pub name: String,
    /// Its version, for people.
    pub version: String,
    /// Where it lay, from the lock's folder; for people and `plugin verify`.
    pub file: String,
    /// `blake3:` and the digest of its file.
    pub digest: String,
    /// Where its code runs.
    pub isolation: Isolation,
    /// When it was trusted.
    pub trusted_at: String,
    /// Who trusted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Why, or what was looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What a lock says of a plugin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing<'l> {
    /// It is trusted.
    Listed(&'l LockEntry),
    /// One of its name is, but its file was another.
    Changed(&'l LockEntry),
    /// It is not.
    Unlisted,
}

/// Why a lock is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockError(Localized);

impl std::fmt::Display for LockError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.en)
    }
}

impl std::error::Error for LockError {}

impl From<LockError> for Localized {
    fn from(error: LockError) -> Self {
        error.0
    }
}

impl LockEntry {
    /// The digest without what stands before it.
    pub fn hex(&self) -> &str {
        self.digest.strip_prefix(DIGEST_PREFIX).unwrap_or(&self.digest)
    }

    /// A digest as an entry has it.
    pub fn digest_of(hex: &str) -> String {
        format!("{DIGEST_PREFIX}{hex}")
    }
}

impl Lock {
    /// Reads a lock; one that is not there trusts nothing.
    ///
    /// # Errors
    /// When it cannot be read, is not valid, or somebody else may change it.
    pub fn read(path: &Path) -> Result<Self, HostError> {
        let fail = |what: Localized| HostError::new(path, what);
        let io = |e: std::io::Error| {
            fail(Localized::new(
                format!("无法读取：{e}；请检查路径"),
                format!("it cannot be read: {e}; check the path"),
            ))
        };
        let file = match image::open(path) {
            Ok(file) => file,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(e) => return Err(io(e)),
        };
        let metadata = file.metadata().map_err(io)?;
        if !metadata.is_file() {
            return Err(fail(("不是普通文件；请检查路径", "it is no regular file; check the path").into()));
        }
        if let Some(why) = place::unsafe_because(path, Facts::of(&metadata)) {
            return Err(fail(why));
        }
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut &file, &mut bytes).map_err(io)?;
        let broken = |LockError(Localized { zh, en })| {
            fail(Localized::new(
                format!("{zh}；请恢复原文件，或删除它后重新信任各插件"),
                format!("{en}; restore it, or delete it and trust the plugins again"),
            ))
        };
        match String::from_utf8(bytes) {
            Ok(text) => Self::parse(&text).map_err(broken),
            Err(_) => Err(broken(LockError(("不是 UTF-8 文本", "it is no UTF-8 text").into()))),
        }
    }

    /// Parses a lock.
    ///
    /// # Errors
    /// Says what is wrong and what is expected there.
    pub fn parse(text: &str) -> Result<Self, LockError> {
        #[derive(Deserialize)]
        struct File {
            #[serde(default)]
            plugin: Vec<LockEntry>,
        }
        let fail = |zh: String, en: String| Err(LockError(Localized::new(zh, en)));
        let table: toml::Table = match text.parse() {
            Ok(table) => table,
            Err(e) => {
                // Its own text draws the line, over several of them.
                let line = e.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
                let what = e.message();
                return fail(
                    format!("第 {line} 行不是有效的 TOML：{what}"),
                    format!("line {line} is not valid TOML: {what}"),
                );
            }
        };
        // The version first: another one need not have today's keys.
        match table.get("version").and_then(toml::Value::as_integer) {
            Some(VERSION) => {}
            Some(other) => {
                return fail(
                    format!("版本是 {other}，本程序只读版本 {VERSION}；请更新 huoyan"),
                    format!("it is of version {other} and this huoyan reads version {VERSION}; update huoyan"),
                );
            }
            None => {
                return fail(
                    format!("没有 version；请在第一行写 version = {VERSION}"),
                    format!("it has no version; make its first line: version = {VERSION}"),
                );
            }
        }
        known("", &table, &KEYS)?;
        for (i, entry) in table.get("plugin").and_then(toml::Value::as_array).into_iter().flatten().enumerate() {
            let at = format!("plugin {}", i + 1);
            entry.as_table().map_or(Ok(()), |entry| known(&at, entry, &ENTRY_KEYS))?;
        }
        let mut entries = match table.try_into::<File>() {
            Ok(file) => file.plugin,
            Err(e) => {
                let what = e.message();
                return fail(format!("内容无效：{what}"), format!("it is not valid: {what}"));
            }
        };
        for entry in &entries {
            let hex = entry.digest.strip_prefix(DIGEST_PREFIX).unwrap_or_default();
            if hex.len() != 64 || !hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
                let (name, digest) = (&entry.name, &entry.digest);
                return fail(
                    format!(
                        "插件 '{name}' 的摘要 '{digest}' 不是 {DIGEST_PREFIX} 加 64 位小写十六进制；请用 huoyan plugin trust 重新写入"
                    ),
                    format!(
                        "the digest '{digest}' of plugin '{name}' is not {DIGEST_PREFIX} and 64 lower-case hexadecimal digits; write it by huoyan plugin trust"
                    ),
                );
            }
        }
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        if let Some(twice) = entries.windows(2).find(|pair| pair[0].name == pair[1].name) {
            let name = &twice[0].name;
            return fail(
                format!("插件 '{name}' 出现两次；请只留一个"),
                format!("plugin '{name}' stands in it twice; keep one"),
            );
        }
        Ok(Self { entries, digest: Some(blake3::hash(text.as_bytes()).to_hex().to_string()) })
    }

    /// The entries, by name.
    pub fn entries(&self) -> &[LockEntry] {
        &self.entries
    }

    /// BLAKE3 of the file that it was read from, in hexadecimal; none when there was none.
    pub fn digest(&self) -> Option<&str> {
        self.digest.as_deref()
    }

    /// What it says of a plugin of that name and digest (in hexadecimal).
    pub fn standing(&self, name: &str, digest: &str) -> Standing<'_> {
        match self.entries.iter().find(|entry| entry.name == name) {
            Some(entry) if entry.hex() == digest => Standing::Listed(entry),
            Some(entry) => Standing::Changed(entry),
            None => Standing::Unlisted,
        }
    }

    /// Trusts a plugin; an entry of its name is replaced and given back.
    pub fn insert(&mut self, entry: LockEntry) -> Option<LockEntry> {
        let old = self.remove(&entry.name);
        let at = self.entries.partition_point(|other| other.name < entry.name);
        self.entries.insert(at, entry);
        old
    }

    /// Trusts a plugin no longer.
    pub fn remove(&mut self, name: &str) -> Option<LockEntry> {
        let at = self.entries.iter().position(|entry| entry.name == name)?;
        Some(self.entries.remove(at))
    }

    /// The file's text: the same for the same entries.
    pub fn to_text(&self) -> String {
        #[derive(Serialize)]
        struct File<'l> {
            version: i64,
            plugin: &'l [LockEntry],
        }
        let file = File { version: VERSION, plugin: &self.entries };
        let mut text = String::from(
            "# Plugins that may run here, written by `huoyan plugin trust`. The digest decides: a file that changes is no longer trusted.\n",
        );
        text.push_str(&toml::to_string(&file).expect("invariant: an entry is strings"));
        text
    }

    /// Reads a lock, changes it and writes it. Whoever else changes it this way waits, so that no change is lost.
    ///
    /// # Errors
    /// As for reading and writing; what `change` says, and then nothing is written.
    pub fn change<T, E: From<HostError>>(path: &Path, change: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<T, E> {
        let _alone = Alone::with(path).map_err(|e| unwritable(path, &e))?;
        let mut lock = Self::read(path)?;
        let changed = change(&mut lock)?;
        lock.write(path)?;
        Ok(changed)
    }

    /// Writes it beside its place and renames it, so that a reader finds the old or the new one. Of a link, where it leads stays its place.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), HostError> {
        let write = || -> io::Result<()> {
            let path = resolved(path)?;
            let folder = folder_of(&path);
            let mut builder = tempfile::Builder::new();
            builder.prefix(".plugins-").suffix(".part");
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt as _;
                // Readable by all, written by this user alone, whatever the umask.
                builder.permissions(std::fs::Permissions::from_mode(0o644));
            }
            let mut file = builder.tempfile_in(folder)?;
            file.write_all(self.to_text().as_bytes())?;
            file.as_file().sync_all()?;
            file.persist(path).map(drop).map_err(|e| e.error)
        };
        write().map_err(|e| unwritable(path, &e))
    }
}

fn unwritable(path: &Path, e: &io::Error) -> HostError {
    HostError::new(
        path,
        (
            format!("无法写入：{e}；请用 --lock 指定别的文件"),
            format!("it cannot be written: {e}; name another file by --lock"),
        ),
    )
}

fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Where the file lies that a path leads to, whether it is there already or not.
fn resolved(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    // As many links as Linux follows.
    for _ in 0..40 {
        match std::fs::read_link(&path) {
            Ok(target) => path = folder_of(&path).join(target),
            // No link, or nothing there yet.
            Err(_) => return Ok(path),
        }
    }
    Err(io::Error::other("too many links lead to it"))
}

/// The right to change a lock, kept in a file beside it: the lock itself is replaced by each change.
struct Alone {
    path: PathBuf,
    // Held as long as it is open.
    _file: File,
}

impl Alone {
    fn with(lock: &Path) -> io::Result<Self> {
        let mut path = resolved(lock)?.into_os_string();
        path.push(".changing");
        let path = PathBuf::from(path);
        loop {
            let file = Self::open(&path)?;
            file.lock()?;
            // Whoever held it before has removed it, and others may wait for a new one.
            if is_still(&file, &path)? {
                return Ok(Self { path, _file: file });
            }
        }
    }
}

impl Alone {
    /// Opens it without waiting for a reader, should it be a pipe, and not where a link leads: the folder may have come from somebody else.
    fn open(path: &Path) -> io::Result<File> {
        let mut options = File::options();
        options.write(true).create(true).truncate(false);
        #[cfg(unix)]
        {
            use rustix::fs::OFlags;
            use std::os::unix::fs::OpenOptionsExt as _;
            options.custom_flags((OFlags::NONBLOCK | OFlags::NOFOLLOW).bits().cast_signed());
        }
        let file = options.open(path)?;
        if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::other("it is no regular file")) }
    }
}

impl Drop for Alone {
    fn drop(&mut self) {
        // Elsewhere two files cannot be told apart, so there it stays.
        if cfg!(unix) {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

#[cfg(unix)]
fn is_still(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;
    let id = |metadata: std::fs::Metadata| (metadata.dev(), metadata.ino());
    match std::fs::metadata(path) {
        Ok(there) => Ok(id(there) == id(file.metadata()?)),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(e) => Err(e),
    }
}

#[cfg(not(unix))]
fn is_still(_file: &File, _path: &Path) -> io::Result<bool> {
    Ok(true)
}

/// Refuses a key that the format does not have, naming the one that was likely meant.
fn known(at: &str, table: &toml::Table, keys: &[&str]) -> Result<(), LockError> {
    let Some(key) = table.keys().find(|key| !keys.contains(&key.as_str())) else { return Ok(()) };
    let at = if at.is_empty() { String::new() } else { format!("{at}: ") };
    let meant = keys.iter().map(|known| (strsim::damerau_levenshtein(key, known), known)).min();
    let (zh, en) = match meant {
        Some((slips, known)) if slips <= 2 => (format!("是否想写 '{known}'？"), format!("did you mean '{known}'?")),
        _ => (format!("可用：{}", keys.join("、")), format!("known are {}", keys.join(", "))),
    };
    Err(LockError(Localized::new(format!("{at}未知的键 '{key}'；{zh}"), format!("{at}unknown key '{key}'; {en}"))))
}

#[cfg(test)]
mod tests;
