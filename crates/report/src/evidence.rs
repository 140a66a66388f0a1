//! What the evidence of findings is called for people (`evidence.json`, which the page uses, too).

use std::collections::HashMap;
use std::sync::OnceLock;

use huoyan_model::Locale;
use serde::Deserialize;

use crate::words::pick;

/// By word of a detector, the Chinese and the English one.
type Words = HashMap<String, (String, String)>;

#[derive(Deserialize)]
struct Evidence {
    keys: Words,
    disguise: Words,
}

fn evidence() -> &'static Evidence {
    static EVIDENCE: OnceLock<Evidence> = OnceLock::new();
    EVIDENCE.get_or_init(|| {
        serde_json::from_str(include_str!("evidence.json"))
            .unwrap_or_else(|_| Evidence { keys: Words::new(), disguise: Words::new() })
    })
}

fn word<'w>(words: &'w Words, word: &'w str, locale: Locale) -> &'w str {
    words.get(word).map_or(word, |(zh, en)| pick(locale, zh, en))
}

/// What a key of evidence is called; a key of a detector that nobody here knows stays as it is.
pub fn evidence_name(key: &str, locale: Locale) -> &str {
    word(&evidence().keys, key, locale)
}

/// The value of a key in words, `None` when it says nothing.
pub fn evidence_text(key: &str, value: &serde_json::Value, locale: Locale) -> Option<String> {
    let said = |text: &str| match key {
        "disguise" => word(&evidence().disguise, text, locale).to_owned(),
        _ => text.to_owned(),
    };
    let text = match value {
        serde_json::Value::Null => String::new(),
        serde_json::Value::String(text) => said(text),
        serde_json::Value::Array(parts) => {
            let parts = parts.iter().map(|part| part.as_str().map_or_else(|| part.to_string(), said));
            parts.collect::<Vec<_>>().join(pick(locale, "、", ", "))
        }
        other => other.to_string(),
    };
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn known_words_are_translated_and_others_stay() {
        assert_eq!(evidence_name("disguise", Locale::Zh), "变体手法");
        assert_eq!(evidence_name("of_a_plugin", Locale::Zh), "of_a_plugin");
        let disguise = json!(["homophone", "unheard"]);
        assert_eq!(evidence_text("disguise", &disguise, Locale::Zh).as_deref(), Some("谐音、unheard"));
        assert_eq!(evidence_text("disguise", &disguise, Locale::En).as_deref(), Some("sounds alike, unheard"));
        assert_eq!(evidence_text("disguise", &json!([]), Locale::En), None);
        assert_eq!(evidence_text("price", &json!(3), Locale::En).as_deref(), Some("3"));
    }

    #[test]
    fn every_disguise_of_the_text_crate_has_its_words() {
        let listed = include_str!("../../text/src/disguise.rs");
        let names = listed.lines().filter_map(|line| line.trim().strip_suffix("\";")?.split('"').next_back());
        let missing: Vec<_> = names.filter(|name| !evidence().disguise.contains_key(*name)).collect();
        assert!(missing.is_empty() && evidence().disguise.len() >= 20, "{missing:?}");
    }
}
