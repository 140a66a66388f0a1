use std::collections::BTreeMap;

use huoyan_model::Localized;

use crate::bundle::custody::Record;
use crate::case::Case;
use crate::case::store::{REMOVE, is_own};

/// What a custody record lacks for a case.
pub(crate) fn gaps(case: &Case, record: &str) -> Vec<Localized> {
    let exhibits: Vec<(String, String)> =
        case.exhibits.iter().map(|exhibit| (exhibit.id.to_string(), exhibit.sha256.to_string())).collect();
    let exhibits: Vec<(&str, &str)> = exhibits.iter().map(|(id, sha256)| (id.as_str(), sha256.as_str())).collect();
    gaps_of(&exhibits, record)
}

/// What a custody record, whose chain holds, lacks for these exhibits and their digests. A tail that was cut off leaves a chain that holds, so each
/// exhibit must have its line.
pub(super) fn gaps_of(exhibits: &[(&str, &str)], record: &str) -> Vec<Localized> {
    let lines: Vec<Record> = record.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let mut last: BTreeMap<&str, &Record> = BTreeMap::new();
    for line in lines.iter().filter(|line| is_own(&line.action)) {
        last.insert(&line.exhibit, line);
    }
    let mut gaps = Vec::new();
    for (id, sha256) in exhibits {
        match last.remove(id) {
            Some(line) if line.action != REMOVE && line.sha256.to_string() == *sha256 => {}
            Some(line) => gaps.push(Localized::new(
                format!("保管记录第 {} 行与案卷中 {id} 的 SHA-256 不一致", line.seq),
                format!("custody line {} tells otherwise than the case of {id} and its SHA-256", line.seq),
            )),
            None => gaps.push(Localized::new(
                format!("{id} 没有入案记录：保管记录的行被删去了"),
                format!("{id} has no line of its import: lines of the custody record are gone"),
            )),
        }
    }
    for (id, line) in last.into_iter().filter(|(_, line)| line.action != REMOVE) {
        let seq = line.seq;
        gaps.push(Localized::new(
            format!("保管记录第 {seq} 行有 {id}，案卷里没有，也没有移除记录"),
            format!("custody line {seq} tells of {id}, which is not in the case and was never removed"),
        ));
    }
    gaps
}
