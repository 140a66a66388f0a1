//! What a run owes its reader: detectors and gaps, inputs and repairs, digests for a replay.

use std::fmt::Write;

use huoyan_model::DetectorOutcome;

use super::grouped;
use crate::html::escape::{both, html};
use crate::html::page::Page;
use crate::words;

/// What was not judged, and how each detector fared.
pub(in crate::html) fn gaps(page: &Page<'_>) -> String {
    let title = both("检测器与未能判断的内容", "Detectors, and what could not be judged");
    let mut out = format!("<section><h2>{title}</h2><div class=\"card\"><table class=\"plain\"><thead><tr>");
    for (class, zh, en) in [
        ("", "检测器", "Detector"),
        ("", "状态", "Status"),
        ("num", "已判断", "Judged"),
        ("num", "疑似问题", "Findings"),
        ("num", "未能判断", "Not judged"),
    ] {
        let _ = write!(out, "<th class=\"{class}\">{}</th>", both(zh, en));
    }
    out.push_str("</tr></thead><tbody>");
    for detector in &page.summary.detectors {
        let status = match &detector.outcome {
            DetectorOutcome::Complete => format!("<span class=\"ok\">{}</span>", both("完成", "complete")),
            DetectorOutcome::Quarantined { reason } => {
                let text = both("已隔离，其结果不计入", "quarantined, what it said is dropped");
                format!("<span class=\"bad\">{text}</span><span class=\"sub\">{}</span>", html(reason))
            }
            DetectorOutcome::Skipped { reason } => {
                format!(
                    "<span class=\"warn\">{}</span><span class=\"sub\">{}</span>",
                    both("未运行", "skipped"),
                    html(reason)
                )
            }
        };
        let _ = write!(
            out,
            "<tr><td><code>{}</code></td><td>{status}</td><td class=\"num\">{}</td><td class=\"num\">{}</td><td class=\"num\">{}</td></tr>",
            html(&detector.name),
            grouped(detector.judged),
            grouped(detector.findings),
            grouped(detector.unjudged)
        );
    }
    out.push_str("</tbody></table></div>");
    if !page.unjudged.reasons.is_empty() {
        out.push_str("<div class=\"card\"><table class=\"plain\"><thead><tr>");
        for (class, zh, en) in [
            ("", "检测器", "Detector"),
            ("", "未能判断的原因", "Why it could not judge"),
            ("num", "记录数", "Records"),
            ("", "例如", "Such as"),
        ] {
            let _ = write!(out, "<th class=\"{class}\">{}</th>", both(zh, en));
        }
        out.push_str("</tr></thead><tbody>");
        for ((detector, reason), (count, keys)) in &page.unjudged.reasons {
            let keys: Vec<String> = keys.iter().map(|key| format!("<code>{}</code>", html(key))).collect();
            let more = if (*count as usize) > keys.len() { " …" } else { "" };
            let _ = write!(
                out,
                "<tr><td><code>{}</code></td><td>{}</td><td class=\"num\">{}</td><td>{}{more}</td></tr>",
                html(detector),
                html(reason),
                grouped(*count),
                keys.join(" ")
            );
        }
        out.push_str("</tbody></table>");
        if page.unjudged.others > 0 {
            let count = grouped(page.unjudged.others);
            let text = both(&format!("另有 {count} 条，原因各异。"), &format!("{count} more, for other reasons."));
            let _ = write!(out, "<p class=\"none\">{text}</p>");
        }
        out.push_str("</div>");
    }
    out.push_str("</section>\n");
    out
}

/// How each input was read and what was repaired.
pub(in crate::html) fn inputs(page: &Page<'_>) -> String {
    let summary = page.summary;
    let (read, duplicates, quarantined) =
        (grouped(summary.read), grouped(summary.duplicates), grouped(summary.quarantined));
    let scanned = grouped(words::records(summary));
    let note = both(
        &format!("读取 {read} 行 = 检查 {scanned} + 完全重复 {duplicates} + 隔离坏行 {quarantined}"),
        &format!("{read} rows read = {scanned} scanned + {duplicates} exact duplicates + {quarantined} quarantined"),
    );
    let mut out = format!(
        "<section><h2>{}<small>{note}</small></h2><div class=\"card\"><table class=\"plain\"><thead><tr>",
        both("输入与修复", "Inputs, and what was repaired")
    );
    for (class, zh, en) in [
        ("", "文件", "File"),
        ("num", "读取", "Read"),
        ("num", "检查", "Scanned"),
        ("num", "重复", "Duplicates"),
        ("num", "坏行", "Quarantined"),
        ("", "识别与修复", "As recognised and repaired"),
    ] {
        let _ = write!(out, "<th class=\"{class}\">{}</th>", both(zh, en));
    }
    out.push_str("</tr></thead><tbody>");
    for input in &summary.inputs {
        let sheet = input.source.sheet.as_deref().map_or(String::new(), |sheet| format!(" [{}]", html(sheet)));
        let account: String = input.account.iter().map(|fact| format!("<li>{}</li>", html(fact))).collect();
        let _ = write!(
            out,
            "<tr><td>{}{sheet}</td><td class=\"num\">{}</td><td class=\"num\">{}</td><td class=\"num\">{}</td><td class=\"num\">{}</td><td><ul>{account}</ul></td></tr>",
            html(&input.source.file),
            grouped(input.read),
            grouped(input.scanned),
            grouped(input.duplicates),
            grouped(input.quarantined)
        );
    }
    out.push_str("</tbody></table></div></section>\n");
    out
}

/// The digests with which the run can be repeated.
pub(in crate::html) fn replay(page: &Page<'_>) -> String {
    let header = page.header;
    let mut rows = vec![
        (both("运行编号", "Run"), String::new(), header.run_id.clone()),
        (both("工具版本", "Tool version"), String::new(), header.tool_version.clone()),
        (both("输出格式", "Output schema"), String::new(), header.schema.clone()),
        (both("配置", "Configuration"), header.profile.clone(), header.config.clone()),
    ];
    for (zh, en, digests) in [
        ("输入", "Input", &header.inputs),
        ("插件", "Plugin", &header.plugins),
        ("资源", "Resource", &header.resources),
    ] {
        rows.extend(digests.iter().map(|(name, digest)| (both(zh, en), name.clone(), digest.clone())));
    }
    let rows: String = rows
        .iter()
        .map(|(label, name, digest)| {
            format!("<tr><td>{label}</td><td>{}</td><td><code>{}</code></td></tr>", html(name), html(digest))
        })
        .collect();
    let title = both(
        "复现信息：相同的输入、插件、资源与配置得到相同的结果",
        "For replay: the same inputs, plugins, resources and configuration give the same result",
    );
    format!(
        "<section><div class=\"card\"><details><summary>{title}</summary><table class=\"plain\"><tbody>{rows}</tbody></table></details></div></section>\n"
    )
}

pub(in crate::html) fn footer() -> String {
    let text = both(
        "图片中只识读二维码，其他文字未识读。报告中的全部结论均为“疑似”，由规则与模型自动给出，须经人工核实后方可据以处理；本报告不构成法律意见。报告为单个文件，不访问网络。",
        "Of the text in pictures only QR codes are read. Everything in this report is suspected: rules and models say it, and a person has to verify it before anybody acts on it. It is no legal advice. The report is one file and makes no network requests.",
    );
    format!("<footer><div class=\"in\">{text}</div></footer>\n")
}
