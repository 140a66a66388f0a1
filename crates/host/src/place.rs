//! Whether somebody else may change a file: the files that decide what code runs must be this user's, or root's.
//!
//! The digest in `plugins.lock` already decides what is loaded. This is the second fence: a file that others may change has no business being trusted, and
//! whoever changes the lock itself decides what is trusted. Who may change a folder on the way to a file may put another in its place, so every
//! folder and every link of the way is judged; what cannot be looked at is not safe.

use std::path::Path;

use huoyan_model::Localized;

use crate::image::Facts;

#[cfg(unix)]
pub(crate) use self::unix::{open_to_all, unsafe_because};

/// Why a file or the way to it is not safe from others; none where the system has no owners and modes.
#[cfg(not(unix))]
pub(crate) fn unsafe_because(_file: &Path, _facts: Facts) -> Option<Localized> {
    None
}

/// Why everybody may change a file that came with the command; none where the system has no owners and modes.
#[cfg(not(unix))]
pub(crate) fn open_to_all(_file: &Path, _facts: Facts) -> Option<Localized> {
    None
}

#[cfg(unix)]
mod unix {
    use std::ffi::OsString;
    use std::io;
    use std::path::PathBuf;

    use super::{Facts, Localized, Path};
    use crate::shell;

    const OTHERS_WRITE: u32 = 0o022;
    const ALL_WRITE: u32 = 0o002;
    const STICKY: u32 = 0o1000;

    #[derive(Clone, Copy, PartialEq, Eq)]
    pub(super) enum Kind {
        File,
        Folder,
        Link,
    }

    impl Kind {
        fn named(self) -> (&'static str, &'static str) {
            match self {
                Self::File => ("文件", "file"),
                Self::Folder => ("文件夹", "folder"),
                Self::Link => ("链接", "link"),
            }
        }
    }

    /// A folder in which a name is looked up, a link that is followed, or the file itself.
    pub(super) type Step = (PathBuf, Kind, Facts);

    /// What is wrong with one step of the way.
    #[derive(Debug, PartialEq, Eq)]
    pub(super) enum Wrong {
        Owner(u32),
        Mode,
    }

    /// Why a file or the way to it is not safe from others; none when it is.
    pub(crate) fn unsafe_because(file: &Path, facts: Facts) -> Option<Localized> {
        let mut steps = match way(file) {
            Ok(steps) => steps,
            Err((at, e)) => return Some(unseen(&at, &e)),
        };
        steps.push((file.to_owned(), Kind::File, facts));
        let mut open = Vec::new();
        // The nearest first.
        for (path, kind, facts) in steps.into_iter().rev() {
            match judge(facts, kind) {
                Some(Wrong::Owner(owner)) => return Some(anothers(&path, kind, owner)),
                Some(Wrong::Mode) if !open.iter().any(|(other, _)| *other == path) => open.push((path, kind)),
                _ => {}
            }
        }
        let (first, kind) = open.first()?;
        let (shown, (zh, en)) = (shell::quoted(first), kind.named());
        let all: Vec<String> = open.iter().map(|(path, _)| shell::quoted(path)).collect();
        let all = all.join(" ");
        Some(Localized::new(
            format!("{zh} {shown} 可被其他用户写入；请运行 chmod go-w {all}"),
            format!("the {en} {shown} can be written by other users; run: chmod go-w {all}"),
        ))
    }

    /// Why everybody may change a file that came with the command, or the folder that it lies in; none when they may not. Who owns these, and whose
    /// group may write, is the business of whoever installed or built the command, which lies beside them.
    pub(crate) fn open_to_all(file: &Path, facts: Facts) -> Option<Localized> {
        let real = match std::fs::canonicalize(file) {
            Ok(real) => real,
            Err(e) => return Some(unseen(file, &e)),
        };
        let mut steps = vec![(file.to_owned(), Kind::File, facts)];
        for path in [file, real.as_path()] {
            let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
            match folder.metadata() {
                Ok(metadata) => steps.push((folder.to_owned(), Kind::Folder, Facts::of(&metadata))),
                Err(e) => return Some(unseen(folder, &e)),
            }
        }
        let (path, kind, _) = steps.into_iter().find(|(_, kind, facts)| {
            facts.owner_and_mode.is_some_and(|(_, mode)| mode & ALL_WRITE != 0 && !is_sticky(*kind, mode))
        })?;
        let (shown, (zh, en)) = (shell::quoted(&path), kind.named());
        Some(Localized::new(
            format!(
                "{zh} {shown} 可被所有用户写入；请把 huoyan 连同自带插件复制到自己的文件夹，或运行 chmod o-w {shown}"
            ),
            format!(
                "the {en} {shown} can be written by all users; copy huoyan and its plugins to a folder of your own, or run: chmod o-w {shown}"
            ),
        ))
    }

