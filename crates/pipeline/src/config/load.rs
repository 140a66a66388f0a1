use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use huoyan_model::Localized;
use serde::Deserialize;
use toml::{Table, Value};

use super::error::{COPY_FINGERPRINT, not_a_fingerprint, suggestion};
use super::profiles::{PROFILES, profile};
use super::{Config, ConfigError};

/// The name searched for upward from the current folder.
const FILE_NAME: &str = "huoyan.toml";

/// Keys that hold paths, as dotted names; those of a file are taken from the file's folder.
const PATHS: &[&[&str]] = &[
    &["baseline"],
    &["decisions"],
    &["galleries"],
    &["brands"],
    &["inputs", "picture_folders"],
    &["inputs", "quarantine"],
    &["plugins", "folders"],
    &["plugins", "lock"],
];

/// The nearest `huoyan.toml` in `start` or a folder above it.
pub fn find(start: &Path) -> Option<PathBuf> {
    start.ancestors().map(|folder| folder.join(FILE_NAME)).find(|path| path.is_file())
}

/// What to load.
#[derive(Clone, Debug, Default)]
pub struct Request<'a> {
    /// The configuration file, if there is one.
    pub file: Option<&'a Path>,
    /// The profile named on the command line; it outranks the file's.
    pub profile: Option<&'a str>,
    /// What the command line sets, with the keys of the file.
    pub command_line: Table,
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Built in.
    Default,
    /// This profile.
    Profile(String),
    /// This file.
    File(PathBuf),
    /// The command line.
    CommandLine,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::Profile(name) => write!(f, "profile {name}"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::CommandLine => f.write_str("command line"),
        }
    }
}

/// A configuration with the story of its values.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The settings in force.
    pub config: Config,
    /// Where each value comes from, by dotted key. Lists are one value.
    pub origins: BTreeMap<String, Origin>,
    /// BLAKE3 of the settings that decide what is found, in hexadecimal: without threads, outputs, locale and `fail_on`.
    pub digest: String,
    /// The folder of the file, if there is one.
    pub folder: Option<PathBuf>,
    pub(super) table: Table,
}

/// Reads and merges the layers.
///
/// # Errors
/// A file that cannot be read or is no TOML, an unknown key or profile, a value of the wrong type or out of range.
pub fn load(request: &Request<'_>) -> Result<Loaded, ConfigError> {
    let file = request.file.map(read_file).transpose()?;
    check(&request.command_line, "command line")?;

    let named = |table: &Table| table.get("profile").and_then(Value::as_str).map(str::to_owned);
    let (name, place) = match (request.profile, named(&request.command_line), file.as_ref().and_then(named)) {
        (Some(name), _, _) => (name.to_owned(), "command line".to_owned()),
        (None, Some(name), _) => (name, "command line".to_owned()),
        (None, None, Some(name)) => (name, request.file.map_or(String::new(), |path| path.display().to_string())),
        (None, None, None) => (PROFILES[0].0.to_owned(), String::new()),
    };
    let profile = profile(&name).ok_or_else(|| {
        let known: Vec<&str> = PROFILES.iter().map(|(name, _)| *name).collect();
        ConfigError::new(place, (format!("未知的配置档 '{name}'"), format!("unknown profile '{name}'")))
            .with_help(suggestion(&name, &known))
    })?;

    let defaults = Table::try_from(Config::default()).expect("invariant: the default configuration is TOML");
    let mut merged = Table::new();
    let mut origins = BTreeMap::new();
    let mut layer = |table: Table, origin: &Origin| merge(&mut merged, table, origin, "", &mut origins);
    layer(defaults, &Origin::Default);
    layer(profile, &Origin::Profile(name.clone()));
    if let (Some(path), Some(table)) = (request.file, file) {
        layer(table, &Origin::File(path.to_owned()));
    }
    layer(request.command_line.clone(), &Origin::CommandLine);
    // The name in force may come from `--profile`, which is no key of a layer.
    merged.insert("profile".to_owned(), name.into());
    if request.profile.is_some() {
        origins.insert("profile".to_owned(), Origin::CommandLine);
    }
    origins.entry("profile".to_owned()).or_insert(Origin::Default);

    let config = check(&merged, "merged configuration")?;
    // What changes nothing of what is found is left out: the same work has the same digest on any machine.
    let mut found_by = merged.clone();
    for key in ["threads", "outputs", "locale", "fail_on"] {
        found_by.remove(key);
    }
    if let Some(Value::Table(plugins)) = found_by.get_mut("plugins") {
        plugins.remove("lock");
    }
    let digest = blake3::hash(found_by.to_string().as_bytes()).to_hex().to_string();
    let folder = request.file.and_then(Path::parent).map(Path::to_owned);
    Ok(Loaded { config, origins, digest, folder, table: merged })
}

