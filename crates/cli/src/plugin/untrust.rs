//! `huoyan plugin untrust`: takes a plugin out of the lock.

use huoyan_host::Lock;
use huoyan_model::Locale;
use huoyan_pipeline::config::suggest;

use crate::args::Setup;
use crate::exit::Exit;
use crate::plugins::{Failure, failure, load, lock_path, record};
use crate::terminal::Terminal;

pub(super) fn untrust(name: &str, setup: &Setup, terminal: &Terminal) -> Result<Exit, Failure> {
    let loaded = load(setup, toml::Table::new())?;
    let path = lock_path(setup, &loaded);
    let entry = Lock::change(&path, |lock| {
        let Some(entry) = lock.remove(name) else {
            let known: Vec<&str> = lock.entries().iter().map(|entry| entry.name.as_str()).collect();
            let hint = suggest(name, &known);
            let path = path.display();
            return Err(failure((
                format!("{path}：没有插件 '{name}'{}", hint.zh),
                format!("{path}: there is no plugin '{name}' in it{}", hint.en),
            )));
        };
        record().remove(&entry).map_err(|e| {
            failure((format!("无法撤销信任记录：{e}"), format!("the record of trust cannot be removed: {e}")))
        })?;
        Ok(entry)
    })?;
    terminal.print(&match terminal.locale(loaded.config.locale) {
        Locale::Zh => format!("不再信任：{} {}  {}\n", entry.name, entry.version, entry.digest),
        Locale::En => format!("no longer trusted: {} {}  {}\n", entry.name, entry.version, entry.digest),
    });
    Ok(Exit::Complete)
}
