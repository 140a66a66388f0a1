//! The words that a review shares with others, cut from its text before the text is dropped.

use huoyan_model::ReportItem;
use serde_json::{Value, json};

use super::data::cut;
use crate::sanitise;

/// Reviews, spans of each and characters of a span that are shown.
const REVIEWS: usize = 8;
const SPANS: usize = 6;
const CHARACTERS: usize = 80;
/// Characters of each part of a passage laid beside another.
const PASSAGE: usize = 130;

/// For each copy in the evidence its record, how much is shared, and the shared words where they lie in the text.
pub(super) fn copied(item: &ReportItem) -> Vec<Value> {
    let finding = &item.finding;
    let text = match (&item.card.field_text, finding.field.as_deref()) {
        (Some(text), Some("text")) => text,
        _ => &item.card.headline,
    };
    let copies = finding.evidence.get("copies").and_then(Value::as_array);
    copies.into_iter().flatten().filter_map(|copy| one(copy, text)).take(REVIEWS).collect()
}

fn one(copy: &Value, text: &str) -> Option<Value> {
    let record = copy["record"].as_str()?;
    let spans = copy["shared"].as_array().map_or(&[][..], Vec::as_slice);
    let words: Vec<String> = spans.iter().take(SPANS).filter_map(|span| words(span, text)).collect();
    let passage = |key: &str| {
        let parts = copy.get(key)?.as_array().filter(|parts| parts.len() == 3)?;
        parts.iter().map(|part| Some(sanitise(&cut(part.as_str()?, PASSAGE)).into_owned())).collect::<Option<Vec<_>>>()
    };
    let same = copy.get("same").and_then(Value::as_bool) == Some(true);
    let own = passage("own");
    let mut out = json!({
        "record": sanitise(&cut(record, CHARACTERS)),
        "percent": copy["percent"].as_f64().filter(|percent| (0.0..=100.0).contains(percent)),
        "words": words,
        // Spans that are too many or do not lie in the text are counted.
        "more": spans.len() - words.len(),
    });
    // Beside the other's words one's own say nothing new when they are the same.
    if let Some(other) = if same { own.clone() } else { passage("other") } {
        out["other"] = other.into();
    }
    if let Some(own) = own.filter(|_| !same) {
        out["own"] = own.into();
    }
    Some(out)
}

fn words(span: &Value, text: &str) -> Option<String> {
    let at = |index: usize| usize::try_from(span.get(index)?.as_u64()?).ok();
    let shared = text.get(at(0)?..at(1)?).filter(|shared| !shared.is_empty())?;
    Some(sanitise(&cut(shared, CHARACTERS)).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_that_lie_in_no_text_are_counted() {
        let copy = json!({"record": "r2\u{202e}", "percent": 83, "shared": [[0, 6, 3, 9], [1, 6, 0, 0], [9, 3, 0, 0], [3, 9e9], 4]});
        let shown = one(&copy, "质量\u{1b}差").unwrap();
        assert_eq!((&shown["words"], &shown["more"]), (&json!(["质量"]), &json!(4)));
        assert_eq!((&shown["record"], &shown["percent"]), (&json!("r2⟨U+202E⟩"), &json!(83.0)));
        assert_eq!(
            one(&json!({"record": "r2", "shared": [[0, 7]], "percent": -1}), "质量\u{1b}差").unwrap()["words"][0],
            "质量⟨U+001B⟩"
        );
        let beside = json!({"record": "r2", "shared": [], "own": ["", "盖\u{202e}", "…"], "other": ["", "盖", ""]});
        let shown = one(&beside, "").unwrap();
        assert_eq!((&shown["own"][1], &shown["other"][1]), (&json!("盖⟨U+202E⟩"), &json!("盖")));
        assert_eq!(one(&json!({"record": "r2", "own": ["", "盖"]}), "").unwrap().get("own"), None);
        assert_eq!(one(&json!({"shared": []}), ""), None);
        assert_eq!(one(&json!(["r2"]), ""), None);
    }
}
