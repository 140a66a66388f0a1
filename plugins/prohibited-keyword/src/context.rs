//! Whether the words about a hit show that it is harmless: 匕首 + 造型书签, 炸药 + 包抱枕, 高仿 after 拒绝.
//!
//! What must stay true: only words in the same stretch of text count, up to the next sign or, about a Chinese hit, the next
//! space; a title is a list, and its other items say nothing about this one.

use huoyan_text::{Gap, Kind, fold_char};

use crate::pack::Context;
use crate::reading::Reading;

/// Characters looked at before a hit.
const BEFORE: usize = 6;
/// Characters looked at after a hit.
const AFTER: usize = 10;
/// The next item behind a space counts when it has at most so many characters.
const NEXT: usize = 4;
/// The same for Latin text, where a word has more characters.
const LATIN_BEFORE: usize = 16;
const LATIN_AFTER: usize = 24;

/// A context, folded and ready.
#[derive(Clone, Debug, Default)]
pub(crate) struct Surroundings {
    before: Vec<Vec<char>>,
    after: Vec<Vec<char>>,
    touching: Vec<Vec<char>>,
    following: Vec<Vec<char>>,
    categories: Vec<String>,
}

impl Surroundings {
    pub(crate) fn new(context: &Context) -> Self {
        let fold = |words: &[String]| words.iter().map(|word| folded(word)).filter(|word| !word.is_empty()).collect();
        Self {
            before: fold(&context.before),
            after: fold(&context.after),
            touching: fold(&context.touching),
            following: fold(&context.following),
            categories: context.categories.iter().map(|word| word.to_lowercase()).collect(),
        }
    }

    /// Whether the listing's category clears every hit.
    pub(crate) fn has_category(&self, category: &str) -> bool {
        let category = category.to_lowercase();
        self.categories.iter().any(|word| category.contains(word.as_str()))
    }

    /// Whether the words about atoms `first..end` clear the hit.
    pub(crate) fn clears(&self, reading: &Reading<'_>, first: usize, end: usize) -> bool {
        let atoms = reading.atoms;
        let latin = atoms.get(first).is_some_and(|atom| atom.kind == Kind::Latin);
        let (most_before, most_after) = if latin { (LATIN_BEFORE, LATIN_AFTER) } else { (BEFORE, AFTER) };
        let stops = |gap: Gap| gap.has(Gap::BOUNDARY) || gap.has(Gap::PUNCTUATION) || !latin && gap.has(Gap::SPACE);
        let mut from = first;
        while from > 0 && first - from < most_before && !stops(atoms[from].gap) {
            from -= 1;
        }
        let reach = |mut at: usize, most: usize| {
            while at < atoms.len() && at - end < most && !stops(atoms[at].gap) {
                at += 1;
            }
            at
        };
        let to = reach(end, most_after);
        // 匕首 小说: a short item right behind the space names what the thing is; a long one is another thing.
        let next = if to < atoms.len() && !latin && atoms[to].gap.has(Gap::SPACE) && !atoms[to].gap.has(Gap::BOUNDARY) {
            reach(to + 1, to + 1 - end + NEXT).min(atoms.len())
        } else {
            to
        };
        let next = if next - to <= NEXT { next } else { to };
        let is = |at: usize, word: &[char]| {
            atoms.get(at..at + word.len()).is_some_and(|part| part.iter().zip(word).all(|(atom, c)| atom.code == *c))
        };
        let within = |words: &[Vec<char>], from: usize, to: usize| {
            words.iter().any(|word| (from..to).any(|at| at + word.len() <= to && is(at, word)))
        };
        within(&self.before, from, first)
            || within(&self.after, end, to)
            || next > to
                && self
                    .after
                    .iter()
                    .any(|word| word.len() > 1 && word.len() <= next - to && is(next - word.len(), word))
            || self.following.iter().any(|word| end + word.len() <= to && is(end, word))
            || self
                .touching
                .iter()
                .any(|word| first.checked_sub(word.len()).is_some_and(|at| at >= from && is(at, word)))
    }
}

/// A word in folded characters, without noise.
pub(crate) fn folded(word: &str) -> Vec<char> {
    word.chars()
        .filter_map(|c| match fold_char(c) {
            (Kind::Han | Kind::Latin | Kind::Digit | Kind::Other, code, _) => Some(code),
            _ => None,
        })
        .collect()
}
