//! The frame of the table of findings; the script fills it from the data.

use super::grouped;
use crate::html::escape::both;
use crate::html::page::Page;

pub(in crate::html) fn findings(page: &Page<'_>, pictures_left_out: u64) -> String {
    if page.items.is_empty() {
        return format!("<div hidden>{}</div>", table());
    }
    let held = page.items.len() as u64;
    let mut note = if page.total > held {
        let (held, total) = (grouped(held), grouped(page.total));
        both(
            &format!(
                "共 {total} 处，此处列出最严重的 {held} 处（兼顾每条规则）；统计图表包含全部，完整列表见 JSONL / CSV / Parquet 输出"
            ),
            &format!(
                "the {held} most severe of {total}, with some of every rule; the charts cover all, the JSONL, CSV and Parquet outputs list all"
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
