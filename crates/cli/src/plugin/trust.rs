//! `huoyan plugin trust`: lets a plugin of others run, as it is now.

use std::fmt::Write as _;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use huoyan_dossier::deadline::Instant;
use huoyan_host::{HostError, Isolation, Lock, LockEntry, PluginFile, Trust};
use huoyan_model::{Locale, Localized, Manifest};
use huoyan_pipeline::config::Loaded;
use huoyan_report::sanitise;

use crate::args::Setup;
use crate::args::plugin::TrustArgs;
use crate::exit::Exit;
use crate::plugins::{Failure, failure, find, load, lock_path, names_lock, record};
use crate::terminal::Terminal;

pub(super) fn trust(args: &TrustArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let loaded = load(&args.setup, toml::Table::new())?;
    let plugin = named(&args.what, &args.setup, &loaded)?;
    let fault = |what: Localized| {
        let path = plugin.path.display();
        failure((format!("{path}：{}", what.zh), format!("{path}: {}", what.en)))
    };
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
        digest: LockEntry::digest_of(&plugin.digest),
        isolation,
        trusted_at: now()?.to_string(),
        by: args.by.clone(),
        note: args.note.clone(),
    };
    let old = Lock::change(&path, |lock| {
        match record().add(&entry) {
            // A lock that is named each time has its say without.
            Err(_) if names_lock(&args.setup) => {}
            recorded => recorded?,
        }
        Ok(lock.insert(entry))
    })
    .map_err(|error: HostError| failure(error))?;
    let locale = terminal.locale(loaded.config.locale);
    terminal.print(&told(&plugin, isolation, old.as_ref(), &path, locale));
    Ok(Exit::Complete)
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

/// What the plugin reads, stage by stage.
fn stages(manifest: &Manifest) -> impl Iterator<Item = String> + '_ {
    manifest.detectors.iter().flat_map(|detector| {
        detector.stages.iter().map(|stage| {
            let kind = serde_json::to_value(stage.kind).ok();
            let kind = kind.as_ref().and_then(|kind| kind.as_str()).unwrap_or_default().to_owned();
            let reads = match stage.reads.record {
                Some(record) => format!("{record}: {}", stage.reads.columns.join(", ")),
                None => format!("← {}", stage.reads.stages.join(", ")),
            };
            format!("{}/{} ({kind})  {reads}", detector.name, stage.name)
        })
    })
}

fn told(plugin: &PluginFile, isolation: Isolation, old: Option<&LockEntry>, lock: &Path, locale: Locale) -> String {
    let mut out = String::new();
    let mut line = |zh: &str, en: &str, value: &str| {
        let (label, colon) = if locale == Locale::Zh { (zh, "：") } else { (en, ": ") };
        let _ = writeln!(out, "{label}{colon}{}", sanitise(value));
    };
    let manifest = &plugin.manifest;
    line("已信任", "trusted", &format!("{} {}  ABI {}", manifest.name, manifest.version, manifest.abi));
    line("文件", "file", &plugin.path.display().to_string());
    line("摘要", "digest", &format!("blake3:{}", plugin.digest));
    if let Some(old) = old.filter(|old| old.hex() != plugin.digest) {
        line("取代", "in place of", &format!("{} {}", old.version, old.digest));
    }
    for stage in stages(manifest) {
        line("阶段与读取的列", "stage and the columns it reads", &stage);
    }
    for resource in &plugin.resources {
        let size = resource.as_slice().len();
        line("自带资源", "resource it carries", &format!("{}  {size}  blake3:{}", resource.name, resource.digest));
    }
    for wanted in manifest.detectors.iter().flat_map(|d| &d.resources) {
        line("所需资源", "resource it asks for", &wanted.name);
    }
    match (isolation, locale) {
        (Isolation::Child, _) => line("隔离", "isolation", "child"),
        (Isolation::InProcess, Locale::Zh) => line("隔离", "isolation", "in-process（它的内存错误会殃及整个运行）"),
        (Isolation::InProcess, Locale::En) => {
            line("隔离", "isolation", "in-process (what it does wrong in memory takes the run with it)");
        }
    }
    line("写入", "written to", &lock.display().to_string());
    out
}
