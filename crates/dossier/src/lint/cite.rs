//! Citations of exhibits: `[E01]`, `（E01）`, `证据E01`, `E01、E02`, `E01-E03`.

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The number of an exhibit. `E1` and `E01` are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExhibitId(pub u16);

impl ExhibitId {
    /// Reads `E01`; nothing else.
    pub fn parse(text: &str) -> Option<Self> {
        let (id, len) = leading(text)?;
        (len == text.len()).then_some(id)
    }
}

impl fmt::Display for ExhibitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "E{:02}", self.0)
    }
}

impl Serialize for ExhibitId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ExhibitId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom(format!("'{text}' is no exhibit, such as E01")))
    }
}

/// A place where an exhibit is cited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Citation {
    /// The exhibit.
    pub exhibit: ExhibitId,
    /// The bytes that name it; for one inside a range, those of the whole range.
    pub span: Range<usize>,
}

/// What may stand between two exhibits of one list.
const JOINS: &[&str] = &["、", "，", ",", "和", "与", "及", "以及", " and ", " ", "/", "；"];
const RANGES: &[&str] = &["-", "–", "—", "~", "～", "至", "到", " to "];
/// What makes a bare number a citation. A name such as E12 alone may be a model.
const BEFORE: &[&str] = &["[", "［", "【", "(", "（", "证据", "附件", "见", "exhibit", "exhibits", "see"];
/// A range is not taken apart beyond so many exhibits.
const WIDEST: u16 = 99;

/// Every citation in a text, in order.
pub fn citations(text: &str) -> Vec<Citation> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        if matches!(c, 'E' | 'e' | 'Ｅ') && is_cited(&text[..at]) && leading(&text[at..]).is_some() {
            at = list(text, at, &mut found);
        } else {
            at += c.len_utf8();
        }
    }
    found
}

/// Reads the list that begins at `at`; gives where it ends.
fn list(text: &str, mut at: usize, found: &mut Vec<Citation>) -> usize {
    while let Some((first, len)) = leading(&text[at..]) {
        let begin = at;
        at += len;
        let to = RANGES.iter().find_map(|mark| {
            let rest = text[at..].strip_prefix(mark)?;
            leading(rest).map(|(last, len)| (last, mark.len() + len))
        });
        let last = match to {
            Some((last, len)) if first <= last && last.0 - first.0 <= WIDEST => {
                at += len;
                last
            }
            _ => first,
        };
        found.extend((first.0..=last.0).map(|n| Citation { exhibit: ExhibitId(n), span: begin..at }));
        let Some(join) =
            JOINS.iter().find(|join| text[at..].strip_prefix(**join).is_some_and(|r| leading(r).is_some()))
        else {
            break;
        };
        at += join.len();
    }
    at
}

/// Whether what stands before a number makes it a citation.
fn is_cited(before: &str) -> bool {
    let trimmed = before.trim_end_matches([' ', '：', ':']).to_lowercase();
    BEFORE.iter().any(|word| trimmed.ends_with(word))
}

/// The exhibit at the beginning of a text, with its length in bytes.
fn leading(text: &str) -> Option<(ExhibitId, usize)> {
    let mut chars = text.chars();
    let letter = chars.next().filter(|c| matches!(c, 'E' | 'e' | 'Ｅ'))?;
    let (mut number, mut len, mut digits) = (0_u16, letter.len_utf8(), 0);
    for c in chars {
        let digit = match c {
            '0'..='9' => c as u32 - '0' as u32,
            '０'..='９' => c as u32 - '０' as u32,
            // E1a and E1x2 are models.
            c if c.is_ascii_alphanumeric() => return None,
            _ => break,
        };
        number = number.checked_mul(10)?.checked_add(u16::try_from(digit).ok()?)?;
        len += c.len_utf8();
        digits += 1;
    }
    (1..=4).contains(&digits).then_some((ExhibitId(number), len))
}

/// The length of a bracket with nothing but citations in it, spaces before it included.
pub(super) fn leading_bracket(text: &str) -> Option<usize> {
    let begin = text.len() - text.trim_start_matches(' ').len();
    let close = match text[begin..].chars().next()? {
        '[' => ']',
        '［' => '］',
        '【' => '】',
        '(' => ')',
        '（' => '）',
        _ => return None,
    };
    let end = begin + text[begin..].find(close)?;
    let inside = &text[begin..end];
    let open = inside.chars().next()?.len_utf8();
    let mut words = inside[open..].trim_start();
    while let Some(rest) = ["见", "证据", "附件"].iter().find_map(|word| words.strip_prefix(word)) {
        words = rest.trim_start();
    }
    leading(words)?;
    let after = list(inside, inside.len() - words.len(), &mut Vec::new());
    inside[after..].trim().is_empty().then_some(end + close.len_utf8())
}
