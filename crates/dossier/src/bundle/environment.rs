use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// `environment.json`: what made the findings and the bundle, so that each finding can be replayed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Environment {
    /// The tool's name and version.
    pub tool: Component,
    /// The operating system and its version.
    pub os: String,
    /// The clock's reading when the bundle was made, RFC 3339 with its zone.
    pub clock: String,
    /// Where the clock gets its time from: `system`, `ntp`, or given by hand.
    pub clock_source: String,
    /// Who ran it.
    pub operator: String,
    /// The detectors used.
    pub plugins: Vec<Component>,
    /// Their rule packs.
    pub rule_packs: Vec<Component>,
    /// Their galleries.
    pub galleries: Vec<Component>,
    /// The header lines of the runs that the findings come from, in the order of their exhibits.
    pub runs: Vec<RunHeader>,
}

/// Something that findings depend on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Component {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The digest of its file with the algorithm before it, such as `blake3:5639…`: a run names what it used by BLAKE3.
    pub digest: Option<String>,
}

/// The first line of a findings file, kept as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunHeader {
    /// The run's id.
    pub id: String,
    /// The digest of each input by its file's name, with the algorithm before it.
    pub inputs: BTreeMap<String, String>,
    /// The whole header.
    pub header: serde_json::Value,
}

impl Environment {
    /// The file: pretty JSON with the fields in this order.
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("invariant: texts and numbers are always JSON");
        text.push('\n');
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_environment_comes_back_as_it_was_written() {
        let component = |name: &str| Component {
            name: name.to_owned(),
            version: "0.1.0".to_owned(),
            digest: Some(format!("blake3:{name}")),
        };
        let environment = Environment {
            tool: component("huoyan"),
            os: "linux 6.1".to_owned(),
            clock: "2026-11-22T10:00:00+08:00".to_owned(),
            clock_source: "system".to_owned(),
            operator: "店员甲".to_owned(),
            plugins: vec![component("review-malice")],
            rule_packs: vec![component("prohibited")],
            galleries: Vec::new(),
            runs: vec![RunHeader {
                id: "r1".to_owned(),
                inputs: BTreeMap::from([("a.csv".to_owned(), "blake3:00".to_owned())]),
                header: serde_json::json!({"schema": 1}),
            }],
        };
        let back: Environment = serde_json::from_str(&environment.to_json()).unwrap();
        assert_eq!(back, environment);
    }
}
