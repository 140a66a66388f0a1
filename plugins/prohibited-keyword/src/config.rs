//! What a user may change without editing a rule pack: further terms and allowed phrases.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::pack::{Pack, PackError};

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
}

impl Config {
    /// Reads the configuration's JSON object.
    ///
    /// # Errors
    /// Says which key is wrong.
    pub fn parse(json: &str) -> Result<Self, PackError> {
        serde_json::from_str(json).map_err(|e| PackError::new(format!("the configuration is not valid: {e}")))
    }

    /// Adds its terms and phrases to the packs.
    ///
    /// # Errors
    /// When it names a rule that no pack has.
    pub fn apply(&self, packs: &mut [Pack]) -> Result<(), PackError> {
        for (id, terms) in &self.terms {
            let rule = packs.iter_mut().flat_map(|pack| &mut pack.rules).find(|rule| rule.id == *id);
            let rule = rule.ok_or_else(|| {
                PackError::new(format!("the configuration adds terms to rule '{id}', which no rule pack has"))
            })?;
            rule.terms.extend_from_slice(terms);
        }
        for rule in packs.iter_mut().flat_map(|pack| &mut pack.rules) {
            rule.allow.extend_from_slice(&self.allow);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::Contexts;
    use crate::{CONTEXTS, PACKS, Screen, Workspace};

    fn scan(config: &str, text: &str) -> Vec<String> {
        let mut packs: Vec<Pack> = PACKS.iter().map(|(name, toml)| Pack::parse(name, toml).expect("parses")).collect();
        Config::parse(config).expect("valid").apply(&mut packs).expect("applies");
        let screen = Screen::new(&packs, &Contexts::parse(CONTEXTS).expect("parses")).expect("compiles");
        let mut found = Vec::new();
        screen.scan(text, "", &mut Workspace::new(), &mut found);
        found.iter().map(|hit| screen.rules()[hit.rule].id.clone()).collect()
    }

    #[test]
    fn adds_terms_and_allowed_phrases() {
        assert!(scan("{}", "量子速读课程 国家级面料").contains(&"PK100".to_owned()));
        let config = r#"{"terms": {"PK110": ["量子速读"]}, "allow": ["国家级面料"]}"#;
        assert_eq!(scan(config, "量子速读课程 国家级面料"), ["PK110"]);
    }

    #[test]
    fn refuses_unknown_keys_and_rules() {
        assert!(Config::parse(r#"{"alow": []}"#).is_err());
        let config = Config::parse(r#"{"terms": {"PK999": ["x"]}}"#).expect("valid");
        assert!(config.apply(&mut []).expect_err("no such rule").to_string().contains("PK999"));
    }
}
