//! What stands first: the run, whether it is complete, and the figures.

use std::fmt::Write;

use huoyan_model::{Locale, RecordKind, RunStatus, Verdict};

use super::grouped;
use crate::html::escape::{both, html};
use crate::html::page::Page;
use crate::html::tally::sum;
use crate::words;

const LOGO: &str = r#"<svg class="logo" viewBox="0 0 48 48" aria-hidden="true"><path class="flame" d="M26 1c1 6-6 8-5 14 2-1 3-2 3.5-4 3 3 3 6 2 9H15c-2-8 8-10 11-19zM31 9c4 3 5 7 3 11h-4c2-4 2-7 1-11z"/><path class="eye" d="M3 29c6-8 13-11 21-11s15 3 21 11c-6 8-13 12-21 12S9 37 3 29z"/><circle class="flame" cx="24" cy="29.5" r="7.5"/><circle class="pupil" cx="26.5" cy="27" r="2.3"/></svg>"#;

pub(in crate::html) fn masthead(page: &Page<'_>) -> String {
    let header = page.header;
    let run = html(header.run_id.get(..12).unwrap_or(&header.run_id));
    let profile = html(&header.profile);
    let version = html(&header.tool_version);
    let title = both("疑似违规筛查报告", "Screening report of suspected problems");
    let line = both(
        &format!("策略 <code>{profile}</code> · 运行编号 <code>{run}</code> · huoyan {version}"),
        &format!("profile <code>{profile}</code> · run <code>{run}</code> · huoyan {version}"),
    );
    let print = both("打印", "Print");
    let switch = both("English", "中文");
    format!(
        "<header><div class=\"in\">{LOGO}<div><h1>{title}</h1><p>{line}</p></div><div class=\"tools noprint\">\
         <button id=\"lang\" type=\"button\">{switch}</button><button id=\"theme\" type=\"button\"></button>\
         <button id=\"print\" type=\"button\">{print}</button></div></div></header>\n"
    )
}

pub(in crate::html) fn banner(page: &Page<'_>) -> String {
    match &page.summary.status {
        RunStatus::Complete => String::new(),
        RunStatus::Interrupted => format!(
            "<div class=\"banner stop\"><b>{}</b>{}</div>\n",
            both("运行被中断", "The run was interrupted"),
            both("本报告只包含中断之前的结果。", "This report holds only what was found before.")
        ),
        RunStatus::Incomplete { reasons } => {
            let reasons: String = reasons.iter().map(|reason| format!("<li>{}</li>", html(reason))).collect();
            let title = both("检查不完整：以下内容未被覆盖", "The run is incomplete; it did not cover");
            format!("<div class=\"banner\"><b>{title}</b><ul>{reasons}</ul></div>\n")
        }
    }
}

pub(in crate::html) fn figures(page: &Page<'_>) -> String {
    let summary = page.summary;
    let verdict = |verdict: Verdict| summary.verdicts.get(verdict.as_str()).copied().unwrap_or(0);
    let judged: u64 = Verdict::ALL.into_iter().map(verdict).sum();
    let share = |count: u64| {
        if judged == 0 { String::new() } else { format!("{:.1}%", count as f64 * 100.0 / judged as f64) }
    };
    let findings = sum(&page.tally.severities);
    let records = words::records(summary);
    let scanned: Vec<[String; 2]> = RecordKind::ALL
        .into_iter()
        .filter_map(|kind| {
            let count = grouped(*summary.scanned.get(kind.as_str())?);
            Some([Locale::Zh, Locale::En].map(|locale| format!("{} {count}", words::kind(kind, locale))))
        })
        .collect();
    let scanned_line = |language: usize| {
        let parts: Vec<&str> = scanned.iter().map(|texts| texts[language].as_str()).collect();
        parts.join(" · ")
    };
    let mut out = String::from("<div class=\"kpis\">");
    let mut kpi = |class: &str, number: u64, label: String, sub: String| {
        let number = grouped(number);
        let _ = write!(
            out,
            "<div class=\"card kpi {class}\"><div class=\"n\">{number}</div><div class=\"l\">{label}</div><div class=\"s\">{sub}</div></div>"
        );
    };
    kpi("", records, both("已检查记录", "records scanned"), both(&scanned_line(0), &scanned_line(1)));
    let set_aside = grouped(summary.suppressed);
    kpi(
        "",
        findings,
        both("疑似问题", "suspected problems"),
        both(&format!("另有 {set_aside} 处已豁免"), &format!("{set_aside} more suppressed")),
    );
    for (value, zh, en) in [
        (Verdict::Reject, "建议拒绝", "suggested to reject"),
        (Verdict::Review, "待人工复核", "for a person to review"),
        (Verdict::Pass, "未发现问题", "passed"),
    ] {
        kpi(value.as_str(), verdict(value), both(zh, en), share(verdict(value)));
    }
    out.push_str("</div>\n");
    out
}
