use serde::{Deserialize, Serialize};

use super::columns::headers;
use crate::lint::Who;

/// Who is who, as the person who makes the case says it: names or mail addresses as the exports show them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Roles {
    /// The shop and its staff.
    #[serde(default)]
    pub merchant: Vec<String>,
    /// The buyer.
    #[serde(default)]
    pub buyer: Vec<String>,
}

/// How it is known whose words they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    Told,
    ByName,
    No,
}

impl Roles {
    /// Whose words they are, by the value of a role column and the name.
    pub(super) fn who(&self, role: &str, name: &str) -> (Who, Known) {
        let (role, name) = (fold(role), fold(name));
        let has = |names: &[String]| !name.is_empty() && names.iter().any(|known| same(&fold(known), &name));
        if has(&self.merchant) {
            return (Who::Merchant, Known::Told);
        }
        if has(&self.buyer) {
            return (Who::Buyer, Known::Told);
        }
        let words = &headers().roles;
        let sides = [(Who::Other, &words.other), (Who::Merchant, &words.merchant), (Who::Buyer, &words.buyer)];
        if let Some((who, _)) = sides.iter().find(|(_, words)| words.contains(&role)) {
            return (*who, Known::Told);
        }
        let begins = &words.name_begins;
        let sides = [(Who::Other, &begins.other), (Who::Merchant, &begins.merchant), (Who::Buyer, &begins.buyer)];
        for text in [&role, &name] {
            let begun = |words: &&Vec<String>| words.iter().any(|word| text.starts_with(word.as_str()));
            if let Some((who, _)) = sides.iter().find(|(_, words)| begun(words)) {
                return (*who, Known::ByName);
            }
        }
        (Who::Other, Known::No)
    }
}

/// The same name, or the address in `Shop <shop@example.com>`.
fn same(known: &str, name: &str) -> bool {
    known == name || known.contains('@') && name.contains(&format!("<{known}>"))
}

fn fold(text: &str) -> String {
    text.trim().to_lowercase()
}
