//! Terms made ready to search: the packs' or an overlay's.

use std::collections::BTreeMap;

use huoyan_text::{Boundary, Matcher, MatcherError, Pattern, Variants};

use crate::phrase::Phrase;
use crate::reading::MAX_NOISE;

/// How much a term counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    Strong,
    Exact,
    Hidden,
    Weak,
}

/// One way of reading a term: an anchor that the automaton finds and what must stand around it.
#[derive(Clone, Debug)]
pub(crate) struct Term {
    pub(crate) rule: usize,
    pub(crate) weight: Weight,
    pub(crate) phrase: Phrase,
    /// The term as the pack has it, as a position in [`Layer::written`].
    pub(crate) written: usize,
}

/// Terms with the automaton of their anchors.
#[derive(Clone, Debug)]
pub(crate) struct Layer {
    pub(crate) terms: Vec<Term>,
    /// Anchors by pattern id, with the terms each belongs to.
    pub(crate) anchors: Vec<(String, Vec<usize>)>,
    /// The terms as they were given, with their rules.
    pub(crate) written: Vec<(usize, String)>,
    pub(crate) matcher: Matcher,
}

/// What is collected about an anchor while terms are added.
#[derive(Clone, Debug, Default)]
struct Anchor {
    terms: Vec<usize>,
    /// Computed disguises are looked for.
    disguised: bool,
    /// Look-alikes too.
    alike: bool,
    /// In some term something comes before it, or after it; else it begins, or ends, where a word does.
    preceded: bool,
    followed: bool,
}

impl Anchor {
    fn boundary(&self) -> Boundary {
        match (self.preceded, self.followed) {
            (false, false) => Boundary::Touch,
            (false, true) => Boundary::Start,
            (true, _) => Boundary::None,
        }
    }
}

/// Look-alikes are sought of terms with few spellings: words that somebody wrote down, not products of alternatives.
const MOST_ALIKE: usize = 2;

/// Collects terms for a [`Layer`].
#[derive(Debug, Default)]
pub(crate) struct LayerBuilder {
    terms: Vec<Term>,
    written: Vec<(usize, String)>,
    anchors: BTreeMap<String, Anchor>,
}

impl LayerBuilder {
    /// Adds a term of the rule at `rule`.
    ///
    /// # Errors
    /// What is wrong with the term.
    pub(crate) fn add(&mut self, rule: usize, term: &str, weight: Weight) -> Result<(), String> {
        for phrase in Phrase::parse(term)? {
            for anchor in &phrase.anchors {
                let anchor = self.anchors.entry(anchor.clone()).or_default();
                anchor.terms.push(self.terms.len());
                anchor.preceded |= !phrase.before.is_empty();
                anchor.followed |= !phrase.after.is_empty();
                anchor.disguised |= matches!(weight, Weight::Strong | Weight::Hidden);
                anchor.alike |= anchor.disguised && phrase.anchors.len() <= MOST_ALIKE;
            }
            self.terms.push(Term { rule, weight, phrase, written: self.written.len() });
        }
        self.written.push((rule, term.to_owned()));
        Ok(())
    }

    /// Makes the terms ready.
    pub(crate) fn build(self) -> Result<Layer, MatcherError> {
        let mut builder = Matcher::builder();
        let mut anchors = Vec::new();
        for (text, anchor) in self.anchors {
            // Several patterns may share an id: the word, and the word with a figure in a letter's place.
            let id = u32::try_from(anchors.len()).unwrap_or(u32::MAX);
            for spelling in figured(&text) {
                builder = builder.pattern(Pattern::new(id, spelling).max_noise(0).boundary(anchor.boundary()));
            }
            let mut pattern = Pattern::new(id, text.as_str()).max_noise(MAX_NOISE).boundary(anchor.boundary());
            if anchor.disguised {
                pattern = pattern.variants(variants(&text, anchor.alike));
            }
            builder = builder.pattern(pattern);
            anchors.push((text, anchor.terms));
        }
        Ok(Layer { terms: self.terms, anchors, written: self.written, matcher: builder.build()? })
    }
}

/// Spellings of a Latin word with one letter written as the figure that looks like it: v1agra, 0zempic. Short words are too
/// often codes.
fn figured(anchor: &str) -> Vec<String> {
    const FIGURES: &[(u8, u8)] =
        &[(b'o', b'0'), (b'i', b'1'), (b'l', b'1'), (b'e', b'3'), (b'a', b'4'), (b's', b'5'), (b't', b'7')];
    if anchor.len() < 5 || !anchor.bytes().all(|b| b.is_ascii_lowercase()) {
        return Vec::new();
    }
    let mut all = Vec::new();
    for (at, letter) in anchor.bytes().enumerate() {
        for (_, figure) in FIGURES.iter().filter(|(from, _)| *from == letter) {
            all.push(format!("{}{}{}", &anchor[..at], char::from(*figure), &anchor[at + 1..]));
        }
    }
    all
}

/// The computed disguises that an anchor is looked for in.
fn variants(anchor: &str, alike: bool) -> Variants {
    if anchor.is_ascii() || anchor.chars().count() < 2 {
        return Variants::NONE;
    }
    let mut variants = Variants::HOMOPHONE | Variants::SPLIT | Variants::DIGITS | Variants::EMOJI;
    if alike {
        variants = variants | Variants::GLYPH;
    }
    if anchor.chars().count() >= 3 {
        variants = variants | Variants::PINYIN;
    }
    variants
}
