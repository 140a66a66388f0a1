//! What a reviewer says outright: extortion, advertising, insult, paid praise — and who acts.
//!
//! "Add my WeChat and I take it down" is an offence; "the shop made me add its WeChat" is a complaint about one, and punishing
//! it would silence the very people a platform should hear. So a pattern names the concepts that must stand near each other
//! and the concepts that, near them, make the sentence harmless. Both are data: `rules/wording.toml`.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::fold::{Folded, fold};
use crate::terms::Terms;

/// A kind of wording that counts for or against a review.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
#[repr(u8)]
pub enum Kind {
    /// Asks for money, goods or contact in exchange for the review.
    Extort = 0,
    /// Sends buyers to another shop.
    Advert = 1,
    /// Insults people.
    Abuse = 2,
    /// Says that the praise was rewarded.
    Paid = 3,
    /// Keyboard filling, no words.
    Nonsense = 4,
    /// Told by the shop to add a contact, change a review and the like: a complaint, which speaks for the reviewer.
    Told = 5,
}

impl Kind {
    /// Every kind, in the order of its number.
    pub const ALL: [Self; 6] = [Self::Extort, Self::Advert, Self::Abuse, Self::Paid, Self::Nonsense, Self::Told];
}

/// A place where a pattern was met.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    /// What was met.
    pub kind: Kind,
    /// Log-likelihood contribution before capping.
    pub weight: f32,
    /// Byte range in the review's text.
    pub span: (u32, u32),
}

