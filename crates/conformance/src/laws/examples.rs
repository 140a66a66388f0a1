//! Each rule shows what it means by texts, and the detector agrees.

use std::collections::BTreeSet;

use huoyan_model::{Localized, RecordKind, StageKind};
use serde_json::Value;

use super::{Breach, Law, no_note};
use crate::rows::Row;
use crate::shape::Shape;
use crate::subject::Subject;

/// So many of each kind a rule has at least.
const AT_LEAST: usize = 3;

pub(crate) static LAW: Law = Law {
    id: "examples",
    zh: "规则示例",
    en: "examples",
    demands_zh: "规则包里每条规则至少有 3 个应报、3 个不应报的文本（或用 shown_by 说明为何单凭文本不能示例），逐一运行并相符",
    demands_en: "each rule of a pack has at least 3 texts it must meet and 3 it must not (or says in shown_by why a text cannot show it), and the detector agrees with each",
    moot,
    inputs,
    holds,
    shrinks: false,
    by_fixture: false,
    note: no_note,
};

fn moot(subject: &Subject<'_>) -> Option<Localized> {
    subject.rules.is_empty().then(|| Localized::new("没有规则包", "it has no rule pack"))
}

/// The columns in which an example is shown.
fn shown_in(subject: &Subject<'_>) -> Vec<(RecordKind, &'static str)> {
    let reads = |kind: RecordKind, name: &str| {
        let mut stages = subject.spec.stages.iter().filter(|s| s.kind == StageKind::Record && s.summaries.is_empty());
        stages.any(|s| s.reads.record == Some(kind) && s.reads.columns.iter().any(|column| column == name))
    };
    let mut out = Vec::new();
    for (kind, name) in [(RecordKind::Listing, "title"), (RecordKind::Review, "text")] {
        if reads(kind, name) {
            out.push((kind, name));
        }
    }
    out
}

/// The first input has no rows and stands for the packs themselves; each further one is an example, in every column that
/// might show it. The key names the rule and what is expected.
fn inputs(subject: &Subject<'_>) -> Vec<Vec<Row>> {
    let columns = shown_in(subject);
    let mut inputs = vec![Vec::new()];
    for rule in subject.rules.values() {
        for (sign, texts) in [('+', &rule.examples.positive), ('-', &rule.examples.negative)] {
            for (i, text) in texts.iter().enumerate() {
                let key = format!("{}{sign}{i}", rule.id);
                inputs.push(
                    columns
                        .iter()
                        .map(|(kind, name)| Row::new(*kind, key.clone()).with(name, text.clone().into()))
                        .collect(),
                );
            }
        }
    }
    inputs
}

fn holds(subject: &Subject<'_>, rows: &[Row]) -> Result<(), Breach> {
    let Some(first) = rows.first() else { return counts(subject) };
    let (id, sign) = first.key.split_at(5.min(first.key.len()));
    let positive = sign.starts_with('+');
    let (zh, en) = (format!("规则 {id} 的示例"), format!("an example of rule {id}"));
    let said = subject.play(rows, &Shape::default()).map_err(|stop| Breach::under(&zh, &en, stop))?;
    // From 0.5 up a detector stands by a finding.
    let found: BTreeSet<String> = said
        .lines
        .iter()
        .filter_map(|line| serde_json::from_str::<Value>(line.strip_prefix("finding ")?).ok())
        .filter(|f| f["score"].as_str().and_then(|score| score.parse().ok()).is_some_and(|score: f64| score >= 0.5))
        .filter_map(|f| f["rule"].as_str().map(str::to_owned))
        .collect();
    if found.contains(id) == positive {
        return Ok(());
    }
    let text = first.values.values().find_map(Value::as_str).unwrap_or_default();
    let got = if found.is_empty() { "-".to_owned() } else { found.into_iter().collect::<Vec<_>>().join(" ") };
    Err(Breach::here(if positive {
        Localized::new(
            format!("规则 {id} 应报而未报：{text}（报了 {got}）"),
            format!("rule {id} does not meet its positive example: {text} (reported: {got})"),
        )
    } else {
        Localized::new(
            format!("规则 {id} 不应报而报了：{text}（报了 {got}）"),
            format!("rule {id} meets its negative example: {text} (reported: {got})"),
        )
    }))
}

fn counts(subject: &Subject<'_>) -> Result<(), Breach> {
    let runs = !shown_in(subject).is_empty();
    for rule in subject.rules.values() {
        let (id, examples) = (&rule.id, &rule.examples);
        let (positive, negative) = (examples.positive.len(), examples.negative.len());
        if positive + negative > 0 && !runs {
            return Err(Breach::here(Localized::new(
                format!("规则 {id} 有文本示例，但没有记录阶段读取 title 或 text，无从运行；请用 shown_by 说明"),
                format!(
                    "rule {id} has texts as examples, but no record stage reads title or text, so they cannot run; say shown_by instead"
                ),
            )));
        }
        let enough = (positive >= AT_LEAST && negative >= AT_LEAST) || examples.shown_by.is_some();
        if !enough {
            return Err(Breach::here(Localized::new(
                format!(
                    "规则 {id} 只有 {positive} 个应报、{negative} 个不应报的示例，各需 {AT_LEAST} 个；单凭文本不能示例时请写 examples.shown_by"
                ),
                format!(
                    "rule {id} has {positive} positive and {negative} negative examples and needs {AT_LEAST} of each; where a text cannot show it, say so in examples.shown_by"
                ),
            )));
        }
    }
    Ok(())
}
