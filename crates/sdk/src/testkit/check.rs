//! What the host would refuse, told before it does.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Output, Records, texts};
use crate::{EmittedFinding, Resource, Rule};

/// Ids of the rules that a plugin declares: those of its manifest and those of its rule packs, which are the resources
/// called `rules` or `rules/…`. Of a pack only the lines `id = "…"` are read.
pub fn declared_rules(manifest: &str, resources: &[(&str, Resource)]) -> BTreeSet<String> {
    let manifest: Value = serde_json::from_str(manifest).unwrap_or_default();
    let mut rules: BTreeSet<String> =
        texts(&manifest["detectors"][0]["rules"]).into_iter().map(str::to_owned).collect();
    for (_, pack) in resources.iter().filter(|(name, _)| *name == "rules" || name.starts_with("rules/")) {
        for line in String::from_utf8_lossy(pack).lines() {
            let value = line.trim().strip_prefix("id").map(str::trim_start).and_then(|rest| rest.strip_prefix('='));
            let id = value
                .map(str::trim_start)
                .and_then(|rest| rest.strip_prefix('"'))
                .and_then(|rest| rest.split('"').next());
            rules.extend(id.map(str::to_owned));
        }
    }
    rules
}

/// What the host would refuse in `output`: the first fault, as a sentence.
pub(super) fn faults(
    output: &Output,
    records: &[Records],
    manifest: &Value,
    declared: &BTreeSet<String>,
) -> Result<(), String> {
    let fields = fields_read(manifest);
    for finding in &output.findings {
        finding_faults(finding, records, &fields, declared)
            .map_err(|what| format!("{what}\n  in the finding {finding:?}"))?;
    }
    let known = |key: &str| records.iter().any(|r| r.has(key));
    for key in output.scores.keys().chain(output.unjudged.iter().map(|(key, _)| key)) {
        if !known(key) {
            return Err(format!("spoke of record '{key}', which it was not given"));
        }
    }
    if let Some(key) = output.scores.keys().next()
        && manifest["detectors"][0]["scores"] != Value::Bool(true)
    {
        return Err(format!("gave record '{key}' a score, but its manifest does not say \"scores\": true"));
    }
    Ok(())
}

/// The columns that stages read, by kind of record.
fn fields_read(manifest: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let mut fields: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for stage in manifest["detectors"][0]["stages"].as_array().map_or(&[][..], Vec::as_slice) {
        if let Some(kind) = stage["reads"]["record"].as_str() {
            let own = fields.entry(kind.to_owned()).or_default();
            own.extend(texts(&stage["reads"]["columns"]).into_iter().map(str::to_owned));
        }
    }
    fields
}

fn finding_faults(
    finding: &EmittedFinding,
    records: &[Records],
    fields: &BTreeMap<String, BTreeSet<String>>,
    declared: &BTreeSet<String>,
) -> Result<(), String> {
    let EmittedFinding { record, rule, score, field, span, evidence, .. } = finding;
    if Rule::parse(rule).is_err() || !declared.contains(rule) {
        let known: Vec<&str> = declared.iter().map(String::as_str).collect();
        let known = known.join(", ");
        return Err(format!("reported rule '{rule}', which it does not declare; declared are: {known}"));
    }
    let Some(given) = records.iter().find(|r| r.has(record)) else {
        return Err(format!("spoke of record '{record}', which it was not given"));
    };
    if !(0.0..=1.0).contains(score) {
        return Err(format!("gave the score {score}, which is not a number from 0 to 1"));
    }
    if !evidence.is_empty() && !serde_json::from_str::<Value>(evidence).is_ok_and(|json| json.is_object()) {
        return Err(format!("gave evidence that is not a JSON object: {evidence}"));
    }
    if field.is_empty() {
        return if span.is_empty() { Ok(()) } else { Err("gave a span without a field".to_owned()) };
    }
    if !fields.get(given.kind()).is_some_and(|read| read.contains(field)) {
        return Err(format!("named field '{field}', which no stage reads: add it to the stage's columns"));
    }
    let text = given.text(record, field).unwrap_or_default();
    if text.get(span.clone()).is_none() {
        return Err(format!("gave a span {span:?} that cuts a character of, or leaves, field '{field}': \"{text}\""));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const PACK: &[u8] =
        "[pack]\nname = \"x\"\n[[rule]]\nid = \"AA001\"\n  id=\"AA002\" # two\nidle = \"AA003\"\n".as_bytes();

    #[test]
    fn rules_of_manifest_and_packs_are_declared() {
        let manifest = r#"{"detectors":[{"rules":["BB001"]}]}"#;
        let pack = Resource::from_static(PACK);
        let rules = declared_rules(manifest, &[("rules/x", pack), ("words", Resource::from_static(b"id = \"CC001\""))]);
        assert_eq!(rules.into_iter().collect::<Vec<_>>(), ["AA001", "AA002", "BB001"]);
    }

    #[test]
    fn each_fault_is_told() {
        let records = [Records::listings([("L1", json!({"title": "你好", "brand": "x"}))])];
        let manifest = json!({"detectors": [{"stages": [{"reads": {"record": "listing", "columns": ["title"]}}]}]});
        let declared = BTreeSet::from(["AA001".to_owned()]);
        let good = EmittedFinding {
            record: "L1".into(),
            rule: "AA001".into(),
            score: 0.5,
            field: "title".into(),
            span: 0..3,
            evidence: String::new(),
            members: Vec::new(),
        };
        let said = |finding: EmittedFinding| {
            let output = Output { findings: vec![finding], ..Output::default() };
            faults(&output, &records, &manifest, &declared).err().unwrap_or_default()
        };
        assert_eq!(said(good.clone()), "");
        for (finding, expected) in [
            (EmittedFinding { rule: "AA009".into(), ..good.clone() }, "does not declare; declared are: AA001"),
            (EmittedFinding { record: "L9".into(), ..good.clone() }, "which it was not given"),
            (EmittedFinding { score: f64::NAN, ..good.clone() }, "the score NaN"),
            (EmittedFinding { evidence: "[]".into(), ..good.clone() }, "not a JSON object"),
            (EmittedFinding { field: "brand".into(), span: 0..0, ..good.clone() }, "which no stage reads"),
            (EmittedFinding { span: 0..1, ..good.clone() }, "cuts a character"),
            (EmittedFinding { span: 0..9, ..good.clone() }, "leaves, field 'title'"),
            (EmittedFinding { field: String::new(), ..good }, "a span without a field"),
        ] {
            let got = said(finding);
            assert!(got.contains(expected), "{got}");
        }
        let scored = Output { scores: [("L1".to_owned(), 0.5)].into(), ..Output::default() };
        assert!(faults(&scored, &records, &manifest, &declared).is_err_and(|e| e.contains("\"scores\": true")));
    }
}
