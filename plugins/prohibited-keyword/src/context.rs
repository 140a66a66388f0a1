//! Whether the words about a hit show that it is harmless: 匕首 + 造型书签, 炸药 + 包抱枕, 高仿 after 拒绝.
//!
//! What must stay true: only words in the same stretch of text count, up to the next sign or, about a Chinese hit, the next
//! space; a title is a list, and its other items say nothing about this one.

use std::collections::BTreeMap;
use std::ops::Range;

use aho_corasick::AhoCorasick;
use huoyan_text::{Gap, Kind, fold_char};

use crate::pack::{Context, Contexts, PackError};
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

/// Where a context's word must stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    /// Within the stretch before the hit.
    Before,
    /// Within the stretch after it, or at the end of the next short item.
    After,
    /// Right before it.
    Touching,
    /// Right behind it.
    Following,
}

/// All contexts, with one automaton over the folded text for the words of all of them.
#[derive(Clone, Debug)]
pub(crate) struct Surroundings {
    words: AhoCorasick,
    /// By word of the automaton, which contexts it belongs to and where it must stand.
    uses: Vec<Vec<(usize, Side)>>,
    /// By context, the words that clear when they stand in the listing's category.
    categories: Vec<Vec<String>>,
}

/// A word of some context in a text, by its atoms.
#[derive(Clone, Copy, Debug)]
struct Place {
    first: usize,
    end: usize,
    word: usize,
}

/// The words of all contexts in one text, looked for when the first hit asks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Nearby {
    searched: bool,
    places: Vec<Place>,
    /// The folded text, and where each atom begins in it.
    folded: String,
    starts: Vec<usize>,
}

impl Nearby {
    /// Forgets the last text.
    pub(crate) fn clear(&mut self) {
        self.searched = false;
    }

    fn search(&mut self, words: &AhoCorasick, reading: &Reading<'_>) {
        if self.searched {
            return;
        }
        self.searched = true;
        self.folded.clear();
        self.starts.clear();
        for atom in reading.atoms {
            self.starts.push(self.folded.len());
            self.folded.push(atom.code);
        }
        // A match ends where an atom does, since words and text are whole characters.
        let atom = |byte: usize| self.starts.partition_point(|start| *start < byte);
        self.places.clear();
        self.places.extend(words.find_overlapping_iter(&self.folded).map(|found| Place {
            first: atom(found.start()),
            end: atom(found.end()),
            word: found.pattern().as_usize(),
        }));
    }
}

impl Surroundings {
    pub(crate) fn new(contexts: &Contexts) -> Result<Self, PackError> {
        let mut uses: BTreeMap<String, Vec<(usize, Side)>> = BTreeMap::new();
        for (at, context) in contexts.context.values().enumerate() {
            for (list, side) in [
                (&context.before, Side::Before),
                (&context.after, Side::After),
                (&context.touching, Side::Touching),
                (&context.following, Side::Following),
            ] {
                for word in list.iter().map(|word| folded(word)).filter(|word| !word.is_empty()) {
                    uses.entry(word).or_default().push((at, side));
                }
            }
        }
        let words = AhoCorasick::new(uses.keys())
            .map_err(|e| PackError::new(format!("the words of 'contexts' cannot be searched for: {e}")))?;
        let lower = |context: &Context| context.categories.iter().map(|word| word.to_lowercase()).collect();
        let categories = contexts.context.values().map(lower).collect();
        Ok(Self { words, uses: uses.into_values().collect(), categories })
    }

    /// Whether the listing's category clears every hit of a rule with this context.
    pub(crate) fn has_category(&self, context: usize, category: &str) -> bool {
        let category = category.to_lowercase();
        self.categories[context].iter().any(|word| category.contains(word.as_str()))
    }

    /// Whether the words about atoms `hit` clear the hit of a rule with these contexts.
    pub(crate) fn clears(
        &self,
        contexts: &[usize],
        reading: &Reading<'_>,
        nearby: &mut Nearby,
        hit: Range<usize>,
    ) -> bool {
        nearby.search(&self.words, reading);
        if nearby.places.is_empty() {
            return false;
        }
        let stretch = Stretch::about(reading, &hit);
        // They are in the order of their ends; only those about the hit are asked, of however many the text has.
        let begins = nearby.places.partition_point(|place| place.end <= stretch.from);
        nearby.places[begins..].iter().take_while(|place| place.end <= stretch.next).any(|place| {
            self.uses[place.word]
                .iter()
                .any(|(context, side)| contexts.contains(context) && stretch.admits(place, *side, &hit))
        })
    }
}

/// How far the words about a hit are looked at, in atoms.
struct Stretch {
    from: usize,
    to: usize,
    /// The end of the short item behind the next space; `to` when there is none.
    next: usize,
}

impl Stretch {
    fn about(reading: &Reading<'_>, hit: &Range<usize>) -> Self {
        let (atoms, first, end) = (reading.atoms, hit.start, hit.end);
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
        Self { from, to, next: if next - to <= NEXT { next } else { to } }
    }

    /// Whether a word stands where it must.
    fn admits(&self, place: &Place, side: Side, hit: &Range<usize>) -> bool {
        match side {
            Side::Before => self.from <= place.first && place.end <= hit.start,
            Side::After => {
                hit.end <= place.first && place.end <= self.to
                    || place.end == self.next && place.first >= self.to && place.end - place.first > 1
            }
            Side::Touching => self.from <= place.first && place.end == hit.start,
            Side::Following => place.first == hit.end && place.end <= self.to,
        }
    }
}

/// A word as folding leaves it, without noise.
pub(crate) fn folded(word: &str) -> String {
    word.chars()
        .filter_map(|c| match fold_char(c) {
            (Kind::Han | Kind::Latin | Kind::Digit | Kind::Other, code, _) => Some(code),
            _ => None,
        })
        .collect()
}
