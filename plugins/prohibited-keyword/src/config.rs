//! What a user may change for all listings in the configuration: the plainest kind of overlay.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::overlay::Overlay;
use crate::pack::PackError;

/// The detector's configuration.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Further terms by rule id.
    #[serde(default)]
    pub terms: BTreeMap<String, Vec<String>>,
    /// Phrases that are fine in every rule.
    #[serde(default)]
    pub allow: Vec<String>,
    /// Terms of the packs that no longer count, by rule id, written as the pack writes them.
    #[serde(default)]
    pub remove: BTreeMap<String, Vec<String>>,
    /// Rules that find nothing.
    #[serde(default)]
    pub off: Vec<String>,
}

impl Config {
    /// Reads the configuration's JSON object.
    ///
    /// # Errors
    /// Says which key is wrong.
    pub fn parse(json: &str) -> Result<Self, PackError> {
        serde_json::from_str(json).map_err(|e| PackError::new(format!("the configuration is not valid: {e}")))
    }

    /// What it changes in the packs.
    pub fn overlay(&self) -> Overlay {
        let mut overlay = Overlay { allow: self.allow.clone(), ..Overlay::default() };
        for (id, terms) in &self.terms {
            overlay.rules.entry(id.clone()).or_default().terms.clone_from(terms);
        }
        for (id, terms) in &self.remove {
            overlay.rules.entry(id.clone()).or_default().remove.clone_from(terms);
        }
        for id in &self.off {
            overlay.rules.entry(id.clone()).or_default().off = true;
        }
        overlay
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_an_overlay() {
        let config = r#"{"terms": {"PK110": ["量子速读"]}, "allow": ["国家级面料"], "remove": {"PK110": ["x"]}, "off": ["PK100"]}"#;
        let overlay = Config::parse(config).expect("valid").overlay();
        assert_eq!(overlay.allow, ["国家级面料"]);
        assert_eq!(overlay.rules["PK110"].terms, ["量子速读"]);
        assert_eq!(overlay.rules["PK110"].remove, ["x"]);
        assert!(overlay.rules["PK100"].off && !overlay.rules["PK110"].off);
        assert!(Config::parse("{}").expect("valid").overlay().is_empty());
    }

    #[test]
    fn refuses_unknown_keys() {
        assert!(Config::parse(r#"{"alow": []}"#).is_err());
    }
}
