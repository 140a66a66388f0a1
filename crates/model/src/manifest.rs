use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Localized, RecordKind, columns_of, find_column};

/// A version of the plugin ABI. Majors do not mix; a minor only adds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AbiVersion {
    /// Changes when old plugins can no longer be served.
    pub major: u32,
    /// Grows with each addition.
    pub minor: u32,
}

impl fmt::Display for AbiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// Where a plugin's code runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Isolation {
    /// In the process of the host: what it does wrong in memory, the host suffers.
    #[default]
    InProcess,
    /// In a child process, which can be ended and sees little.
    Child,
}

impl Isolation {
    /// The word in files and tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InProcess => "in-process",
            Self::Child => "child",
        }
    }
}

/// What a plugin says of itself; an exported static of the library, read by the host without loading it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The plugin's name: lower-case letters, digits and hyphens.
    pub name: String,
    /// The plugin's version.
    pub version: String,
    /// The ABI it was built for.
    pub abi: AbiVersion,
    /// The detectors in this library.
    pub detectors: Vec<DetectorSpec>,
}

/// One detector of a plugin: a small graph of stages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DetectorSpec {
    /// The name findings carry.
    pub name: String,
    /// One sentence on what it looks for.
    pub summary: Localized,
    /// Its stages, each reading records or rows of stages named before it.
    pub stages: Vec<StageSpec>,
    /// Ids of the rules it may report, besides those of its rule packs.
    #[serde(default)]
    pub rules: Vec<String>,
    /// What it needs besides records.
    #[serde(default)]
    pub resources: Vec<ResourceSpec>,
    /// JSON Schema of its configuration table; absent: it takes none.
    #[serde(default)]
    pub config: Option<Value>,
    /// Whether it gives a score for every record it judges.
    #[serde(default)]
    pub scores: bool,
}

/// A file a detector needs, mapped and digested by the host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResourceSpec {
    /// Its name. Resources called `rules` or `rules/…` are rule packs: their rules are declared rules.
    pub name: String,
    /// Without it the detector is left out of the run, which says so. A resource the plugin embeds needs no file.
    #[serde(default)]
    pub required: bool,
    /// What it is, for the message that says it is missing.
    pub summary: Localized,
}

impl ResourceSpec {
    /// Whether this asks for a resource of that name: the name itself, or a file of a folder that is called so, as in `gallery/0/codes`.
    pub fn covers(&self, name: &str) -> bool {
        name.strip_prefix(self.name.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

/// What a stage sees and how its work may be divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StageKind {
    /// Rows in any batches, each row alone.
    Record,
    /// Rows sorted by (key, order, record): a key's rows are consecutive and in one task, maybe over several pushes.
    Group,
    /// Any rows in any order; gives one summary, and summaries merge.
    Corpus,
}

/// Where a stage's rows come from: records of one kind, or rows that earlier stages of the detector emitted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reads {
    /// Records of this kind …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<RecordKind>,
    /// … with these columns.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    /// Or the rows these stages emitted to this one. Its findings are of the kind of records the first of them speaks of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stages: Vec<String>,
}

/// Rows a stage hands on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmitSpec {
    /// The most rows out per row in, so that hot keys stay bounded.
    pub max_rows_per_row: u32,
}

/// One stage of a detector.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageSpec {
    /// The stage's name, unique in its detector.
    pub name: String,
    /// What it sees.
    pub kind: StageKind,
    /// Where its rows come from.
    pub reads: Reads,
    /// The column to group records by; rows of earlier stages carry their own key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_by: Option<String>,
    /// The time or integer column that orders records inside a group; rows of earlier stages carry their own order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_by: Option<String>,
    /// Corpus stages whose merged summaries this stage is given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub summaries: Vec<String>,
    /// Present when the stage emits rows for later stages; those read them by this stage's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emits: Option<EmitSpec>,
}

/// Why a manifest is refused. Displayed in English.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestError(Localized);

impl ManifestError {
    fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self(Localized::new(zh, en))
    }
}

impl fmt::Display for ManifestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.en)
    }
}

impl std::error::Error for ManifestError {}

impl From<ManifestError> for Localized {
    fn from(error: ManifestError) -> Self {
        error.0
    }
}

impl Manifest {
    /// Parses and checks a manifest.
    ///
    /// # Errors
    /// Says which part is wrong and what is expected there.
    pub fn parse(json: &[u8]) -> Result<Self, ManifestError> {
        let manifest: Self = serde_json::from_slice(json).map_err(|e| {
            ManifestError::new(
                format!("清单无效：{e}；请改正 manifest.json 后重新构建"),
                format!("the manifest is not valid: {e}; mend manifest.json and rebuild"),
            )
        })?;
        manifest.check()?;
        Ok(manifest)
    }

    /// The detector of this plugin with that name.
    pub fn detector(&self, name: &str) -> Option<&DetectorSpec> {
        self.detectors.iter().find(|detector| detector.name == name)
    }

    fn check(&self) -> Result<(), ManifestError> {
        check_name(("插件", "plugin"), &self.name)?;
        if self.detectors.is_empty() {
            let name = &self.name;
            return Err(ManifestError::new(
                format!("插件 '{name}' 没有声明检测器"),
                format!("plugin '{name}' declares no detector"),
            ));
        }
        self.detectors.iter().try_for_each(DetectorSpec::check)
    }
}

