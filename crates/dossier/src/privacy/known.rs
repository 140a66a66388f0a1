//! Values that a case is known to hold. A name read in an address field is then found wherever it stands, without any word beside
//! it.

use std::collections::BTreeMap;

use aho_corasick::{AhoCorasick, MatchKind};
use huoyan_text::Gap;

use super::Kind;
use super::find::Found;
use super::page::Page;
use super::tables::folded;

/// Values looked for as such.
#[derive(Clone, Debug)]
pub struct Known {
    values: Vec<(Kind, String)>,
    search: AhoCorasick,
}

/// Fewest characters of a value that is looked for on its own: one character is a surname, and a word.
const LEAST: usize = 2;

impl Known {
    /// Values with their kinds, in their canonical or any other spelling; too short ones are left out.
    pub fn new(values: impl IntoIterator<Item = (Kind, String)>) -> Self {
        let mut by_code: BTreeMap<String, (Kind, String)> = BTreeMap::new();
        for (kind, value) in values {
            let codes = folded(&value);
            let figures = codes.iter().all(char::is_ascii_digit);
            if codes.len() >= if figures { 5 } else { LEAST } {
                by_code.entry(codes.into_iter().collect()).or_insert((kind, value));
            }
        }
        let search = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(by_code.keys())
            .expect("invariant: a case's values fit into an automaton");
        Self { values: by_code.into_values().collect(), search }
    }

    pub(crate) fn find(&self, page: &Page<'_>, out: &mut Vec<Found>) {
        if self.values.is_empty() {
            return;
        }
        let mut codes = String::with_capacity(page.len() * 3);
        let mut atom_of = Vec::with_capacity(page.len() * 3 + 1);
        for at in 0..page.len() {
            codes.push(page.code(at));
            atom_of.resize(codes.len(), at);
        }
        atom_of.push(page.len());
        for hit in self.search.find_iter(&codes) {
            let (kind, value) = &self.values[hit.pattern().as_usize()];
            let atoms = atom_of[hit.start()]..atom_of[hit.end()];
            let whole =
                (atoms.start + 1..atoms.end).all(|at| page.gap(at).len() <= 3 && !page.gap(at).has(Gap::BOUNDARY));
            let ascii = |at: usize| page.code(at).is_ascii_alphanumeric();
            let inside = page.touches(atoms.start) && ascii(atoms.start) && ascii(atoms.start - 1)
                || page.touches(atoms.end) && ascii(atoms.end) && ascii(atoms.end - 1);
            if whole && !inside {
                out.push(Found::new(*kind, atoms, value.clone()));
            }
        }
    }
}
