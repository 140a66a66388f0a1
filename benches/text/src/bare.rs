//! The packs without hand-listed variants: words that a homophone, a look-alike, a split character or mixed pinyin of an
//! earlier word of the same rule or target explains. What then is found, is found by computing.

use huoyan_text::{Boundary, Disguises, Matcher, Pattern, Scratch, Variants, look_alike, sound_alike};

/// Words in the order of a list, each with the matcher that knows its variants.
#[derive(Debug, Default)]
pub struct Kept {
    words: Vec<(String, Option<Matcher>)>,
    scratch: Scratch,
}

impl Kept {
    /// Keeps the word unless an earlier one explains it.
    pub fn keep(&mut self, word: &str) -> bool {
        if word.contains(['{', '(', '?', '%', '#', ':']) {
            return true;
        }
        let scratch = &mut self.scratch;
        let explained = self.words.iter().any(|(known, matcher)| match matcher {
            Some(matcher) => matcher.find(word, scratch).iter().any(|hit| {
                let whole = hit.range() == (0..word.len());
                let computed = Disguises::HOMOPHONE | Disguises::GLYPH | Disguises::SPLIT_CHAR | Disguises::PINYIN;
                whole && hit.disguises.intersects(computed)
            }),
            None => match (single(known), single(word)) {
                (Some(a), Some(b)) => a != b && (sound_alike(a, b) || look_alike(a, b)),
                _ => false,
            },
        });
        if !explained {
            let variants = Variants::HOMOPHONE | Variants::GLYPH | Variants::SPLIT | Variants::PINYIN;
            let mut pattern = Pattern::new(0, word).variants(variants).boundary(Boundary::None);
            (pattern.min_exact, pattern.keep_common) = (0, true);
            let matcher =
                (word.chars().count() > 1).then(|| Matcher::builder().pattern(pattern).build().ok()).flatten();
            self.words.push((word.to_owned(), matcher));
        }
        !explained
    }
}

fn single(word: &str) -> Option<char> {
    let mut chars = word.chars();
    chars.next().filter(|_| chars.next().is_none())
}

/// The term with each group of alternatives, `(a|b|c)`, thinned like a list.
pub fn thin(term: &str, removed: &mut Vec<String>) -> String {
    let mut open: Vec<Vec<String>> = vec![vec![String::new()]];
    for c in term.chars() {
        match c {
            '(' => open.push(vec![String::new()]),
            '|' if open.len() > 1 => open.last_mut().into_iter().for_each(|group| group.push(String::new())),
            ')' if open.len() > 1 => {
                let mut kept = Kept::default();
                let mut group = open.pop().unwrap_or_default();
                group.retain(|word| {
                    kept.keep(word) || {
                        removed.push(word.clone());
                        false
                    }
                });
                push(&mut open, &format!("({})", group.join("|")));
            }
            c => push(&mut open, c.encode_utf8(&mut [0; 4])),
        }
    }
    open.pop().and_then(|mut group| group.pop()).unwrap_or_default()
}

fn push(open: &mut [Vec<String>], text: &str) {
    if let Some(word) = open.last_mut().and_then(|group| group.last_mut()) {
        word.push_str(text);
    }
}
