//! What a plugin is, for the person who is to trust it.

use std::fmt::Write as _;

use huoyan_host::PluginFile;
use huoyan_model::{Locale, StageSpec};
use huoyan_report::sanitise;

/// Labelled lines in one language, made harmless.
pub(super) struct Lines {
    out: String,
    locale: Locale,
}

impl Lines {
    pub(super) fn new(locale: Locale) -> Self {
        Self { out: String::new(), locale }
    }

    pub(super) fn line(&mut self, zh: &str, en: &str, value: &str) {
        let (label, colon) = if self.locale == Locale::Zh { (zh, "：") } else { (en, ": ") };
        let _ = writeln!(self.out, "{label}{colon}{}", sanitise(value));
    }

    /// The file, its digest, and what it reads, carries and asks for.
    pub(super) fn plugin(&mut self, plugin: &PluginFile) {
        self.line("文件", "file", &plugin.path.display().to_string());
        self.line("摘要", "digest", &format!("blake3:{}", plugin.digest));
        for detector in &plugin.manifest.detectors {
            let summary = detector.summary.get(self.locale);
            self.line("检测器", "detector", &format!("{}  {summary}", detector.name));
            for stage in &detector.stages {
                self.line(
                    "阶段与读取的列",
                    "stage and the columns it reads",
                    &format!("{}/{}", detector.name, told(stage)),
                );
            }
            for wanted in &detector.resources {
                self.line("所需资源", "resource it asks for", &wanted.name);
            }
        }
        for resource in &plugin.resources {
            let size = resource.as_slice().len();
            self.line(
                "自带资源",
                "resource it carries",
                &format!("{}  {size}  blake3:{}", resource.name, resource.digest),
            );
        }
    }

    pub(super) fn text(self) -> String {
        self.out
    }
}

fn told(stage: &StageSpec) -> String {
    let kind = serde_json::to_value(stage.kind).ok();
    let kind = kind.as_ref().and_then(|kind| kind.as_str()).unwrap_or_default();
    let mut told = match stage.reads.record {
        Some(record) => format!("{} ({kind})  {record}: {}", stage.name, stage.reads.columns.join(", ")),
        None => format!("{} ({kind})  ← {}", stage.name, stage.reads.stages.join(", ")),
    };
    // Both are handed over as they are, whether the stage reads them otherwise or not.
    for (what, field) in [("group_by", &stage.group_by), ("order_by", &stage.order_by)] {
        if let Some(field) = field {
            let _ = write!(told, "; {what} {field}");
        }
    }
    told
}