#[derive(Deserialize)]
struct File {
    concept: Vec<ConceptEntry>,
    pattern: Vec<Pattern>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConceptEntry {
    name: String,
    terms: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pattern {
    kind: Kind,
    all: Vec<String>,
    within: usize,
    weight: f32,
    #[serde(default)]
    unless: Vec<String>,
    #[serde(default)]
    unless_within: usize,
    /// Concepts that, as near, make the match one in spite of `unless`.
    #[serde(default)]
    in_spite_of: Vec<String>,
}

struct Compiled {
    kind: Kind,
    all: Vec<usize>,
    /// `all`, one bit each.
    needs: u64,
    within: usize,
    weight: f32,
    unless: Vec<usize>,
    unless_within: usize,
    in_spite_of: Vec<usize>,
}

/// Finds wording patterns in folded texts.
pub struct Wording {
    terms: Terms,
    /// The concepts of each term.
    concepts: Vec<Vec<usize>>,
    /// The same, one bit each.
    bits: Vec<u64>,
    patterns: Vec<Compiled>,
}

/// Where terms of each concept stand, as far as they were met.
type Places = Vec<Vec<(usize, usize)>>;

/// More places than this in one review say nothing new.
const MAX_PLACES: usize = 64;
/// So that a set of concepts fits a machine word.
const MAX_CONCEPTS: usize = 64;

impl Wording {
    /// Reads concepts and patterns.
    ///
    /// # Errors
    /// Says what is wrong with the file.
    pub fn parse(toml: &str) -> Result<Self, String> {
        let file: File = toml::from_str(toml).map_err(|e| format!("the wording pack is not valid: {e}"))?;
        if file.concept.len() > MAX_CONCEPTS {
            let count = file.concept.len();
            return Err(format!("the wording pack has {count} concepts; at most {MAX_CONCEPTS} are possible"));
        }
        let names: BTreeMap<&str, usize> = file.concept.iter().enumerate().map(|(i, c)| (c.name.as_str(), i)).collect();
        let mut terms: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (i, concept) in file.concept.iter().enumerate() {
            for term in &concept.terms {
                let of = terms.entry(fold(term).chars.iter().collect()).or_default();
                if !of.contains(&i) {
                    of.push(i);
                }
            }
        }
        terms.remove("");
        let lookup = |list: &[String]| -> Result<Vec<usize>, String> {
            list.iter()
                .map(|n| names.get(n.as_str()).copied().ok_or_else(|| format!("the wording pack has no concept '{n}'")))
                .collect()
        };
        let mut patterns = Vec::new();
        for p in &file.pattern {
            let all = lookup(&p.all)?;
            patterns.push(Compiled {
                kind: p.kind,
                needs: bits(&all),
                all,
                within: p.within,
                weight: p.weight,
                unless: lookup(&p.unless)?,
                unless_within: p.unless_within,
                in_spite_of: lookup(&p.in_spite_of)?,
            });
        }
        Ok(Self {
            terms: Terms::new(terms.keys().map(String::as_str)),
            bits: terms.values().map(|concepts| bits(concepts)).collect(),
            concepts: terms.into_values().collect(),
            patterns,
        })
    }

    /// The best hit of each kind, by kind.
    pub fn hits(&self, folded: &Folded) -> Vec<Hit> {
        let mut best = [None::<Hit>; Kind::ALL.len()];
        let mut keep = |hit: Hit| {
            let slot = best[hit.kind as usize].get_or_insert(hit);
            if (hit.weight, slot.span) > (slot.weight, hit.span) {
                *slot = hit;
            }
        };
        // Few reviews have all concepts of any pattern, so where they stand is asked only then.
        let mut met_bits = 0u64;
        for from in 0..folded.chars.len() {
            self.terms.starting(&folded.chars[from..], |_, term| met_bits |= self.bits[term]);
        }
        let possible = |pattern: &&Compiled| pattern.needs & !met_bits == 0;
        if self.patterns.iter().any(|pattern| possible(&pattern)) {
            let places = self.places(folded);
            for pattern in self.patterns.iter().filter(possible) {
                if let Some((start, end)) = met(pattern, &places) {
                    let near =
                        |&(a, b): &(usize, usize)| a < end + pattern.unless_within && start < b + pattern.unless_within;
                    let stands = |concepts: &[usize]| concepts.iter().any(|&c| places[c].iter().any(near));
                    let harmless = stands(&pattern.unless) && !stands(&pattern.in_spite_of);
                    let span = folded.span(start, end);
                    match (harmless, pattern.kind) {
                        (false, kind) => keep(Hit { kind, weight: pattern.weight, span }),
                        (true, Kind::Extort) => keep(Hit { kind: Kind::Told, weight: -1.0, span }),
                        (true, _) => {}
                    }
                }
            }
        }
        if let Some(hit) = nonsense(folded) {
            keep(hit);
        }
        best.into_iter().flatten().collect()
    }

    fn places(&self, folded: &Folded) -> Places {
        let mut all: Vec<(usize, usize, usize)> = Vec::new();
        for from in 0..folded.chars.len() {
            self.terms.starting(&folded.chars[from..], |length, term| all.push((from + length, from, term)));
        }
        all.sort_unstable();
        let mut places = vec![Vec::new(); MAX_CONCEPTS];
        for (end, start, term) in all {
            // A Latin term inside a longer Latin word or number is another word ("sb" in "usb").
            if stands_alone(folded, (start, end)) {
                for &concept in &self.concepts[term] {
                    if places[concept].len() < MAX_PLACES {
                        places[concept].push((start, end));
                    }
                }
            }
        }
        places
    }
}

fn bits(concepts: &[usize]) -> u64 {
    concepts.iter().fold(0, |bits, concept| bits | 1 << concept)
}

/// The tightest place where all concepts of a pattern stand within its reach. With several concepts, their words must differ.
fn met(pattern: &Compiled, places: &[Vec<(usize, usize)>]) -> Option<(usize, usize)> {
    let (first, rest) = pattern.all.split_first()?;
    let mut best: Option<(usize, usize)> = None;
    for &(a, b) in &places[*first] {
        let (mut start, mut end, mut whole) = (a, b, true);
        for &concept in rest {
            let nearest = places[concept]
                .iter()
                .filter(|&&(x, y)| y <= a || b <= x)
                .map(|&(x, y)| (x.min(start), y.max(end)))
                .min_by_key(|&(x, y)| (y - x, x));
            match nearest {
                Some((x, y)) => (start, end) = (x, y),
                None => whole = false,
            }
        }
        if whole && end - start <= pattern.within.max(b - a) && best.is_none_or(|(x, y)| end - start < y - x) {
            best = Some((start, end));
        }
    }
    best
}

fn stands_alone(folded: &Folded, (start, end): (usize, usize)) -> bool {
    let chars = &folded.chars;
    let latin = |i: usize| chars.get(i).is_some_and(char::is_ascii_lowercase);
    let starts_inside = latin(start) && start > 0 && latin(start - 1);
    // A contact id may follow directly ("vx" + "abc123"), so only short all-Latin words of insult-like length need an end.
    let ends_inside = end - start <= 2 && end > 0 && latin(start) && latin(end - 1) && latin(end);
    !starts_inside && !ends_inside
}

/// Texts without words: one character over and over, digits only, or a run of Latin letters that no Chinese buyer reads.
fn nonsense(folded: &Folded) -> Option<Hit> {
    let chars = &folded.chars;
    let n = chars.len();
    if n < 5 {
        return None;
    }
    let repeated = few_kinds(chars);
    let found = repeated
        || chars.iter().all(char::is_ascii) && {
            let vowels = chars.iter().filter(|c| matches!(c, 'a' | 'e' | 'i' | 'o' | 'u')).count();
            let letters = chars.iter().filter(|c| c.is_ascii_lowercase()).count();
            let keyboard = letters * 2 > n && kinds(chars) > 2 && vowels * 5 < letters;
            letters == 0 || keyboard
        };
    found.then(|| Hit { kind: Kind::Nonsense, weight: 1.5, span: folded.span(0, n) })
}

/// How many different characters there are.
fn kinds(chars: &[char]) -> usize {
    let mut distinct = chars.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    distinct.len()
}

/// Whether each character stands there four times on average.
fn few_kinds(chars: &[char]) -> bool {
    // Of ordinary texts the first characters show that it is not so: those that differ in their lowest bits differ.
    let mut seen = [0u64; 4];
    let mut different = 0;
    for c in chars {
        let code = *c as usize;
        let (word, bit) = (code >> 6 & 3, 1u64 << (code & 63));
        different += usize::from(seen[word] & bit == 0);
        seen[word] |= bit;
        if different * 4 > chars.len() {
            return false;
        }
    }
    kinds(chars) * 4 <= chars.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<Kind> {
        let wording = Wording::parse(include_str!("../rules/wording.toml")).unwrap();
        wording.hits(&fold(text)).iter().map(|h| h.kind).collect()
    }

    #[test]
    fn a_reviewer_who_asks_for_money_extorts() {
        assert_eq!(kinds("添加我 V 信：kk2020 发红包马上删评"), [Kind::Extort]);
        assert_eq!(kinds("不赔付我就组织人来刷差评"), [Kind::Extort]);
    }

    #[test]
    fn a_shop_that_asks_the_reviewer_does_not_make_him_an_extortioner() {
        let told = kinds("卖家叫我加微信给红包改评价，我才不改");
        assert!(told.contains(&Kind::Told) && !told.contains(&Kind::Extort), "{told:?}");
        assert!(!kinds("客服一直打电话要我删差评").contains(&Kind::Extort));
    }

    #[test]
    fn everyday_sentences_of_honest_buyers_say_nothing_of_the_kind() {
        for text in [
            "我已经投诉到12315了，等处理结果",
            "叫朋友帮我看了，也说是次品",
            "换号再买一次还是坏的",
            "私信客服一直不回，赔偿也不给，差评",
            "要求全额退款也不理，差评",
            "说好假一赔三，我要举报",
            "给孙子买的，用了一天就坏",
            "孩子他妈说味道太重",
            "我家老狗吃了拉肚子",
            "用了以后手脚麻痹",
        ] {
            let said = kinds(text);
            assert!(said.iter().all(|kind| *kind == Kind::Told), "{text}: {said:?}");
        }
    }

    #[test]
    fn who_demands_for_himself_is_no_witness() {
        assert!(!kinds("想让我删差评就加V信 abc123 谈，给三百").contains(&Kind::Told));
        assert!(!kinds("想要我改五星就发红包两百").contains(&Kind::Told));
        assert_eq!(kinds("客服让我等，转账300块钱我就删差评"), [Kind::Extort]);
        assert_eq!(kinds("老板说给我20块钱让我删评，我不删"), [Kind::Told]);
    }

    #[test]
    fn sends_buyers_elsewhere() {
        assert_eq!(kinds("家人们避雷，推荐大家买小鹿牌的"), [Kind::Advert]);
        assert_eq!(kinds("还不如去超市买，更便宜"), []);
    }

    #[test]
    fn keyboard_filling_is_nonsense_and_a_model_number_is_not() {
        assert_eq!(kinds("嗯嗯嗯嗯嗯嗯嗯嗯"), [Kind::Nonsense]);
        assert_eq!(kinds("qwrtpsdfg"), [Kind::Nonsense]);
        assert_eq!(kinds("usb接口松"), []);
    }
}
