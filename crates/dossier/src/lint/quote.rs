use std::ops::Range;

const PAIRS: &[(char, char)] = &[('“', '”'), ('「', '」'), ('『', '』'), ('‘', '’'), ('"', '"')];

/// The insides of all quotation marks, outermost pairs only. A mark that is never closed quotes nothing.
pub(super) fn quoted(text: &str) -> Vec<Range<usize>> {
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(c) = text[at..].chars().next() {
        let begin = at + c.len_utf8();
        let close = PAIRS.iter().find(|(open, _)| *open == c).and_then(|(_, close)| closing(&text[begin..], c, *close));
        at = match close {
            Some(len) => {
                found.push(begin..begin + len);
                begin + len + c.len_utf8()
            }
            None => begin,
        };
    }
    found
}

/// Where the mark `close` stands that ends a quotation opened by `open`.
fn closing(text: &str, open: char, close: char) -> Option<usize> {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        if c == close {
            if depth == 0 {
                return Some(at);
            }
            depth -= 1;
        } else if c == open {
            depth += 1;
        }
    }
    None
}
