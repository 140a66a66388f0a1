//! From plugin files and configuration to detectors that are ready to judge.

use std::collections::{BTreeMap, BTreeSet};

use huoyan_host::{
    Cancel, CreateError, Detector, Fault, HostError, Isolation, Plugin, PluginFile, ResourceData, Trust,
};
use huoyan_model::{DetectorSpec, Localized, RecordKind, ResourceSpec, RuleInfo, StageKind, StageSpec};

use crate::Error;
use crate::config::{Config, Isolate, Plugins};

/// A detector that is ready to judge.
pub struct Prepared {
    /// What its manifest says of it.
    pub spec: DetectorSpec,
    /// The detector; what it did instead, when it broke while it was made. Such a one is quarantined from the start.
    pub detector: Result<Detector, Fault>,
    /// Its rules, with what people are told about them.
    pub rules: BTreeMap<String, RuleInfo>,
    /// The plugin's name and version.
    pub plugin: String,
    /// BLAKE3 of the plugin's file.
    pub digest: String,
    /// Where its code runs.
    pub isolation: Isolation,
    /// Why it may run.
    pub trust: Trust,
    /// BLAKE3 of each resource, by name.
    pub resources: BTreeMap<String, String>,
}

impl Prepared {
    /// The detector, if there is one to call.
    pub(crate) fn detector(&self) -> Result<&Detector, Fault> {
        self.detector.as_ref().map_err(Clone::clone)
    }

    /// Whether every stage judges records as they pass, so that nothing of this detector comes later.
    pub(crate) fn is_simple(&self) -> bool {
        self.spec.stages.iter().all(|s| s.kind == StageKind::Record && s.reads.record.is_some() && s.emits.is_none())
    }

    /// Whether what it says of such records comes from stages that run when all have been read.
    pub(crate) fn feeds_later(&self, kind: RecordKind) -> bool {
        let passes = |s: &StageSpec| s.kind == StageKind::Record && s.emits.is_none() && s.summaries.is_empty();
        self.spec.stages.iter().any(|s| s.reads.record == Some(kind) && !passes(s))
    }

    /// The stages that read the rows of stage `from`.
    pub(crate) fn readers_of(&self, from: &str) -> impl Iterator<Item = usize> + '_ {
        let from = from.to_owned();
        let reads = move |stage: &StageSpec| stage.reads.stages.contains(&from);
        self.spec.stages.iter().enumerate().filter(move |(_, s)| reads(s)).map(|(i, _)| i)
    }
}

/// All detectors of a run.
#[derive(Default)]
pub struct Detectors {
    /// Ready to judge, by name, and those that broke while they were made.
    pub ready: Vec<Prepared>,
    /// Left out, with the reason.
    pub skipped: Vec<(String, Localized)>,
}

impl Detectors {
    /// Loads the plugins and makes every detector that is not disabled.
    ///
    /// # Errors
    /// When a plugin cannot be loaded, a resource cannot be read, or a detector refuses its configuration. One that panics, crashes, hangs or
    /// lies while it is made is no error of the run: see [`Prepared::detector`](field@Prepared::detector).
    pub fn prepare(files: Vec<PluginFile>, config: &Config, cancel: &Cancel) -> Result<Self, Error> {
        let known: Vec<String> =
            files.iter().flat_map(|f| &f.manifest.detectors).map(|detector| detector.name.clone()).collect();
        for name in config.detectors.keys().chain(&config.plugins.disabled) {
            if !known.contains(name) {
                let hint = crate::config::suggest(name, &known.iter().map(String::as_str).collect::<Vec<_>>());
                return Err(Error::new((
                    format!("配置里的检测器 '{name}' 不在任何插件中{}", hint.zh),
                    format!("the configuration names detector '{name}', which no plugin has{}", hint.en),
                )));
            }
        }
        huoyan_host::tell_of_exits();
        let mut out = Self::default();
        for mut file in files {
            if config.plugins.isolation == Isolate::Child {
                file.isolation = Isolation::Child;
            }
            let wanted: Vec<_> = file
                .manifest
                .detectors
                .iter()
                .filter(|d| !config.plugins.disabled.contains(&d.name))
                .cloned()
                .collect();
            let mut ready = Vec::new();
            for spec in wanted {
                let table = config.detectors.get(&spec.name).cloned().unwrap_or_default();
                let (json, paths) = split(&spec, table)?;
                let resources = resources(&file, &spec, &paths, config)?;
                match missing(&spec, &resources) {
                    Some(reason) => out.skipped.push((spec.name.clone(), reason)),
                    None => ready.push((spec, json, resources)),
                }
            }
            if ready.is_empty() {
                continue;
            }
            let (name, digest) = (format!("{} {}", file.manifest.name, file.manifest.version), file.digest.clone());
            let isolation = file.isolation;
            let plugin = load(file, &config.plugins)?;
            for (spec, json, resources) in ready {
                let rules = plugin.file().rules_of(&resources)?;
                let declared: BTreeSet<String> = spec.rules.iter().chain(rules.keys()).cloned().collect();
                let known = resources.iter().filter(|r| !r.digest.is_empty());
                let digests = known.map(|r| (r.name.clone(), r.digest.clone())).collect();
                let detector = match plugin.create(&spec.name, &json, resources, declared, cancel) {
                    Ok(detector) => Ok(detector),
                    Err(CreateError::Broke { fault, .. }) => Err(fault),
                    Err(CreateError::Refused(error)) => return Err(error.into()),
                };
                out.ready.push(Prepared {
                    spec,
                    detector,
                    rules,
                    plugin: name.clone(),
                    digest: digest.clone(),
                    isolation,
                    trust: plugin.file().trust.clone(),
                    resources: digests,
                });
            }
        }
        out.ready.sort_by(|a, b| a.spec.name.cmp(&b.spec.name));
        #[cfg(unix)]
        out.warn_of_gaps(config.locale.unwrap_or_default());
        Ok(out)
    }