/// Reads a file's layer, refusing what no setting has, with its paths taken from its folder.
fn read_file(path: &Path) -> Result<Table, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|error| ConfigError::io(path, &error))?;
    let place = path.display().to_string();
    let config: Config = toml::from_str(&text).map_err(|error| ConfigError::toml(&place, &text, &error))?;
    check_values(&config, &place)?;
    let mut table: Table = text.parse().map_err(|error| ConfigError::toml(&place, &text, &error))?;
    if let Some(folder) = path.parent() {
        PATHS.iter().for_each(|keys| anchor(&mut table, keys, folder));
    }
    Ok(table)
}

fn check(table: &Table, place: &str) -> Result<Config, ConfigError> {
    let config =
        Config::deserialize(table.clone()).map_err(|error| ConfigError::message(place.to_owned(), error.message()))?;
    check_values(&config, place)?;
    Ok(config)
}

/// A key and its value, told in both languages.
fn valued(key: &str, value: f64) -> Localized {
    Localized::new(format!("{key} 为 {value}"), format!("{key} is {value}"))
}

/// More threads than any machine this runs on has processors; far more would only wait for each other.
const MOST_THREADS: usize = 512;

/// What the types alone cannot say.
fn check_values(config: &Config, place: &str) -> Result<(), ConfigError> {
    let fail = |problem: Localized, help: (&str, &str)| Err(ConfigError::new(place, problem).with_help(help));
    if config.threads > MOST_THREADS {
        return fail(
            Localized::new(format!("threads 为 {}", config.threads), format!("threads is {}", config.threads)),
            ("请给出 0（全部处理器）到 512 之间的数", "give a number from 0 (every processor) to 512"),
        );
    }
    let scores = (
        "低于 0.5 的发现从不影响结论；请给出 0.5 到 1 之间的数",
        "a finding below 0.5 never moves a verdict; give a number from 0.5 to 1",
    );
    for (id, rule) in &config.rules {
        if let Some(threshold) = rule.threshold.filter(|threshold| !(0.5..=1.0).contains(threshold)) {
            return fail(valued(&format!("rules.{id}.threshold"), threshold), scores);
        }
    }
    if !(0.5..=1.0).contains(&config.policy.reject_from) {
        return fail(valued("policy.reject_from", config.policy.reject_from), scores);
    }
    for cap in &config.policy.caps {
        if cap.at_least.is_some() == cap.equals.is_some() {
            return fail(
                Localized::new(
                    format!("对证据 '{}' 的上限写得不明确", cap.evidence),
                    format!("the cap on evidence '{}' is unclear", cap.evidence),
                ),
                ("请只写 at_least 或 equals 之一", "give either at_least or equals"),
            );
        }
        if cap.detector.is_none() && cap.rule.is_none() {
            return fail(
                Localized::new(
                    format!("对证据 '{}' 的上限没有适用对象", cap.evidence),
                    format!("the cap on evidence '{}' covers nothing", cap.evidence),
                ),
                ("请写明检测器或规则", "name a detector or a rule"),
            );
        }
    }
    for allow in &config.allow {
        if allow.phrase.is_none() && allow.record.is_none() && allow.shop.is_none() {
            return fail(
                Localized::new(
                    format!("放行条目 '{}' 会放行整条规则", allow.reason),
                    format!("the allow entry '{}' would allow a whole rule", allow.reason),
                ),
                (
                    "请写明短语、记录或店铺；要停用规则，请在 [rules.编号] 下写 enabled = false",
                    "name a phrase, record or shop, or set enabled = false under [rules.ID]",
                ),
            );
        }
    }
    for suppression in &config.suppress {
        if huoyan_model::Fingerprint::parse(&suppression.fingerprint).is_none() {
            return fail(not_a_fingerprint(&suppression.fingerprint), COPY_FINGERPRINT);
        }
    }
    Ok(())
}

