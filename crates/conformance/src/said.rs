//! What a detector said, in a form that can be compared.

use huoyan_host::Output;
use huoyan_model::Localized;
use serde_json::json;

/// All that came out of one play, one line each, in the order in which it came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) lines: Vec<String>,
}

impl Said {
    pub(crate) fn add(&mut self, stage: &str, output: &Output) {
        for f in &output.findings {
            let line = json!({
                "stage": stage, "record": f.record, "rule": f.rule, "score": format!("{:?}", f.score),
                "field": f.field, "span": f.span.map(|s| [s.0, s.1]), "matched": f.matched, "evidence": f.evidence,
                "members": f.members,
            });
            self.lines.push(format!("finding {line}"));
        }
        for (record, score) in &output.scores {
            self.lines
                .push(format!("score {}", json!({"stage": stage, "record": record, "score": format!("{score:?}")})));
        }
        for (record, reason) in &output.unjudged {
            self.lines.push(format!("unjudged {}", json!({"stage": stage, "record": record, "reason": reason})));
        }
        for row in &output.rows {
            self.lines.push(format!(
                "row {}",
                json!({"stage": stage, "key": row.key, "order": row.order, "record": row.record, "payload": hex(&row.payload)})
            ));
        }
    }

    pub(crate) fn add_summary(&mut self, stage: &str, bytes: &[u8]) {
        self.lines.push(format!("summary {}", json!({"stage": stage, "bytes": hex(bytes)})));
    }

    /// Whether anything is said of a record.
    pub(crate) fn speaks(&self) -> bool {
        self.lines.iter().any(|line| !line.starts_with("row ") && !line.starts_with("summary "))
    }

    /// The same without the order in which it came: the host sorts it.
    pub(crate) fn sorted(mut self) -> Self {
        self.lines.sort_unstable();
        self
    }
}

/// How two sets of what was said differ; `None` when they do not.
pub(crate) fn difference(one: &Said, other: &Said, how_zh: &str, how_en: &str) -> Option<Localized> {
    if one == other {
        return None;
    }
    let only = |a: &Said, b: &Said| {
        let mut rest: std::collections::HashMap<&str, usize> = std::collections::HashMap::new();
        for line in &b.lines {
            *rest.entry(line).or_default() += 1;
        }
        a.lines
            .iter()
            .find(|line| match rest.get_mut(line.as_str()) {
                Some(n) if *n > 0 => {
                    *n -= 1;
                    false
                }
                _ => true,
            })
            .map(|line| clip(line))
    };
    let (zh, en) = match (only(one, other), only(other, one)) {
        (Some(a), Some(b)) => (format!("原为 {a}，{how_zh}为 {b}"), format!("it was {a} and {how_en} it is {b}")),
        (Some(a), None) => (format!("{how_zh}少了 {a}"), format!("{how_en} this is missing: {a}")),
        (None, Some(b)) => (format!("{how_zh}多了 {b}"), format!("{how_en} this is added: {b}")),
        (None, None) => (format!("{how_zh}输出的顺序变了"), format!("{how_en} the same comes in another order")),
    };
    Some(Localized::new(zh, en))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// At most 400 characters of a text.
pub(crate) fn clip(text: &str) -> String {
    match text.char_indices().nth(400) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
