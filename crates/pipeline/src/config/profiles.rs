//! Profiles: named policies as data. The same plugins serve a strict platform and a cautious merchant.

use huoyan_model::Localized;
use serde::Deserialize;

/// Name and text of every profile; the first is used when none is named.
pub(super) const PROFILES: &[(&str, &str)] = &[
    ("default", include_str!("../../profiles/default.toml")),
    ("strict-platform", include_str!("../../profiles/strict-platform.toml")),
    ("cautious-merchant", include_str!("../../profiles/cautious-merchant.toml")),
];

/// The built-in profiles: name, and what it is for.
pub fn profiles() -> impl Iterator<Item = (&'static str, Localized)> {
    PROFILES.iter().map(|(name, text)| {
        let (summary, _) = split(text);
        (*name, summary)
    })
}

/// The settings of a profile, without its summary.
pub(super) fn profile(name: &str) -> Option<toml::Table> {
    PROFILES.iter().find(|(known, _)| *known == name).map(|(_, text)| split(text).1)
}

fn split(text: &str) -> (Localized, toml::Table) {
    let proven = "invariant: a test reads every built-in profile";
    let mut table: toml::Table = text.parse().expect(proven);
    let summary = table.remove("summary").expect(proven);
    (Localized::deserialize(summary).expect(proven), table)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn every_profile_is_a_configuration_with_a_summary_in_both_languages() {
        for (name, summary) in profiles() {
            assert!(!summary.zh.is_empty() && !summary.en.is_empty(), "{name}");
            Config::deserialize(profile(name).unwrap()).unwrap();
        }
    }

    #[test]
    fn every_profile_wants_two_families_of_signals_before_a_review_is_rejected() {
        for (name, _) in profiles() {
            let config = Config::deserialize(profile(name).unwrap()).unwrap();
            let cap = config.policy.caps.iter().find(|cap| cap.detector.as_deref() == Some("review-malice"));
            assert_eq!(cap.map(|cap| (cap.evidence.as_str(), cap.at_least)), Some(("families", Some(2.0))), "{name}");
        }
    }
}