impl DetectorSpec {
    /// Whether it takes a resource of this name.
    pub fn takes(&self, name: &str) -> bool {
        self.resources.iter().any(|resource| resource.covers(name))
    }

    fn check(&self) -> Result<(), ManifestError> {
        let name = &self.name;
        check_name(("检测器", "detector"), name)?;
        if self.stages.is_empty() {
            return Err(ManifestError::new(
                format!("检测器 '{name}' 没有声明阶段"),
                format!("detector '{name}' declares no stage"),
            ));
        }
        for (i, stage) in self.stages.iter().enumerate() {
            stage.check(&self.stages[..i]).map_err(|ManifestError(what)| {
                ManifestError::new(
                    format!("检测器 '{name}' 的阶段 '{}' {}", stage.name, what.zh),
                    format!("stage '{}' of detector '{name}' {}", stage.name, what.en),
                )
            })?;
        }
        Ok(())
    }
}

impl StageSpec {
    /// Checks a stage beside those before it; what is said follows its name.
    fn check(&self, earlier: &[Self]) -> Result<(), ManifestError> {
        let fail = |zh: String, en: String| Err(ManifestError::new(zh, en));
        if earlier.iter().any(|s| s.name == self.name) {
            return fail("声明了两次".into(), "is declared twice".into());
        }
        match (self.reads.record, self.reads.stages.is_empty()) {
            (Some(kind), true) => {
                for column in self.reads.columns.iter().chain(&self.group_by).chain(&self.order_by) {
                    if find_column(kind, column).is_none() {
                        let all: Vec<&str> = columns_of(kind).iter().map(|column| column.name).collect();
                        let all = all.join(" ");
                        return fail(
                            format!("读取 '{column}'，而 {kind} 记录没有这一列；有：{all}"),
                            format!("reads '{column}', which is no column of {kind} records; they have: {all}"),
                        );
                    }
                }
                if self.kind == StageKind::Group && self.group_by.is_none() {
                    return fail("按组判断记录，却没有 group_by".into(), "groups records but has no group_by".into());
                }
            }
            (None, false) => {
                for name in &self.reads.stages {
                    match earlier.iter().find(|s| s.name == *name) {
                        Some(s) if s.emits.is_some() => {}
                        Some(_) => {
                            return fail(
                                format!("读取阶段 '{name}'，而它不发出行"),
                                format!("reads stage '{name}', which emits no rows"),
                            );
                        }
                        None => {
                            return fail(
                                format!("读取阶段 '{name}'，而它没有在此之前声明"),
                                format!("reads stage '{name}', which is not declared before it"),
                            );
                        }
                    }
                }
            }
            _ => {
                return fail(
                    "必须读取一种记录，或读取之前的阶段".into(),
                    "must read either one kind of record or earlier stages".into(),
                );
            }
        }
        for name in &self.summaries {
            if !earlier.iter().any(|s| s.name == *name && s.kind == StageKind::Corpus) {
                return fail(
                    format!("要用 '{name}' 的汇总，而之前没有这个 corpus 阶段"),
                    format!("wants the summary of '{name}', which is no corpus stage before it"),
                );
            }
        }
        Ok(())
    }
}

fn check_name((zh, en): (&str, &str), name: &str) -> Result<(), ManifestError> {
    let good = !name.is_empty()
        && name.len() <= 64
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if good {
        return Ok(());
    }
    Err(ManifestError::new(
        format!("{zh}的名称 '{name}' 应为 1 到 64 个小写字母、数字或连字符"),
        format!("{en} name '{name}' must be 1 to 64 lower-case letters, digits or hyphens"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(stages: &str) -> Result<Manifest, ManifestError> {
        Manifest::parse(
            format!(
                r#"{{"name":"p","version":"1.0.0","abi":{{"major":1,"minor":0}},
                "detectors":[{{"name":"d","summary":{{"zh":"","en":""}},"stages":[{stages}]}}]}}"#
            )
            .as_bytes(),
        )
    }

    #[test]
    fn accepts_a_record_stage() {
        manifest(r#"{"name":"s","kind":"record","reads":{"record":"listing","columns":["title"]}}"#).unwrap();
    }

    #[test]
    fn refuses_an_unknown_column_by_name() {
        let error =
            manifest(r#"{"name":"s","kind":"record","reads":{"record":"listing","columns":["titel"]}}"#).unwrap_err();
        let told = error.to_string();
        assert!(
            told.starts_with(
                "stage 's' of detector 'd' reads 'titel', which is no column of listing records; they have: "
            ),
            "{told}"
        );
        assert!(told.contains(" title "), "{told}");
        assert!(Localized::from(error).zh.starts_with("检测器 'd' 的阶段 's' 读取 'titel'，而 listing 记录没有这一列"));
    }

    #[test]
    fn refuses_a_stage_that_reads_a_later_one() {
        let error = manifest(r#"{"name":"s","kind":"group","reads":{"stages":["t"]}}"#).unwrap_err();
        assert!(error.to_string().contains("not declared before it"), "{error}");
    }

    #[test]
    fn refuses_a_summary_of_a_record_stage() {
        let error = manifest(
            r#"{"name":"a","kind":"record","reads":{"record":"review","columns":["text"]}},
               {"name":"b","kind":"record","reads":{"record":"review","columns":["text"]},"summaries":["a"]}"#,
        )
        .unwrap_err();
        assert!(error.to_string().contains("no corpus stage"), "{error}");
    }
}
