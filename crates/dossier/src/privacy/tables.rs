//! The tables under `data/privacy/`, read once.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};
use huoyan_text::fold_char;
use serde::Deserialize;

use super::Kind;

/// What a word beside a value says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Says {
    /// The value is of this kind.
    Is(Kind),
    /// The value is no personal data.
    Stay,
    /// A salutation stands behind a name; `true` when a lone surname is enough.
    Salutation(bool),
    /// A province.
    Province,
    /// A city.
    City,
}

#[derive(Deserialize)]
struct LabelFile {
    label: Vec<LabelEntry>,
}

#[derive(Deserialize)]
struct LabelEntry {
    kind: String,
    words: Vec<String>,
    #[serde(default = "default_reach")]
    reach: usize,
}

const fn default_reach() -> usize {
    4
}

#[derive(Deserialize)]
struct NameFile {
    surnames: String,
    rare: String,
    function: String,
    compound: Vec<String>,
    given: String,
    strong: Vec<String>,
    weak: Vec<String>,
    not_after: HashMap<String, String>,
    never: Vec<String>,
    stops: String,
    english: Vec<String>,
}

#[derive(Deserialize)]
struct PlaceFile {
    provinces: Vec<String>,
    province_ends: Vec<String>,
    cities: String,
    plates: String,
    plates_doubtful: String,
    id_regions: Vec<u8>,
    roads: Vec<String>,
    places: Vec<String>,
    districts: Vec<String>,
    units: Vec<String>,
    inner: Vec<String>,
    not_after: String,
    cues: String,
    firm: String,
    cue_words: Vec<String>,
    never: Vec<String>,
    english_roads: Vec<String>,
}

#[derive(Deserialize)]
struct BankFile {
    issuer: Vec<Issuer>,
    open: Vec<Issuer>,
}

/// Prefixes of card numbers and their lengths.
#[derive(Deserialize)]
pub(crate) struct Issuer {
    pub(crate) lengths: Vec<usize>,
    pub(crate) prefixes: Vec<String>,
}

/// A word that says something, folded.
pub(crate) struct Word {
    pub(crate) says: Says,
    pub(crate) reach: usize,
    pub(crate) atoms: usize,
    /// What must not follow.
    pub(crate) not_after: HashSet<char>,
    /// Whether it begins or ends with a letter, which must then stand alone.
    pub(crate) latin: bool,
}

/// Names, folded.
pub(crate) struct Names {
    pub(crate) surnames: HashSet<char>,
    pub(crate) rare: HashSet<char>,
    pub(crate) function: HashSet<char>,
    pub(crate) compound: HashSet<[char; 2]>,
    pub(crate) given: HashSet<char>,
    pub(crate) never: HashSet<[char; 2]>,
    pub(crate) stops: HashSet<char>,
    pub(crate) english: HashSet<String>,
}

/// Places, folded.
pub(crate) struct Places {
    pub(crate) province_ends: Vec<Vec<char>>,
    pub(crate) plates: HashSet<char>,
    pub(crate) plates_doubtful: HashSet<char>,
    pub(crate) id_regions: HashSet<u8>,
    /// Suffixes, longest first.
    pub(crate) roads: Vec<Vec<char>>,
    pub(crate) places: Vec<Vec<char>>,
    pub(crate) districts: Vec<Vec<char>>,
    pub(crate) units: Vec<Vec<char>>,
    pub(crate) inner: HashSet<Vec<char>>,
    pub(crate) not_after: HashSet<char>,
    pub(crate) cues: HashSet<char>,
    pub(crate) firm: HashSet<char>,
    pub(crate) cue_words: HashSet<[char; 2]>,
    pub(crate) never: HashSet<Vec<char>>,
    pub(crate) english_roads: HashSet<String>,
}

/// All tables.
pub(crate) struct Tables {
    pub(crate) words: Vec<Word>,
    pub(crate) search: AhoCorasick,
    pub(crate) names: Names,
    pub(crate) places: Places,
    pub(crate) issuers: Vec<Issuer>,
    pub(crate) open: Vec<Issuer>,
}