/// Lays `layer` over `base`, key by key; tables merge, everything else is replaced.
fn merge(base: &mut Table, layer: Table, origin: &Origin, prefix: &str, origins: &mut BTreeMap<String, Origin>) {
    for (key, value) in layer {
        let dotted = if prefix.is_empty() { quoted(&key) } else { format!("{prefix}.{}", quoted(&key)) };
        match value {
            Value::Table(table) => {
                let slot = base.entry(key).or_insert_with(|| Value::Table(Table::new()));
                if !slot.is_table() {
                    *slot = Value::Table(Table::new());
                }
                if let Value::Table(slot) = slot {
                    merge(slot, table, origin, &dotted, origins);
                }
            }
            value => {
                base.insert(key, value);
                origins.insert(dotted, origin.clone());
            }
        }
    }
}

/// A key as TOML writes it in a dotted name.
pub(super) fn quoted(key: &str) -> String {
    let bare = !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if bare { key.to_owned() } else { Value::String(key.to_owned()).to_string() }
}

fn anchor(table: &mut Table, keys: &[&str], folder: &Path) {
    let Some((first, rest)) = keys.split_first() else { return };
    match table.get_mut(*first) {
        Some(Value::Table(inner)) => anchor(inner, rest, folder),
        Some(Value::String(path)) => *path = folder.join(&*path).to_string_lossy().into_owned(),
        Some(Value::Array(paths)) => {
            for path in paths {
                if let Value::String(path) = path {
                    *path = folder.join(&*path).to_string_lossy().into_owned();
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::FailOn;
    use huoyan_model::{Severity, Verdict};

    fn write(text: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE_NAME);
        std::fs::write(&path, text).unwrap();
        (folder, path)
    }

    fn refusal(text: &str) -> String {
        let (folder, path) = write(text);
        let error = load(&Request { file: Some(&path), ..Request::default() }).unwrap_err().to_string();
        error.replace(&format!("{}/", folder.path().display()), "")
    }

    #[test]
    fn each_layer_overrides_the_one_before_and_says_so() {
        let (_folder, path) = write(
            "profile = \"strict-platform\"\nthreads = 3\n[rules.PK001]\nseverity = \"low\"\n[inputs]\nquarantine = \"bad.jsonl\"\n",
        );
        let command_line: Table = "threads = 1\n[rules.PK001]\nthreshold = 0.9".parse().unwrap();
        let loaded = load(&Request { file: Some(&path), profile: None, command_line }).unwrap();
        let config = &loaded.config;
        assert_eq!((config.profile.as_str(), config.threads), ("strict-platform", 1));
        assert_eq!(config.policy.verdicts.high, Verdict::Reject);
        assert_eq!(config.fail_on, FailOn::From(Severity::Medium));
        assert_eq!(config.rules["PK001"].severity, Some(Severity::Low));
        assert_eq!(config.rules["PK001"].threshold, Some(0.9));
        assert_eq!(config.inputs.quarantine.as_deref(), Some(path.with_file_name("bad.jsonl").as_path()));

        assert_eq!(loaded.origins["threads"], Origin::CommandLine);
        assert_eq!(loaded.origins["rules.PK001.severity"], Origin::File(path.clone()));
        assert_eq!(loaded.origins["rules.PK001.threshold"], Origin::CommandLine);
        assert_eq!(loaded.origins["policy.verdicts.high"], Origin::Profile("strict-platform".to_owned()));
        assert_eq!(loaded.origins["max_bad_rows"], Origin::Default);
        assert_eq!(loaded.origins["profile"], Origin::File(path));
    }

    #[test]
    fn the_profile_of_the_command_line_outranks_the_files() {
        let (_folder, path) = write("profile = \"strict-platform\"");
        let request = Request { file: Some(&path), profile: Some("cautious-merchant"), ..Request::default() };
        let loaded = load(&request).unwrap();
        assert_eq!(loaded.config.profile, "cautious-merchant");
        assert_eq!(loaded.origins["profile"], Origin::CommandLine);
    }

    #[test]
    fn nothing_given_is_the_default_profile() {
        let loaded = load(&Request::default()).unwrap();
        assert_eq!(loaded.config.profile, "default");
        assert_eq!(loaded.digest, load(&Request::default()).unwrap().digest);
    }

    #[test]
    fn a_misspelt_key_is_refused_with_its_place_and_the_likely_key() {
        assert_eq!(
            refusal("\nfail-on = \"high\"\n"),
            "huoyan.toml:2:1: unknown key 'fail-on'; did you mean 'fail_on'?"
        );
        assert_eq!(
            refusal("[rules.PK001]\nseverty = \"high\"\n"),
            "huoyan.toml:2:1: unknown key 'severty'; did you mean 'severity'?"
        );
        let far = refusal("[plugins]\nxyz = 1\n");
        assert_eq!(
            far,
            "huoyan.toml:2:1: unknown key 'xyz'; known are folders, disabled, lock, isolation, time_limit, memory_limit"
        );
    }

    #[test]
    fn a_wrong_value_is_refused_with_its_place() {
        assert_eq!(
            refusal("[rules.PK001]\nseverity = \"hihg\"\n"),
            "huoyan.toml:2:12: unknown value 'hihg'; did you mean 'high'?"
        );
        assert_eq!(
            refusal("max_bad_rows = \"many\""),
            "huoyan.toml:1:16: 'many' is no limit of bad rows; write a number such as 100, or a share such as \"1%\""
        );
        assert!(
            refusal("[[suppress]]\nfingerprint = \"x\"\nreason = \"r\"\nuntil = \"soon\"")
                .contains("'soon' is no date")
        );
        assert!(refusal("threads = ").starts_with("huoyan.toml:1:"));
    }

    #[test]
    fn values_that_mean_nothing_are_refused() {
        assert!(refusal("[rules.PK001]\nthreshold = 0.2").contains("never moves a verdict"));
        assert!(refusal("[[allow]]\nrule = \"PK001\"\nreason = \"r\"").contains("enabled = false"));
        assert!(refusal("threads = 100000").contains("from 0 (every processor) to 512"));
        assert!(refusal("profile = \"strict\"").contains("unknown profile 'strict'; did you mean 'strict-platform'?"));
    }

    #[test]
    fn the_file_is_found_upward() {
        let (folder, path) = write("");
        let deep = folder.path().join("a/b");
        std::fs::create_dir_all(&deep).unwrap();
        assert_eq!(find(&deep), Some(path));
    }

    #[test]
    fn a_date_may_stand_without_quotes() {
        let fingerprint = "0".repeat(32);
        let text = format!("[[suppress]]\nfingerprint = \"{fingerprint}\"\nreason = \"r\"\nuntil = 2027-01-31\n");
        let (_folder, path) = write(&text);
        let loaded = load(&Request { file: Some(&path), ..Request::default() }).unwrap();
        assert_eq!(loaded.config.suppress[0].until.to_string(), "2027-01-31");
    }
}
