use huoyan_model::Localized;

use super::{Subject, Tables};
use crate::deadline::{Confidence, Instant};

/// What should be known beside the result.
pub(super) fn notes(subject: &Subject, tables: &Tables, now: Instant) -> Vec<Localized> {
    let case = subject.case;
    let mut notes = Vec::new();
    let mut note = |zh: String, en: String| notes.push(Localized::new(zh, en));
    if let Some(package) = tables.packages.get(&case.package) {
        let rules = tables.rules;
        let started = |id: &&String| rules.get(id).is_some_and(|rule| case.started.contains_key(&rule.starts));
        match package.deadlines.iter().find(started).and_then(|id| rules.get(id)) {
            Some(rule) => {
                let deadline = rules.deadline(&rule.id, case.started[&rule.starts], tables.calendar);
                if let Ok(deadline) = deadline {
                    let left = deadline.countdown(now).text();
                    note(format!("{}：{}", rule.name.zh, left.zh), format!("{}: {}", rule.name.en, left.en));
                }
            }
            None if !package.deadlines.is_empty() => {
                let event = package.deadlines.iter().find_map(|id| Some(rules.get(id)?.starts.as_str()));
                let event = event.unwrap_or("EVENT");
                note(
                    format!(
                        "未填写期限的起算时间，无法计算期限；请用 huoyan appeal set 案件 --started {event}=时间 填写"
                    ),
                    format!(
                        "the moment that starts the deadline is not given, so it cannot be counted; give it by huoyan appeal set CASE \
                         --started {event}=TIME"
                    ),
                );
            }
            None => {}
        }
        if let Some(source) = tables.packages.source(&package.source) {
            note(
                format!(
                    "清单来源：{}（{}），核对日期 {}，请以平台当前规则为准",
                    source.title,
                    source.as_of,
                    tables.packages.as_of()
                ),
                format!(
                    "the list is from {} ({}), checked {}; hold it against the platform's present rules",
                    source.title,
                    source.as_of,
                    tables.packages.as_of()
                ),
            );
        }
    }
    match tables.targets.get(&case.target) {
        None => {
            let known: Vec<&str> = tables.targets.iter().map(|target| target.id.as_str()).collect();
            let known = known.join(", ");
            note(
                format!("提交对象“{}”不在表中，未检查其限制；可用：{known}", case.target),
                format!("the target '{}' is not in the table, so no limit was checked; there are {known}", case.target),
            );
        }
        Some(target) => {
            let length = subject.statement.map(|text| text.chars().count()).unwrap_or_default();
            if let Some(limit) = target.max_chars.filter(|limit| length > *limit) {
                note(
                    format!("陈述共 {length} 字，{}最多 {limit} 字", target.name.zh),
                    format!("the statement has {length} characters, {} takes {limit}", target.name.en),
                );
            }
            if target.source.confidence == Confidence::Low {
                note(
                    format!("{}的限制来源可信度低，请以其当前要求为准", target.name.zh),
                    format!("the limits of {} are of low confidence: check its present terms", target.name.en),
                );
            }
        }
    }
    notes
}
