//! `huoyan plugin inspect`: what a plugin says of itself, without loading it.

use std::path::Path;

use huoyan_host::PluginFile;

use crate::args::Setup;
use crate::exit::Exit;
use crate::plugins::{Failure, failure, find, load};
use crate::terminal::Terminal;

pub(super) fn inspect(what: &str, setup: &Setup, terminal: &Terminal) -> Result<Exit, Failure> {
    let loaded = load(setup, toml::Table::new())?;
    let plugin = if Path::new(what).is_file() {
        PluginFile::inspect(Path::new(what)).map_err(failure)?.ok_or_else(|| {
            failure((
                format!("{what}：没有导出 huoyan 清单，不是插件"),
                format!("{what}: it exports no huoyan manifest, so it is no plugin"),
            ))
        })?
    } else {
        let found = find(setup, &loaded)?;
        let names: Vec<String> = found.plugins.iter().map(|p| p.manifest.name.clone()).collect();
        found.plugins.into_iter().find(|p| p.manifest.name == what).ok_or_else(|| {
            let names = names.join(", ");
            failure((
                format!("没有名为 '{what}' 的插件或文件；插件有 {names}"),
                format!("there is no plugin and no file '{what}'; the plugins are {names}"),
            ))
        })?
    };
    let mut out = serde_json::Map::new();
    let text = |e: serde_json::Error| failure(e.to_string());
    out.insert("path".into(), plugin.path.to_string_lossy().into_owned().into());
    out.insert("digest".into(), plugin.digest.clone().into());
    out.insert("manifest".into(), serde_json::to_value(&plugin.manifest).map_err(text)?);
    let resources: Vec<_> = plugin
        .resources
        .iter()
        .map(|r| serde_json::json!({"name": r.name, "bytes": r.as_slice().len(), "digest": r.digest}))
        .collect();
    out.insert("resources".into(), resources.into());
    let rules = plugin.rules_of(&plugin.resources).map_err(failure)?;
    out.insert("rules".into(), rules.into_keys().collect::<Vec<_>>().into());
    let mut json = serde_json::to_string_pretty(&out).map_err(text)?;
    json.push('\n');
    terminal.print(&json);
    Ok(Exit::Complete)
}
