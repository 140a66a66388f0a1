use std::collections::BTreeMap;

use super::{BundleError, Sha256, path};

pub(crate) const FORMAT: &str = "appeal-bundle/1";

/// What a bundle says of itself in `bag-info.txt`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BundleInfo {
    /// `Source-Organization`: who hands it in.
    pub organization: String,
    /// `External-Identifier`: the case. It names the files, so it must be fit for that.
    pub case_id: String,
    /// `Shop-Id`: whose shop it is.
    pub shop_id: String,
    /// `Appeal-Reason`: in a few words.
    pub reason: String,
    /// `Bagging-Date`: YYYY-MM-DD, from the clock given to the tool.
    pub bagging_date: chrono::NaiveDate,
    /// `Custody-Head`: the digest of the last custody record, if there is one.
    pub custody_head: Option<Sha256>,
    /// `Rulepack-SHA256`: the digest over the rule packs used.
    pub rulepack_sha256: Option<Sha256>,
    /// `Tool-Version`.
    pub tool_version: String,
}

impl BundleInfo {
    pub(crate) fn check(&self) -> Result<(), BundleError> {
        for (label, value) in [
            ("Source-Organization", &self.organization),
            ("External-Identifier", &self.case_id),
            ("Shop-Id", &self.shop_id),
            ("Appeal-Reason", &self.reason),
            ("Tool-Version", &self.tool_version),
        ] {
            if value.is_empty() || value.trim() != value || value.chars().any(char::is_control) {
                return Err(BundleError::Info { label, value: value.clone() });
            }
        }
        if self.case_id.contains('/') || path::check(&self.case_id, 64).is_err() {
            return Err(BundleError::Info { label: "External-Identifier", value: self.case_id.clone() });
        }
        Ok(())
    }

    pub(crate) fn render(&self, number: usize, of: usize, oxum: Oxum) -> String {
        let mut lines = vec![
            ("Source-Organization", self.organization.clone()),
            ("External-Identifier", self.case_id.clone()),
            ("Bagging-Date", self.bagging_date.to_string()),
            ("Payload-Oxum", format!("{}.{}", oxum.bytes, oxum.files)),
            ("Bag-Group-Identifier", self.case_id.clone()),
            ("Bag-Count", format!("{number} of {of}")),
            ("Bundle-Format", FORMAT.to_owned()),
            ("Shop-Id", self.shop_id.clone()),
            ("Appeal-Reason", self.reason.clone()),
            ("Tool-Version", self.tool_version.clone()),
        ];
        lines.extend(self.custody_head.map(|head| ("Custody-Head", head.to_string())));
        lines.extend(self.rulepack_sha256.map(|digest| ("Rulepack-SHA256", digest.to_string())));
        lines.iter().map(|(label, value)| format!("{label}: {value}\n")).collect()
    }
}

/// Bytes and files of a payload.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Oxum {
    pub bytes: u64,
    pub files: usize,
}

/// `bag-info.txt` of a part, read back.
#[derive(Debug)]
pub(crate) struct ReadInfo {
    pub case_id: String,
    pub number: usize,
    pub of: usize,
    pub oxum: Oxum,
    pub custody_head: Option<Sha256>,
}

impl ReadInfo {
    /// The labels that verification reads, or the first that is not there once as it should be.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let mut labels: BTreeMap<&str, &str> = BTreeMap::new();
        for line in text.lines() {
            let (label, value) = line.split_once(": ").ok_or("a line without a label")?;
            if labels.insert(label, value).is_some() {
                return Err("a label twice");
            }
        }
        let label = |name| labels.get(name).copied();
        let count = |text: Option<&str>| {
            let (number, of) = text?.split_once(" of ")?;
            let (number, of) = (number.parse().ok()?, of.parse().ok()?);
            (1 <= number && number <= of).then_some((number, of))
        };
        let oxum = |text: Option<&str>| {
            let (bytes, files) = text?.split_once('.')?;
            Some(Oxum { bytes: bytes.parse().ok()?, files: files.parse().ok()? })
        };
        if label("Bundle-Format") != Some(FORMAT) {
            return Err("Bundle-Format");
        }
        let (number, of) = count(label("Bag-Count")).ok_or("Bag-Count")?;
        let custody_head = match label("Custody-Head") {
            Some(head) => Some(Sha256::parse(head).ok_or("Custody-Head")?),
            None => None,
        };
        let case_id = label("External-Identifier").ok_or("External-Identifier")?.to_owned();
        if label("Bag-Group-Identifier") != Some(&case_id) {
            return Err("Bag-Group-Identifier");
        }
        Ok(Self { case_id, number, of, oxum: oxum(label("Payload-Oxum")).ok_or("Payload-Oxum")?, custody_head })
    }
}
