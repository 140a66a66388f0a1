//! The part of a rule pack that concerns everybody: which rules there are and what people are told about them.

use std::fmt;

use huoyan_model::{Localized, RuleInfo};
use serde::Deserialize;

/// Why a rule pack is refused, in Chinese and in English.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RulePackError(Localized);

/// In English, for logs.
impl fmt::Display for RulePackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.en)
    }
}

impl std::error::Error for RulePackError {}

impl From<RulePackError> for Localized {
    fn from(error: RulePackError) -> Self {
        error.0
    }
}

/// The rules of a pack. What a detector matches by stands in the same file and is the detector's own business, so fields
/// that are not [`RuleInfo`]'s are passed over.
///
/// # Errors
/// When the pack is not TOML, a rule lacks a required field, or an id is malformed or used twice.
pub fn read_rule_pack(name: &str, bytes: &[u8]) -> Result<Vec<RuleInfo>, RulePackError> {
    #[derive(Deserialize)]
    struct Pack {
        #[serde(default)]
        rule: Vec<RuleInfo>,
    }
    let fail = |what: Localized| {
        let Localized { zh, en } = what;
        RulePackError(Localized::new(format!("规则包 '{name}'：{zh}"), format!("rule pack '{name}': {en}")))
    };
    let text = std::str::from_utf8(bytes).map_err(|e| {
        let at = e.valid_up_to();
        fail(Localized::new(format!("第 {at} 字节不是 UTF-8"), format!("it is not UTF-8 at byte {at}")))
    })?;
    let pack: Pack = toml::from_str(text).map_err(|e| {
        fail(Localized::new(format!("不是有效的 TOML 规则包：{e}"), format!("it is no rule pack in TOML: {e}")))
    })?;
    let mut seen = std::collections::BTreeSet::new();
    for rule in &pack.rule {
        let id = rule.id.as_bytes();
        let good =
            id.len() == 5 && id[..2].iter().all(u8::is_ascii_uppercase) && id[2..].iter().all(u8::is_ascii_digit);
        if !good {
            return Err(fail(Localized::new(
                format!("规则编号 '{}' 须为两个大写字母加三位数字", rule.id),
                format!("rule id '{}' must be two upper-case letters and three digits", rule.id),
            )));
        }
        if !seen.insert(rule.id.as_str()) {
            return Err(fail(Localized::new(
                format!("规则编号 '{}' 用了两次；请改其中一个", rule.id),
                format!("rule id '{}' is used twice; change one of them", rule.id),
            )));
        }
    }
    Ok(pack.rule)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::tests::in_both;

    #[test]
    fn a_pack_that_cannot_be_read_is_refused_in_both_languages() {
        let rule = |id: &str| {
            format!(
                "[[rule]]\nid = \"{id}\"\nname = {{ zh = \"名\", en = \"name\" }}\nseverity = \"low\"\n\
                 message = {{ zh = \"疑似\", en = \"suspected\" }}\n\
                 source = {{ title = \"s\", as_of = \"2026-01\", confidence = \"low\" }}\n"
            )
        };
        for (pack, zh, en) in [
            (b"\xff".to_vec(), "第 0 字节", "at byte 0"),
            (b"rule = 1".to_vec(), "TOML", "TOML"),
            (rule("x1").into_bytes(), "'x1' 须为", "'x1' must be"),
            ([rule("AB001"), rule("AB001")].concat().into_bytes(), "'AB001' 用了两次", "'AB001' is used twice"),
        ] {
            let told = Localized::from(read_rule_pack("words.rules.toml", &pack).unwrap_err());
            in_both(&told);
            assert!(told.zh.contains(zh) && told.en.contains(en), "{told:?}");
            assert!(told.zh.contains("规则包 'words.rules.toml'"), "{told:?}");
        }
        assert_eq!(read_rule_pack("words.rules.toml", rule("AB001").as_bytes()).unwrap()[0].id, "AB001");
    }
}
