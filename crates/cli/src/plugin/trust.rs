//! `huoyan plugin trust`: lets a plugin of others run, as it is now.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use huoyan_dossier::deadline::Instant;
use huoyan_host::{Isolation, Lock, LockEntry, PluginFile, Trust};
use huoyan_model::{Locale, Localized};
use huoyan_pipeline::config::Loaded;

use crate::args::Setup;
use crate::args::plugin::TrustArgs;
use crate::exit::Exit;
use crate::plugins::{Failure, failure, find, forget, load, lock_path, names_lock, record};
use crate::terminal::Terminal;

use super::describe::Lines;

pub(super) fn trust(args: &TrustArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let loaded = load(&args.setup, toml::Table::new())?;
    let plugin = named(&args.what, &args.setup, &loaded)?;
    let fault = |what: Localized| {
        let path = plugin.path.display();
        failure((format!("{path}：{}", what.zh), format!("{path}: {}", what.en)))
    };
    let digest = LockEntry::digest_of(&plugin.digest);
    if let Some(wanted) = args.digest.as_deref().map(hexadecimal).transpose()?
        && wanted != plugin.digest
    {
        return Err(fault(Localized::new(
            format!("它的摘要是 {digest}，与 --digest 不同：不是作者发布的那个文件"),
            format!("its digest is {digest} and not that of --digest: it is not the file that was published"),
        )));
    }
    if let Some(why) = plugin.unsafe_because() {
        return Err(fault(why));
    }
    // A pack that cannot be read would end every scan.
    plugin.rules_of(&plugin.resources).map_err(failure)?;
    let path = lock_path(&args.setup, &loaded);
    let isolation = if args.in_process { Isolation::InProcess } else { Isolation::Child };
    let entry = LockEntry {
        name: plugin.manifest.name.clone(),
        version: plugin.manifest.version.clone(),
        file: shown(&plugin.path, &path),
        digest,
        isolation,
        trusted_at: now()?.to_string(),
        by: args.by.clone(),
        note: args.note.clone(),
    };
    let old = Lock::change(&path, |lock| -> Result<_, Failure> {
        match record().add(&entry) {
            // A lock that is named each time has its say without.
            Err(_) if names_lock(&args.setup) => {}
            recorded => recorded?,
        }
        let old = lock.insert(entry);
        // Its place is taken: an older file, with whatever was wrong in it, is trusted no more.
        if let Some(old) = old.as_ref().filter(|old| old.hex() != plugin.digest) {
            forget(old)?;
        }
        Ok(old)
    })?;
    let locale = terminal.locale(loaded.config.locale);
    terminal.print(&told(&plugin, isolation, old.as_ref(), &path, locale));
    Ok(Exit::Complete)
}

/// A digest as a person copies it.
fn hexadecimal(wanted: &str) -> Result<String, Failure> {
    let digest = wanted.trim().to_ascii_lowercase();
    let digest = digest.strip_prefix("blake3:").unwrap_or(&digest);
    if digest.len() == 64 && digest.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Ok(digest.to_owned());
    }
    Err(failure((
        format!("--digest '{wanted}' 不是摘要；请给出作者发布的 64 位十六进制数字"),
        format!("--digest '{wanted}' is no digest; give the 64 hexadecimal digits that the author published"),
    )))
}

/// The plugin that is meant: a file, or one of a configured folder by its name.
fn named(what: &str, setup: &Setup, loaded: &Loaded) -> Result<PluginFile, Failure> {
    if Path::new(what).is_file() {
        return PluginFile::inspect(Path::new(what)).map_err(failure)?.ok_or_else(|| {
            failure((
                format!("{what}：没有导出 huoyan 清单，不是插件"),
                format!("{what}: it exports no huoyan manifest, so it is no plugin"),
            ))
        });
    }
    let found = find(setup, loaded)?;
    let refused = found.refused.into_iter().filter_map(|refused| refused.plugin.map(|plugin| *plugin));
    let all: Vec<PluginFile> = found.plugins.into_iter().chain(refused).collect();
    if all.iter().any(|p| p.manifest.name == what && p.trust == Trust::Bundled) {
        return Err(failure((
            format!("'{what}' 是自带插件，无需信任"),
            format!("'{what}' is bundled with huoyan and needs no trust"),
        )));
    }
    let known: Vec<String> =
        all.iter().filter(|p| p.trust != Trust::Bundled).map(|p| p.manifest.name.clone()).collect();
    all.into_iter().find(|p| p.manifest.name == what).ok_or_else(|| {
        let known = if known.is_empty() { "-".to_owned() } else { known.join(", ") };
        failure((
            format!("没有文件 '{what}'，插件文件夹里也没有叫这个名字的插件；那里有：{known}"),
            format!("there is no file '{what}' and no plugin of that name in the plugin folders; there are: {known}"),
        ))
    })
}

/// The path as the lock keeps it: from its own folder where the file lies below it, so that both can move together.
fn shown(file: &Path, lock: &Path) -> String {
    let real = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = lock.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let file = real(file);
    file.strip_prefix(real(folder)).map(Path::to_owned).unwrap_or(file).to_string_lossy().into_owned()
}

fn now() -> Result<Instant, Failure> {
    let seconds =
        SystemTime::now().duration_since(UNIX_EPOCH).ok().and_then(|since| i64::try_from(since.as_secs()).ok());
    seconds
        .and_then(Instant::from_unix_seconds)
        .ok_or_else(|| failure(("系统时钟不可用；请校准", "the system's clock makes no sense; set it")))
}

fn told(plugin: &PluginFile, isolation: Isolation, old: Option<&LockEntry>, lock: &Path, locale: Locale) -> String {
    let manifest = &plugin.manifest;
    let name = format!("{} {}  ABI {}", manifest.name, manifest.version, manifest.abi);
    let mut out = Lines::new(locale);
    out.line("已信任", "trusted", &name);
    if let Some(old) = old.filter(|old| old.hex() != plugin.digest) {
        out.line("取代", "in place of", &format!("{} {}", old.version, old.digest));
    }
    out.plugin(plugin);
    match (isolation, locale) {
        (Isolation::Child, _) => out.line("隔离", "isolation", "child"),
        (Isolation::InProcess, Locale::Zh) => {
            out.line("隔离", "isolation", "in-process（它的内存错误会殃及整个运行）");
        }
        (Isolation::InProcess, Locale::En) => {
            out.line("隔离", "isolation", "in-process (what it does wrong in memory takes the run with it)");
        }
    }
    out.line("写入", "written to", &lock.display().to_string());
    out.text()
}
