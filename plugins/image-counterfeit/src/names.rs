//! Brand names in titles: the name itself, and names made to be taken for it (N1KE, abibas, 阿迪达撕).

use huoyan_text::{Kind, is_common_word, look_alike, sound_alike};

use crate::brands::{Brand, Brands};
use crate::fold::{Letter, letters};

/// A brand's name, or something like it, in a text.
#[derive(Clone, Copy, Debug)]
pub struct Naming<'a> {
    /// The brand.
    pub brand: &'a Brand,
    /// The name meant.
    pub name: &'a str,
    /// Whether it is a look-alike, not the name.
    pub disguised: bool,
    /// How sure that is; 1 for the name itself.
    pub score: f64,
    /// Where it begins in the text, in bytes.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
}

/// The names of brands in a text; of several for one brand, the surest.
pub fn names<'a>(brands: &'a Brands, text: &str) -> Vec<Naming<'a>> {
    let letters = letters(text);
    let mut found = Vec::new();
    for brand in brands.all() {
        let all = brand.names().flat_map(|name| in_text(brand, name, &letters));
        // The name itself beats any look-alike, then the surest, then the first.
        let best = all.min_by(|a, b| {
            (a.disguised, -a.score, a.start)
                .partial_cmp(&(b.disguised, -b.score, b.start))
                .unwrap_or(std::cmp::Ordering::Equal)
        });
        found.extend(best);
    }
    found
}

fn in_text<'a>(brand: &'a Brand, name: &'a str, text: &[Letter]) -> Vec<Naming<'a>> {
    let wanted: Vec<char> = crate::fold::folded(name).chars().collect();
    let latin = wanted.iter().all(|c| c.is_ascii_alphanumeric());
    let found = if latin { latin_name(&wanted, text) } else { han_name(&wanted, text) };
    let naming = |(first, last, score): (usize, usize, f64)| Naming {
        brand,
        name,
        disguised: score < 1.0,
        score,
        start: text[first].start,
        end: text[last].end,
    };
    found.into_iter().map(naming).collect()
}

/// Shapes that pass for a letter.
fn passes(a: char, b: char) -> bool {
    const PAIRS: [(char, char); 24] = [
        ('0', 'o'),
        ('1', 'i'),
        ('1', 'l'),
        ('i', 'l'),
        ('3', 'e'),
        ('5', 's'),
        ('8', 'b'),
        ('6', 'b'),
        ('6', 'g'),
        ('9', 'g'),
        ('2', 'z'),
        ('4', 'a'),
        ('7', 't'),
        ('b', 'd'),
        ('p', 'q'),
        ('n', 'm'),
        ('u', 'v'),
        ('v', 'y'),
        ('c', 'k'),
        ('i', 'y'),
        ('g', 'q'),
        ('a', 'o'),
        ('i', 'j'),
        ('d', 'o'),
    ];
    PAIRS.contains(&(a, b)) || PAIRS.contains(&(b, a))
}

/// Whole words only: `norda` is no part of `nordax`. Signs that stand for letters belong to the word.
fn latin_name(wanted: &[char], text: &[Letter]) -> Vec<(usize, usize, f64)> {
    let in_word = |l: &Letter| matches!(l.kind, Kind::Latin | Kind::Digit);
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        if !in_word(&text[at]) {
            at += 1;
            continue;
        }
        let length = text[at..].iter().take_while(|l| in_word(l)).count();
        let word: Vec<char> = text[at..at + length].iter().map(|l| l.code).collect();
        if let Some(score) = like_latin(wanted, &word) {
            found.push((at, at + length - 1, score));
        }
        at += length;
    }
    found
}

fn like_latin(wanted: &[char], word: &[char]) -> Option<f64> {
    if word == wanted {
        return Some(1.0);
    }
    let n = wanted.len();
    if n < 4 || word.len().abs_diff(n) > 1 || word.iter().all(char::is_ascii_digit) {
        return None;
    }
    if word.len() == n {
        let changed: Vec<(char, char)> =
            wanted.iter().copied().zip(word.iter().copied()).filter(|(a, b)| a != b).collect();
        let figures = changed.iter().any(|(a, b)| a.is_ascii_digit() != b.is_ascii_digit());
        if changed.iter().all(|&(a, b)| passes(a, b)) && 3 * changed.len() <= n {
            // A figure for a letter is hardly chance; a letter for a letter may be another word when the name is short.
            return match (figures, n) {
                (true, _) => Some(0.9),
                (false, 6..) => Some(0.75),
                (false, _) => None,
            };
        }
    }
    let (a, b): (String, String) = (wanted.iter().collect(), word.iter().collect());
    // First and last letter carry a word's look.
    let edges = wanted.first() == word.first();
    (n >= 7 && edges && strsim::osa_distance(&a, &b) == 1).then_some(0.65)
}

/// Han names stand anywhere; one character may be replaced by one that looks or sounds like it.
fn han_name(wanted: &[char], text: &[Letter]) -> Vec<(usize, usize, f64)> {
    let n = wanted.len();
    let seen: Vec<usize> =
        (0..text.len()).filter(|&i| matches!(text[i].kind, Kind::Han | Kind::Latin | Kind::Digit)).collect();
    seen.windows(n.max(1))
        .filter_map(|window| {
            let word: Vec<char> = window.iter().map(|&i| text[i].code).collect();
            let changed: Vec<(char, char)> =
                wanted.iter().copied().zip(word.iter().copied()).filter(|(a, b)| a != b).collect();
            let score = match changed.as_slice() {
                [] => 1.0,
                _ if n < 3 || is_common_word(&word) => return None,
                &[(a, b)] if look_alike(a, b) && sound_alike(a, b) => 0.9,
                &[(a, b)] if look_alike(a, b) => 0.85,
                &[(a, b)] if sound_alike(a, b) => 0.8,
                [_] if n >= 5 => 0.6,
                _ => return None,
            };
            Some((window[0], window[n - 1], score))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn brands() -> Brands {
        Brands::parse(
            "[[brand]]\nname = \"NORDA\"\n[[brand]]\nname = \"柯岚泊\"\naliases = [\"KELANBO\"]\n\
             [[brand]]\nname = \"澄屿棠\"\n[[brand]]\nname = \"缇默瓷\"\n[[brand]]\nname = \"abidast\"",
        )
        .unwrap()
    }

    fn seen(text: &str) -> Vec<(String, bool)> {
        names(&brands(), text).iter().map(|n| (text[n.start..n.end].to_owned(), n.disguised)).collect()
    }

    #[test]
    fn sees_the_name_itself_in_any_width_and_case() {
        assert_eq!(seen("Norda 保温杯"), [("Norda".to_owned(), false)]);
        assert_eq!(seen("ＮＯＲＤＡ杯"), [("ＮＯＲＤＡ".to_owned(), false)]);
    }

    #[test]
    fn sees_look_alikes() {
        for text in ["N0RDA杯子", "KELANB0溯溪鞋", "缇黙瓷面霜", "澄屿糖托特包", "adibast 运动鞋"] {
            let found = seen(text);
            assert!(found.len() == 1 && found[0].1, "{text}: {found:?}");
        }
    }

    #[test]
    fn leaves_other_words_alone() {
        for text in ["nordax杯", "north 夹克", "nor da", "帆布包女大容量", "柯南手办", "12345 件"] {
            assert_eq!(seen(text), [], "{text}");
        }
    }
}
