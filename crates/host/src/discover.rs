//! Where plugins are looked for.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use huoyan_model::{Isolation, Localized};

use crate::{HostError, Lock, LockEntry, PluginFile, Record, Standing, Trust, place, shell};

/// Where to look. The bundled plugins are looked for by name beside the command and in `deps/` beside it, where cargo
/// leaves a dependency's library; configured folders are searched for every plugin in them.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// The folder of the running command.
    pub beside: Option<PathBuf>,
    /// Library names of the bundled plugins, such as `prohibited_keyword`.
    pub bundled: Vec<String>,
    /// Folders the user configured. What lies there was written by others, and runs only when the lock lists it.
    pub folders: Vec<PathBuf>,
    /// What the user trusts.
    pub lock: Lock,
    /// The folder of the lock, from which its entries name their files.
    pub lock_folder: PathBuf,
    /// What this user has trusted, where nobody named the lock: a lock that was found has a say only for what is recorded.
    pub record: Option<Record>,
    /// The lock's path, where the command that trusts a plugin would not find it by itself.
    pub lock_option: Option<PathBuf>,
}

/// A plugin that was found and does not run.
#[derive(Clone)]
pub struct Refused {
    /// Why, and what helps.
    pub error: HostError,
    /// What it says of itself, where it is whole.
    pub plugin: Option<Box<PluginFile>>,
}

impl From<HostError> for Refused {
    fn from(error: HostError) -> Self {
        Self { error, plugin: None }
    }
}

impl From<Refused> for Localized {
    fn from(refused: Refused) -> Self {
        refused.error.into()
    }
}

/// What was found.
#[derive(Default)]
pub struct Discovered {
    /// Usable plugins, by name.
    pub plugins: Vec<PluginFile>,
    /// Files that are plugins but cannot be used, and folders that cannot be read.
    pub refused: Vec<Refused>,
    /// Bundled plugins that were not found anywhere.
    pub missing: Vec<String>,
    /// Libraries in configured folders that are no plugins, such as what plugins need.
    pub others: Vec<PathBuf>,
}

/// Looks for plugins. The bundled ones are part of the command and run in its process; of the others, those that the lock lists. A plugin of a configured folder replaces a bundled one of the same name; two of the same name in
/// configured folders are refused, since which one would run would be chance.
pub fn discover(search: &Search) -> Discovered {
    let mut found = Discovered::default();
    let mut plugins: BTreeMap<String, PluginFile> = BTreeMap::new();
    for name in &search.bundled {
        let file = library_name(name);
        // Where cargo built the command, `deps/` has the plugins of that build and the folder itself those of any.
        let places = search.beside.iter().flat_map(|dir| [dir.join("deps").join(&file), dir.join(&file)]);
        match places.into_iter().find(|path| path.is_file()) {
            None => found.missing.push(name.clone()),
            Some(path) => match PluginFile::inspect(&path) {
                Ok(Some(plugin)) => match place::open_to_all(&path, plugin.image.facts()) {
                    Some(why) => found.refused.push(HostError::new(&path, why).into()),
                    None => {
                        let plugin = PluginFile { isolation: Isolation::InProcess, trust: Trust::Bundled, ..plugin };
                        plugins.insert(plugin.manifest.name.clone(), plugin);
                    }
                },
                Ok(None) => {
                    let what = ("它没有导出 huoyan 清单；请重新构建", "it exports no huoyan manifest; rebuild it");
                    found.refused.push(HostError::new(&path, what).into());
                }
                Err(error) => found.refused.push(error.into()),
            },
        }
    }
    let mut configured: BTreeMap<String, PathBuf> = BTreeMap::new();
    for folder in &search.folders {
        let files = match libraries(folder) {
            Ok(files) => files,
            Err(error) => {
                found.refused.push(error.into());
                continue;
            }
        };
        for path in files {
            match PluginFile::inspect(&path) {
                Ok(None) if path == *folder => {
                    let what =
                        ("它没有导出 huoyan 清单，不是插件", "it exports no huoyan manifest, so it is no plugin");
                    found.refused.push(HostError::new(&path, what).into());
                }
                Ok(None) => found.others.push(path),
                Ok(Some(plugin)) => {
                    let name = plugin.manifest.name.clone();
                    if let Some(other) = configured.get(&name) {
                        let other = other.display();
                        let what = (
                            format!("插件 '{name}' 也在 {other}；请只留一个"),
                            format!("plugin '{name}' is also {other}; keep one of them"),
                        );
                        found.refused.push(HostError::new(&path, what).into());
                        continue;
                    }
                    configured.insert(name.clone(), path.clone());
                    match search.trusted(plugin) {
                        Ok(plugin) => {
                            plugins.insert(name, plugin);
                        }
                        Err(refused) => found.refused.push(refused),
                    }
                }
                Err(error) => found.refused.push(error.into()),
            }
        }
    }
    found.refused.extend(search.gone(&configured));
    found.plugins = plugins.into_values().collect();
    found
}