    /// Says once what this platform does not keep from child processes.
    #[cfg(unix)]
    fn warn_of_gaps(&self, locale: huoyan_model::Locale) {
        use huoyan_model::Locale;

        let gaps: BTreeSet<_> = self.ready.iter().flat_map(|d| &d.detector).flat_map(Detector::gaps).collect();
        for gap in gaps {
            let Localized { zh, en } = gap.text();
            match locale {
                Locale::Zh => tracing::warn!("子进程中的插件未被完全隔离：{zh}"),
                Locale::En => tracing::warn!("plugins in child processes are not isolated in full: {en}"),
            }
        }
    }

    /// Every rule of every detector, by id.
    pub fn rules(&self) -> BTreeMap<String, RuleInfo> {
        self.ready.iter().flat_map(|d| d.rules.clone()).collect()
    }
}

#[cfg(unix)]
fn load(file: PluginFile, config: &Plugins) -> Result<Plugin, HostError> {
    if file.isolation == Isolation::InProcess {
        return file.load();
    }
    let settings = children(config).map_err(|e| HostError::of(&file, &e.to_string()))?;
    file.load_with(&settings)
}

#[cfg(not(unix))]
fn load(file: PluginFile, _: &Plugins) -> Result<Plugin, HostError> {
    file.load()
}

/// How child processes of this program are started under a configuration.
///
/// # Errors
/// When the system does not say which program runs.
#[cfg(unix)]
pub fn children(config: &Plugins) -> std::io::Result<huoyan_host::ChildSettings> {
    Ok(huoyan_host::ChildSettings {
        time_limit: config.time_limit.0,
        memory_limit: config.memory_limit.0,
        ..huoyan_host::ChildSettings::of_this_program()?
    })
}

/// The rules that a run with this configuration would have, with the detector each belongs to: those the plugins carry, and
/// those of the user's own packs. No plugin is loaded, and a disabled detector's rules are among them.
///
/// # Errors
/// When a resource cannot be read, a pack is not valid, or an id stands in two packs.
pub fn rules_in_use(files: &[PluginFile], config: &Config) -> Result<BTreeMap<String, (String, RuleInfo)>, Error> {
    let mut all = BTreeMap::new();
    for file in files {
        for spec in &file.manifest.detectors {
            let table = config.detectors.get(&spec.name).cloned().unwrap_or_default();
            let (_, paths) = split(spec, table)?;
            let rules = file.rules_of(&resources(file, spec, &paths, config)?)?;
            all.extend(rules.into_iter().map(|(id, rule)| (id, (spec.name.clone(), rule))));
        }
    }
    Ok(all)
}

