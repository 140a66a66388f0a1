//! Compares a term with the characters of a folded text, step by step.
//!
//! What must stay true: a comparison never crosses a clause end, except in a `{..n}` gap, which a comma may interrupt and a
//! sentence end may not; and it looks at a bounded number of characters, whatever the text.

use huoyan_text::{Atom, Gap, Kind};

use crate::phrase::{MAX_NUMBER, Node, Phrase};

/// A folded text with its original.
#[derive(Clone, Copy)]
pub(crate) struct Reading<'a> {
    pub text: &'a str,
    pub atoms: &'a [Atom],
}

/// Visible characters of noise allowed between two characters of a term.
pub(crate) const MAX_NOISE: u8 = 2;

impl<'a> Reading<'a> {
    /// What stands between atom `at` and the one before it.
    fn between(&self, at: usize) -> &'a str {
        let from = at.checked_sub(1).and_then(|i| self.atoms.get(i)).map_or(0, |atom| atom.end as usize);
        let to = self.atoms.get(at).map_or(self.text.len(), |atom| atom.start as usize);
        self.text.get(from..to).unwrap_or("")
    }

    /// Whether a sentence ends before atom `at`.
    pub(crate) fn sentence_ends(&self, at: usize) -> bool {
        let Some(atom) = self.atoms.get(at) else { return true };
        atom.gap.has(Gap::BOUNDARY)
            && self.between(at).chars().any(|c| matches!(c, '。' | '！' | '？' | '!' | '?' | '；' | ';' | '\n' | '\r'))
    }

    /// Whether atom `at` may follow the one before it inside a term.
    fn follows(&self, at: usize, after_gap: bool) -> bool {
        let Some(atom) = self.atoms.get(at) else { return false };
        if after_gap {
            return !self.sentence_ends(at);
        }
        !atom.gap.has(Gap::BOUNDARY) && atom.gap.len() <= MAX_NOISE
    }

    /// Whether a word could begin at `at`: a letter does not follow a letter, nor a figure a figure.
    pub(crate) fn word_starts(&self, at: usize) -> bool {
        let (Some(atom), Some(before)) = (self.atoms.get(at), at.checked_sub(1).and_then(|i| self.atoms.get(i))) else {
            return true;
        };
        !(atom.gap.is_empty() && joined(before.kind, atom.kind))
    }

    /// The end of the longest match of `nodes` that begins at `at`; `None` when there is none.
    pub(crate) fn read(&self, nodes: &[Node], at: usize, fresh: bool) -> Option<usize> {
        let mut best = None;
        self.step(nodes, at, State { fresh, gap: false }, &mut |end| {
            best = Some(best.map_or(end, |b: usize| b.max(end)));
            false
        });
        best
    }

    /// Where a term begins and ends whose anchor covers `first..end`.
    pub(crate) fn around(&self, phrase: &Phrase, first: usize, end: usize) -> Option<(usize, usize)> {
        let from = if phrase.before.is_empty() {
            first
        } else {
            (first.saturating_sub(phrase.reach)..=first).find(|at| {
                self.step(&phrase.before, *at, State { fresh: true, gap: false }, &mut |stop| stop == first)
                    && self.follows_before(phrase, first, *at)
            })?
        };
        let to = if phrase.after.is_empty() { end } else { self.read(&phrase.after, end, false)? };
        Some((from, to))
    }

    /// Whether the anchor at `first` may follow a `before` part that began at `from`.
    fn follows_before(&self, phrase: &Phrase, first: usize, from: usize) -> bool {
        from == first || self.follows(first, matches!(phrase.before.last(), Some(Node::Gap(_)))) || self.marked(phrase, first)
    }

    fn marked(&self, phrase: &Phrase, first: usize) -> bool {
        matches!(phrase.before.last(), Some(Node::Mark(_))) && !self.sentence_ends(first)
    }

    fn step(&self, nodes: &[Node], at: usize, state: State, done: &mut dyn FnMut(usize) -> bool) -> bool {
        let Some((node, rest)) = nodes.split_first() else { return done(at) };
        match node {
            Node::Char(c) => {
                self.atoms.get(at).is_some_and(|atom| atom.code == *c)
                    && (state.fresh || self.follows(at, state.gap))
                    && self.step(rest, at + 1, State::INSIDE, done)
            }
            Node::Mark(sign) => {
                self.between(at).chars().any(|c| same_sign(*sign, c)) && self.step(rest, at, State { gap: true, ..state }, done)
            }
            Node::Number => {
                let mut length = 0;
                while length < MAX_NUMBER
                    && self.atoms.get(at + length).is_some_and(is_numeral)
                    && (length == 0 && state.fresh || self.follows(at + length, length == 0 && state.gap))
                {
                    length += 1;
                }
                // A decimal figure is not cut in two: 3 in 3.5 is found as the whole.
                (1..=length).rev().any(|n| self.step(rest, at + n, State::INSIDE, done))
            }
            Node::Gap(most) => {
                let mut here = at;
                for _ in 0..=*most {
                    if self.step(rest, here, State { fresh: false, gap: true }, done) {
                        return true;
                    }
                    if here >= self.atoms.len() || self.sentence_ends(here) {
                        return false;
                    }
                    here += 1;
                }
                false
            }
            Node::Any(branches) => branches.iter().any(|branch| {
                if branch.is_empty() {
                    return self.step(rest, at, state, done);
                }
                self.step(branch, at, state, &mut |end| {
                    self.step(rest, end, if end == at { state } else { State::INSIDE }, done)
                })
            }),
        }
    }
}

#[derive(Clone, Copy)]
struct State {
    /// Nothing of the term has been read yet, so what stands before does not matter.
    fresh: bool,
    /// A gap or sign comes directly before.
    gap: bool,
}

impl State {
    const INSIDE: Self = Self { fresh: false, gap: false };
}

fn joined(a: Kind, b: Kind) -> bool {
    a == b && matches!(a, Kind::Latin | Kind::Digit)
}

fn is_numeral(atom: &Atom) -> bool {
    atom.kind == Kind::Digit || "零一二三四五六七八九十百千万半两几".contains(atom.code)
}

fn same_sign(want: char, c: char) -> bool {
    c == want
        || match want {
            '%' => c == '％' || c == '﹪',
            ':' => matches!(c, '：' | '∶' | '比' | '﹕'),
            '#' => c == '＃',
            _ => false,
        }
}
