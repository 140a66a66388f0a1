//! `huoyan plugin verify`: whether what was trusted is still what is there.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use huoyan_host::{Lock, PluginFile, Standing};
use huoyan_model::{Locale, Localized};
use huoyan_report::sanitise;

use crate::args::Setup;
use crate::exit::Exit;
use crate::plugins::{Failure, failure, load, lock_path};
use crate::terminal::Terminal;

pub(super) fn verify(files: &[PathBuf], json: bool, setup: &Setup, terminal: &Terminal) -> Result<Exit, Failure> {
    let loaded = load(setup, toml::Table::new())?;
    let path = lock_path(setup, &loaded);
    let lock = Lock::read(&path).map_err(failure)?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut all: Vec<PathBuf> = files.to_vec();
    if all.is_empty() {
        all = lock.entries().iter().map(|entry| folder.join(&entry.file)).collect();
    }
    let locale = terminal.locale(loaded.config.locale);
    let (mut out, mut good) = (String::new(), true);
    for file in &all {
        let told = check(file, &lock);
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

fn check(file: &Path, lock: &Lock) -> Result<Localized, Localized> {
    let at = |what: Localized| {
        let file = file.display();
        Localized::new(format!("{file}：{}", what.zh), format!("{file}: {}", what.en))
    };
    // Whether its ABI is served, and whether it is whole, is seen while it is looked into.
    let plugin = PluginFile::inspect(file)?.ok_or_else(|| {
        at(("没有导出 huoyan 清单，不是插件", "it exports no huoyan manifest, so it is no plugin").into())
    })?;
    if let Some(why) = plugin.unsafe_because() {
        return Err(at(why));
    }
    let (name, version, digest) = (&plugin.manifest.name, &plugin.manifest.version, &plugin.digest);
    match lock.standing(name, digest) {
        Standing::Listed(entry) => Ok(at(Localized::new(
            format!("{name} {version}  {}  {}", entry.isolation.as_str(), entry.digest),
            format!("{name} {version}  {}  {}", entry.isolation.as_str(), entry.digest),
        ))),
        Standing::Changed(entry) => {
            let (when, old) = (&entry.trusted_at, entry.hex());
            Err(at(Localized::new(
                format!("插件 '{name}' 在 {when} 被信任之后变了（当时 {old}，现在 {digest}）"),
                format!("plugin '{name}' has changed since it was trusted at {when} (then {old}, now {digest})"),
            )))
        }
        Standing::Unlisted => Err(at(Localized::new(
            format!("插件 '{name}' 不在锁文件中"),
            format!("plugin '{name}' is not listed in the lock"),
        ))),
    }
}