impl Search {
    /// Plugins that are trusted, should lie in a configured folder, and are not found there. A scan without them would say "pass"
    /// of what they are there to find.
    fn gone<'s>(&'s self, configured: &'s BTreeMap<String, PathBuf>) -> impl Iterator<Item = Refused> + 's {
        let real = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let folders: Vec<PathBuf> = self.folders.iter().map(|folder| real(folder)).collect();
        // A lock that was only found has no say here either.
        let has_say = |entry: &LockEntry| self.record.as_ref().is_none_or(|record| record.is_recorded(entry));
        let entries = self.lock.entries().iter();
        let entries = entries.filter(move |entry| !configured.contains_key(&entry.name) && has_say(entry));
        entries.filter_map(move |entry| {
            let file = self.lock_folder.join(&entry.file);
            let (folder, name) = (real(file.parent()?), file.file_name()?);
            if !folders.iter().any(|f| *f == folder || *f == folder.join(name)) {
                return None;
            }
            let (name, lock) = (&entry.name, self.lock_option());
            let what = (
                format!("受信任的插件 '{name}' 不在那里，或已不是插件；请放回原文件，或运行 huoyan plugin untrust {name}{lock}"),
                format!(
                    "the trusted plugin '{name}' is not there or is no plugin any more; put it back, or run: huoyan plugin untrust {name}{lock}"
                ),
            );
            Some(HostError::new(&file, what).into())
        })
    }

    /// The option that names the lock, where it is needed.
    fn lock_option(&self) -> String {
        self.lock_option.as_ref().map(|path| format!(" --lock {}", shell::quoted(path))).unwrap_or_default()
    }

    /// The plugin as the lock trusts it.
    fn trusted(&self, plugin: PluginFile) -> Result<PluginFile, Refused> {
        match self.judge(&plugin) {
            Ok((isolation, lock)) => Ok(PluginFile { isolation, trust: Trust::Listed { lock }, ..plugin }),
            Err(what) => Err(Refused { error: HostError::new(&plugin.path, what), plugin: Some(Box::new(plugin)) }),
        }
    }

    /// Where a plugin runs, and the digest of the lock that says so.
    ///
    /// # Errors
    /// Why it does not run, and what helps.
    pub fn judge(&self, plugin: &PluginFile) -> Result<(Isolation, String), Localized> {
        if let Some(why) = plugin.unsafe_because() {
            return Err(why);
        }
        let (name, digest) = (&plugin.manifest.name, &plugin.digest);
        let command = format!("huoyan plugin trust {}{}", shell::quoted(&plugin.path), self.lock_option());
        match self.lock.standing(name, digest) {
            Standing::Listed(entry) => match self.record.as_ref().and_then(|record| record.refusal(entry, &command)) {
                Some(why) => Err(why),
                None => Ok((entry.isolation, self.lock.digest().unwrap_or_default().to_owned())),
            },
            Standing::Changed(entry) => {
                let (at, old) = (&entry.trusted_at, entry.hex());
                Err(Localized::new(
                    format!(
                        "插件 '{name}' 的文件在 {at} 被信任之后变了（当时 {old}，现在 {digest}）；若改动来自你，请运行 {command}"
                    ),
                    format!(
                        "the file of plugin '{name}' has changed since it was trusted at {at} (then {old}, now {digest}); if the change is yours, run: {command}"
                    ),
                ))
            }
            Standing::Unlisted => Err(Localized::new(
                format!("插件 '{name}' 不在 plugins.lock 中，不会运行；若信任它，请运行 {command}"),
                format!(
                    "plugin '{name}' is not listed in plugins.lock and does not run; if you trust it, run: {command}"
                ),
            )),
        }
    }
}

impl PluginFile {
    /// Why somebody else may change the file that this was read from; none when nobody may, or where the system cannot tell.
    pub fn unsafe_because(&self) -> Option<Localized> {
        place::unsafe_because(&self.path, self.image.facts())
    }
}

fn library_name(name: &str) -> String {
    format!("{}{name}{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX)
}

/// The shared libraries of a folder, in order of name; a file may be named directly.
fn libraries(folder: &Path) -> Result<Vec<PathBuf>, HostError> {
    if folder.is_file() {
        return Ok(vec![folder.to_owned()]);
    }
    let unreadable = |e: std::io::Error| {
        HostError::new(
            folder,
            (
                format!("无法读取插件文件夹：{e}；请检查路径"),
                format!("the plugin folder cannot be read: {e}; check the path"),
            ),
        )
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.is_file() && path.to_string_lossy().ends_with(std::env::consts::DLL_SUFFIX) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
