//! What the page's script is given: findings, rules and pictures as JSON. The script puts text on the page as text
//! only, so this is the second of the two ways in; see [`super::escape`].

use std::collections::{BTreeMap, BTreeSet};

use huoyan_model::{Fingerprint, Locale, ReportItem, Verdict};
use serde_json::{Map, Value, json};

use super::keep::Shown;
use super::overlay::{Aligned, corners_of};
use super::page::Page;
use super::picture::{Missing, Pictures};
use super::{sections, tally};
use crate::{composition_sentence, leading_facts, sanitise};

/// Characters of text shown before, inside and after a span.
const BEFORE: usize = 240;
const MARKED: usize = 400;
const AFTER: usize = 360;
/// Characters of a headline.
pub(super) const HEADLINE: usize = 200;
/// Members of a campaign listed for a finding; the rest are counted.
const MEMBERS: usize = 40;
/// Characters of one text in evidence.
const EVIDENCE_TEXT: usize = 600;
/// Entries of one list or table in evidence, and how deep they nest.
const EVIDENCE_ENTRIES: usize = 60;
const EVIDENCE_DEPTH: usize = 4;

/// The JSON of a page, and how many pictures found no place on it.
pub(super) fn payload(page: &Page<'_>) -> (Value, u64) {
    let (items, rules) = (&page.items, &page.header.rules);
    let mut pictures = Pictures::new(page.references.cloned());
    let mut left_out = 0;
    let mut findings: Vec<Value> = items.iter().map(|shown| finding(shown, &mut pictures, &mut left_out)).collect();
    let campaigns: BTreeMap<Fingerprint, usize> = sections::shown_campaigns(page)
        .flat_map(|(number, campaign)| campaign.facts.iter().map(move |fact| (fact.fingerprint, number)))
        .collect();
    for (shown, out) in items.iter().zip(&mut findings).filter(|(shown, _)| tally::counts(&shown.item)) {
        if let Some(number) = campaigns.get(&shown.item.finding.fingerprint) {
            out["camp"] = (*number).into();
        }
    }
    let used: BTreeSet<&str> = items.iter().map(|shown| shown.item.finding.rule.as_str()).collect();
    let rules: Map<String, Value> = rules
        .iter()
        .filter(|(id, _)| used.contains(id.as_str()))
        .map(|(id, rule)| {
            let value = json!({
                "name": rule.name, "message": rule.message, "clause": rule.clause, "rewrite": rule.rewrite,
                "source": { "title": rule.source.title, "as_of": rule.source.as_of },
            });
            (id.clone(), value)
        })
        .collect();
    (json!({ "findings": findings, "rules": rules, "pictures": pictures.into_uris() }), left_out)
}

fn finding(shown: &Shown, pictures: &mut Pictures, left_out: &mut u64) -> Value {
    let item = &shown.item;
    let finding = &item.finding;
    let card = &item.card;
    let mut out = json!({
        "sev": tally::index(finding.severity),
        "ver": Verdict::ALL.iter().position(|verdict| *verdict == item.verdict).unwrap_or(0),
        "rule": finding.rule,
        "det": finding.detector,
        "kind": finding.owner_kind,
        "owner": sanitise(&finding.owner),
        "rec_kind": finding.record_kind,
        "record": sanitise(&finding.record),
        "shop": finding.shop_id.as_deref().map(sanitise),
        "head": sanitise(&card.headline),
        "field": finding.field,
        "text": shown.text,
        "score": finding.score,
        "ev": evidence(&finding.evidence),
        "mem": finding.members.iter().take(MEMBERS).map(|member| sanitise(member)).collect::<Vec<_>>(),
        "mem_total": finding.members.len(),
        "fp": finding.fingerprint,
        "open": super::open::finding(finding),
        "copies": finding.copies,
        "sup": finding.suppressed.as_deref().map(sanitise),
        "day": card.day,
        "price": card.price,
        "rating": card.rating,
        "listing": card.listing_id.as_deref().map(sanitise),
        "file": sanitise(&finding.source.file),
        "sheet": finding.source.sheet.as_deref().map(sanitise),
        "line": finding.source.line,
    });
    for (key, said) in [("said", facts(item)), ("reads", reads(item))] {
        if let Some([zh, en]) = said {
            out[key] = json!({ "zh": sanitise(&zh), "en": sanitise(&en) });
        }
    }
    if !shown.copied.is_empty() {
        out["copied"] = shown.copied.clone().into();
    }
    if let Some(path) = &card.image {
        match pictures.file(path) {
            Ok(index) => out["img"] = index.into(),
            Err(missing) => {
                *left_out += u64::from(missing == Missing::Limit);
                out["img_note"] = match missing {
                    Missing::Limit => {
                        json!({ "zh": "图片数量已达上限，未嵌入", "en": "the page holds no more pictures" })
                    }
                    Missing::Unreadable => json!({ "zh": "图片无法读取", "en": "the picture cannot be read" }),
                };
            }
        }
    }
    let told = |key: &str| finding.evidence.get(key).and_then(Value::as_str);
    let carried = told("reference_thumbnail").and_then(|text| pictures.reference(text));
    let (item, file) = (told("gallery_item"), told("gallery_file"));
    if let Some(index) = carried.or_else(|| item.and_then(|name| pictures.gallery_item(name, file))) {
        out["ref"] = index.into();
    }
    if let (Some(path), Some(item), Some(map)) = (&card.image, item, Aligned::of(&finding.evidence))
        && let Some((outlined, laid)) = pictures.aligned(path, &map, item, file)
    {
        out["outlined"] = outlined.into();
        out["laid"] = laid.map_or(Value::Null, Value::from);
    } else if let (Some(path), Some(corners)) = (&card.image, corners_of(&finding.evidence))
        && let Some(outlined) = pictures.outlined(path, &corners)
    {
        out["outlined"] = outlined.into();
    }
    // What is absent need not be said thousands of times.
    if let Value::Object(fields) = &mut out {
        fields.retain(|_, value| !value.is_null());
    }
    out
}

