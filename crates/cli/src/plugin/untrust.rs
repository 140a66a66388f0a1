//! `huoyan plugin untrust`: takes a plugin out of the lock.

use huoyan_host::Lock;
use huoyan_model::Locale;
use huoyan_pipeline::config::suggest;
use huoyan_report::sanitise;

use crate::args::Setup;
use crate::exit::Exit;
use crate::plugins::{Failure, failure, forget, load, lock_path};
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
        forget(&entry)?;
        Ok(entry)
    })?;
    let (name, version, digest) = (sanitise(&entry.name), sanitise(&entry.version), sanitise(&entry.digest));
    terminal.print(&match terminal.locale(loaded.config.locale) {
        Locale::Zh => format!("不再信任：{name} {version}  {digest}\n"),
        Locale::En => format!("no longer trusted: {name} {version}  {digest}\n"),
    });
    Ok(Exit::Complete)
}
