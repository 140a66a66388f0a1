use std::ops::Range;

use super::cite;

/// A sentence of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// Its bytes, with its end mark, closing quotes and the citations that follow; without white space around.
    pub span: Range<usize>,
}

const ENDS: &str = "。！？!?…";
const CLOSES: &str = "”’」』）)】]\"";

/// Splits Chinese and English text at 。！？… and line ends, and at a full stop that is followed by white
/// space; a semicolon does not end one, for the citation at its end covers both halves. A
/// citation in brackets right after the end mark belongs to the sentence before it.
pub fn sentences(text: &str) -> Vec<Sentence> {
    let (mut found, mut begin, mut at) = (Vec::new(), 0, 0);
    while let Some(c) = text[at..].chars().next() {
        let next = at + c.len_utf8();
        let rest = &text[next..];
        let stop = c == '.' && rest.chars().next().is_none_or(char::is_whitespace) && !is_number(&text[begin..at]);
        if c == '\n' || c == '\r' {
            push(text, begin..at, &mut found);
            begin = next;
        } else if stop || ENDS.contains(c) {
            let end = after_end(text, next);
            push(text, begin..end, &mut found);
            (begin, at) = (end, end);
            continue;
        }
        at = next;
    }
    push(text, begin..text.len(), &mut found);
    found
}

/// Whether a sentence so far is only the number of a list item, as in `1. `.
fn is_number(sentence: &str) -> bool {
    let sentence = sentence.trim();
    !sentence.is_empty() && sentence.len() <= 3 && sentence.bytes().all(|b| b.is_ascii_digit())
}

/// Where a sentence ends whose end mark ends at `at`.
fn after_end(text: &str, mut at: usize) -> usize {
    loop {
        let rest = &text[at..];
        if let Some(c) = rest.chars().next().filter(|c| ENDS.contains(*c) || CLOSES.contains(*c)) {
            at += c.len_utf8();
        } else if let Some(len) = cite::leading_bracket(rest) {
            at += len;
        } else {
            return at;
        }
    }
}

fn push(text: &str, span: Range<usize>, found: &mut Vec<Sentence>) {
    let part = &text[span.clone()];
    let begin = span.start + part.len() - part.trim_start().len();
    let end = begin + part.trim().len();
    if text[begin..end].chars().any(char::is_alphanumeric) {
        found.push(Sentence { span: begin..end });
    }
}
