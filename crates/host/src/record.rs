//! What this user has trusted on this machine, outside of any folder that could have come from somebody else.
//!
//! ```text
//! ~/.local/state/huoyan/trusted/6437b3ac…9d85.child
//! ```
//!
//! A `plugins.lock` travels with the folder it lies in, and so may a library beside it: somebody else's lock that is merely found must
//! not make somebody else's code run. So the word of such a lock holds only for digests that are recorded here, by an empty file each.

use std::fs::File;
use std::path::{Path, PathBuf};

use huoyan_model::{Isolation, Localized};

use crate::image::Facts;
use crate::lock::LockEntry;
use crate::{HostError, place, shell};

/// Digests that this user trusts, with where their code may run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    folder: Option<PathBuf>,
}

impl Record {
    /// The record that is kept in a folder of this user's; without one nothing is recorded.
    pub fn new(folder: Option<PathBuf>) -> Self {
        Self { folder }
    }

    fn file(&self, entry: &LockEntry) -> Option<PathBuf> {
        Some(self.folder.as_ref()?.join(format!("{}.{}", entry.hex(), entry.isolation.as_str())))
    }

    /// Whether this user trusts what the entry says, or more.
    pub fn has(&self, entry: &LockEntry) -> bool {
        self.is_recorded(entry) && self.doubt(entry).is_none()
    }

    /// Whether somebody has recorded it, be it believed or not.
    pub(crate) fn is_recorded(&self, entry: &LockEntry) -> bool {
        self.recorded(entry).is_some()
    }

    /// The file that says so, whoever made it.
    fn recorded(&self, entry: &LockEntry) -> Option<(PathBuf, Facts)> {
        let here = LockEntry { isolation: Isolation::InProcess, ..entry.clone() };
        [entry, &here].into_iter().filter_map(|entry| self.file(entry)).find_map(|file| {
            let metadata = file.symlink_metadata().ok()?;
            metadata.is_file().then(|| (file, Facts::of(&metadata)))
        })
    }

    /// Records an entry in place of what was recorded of its digest.
    ///
    /// # Errors
    /// When there is no place for it, or it cannot be written.
    pub fn add(&self, entry: &LockEntry) -> Result<(), HostError> {
        let (Some(folder), Some(file)) = (&self.folder, self.file(entry)) else {
            return Err(HostError::new(
                Path::new("~"),
                (
                    "没有存放信任记录的位置；请设置 HOME，或用 --lock 指定锁文件",
                    "there is no place to record what you trust; set HOME, or name the lock by --lock",
                ),
            ));
        };
        let write = || {
            self.remove(entry)?;
            let mut builder = std::fs::DirBuilder::new();
            #[cfg(unix)]
            std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
            builder.recursive(true).create(folder)?;
            let mut options = File::options();
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            options.write(true).create(true).truncate(false).open(&file).map(drop)
        };
        let recorded = write().map_err(|e: std::io::Error| {
            let shown = shell::quoted(folder);
            HostError::new(
                &file,
                (
                    format!("无法记录信任：{e}；请检查 {shown}，或用 --lock 指定锁文件"),
                    format!("trust cannot be recorded: {e}; check {shown}, or name the lock by --lock"),
                ),
            )
        });
        recorded?;
        match self.doubt(entry) {
            None => Ok(()),
            Some(why) => {
                // Nothing was trusted.
                let _ = self.remove(entry);
                Err(HostError::new(&file, why))
            }
        }
    }

    /// Why what is recorded of an entry is not believed. Its name is all that a file of the record says: who may rename it, or put another
    /// in its place, may say what this user trusts.
    fn doubt(&self, entry: &LockEntry) -> Option<Localized> {
        let (file, facts) = self.recorded(entry)?;
        place::unsafe_because(&file, facts).map(|Localized { zh, en }| {
            Localized::new(
                format!("本机的信任记录不可信：{zh}；或用 --lock 指定锁文件"),
                format!("the record of what you trust here is not safe: {en}; or name the lock by --lock"),
            )
        })
    }

