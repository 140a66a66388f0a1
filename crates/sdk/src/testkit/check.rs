//! What the host would refuse, told before it does.

use std::collections::{BTreeMap, BTreeSet};

use huoyan_abi::MAX_EVIDENCE_BYTES;
use serde_json::Value;

use super::{Output, Records, texts};
use crate::{EmittedFinding, Resource, Rule};

/// Ids of the rules that a plugin declares: those of its manifest, for any of its detectors, and those of its rule packs, which are
/// the resources called `rules` or `rules/…`. Of a pack only `id = "…"` is read, or `id = '…'`, on a line of its own or in an inline
/// table.
pub fn declared_rules(manifest: &str, resources: &[(&str, Resource)]) -> BTreeSet<String> {
    let manifest: Value = serde_json::from_str(manifest).unwrap_or_default();
    let specs = manifest["detectors"].as_array().map_or(&[][..], Vec::as_slice);
    specs.iter().flat_map(|spec| Declared::of(spec, resources).ids).collect()
}

/// The rules that a detector may report, and the rule packs in which none was found.
#[derive(Default)]
pub(super) struct Declared {
    pub(super) ids: BTreeSet<String>,
    empty: Vec<String>,
}

impl Declared {
    /// Those of a detector's part of the manifest and of its rule packs.
    pub(super) fn of(spec: &Value, resources: &[(&str, Resource)]) -> Self {
        let mut out = Self::default();
        out.ids.extend(texts(&spec["rules"]).into_iter().map(str::to_owned));
        for (name, pack) in resources.iter().filter(|(name, _)| *name == "rules" || name.starts_with("rules/")) {
            let text = String::from_utf8_lossy(pack);
            let mut ids = text.lines().flat_map(ids_of).peekable();
            if ids.peek().is_none() {
                out.empty.push((*name).to_owned());
            }
            out.ids.extend(ids);
        }
        out
    }

    /// What is declared, for a message; says so where a rule pack gave nothing.
    pub(super) fn told(&self) -> String {
        let ids: Vec<&str> = self.ids.iter().map(String::as_str).collect();
        let mut told = format!("declared are: {}", if ids.is_empty() { "none".to_owned() } else { ids.join(", ") });
        for pack in &self.empty {
            told += &format!("; in rule pack '{pack}' no line `id = \"AB001\"` was found");
        }
        told
    }
}

/// The values that a line of TOML gives to a key `id`.
fn ids_of(line: &str) -> Vec<String> {
    let (mut ids, mut rest) = (Vec::new(), line.trim_start_matches('\u{feff}'));
    // A key stands at the beginning of a line or of an inline table, or behind a comma.
    let mut key_may_follow = true;
    while let Some(c) = rest.chars().next() {
        let word = match c {
            '#' => break,
            '"' | '\'' => quoted(rest),
            c if is_bare(c) => Some(rest.split_at(rest.find(|c| !is_bare(c)).unwrap_or(rest.len()))),
            _ => None,
        };
        let Some((word, after)) = word else {
            key_may_follow = matches!(c, '{' | ',') || (key_may_follow && c.is_whitespace());
            rest = &rest[c.len_utf8()..];
            continue;
        };
        rest = after;
        let value = rest.trim_start().strip_prefix('=').map(str::trim_start).filter(|_| key_may_follow && word == "id");
        if let Some((id, after)) = value.and_then(quoted) {
            ids.push(id.to_owned());
            rest = after;
        }
        key_may_follow = false;
    }
    ids
}

fn is_bare(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-')
}

/// The text in quotation marks that `text` begins with, as it is written, and what follows it.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let mark = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let mut escaped = false;
    let end = text[1..].find(|c| {
        let ends = c == mark && !escaped;
        escaped = mark == '"' && c == '\\' && !escaped;
        ends
    })?;
    Some((&text[1..=end], &text[end + 2..]))
}

/// What the host would refuse in `output`: the first fault, as a sentence.
pub(super) fn faults(output: &Output, records: &[Records], spec: &Value, declared: &Declared) -> Result<(), String> {
    let fields = fields_read(spec);
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
        && spec["scores"] != Value::Bool(true)
    {
        return Err(format!("gave record '{key}' a score, but its manifest does not say \"scores\": true"));
    }
    Ok(())
}

