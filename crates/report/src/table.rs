//! The columns that findings have as a table, shared by the spreadsheet formats.

use std::borrow::Cow;
use std::collections::BTreeMap;

use huoyan_model::{Locale, Localized, ReportItem, RuleInfo};
use serde_json::Value;

use crate::words::{self, pick};

/// A value of a table.
pub(crate) enum Cell<'a> {
    Empty,
    Text(Cow<'a, str>),
    Number(f64),
    Whole(u64),
}

/// A column: its name in files for programs, its heading for people, and a width in characters for a workbook.
pub(crate) struct Column {
    pub(crate) name: &'static str,
    zh: &'static str,
    en: &'static str,
    pub(crate) width: f64,
}

impl Column {
    pub(crate) fn heading(&self, locale: Locale) -> &'static str {
        pick(locale, self.zh, self.en)
    }
}

const fn column(name: &'static str, zh: &'static str, en: &'static str, width: f64) -> Column {
    Column { name, zh, en, width }
}

/// What a person acts on comes first, what a program joins on comes last.
pub(crate) const COLUMNS: &[Column] = &[
    column("severity", "严重程度", "Severity", 10.0),
    column("verdict", "处理建议", "Verdict", 10.0),
    column("rule", "规则", "Rule", 9.0),
    column("rule_name", "规则名称", "Rule name", 24.0),
    column("message", "说明", "Message", 44.0),
    column("owner_kind", "对象", "Kind", 8.0),
    column("owner", "对象编号", "Record", 18.0),
    column("shop_id", "店铺", "Shop", 14.0),
    column("headline", "标题 / 评价", "Title or review", 50.0),
    column("field", "字段", "Field", 10.0),
    column("matched", "疑似内容", "Matched text", 24.0),
    column("span_start", "起始字节", "Span start", 9.0),
    column("span_end", "结束字节", "Span end", 9.0),
    column("score", "置信度", "Score", 9.0),
    column("clause", "依据条款", "Clause", 36.0),
    column("rewrite", "修改建议", "Suggested rewrite", 36.0),
    column("detector", "检测器", "Detector", 20.0),
    column("evidence", "证据", "Evidence", 40.0),
    column("members", "同组对象", "Members", 20.0),
    column("copies", "重复份数", "Copies", 9.0),
    column("suppressed", "豁免原因", "Suppressed", 20.0),
    column("day", "日期", "Day", 11.0),
    column("price", "价格", "Price", 9.0),
    column("rating", "评分", "Rating", 7.0),
    column("listing_id", "所属商品", "Listing", 14.0),
    column("record_kind", "被判对象", "Judged kind", 9.0),
    column("record", "被判编号", "Judged record", 18.0),
    column("file", "文件", "File", 24.0),
    column("sheet", "工作表", "Sheet", 12.0),
    column("line", "行", "Line", 8.0),
    column("record_version", "内容哈希", "Record version", 34.0),
    column("fingerprint", "指纹", "Fingerprint", 34.0),
];

/// The cells of one finding, in the order of [`COLUMNS`].
pub(crate) fn row<'a>(item: &'a ReportItem, rules: &'a BTreeMap<String, RuleInfo>, locale: Locale) -> Vec<Cell<'a>> {
    let finding = &item.finding;
    let card = &item.card;
    let rule = rules.get(&finding.rule);
    let said = |pick: fn(&RuleInfo) -> &Localized| optional(rule.map(|rule| pick(rule).get(locale)));
    vec![
        text(finding.severity.as_str()),
        text(item.verdict.as_str()),
        text(&finding.rule),
        said(|rule| &rule.name),
        said(|rule| &rule.message),
        text(finding.owner_kind.as_str()),
        text(&finding.owner),
        optional(finding.shop_id.as_deref()),
        text(&card.headline),
        optional(finding.field.as_deref().map(|field| words::field(field, locale))),
        optional(finding.matched.as_deref()),
        finding.span.map_or(Cell::Empty, |span| Cell::Whole(span.0.into())),
        finding.span.map_or(Cell::Empty, |span| Cell::Whole(span.1.into())),
        Cell::Number(finding.score),
        owned(clause(item, rule, locale)),
        owned(rewrite(item, rule, locale)),
        text(&finding.detector),
        if finding.evidence.is_empty() { Cell::Empty } else { Cell::Text(shown_evidence(item).into()) },
        if finding.members.is_empty() { Cell::Empty } else { Cell::Text(finding.members.join(" ").into()) },
        Cell::Whole(finding.copies),
        optional(finding.suppressed.as_deref()),
        optional(card.day.as_deref()),
        card.price.map_or(Cell::Empty, Cell::Number),
        card.rating.map_or(Cell::Empty, Cell::Number),
        optional(card.listing_id.as_deref()),
        text(finding.record_kind.as_str()),
        text(&finding.record),
        text(&finding.source.file),
        optional(finding.source.sheet.as_deref()),
        Cell::Whole(finding.source.line),
        Cell::Text(finding.record_version.to_string().into()),
        Cell::Text(finding.fingerprint.to_string().into()),
    ]
}

/// The clause a finding rests on: the detector's own word if it gave one, else the rule's.
pub(crate) fn clause(item: &ReportItem, rule: Option<&RuleInfo>, locale: Locale) -> Option<String> {
    told(item, "clause", locale).or_else(|| Some(rule?.clause.as_ref()?.get(locale).to_owned()))
}

/// What to write instead: the detector's own word if it gave one, else the rule's.
pub(crate) fn rewrite(item: &ReportItem, rule: Option<&RuleInfo>, locale: Locale) -> Option<String> {
    told(item, "rewrite", locale).or_else(|| Some(rule?.rewrite.as_ref()?.get(locale).to_owned()))
}

/// An evidence value that is a text, or a text in both languages.
fn told(item: &ReportItem, key: &str, locale: Locale) -> Option<String> {
    let value = item.finding.evidence.get(key)?;
    let text = value.as_str().or_else(|| value.get(pick(locale, "zh", "en"))?.as_str())?;
    (!text.is_empty()).then(|| text.to_owned())
}

/// The evidence as JSON without pictures, which no table can show.
pub(crate) fn shown_evidence(item: &ReportItem) -> String {
    let mut evidence = item.finding.evidence.clone();
    evidence.remove("reference_thumbnail");
    Value::Object(evidence).to_string()
}

fn text(value: &str) -> Cell<'_> {
    Cell::Text(Cow::Borrowed(value))
}

fn optional(value: Option<&str>) -> Cell<'_> {
    value.map_or(Cell::Empty, text)
}

fn owned<'a>(value: Option<String>) -> Cell<'a> {
    value.map_or(Cell::Empty, |value| Cell::Text(value.into()))
}