/// A detector's table without its `resources`, as JSON, and those resources' paths.
fn split(spec: &DetectorSpec, mut table: toml::Table) -> Result<(String, BTreeMap<String, String>), Error> {
    let mut paths = BTreeMap::new();
    if let Some(value) = table.remove("resources") {
        let bad = || {
            Error::new((
                format!("[detectors.{}] 的 resources 必须是 名称 = \"路径\" 的表", spec.name),
                format!("[detectors.{}] resources must be a table of name = \"path\"", spec.name),
            ))
        };
        for (name, path) in value.as_table().ok_or_else(bad)? {
            paths.insert(name.clone(), path.as_str().ok_or_else(bad)?.to_owned());
        }
    }
    let known: Vec<&str> = spec
        .config
        .as_ref()
        .and_then(|schema| schema.get("properties"))
        .and_then(|p| p.as_object())
        .map(|p| p.keys().map(String::as_str).collect())
        .unwrap_or_default();
    for key in table.keys() {
        if !known.contains(&key.as_str()) {
            let hint = crate::config::suggest(key, &known);
            return Err(Error::new((
                format!("[detectors.{}] 没有设置项 '{key}'{}", spec.name, hint.zh),
                format!("[detectors.{}] has no setting '{key}'{}", spec.name, hint.en),
            )));
        }
    }
    let json = serde_json::to_string(&table).map_err(|e| {
        Error::new((
            format!("无法把 [detectors.{}] 交给检测器：{e}", spec.name),
            format!("[detectors.{}] cannot be handed over: {e}", spec.name),
        ))
    })?;
    Ok((json, paths))
}

/// What the plugin carries, overlaid with what the user configured.
fn resources(
    file: &PluginFile,
    spec: &DetectorSpec,
    paths: &BTreeMap<String, String>,
    config: &Config,
) -> Result<Vec<ResourceData>, Error> {
    let mut all: BTreeMap<String, ResourceData> = BTreeMap::new();
    for resource in file.resources.iter().filter(|r| spec.takes(&r.name)) {
        all.insert(resource.name.clone(), resource.clone());
    }
    for spec in &spec.resources {
        match spec.name.as_str() {
            "gallery" => {
                for (i, path) in config.galleries.iter().enumerate() {
                    let files = ResourceData::map_gallery(i, path)?;
                    all.extend(files.into_iter().map(|file| (file.name.clone(), file)));
                }
            }
            "brands" => {
                if let Some(path) = &config.brands {
                    all.insert("brands".to_owned(), ResourceData::map("brands", path)?);
                }
            }
            _ => {}
        }
    }
    for (name, path) in paths {
        if !spec.takes(name) {
            let hint =
                crate::config::suggest(name, &spec.resources.iter().map(|r| r.name.as_str()).collect::<Vec<_>>());
            return Err(Error::new((
                format!("检测器 '{}' 不接受资源 '{name}'{}", spec.name, hint.zh),
                format!("detector '{}' takes no resource '{name}'{}", spec.name, hint.en),
            )));
        }
        all.insert(name.clone(), ResourceData::map(name, std::path::Path::new(path))?);
    }
    Ok(all.into_values().collect())
}

fn missing(spec: &DetectorSpec, resources: &[ResourceData]) -> Option<Localized> {
    let given = |asked: &ResourceSpec| resources.iter().any(|r| asked.covers(&r.name));
    let lacking = spec.resources.iter().find(|asked| asked.required && !given(asked))?;
    let (name, Localized { zh, en }) = (&lacking.name, &lacking.summary);
    Some(Localized::new(
        format!("它需要资源 '{name}'（{zh}），但没有给出"),
        format!("it needs the resource '{name}' ({en}), and none was given"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_that_is_missing_is_named_in_both_languages() {
        let needed = |name: &str, required| ResourceSpec {
            name: name.to_owned(),
            required,
            summary: Localized::new(format!("{name} 的说明"), format!("what {name} is")),
        };
        let spec = DetectorSpec {
            name: "d".to_owned(),
            summary: Localized::default(),
            stages: Vec::new(),
            rules: Vec::new(),
            resources: vec![needed("optional", false), needed("words", true)],
            config: None,
            scores: false,
        };
        let told = missing(&spec, &[]).unwrap();
        assert_eq!(told.zh, "它需要资源 'words'（words 的说明），但没有给出");
        assert_eq!(told.en, "it needs the resource 'words' (what words is), and none was given");
        assert_eq!(missing(&spec, &[ResourceData::copy("words/one", b"")]), None);
    }
}