    /// Forgets a digest.
    ///
    /// # Errors
    /// When its file cannot be removed.
    pub fn remove(&self, entry: &LockEntry) -> std::io::Result<()> {
        for isolation in [Isolation::Child, Isolation::InProcess] {
            let Some(file) = self.file(&LockEntry { isolation, ..entry.clone() }) else { continue };
            match std::fs::remove_file(file) {
                // Where there can be no record, as without a home, there is none.
                Err(e) if !matches!(e.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => {
                    return Err(e);
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Why the word of a lock that was found does not hold for an entry, if so; `command` is the one that trusts it.
    pub(crate) fn refusal(&self, entry: &LockEntry, command: &str) -> Option<Localized> {
        if self.is_recorded(entry) {
            return self.doubt(entry);
        }
        let name = &entry.name;
        Some(Localized::new(
            format!(
                "插件 '{name}' 列在就近找到的 plugins.lock 中，但您未在本机信任过它（{}），不会运行；要采信这份锁文件，请用 --lock 指明，或在 --config 指定的配置中写 [plugins] lock；若信任这个插件，请运行 {command}",
                entry.isolation.as_str()
            ),
            format!(
                "plugin '{name}' is listed in a plugins.lock that was only found here, but you have not trusted it ({}) on this machine, so it does not run; to take that lock's word, name it by --lock or by [plugins] lock in a configuration given by --config; if you trust the plugin, run: {command}",
                entry.isolation.as_str()
            ),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(isolation: Isolation) -> LockEntry {
        LockEntry {
            name: "a".to_owned(),
            version: "0.1.0".to_owned(),
            file: "liba.so".to_owned(),
            digest: LockEntry::digest_of(&"0a".repeat(32)),
            isolation,
            trusted_at: "2026-11-30T10:00:00+08:00".to_owned(),
            by: None,
            note: None,
        }
    }

    #[test]
    fn a_digest_is_recorded_with_where_it_may_run() {
        let dir = tempfile::tempdir().unwrap();
        let record = Record::new(Some(dir.path().join("huoyan/trusted")));
        let [child, here] = [Isolation::Child, Isolation::InProcess].map(entry);
        let other = LockEntry { digest: LockEntry::digest_of(&"0b".repeat(32)), ..here.clone() };
        let known = || [&child, &here, &other].map(|entry| record.has(entry));
        assert_eq!(known(), [false; 3]);
        record.add(&child).unwrap();
        assert_eq!(known(), [true, false, false]);
        record.add(&here).unwrap();
        assert_eq!(known(), [true, true, false]);
        // The later word counts.
        record.add(&child).unwrap();
        assert_eq!(known(), [true, false, false]);
        record.remove(&here).unwrap();
        record.remove(&here).unwrap();
        assert_eq!(known(), [false; 3]);
    }

    #[test]
    fn without_a_folder_nothing_is_recorded_and_that_is_told() {
        let record = Record::default();
        assert!(record.add(&entry(Isolation::Child)).unwrap_err().to_string().contains("--lock"));
        assert!(!record.has(&entry(Isolation::Child)));
        record.remove(&entry(Isolation::Child)).unwrap();
    }

    #[test]
    #[cfg(unix)]
    fn only_a_file_counts() {
        let dir = tempfile::tempdir().unwrap();
        let record = Record::new(Some(dir.path().to_owned()));
        let entry = entry(Isolation::Child);
        std::os::unix::fs::symlink("/etc/passwd", record.file(&entry).unwrap()).unwrap();
        assert!(!record.has(&entry));
    }

    #[test]
    #[cfg(unix)]
    fn what_others_may_rename_says_nothing_and_the_chmod_is_named() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("trusted");
        let record = Record::new(Some(folder.clone()));
        let entry = entry(Isolation::Child);
        assert!(record.refusal(&entry, "COMMAND").unwrap().en.contains("run: COMMAND"));
        record.add(&entry).unwrap();
        assert!(record.has(&entry) && record.refusal(&entry, "").is_none());
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o777)).unwrap();
        assert!(!record.has(&entry));
        let why = record.refusal(&entry, "COMMAND").unwrap();
        assert!(why.en.contains("chmod go-w") && why.zh.contains("chmod go-w"), "{why:?}");
    }
}
