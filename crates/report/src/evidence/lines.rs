//! The evidence of a finding as lines for a terminal, tables as tables. No line is wider than asked, unless a single word is.

use huoyan_model::{Finding, Locale};
use serde_json::{Map, Value};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::sentence::{composition_sentence, judged_as};
use super::{evidence_name, evidence_text, family, numbers, signal, value_word};
use crate::campaign::{against, day_text};
use crate::sanitise;
use crate::words::pick;

/// Rows of a table.
const ROWS: usize = 60;
/// Keys that a table, the sentence or the report's own order tells.
const TOLD: [&str; 13] = [
    "ledger",
    "log_odds",
    "families",
    "side",
    "stratum",
    "signals",
    "counterfactual",
    "window",
    "composition",
    "copies",
    "ring",
    "speaks_against",
    "brief",
];

/// The evidence as lines, each indented by two; keys in `leave` are left out. A ledger, and what belongs to one, become tables.
pub fn evidence_lines(finding: &Finding, locale: Locale, width: usize, leave: &[&str]) -> Vec<String> {
    let evidence = &finding.evidence;
    let mut lines = Lines { out: Vec::new(), width: width.max(40), locale };
    let of_review = evidence.get("signals").is_some() && evidence.get("side").is_some();
    let told = |key: &str| of_review && TOLD.contains(&key) || key == "ledger" && evidence["ledger"].is_array();
    if of_review {
        lines.crowd(evidence);
        lines.copies(evidence);
        lines.ring(evidence);
    }
    for (key, value) in evidence.iter().filter(|(key, _)| !leave.contains(&key.as_str()) && !told(key)) {
        if let Some(text) = evidence_text(key, value, locale) {
            lines.labelled(evidence_name(key, locale), &text);
        }
    }
    lines.ledger(evidence, finding.score);
    if of_review {
        lines.against(evidence);
    }
    lines.out
}

/// Breaks a text so that no line is wider than `width`, at spaces or between Chinese characters; closing signs never begin a line.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    let wide = |c: char| c.width().unwrap_or(0) > 1;
    let closes = |c: char| "，。、；：！？）】》”’,.;:!?)]%…".contains(c);
    let chars: Vec<char> = text.chars().collect();
    let mut lines = Vec::new();
    let (mut line, mut used, mut last) = (String::new(), 0, None);
    for (i, c) in chars.iter().enumerate() {
        let size = c.width().unwrap_or(0);
        if used + size > width && !line.is_empty() {
            let at: usize = last.unwrap_or(line.len());
            let rest = line.split_off(at);
            lines.push(std::mem::replace(&mut line, rest.trim_start().to_owned()).trim_end().to_owned());
            used = line.width();
            last = None;
        }
        if *c == ' ' && line.is_empty() {
            continue;
        }
        line.push(*c);
        used += size;
        let next = chars.get(i + 1);
        if next.is_some_and(|n| !closes(*n) && (*c == ' ' || wide(*c) && !"（《“‘".contains(*c) || wide(*n))) {
            last = Some(line.len());
        }
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line.trim_end().to_owned());
    }
    lines
}

fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}

struct Lines {
    out: Vec<String>,
    width: usize,
    locale: Locale,
}

impl Lines {
    fn w<'t>(&self, zh: &'t str, en: &'t str) -> &'t str {
        pick(self.locale, zh, en)
    }

    fn indented(&mut self, indent: usize, text: &str) {
        let clean = sanitise(text).into_owned();
        for (i, line) in wrap(&clean, self.width.saturating_sub(indent + 2)).into_iter().enumerate() {
            let indent = if i == 0 { indent } else { indent + 2 };
            self.out.push(format!("{}{line}", " ".repeat(indent)));
        }
    }

    fn labelled(&mut self, label: &str, text: &str) {
        let text = format!("{label}{}{text}", self.w("：", ": "));
        self.indented(2, &text);
    }

    /// A table whose first column is words and whose others are numbers, to the right.
    fn table(&mut self, head: &[&str], rows: &[Vec<String>]) {
        let rows =
            rows.iter().take(ROWS).map(|row| row.iter().map(|cell| sanitise(cell).into_owned()).collect::<Vec<_>>());
        let rows: Vec<Vec<String>> =
            std::iter::once(head.iter().map(|h| (*h).to_owned()).collect()).chain(rows).collect();
        let columns = head.len();
        let size = |column: usize| rows.iter().map(|row| row[column].width()).max().unwrap_or(0);
        let numbers: usize = (1..columns).map(|column| size(column) + 2).sum();
        let first = size(0).min(self.width.saturating_sub(numbers + 4).max(12));
        for row in &rows {
            let mut words = wrap(&row[0], first).into_iter();
            let mut line = format!("    {}", pad(&words.next().unwrap_or_default(), first));
            for (column, cell) in row.iter().enumerate().skip(1) {
                line.push_str(&format!("  {}{cell}", " ".repeat(size(column) - cell.width())));
            }
            self.out.push(line.trim_end().to_owned());
            self.out.extend(words.map(|more| format!("      {more}")));
        }
    }

