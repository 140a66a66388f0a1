use serde::{Deserialize, Serialize};

use super::Sha256;

pub(crate) const FORMAT: &str = "appeal-parts/1";

/// `parts.json`: the whole payload of all parts, the same in each, so that a part that is not there is missed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PartIndex {
    pub format: String,
    pub case: String,
    pub parts: Vec<IndexedPart>,
    /// Files that are longer than a part, in pieces.
    pub split: Vec<SplitFile>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct IndexedPart {
    pub name: String,
    pub files: Vec<IndexedFile>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct IndexedFile {
    pub bytes: u64,
    pub path: String,
    pub sha256: Sha256,
}

/// A file that `cat` puts together from its pieces, in their order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SplitFile {
    pub bytes: u64,
    pub path: String,
    pub pieces: Vec<String>,
    pub sha256: Sha256,
}

impl PartIndex {
    pub fn render(&self) -> String {
        let mut text = serde_json::to_string(self).expect("invariant: names and numbers are always JSON");
        text.push('\n');
        text
    }

    pub fn parse(text: &str) -> Option<Self> {
        let index: Self = serde_json::from_str(text).ok()?;
        (index.format == FORMAT && index.render() == text).then_some(index)
    }
}
