//! How a review sounds: a small lexicon of praise and complaint.
//!
//! The lexicon is data (`rules/sentiment.toml`) written from general knowledge; no review corpus went into it. The result is a
//! log-odds that the text praises, damped so that a long text is not surer merely for being long.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::fold::{Folded, fold};
use crate::terms::Terms;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    negations: Vec<String>,
    words: Vec<Group>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    weight: f32,
    terms: Vec<String>,
}

/// A negation counts when at most this many characters stand between it and the word ("不 是很 好").
const NEGATION_REACH: usize = 2;
/// How much of a word's weight a negation turns round.
const TURNED: f32 = -0.6;

/// Finds words of praise and complaint in a folded text.
pub struct Lexicon {
    terms: Terms,
    /// Weight per term; `None` for a negation.
    weights: Vec<Option<f32>>,
}

/// How a text sounds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tone {
    /// Log-odds that the text praises: above 0 praise, below 0 complaint; 0 when no word was found.
    pub praise: f32,
    /// Words found.
    pub words: u16,
}

impl Tone {
    /// A text in a language that the lexicon does not know: taken for a complaint in words, so that nothing speaks against
    /// whoever wrote it.
    pub const UNREAD: Self = Self { praise: -1.0, words: 1 };
}

impl Lexicon {
    /// Reads the lexicon.
    ///
    /// # Errors
    /// Says what is wrong with the file.
    pub fn parse(toml: &str) -> Result<Self, String> {
        let file: File = toml::from_str(toml).map_err(|e| format!("the sentiment lexicon is not valid: {e}"))?;
        let mut terms: BTreeMap<String, Option<f32>> = BTreeMap::new();
        for group in &file.words {
            for term in &group.terms {
                terms.insert(fold(term).chars.iter().collect(), Some(group.weight));
            }
        }
        for term in &file.negations {
            terms.insert(fold(term).chars.iter().collect(), None);
        }
        terms.remove("");
        Ok(Self { terms: Terms::new(terms.keys().map(String::as_str)), weights: terms.into_values().collect() })
    }

    /// How the text sounds.
    pub fn tone(&self, folded: &Folded) -> Tone {
        let mut sum = 0f32;
        let mut words = 0u16;
        let mut negation: Option<usize> = None;
        let mut start = 0;
        // From left to right, the longest word at each place.
        while start < folded.chars.len() {
            let Some((length, term)) = self.terms.longest(&folded.chars[start..]) else {
                start += 1;
                continue;
            };
            match self.weights[term] {
                None => negation = Some(start + length),
                Some(weight) => {
                    let negated =
                        negation.is_some_and(|end| start <= end + NEGATION_REACH && folded.same_clause(start, end - 1));
                    sum += if negated { weight * TURNED } else { weight };
                    words = words.saturating_add(1);
                    negation = None;
                }
            }
            start += length;
        }
        Tone { praise: sum / (1.0 + 0.08 * f32::from(words)), words }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn praise(text: &str) -> f32 {
        Lexicon::parse(include_str!("../rules/sentiment.toml")).unwrap().tone(&fold(text)).praise
    }

    #[test]
    fn praise_is_positive_complaint_negative_and_negation_turns_round() {
        assert!(praise("包装精美，孩子很喜欢") > 1.0);
        assert!(praise("用了两天就坏了，垃圾") < -1.5);
        assert!(praise("不是很漂亮") < 0.0);
        assert!(praise("没有失望") > 0.0);
        assert_eq!(praise("周三收到"), 0.0);
    }
}
