//! `huoyan plugin list`: a row for every plugin, those that do not run among them.

use std::fmt::Write as _;

use huoyan_host::{Discovered, Isolation, PluginFile, Refused, Trust};
use huoyan_model::{Locale, Localized};
use huoyan_pipeline::config::Isolate;
use huoyan_report::sanitise;
use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr as _;

use crate::args::Setup;
use crate::exit::Exit;
use crate::plugins::{Failure, find, load};
use crate::terminal::Terminal;

pub(super) fn list(json: bool, setup: &Setup, terminal: &Terminal) -> Result<Exit, Failure> {
    let loaded = load(setup, toml::Table::new())?;
    let locale = terminal.locale(loaded.config.locale);
    let mut found = find(setup, &loaded)?;
    if loaded.config.plugins.isolation == Isolate::Child {
        found.plugins.iter_mut().for_each(|plugin| plugin.isolation = Isolation::Child);
    }
    let disabled = &loaded.config.plugins.disabled;
    terminal.print(&if json { as_lines(&found, disabled) } else { as_table(&found, disabled, locale) });
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

/// For programs: an object for every plugin, and for every file that is none.
fn as_lines(found: &Discovered, disabled: &[String]) -> String {
    let line = |plugin: &PluginFile, runs: bool| {
        let manifest = &plugin.manifest;
        let detectors =
            manifest.detectors.iter().map(|d| json!({"name": d.name, "disabled": disabled.contains(&d.name)}));
        let bundled = plugin.trust == Trust::Bundled;
        json!({
            "plugin": manifest.name,
            "version": manifest.version,
            "from": if bundled { "bundled" } else { "third-party" },
            "state": state(bundled, runs).1,
            "isolation": runs.then(|| plugin.isolation.as_str()),
            "abi": manifest.abi.to_string(),
            "digest": format!("blake3:{}", plugin.digest),
            "detectors": detectors.collect::<Vec<_>>(),
            "file": plugin.path.to_string_lossy(),
        })
    };
    let mut all: Vec<Value> = found.plugins.iter().map(|plugin| line(plugin, true)).collect();
    for Refused { error, plugin } in &found.refused {
        let unusable = || json!({"state": "unusable", "file": error.file().to_string_lossy()});
        let mut line = plugin.as_ref().map_or_else(unusable, |plugin| line(plugin, false));
        let Localized { zh, en } = error.clone().into();
        line["why"] = json!({"zh": zh, "en": en});
        all.push(line);
    }
    all.extend(found.others.iter().map(|other| json!({"state": "no plugin", "file": other.to_string_lossy()})));
    all.iter().map(|line| format!("{line}\n")).collect()
}

/// What is told of one that was looked into.
fn state(bundled: bool, runs: bool) -> (&'static str, &'static str) {
    match (bundled, runs) {
        (true, _) => ("可运行", "runs"),
        (false, true) => ("已信任", "trusted"),
        (false, false) => ("已拒绝", "refused"),
    }
}

/// For people: a row for every plugin.
fn as_table(found: &Discovered, disabled: &[String], locale: Locale) -> String {
    let mut rows = vec![Row { cells: HEAD.map(|head| pick(locale, head).to_owned()), below: None }];
    for plugin in &found.plugins {
        rows.push(Row { cells: cells(plugin, disabled, true, locale), below: None });
    }
    for Refused { error, plugin } in &found.refused {
        let cells = match plugin {
            Some(plugin) => cells(plugin, disabled, false, locale),
            None => std::array::from_fn(|i| {
                if i == 0 { pick(locale, ("（不可用）", "(unusable)")).to_owned() } else { "-".to_owned() }
            }),
        };
        rows.push(Row { cells, below: Some(sanitise(Localized::from(error.clone()).get(locale)).into_owned()) });
    }
    let mut out = table(&rows);
    for other in &found.others {
        let what = pick(locale, ("不是插件", "no plugin"));
        let _ = writeln!(out, "{what}  {}", sanitise(&other.display().to_string()));
    }
    out
}

/// What the columns are.
const HEAD: [(&str, &str); 8] = [
    ("插件", "PLUGIN"),
    ("来源", "FROM"),
    ("运行于", "RUNS"),
    ("状态", "STATE"),
    ("接口", "ABI"),
    ("摘要", "DIGEST"),
    ("检测器", "DETECTORS"),
    ("文件", "FILE"),
];

fn pick<'t>(locale: Locale, (zh, en): (&'t str, &'t str)) -> &'t str {
    if locale == Locale::Zh { zh } else { en }
}

/// A line of the table, and what is said below it.
struct Row {
    cells: [String; HEAD.len()],
    below: Option<String>,
}

fn cells(plugin: &PluginFile, disabled: &[String], runs: bool, locale: Locale) -> [String; HEAD.len()] {
    let manifest = &plugin.manifest;
    let bundled = plugin.trust == Trust::Bundled;
    let from = if bundled { ("自带", "bundled") } else { ("第三方", "third-party") };
    let off = pick(locale, ("（已停用）", " (disabled)"));
    let detectors = manifest.detectors.iter().map(|d| {
        let off = if disabled.contains(&d.name) { off } else { "" };
        format!("{}{off}", d.name)
    });
    [
        format!("{} {}", manifest.name, sanitise(&manifest.version)),
        pick(locale, from).to_owned(),
        if runs { plugin.isolation.as_str() } else { "-" }.to_owned(),
        pick(locale, state(bundled, runs)).to_owned(),
        format!("ABI {}", manifest.abi),
        // As much as tells two files apart; `plugin inspect` has all of it.
        format!("blake3:{}…", &plugin.digest[..12]),
        detectors.collect::<Vec<_>>().join(", "),
        sanitise(&plugin.path.display().to_string()).into_owned(),
    ]
}

/// Aligned by what a terminal shows, where a Chinese character is two columns wide.
fn table(rows: &[Row]) -> String {
    let width = |i: usize| rows.iter().map(|row| row.cells[i].width()).max().unwrap_or_default();
    let widths: [usize; HEAD.len()] = std::array::from_fn(width);
    let mut out = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.cells.iter().zip(widths) {
            let _ = write!(line, "{cell}{:pad$}  ", "", pad = width - cell.width());
        }
        let _ = writeln!(out, "{}", line.trim_end());
        if let Some(below) = &row.below {
            let _ = writeln!(out, "    {below}");
        }
    }
    out
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