/// The columns that stages read, by kind of record.
fn fields_read(spec: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let mut fields: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for stage in spec["stages"].as_array().map_or(&[][..], Vec::as_slice) {
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
    declared: &Declared,
) -> Result<(), String> {
    let EmittedFinding { record, rule, score, field, span, evidence, .. } = finding;
    if Rule::parse(rule).is_err() {
        return Err(format!(
            "reported rule '{rule}', which is not two upper-case letters and three digits, as in SH001"
        ));
    }
    if !declared.ids.contains(rule) {
        return Err(format!("reported rule '{rule}', which it does not declare; {}", declared.told()));
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
    if evidence.len() > MAX_EVIDENCE_BYTES {
        return Err(format!("gave evidence of {} bytes, more than {MAX_EVIDENCE_BYTES}", evidence.len()));
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
    fn ids_are_read_as_toml_writes_them_and_nothing_else_is() {
        for (line, ids) in [
            ("id = \"AA001\"", &["AA001"][..]),
            ("\u{feff}id\t=  'AA001'\r", &["AA001"]),
            (" \"id\" = 'AA001' # 'id' = 'AA002'", &["AA001"]),
            ("rule = [{ id = \"AA001\", severity = \"low\" }, {id='AA002'}]", &["AA001", "AA002"]),
            ("{ name = \"a, id = 'AA003'\", id = 'AA001' }", &["AA001"]),
            ("name = \"say \\\"id = 'AA003'\\\"\"", &[]),
            ("# id = \"AA001\"", &[]),
            ("idle = \"AA001\"", &[]),
            ("other id = \"AA001\"", &[]),
            ("id = AA001", &[]),
            ("id = \"AA001", &[]),
            ("positive = [\"id\", \"微\"]", &[]),
        ] {
            assert_eq!(ids_of(line), ids, "{line}");
        }
    }

    #[test]
    fn a_rule_pack_without_a_rule_is_told() {
        let pack = Resource::from_static(b"[[rule]]\nid = SH001\n");
        let told = Declared::of(&json!({}), &[("rules/x", pack)]).told();
        assert_eq!(told, "declared are: none; in rule pack 'rules/x' no line `id = \"AB001\"` was found");
        let told = Declared::of(&json!({"rules": ["BB001"]}), &[("rules/x", Resource::from_static(PACK))]).told();
        assert_eq!(told, "declared are: AA001, AA002, BB001");
    }

    #[test]
    fn each_fault_is_told() {
        let records = [Records::listings([("L1", json!({"title": "你好", "brand": "x"}))])];
        let spec = json!({"rules": ["AA001"], "stages": [{"reads": {"record": "listing", "columns": ["title"]}}]});
        let declared = Declared::of(&spec, &[]);
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
            faults(&output, &records, &spec, &declared).err().unwrap_or_default()
        };
        assert_eq!(said(good.clone()), "");
        for (finding, expected) in [
            (EmittedFinding { rule: "AA009".into(), ..good.clone() }, "does not declare; declared are: AA001"),
            (EmittedFinding { rule: "SHOUT".into(), ..good.clone() }, "which is not two upper-case letters"),
            (EmittedFinding { record: "L9".into(), ..good.clone() }, "which it was not given"),
            (EmittedFinding { score: f64::NAN, ..good.clone() }, "the score NaN"),
            (EmittedFinding { evidence: "[]".into(), ..good.clone() }, "not a JSON object"),
            (
                EmittedFinding { evidence: format!("{{\"a\":\"{}\"}}", "x".repeat(1 << 20)), ..good.clone() },
                "of 1048584 bytes",
            ),
            (EmittedFinding { field: "brand".into(), span: 0..0, ..good.clone() }, "which no stage reads"),
            (EmittedFinding { span: 0..1, ..good.clone() }, "cuts a character"),
            (EmittedFinding { span: 0..9, ..good.clone() }, "leaves, field 'title'"),
            (EmittedFinding { field: String::new(), ..good }, "a span without a field"),
        ] {
            let got = said(finding);
            assert!(got.contains(expected), "{got}");
        }
        let scored = Output { scores: [("L1".to_owned(), 0.5)].into(), ..Output::default() };
        assert!(faults(&scored, &records, &spec, &declared).is_err_and(|e| e.contains("\"scores\": true")));
    }
}
