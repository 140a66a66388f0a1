use std::collections::BTreeMap;
use std::path::PathBuf;

use huoyan_model::{Locale, RecordKind, Severity, Verdict};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::schema::{KindName, LocaleName, SeverityName, VerdictName};
use super::{BadRows, Date, FailOn, MemoryLimit, TimeLimit};

/// Everything that can be set. Every key may be missing; what is missing comes from the profile or the defaults.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The profile to start from: `default`, `strict-platform` or `cautious-merchant`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub profile: String,
    /// The language of messages and reports.
    #[schemars(with = "Option<LocaleName>")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<Locale>,
    /// The severity from which a finding makes the run end with status 1.
    pub fail_on: FailOn,
    /// How many unusable rows a run may meet before it ends with status 3.
    pub max_bad_rows: BadRows,
    /// Worker threads; 0 uses every processor.
    pub threads: usize,
    /// Whether findings below 0.5 are written too. They never move a verdict.
    pub all_findings: bool,
    /// Outputs, each FORMAT or FORMAT=PATH, as after `-o`. Paths are taken from the current folder.
    pub outputs: Vec<String>,
    /// A baseline (or a decisions file) whose findings are taken as known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline: Option<PathBuf>,
    /// Decisions of people: a CSV with the columns fingerprint, decision (confirm or dismiss), by, at, reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decisions: Option<PathBuf>,
    /// Galleries of reference pictures.
    pub galleries: Vec<PathBuf>,
    /// The brands file: aliases, authorised shops, list prices.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub brands: Option<PathBuf>,
    /// How input files are read.
    pub inputs: Inputs,
    /// Where plugins are found and how they run.
    pub plugins: Plugins,
    /// Configuration of each detector, by its name; the detector's manifest says what it takes.
    #[schemars(with = "BTreeMap<String, BTreeMap<String, serde_json::Value>>")]
    pub detectors: BTreeMap<String, toml::Table>,
    /// How findings become verdicts.
    pub policy: PolicyConfig,
    /// Settings of single rules, by id such as PK001.
    pub rules: BTreeMap<String, RuleConfig>,
    /// Findings that are allowed for good.
    pub allow: Vec<Allow>,
    /// Findings that are set aside until a day.
    pub suppress: Vec<Suppression>,
}

/// How input files are read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Inputs {
    /// The kind of every record, where the columns do not tell it.
    #[schemars(with = "Option<KindName>")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<RecordKind>,
    /// The header that holds a field, by field, as in `title = "宝贝标题"`.
    pub columns: BTreeMap<String, String>,
    /// Folders in which pictures may lie, besides those of the input files.
    pub picture_folders: Vec<PathBuf>,
    /// Where unusable rows are written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quarantine: Option<PathBuf>,
}

/// Where plugins are found and how they run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Plugins {
    /// Folders searched after those beside the command.
    pub folders: Vec<PathBuf>,
    /// Detectors that are not run, by name.
    pub disabled: Vec<String>,
    /// Which plugins of those folders are trusted; `plugins.lock` beside this file when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lock: Option<PathBuf>,
    /// Where their code runs: `as-trusted`, or `child` for every plugin in child processes, the bundled ones too.
    pub isolation: Isolate,
    /// The time that one call into a child process may take.
    pub time_limit: TimeLimit,
    /// The memory that a child process may take besides its resources.
    pub memory_limit: MemoryLimit,
}

/// Where the code of plugins runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Isolate {
    /// As it was trusted; bundled plugins run in the command's own process.
    #[default]
    AsTrusted,
    /// Every plugin in child processes.
    Child,
}

/// How findings become verdicts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PolicyConfig {
    /// The verdict that a finding of each severity asks for.
    pub verdicts: VerdictMap,
    /// The score from which a finding may ask for reject; below, it asks for review at most. 0.5 to 1.
    #[schemars(range(min = 0.5, max = 1.0))]
    pub reject_from: f64,
    /// Findings that ask for a milder verdict unless their evidence is strong enough.
    pub caps: Vec<Cap>,
}

impl Default for PolicyConfig {
    fn default() -> Self {
        Self { verdicts: VerdictMap::default(), reject_from: 0.5, caps: Vec::new() }
    }
}

/// The verdict that a finding of each severity asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct VerdictMap {
    /// For `info`.
    #[schemars(with = "VerdictName")]
    pub info: Verdict,
    /// For `low`.
    #[schemars(with = "VerdictName")]
    pub low: Verdict,
    /// For `medium`.
    #[schemars(with = "VerdictName")]
    pub medium: Verdict,
    /// For `high`.
    #[schemars(with = "VerdictName")]
    pub high: Verdict,
    /// For `critical`.
    #[schemars(with = "VerdictName")]
    pub critical: Verdict,
}

impl VerdictMap {
    /// The verdict for one severity.
    pub fn get(&self, severity: Severity) -> Verdict {
        match severity {
            Severity::Info => self.info,
            Severity::Low => self.low,
            Severity::Medium => self.medium,
            Severity::High => self.high,
            Severity::Critical => self.critical,
        }
    }
}

impl Default for VerdictMap {
    fn default() -> Self {
        use Verdict::{Pass, Reject, Review};
        Self { info: Pass, low: Pass, medium: Review, high: Review, critical: Reject }
    }
}

/// A limit on the verdict of findings whose evidence is weak, such as a review suspected by one family of signals.
///
/// Give `at_least` or `equals`; a finding without that evidence key counts as weak.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cap {
    /// The detector whose findings are meant …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detector: Option<String>,
    /// … or the rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// The evidence key looked at.
    pub evidence: String,
    /// The evidence is strong from this number up; a list counts its entries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<f64>,
    /// The evidence is strong when it is this text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub equals: Option<String>,
    /// The verdict that weak evidence asks for at most.
    #[schemars(with = "VerdictName")]
    pub otherwise: Verdict,
}

/// Settings of one rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RuleConfig {
    /// Whether its findings are kept at all.
    pub enabled: bool,
    /// Its severity, instead of the rule pack's.
    #[schemars(with = "Option<SeverityName>")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// The score from which its findings count, 0.5 to 1.
    #[schemars(range(min = 0.5, max = 1.0))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
}

impl Default for RuleConfig {
    fn default() -> Self {
        Self { enabled: true, severity: None, threshold: None }
    }
}

/// Findings that are allowed for good: those that meet every condition given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Allow {
    /// The rule; without it, every rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// The matched text, spacing and letter case apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phrase: Option<String>,
    /// The key of the listing or review.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
    /// The shop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shop: Option<String>,
    /// Why it is allowed.
    pub reason: String,
}

/// One finding that is set aside until a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Suppression {
    /// The finding's fingerprint: 32 hexadecimal digits.
    #[schemars(regex(pattern = "^[0-9a-fA-F]{32}$"))]
    pub fingerprint: String,
    /// Why.
    pub reason: String,
    /// Who decided it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// The last day on which it holds, YYYY-MM-DD.
    #[schemars(with = "String", regex(pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"))]
    pub until: Date,
}
