//! `huoyan plugin list`: a row for every plugin, those that do not run among them.

use std::fmt::Write as _;

use huoyan_host::{Isolation, PluginFile, Refused, Trust};
use huoyan_model::{Locale, Localized};
use huoyan_pipeline::config::Isolate;
use huoyan_report::sanitise;

use crate::args::Setup;
use crate::exit::Exit;
use crate::plugins::{Failure, find, load};
use crate::terminal::Terminal;

pub(super) fn list(setup: &Setup, terminal: &Terminal) -> Result<Exit, Failure> {
    let loaded = load(setup, toml::Table::new())?;
    let locale = terminal.locale(loaded.config.locale);
    let mut found = find(setup, &loaded)?;
    if loaded.config.plugins.isolation == Isolate::Child {
        found.plugins.iter_mut().for_each(|plugin| plugin.isolation = Isolation::Child);
    }
    let disabled = &loaded.config.plugins.disabled;
    let mut out = String::new();
    for plugin in &found.plugins {
        let _ = writeln!(out, "{}", row(plugin, disabled, true, locale));
    }
    for Refused { error, plugin } in &found.refused {
        let why = Localized::from(error.clone());
        let row = match plugin {
            Some(plugin) => row(plugin, disabled, false, locale),
            None => match locale {
                Locale::Zh => "（不可用）".to_owned(),
                Locale::En => "(unusable)".to_owned(),
            },
        };
        let _ = writeln!(out, "{row}\n    {}", sanitise(why.get(locale)));
    }
    terminal.print(&out);
    #[cfg(unix)]
    if found.plugins.iter().any(|plugin| plugin.isolation == Isolation::Child) {
        tell_gaps(&loaded, terminal);
    }
    for name in &found.missing {
        terminal.note(&match locale {
            Locale::Zh => format!("huoyan: 找不到自带插件 {name}"),
            Locale::En => format!("huoyan: the bundled plugin {name} is missing"),
        });
    }
    Ok(if found.refused.is_empty() && found.missing.is_empty() { Exit::Complete } else { Exit::Usage })
}

/// Name and version, whose it is, where it runs, whether it may, ABI, short digest, detectors, file.
fn row(plugin: &PluginFile, disabled: &[String], runs: bool, locale: Locale) -> String {
    let manifest = &plugin.manifest;
    let bundled = plugin.trust == Trust::Bundled;
    let (whose, standing) = match (locale, bundled, runs) {
        (Locale::Zh, true, _) => ("自带", "可运行"),
        (Locale::Zh, false, true) => ("第三方", "已信任"),
        (Locale::Zh, false, false) => ("第三方", "已拒绝"),
        (Locale::En, true, _) => ("bundled", "runs"),
        (Locale::En, false, true) => ("third-party", "trusted"),
        (Locale::En, false, false) => ("third-party", "refused"),
    };
    let isolation = if runs { plugin.isolation.as_str() } else { "-" };
    let detectors: Vec<String> = manifest
        .detectors
        .iter()
        .map(|d| match (disabled.contains(&d.name), locale) {
            (false, _) => d.name.clone(),
            (true, Locale::Zh) => format!("{}（已停用）", d.name),
            (true, Locale::En) => format!("{} (disabled)", d.name),
        })
        .collect();
    let name = format!("{} {}", manifest.name, sanitise(&manifest.version));
    let (digest, path) = (&plugin.digest[..16], plugin.path.display().to_string());
    format!(
        "{name:<28}  {whose:<11}  {isolation:<10}  {standing:<7}  ABI {}  {digest}  {}  {}",
        manifest.abi,
        detectors.join(", "),
        sanitise(&path),
    )
}

/// Says what child processes are not kept from on this platform, when a plugin runs in them.
#[cfg(unix)]
fn tell_gaps(loaded: &huoyan_pipeline::config::Loaded, terminal: &Terminal) {
    let locale = terminal.locale(loaded.config.locale);
    let gaps = huoyan_pipeline::children(&loaded.config.plugins)
        .map_err(|e| {
            Localized::new(format!("无法得知正在运行的程序：{e}"), format!("cannot be told which program runs: {e}"))
        })
        .and_then(|settings| huoyan_host::child::gaps(&settings).map_err(Localized::from));
    match gaps {
        Ok(gaps) => {
            for gap in gaps {
                let Localized { zh, en } = gap.text();
                terminal.note(&match locale {
                    Locale::Zh => format!("huoyan: 子进程中的插件未被完全隔离：{zh}"),
                    Locale::En => format!("huoyan: plugins in child processes are not isolated in full: {en}"),
                });
            }
        }
        Err(Localized { zh, en }) => terminal.note(&match locale {
            Locale::Zh => format!("huoyan: 无法启动插件子进程：{zh}"),
            Locale::En => format!("huoyan: child processes for plugins cannot be started: a plugin {en}"),
        }),
    }
}
