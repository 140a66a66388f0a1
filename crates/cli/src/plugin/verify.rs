//! `huoyan plugin verify`: whether what was trusted is still what is there.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use huoyan_host::{LockEntry, PluginFile, Search};
use huoyan_model::{Locale, Localized};
use huoyan_report::sanitise;

use crate::args::Setup;
use crate::exit::Exit;
use crate::plugins::{Failure, failure, load, lock_path, search};
use crate::terminal::Terminal;

pub(super) fn verify(files: &[PathBuf], json: bool, setup: &Setup, terminal: &Terminal) -> Result<Exit, Failure> {
    let loaded = load(setup, toml::Table::new())?;
    let path = lock_path(setup, &loaded);
    if (setup.lock.is_some() || loaded.config.plugins.lock.is_some()) && !path.exists() {
        let path = path.display();
        return Err(failure((
            format!("{path}：没有这个锁文件；请检查 --lock 或配置中的 [plugins] lock"),
            format!("{path}: there is no such lock; check --lock, or [plugins] lock in the configuration"),
        )));
    }
    let search = search(setup, &loaded)?;
    let mut all: Vec<(PathBuf, Option<&str>)> = files.iter().map(|file| (file.clone(), None)).collect();
    if all.is_empty() {
        let entries = search.lock.entries().iter();
        all = entries.map(|entry| (search.lock_folder.join(&entry.file), Some(entry.name.as_str()))).collect();
    }
    let locale = terminal.locale(loaded.config.locale);
    let (mut out, mut good) = (String::new(), true);
    for (file, listed) in &all {
        let told = check(file, *listed, &search);
        good &= told.is_ok();
        if json {
            let (ok, Localized { zh, en }) = (told.is_ok(), told.unwrap_or_else(|what| what));
            let line = serde_json::json!({"file": file.to_string_lossy(), "ok": ok, "told": {"zh": zh, "en": en}});
            let _ = writeln!(out, "{line}");
            continue;
        }
        let (word, what) = match (told, locale) {
            (Ok(what), Locale::Zh) => ("无误", what),
            (Ok(what), Locale::En) => ("ok", what),
            (Err(what), Locale::Zh) => ("有误", what),
            (Err(what), Locale::En) => ("BAD", what),
        };
        let _ = writeln!(out, "{word}  {}", sanitise(what.get(locale)));
    }
    if all.is_empty() {
        let path = path.display();
        terminal.note(&match locale {
            Locale::Zh => format!("huoyan: {path} 中没有插件"),
            Locale::En => format!("huoyan: there is no plugin in {path}"),
        });
    }
    terminal.print(&out);
    Ok(if good { Exit::Complete } else { Exit::Unverified })
}

/// As a scan would judge it. `listed`: the plugin that the lock has there.
fn check(file: &Path, listed: Option<&str>, search: &Search) -> Result<Localized, Localized> {
    let at = |what: Localized| {
        let file = file.display();
        Localized::new(format!("{file}：{}", what.zh), format!("{file}: {}", what.en))
    };
    // Whether its ABI is served, and whether it is whole, is seen while it is looked into.
    let plugin = PluginFile::inspect(file)?.ok_or_else(|| {
        at(("没有导出 huoyan 清单，不是插件", "it exports no huoyan manifest, so it is no plugin").into())
    })?;
    if let Some(listed) = listed.filter(|listed| *listed != plugin.manifest.name) {
        let other = &plugin.manifest.name;
        return Err(at(Localized::new(
            format!(
                "锁文件说这里是插件 '{listed}'，实际是 '{other}'；请放回原文件，或运行 huoyan plugin untrust {listed}"
            ),
            format!(
                "the lock has plugin '{listed}' here, and it is '{other}'; put the file back, or run: huoyan plugin untrust {listed}"
            ),
        )));
    }
    let (isolation, _) = search.judge(&plugin).map_err(at)?;
    let (name, version, digest) = (&plugin.manifest.name, &plugin.manifest.version, &plugin.digest);
    Ok(at(format!("{name} {version}  {}  {}", isolation.as_str(), LockEntry::digest_of(digest)).into()))
}
