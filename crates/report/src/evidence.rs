//! What the evidence of findings is called for people (`evidence.json`, which the page uses, too).

mod lines;
pub(crate) mod numbers;
mod sentence;

use std::collections::HashMap;
use std::sync::OnceLock;

use huoyan_model::Locale;
use serde::Deserialize;
use serde_json::{Number, Value};

pub use self::lines::evidence_lines;
pub(crate) use self::lines::wrap;
pub use self::sentence::{composition_sentence, leading_facts};
use crate::words::pick;

/// By word of a detector, the Chinese and the English one.
type Words = HashMap<String, (String, String)>;

#[derive(Default, Deserialize)]
struct Evidence {
    keys: Words,
    disguise: Words,
    families: Words,
    signals: Words,
    values: HashMap<String, Words>,
}

fn evidence() -> &'static Evidence {
    static EVIDENCE: OnceLock<Evidence> = OnceLock::new();
    EVIDENCE.get_or_init(|| serde_json::from_str(include_str!("evidence.json")).unwrap_or_default())
}

fn word<'w>(words: &'w Words, word: &'w str, locale: Locale) -> &'w str {
    words.get(word).map_or(word, |(zh, en)| pick(locale, zh, en))
}

/// What a key of evidence is called; a key of a detector that nobody here knows stays as it is.
pub fn evidence_name(key: &str, locale: Locale) -> &str {
    word(&evidence().keys, key, locale)
}

/// What a value under a key is called.
pub(crate) fn value_word<'w>(key: &str, value: &'w str, locale: Locale) -> &'w str {
    evidence().values.get(key).map_or(value, |words| word(words, value, locale))
}

/// What a family of signals is called.
pub(crate) fn family(name: &str, locale: Locale) -> &str {
    word(&evidence().families, name, locale)
}

/// What a signal is called.
pub(crate) fn signal(name: &str, locale: Locale) -> &str {
    word(&evidence().signals, name, locale)
}

/// How deep evidence is told in words; below it stands JSON.
const DEPTH: usize = 4;

/// The value of a key in words, `None` when it says nothing.
pub fn evidence_text(key: &str, value: &Value, locale: Locale) -> Option<String> {
    let text = told(key, value, locale, DEPTH);
    (!text.is_empty()).then_some(text)
}

fn told(key: &str, value: &Value, locale: Locale, depth: usize) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => match key {
            "disguise" => word(&evidence().disguise, text, locale),
            "families" | "family" | "without" => family(text, locale),
            "speaks_against" | "signal" => signal(text, locale),
            key => value_word(key, text, locale),
        }
        .to_owned(),
        Value::Bool(yes) => pick(locale, if *yes { "是" } else { "否" }, if *yes { "yes" } else { "no" }).to_owned(),
        Value::Number(number) => told_number(key, number),
        Value::Array(parts) if depth > 0 => {
            let nested = parts.iter().any(|part| part.is_object() || part.is_array());
            let parts: Vec<String> = parts.iter().map(|part| told(key, part, locale, depth - 1)).collect();
            parts.join(if nested { "; " } else { pick(locale, "、", ", ") })
        }
        Value::Object(entries) if depth > 0 => {
            let parts = entries.iter().filter(|(_, value)| !value.is_null());
            let parts = parts
                .map(|(key, value)| format!("{} {}", evidence_name(key, locale), told(key, value, locale, depth - 1)));
            parts.collect::<Vec<_>>().join(" · ")
        }
        deep => deep.to_string(),
    }
}

/// Moments as days, and of a fraction no more than a person reads.
fn told_number(key: &str, number: &Number) -> String {
    match number.as_f64() {
        Some(moment) if matches!(key, "from" | "to" | "at") && (1e8..1e11).contains(&moment) => {
            crate::campaign::day_text(moment)
        }
        Some(value) if number.is_f64() => ((value * 1e4).round() / 1e4).to_string(),
        _ => number.to_string(),
    }
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
        assert_eq!(evidence_text("price", &json!(0.123_456), Locale::En).as_deref(), Some("0.1235"));
    }

    #[test]
    fn tables_are_told_in_words() {
        let review = json!({"at": 1_795_305_600, "stars": 1, "verified": false, "account": null});
        let said = "时间（UTC） 2026-11-22 · 星级 1 · 已验证购买 否";
        assert_eq!(evidence_text("review", &review, Locale::Zh).as_deref(), Some(said));
        let without = json!([{"score": 0.312_34, "without": "burst"}, {"score": 0.5, "without": "unheard"}]);
        let said = "score 0.3123 · without burst; score 0.5 · without unheard";
        assert_eq!(evidence_text("counterfactual", &without, Locale::En).as_deref(), Some(said));
        let copies = json!([{"record": "r2", "shared": [[0, 6, 3, 9], [8, 9, 1, 2]]}]);
        let said = "record r2 · shared spans (bytes) 0, 6, 3, 9; 8, 9, 1, 2";
        assert_eq!(evidence_text("copies", &copies, Locale::En).as_deref(), Some(said));
    }

    #[test]
    fn every_signal_family_side_stratum_and_trait_has_its_words() {
        let quoted = |text: &str, from: &str, to: &str| -> Vec<String> {
            let part = text.split_once(from).unwrap().1.split_once(to).unwrap().0;
            part.split('"').skip(1).step_by(2).map(str::to_owned).collect()
        };
        let source = include_str!("../../../plugins/review-malice/src/signal.rs");
        let signals = quoted(source, "signals! {", "/// Number of signals.");
        let families = quoted(source, "pub const fn as_str", "macro_rules!");
        assert!(signals.len() > 40 && families.len() == 8, "{signals:?} {families:?}");
        assert!(signals.iter().all(|name| evidence().signals.contains_key(name)), "{signals:?}");
        assert!(families.iter().all(|name| evidence().families.contains_key(name)), "{families:?}");
        let lib = include_str!("../../../plugins/review-malice/src/lib.rs");
        let judge = include_str!("../../../plugins/review-malice/src/judge.rs");
        let aside = include_str!("../../../plugins/review-malice/src/aside.rs");
        for (key, names) in [
            ("side", quoted(lib, "pub const SIDES", ";\n\n")),
            ("stratum", quoted(judge, "pub const STRATA", ";\n\n")),
            ("composition", quoted(aside, "pub const fn as_str", "/// Whether a mean rank")),
        ] {
            assert!(
                names.len() >= 2 && names.iter().all(|name| evidence().values[key].contains_key(name)),
                "{key} {names:?}"
            );
        }
    }

    #[test]
    fn every_disguise_of_the_text_crate_has_its_words() {
        let listed = include_str!("../../text/src/disguise.rs");
        let names = listed.lines().filter_map(|line| line.trim().strip_suffix("\";")?.split('"').next_back());
        let missing: Vec<_> = names.filter(|name| !evidence().disguise.contains_key(*name)).collect();
        assert!(missing.is_empty() && evidence().disguise.len() >= 20, "{missing:?}");
    }
}
