//! The passages that reviews of a listing share, cut out of both texts for evidence.

use std::collections::HashMap;

use crate::listing::Member;
use crate::passages::excerpt;

/// Copies of which excerpts are told.
const TOLD: usize = 3;

/// Sets the excerpts of the copies that are known, in their order.
pub(super) fn add(members: &mut [Member]) {
    let named = members.iter().flat_map(|m| &m.facts.copied).map(|copied| copied.record.as_str());
    let mut texts: HashMap<String, String> = named.map(|record| (record.to_owned(), String::new())).collect();
    if texts.is_empty() {
        return;
    }
    for m in members.iter() {
        if let Some(text) = texts.get_mut(&m.record) {
            text.clone_from(&m.facts.aside.text);
        }
    }
    for m in members {
        let facts = &mut m.facts;
        let of = |copied: &crate::facts::Copied| {
            excerpt(&facts.aside.text, texts.get(&copied.record)?, copied.shared.spans.first()?)
        };
        // A copy without an excerpt has an empty one, so that each stands in the place of its copy.
        facts.aside.excerpts = facts.copied.iter().take(TOLD).map(|copied| of(copied).unwrap_or_default()).collect();
    }
}