    /// The window and what its others are like.
    fn crowd(&mut self, evidence: &Map<String, Value>) {
        if let Some(text) = evidence.get("window").and_then(|window| self.window(window)) {
            self.labelled(evidence_name("window", self.locale), &text);
        }
        let Some(composition) = evidence.get("composition") else { return };
        let others = composition.get("others").and_then(Value::as_u64).unwrap_or(0);
        let title = match self.locale {
            Locale::Zh => format!("同期其他 {others} 个账号的构成"),
            Locale::En => format!("What the {others} other accounts of these days are like"),
        };
        if let Some(rows) = composition.get("rows").and_then(Value::as_object).filter(|rows| !rows.is_empty()) {
            self.indented(2, &title);
            let rows: Vec<Vec<String>> = rows.iter().filter_map(|(of, row)| self.trait_row(of, row)).collect();
            let head = [
                self.w("特征", "trait"),
                self.w("实际", "observed"),
                self.w("平常", "usual"),
                self.w("偶然概率", "by chance"),
            ];
            self.table(&head, &rows);
        }
        if let Some(text) = composition_sentence(evidence, self.locale) {
            self.indented(4, &format!("→ {text}"));
        }
    }

    fn trait_row(&self, of: &str, row: &Value) -> Option<Vec<String>> {
        let number = |i: usize| row.get(i).and_then(Value::as_f64);
        let (observed, known, expected, p) = (number(0)?, number(1)?, number(2)?, number(3)?);
        let rank = of.ends_with("_rank");
        let (observed, expected) = if rank {
            (format!("{:.0} %", observed * 100.0), format!("{:.0} %", expected * 100.0))
        } else {
            (format!("{observed:.0} / {known:.0}"), numbers::amount(expected))
        };
        Some(vec![value_word("composition", of, self.locale).to_owned(), observed, expected, numbers::chance(p)])
    }

    fn window(&self, window: &Value) -> Option<String> {
        let of = |key: &str| window.get(key).and_then(Value::as_f64);
        let (from, to) = (day_text(of("from")?), day_text(of("to")?));
        let (observed, expected) = (of("observed")?, numbers::amount(of("expected")?));
        Some(match self.locale {
            Locale::Zh => format!("{from} – {to}，实际 {observed} 条，按往常约 {expected} 条"),
            Locale::En => format!("{from} – {to}, observed {observed}, about {expected} are usual"),
        })
    }

    fn copies(&mut self, evidence: &Map<String, Value>) {
        let mut own = None;
        for copy in evidence.get("copies").and_then(Value::as_array).into_iter().flatten().take(3) {
            let record = copy.get("record").and_then(Value::as_str).unwrap_or_default();
            let percent = copy.get("percent").and_then(Value::as_f64).unwrap_or(0.0);
            self.labelled(evidence_name("copies", self.locale), &format!("{record}  {percent:.0} %"));
            let passage = |key: &str| {
                let parts = copy.get(key)?.as_array()?;
                let part = |i: usize| parts.get(i).and_then(Value::as_str).unwrap_or_default();
                Some(format!("{}【{}】{}", part(0), part(1), part(2)))
            };
            own = passage("own").or(own);
            let Some(mine) = &own else { continue };
            let same = copy.get("same").and_then(Value::as_bool) == Some(true);
            let other = if same { Some(mine.clone()) } else { passage("other") };
            if let Some(other) = other {
                let (mine, other) = (
                    format!("{} {mine}", self.w("本条", "this one ")),
                    format!("{} {other}", self.w("对方", "the other")),
                );
                self.indented(4, &mine);
                self.indented(4, &other);
            }
        }
    }

