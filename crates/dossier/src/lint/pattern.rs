//! Patterns of words with gaps, over folded text.
//!
//! A pattern is written as items with spaces between: `[list]` stands for any word of that list, a number for at most so
//! many characters between its neighbours (0 when left out), anything else for itself. `[ask] 8 [change] 4 评价` finds
//! 麻烦您尽快改一下评价. A match never leaves its sentence.

use std::collections::BTreeMap;
use std::ops::Range;

use huoyan_text::{Atom, Folded, Kind};

/// A word, folded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    codes: Vec<char>,
    /// A sign that folding drops but that must follow, as in 100%.
    sign: Option<char>,
}

impl Word {
    /// `None` for text without a letter or figure.
    pub fn new(text: &str) -> Option<Self> {
        let mut folded = Folded::new();
        folded.fold(text);
        let codes: Vec<char> = folded.atoms().iter().map(|atom| atom.code).collect();
        let sign = text.chars().next_back().filter(|c| *c == '%');
        (!codes.is_empty()).then_some(Self { codes, sign })
    }

    pub fn first(&self) -> char {
        self.codes[0]
    }

    /// Whether the word stands at an atom; gives the atom after it.
    pub fn at(&self, text: &str, atoms: &[Atom], begin: usize) -> Option<usize> {
        let end = begin + self.codes.len();
        let here = atoms.get(begin..end)?;
        let same = here.iter().zip(&self.codes).all(|(atom, code)| atom.code == *code);
        let whole = here.iter().skip(1).all(|atom| atom.gap.len() <= 2 && !atom.gap.has(huoyan_text::Gap::BOUNDARY));
        let free = !joined(atoms, begin) && !joined(atoms, end);
        let after = &text[here.last()?.end as usize..];
        let signed = self.sign.is_none() || after.starts_with(['%', '％']);
        (same && whole && free && signed).then_some(end)
    }
}

/// Whether a letter or figure goes on from the atom before into this one: sb is no word in usb.
fn joined(atoms: &[Atom], at: usize) -> bool {
    let Some((before, here)) = at.checked_sub(1).and_then(|before| Some((atoms.get(before)?, atoms.get(at)?))) else {
        return false;
    };
    matches!(here.kind, Kind::Latin | Kind::Digit) && here.kind == before.kind && here.gap.is_empty()
}

/// The count of characters up to each atom, a word of letters or figures counting as one.
fn units(atoms: &[Atom]) -> Vec<usize> {
    (0..atoms.len())
        .scan(0, |unit, at| {
            *unit += usize::from(at > 0 && !joined(atoms, at));
            Some(*unit)
        })
        .collect()
}

/// Runs of letters and figures that touch.
pub(super) fn runs(atoms: &[Atom]) -> impl Iterator<Item = (usize, usize)> {
    let is_sign = |at: usize| atoms.get(at).is_some_and(|atom| matches!(atom.kind, Kind::Latin | Kind::Digit));
    let goes_on = move |at: usize| is_sign(at) && atoms[at].gap.is_empty();
    (0..atoms.len()).filter(move |at| is_sign(*at) && !(*at > 0 && is_sign(at - 1) && goes_on(*at))).map(move |begin| {
        let more = (begin + 1..).take_while(|at| goes_on(*at)).count();
        (begin, begin + 1 + more)
    })
}

/// Where words of the lists stand: by list, the first atom and the one after the last, sorted.
pub(super) type Hits = BTreeMap<String, Vec<(usize, usize)>>;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Item {
    List(String),
    Word(Word),
}

/// Items, each with the characters allowed between it and the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    items: Vec<(Item, usize)>,
}

impl Pattern {
    /// Reads a pattern; the error names the part that is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut items: Vec<(Item, usize)> = Vec::new();
        for part in text.split_whitespace() {
            if let Ok(gap) = part.parse::<usize>() {
                items.last_mut().ok_or_else(|| format!("'{text}' begins with a gap"))?.1 = gap;
            } else if let Some(list) = part.strip_prefix('[').and_then(|part| part.strip_suffix(']')) {
                items.push((Item::List(list.to_owned()), 0));
            } else {
                let word = Word::new(part).ok_or_else(|| format!("'{part}' has no letter or figure"))?;
                items.push((Item::Word(word), 0));
            }
        }
        if items.is_empty() { Err("a pattern is empty".to_owned()) } else { Ok(Self { items }) }
    }

    /// The lists that it names.
    pub fn lists(&self) -> impl Iterator<Item = &str> {
        self.items.iter().filter_map(|(item, _)| match item {
            Item::List(list) => Some(list.as_str()),
            Item::Word(_) => None,
        })
    }

    /// Every place where it stands, from each first word the shortest. No match leaves its sentence unless it may go
    /// `across`.
    pub fn find(&self, ground: &Ground, hits: &Hits, across: bool) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        let mut try_at = |begin: usize| {
            if let Some(end) = self.from(0, begin..begin + 1, ground, hits)
                && (across || ground.sentence_of[begin] == ground.sentence_of[end - 1])
            {
                found.push((begin, end));
            }
        };
        match &self.items[0].0 {
            Item::List(list) => hits.get(list).into_iter().flatten().for_each(|(begin, _)| try_at(*begin)),
            Item::Word(word) => {
                let begins = ground.atoms.iter().enumerate().filter(|(_, atom)| atom.code == word.first());
                begins.for_each(|(begin, _)| try_at(begin));
            }
        }
        found
    }

    /// The end of the shortest match of the items from `item` on that begins in `starts`.
    fn from(&self, item: usize, starts: Range<usize>, ground: &Ground, hits: &Hits) -> Option<usize> {
        let Ground { text, atoms, units, .. } = ground;
        let (what, gap) = &self.items[item];
        let ends: Vec<usize> = match what {
            Item::Word(word) => starts.filter_map(|at| word.at(text, atoms, at)).collect(),
            Item::List(list) => {
                let places = hits.get(list).map_or(&[][..], Vec::as_slice);
                let begin = places.partition_point(|(first, _)| *first < starts.start);
                places[begin..].iter().take_while(|(first, _)| *first < starts.end).map(|(_, end)| *end).collect()
            }
        };
        if item + 1 == self.items.len() {
            return ends.into_iter().min();
        }
        let reach = |end: usize| end + units[end..].partition_point(|unit| *unit <= units[end - 1] + gap + 1);
        ends.into_iter().filter_map(|end| self.from(item + 1, end..reach(end), ground, hits)).min()
    }
}

/// What patterns are looked for in.
pub(super) struct Ground<'t> {
    text: &'t str,
    atoms: &'t [Atom],
    /// The count of characters up to each atom.
    units: Vec<usize>,
    /// The sentence of each atom.
    sentence_of: &'t [usize],
}

impl<'t> Ground<'t> {
    pub fn new(text: &'t str, atoms: &'t [Atom], sentence_of: &'t [usize]) -> Self {
        Self { text, atoms, units: units(atoms), sentence_of }
    }
}
