//! What a merchant can put forward in an appeal and what not, as far as this run tells.

use std::fmt::Write;

use super::grouped;
use crate::campaign::DETECTOR;
use crate::html::appeals::FAMILIES;
use crate::html::escape::{both, html};
use crate::html::open;
use crate::html::page::Page;

pub(in crate::html) fn appeals(page: &Page<'_>) -> String {
    let counts = page.appeals;
    if counts.all() == 0 {
        return String::new();
    }
    let judged =
        page.summary.detectors.iter().find(|detector| detector.name == DETECTOR).map(|detector| detector.judged);
    let mut note = judged.map_or_else(String::new, |judged| {
        let judged = grouped(judged);
        both(&format!("共判断评价 {judged} 条"), &format!("{judged} reviews judged"))
    });
    if counts.aside > 0 {
        let aside = grouped(counts.aside);
        note.push_str(&both(&format!(" · 已豁免 {aside} 条"), &format!(" · {aside} suppressed")));
    }
    let mut can = Vec::new();
    let mut cannot = Vec::new();
    let ready = grouped(counts.ready);
    can.push(both(
        &format!("<b>{ready} 条</b>评价置信度不低于 0.5，且至少 {FAMILIES} 类相互独立的信号支持怀疑：可作为申诉线索，附上清单中的证据。"),
        &format!("<b>{ready}</b> reviews score 0.5 or more and at least {FAMILIES} independent families speak: these can be put forward, with the evidence in the list."),
    ));
    if counts.contested > 0 {
        let contested = grouped(counts.contested);
        can.push(both(
            &format!("其中 <b>{contested} 条</b>同时有反对怀疑的信号，申诉时须一并说明。"),
            &format!(
                "In <b>{contested}</b> of them something also speaks against the suspicion; an appeal has to say so."
            ),
        ));
    }
    if counts.ordinary > 0 {
        let ordinary = grouped(counts.ordinary);
        can.push(both(
            &format!("其中 <b>{ordinary} 条</b>所在的集中时段多为普通买家，可能是一批次品或物流问题：先查商品和物流，再决定是否申诉。"),
            &format!("<b>{ordinary}</b> of them lie in a burst with many ordinary buyers, perhaps a bad batch or a courier: look into the goods and the delivery before you appeal."),
        ));
    }
    can.push(both(
        "申诉前由人工核对评价原文、订单与聊天记录：节选和统计由程序给出，可能有误。",
        "Before an appeal a person has to check the review, the order and the messages: a program made the excerpts and counts, and it may err.",
    ));
    if let Some((first, shop)) = &counts.first {
        let open = |option| format!("<code>{}</code>", html(&open::review(option, first, shop.as_deref())));
        let (one, all) = (open("--review"), open("--campaign"));
        can.push(both(
            &format!("立案命令（findings.jsonl 由 <code>-o jsonl=findings.jsonl</code> 写出）：{one}；其所在团伙的全部评价：{all}；其他问题的命令见清单中的详情"),
            &format!("To open a case (<code>-o jsonl=findings.jsonl</code> writes the findings): {one}; for all reviews of its campaign: {all}; the details in the list have the command for each finding"),
        ));
    }
    let mut no = |count: u64, zh: &str, en: &str| {
        if count > 0 {
            let count = grouped(count);
            cannot.push(both(&zh.replace('#', &count), &en.replace('#', &count)));
        }
    };
    no(
        counts.few_families,
        "<b># 条</b>置信度不低于 0.5，但证据列出的独立信号类别不足两类。",
        "<b>#</b> score 0.5 or more, but the evidence names fewer than two independent families.",
    );
    no(
        counts.one_family,
        "<b># 条</b>只有一类信号，因此压在 0.5 以下。",
        "<b>#</b> rest on one family only and are held below 0.5.",
    );
    no(counts.weak, "<b># 条</b>证据不足，低于 0.5。", "<b>#</b> are below 0.5 for want of evidence.");
    no(
        counts.praise,
        "<b># 条</b>是疑似不实好评：对店铺不是申诉理由，而是自查事项。",
        "<b>#</b> are suspected praise: no ground for an appeal, but something the shop should look into itself.",
    );
    cannot.push(both(
        "仅仅是低分；对商品、物流或服务的真实投诉，无论措辞多重；普通买家的集中差评。",
        "A low rating alone; a genuine complaint about goods, delivery or service, however harsh; a burst of ordinary buyers.",
    ));
    if counts.one_family + counts.weak == 0 {
        cannot.push(both(
            "其余评价未达到 0.5。本次没有写出低于 0.5 的结果（<code>--all-findings</code> 可写出）。",
            "All other reviews. This report was given none below 0.5 (<code>--all-findings</code> writes them).",
        ));
    }
    let title = both("哪些可以申诉，哪些不可以", "What can be appealed, and what cannot");
    let mut out = format!(
        "<section id=\"appeals\"><h2>{title}<small>{note}</small></h2><div class=\"card\"><div class=\"halves\">"
    );
    for (title, entries) in
        [(both("可以作为申诉线索", "Can be put forward"), can), (both("不可以申诉", "Cannot be appealed"), cannot)]
    {
        let _ = write!(out, "<div><h4>{title}</h4><ul>");
        entries.iter().for_each(|entry| {
            let _ = write!(out, "<li>{entry}</li>");
        });
        out.push_str("</ul></div>");
    }
    let close = both(
        "本报告是疑似线索，不是证明；是否成立由平台依其规则判断，本工具不承诺任何处理结果。",
        "This report is suspicion and no proof. The platform decides by its own rules; nothing here promises an outcome.",
    );
    let _ = writeln!(out, "</div><p class=\"none\">{close}</p></div></section>");
    out
}