    /// Where a sticky folder is open to all, nobody can replace another's file.
    fn is_sticky(kind: Kind, mode: u32) -> bool {
        kind == Kind::Folder && mode & STICKY != 0
    }

    pub(super) fn judge(facts: Facts, kind: Kind) -> Option<Wrong> {
        let (owner, mode) = facts.owner_and_mode?;
        let me = rustix::process::geteuid().as_raw();
        // In a user namespace root may go by another number; whoever owns the first folder may change all others.
        let is_root = |owner: u32| owner == 0 || (kind != Kind::File && Some(owner) == owner_of_all());
        if owner != me && !is_root(owner) {
            return Some(Wrong::Owner(owner));
        }
        // A link has no mode of its own.
        (kind != Kind::Link && mode & OTHERS_WRITE != 0 && !is_sticky(kind, mode)).then_some(Wrong::Mode)
    }

    fn owner_of_all() -> Option<u32> {
        use std::os::unix::fs::MetadataExt as _;
        Path::new("/").metadata().ok().map(|metadata| metadata.uid())
    }

    fn anothers(path: &Path, kind: Kind, owner: u32) -> Localized {
        let (shown, (zh, en)) = (shell::quoted(path), kind.named());
        Localized::new(
            format!("{zh} {shown} 属于另一用户（uid {owner}），他可以随时改动；请把文件复制到自己的文件夹里"),
            format!(
                "the {en} {shown} belongs to another user (uid {owner}), who may change it; copy the file to a folder of your own"
            ),
        )
    }

    fn unseen(path: &Path, e: &io::Error) -> Localized {
        let shown = shell::quoted(path);
        Localized::new(
            format!("无法查看谁可以改动 {shown}：{e}；请把文件复制到自己的文件夹里"),
            format!("who may change {shown} cannot be seen: {e}; copy the file to a folder of your own"),
        )
    }

    /// What decides where a path leads: every folder in which one of its names is looked up, and every link that is followed.
    pub(super) fn way(path: &Path) -> Result<Vec<Step>, (PathBuf, io::Error)> {
        // As many links as Linux follows.
        let mut links = 40;
        let names = |path: &Path| -> Vec<OsString> {
            path.components().rev().map(|component| component.as_os_str().to_owned()).collect()
        };
        let absolute = std::path::absolute(path).map_err(|e| (path.to_owned(), e))?;
        let (mut at, mut ahead) = (PathBuf::from("/"), names(&absolute));
        let mut steps: Vec<Step> = Vec::new();
        while let Some(name) = ahead.pop() {
            match name.to_str() {
                Some("/") => {
                    at = PathBuf::from("/");
                    continue;
                }
                Some("..") => {
                    at.pop();
                    continue;
                }
                Some(".") => continue,
                _ => {}
            }
            let failed = |e: io::Error| (at.join(&name), e);
            let folder = at.symlink_metadata().map_err(failed)?;
            let next = at.join(&name);
            let metadata = next.symlink_metadata().map_err(failed)?;
            steps.push((at.clone(), Kind::Folder, Facts::of(&folder)));
            if metadata.is_symlink() {
                links -= 1;
                let target = std::fs::read_link(&next).map_err(failed)?;
                if links == 0 {
                    return Err(failed(io::Error::other("too many links")));
                }
                steps.push((next, Kind::Link, Facts::of(&metadata)));
                ahead.extend(names(&target));
            } else {
                at = next;
            }
        }
        Ok(steps)
    }
}

