//! `huoyan plugin inspect`: what a plugin says of itself, without loading it.

use std::path::Path;

use huoyan_host::PluginFile;

use crate::args::Setup;
use crate::exit::Exit;
use crate::plugins::{Failure, failure, find, load};
use crate::terminal::Terminal;

use super::describe::Lines;

pub(super) fn inspect(what: &str, json: bool, setup: &Setup, terminal: &Terminal) -> Result<Exit, Failure> {
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
        // Those that do not run are the ones to be looked at.
        let refused = found.refused.into_iter().filter_map(|refused| refused.plugin.map(|plugin| *plugin));
        let all: Vec<PluginFile> = found.plugins.into_iter().chain(refused).collect();
        let names: Vec<String> = all.iter().map(|p| p.manifest.name.clone()).collect();
        all.into_iter().find(|p| p.manifest.name == what).ok_or_else(|| {
            let names = names.join(", ");
            failure((
                format!("没有名为 '{what}' 的插件或文件；插件有 {names}"),
                format!("there is no plugin and no file '{what}'; the plugins are {names}"),
            ))
        })?
    };
    let rules = plugin.rules_of(&plugin.resources).map_err(failure)?.into_keys();
    let rules: Vec<String> = plugin.manifest.detectors.iter().flat_map(|d| d.rules.clone()).chain(rules).collect();
    if json {
        terminal.print(&as_json(&plugin, &rules).map_err(|e| failure(e.to_string()))?);
        return Ok(Exit::Complete);
    }
    let manifest = &plugin.manifest;
    let mut lines = Lines::new(terminal.locale(loaded.config.locale));
    lines.line("插件", "plugin", &format!("{} {}  ABI {}", manifest.name, manifest.version, manifest.abi));
    lines.plugin(&plugin);
    lines.line("规则", "rules", &rules.join(" "));
    for detector in manifest.detectors.iter().filter(|detector| detector.config.is_some()) {
        let properties = detector.config.as_ref().and_then(|config| config["properties"].as_object());
        let names: Vec<&str> = properties.into_iter().flatten().map(|(name, _)| name.as_str()).collect();
        lines.line("设置", "settings", &format!("[detectors.{}]  {}", detector.name, names.join(", ")));
    }
    terminal.print(&lines.text());
    Ok(Exit::Complete)
}

fn as_json(plugin: &PluginFile, rules: &[String]) -> serde_json::Result<String> {
    let resources: Vec<_> = plugin
        .resources
        .iter()
        .map(|r| serde_json::json!({"name": r.name, "bytes": r.as_slice().len(), "digest": r.digest}))
        .collect();
    let all = serde_json::json!({
        "path": plugin.path.to_string_lossy(),
        "digest": plugin.digest,
        "manifest": plugin.manifest,
        "resources": resources,
        "rules": rules,
    });
    Ok(serde_json::to_string_pretty(&all)? + "\n")
}
