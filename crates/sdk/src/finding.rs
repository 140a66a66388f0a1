//! A finding on its way to the host.

use core::ops::Range;

use crate::{Evidence, Rule, Score};

/// What was seen in one record. Borrowed parts are copied by the host when it is handed to [`crate::Sink::finding`].
///
/// What these functions build passes the host's checks of form: the score is from 0 to 1, a span lies in its text on
/// character boundaries, evidence is a JSON object. What remains for the author: the record is one the call was given, the
/// rule is declared, the field is a text column that the stage reads, and a span that is [`Finding::carried`] lies in it. The
/// test kit checks those.
///
/// ```
/// use huoyan_sdk::{Evidence, Finding, Rule};
///
/// const SHOUTING: Rule = Rule::new("SH001");
/// let title = "全场五折!!!快来";
/// let at = title.find("!!!").unwrap();
/// let finding = Finding::new("L1", SHOUTING, 0.8)
///     .matched("title", title, at..at + 3)
///     .evidence(Evidence::new().number("marks", 3.0));
/// assert_eq!(&title[finding.span()], "!!!");
/// ```
#[derive(Clone, Debug)]
pub struct Finding<'a> {
    pub(crate) record: &'a str,
    pub(crate) rule: &'a str,
    pub(crate) score: f64,
    pub(crate) field: &'a str,
    pub(crate) span: Range<usize>,
    pub(crate) evidence: String,
    pub(crate) members: Vec<&'a str>,
}

impl<'a> Finding<'a> {
    /// A finding of `rule` in the record whose key (column `_record`) is `record`. `score` is the confidence from 0 to 1, where
    /// from 0.5 up the detector stands by it; a number outside is brought to the nearest end, see [`Score::clamped`].
    pub fn new(record: &'a str, rule: impl Into<Rule<'a>>, score: impl Into<Score>) -> Self {
        let (rule, score) = (rule.into().id(), score.into().get());
        Self { record, rule, score, field: "", span: 0..0, evidence: String::new(), members: Vec::new() }
    }

    /// The part of a field that was met: `text` is the field's whole value, `range` the bytes in it. A range that cuts a
    /// character is widened to the whole character, and one that leaves the text is cut to it. An empty range names the
    /// field only; an empty field name is no field, and takes the span with it.
    #[must_use]
    pub fn matched(self, field: &'a str, text: &str, range: Range<usize>) -> Self {
        let mut end = range.end.min(text.len());
        while !text.is_char_boundary(end) {
            end += 1;
        }
        let mut start = range.start.min(end);
        while !text.is_char_boundary(start) {
            start -= 1;
        }
        self.carried(field, start..end)
    }

    /// As [`Finding::matched`], where `part` is a slice of `text`: what `split`, `trim` or a matcher gave. A `part` that is no
    /// slice of `text` names the field only.
    #[must_use]
    pub fn span_of(self, field: &'a str, text: &str, part: &str) -> Self {
        let start = (part.as_ptr() as usize).wrapping_sub(text.as_ptr() as usize);
        let inside = start.checked_add(part.len()).is_some_and(|end| end <= text.len());
        self.matched(field, text, if inside { start..start + part.len() } else { 0..0 })
    }

    /// The field that the finding is about, where no part of it stands out.
    #[must_use]
    pub fn whole(mut self, field: &'a str) -> Self {
        self.field = field;
        self.span = 0..0;
        self
    }

    /// What the finding rests on, for people and for whoever checks it.
    #[must_use]
    pub fn evidence(mut self, evidence: Evidence) -> Self {
        self.evidence = evidence.finish();
        self
    }

    /// Keys of the other members of a campaign or cluster. Of thousands name some, and say in the evidence how many there are: when
    /// each finding names all, what comes out grows by the square, and the host takes 256 MiB for one call.
    #[must_use]
    pub fn members(mut self, members: impl IntoIterator<Item = &'a str>) -> Self {
        self.members = members.into_iter().collect();
        self
    }

    /// The range of bytes; empty when there is none.
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// A span whose text is not at hand, such as one that an earlier stage computed and a payload carried: bytes of the field, on
    /// character boundaries. An empty or backward range names the field only, and an empty field name is no field. Whether the
    /// span lies in the text is checked by the host, which takes a detector out of the run for one that does not; so where
    /// the text is at hand use [`Finding::matched`].
    #[must_use]
    pub fn carried(mut self, field: &'a str, span: Range<usize>) -> Self {
        self.field = field;
        self.span = if field.is_empty() || span.is_empty() { 0..0 } else { span };
        self
    }

    /// Takes score and evidence as they are, for plugins that test the host.
    #[doc(hidden)]
    pub fn unchecked(record: &'a str, rule: &'a str, score: f64, evidence: &str) -> Self {
        Self { record, rule, score, field: "", span: 0..0, evidence: evidence.to_owned(), members: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_range_leaves_a_text_or_cuts_a_character() {
        let text = "a你𝄞b";
        for start in 0..text.len() + 3 {
            for end in 0..text.len() + 3 {
                let finding = Finding::new("r", "SH001", 0.5).matched("title", text, start..end);
                let got = finding.span();
                assert!(text.get(got.clone()).is_some(), "{start}..{end} became {got:?}");
                if start < end && start < text.len() {
                    assert!(got.start <= start && got.end >= end.min(text.len()), "{start}..{end} became {got:?}");
                }
            }
        }
    }

    #[test]
    fn a_slice_knows_its_place_and_another_text_has_none() {
        let text = "包邮 包邮 特价".to_owned();
        let second = text.split(' ').nth(1).expect("three words");
        assert_eq!(Finding::new("r", "SH001", 0.5).span_of("title", &text, second).span(), 7..13);
        let elsewhere = "包邮".to_owned();
        let finding = Finding::new("r", "SH001", 0.5).span_of("title", &text, &elsewhere);
        assert_eq!((finding.field, finding.span()), ("title", 0..0));
    }

    #[test]
    fn no_span_is_without_a_field_or_backward() {
        let finding = || Finding::new("r", "SH001", 0.5);
        assert_eq!(finding().matched("", "abc", 0..3).span(), 0..0);
        assert_eq!(finding().span_of("", "abc", "abc").span(), 0..0);
        assert_eq!(finding().carried("", 1..2).span(), 0..0);
        assert_eq!(finding().carried("title", core::ops::Range { start: 2, end: 1 }).span(), 0..0);
        assert_eq!(finding().carried("title", 1..2).span(), 1..2);
    }
}
