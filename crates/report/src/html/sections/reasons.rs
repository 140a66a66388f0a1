//! The ten rules that were met most often, with what to do about each.

use std::fmt::Write;

use huoyan_model::{Locale, Severity};

use super::grouped;
use crate::html::chart::bar;
use crate::html::escape::{both, html};
use crate::html::page::Page;
use crate::html::tally::sum;
use crate::words;

/// Reasons in the list.
const REASONS: usize = 10;
/// Phrases shown for a reason.
const PHRASES: usize = 5;

pub(in crate::html) fn reasons(page: &Page<'_>) -> String {
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
             <b class=\"linkish\" data-filter=\"rule:{id}\">{name}</b> <code>{id}</code>"
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
