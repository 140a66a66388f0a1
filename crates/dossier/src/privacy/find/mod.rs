//! Finding personal data in a text.

mod account;
mod address;
pub mod check;
mod name;
mod number;

pub(crate) use address::address_rest;

use std::cmp::Reverse;
use std::ops::Range;

use huoyan_text::Disguises;

use super::Kind;
use super::known::Known;
use super::page::Page;
use super::token;

/// What is known beside the text itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Context<'c> {
    /// Values that other parts of the case hold, looked for wherever they stand.
    pub known: Option<&'c Known>,
}

/// One value in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// What it is.
    pub kind: Kind,
    /// Its bytes in the original text, on character boundaries.
    pub range: Range<usize>,
    /// How it was hidden.
    pub form: Disguises,
    /// The value without its disguise: figures, lower-case letters, folded characters.
    pub canonical: String,
}

/// A value on a page, in atoms.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) kind: Kind,
    pub(crate) atoms: Range<usize>,
    pub(crate) canonical: String,
    /// Where it begins with what stays of it: the province of an address.
    pub(crate) opens: usize,
}

impl Found {
    pub(crate) fn new(kind: Kind, atoms: Range<usize>, canonical: String) -> Self {
        Self { kind, opens: atoms.start, atoms, canonical }
    }
}

/// Finds the values in `text`, sorted, without overlaps; the longer and the more specific wins. Tokens of an earlier redaction are left
/// alone, and a text with all found values replaced by tokens holds no more.
pub fn find(text: &str, context: &Context<'_>) -> Vec<Span> {
    let mut spans = Vec::new();
    // What stands between tokens is read by itself, and once more when values have been found in it, because it will stand
    // between tokens then.
    let mut open: Vec<Range<usize>> = pieces(0..text.len(), &token::ranges(text));
    while let Some(piece) = open.pop() {
        let found = find_in(&text[piece.clone()], context);
        if found.is_empty() {
            continue;
        }
        let mut taken = Vec::with_capacity(found.len());
        for mut span in found {
            span.range = span.range.start + piece.start..span.range.end + piece.start;
            taken.push(span.range.clone());
            spans.push(span);
        }
        open.extend(pieces(piece, &taken));
    }
    spans.sort_by_key(|span| span.range.start);
    spans
}

/// What is left of a range without these.
fn pieces(whole: Range<usize>, without: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut from = whole.start;
    for range in without {
        if from < range.start {
            out.push(from..range.start);
        }
        from = from.max(range.end);
    }
    if from < whole.end {
        out.push(from..whole.end);
    }
    out
}

/// Shortest text with something in it: a name of two characters with its salutation.
const LEAST_BYTES: usize = 5;

fn find_in(text: &str, context: &Context<'_>) -> Vec<Span> {
    if text.len() < LEAST_BYTES && context.known.is_none() {
        return Vec::new();
    }
    let page = Page::new(text);
    let mut found = Vec::new();
    number::find(&page, &mut found);
    account::find(&page, &mut found);
    address::find(&page, &mut found);
    name::find(&page, &mut found);
    let mut best = longest(found);
    name::beside(&page, &mut best);
    if let Some(known) = context.known {
        known.find(&page, &mut best);
    }
    longest(best)
        .into_iter()
        .map(|found| Span {
            kind: found.kind,
            range: page.bytes(found.atoms.clone()),
            form: page.form(found.atoms),
            canonical: found.canonical,
        })
        .collect()
}

/// Of values that overlap the longest, and of equally long ones the most specific.
fn longest(mut found: Vec<Found>) -> Vec<Found> {
    found.sort_by_key(|f| (Reverse(f.atoms.len()), f.kind, f.atoms.start));
    let mut kept: Vec<Found> = Vec::with_capacity(found.len());
    for one in found {
        if !kept.iter().any(|k| k.atoms.start < one.atoms.end && one.atoms.start < k.atoms.end) {
            kept.push(one);
        }
    }
    kept.sort_by_key(|f| f.atoms.start);
    kept
}
