//! The part of a rule pack that concerns everybody: which rules there are and what people are told about them.

use std::fmt;

use huoyan_model::RuleInfo;
use serde::Deserialize;

/// Why a rule pack is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RulePackError(String);

impl fmt::Display for RulePackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for RulePackError {}

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
    let fail = |what: String| RulePackError(format!("rule pack '{name}': {what}"));
    let text = std::str::from_utf8(bytes).map_err(|e| fail(format!("it is not UTF-8 at byte {}", e.valid_up_to())))?;
    let pack: Pack = toml::from_str(text).map_err(|e| fail(e.to_string()))?;
    let mut seen = std::collections::BTreeSet::new();
    for rule in &pack.rule {
        let id = rule.id.as_bytes();
        let good =
            id.len() == 5 && id[..2].iter().all(u8::is_ascii_uppercase) && id[2..].iter().all(u8::is_ascii_digit);
        if !good {
            return Err(fail(format!("rule id '{}' must be two upper-case letters and three digits", rule.id)));
        }
        if !seen.insert(rule.id.as_str()) {
            return Err(fail(format!("rule id '{}' is used twice", rule.id)));
        }
    }
    Ok(pack.rule)
}
