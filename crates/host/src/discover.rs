//! Where plugins are looked for.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::{HostError, PluginFile};

/// Where to look. The bundled plugins are looked for by name beside the command and in `deps/` beside it, where cargo
/// leaves a dependency's library; configured folders are searched for every plugin in them.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// The folder of the running command.
    pub beside: Option<PathBuf>,
    /// Library names of the bundled plugins, such as `prohibited_keyword`.
    pub bundled: Vec<String>,
    /// Folders the user configured.
    pub folders: Vec<PathBuf>,
}

/// What was found.
#[derive(Default)]
pub struct Discovered {
    /// Usable plugins, by name.
    pub plugins: Vec<PluginFile>,
    /// Files that are plugins but cannot be used, and folders that cannot be read.
    pub refused: Vec<HostError>,
    /// Bundled plugins that were not found anywhere.
    pub missing: Vec<String>,
}

/// Looks for plugins. A plugin of a configured folder replaces a bundled one of the same name; two of the same name in
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
                Ok(Some(plugin)) => {
                    plugins.insert(plugin.manifest.name.clone(), plugin);
                }
                Ok(None) => found.refused.push(HostError::new(
                    &path,
                    ("它没有导出 huoyan 清单；请重新构建", "it exports no huoyan manifest; rebuild it"),
                )),
                Err(error) => found.refused.push(error),
            },
        }
    }
    let mut configured: BTreeMap<String, PathBuf> = BTreeMap::new();
    for folder in &search.folders {
        let files = match libraries(folder) {
            Ok(files) => files,
            Err(error) => {
                found.refused.push(error);
                continue;
            }
        };
        for path in files {
            match PluginFile::inspect(&path) {
                Ok(None) => {}
                Ok(Some(plugin)) => {
                    let name = plugin.manifest.name.clone();
                    if let Some(other) = configured.get(&name) {
                        let what = format!("plugin '{name}' is also {}; keep one of them", other.display());
                        found.refused.push(HostError::new(&path, what));
                    } else {
                        configured.insert(name.clone(), path);
                        plugins.insert(name, plugin);
                    }
                }
                Err(error) => found.refused.push(error),
            }
        }
    }
    found.plugins = plugins.into_values().collect();
    found
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
