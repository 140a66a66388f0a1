//! The sections of the page, each in both languages.

use std::fmt::Write;

use huoyan_model::{DetectorOutcome, Locale, RunStatus, Severity, Verdict};

use super::chart::{bar, columns, severity_parts, swatch};
use super::day;
use super::escape::{both, html};
use super::page::Page;
use super::tally::sum;
use crate::words;

/// Bars in a chart.
const BARS: usize = 10;
/// Reasons in the list.
const REASONS: usize = 10;
/// Phrases shown for a reason.
const PHRASES: usize = 5;

const LOGO: &str = r#"<svg class="logo" viewBox="0 0 48 48" aria-hidden="true"><path class="flame" d="M25 3c1 5-4 7-3 11 3-1 4-3 4-5 4 3 6 6 5 10H17c-1-7 6-9 8-16z"/><path class="eye" d="M3 29c6-8 13-11 21-11s15 3 21 11c-6 8-13 12-21 12S9 37 3 29z"/><circle class="flame" cx="24" cy="29.5" r="7.5"/><circle class="pupil" cx="26.5" cy="27" r="2.3"/></svg>"#;

pub(super) fn masthead(page: &Page<'_>) -> String {
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

pub(super) fn banner(page: &Page<'_>) -> String {
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

pub(super) fn figures(page: &Page<'_>) -> String {
    let summary = page.summary;
    let verdict = |verdict: Verdict| summary.verdicts.get(verdict.as_str()).copied().unwrap_or(0);
    let judged: u64 = Verdict::ALL.into_iter().map(verdict).sum();
    let share = |count: u64| {
        if judged == 0 { String::new() } else { format!("{:.1}%", count as f64 * 100.0 / judged as f64) }
    };
    let findings = sum(&page.tally.severities);
    let records = words::records(summary);
    let scanned: Vec<[String; 2]> = summary
        .scanned
        .iter()
        .filter_map(|(kind, count)| {
            let kind = huoyan_model::RecordKind::parse(kind)?;
            let count = grouped(*count);
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

pub(super) fn charts(page: &Page<'_>) -> String {
    let tally = page.tally;
    let total = sum(&tally.severities);
    if total == 0 {
        let tick = r#"<svg viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="10"/><path d="M7.5 12.5l3 3 6-6.5"/></svg>"#;
        let text = both(
            "<b>未发现疑似问题。</b> 这只说明已启用的规则没有命中，不代表商品或评价一定合规。",
            "<b>No suspected problems.</b> The enabled rules met nothing; that does not prove that everything is in order.",
        );
        return format!("<section><div class=\"card calm\">{tick}<div>{text}</div></div></section>\n");
    }
    let mut out = String::from("<section><div class=\"grid\">");

    let _ = write!(out, "<div class=\"card w5\"><h3>{}</h3>", both("严重程度", "By severity"));
    out.push_str(&bar(&severity_parts(&tally.severities), total, "stack"));
    out.push_str("<ul class=\"legend\">");
    for (index, severity) in Severity::ALL.into_iter().enumerate().rev() {
        let name = both(words::severity(severity, Locale::Zh), words::severity(severity, Locale::En));
        let _ = write!(
            out,
            "<li>{}<span class=\"linkish\" data-filter=\"severity:{index}\">{name}</span> <b>{}</b></li>",
            swatch(&format!("s{index}")),
            grouped(tally.severities[index])
        );
    }
    out.push_str("</ul></div>");

    let _ = write!(out, "<div class=\"card w7\"><h3>{}</h3>", both("处理建议", "By verdict"));
    let verdicts: Vec<u64> =
        Verdict::ALL.iter().map(|v| page.summary.verdicts.get(v.as_str()).copied().unwrap_or(0)).collect();
    let parts: Vec<(u64, String)> = verdicts.iter().enumerate().rev().map(|(i, n)| (*n, format!("v{i}"))).collect();
    out.push_str(&bar(&parts, verdicts.iter().sum(), "stack"));
    out.push_str("<ul class=\"legend\">");
    for (index, verdict) in Verdict::ALL.into_iter().enumerate().rev() {
        let name = both(words::verdict(verdict, Locale::Zh), words::verdict(verdict, Locale::En));
        let _ = write!(
            out,
            "<li>{}<span class=\"linkish\" data-filter=\"verdict:{index}\">{name}</span> <b>{}</b></li>",
            swatch(&format!("v{index}")),
            grouped(verdicts[index])
        );
    }
    out.push_str("</ul></div>");

    let _ = write!(out, "<div class=\"card w6\"><h3>{}</h3><div class=\"bars\">", both("按规则", "By rule"));
    let rules = tally.top_rules();
    let most = rules.first().map_or(1, |(_, rule)| sum(&rule.severities));
    for (id, rule) in rules.iter().take(BARS) {
        let name =
            page.header.rules.get(*id).map_or(String::new(), |info| both(&html(&info.name.zh), &html(&info.name.en)));
        let id = html(id);
        let label = format!("<code>{id}</code>{name}");
        out.push_str(&bar_row(&format!("rule:{id}"), &label, &severity_parts(&rule.severities), most, ""));
    }
    let rest: u64 = rules.iter().skip(BARS).map(|(_, rule)| sum(&rule.severities)).sum();
    out.push_str(&others(rules.len().saturating_sub(BARS) as u64, rest, "条规则", "rules"));
    out.push_str("</div></div>");

    let _ = write!(out, "<div class=\"card w6\"><h3>{}</h3>", both("按店铺", "By shop"));
    let shops = tally.top_shops();
    if shops.is_empty() {
        let _ = write!(out, "<p class=\"none\">{}</p>", both("记录中没有店铺信息。", "The records name no shops."));
    }
    out.push_str("<div class=\"bars\">");
    let most = shops.first().map_or(1, |(_, shop)| sum(&shop.severities));
    for (id, shop) in shops.iter().take(BARS) {
        let id = html(id);
        let records = grouped(shop.records);
        let of = if shop.records > 0 {
            both(&format!(" / {records} 条"), &format!(" / {records} records"))
        } else {
            String::new()
        };
        out.push_str(&bar_row(&format!("shop:{id}"), &id, &severity_parts(&shop.severities), most, &of));
    }
    let rest: u64 = shops.iter().skip(BARS).map(|(_, shop)| sum(&shop.severities)).sum::<u64>() + tally.other_shops;
    out.push_str(&others(shops.len().saturating_sub(BARS) as u64, rest, "家店铺", "shops"));
    out.push_str("</div></div>");

    let _ = write!(out, "<div class=\"card w12 days\"><h3>{}</h3>", both("按日期", "By day"));
    let days = day::columns(&tally.days);
    if days.is_empty() {
        let text =
            both("记录中没有日期（更新时间或评价时间）。", "The records carry no dates (of update or of the review).");
        let _ = write!(out, "<p class=\"none\">{text}</p>");
    } else {
        out.push_str(&columns(&days));
        if tally.undated > 0 {
            let count = grouped(tally.undated);
            let text = both(&format!("另有 {count} 处没有日期。"), &format!("{count} more carry no date."));
            let _ = write!(out, "<p class=\"none\">{text}</p>");
        }
    }
    out.push_str("</div></div></section>\n");
    out
}

fn bar_row(filter: &str, label: &str, parts: &[(u64, String)], most: u64, after: &str) -> String {
    let count: u64 = parts.iter().map(|(amount, _)| amount).sum();
    format!(
        "<div class=\"row\"><button type=\"button\" class=\"name\" data-filter=\"{filter}\">{label}</button>{}<span class=\"num\">{}{after}</span></div>",
        bar(parts, most, ""),
        grouped(count)
    )
}

fn others(kinds: u64, count: u64, zh: &str, en: &str) -> String {
    if count == 0 {
        return String::new();
    }
    let label = both(&format!("其余 {kinds} {zh}"), &format!("{kinds} more {en}"));
    format!(
        "<div class=\"row\"><span class=\"none\">{label}</span><span></span><span class=\"num\">{}</span></div>",
        grouped(count)
    )
}

pub(super) fn reasons(page: &Page<'_>) -> String {
    let total = sum(&page.tally.severities);
    if total == 0 {
        return String::new();
    }
    let title = both("最常见的 10 个原因", "Top 10 reasons");
    let mut out = format!("<section><h2>{title}</h2><div class=\"card\"><ol class=\"top\">");
    for (rank, (id, rule)) in (1..).zip(page.tally.top_rules().into_iter().take(REASONS)) {
        let count = sum(&rule.severities);
        let worst = rule.severities.iter().rposition(|count| *count > 0).unwrap_or(0);
        let severity = Severity::ALL[worst];
        let pill = both(words::severity(severity, Locale::Zh), words::severity(severity, Locale::En));
        let info = page.header.rules.get(id);
        let name = info.map_or(String::new(), |info| both(&html(&info.name.zh), &html(&info.name.en)));
        let id = html(id);
        let _ = write!(
            out,
            "<li><span class=\"rank\">{rank}</span><div class=\"what\"><span class=\"pill p{worst}\">{pill}</span> \
             <b class=\"linkish\" data-filter=\"rule:{id}\">{name}</b> <code class=\"sub\">{id}</code>"
        );
        if let Some(info) = info {
            let _ = write!(out, "<p>{}</p>", both(&html(&info.message.zh), &html(&info.message.en)));
            if let Some(rewrite) = &info.rewrite {
                let zh = format!("建议：{}", html(&rewrite.zh));
                let en = format!("Suggested: {}", html(&rewrite.en));
                let _ = write!(out, "<p>{}</p>", both(&zh, &en));
            }
        }
        let phrases = rule.top_phrases(PHRASES);
        if !phrases.is_empty() {
            out.push_str("<div class=\"chips\">");
            for (phrase, times) in phrases {
                let times = if times > 1 { format!("<i>×{}</i>", grouped(times)) } else { String::new() };
                let _ = write!(out, "<span class=\"chip\">{}{times}</span>", html(phrase));
            }
            out.push_str("</div>");
        }
        let share = format!("{:.1}%", count as f64 * 100.0 / total as f64);
        let owners = grouped(rule.owners);
        let of = both(&format!("涉及 {owners} 条记录 · {share}"), &format!("in {owners} records · {share}"));
        let part = [(count, format!("s{worst}"))];
        let _ = write!(
            out,
            "</div><div class=\"how\"><b>{}</b><br>{of}{}</div></li>",
            grouped(count),
            bar(&part, total, "")
        );
    }
    out.push_str("</ol></div></section>\n");
    out
}

pub(super) fn findings(page: &Page<'_>, pictures_left_out: u64) -> String {
    if page.items.is_empty() {
        return format!("<div hidden>{}</div>", table());
    }
    let held = page.items.len() as u64;
    let mut note = if page.total > held {
        let (held, total) = (grouped(held), grouped(page.total));
        both(
            &format!(
                "共 {total} 处，此处列出最严重的 {held} 处；统计图表包含全部，完整列表见 JSONL / CSV / Parquet 输出"
            ),
            &format!(
                "the {held} most severe of {total}; the charts cover all, the JSONL, CSV and Parquet outputs list all"
            ),
        )
    } else {
        both("点击一行查看证据", "click a row for its evidence")
    };
    if pictures_left_out > 0 {
        let count = grouped(pictures_left_out);
        note.push_str(&both(&format!("；{count} 张图片未嵌入"), &format!("; {count} pictures are not embedded")));
    }
    format!(
        "<section id=\"findings\"><h2>{}<small>{note}</small></h2><noscript><p class=\"none\">{}</p></noscript>{}</section>\n",
        both("疑似问题清单", "Suspected problems"),
        both("此表需要启用脚本。", "The table needs its script."),
        table()
    )
}

fn table() -> String {
    let select = |name: &str| format!("<select id=\"f-{name}\"></select>");
    let filters: String = ["severity", "verdict", "rule", "detector", "shop", "kind"].map(select).concat();
    let heads: String = ["severity", "rule", "record", "content", "score", "verdict"]
        .map(|key| {
            let class = match key {
                "severity" => "c-sev",
                "rule" => "c-rule",
                "record" => "c-rec",
                "score" => "c-score",
                "verdict" => "c-verdict",
                _ => "",
            };
            format!("<th scope=\"col\" class=\"{class}\" data-sort=\"{key}\"><button type=\"button\"></button></th>")
        })
        .concat();
    format!(
        "<div class=\"filters noprint\"><input type=\"search\" id=\"f-text\">{filters}<label><input type=\"checkbox\" id=\"f-aside\">\
         <span id=\"aside-label\"></span></label><button type=\"button\" class=\"reset\" id=\"reset\"></button></div>\
         <div class=\"card findings\"><table><thead><tr>{heads}</tr></thead><tbody id=\"rows\"></tbody></table>\
         <div class=\"pager\"><span id=\"count\"></span><span><button type=\"button\" id=\"prev\"></button><span id=\"pageno\"></span>\
         <button type=\"button\" id=\"next\"></button></span></div></div>"
    )
}

/// What was not judged, and how each detector fared.
pub(super) fn gaps(page: &Page<'_>) -> String {
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
pub(super) fn inputs(page: &Page<'_>) -> String {
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
pub(super) fn replay(page: &Page<'_>) -> String {
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

pub(super) fn footer() -> String {
    let text = both(
        "报告中的全部结论均为“疑似”，由规则与模型自动给出，须经人工核实后方可据以处理；本报告不构成法律意见。报告为单个文件，不访问网络。",
        "Everything in this report is suspected: rules and models say it, and a person has to verify it before anybody acts on it. It is no legal advice. The report is one file and makes no network requests.",
    );
    format!("<footer><div class=\"in\">{text}</div></footer>\n")
}

/// A whole number with commas between groups of three digits.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn large_numbers_are_grouped() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }
}
