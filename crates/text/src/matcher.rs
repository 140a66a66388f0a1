//! Multi-pattern search over folded text.
//!
//! Every pattern becomes one or more *forms*: a sequence of (character, repeats) that is looked for in the keys of a
//! [`Folded`]. The characters of all forms get dense numbers, the text is written in those numbers (one byte for every
//! character that no form has), and an Aho-Corasick automaton finds candidates; each candidate is then checked for
//! repeats, noise, clause ends and word boundaries. The automaton must find every place that a plain comparison of keys
//! would find; `tests/brute_force.rs` holds it to that.

mod build;
mod check;

use aho_corasick::AhoCorasick;

pub use build::{MatcherBuilder, MatcherError};

use crate::{Disguises, Folded};
use build::{Alphabet, Form};

/// One place where a pattern stands in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The pattern's id.
    pub id: u32,
    /// The pattern's position in the order it was added.
    pub pattern: u32,
    /// Where it begins in the original text, in bytes, on a character boundary.
    pub start: u32,
    /// Where it ends in the original text, in bytes, on a character boundary.
    pub end: u32,
    /// How it was hidden.
    pub disguises: Disguises,
    /// How many of its characters were replaced by others (homophones, look-alikes, pinyin).
    pub changed: u8,
    /// The first atom of the hit in [`Scratch::folded`].
    pub first_atom: u32,
    /// One past the last atom.
    pub end_atom: u32,
    /// The same atoms without repeats beyond the pattern's own at the edges.
    tight: (u32, u32),
}

impl Hit {
    /// The bytes of the original text.
    pub fn range(&self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// The working memory of a search; keep one per thread.
#[derive(Clone, Debug, Default)]
pub struct Scratch {
    folded: Folded,
    encoded: Vec<u8>,
    key_at: Vec<u32>,
    hits: Vec<Hit>,
    guards: Vec<Guard>,
}

/// The stretch of atoms that an allowed phrase covers.
#[derive(Clone, Copy, Debug)]
struct Guard {
    first: u32,
    end: u32,
    cuts: bool,
}

impl Scratch {
    /// Empty working memory.
    pub fn new() -> Self {
        Self::default()
    }

    /// The text of the last search, folded.
    pub fn folded(&self) -> &Folded {
        &self.folded
    }

    /// The hits of the last search, by start, end and pattern.
    pub fn hits(&self) -> &[Hit] {
        &self.hits
    }
}

/// A set of patterns ready to be searched for. Building costs milliseconds, searching a title less than a microsecond.
#[derive(Clone, Debug)]
pub struct Matcher {
    alphabet: Alphabet,
    automaton: Option<AhoCorasick>,
    /// Forms by automaton pattern.
    forms: Vec<Vec<Form>>,
}

impl Matcher {
    /// A builder.
    pub fn builder() -> MatcherBuilder {
        MatcherBuilder::default()
    }

    /// Folds `text` and finds every pattern in it; the hits are given back and stay in `scratch`. A hit inside a longer or
    /// equally long allowed phrase is left out.
    pub fn find<'s>(&self, text: &str, scratch: &'s mut Scratch) -> &'s [Hit] {
        scratch.folded.fold(text);
        self.find_folded(scratch);
        &scratch.hits
    }

    /// As [`Self::find`] on the text that `scratch` last folded, so that several matchers share one folding.
    pub fn find_folded(&self, scratch: &mut Scratch) {
        scratch.hits.clear();
        scratch.guards.clear();
        let Some(automaton) = &self.automaton else { return };
        self.alphabet.encode(&scratch.folded, &mut scratch.encoded, &mut scratch.key_at);
        let Scratch { folded, encoded, key_at, hits, guards } = scratch;
        for found in automaton.find_overlapping_iter(encoded.as_slice()) {
            let first = key_at[found.start()] as usize;
            for form in &self.forms[found.pattern().as_usize()] {
                check::candidate(form, folded, first, hits, guards);
            }
        }
        check::settle(hits, guards, folded.atoms());
    }
}
