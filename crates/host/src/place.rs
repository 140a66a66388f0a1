//! Whether somebody else may change a file: the files that decide what code runs must be this user's, or root's.
//!
//! The digest in `plugins.lock` already decides what is loaded. This is the second fence: a file that others may change has no business being trusted, and
//! whoever changes the lock itself decides what is trusted.

use std::path::Path;

use huoyan_model::Localized;

use crate::image::Facts;

/// Why a file, or the folder that it lies in, is not safe from others; none when it is, or where the system has no owners and modes.
pub(crate) fn unsafe_because(file: &Path, facts: Facts) -> Option<Localized> {
    judge(file, facts, false).or_else(|| {
        // Of a link, the folder that it lies in and the one that it leads to.
        let real = std::fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
        [file, real.as_path()].into_iter().find_map(|path| {
            let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
            judge(folder, Facts::of(&folder.metadata().ok()?), true)
        })
    })
}

#[cfg(unix)]
fn judge(path: &Path, facts: Facts, is_folder: bool) -> Option<Localized> {
    const OTHERS_WRITE: u32 = 0o022;
    const STICKY: u32 = 0o1000;
    let (owner, mode) = facts.owner_and_mode?;
    let shown = crate::shell::quoted(path);
    let what = if is_folder { ("文件夹", "folder") } else { ("文件", "file") };
    let me = rustix::process::geteuid().as_raw();
    if owner != me && owner != 0 {
        return Some(Localized::new(
            format!("{} {shown} 属于另一用户（uid {owner}），他可以随时改动；请把插件复制到自己的文件夹里", what.0),
            format!(
                "the {} {shown} belongs to another user (uid {owner}), who may change it; copy the plugin to a folder of your own",
                what.1
            ),
        ));
    }
    // Where a sticky folder is open to all, nobody can replace another's file.
    if mode & OTHERS_WRITE != 0 && !(is_folder && mode & STICKY != 0) {
        return Some(Localized::new(
            format!("{} {shown} 可被其他用户写入；请运行 chmod go-w {shown}", what.0),
            format!("the {} {shown} can be written by other users; run: chmod go-w {shown}", what.1),
        ));
    }
    None
}

#[cfg(not(unix))]
fn judge(_path: &Path, _facts: Facts, _is_folder: bool) -> Option<Localized> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn said(owner: u32, mode: u32, is_folder: bool) -> Option<String> {
        judge(Path::new("/x/y z"), Facts { owner_and_mode: Some((owner, mode)) }, is_folder).map(|told| told.en)
    }

    #[test]
    fn what_others_may_write_is_named_with_the_command_that_helps() {
        let me = rustix::process::geteuid().as_raw();
        for (mode, is_folder) in [(0o100644, false), (0o100755, false), (0o40755, true), (0o41777, true)] {
            assert_eq!(said(me, mode, is_folder), None, "{mode:o}");
            assert_eq!(said(0, mode, is_folder), None, "{mode:o}");
        }
        for (mode, is_folder) in
            [(0o100664, false), (0o100646, false), (0o40775, true), (0o40757, true), (0o101777, false)]
        {
            let told = said(me, mode, is_folder).unwrap_or_else(|| panic!("{mode:o}"));
            assert!(told.ends_with("run: chmod go-w '/x/y z'"), "{told}");
        }
        assert!(said(me + 1, 0o100644, false).unwrap().contains("belongs to another user"));
    }
}