/// The facts that a finding leads with, in both languages.
fn facts(item: &ReportItem) -> Option<[String; 2]> {
    let said = |locale| leading_facts(&item.finding, locale);
    Some([said(Locale::Zh)?, said(Locale::En)?])
}

/// What the others of a review's window read as, in both languages.
fn reads(item: &ReportItem) -> Option<[String; 2]> {
    let said = |locale| composition_sentence(&item.finding.evidence, locale).map(str::to_owned);
    Some([said(Locale::Zh)?, said(Locale::En)?])
}

/// The text before, in and after the span, sanitised and cut around it.
pub(super) fn pieces(item: &ReportItem) -> [String; 3] {
    let finding = &item.finding;
    let text = item.card.field_text.as_deref().unwrap_or(&item.card.headline);
    let span = finding.span.filter(|_| item.card.field_text.is_some()).and_then(|span| {
        let (start, end) = (usize::try_from(span.0).ok()?, usize::try_from(span.1).ok()?);
        text.get(start..end).map(|_| (start, end))
    });
    let (start, end) = span.unwrap_or((0, 0));
    let before = cut_front(&text[..start], BEFORE);
    let marked = cut(&text[start..end], MARKED);
    let after = cut(&text[end..], if span.is_some() { AFTER } else { BEFORE + AFTER });
    [before, marked, after].map(|piece| sanitise(&piece).into_owned())
}

pub(super) fn cut(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        Some((index, _)) => format!("{}…", &text[..index]),
        None => text.to_owned(),
    }
}

fn cut_front(text: &str, limit: usize) -> String {
    match text.char_indices().rev().nth(limit.saturating_sub(1)) {
        Some((index, _)) if index > 0 => format!("…{}", &text[index..]),
        _ => text.to_owned(),
    }
}

/// Evidence with texts sanitised and everything bounded. Pictures go their own way.
fn evidence(evidence: &Map<String, Value>) -> Value {
    let shown =
        evidence.iter().filter(|(key, _)| !matches!(key.as_str(), "reference_thumbnail" | "aligned" | "outline"));
    let shown = shown.take(EVIDENCE_ENTRIES).map(|(key, value)| (sanitise(key).into_owned(), bounded(value, 0)));
    Value::Object(shown.collect())
}

fn bounded(value: &Value, depth: usize) -> Value {
    match value {
        Value::String(text) => Value::String(sanitise(&cut(text, EVIDENCE_TEXT)).into_owned()),
        Value::Array(_) | Value::Object(_) if depth >= EVIDENCE_DEPTH => Value::String("…".to_owned()),
        Value::Array(entries) => {
            Value::Array(entries.iter().take(EVIDENCE_ENTRIES).map(|entry| bounded(entry, depth + 1)).collect())
        }
        Value::Object(entries) => {
            let entries = entries.iter().take(EVIDENCE_ENTRIES);
            Value::Object(entries.map(|(k, v)| (sanitise(k).into_owned(), bounded(v, depth + 1))).collect())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_on_characters() {
        assert_eq!(cut("火眼金睛", 2), "火眼…");
        assert_eq!(cut("火眼", 2), "火眼");
        assert_eq!(cut_front("火眼金睛", 2), "…金睛");
        assert_eq!(cut_front("金睛", 2), "金睛");
        assert_eq!(cut_front("", 2), "");
    }

    #[test]
    fn deep_evidence_is_bounded() {
        let mut deep = json!("x");
        for _ in 0..50 {
            deep = json!([deep]);
        }
        assert!(bounded(&deep, 0).to_string().len() < 40);
    }
}
