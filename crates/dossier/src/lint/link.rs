use std::ops::Range;

/// Links out of the text: anything with a scheme or `www.`, and names that end in one of `domains`.
pub(super) fn links(text: &str, domains: &[String]) -> Vec<Range<usize>> {
    let part = |c: char| c.is_ascii_alphanumeric() || "-._~:/?#@!$&'()*+,;=%".contains(c);
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(offset) = text[at..].find(part) {
        let begin = at + offset;
        let end = text[begin..].find(|c| !part(c)).map_or(text.len(), |len| begin + len);
        let word = text[begin..end].trim_end_matches(['.', ',', ';', ':', '!', '?', ')']);
        if is_link(&word.to_ascii_lowercase(), domains) {
            found.push(begin..begin + word.len());
        }
        at = end;
    }
    found
}

fn is_link(word: &str, domains: &[String]) -> bool {
    if word.contains("://") || word.starts_with("www.") {
        return true;
    }
    // A mail address is no link; the privacy module sees to it.
    let host = word.split(['/', '?', '#', ':']).next().unwrap_or_default();
    !word.contains('@')
        && domains.iter().any(|domain| {
            host.strip_suffix(domain.as_str())
                .and_then(|name| name.strip_suffix('.'))
                .is_some_and(|name| name.chars().next_back().is_some_and(|c| c.is_ascii_alphanumeric()))
        })
}
