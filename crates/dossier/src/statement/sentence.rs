use huoyan_model::Locale;

use crate::lint::{ExhibitId, sentences};

const ENDS: &str = "。！？!?….";

/// A claim with its citations: before the end mark of each of its sentences, for each states something.
pub fn cite(text: &str, exhibits: &[ExhibitId], locale: Locale) -> String {
    let text = one_line(text);
    let (stop, gap) = if locale == Locale::Zh { ("。", "") } else { (".", " ") };
    let cited = brackets(exhibits);
    let mut out = String::new();
    for sentence in sentences(&text) {
        let words = &text[sentence.span];
        let body = words.trim_end_matches(|c| ENDS.contains(c)).trim_end();
        let end = if body.len() < words.len() { words[body.len()..].trim_start() } else { stop };
        if !out.is_empty() && locale == Locale::En {
            out.push(' ');
        }
        out.push_str(&format!("{body}{gap}{cited}{end}"));
    }
    out
}

/// Citations as the lint reads them: `[E01][E02]`.
pub(super) fn brackets(exhibits: &[ExhibitId]) -> String {
    exhibits.iter().map(|id| format!("[{id}]")).collect()
}

/// A sentence without the marks that end it, to be joined to others.
pub fn bare(text: &str) -> &str {
    text.trim().trim_end_matches(|c: char| {
        ENDS.contains(c) || matches!(c, '；' | ';' | '，' | ',' | '、') || c.is_whitespace()
    })
}

/// Somebody's words inside a sentence of ours: one line, and no mark in it that ends a sentence.
pub(super) fn phrase(text: &str) -> String {
    let line = one_line(text);
    let trimmed = line.trim_end_matches(|c| ENDS.contains(c));
    let mut out = String::with_capacity(trimmed.len());
    let mut chars = trimmed.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '。' | '！' | '？' | '…' => out.push('，'),
            '!' | '?' => out.push(','),
            '.' if chars.peek().is_none_or(|next| next.is_whitespace()) => out.push(','),
            c => out.push(c),
        }
    }
    out
}

/// Without line ends, control characters and runs of white space.
fn one_line(text: &str) -> String {
    let words: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const E: &[ExhibitId] = &[ExhibitId(1), ExhibitId(2)];

    #[test]
    fn each_sentence_of_a_claim_cites() {
        assert_eq!(cite("买家申请退款", E, Locale::Zh), "买家申请退款[E01][E02]。");
        assert_eq!(
            cite("买家申请退款。\n随后给出差评！", E, Locale::Zh),
            "买家申请退款[E01][E02]。随后给出差评[E01][E02]！"
        );
        assert_eq!(
            cite("He paid 12.50 yuan. He left", E, Locale::En),
            "He paid 12.50 yuan [E01][E02]. He left [E01][E02]."
        );
        assert_eq!(cite("买家说：“不退就差评。”", E, Locale::Zh), "买家说：“不退就差评。”[E01][E02]。");
        assert_eq!(cite(" \u{7} ", E, Locale::Zh), "");
    }

    #[test]
    fn a_phrase_ends_no_sentence() {
        assert_eq!(phrase("截图。第二张！\nv1.2. end."), "截图，第二张， v1.2, end");
    }
}
