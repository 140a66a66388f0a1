//! Multi-pattern search over folded text.
//!
//! Every pattern becomes one or more *forms*: a sequence of (character, repeats) that is looked for in a *view* of the
//! folded text. There are three views: the characters themselves, their sounds, and the characters with taken-apart ones
//! put together again. Each has a *lane*: an alphabet of the characters that occur in its forms, in which the view is
//! written, and an index by the first two of them that finds candidates. Each candidate is then checked for repeats, noise,
//! clause ends, word boundaries and, where characters were replaced, for being a common word. Look-alikes are found from
//! the characters around them that stand there themselves. A lane must find every place that a plain comparison of keys
//! would find; `tests/brute_force.rs` holds it to that.

mod build;
mod check;
mod compose;
mod form;
mod glance;
mod glyph;
mod lane;
mod spellings;
mod table;

pub use build::{MatcherBuilder, MatcherError};
pub use glance::Signs;

use crate::{Disguises, Folded, Key};
use check::Found;
use compose::Compositions;
use glance::Symbols;
use glyph::Edges;
use lane::{Buffers, Lane, Symbol};
use table::Table;

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
    /// Whether a replaced character belongs to a common word there, so that only context can tell a disguise.
    pub common: bool,
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
    pictured: Folded,
    view: Vec<Key>,
    symbols: Symbols,
    looks: Vec<Symbol>,
    buffers: Buffers,
    found: Found,
    aside: Found,
}

impl Scratch {
    /// Empty working memory.
    pub fn new() -> Self {
        Self::default()
    }

    /// Folds a text for [`Matcher::find_folded`] and [`Matcher::find_signs`].
    pub fn fold(&mut self, text: &str) {
        self.folded.fold(text);
    }

    /// The text folded last. [`Matcher::find`] folds only texts that may hold something.
    pub fn folded(&self) -> &Folded {
        &self.folded
    }

    /// The hits of the last search, by start, end and pattern.
    pub fn hits(&self) -> &[Hit] {
        &self.found.hits
    }
}

/// A set of patterns ready to be searched for. Building costs milliseconds, searching a title less than a microsecond.
#[derive(Clone, Debug)]
pub struct Matcher {
    table: Table,
    plain: Lane,
    /// Allowed phrases, looked for only in texts with hits.
    guards: Lane,
    sound: Lane,
    compositions: Compositions,
    edges: Edges,
    pictures: bool,
}

impl Matcher {
    /// A builder.
    pub fn builder() -> MatcherBuilder {
        MatcherBuilder::default()
    }

    /// Finds every pattern in `text`; the hits are given back and stay in `scratch`. A hit inside a longer or equally long
    /// allowed phrase is left out. The text is folded only where a first look promises something.
    pub fn find<'s>(&self, text: &str, scratch: &'s mut Scratch) -> &'s [Hit] {
        let signs = self.look_over::<false>(text, scratch);
        if signs.patterns() {
            scratch.fold(text);
            self.find_signs(text, signs, scratch);
        } else {
            scratch.found.clear();
        }
        &scratch.found.hits
    }

    /// As [`Self::find`] on a `text` that `scratch` has just folded, so that several matchers share one folding.
    pub fn find_folded(&self, text: &str, scratch: &mut Scratch) {
        self.find_signs(text, Signs::ALL, scratch);
    }

    /// As [`Self::find_folded`], looking only for what a first look saw `signs` of.
    pub fn find_signs(&self, text: &str, signs: Signs, scratch: &mut Scratch) {
        let Scratch { folded, pictured, view, looks, buffers, found, aside, .. } = scratch;
        found.clear();
        if !signs.patterns() {
            return;
        }
        if signs.has(Signs::PLAIN) {
            self.plain(folded, buffers, found);
        }
        self.variants(text, folded, signs, (view, looks, buffers), found);
        self.settle(folded, buffers, found);
        if signs.has(Signs::PICTURE) && self.pictures && folded.has_pictures() {
            pictured.fold_pictures(text);
            aside.clear();
            self.plain(pictured, buffers, aside);
            self.variants(text, pictured, Signs::ALL, (view, looks, buffers), aside);
            self.settle(pictured, buffers, aside);
            check::carry_over(aside, folded, found);
        }
    }

    fn plain(&self, folded: &Folded, buffers: &mut Buffers, found: &mut Found) {
        self.plain.search(folded.keys(), buffers, |form, keys| check::plain(form, keys, folded, found));
    }

    fn settle(&self, folded: &Folded, buffers: &mut Buffers, found: &mut Found) {
        if !found.hits.is_empty() {
            self.guards.search(folded.keys(), buffers, |form, keys| check::plain(form, keys, folded, found));
        }
        check::settle(found, folded.atoms());
    }

    fn variants(
        &self,
        text: &str,
        folded: &Folded,
        signs: Signs,
        (view, looks, buffers): (&mut Vec<Key>, &mut Vec<Symbol>, &mut Buffers),
        found: &mut Found,
    ) {
        if signs.has(Signs::SOUND) {
            self.sound.search_sounds(folded, view, buffers, |form, keys| check::sounding(form, keys, folded, found));
        }
        if signs.has(Signs::SPLIT) && self.compositions.view(folded, view) {
            self.plain.search(view, buffers, |form, keys| check::composed(form, keys, folded, found));
        }
        if signs.has(Signs::GLYPH) {
            self.edges.search(text, folded, &self.plain, looks, found);
        }
    }
}
