use std::collections::BTreeSet;
use std::ops::Range;

use huoyan_text::{Atom, Folded, Scratch};

use super::pack::{LintPack, LintRule};
use super::pattern::{Ground, Hits};
use super::quote::quoted;
use super::sentence::{Sentence, sentences};

/// A text made ready for the rules: folded, split, with the words of all lists found.
pub(super) struct Text<'t> {
    text: &'t str,
    folded: Folded,
    /// The sentence of each atom; what stands between sentences belongs to the one before.
    sentence_of: Vec<usize>,
    /// The clause of each atom, counted by commas.
    clause_of: Vec<usize>,
    pub sentences: Vec<Sentence>,
    pack: &'t LintPack,
    hits: Hits,
    /// What is quoted from somebody else.
    foreign: Vec<Range<usize>>,
}

/// So many atoms around a quotation tell whose words they are.
const AROUND: usize = 12;
/// A quotation longer than so many atoms is no mere emphasis.
const EMPHASIS: usize = 6;

impl<'t> Text<'t> {
    pub fn new(text: &'t str, pack: &'t LintPack) -> Self {
        let mut scratch = Scratch::new();
        scratch.fold(text);
        let folded = scratch.folded().clone();
        let sentences = sentences(text);
        let sentence_of = folded
            .atoms()
            .iter()
            .map(|atom| sentences.partition_point(|sentence| sentence.span.start <= atom.start as usize))
            .collect();
        let clause_of = folded
            .atoms()
            .iter()
            .scan((0, 0), |(clause, at), atom| {
                *clause += text[*at..atom.start as usize].matches(['，', ',', '。', '；', '！', '？', '\n']).count();
                *at = atom.start as usize;
                Some(*clause)
            })
            .collect();
        let (hits, foreign) = (Hits::new(), Vec::new());
        let mut made = Self { text, folded, sentence_of, clause_of, sentences, pack, hits, foreign };
        made.hits = pack.hits(text, &mut scratch, &made.sentence_of);
        made.foreign = quoted(text).into_iter().filter(|quote| made.is_foreign(quote)).collect();
        made
    }

    fn atoms(&self) -> &[Atom] {
        self.folded.atoms()
    }

    /// The words that break a rule, as bytes, in order and without overlap.
    pub fn find(&self, rule: &LintRule) -> Vec<Range<usize>> {
        let mut places = BTreeSet::new();
        let ground = Ground::new(self.text, self.atoms(), &self.sentence_of);
        for pattern in &rule.patterns {
            places.extend(pattern.find(&ground, &self.hits, rule.across));
        }
        let mut found: Vec<Range<usize>> = Vec::new();
        for (begin, end) in places {
            let span = self.bytes(begin, end);
            let again = found.last().is_some_and(|last| span.start < last.end);
            if !again && !self.is_spared(rule, begin, end) && (rule.in_quotes || !self.in_foreign(&span)) {
                found.push(span);
            }
        }
        found
    }

    /// Whether a word of the list stands in the bytes.
    pub fn has(&self, list: &str, span: &Range<usize>) -> bool {
        self.places(list).any(|(begin, end)| {
            let word = self.bytes(begin, end);
            span.start <= word.start && word.end <= span.end
        })
    }

    /// Whether the bytes begin with a word of the list, after what is neither letter nor figure.
    pub fn begins_with(&self, list: &str, span: &Range<usize>) -> bool {
        let first = self.atoms().partition_point(|atom| (atom.start as usize) < span.start);
        self.places(list).any(|(begin, _)| begin == first)
    }

    /// How many letters and figures stand in the bytes.
    pub fn len(&self, span: &Range<usize>) -> usize {
        let at = |byte: usize| self.atoms().partition_point(|atom| (atom.start as usize) < byte);
        at(span.end) - at(span.start)
    }

    fn places(&self, list: &str) -> impl Iterator<Item = (usize, usize)> {
        self.hits.get(list).into_iter().flatten().copied()
    }

    fn bytes(&self, begin: usize, end: usize) -> Range<usize> {
        self.atoms()[begin].start as usize..self.atoms()[end - 1].end as usize
    }

    pub fn in_foreign(&self, span: &Range<usize>) -> bool {
        self.foreign.iter().any(|quote| quote.start <= span.start && span.end <= quote.end)
    }

    fn is_spared(&self, rule: &LintRule, begin: usize, end: usize) -> bool {
        let sentence = self.sentence_of[begin];
        let spared = |list: &String, from: usize, to: usize| {
            let bound = self.pack.is_clause_bound(list);
            self.places(list).any(|(first, last)| {
                let end_of_match = if first < begin { begin } else { end - 1 };
                let near = !bound || self.clause_of[first] == self.clause_of[end_of_match];
                from <= first && last <= to && self.sentence_of[first] == sentence && near
            })
        };
        rule.unless_before.iter().any(|list| spared(list, begin.saturating_sub(rule.reach), begin))
            || rule.unless_touching.iter().any(|list| self.places(list).any(|(_, last)| last == begin))
            || rule.unless_inside.iter().any(|list| spared(list, begin, end))
            || rule.unless_after.iter().any(|list| spared(list, end, end + rule.reach))
            || rule.unless_in_sentence.iter().any(|list| spared(list, 0, self.atoms().len()))
    }

    /// Whether a quotation gives another's words: somebody other than the writer says it, or it is longer than emphasis and
    /// the writer does not claim it.
    fn is_foreign(&self, quote: &Range<usize>) -> bool {
        let first = self.atoms().partition_point(|atom| (atom.start as usize) < quote.start);
        let end = self.atoms().partition_point(|atom| (atom.start as usize) < quote.end);
        let sentence = first.checked_sub(1).map(|before| self.sentence_of[before]);
        let near = |list: &str, from: usize, to: usize| self.places(list).any(|(a, b)| from <= a && b <= to);
        let begin =
            (first.saturating_sub(AROUND)..first).find(|at| Some(self.sentence_of[*at]) == sentence).unwrap_or(first);
        let said = near("says", begin, first) || near("says", end, end + AROUND / 2);
        let other = near("other_party", begin, first) || near("other_party", end, end + AROUND / 2);
        let own = near("own_party", begin, first) && !other;
        !own && (said || other && end - first > EMPHASIS || end - first > 2 * EMPHASIS)
    }
}
