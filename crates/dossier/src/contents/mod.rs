//! Whether what a bundle says fits together: the pages that people read, the data, and the custody record.
//!
//! A signature says who put these files together and that they are as they were. It does not say that the pages tell what the data hold; that is
//! compared here. Only what any version of the tool writes is asked for, so that an older bundle does not fail for its layout.

mod custody;
mod pages;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;

use huoyan_model::Localized;
use serde_json::Value;

pub(crate) use self::custody::gaps;
use self::custody::gaps_of;
use self::pages::Told;
use crate::bundle::{Check, CheckedPart, Code, Problem, Sha256};

const CASE: &str = "data/case.json";
const CLAIMS: &str = "data/claims.json";
const CUSTODY: &str = "data/custody.jsonl";
/// A longer file is not compared.
const MOST_BYTES: u64 = 64 << 20;

/// Compares the contents of bundles while they are verified.
#[derive(Debug, Default)]
pub struct Contents {
    /// By the digest of `parts.json`, which all parts of a bundle share.
    bundles: RefCell<BTreeMap<Option<Sha256>, Kept>>,
}

#[derive(Debug, Default)]
struct Kept {
    /// The part with `case.json`.
    part: String,
    case: Value,
    claims: Value,
    custody: Option<String>,
    told: Told,
    /// Pages that are listed and were not read.
    unread: BTreeSet<String>,
    /// All that were read, so that a part given twice counts once.
    read: BTreeSet<String>,
}

/// A page that opens the bundle: at the top of the payload.
fn is_page(path: &str) -> bool {
    path.strip_prefix("data/").is_some_and(|name| name.contains(".html") && !name.contains('/'))
}

impl Check for Contents {
    fn check(&self, part: &mut CheckedPart<'_>) -> Vec<Problem> {
        let mut bundles = self.bundles.borrow_mut();
        let kept = bundles.entry(part.bundle()).or_default();
        if kept.read.is_empty() {
            kept.unread = part.listed().filter(|path| is_page(path)).map(str::to_owned).collect();
        }
        let wanted = |path: &&str| is_page(path) || [CASE, CLAIMS, CUSTODY].contains(path);
        let names: Vec<String> = part.payload().filter(wanted).map(str::to_owned).collect();
        for name in names {
            let mut text = String::new();
            let read = part.open(&name).and_then(|reader| reader.take(MOST_BYTES).read_to_string(&mut text));
            // What cannot be read, or is no text, was told by the checks before.
            if read.is_err() || text.len() as u64 == MOST_BYTES || !kept.read.insert(name.clone()) {
                continue;
            }
            match name.as_str() {
                CASE => {
                    kept.part = part.report().name.clone();
                    kept.case = serde_json::from_str(&text).unwrap_or_default();
                }
                CLAIMS => kept.claims = serde_json::from_str(&text).unwrap_or_default(),
                CUSTODY => kept.custody = Some(text),
                _ => {
                    kept.told.read(&text);
                    kept.unread.remove(&name);
                }
            }
        }
        Vec::new()
    }

    fn finish(&self) -> Vec<Problem> {
        self.bundles.borrow().values().flat_map(Kept::problems).collect()
    }
}

impl Kept {
    fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut say = |code, place: &str, message| {
            problems.push(Problem { code, part: self.part.clone(), place: place.to_owned(), message });
        };
        if let Some(record) = &self.custody {
            let exhibits = self.case["exhibits"].as_array().into_iter().flatten();
            let exhibits: Vec<(&str, &str)> =
                exhibits.filter_map(|one| Some((one["id"].as_str()?, one["sha256"].as_str()?))).collect();
            if !exhibits.is_empty() {
                gaps_of(&exhibits, record).into_iter().for_each(|gap| say(Code::CustodyGap, CUSTODY, gap));
            }
        }
        if self.unread.is_empty() {
            for lacking in self.told.lacks(&self.case, &self.claims) {
                let message = Localized::new(
                    format!("页面与 case.json 不一致：页面中没有 {}", lacking.zh),
                    format!("the pages tell otherwise than case.json: they lack {}", lacking.en),
                );
                say(Code::PagesDiffer, CASE, message);
            }
        }
        problems
    }
}
