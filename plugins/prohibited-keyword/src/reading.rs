//! Compares a term with the characters of a folded text, step by step.
//!
//! What must stay true: a comparison never crosses a clause end, except in a `{..n}` gap, which a comma may interrupt and a
//! sentence end may not; and it looks at a bounded number of characters, whatever the text.

use huoyan_text::{Atom, Gap, Kind, is_common_word, look_alike, sound_alike};

use crate::frequent::is_frequent;
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
    pub(crate) fn read(&self, nodes: &[Node], at: usize) -> Option<usize> {
        let mut best: Option<usize> = None;
        self.step(nodes, at, State::fresh(false, false), &mut |end, _| {
            best = best.max(Some(end));
            false
        });
        best
    }

    /// Where a term stands whose anchor covers `first..end`. Beside an anchor one character may be replaced by another of the
    /// same sound or look, if `bend`.
    pub(crate) fn around(&self, phrase: &Phrase, first: usize, end: usize, bend: bool) -> Option<Place> {
        let mut place = Place { first, end, bent: None };
        let looks = !phrase.before.iter().chain(&phrase.after).any(|node| matches!(node, Node::Gap(_)));
        if !phrase.before.is_empty() {
            if !self.may_end(&phrase.before, first, bend, looks) {
                return None;
            }
            place.first = (first.saturating_sub(phrase.reach)..=first).find(|at| {
                self.step(&phrase.before, *at, State::fresh(bend, looks), &mut |stop, state| {
                    place.bent = state.bent;
                    stop == first && (stop == *at || self.follows(first, state.gap))
                })
            })?;
        }
        if !phrase.after.is_empty() {
            let spare = bend && place.bent.is_none();
            let inside = State { fresh: false, gap: false, spare, bent: place.bent, looks };
            let mut best: Option<(usize, Option<Bent>)> = None;
            self.step(&phrase.after, end, inside, &mut |stop, state| {
                if best
                    .is_none_or(|(known, bent)| stop > known || stop == known && bent.is_some() && state.bent.is_none())
                {
                    best = Some((stop, state.bent));
                }
                false
            });
            (place.end, place.bent) = best?;
        }
        Some(place)
    }

    /// Whether `nodes` may end right before atom `at`, by their last step alone. Most anchors stand there by chance, and this
    /// tells so without a try from each place before them.
    fn may_end(&self, nodes: &[Node], at: usize, bend: bool, looks: bool) -> bool {
        let Some((last, rest)) = nodes.split_last() else { return true };
        let before = at.checked_sub(1);
        match last {
            Node::Char(c) => before.and_then(|at| self.cost(*c, at, looks)).is_some_and(|cost| cost == 0 || bend),
            Node::Number => before.and_then(|at| self.atoms.get(at)).is_some_and(is_numeral),
            Node::Any(branches) => branches.iter().any(|branch| {
                // A branch that takes nothing leaves the place to what stands before it.
                self.may_end(branch, at, bend, looks)
                    && (branch.iter().any(takes) || self.may_end(rest, at, bend, looks))
            }),
            Node::Mark(_) | Node::Gap(_) => true,
        }
    }

    /// Whether atom `at` is `want`; o and 0 are one.
    fn exact(&self, want: char, at: usize) -> bool {
        let code = self.atoms.get(at).map(|atom| atom.code);
        code.is_some_and(|code| code == want || matches!((want, code), ('0', 'o') | ('o', '0')))
    }

    /// What it costs to read atom `at` as `want`: nothing when it is that, one when it sounds or looks like it and is no part
    /// of a common word.
    fn cost(&self, want: char, at: usize, looks: bool) -> Option<u8> {
        if self.exact(want, at) {
            return Some(0);
        }
        let atom = self.atoms.get(at)?;
        let code = atom.code;
        let alike = atom.kind == Kind::Han
            && !want.is_ascii()
            && !is_frequent(code)
            && (sound_alike(want, code) || looks && look_alike(want, code));
        let beside = |at: usize| self.atoms.get(at).filter(|atom| atom.kind == Kind::Han).map(|atom| atom.code);
        let common = || {
            at.checked_sub(1).and_then(beside).is_some_and(|before| is_common_word(&[before, code]))
                || beside(at + 1).is_some_and(|after| is_common_word(&[code, after]))
        };
        (alike && !common()).then_some(1)
    }

    fn step(&self, nodes: &[Node], at: usize, state: State, done: &mut dyn FnMut(usize, State) -> bool) -> bool {
        let Some((node, rest)) = nodes.split_first() else { return done(at, state) };
        match node {
            Node::Char(c) => {
                let cost = if state.spare { self.cost(*c, at, state.looks) } else { self.exact(*c, at).then_some(0) };
                let Some(cost) = cost else { return false };
                let bent = (cost > 0).then_some(Bent { at, stands_for: *c });
                (state.fresh || self.follows(at, state.gap)) && self.step(rest, at + 1, state.inside(bent), done)
            }
            Node::Mark(sign) => {
                self.between(at).chars().any(|c| same_sign(*sign, c))
                    && self.step(rest, at, State { gap: true, ..state }, done)
            }
            Node::Number => {
                let mut length = 0;
                while length < MAX_NUMBER
                    && self.atoms.get(at + length).is_some_and(is_numeral)
                    && (length == 0 && state.fresh || self.follows(at + length, length == 0 && state.gap))
                {
                    length += 1;
                }
                (1..=length).rev().any(|n| self.step(rest, at + n, state.inside(None), done))
            }
            Node::Gap(most) => {
                for here in at..=at + usize::from(*most) {
                    if self.step(rest, here, State { fresh: false, gap: true, ..state }, done) {
                        return true;
                    }
                    if here >= self.atoms.len() || self.sentence_ends(here) {
                        return false;
                    }
                }
                false
            }
            Node::Any(branches) => branches
                .iter()
                .any(|branch| self.step(branch, at, state, &mut |end, state| self.step(rest, end, state, done))),
        }
    }
}

/// Where a term was found.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub first: usize,
    pub end: usize,
    /// The character beside the anchor that is replaced.
    pub bent: Option<Bent>,
}

/// A character that stands for another of the same sound or look.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bent {
    /// Its atom.
    pub at: usize,
    /// What it stands for.
    pub stands_for: char,
}

#[derive(Clone, Copy)]
struct State {
    /// Nothing of the term has been read yet, so what stands before does not matter.
    fresh: bool,
    /// A gap or sign comes directly before.
    gap: bool,
    /// Whether a character may be replaced.
    spare: bool,
    /// The one that is.
    bent: Option<Bent>,
    /// Whether one may be replaced by a look-alike: not in a term with gaps, which other words fill by chance.
    looks: bool,
}

impl State {
    fn fresh(spare: bool, looks: bool) -> Self {
        Self { fresh: true, gap: false, spare, bent: None, looks }
    }

    fn inside(self, bent: Option<Bent>) -> Self {
        Self { fresh: false, gap: false, spare: self.spare && bent.is_none(), bent: bent.or(self.bent), ..self }
    }
}

/// Whether the step takes a character at least.
fn takes(node: &Node) -> bool {
    match node {
        Node::Char(_) | Node::Number => true,
        Node::Mark(_) | Node::Gap(_) => false,
        Node::Any(branches) => branches.iter().all(|branch| branch.iter().any(takes)),
    }
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
