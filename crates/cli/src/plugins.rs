//! Finding the configuration and the plugins: the same for every command.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use huoyan_host::{Discovered, LOCK_FILE, Lock, LockEntry, PluginFile, Record, Search, discover};
use huoyan_model::Localized;
use huoyan_pipeline::config::{self, Loaded, Request};

use crate::args::Setup;

/// Library names of the plugins that come with the command.
const BUNDLED: [&str; 4] = ["image_counterfeit", "platform_mention", "prohibited_keyword", "review_malice"];

/// What a command fails with: one sentence for a person.
pub(crate) type Failure = Localized;

pub(crate) fn failure(what: impl Into<Localized>) -> Failure {
    what.into()
}

/// Loads the configuration. `command_line` has the keys of huoyan.toml.
pub(crate) fn load(setup: &Setup, command_line: toml::Table) -> Result<Loaded, Failure> {
    let found = match &setup.config {
        Some(file) => Some(file.clone()),
        None => std::env::current_dir().ok().and_then(|here| config::find(&here)),
    };
    let request = Request { file: found.as_deref(), profile: setup.profile.as_deref(), command_line };
    config::load(&request).map_err(failure)
}

/// The lock that says which plugins of others are trusted.
pub(crate) fn lock_path(setup: &Setup, loaded: &Loaded) -> PathBuf {
    setup
        .lock
        .clone()
        .or_else(|| loaded.config.plugins.lock.clone())
        .unwrap_or_else(|| loaded.folder.clone().unwrap_or_default().join(LOCK_FILE))
}

/// Whether the user said which lock it is: what lies in the working folder or above may have come with somebody else's data.
pub(crate) fn names_lock(setup: &Setup) -> bool {
    setup.lock.is_some() || setup.config.is_some()
}

/// What this user has trusted on this machine.
pub(crate) fn record() -> Record {
    Record::new(state_folder(&|name| std::env::var_os(name)).map(|folder| folder.join("huoyan").join("trusted")))
}

/// Takes out of the record what a lock lists no more.
pub(crate) fn forget(entry: &LockEntry) -> Result<(), Failure> {
    record()
        .remove(entry)
        .map_err(|e| failure((format!("无法撤销信任记录：{e}"), format!("the record of trust cannot be removed: {e}"))))
}

/// Where the system has programs keep what is this user's and this machine's.
fn state_folder(variable: &dyn Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let folder = |name: &str| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    folder("XDG_STATE_HOME").or_else(|| {
        if cfg!(windows) { folder("LOCALAPPDATA") } else { folder("HOME").map(|home| home.join(".local/state")) }
    })
}

/// Looks for plugins beside the command and in the configured folders.
///
/// # Errors
/// When the lock cannot be read.
pub(crate) fn find(setup: &Setup, loaded: &Loaded) -> Result<Discovered, Failure> {
    search(setup, loaded).map(|search| discover(&search))
}

/// Where [`find`] looks, and whom it trusts.
///
/// # Errors
/// When the lock cannot be read.
pub(crate) fn search(setup: &Setup, loaded: &Loaded) -> Result<Search, Failure> {
    let mut folders: Vec<PathBuf> = loaded.config.plugins.folders.clone();
    folders.extend(setup.plugin_folders.iter().cloned());
    let beside = std::env::current_exe().ok().and_then(|exe| exe.parent().map(Path::to_owned));
    let path = lock_path(setup, loaded);
    let lock = Lock::read(&path).map_err(failure)?;
    // Without these the command that trusts a plugin finds the same lock by itself.
    let lock_option = names_lock(setup).then(|| path.clone());
    let record = (!names_lock(setup)).then(record);
    let lock_folder = path.parent().map(Path::to_owned).unwrap_or_default();
    let bundled = BUNDLED.map(str::to_owned).to_vec();
    Ok(Search { beside, bundled, folders, lock, lock_folder, record, lock_option })
}

/// As [`find`], where a plugin that cannot be used ends the command.
pub(crate) fn find_all(setup: &Setup, loaded: &Loaded) -> Result<Vec<PluginFile>, Failure> {
    let found = find(setup, loaded)?;
    if let Some(refused) = found.refused.into_iter().next() {
        return Err(failure(refused));
    }
    if let Some(missing) = found.missing.first() {
        return Err(failure((
            format!("找不到自带插件 {missing}；请重新构建（cargo build --release）或重新安装"),
            format!("the bundled plugin {missing} is missing; rebuild (cargo build --release) or reinstall"),
        )));
    }
    Ok(found.plugins)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn the_state_folder_is_the_user_s_own() {
        let of = |set: &'static [(&str, &str)]| {
            state_folder(&|name| set.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into()))
        };
        assert_eq!(of(&[("XDG_STATE_HOME", "/s"), ("HOME", "/h")]), Some("/s".into()));
        assert_eq!(of(&[("HOME", "/h")]), Some("/h/.local/state".into()));
        // One of the working folder would be what came with the data.
        assert_eq!(of(&[("XDG_STATE_HOME", "state"), ("HOME", "")]), None);
    }
}
