//! Drafts of claims: `data/claims.toml`, filled with what findings cite.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use huoyan_model::{Finding, RecordKind};
use serde::Deserialize;
use serde_json::Value;

use super::findings::counts;

/// Claims drafted at most; a statement of more is not read.
const MOST: usize = 12;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Templates {
    #[serde(rename = "pack")]
    _pack: toml::Table,
    claim: Vec<Template>,
    sides: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Template {
    #[serde(rename = "id")]
    _id: String,
    /// Empty for every other.
    detector: String,
    needs: Vec<String>,
    per: Per,
    /// Sentences of this kind; one where left out.
    #[serde(default = "one")]
    most: usize,
    text: String,
}

fn one() -> usize {
    1
}

/// How often a sentence is drafted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Per {
    Case,
    Window,
    Finding,
}

fn templates() -> &'static Templates {
    static TEMPLATES: OnceLock<Templates> = OnceLock::new();
    TEMPLATES.get_or_init(|| {
        toml::from_str(include_str!("../../../data/claims.toml"))
            .expect("invariant: the sentences that ship are read by the tests")
    })
}

/// Sentences in the order of the templates, the surest findings first; findings that do not count are not told.
pub(super) fn draft(findings: &[&Finding]) -> Vec<String> {
    let mut counting: Vec<&Finding> = findings.iter().copied().filter(|finding| counts(finding)).collect();
    counting.sort_by(|one, other| other.score.total_cmp(&one.score).then_with(|| one.record.cmp(&other.record)));
    let reviews: BTreeSet<&str> = counting
        .iter()
        .filter(|finding| finding.owner_kind == RecordKind::Review)
        .map(|finding| finding.owner.as_str())
        .collect();
    let mut drafted: Vec<String> = Vec::new();
    let known: BTreeSet<&str> = templates().claim.iter().map(|template| template.detector.as_str()).collect();
    for template in &templates().claim {
        let of = |finding: &&&Finding| {
            finding.detector == template.detector
                || template.detector.is_empty() && !known.contains(finding.detector.as_str())
        };
        let of_it: Vec<&Finding> = counting.iter().filter(of).copied().collect();
        match template.per {
            Per::Case if reviews.len() > 1 && !of_it.is_empty() => {
                let values = BTreeMap::from([("count", reviews.len().to_string())]);
                drafted.extend(fill(template, &values));
            }
            Per::Case => {}
            Per::Window | Per::Finding => {
                let mut seen = BTreeSet::new();
                let paired = template.needs.iter().any(|need| need == "copy");
                let sentences = of_it.iter().filter_map(|finding| {
                    let values = values(finding);
                    let text = fill(template, &values)?;
                    // Two findings may tell the same pair, each from its side.
                    let mut pair = [values.get("record").cloned(), values.get("copy").cloned()];
                    pair.sort();
                    let key = if paired { pair.map(Option::unwrap_or_default).join("\n") } else { text.clone() };
                    seen.insert(key).then_some(text)
                });
                drafted.extend(sentences.take(template.most));
            }
        }
    }
    drafted.truncate(MOST);
    drafted
}

fn fill(template: &Template, values: &BTreeMap<&str, String>) -> Option<String> {
    if template.needs.iter().any(|need| values.get(need.as_str()).is_none_or(String::is_empty)) {
        return None;
    }
    // One pass, so that a value with braces in it is never filled itself.
    let (mut out, mut rest) = (String::new(), template.text.as_str());
    while let Some((before, behind)) = rest.split_once('{') {
        let (name, after) = behind.split_once('}')?;
        out.push_str(before);
        out.push_str(values.get(name)?);
        rest = after;
    }
    out.push_str(rest);
    Some(out)
}

/// What a finding cites, by the names that templates use.
fn values(finding: &Finding) -> BTreeMap<&'static str, String> {
    let evidence = &finding.evidence;
    let at = |path: &[&str]| {
        let (first, rest) = path.split_first()?;
        rest.iter().try_fold(evidence.get(*first)?, |value, key| value.get(*key))
    };
    let mut values = BTreeMap::new();
    let mut put = |name, value: Option<String>| {
        if let Some(value) = value.map(|value| plain(&value)).filter(|value| !value.is_empty()) {
            values.insert(name, value);
        }
    };
    put("record", Some(finding.record.clone()));
    put("owner", Some(finding.owner.clone()));
    put("rule", Some(finding.rule.clone()));
    put("score", Some(score(finding.score)));
    put("field", finding.field.clone());
    put("matched", finding.matched.clone());
    put("listing", at(&["review", "listing"]).and_then(Value::as_str).map(str::to_owned));
    put("from", at(&["window", "from"]).and_then(moment));
    put("to", at(&["window", "to"]).and_then(moment));
    put("observed", at(&["window", "observed"]).and_then(number));
    put("expected", at(&["window", "expected"]).and_then(number));
    let side = at(&["side"]).and_then(Value::as_str).and_then(|side| templates().sides.get(side));
    put("side", side.cloned());
    let copy = at(&["copies"]).and_then(|copies| copies.get(0));
    put("copy", copy.and_then(|copy| copy.get("record")?.as_str()).map(str::to_owned));
    put("percent", copy.and_then(|copy| number(copy.get("percent")?)));
    put("agreed", at(&["ring", "agreed"]).and_then(number).filter(|agreed| agreed != "0"));
    put("ring_listings", at(&["ring", "listings"]).and_then(number).filter(|listings| listings != "0"));
    put("gallery_item", at(&["gallery_item"]).and_then(Value::as_str).map(str::to_owned));
    put("agreement_percent", at(&["agreement_percent"]).and_then(number));
    values
}

/// A score that is not whole never reads as one.
fn score(score: f64) -> String {
    let whole = |text: &String| text.starts_with('1') && score < 1.0;
    let told = [format!("{score:.2}"), format!("{score:.3}")].into_iter().find(|text| !whole(text));
    told.unwrap_or_else(|| "0.999 以上".to_owned())
}

fn number(value: &Value) -> Option<String> {
    let number = value.as_f64().filter(|number| number.is_finite())?;
    let text =
        if number.abs() >= 100.0 || number.fract() == 0.0 { format!("{number:.0}") } else { format!("{number:.1}") };
    // "0.0 expected" would claim that nothing was; what is below a tenth is told as it is.
    Some(if text == "0.0" { format!("{number:.3}") } else { text })
}

/// Unix seconds as a day in UTC: of a time that was written without a zone, the day that was written.
fn moment(value: &Value) -> Option<String> {
    let at = chrono::DateTime::from_timestamp(value.as_f64()? as i64, 0)?;
    Some(at.date_naive().to_string())
}

/// What others wrote, in one line without what could turn or hide it.
fn plain(text: &str) -> String {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let clean: String =
        text.chars().map(|c| if c == '\n' || c == '\t' { ' ' } else { c }).filter(|c| !hidden(*c)).collect();
    let mut short: String = clean.trim().chars().take(80).collect();
    if clean.trim().chars().count() > 80 {
        short.push('…');
    }
    short
}