    fn ring(&mut self, evidence: &Map<String, Value>) {
        let Some(ring) = evidence.get("ring") else { return };
        let of = |key: &str| ring.get(key).and_then(Value::as_f64).unwrap_or(0.0);
        let (agreed, met, chance) = (of("agreed"), of("met"), of("chance"));
        let text = match self.locale {
            Locale::Zh => format!(
                "另有 {met} 个账号同现，其中 {agreed} 个立场一致（偶然一致的概率每个约 {}）",
                numbers::amount(chance)
            ),
            Locale::En => format!(
                "{met} other accounts met it, {agreed} of them agreed (by chance each would with {})",
                numbers::amount(chance)
            ),
        };
        self.labelled(evidence_name("ring", self.locale), &text);
        let met = ring.get("meetings").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object);
        let cell = |met: &Map<String, Value>, key: &str| match (key, met.get(key)) {
            ("at", Some(at)) => at.as_f64().map_or_else(String::new, day_text),
            (_, Some(Value::String(text))) => text.clone(),
            (_, Some(value)) => value.to_string(),
            _ => String::new(),
        };
        let keys = ["account", "listing", "at", "stars"];
        let rows: Vec<Vec<String>> = met.map(|met| keys.iter().map(|key| cell(met, key)).collect()).collect();
        if !rows.is_empty() {
            let head = keys.map(|key| evidence_name(key, self.locale));
            self.table(&head, &rows);
        }
    }

    /// The ledger and the scores without.
    fn ledger(&mut self, evidence: &Map<String, Value>, score: f64) {
        let Some(entries) = evidence.get("ledger").and_then(Value::as_array).filter(|all| !all.is_empty()) else {
            return;
        };
        let l = self.locale;
        if let Some(text) = judged_as(evidence, l) {
            self.labelled(self.w("与之比较的评价", "Compared with reviews of"), &text);
        }
        self.indented(
            2,
            self.w(
                "得分构成（对数几率；没有该项时的得分）",
                "What the score is made of (log-odds; the score without it)",
            ),
        );
        let text = |entry: &Value, key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let mut sum = 0.0;
        let mut rows: Vec<Vec<String>> = Vec::new();
        for entry in entries {
            let contribution = entry.get("contribution").and_then(Value::as_f64).unwrap_or(0.0);
            sum += contribution;
            let (name, of) = (text(entry, "signal"), text(entry, "family"));
            let name = match (signal(&name, l), family(&of, l)) {
                (name, of) if name == of || matches!(entry["family"].as_str(), Some("base" | "policy")) => {
                    name.to_owned()
                }
                (name, of) => format!(
                    "{name}{}",
                    match l {
                        Locale::Zh => format!("（{of}）"),
                        Locale::En => format!(" ({of})"),
                    }
                ),
            };
            let without = entry.get("without").and_then(Value::as_f64).map_or_else(String::new, |s| format!("{s:.2}"));
            rows.push(vec![name, numbers::signed(contribution), without]);
        }
        rows.push(vec![self.w("合计", "sum").to_owned(), numbers::signed(sum), format!("{score:.2}")]);
        let head = [self.w("信号", "signal"), self.w("贡献", "adds"), self.w("没有时", "without")];
        self.table(&head, &rows);
        let without = evidence.get("counterfactual").and_then(Value::as_array).into_iter().flatten();
        let told: Vec<String> = without
            .filter_map(|entry| {
                let name = family(entry.get("without")?.as_str()?, l);
                Some(format!("{name} {:.2}", entry.get("score")?.as_f64()?))
            })
            .collect();
        if !told.is_empty() {
            self.labelled(evidence_name("counterfactual", l), &told.join(self.w("、", ", ")));
        }
        if evidence.get("brief").and_then(Value::as_bool) == Some(true) {
            self.indented(2, evidence_name("brief", l));
        }
    }

    fn against(&mut self, evidence: &Map<String, Value>) {
        let names: Vec<&str> = against(evidence).into_iter().map(|name| signal(name, self.locale)).collect();
        if !names.is_empty() {
            self.labelled(evidence_name("speaks_against", self.locale), &names.join(self.w("、", ", ")));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::campaign::tests::told;

    #[test]
    fn texts_break_at_spaces_and_between_characters_and_fit() {
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("疑似在短时间内，集中", 12), ["疑似在短时间", "内，集中"]);
        assert_eq!(wrap("质量很差，用", 8), ["质量很", "差，用"]);
        assert_eq!(wrap("", 8), [""]);
        assert_eq!(wrap("abcdefghij", 4), ["abcd", "efgh", "ij"]);
    }

    #[test]
    fn tables_say_what_was_seen_in_words_and_no_line_is_too_wide() {
        let evidence = json!({
            "side": "negative", "stratum": "one", "signals": {"burst_short": 3.0},
            "ledger": [{"signal": "base", "family": "base", "contribution": -2.0},
                {"signal": "burst_short", "family": "burst", "contribution": 2.5, "without": 0.12}],
            "counterfactual": [{"without": "burst", "score": 0.12}],
            "window": {"from": 1_795_305_600, "to": 1_795_564_800, "observed": 9, "expected": 0.83},
            "composition": {"others": 8, "reads_as": "unusual", "columns": [], "rows": {"fresh_accounts": [7, 8, 0.9, 2e-6],
                "delay_rank": [0.12, 8, 0.5, 0.001]}},
            "copies": [{"record": "r2", "percent": 78, "shared": [], "own": ["…唉", "盖子", ""], "other": ["收到", "盖子", "…"]}],
            "ring": {"agreed": 2, "met": 3, "chance": 0.2, "meetings": [{"account": "acc-1", "listing": "l1", "at": 1_795_305_600, "stars": 1}]},
            "speaks_against": ["told"]
        });
        let finding = told("r1", 0.62, &[], &evidence).finding;
        for locale in [Locale::Zh, Locale::En] {
            for width in [80, 120] {
                let lines = evidence_lines(&finding, locale, width, &[]);
                assert!(lines.iter().all(|line| line.width() <= width), "{lines:#?}");
                let all = lines.join("\n");
                for part in ["7 / 8", "< 0.00001", "+2.50", "0.12", "【盖子】", "acc-1"] {
                    assert!(all.contains(part), "{part} is missing in {all}");
                }
                for raw in ["burst_short", "fresh_accounts", "negative", "stratum", "reads_as", "told"] {
                    assert!(locale == Locale::En || !all.contains(raw), "{raw} stands in {all}");
                }
            }
        }
    }
}