#[cfg(all(test, unix))]
#[expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::PathBuf;

    use super::unix::{Kind, Wrong, judge, way};
    use super::*;

    fn said(owner: u32, mode: u32, kind: Kind) -> Option<Wrong> {
        judge(Facts { owner_and_mode: Some((owner, mode)) }, kind)
    }

    fn set(path: &Path, mode: u32) {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    /// A file in three folders that nobody else may write, whatever the umask.
    fn nested() -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let mut folder = dir.path().to_owned();
        for name in ["a", "b c", "d"] {
            folder.push(name);
            std::fs::create_dir(&folder).unwrap();
            set(&folder, 0o755);
        }
        let file = folder.join("file");
        std::fs::write(&file, "x").unwrap();
        set(&file, 0o644);
        (dir, file)
    }

    fn told(file: &Path) -> Option<String> {
        unsafe_because(file, Facts::of(&file.metadata().unwrap())).map(|told| told.en)
    }

    #[test]
    fn what_others_may_write_or_own_is_not_safe() {
        let me = rustix::process::geteuid().as_raw();
        for owner in [me, 0] {
            for (mode, kind) in [
                (0o100644, Kind::File),
                (0o100755, Kind::File),
                (0o40755, Kind::Folder),
                (0o41777, Kind::Folder),
                (0o120777, Kind::Link),
            ] {
                assert_eq!(said(owner, mode, kind), None, "{mode:o}");
            }
        }
        for (mode, kind) in [
            (0o100664, Kind::File),
            (0o100646, Kind::File),
            (0o40775, Kind::Folder),
            (0o40757, Kind::Folder),
            (0o101777, Kind::File),
        ] {
            assert_eq!(said(me, mode, kind), Some(Wrong::Mode), "{mode:o}");
        }
        for kind in [Kind::File, Kind::Folder, Kind::Link] {
            assert_eq!(said(me + 1, 0o755, kind), Some(Wrong::Owner(me + 1)));
        }
    }

    #[test]
    fn a_folder_anywhere_above_that_others_may_write_is_named_with_the_command_that_helps() {
        let (dir, file) = nested();
        assert_eq!(told(&file), None);
        let (a, b) = (dir.path().join("a"), dir.path().join("a/b c"));
        set(&a, 0o777);
        set(&b, 0o775);
        let said = told(&file).unwrap();
        assert!(said.starts_with(&format!("the folder '{}' can be written by other users", b.display())), "{said}");
        assert!(said.ends_with(&format!("; run: chmod go-w '{}' {}", b.display(), a.display())), "{said}");
        set(&b, 0o755);
        // As of /tmp: what is somebody's own there nobody else can replace.
        set(&a, 0o1777);
        assert_eq!(told(&file), None);
    }

    #[test]
    fn links_are_judged_where_they_lie_and_where_they_lead() {
        let (dir, file) = nested();
        let (_other, elsewhere) = nested();
        let (open, link) = (dir.path().join("a"), elsewhere.with_file_name("link"));
        std::os::unix::fs::symlink(dir.path().join("a/b c"), &link).unwrap();
        let through = link.join("d/file");
        assert_eq!(told(&through), None);
        set(&open, 0o777);
        assert!(told(&through).unwrap().contains(&format!("go-w {}", open.display())));
        set(&open, 0o755);
        set(elsewhere.parent().unwrap(), 0o777);
        assert!(told(&through).unwrap().contains("can be written by other users"));
        assert_eq!(told(&file), None);
        std::os::unix::fs::symlink("round", dir.path().join("round")).unwrap();
        assert!(way(&dir.path().join("round/x")).is_err());
    }

    #[test]
    fn what_cannot_be_looked_at_is_not_safe() {
        let dir = tempfile::tempdir().unwrap();
        let said = unsafe_because(&dir.path().join("gone/file"), Facts { owner_and_mode: Some((0, 0o644)) }).unwrap();
        assert!(said.en.contains("cannot be seen"), "{said:?}");
        let said = open_to_all(&dir.path().join("gone"), Facts { owner_and_mode: Some((0, 0o644)) }).unwrap();
        assert!(said.en.contains("cannot be seen"), "{said:?}");
    }

    #[test]
    fn what_came_with_the_command_may_be_a_group_s_but_not_everybody_s() {
        let (_dir, file) = nested();
        let folder = file.parent().unwrap();
        let told = || open_to_all(&file, Facts::of(&file.metadata().unwrap())).map(|told| told.en);
        set(folder, 0o775);
        set(&file, 0o775);
        assert_eq!(told(), None);
        set(folder, 0o777);
        assert!(told().unwrap().ends_with(&format!("or run: chmod o-w '{}'", folder.display())), "{:?}", told());
        set(folder, 0o1777);
        assert_eq!(told(), None);
        set(&file, 0o666);
        assert!(told().unwrap().starts_with("the file "), "{:?}", told());
    }
}
