//! Findings by severity, verdict, rule, shop and day.

use std::fmt::Write;

use huoyan_model::{Locale, RunStatus, Severity, Verdict};

use super::grouped;
use crate::html::chart::{bar, columns, severity_parts, swatch};
use crate::html::day;
use crate::html::escape::{both, html};
use crate::html::page::Page;
use crate::html::tally::sum;
use crate::words;

/// Bars in a chart.
const BARS: usize = 10;

pub(in crate::html) fn charts(page: &Page<'_>) -> String {
    let tally = page.tally;
    let total = sum(&tally.severities);
    if total == 0 {
        let tick = r#"<svg viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="10"/><path d="M7.5 12.5l3 3 6-6.5"/></svg>"#;
        let text = both(
            "<b>未发现疑似问题。</b> 这只说明已启用的规则没有命中，不代表商品或评价一定合规。",
            "<b>No suspected problems.</b> The enabled rules met nothing; that does not prove that everything is in order.",
        );
        if page.summary.status != RunStatus::Complete {
            // No green tick over what nobody looked at.
            let text = both(
                "<b>已覆盖的部分未发现疑似问题；</b> 未覆盖的部分没有结论，请见上方说明。",
                "<b>No suspected problems in what was covered;</b> nothing is known of the rest, see above.",
            );
            return format!("<section><div class=\"card calm\"><div>{text}</div></div></section>\n");
        }
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