/// A text without signs and spaces, folded.
pub(crate) fn folded(text: &str) -> Vec<char> {
    use huoyan_text::Kind::{Digit, Han, Latin, Other};
    text.chars()
        .filter_map(|c| {
            let (kind, to, _) = fold_char(c);
            matches!(kind, Digit | Han | Latin | Other).then_some(to)
        })
        .collect()
}

fn set(text: &str) -> HashSet<char> {
    folded(text).into_iter().collect()
}

fn pairs(words: &[String]) -> HashSet<[char; 2]> {
    words.iter().filter_map(|word| <[char; 2]>::try_from(folded(word)).ok()).collect()
}

fn longest_first(words: &[String]) -> Vec<Vec<char>> {
    let mut out: Vec<Vec<char>> = words.iter().map(|word| folded(word)).collect();
    out.sort_by_key(|word| std::cmp::Reverse(word.len()));
    out
}

/// The tables.
pub(crate) fn tables() -> &'static Tables {
    static TABLES: LazyLock<Tables> = LazyLock::new(|| read().expect("invariant: the committed tables can be read"));
    &TABLES
}

fn read() -> Result<Tables, String> {
    fn parse<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, String> {
        toml::from_str(text).map_err(|e| e.to_string())
    }
    let labels: LabelFile = parse(include_str!("../../data/privacy/labels.toml"))?;
    let names: NameFile = parse(include_str!("../../data/privacy/names.toml"))?;
    let places: PlaceFile = parse(include_str!("../../data/privacy/places.toml"))?;
    let banks: BankFile = parse(include_str!("../../data/privacy/banks.toml"))?;

    let mut words = Vec::new();
    let mut patterns: Vec<String> = Vec::new();
    let mut add = |word: &str, says: Says, reach: usize, not_after: HashSet<char>| {
        let chars = folded(word);
        let latin = chars.first().is_some_and(char::is_ascii_alphabetic);
        words.push(Word { says, reach, atoms: chars.len(), not_after, latin });
        patterns.push(chars.into_iter().collect());
    };
    for entry in &labels.label {
        let says = if entry.kind == "stay" {
            Says::Stay
        } else {
            Says::Is(
                Kind::named(&entry.kind).ok_or_else(|| format!("labels.toml has the unknown kind '{}'", entry.kind))?,
            )
        };
        entry.words.iter().for_each(|word| add(word, says, entry.reach, HashSet::new()));
    }
    for (list, strong) in [(&names.strong, true), (&names.weak, false)] {
        for word in list {
            let not = names.not_after.get(word).map(|text| set(text)).unwrap_or_default();
            add(word, Says::Salutation(strong), 0, not);
        }
    }
    places.provinces.iter().for_each(|word| add(word, Says::Province, 0, HashSet::new()));
    let provinces: HashSet<&str> = places.provinces.iter().map(String::as_str).collect();
    places
        .cities
        .split(' ')
        .filter(|city| !provinces.contains(city))
        .for_each(|word| add(word, Says::City, 0, HashSet::new()));
    let search =
        AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&patterns).map_err(|e| e.to_string())?;
    Ok(Tables {
        words,
        search,
        names: Names {
            surnames: set(&names.surnames),
            rare: set(&names.rare),
            function: set(&names.function),
            compound: pairs(&names.compound),
            given: set(&names.given),
            never: pairs(&names.never),
            stops: set(&names.stops),
            english: names.english.into_iter().collect(),
        },
        places: Places {
            province_ends: longest_first(&places.province_ends),
            plates: set(&places.plates),
            plates_doubtful: set(&places.plates_doubtful),
            id_regions: places.id_regions.into_iter().collect(),
            roads: longest_first(&places.roads),
            places: longest_first(&places.places),
            districts: longest_first(&places.districts),
            units: longest_first(&places.units),
            inner: places.inner.iter().map(|word| folded(word)).collect(),
            not_after: set(&places.not_after),
            cues: set(&places.cues),
            firm: set(&places.firm),
            cue_words: pairs(&places.cue_words),
            never: places.never.iter().map(|word| folded(word)).collect(),
            english_roads: places.english_roads.into_iter().collect(),
        },
        issuers: banks.issuer,
        open: banks.open,
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_committed_tables_can_be_read() {
        super::read().unwrap();
    }
}
