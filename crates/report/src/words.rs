//! Names of severities, verdicts and record kinds for people, in both languages.

use huoyan_model::{Locale, RecordKind, RunStatus, RunSummary, Severity, Verdict};

/// Picks one of two texts.
pub(crate) fn pick<'t>(locale: Locale, zh: &'t str, en: &'t str) -> &'t str {
    match locale {
        Locale::Zh => zh,
        Locale::En => en,
    }
}

/// What a severity is called.
pub fn severity(severity: Severity, locale: Locale) -> &'static str {
    let (zh, en) = match severity {
        Severity::Info => ("提示", "info"),
        Severity::Low => ("低", "low"),
        Severity::Medium => ("中", "medium"),
        Severity::High => ("高", "high"),
        Severity::Critical => ("严重", "critical"),
    };
    pick(locale, zh, en)
}

pub(crate) fn verdict(verdict: Verdict, locale: Locale) -> &'static str {
    let (zh, en) = match verdict {
        Verdict::Pass => ("通过", "pass"),
        Verdict::Review => ("待复核", "review"),
        Verdict::Reject => ("建议拒绝", "reject"),
    };
    pick(locale, zh, en)
}

/// What a kind of record is called.
pub fn kind(kind: RecordKind, locale: Locale) -> &'static str {
    let (zh, en) = match kind {
        RecordKind::Listing => ("商品", "listing"),
        RecordKind::Review => ("评价", "review"),
        RecordKind::Image => ("图片", "image"),
    };
    pick(locale, zh, en)
}

/// The name of a column of a listing or review; an unknown one is given back as it is.
pub fn field(name: &str, locale: Locale) -> &str {
    if locale == Locale::En {
        return name;
    }
    match name {
        "title" => "标题",
        "description" => "描述",
        "text" => "评价内容",
        "category" => "类目",
        "brand" => "品牌",
        "attributes" => "属性",
        "images" => "图片",
        "price" => "价格",
        other => other,
    }
}

/// The run's status in one word or two.
pub(crate) fn status(status: &RunStatus, locale: Locale) -> &'static str {
    match status {
        RunStatus::Complete => pick(locale, "完整", "complete"),
        RunStatus::Incomplete { .. } => pick(locale, "不完整", "incomplete"),
        RunStatus::Interrupted => pick(locale, "已中断", "interrupted"),
    }
}

/// The number of records that the detectors were given, pictures left out.
pub(crate) fn records(summary: &RunSummary) -> u64 {
    summary.scanned.iter().filter(|(kind, _)| *kind != RecordKind::Image.as_str()).map(|(_, n)| n).sum()
}
