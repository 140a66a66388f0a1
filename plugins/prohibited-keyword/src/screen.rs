//! The detector's judgement: from automaton hits to findings.
//!
//! A text is folded and searched once for the anchors of every term. Only where an anchor stands is the rest of its term
//! read, the rule's allowed phrases and contexts are tried, and weak terms are paired. What must stay true: a text without
//! an anchor costs one pass and allocates nothing; what is found does not depend on the order of rules or packs.

use std::collections::BTreeMap;

use huoyan_text::{Boundary, Disguises, Hit, Matcher, Pattern, Scratch, Variants};

use crate::context::{Nearby, Surroundings};
use crate::pack::{Contexts, Pack, PackError, Rule};
use crate::phrase::{Node, Phrase, parse};
use crate::reading::{MAX_NOISE, Place, Reading};
use crate::trust::trust;

/// What was found in one text.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The rule, as a position in [`Screen::rules`].
    pub rule: usize,
    /// First byte in the text.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// Confidence in [0, 1].
    pub score: f64,
    /// The words as they read without disguise.
    pub canonical: String,
    /// How they were disguised.
    pub disguises: Disguises,
}

/// A rule as the screen reports it.
#[derive(Clone, Debug)]
pub struct ScreenRule {
    /// `PK001`.
    pub id: String,
    /// The evidence's category.
    pub category: String,
    /// The clause in Chinese, or empty.
    pub clause: String,
    /// The suggested rewrite in Chinese, or empty.
    pub rewrite: String,
    /// Names goods rather than a manner of speaking.
    goods: bool,
    allow: Vec<Vec<Node>>,
    contexts: Vec<usize>,
}

/// What is collected about an anchor while terms are added.
#[derive(Clone, Debug, Default)]
struct Anchor {
    terms: Vec<usize>,
    /// Computed disguises are looked for.
    disguised: bool,
    /// Look-alikes too.
    alike: bool,
    /// In some term something comes before it, or after it; else it begins, or ends, where a word does.
    preceded: bool,
    followed: bool,
}

impl Anchor {
    fn boundary(&self) -> Boundary {
        match (self.preceded, self.followed) {
            (false, false) => Boundary::Touch,
            (false, true) => Boundary::Start,
            (true, _) => Boundary::None,
        }
    }
}

/// How much a term counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Weight {
    Strong,
    Exact,
    Hidden,
    Weak,
}

#[derive(Clone, Debug)]
struct Term {
    rule: usize,
    weight: Weight,
    phrase: Phrase,
}

/// Working memory of a search; keep one per task.
#[derive(Clone, Debug, Default)]
pub struct Workspace {
    scratch: Scratch,
    seen: Vec<Candidate>,
    room: Vec<[u16; 3]>,
    nearby: Nearby,
}

impl Workspace {
    /// Empty working memory.
    pub fn new() -> Self {
        Self::default()
    }
}

#[derive(Clone, Copy, Debug)]
struct Candidate {
    rule: usize,
    term: usize,
    anchor: usize,
    weak: bool,
    /// Two weak terms together.
    paired: bool,
    /// Characters replaced beside the anchor.
    bent: u8,
    hit: Hit,
    first: usize,
    end: usize,
    score: f64,
}

/// Rule packs ready to be applied.
#[derive(Clone, Debug)]
pub struct Screen {
    rules: Vec<ScreenRule>,
    terms: Vec<Term>,
    /// Anchors by pattern id, with the terms each belongs to.
    anchors: Vec<(String, Vec<usize>)>,
    surroundings: Surroundings,
    matcher: Matcher,
}

/// Categories of claims, made of everyday words.
const WORDING: &[&str] = &["absolute", "medical_claim", "false_discount", "incentive", "counterfeit", "other"];

/// Disguises that nobody writes by chance inside a word.
const EVASIVE: Disguises = Disguises::ZERO_WIDTH
    .and(Disguises::EMOJI_NOISE)
    .and(Disguises::EMOJI)
    .and(Disguises::SPLIT_CHAR)
    .and(Disguises::PINYIN);

/// Look-alikes are sought of terms with few spellings: words that somebody wrote down, not products of alternatives.
const MOST_ALIKE: usize = 2;

/// Two weak terms count together within so many characters.
const WEAK_REACH: usize = 16;
/// Candidates of a rule and kind that are weighed in one text; the rest of a longer text repeats what these say.
const MOST_SEEN: u16 = 48;
/// A rule reports at most so many findings in one text.
const MOST: usize = 8;
/// An allowed phrase may begin so many characters before a hit.
const ALLOW_REACH: usize = 12;

impl Screen {
    /// Makes ready the rules of `packs`.
    ///
    /// # Errors
    /// Says which rule of which pack cannot be used and why.
    pub fn new(packs: &[Pack], contexts: &Contexts) -> Result<Self, PackError> {
        let names: Vec<&String> = contexts.context.keys().collect();
        let mut screen = Self {
            rules: Vec::new(),
            terms: Vec::new(),
            anchors: Vec::new(),
            surroundings: Surroundings::new(contexts)?,
            matcher: Matcher::builder().build().map_err(|e| PackError::new(e.to_string()))?,
        };
        let mut anchors: BTreeMap<String, Anchor> = BTreeMap::new();
        let mut wrong = Vec::new();
        for pack in packs {
            for rule in &pack.rules {
                let mut fail =
                    |what: String| wrong.push(format!("rule {} of pack '{}': {what}", rule.id, pack.pack.name));
                if screen.rules.iter().any(|known| known.id == rule.id) {
                    fail("this id is used twice".into());
                }
                screen.add(rule, &names, &mut anchors, &mut fail);
            }
        }
        if !wrong.is_empty() {
            return Err(PackError::new(wrong.join("; ")));
        }
        let mut builder = Matcher::builder();
        for (text, anchor) in anchors {
            // Several patterns may share an id: the word, and the word with a figure in a letter's place.
            let id = u32::try_from(screen.anchors.len()).unwrap_or(u32::MAX);
            for spelling in figured(&text) {
                builder = builder.pattern(Pattern::new(id, spelling).max_noise(0).boundary(anchor.boundary()));
            }
            let mut pattern = Pattern::new(id, text.as_str()).max_noise(MAX_NOISE).boundary(anchor.boundary());
            if anchor.disguised {
                pattern = pattern.variants(variants(&text, anchor.alike));
            }
            builder = builder.pattern(pattern);
            screen.anchors.push((text, anchor.terms));
        }
        screen.matcher =
            builder.build().map_err(|e| PackError::new(format!("the rule packs cannot be compiled: {e}")))?;
        Ok(screen)
    }

    fn add(
        &mut self,
        rule: &Rule,
        names: &[&String],
        anchors: &mut BTreeMap<String, Anchor>,
        fail: &mut dyn FnMut(String),
    ) {
        let at = self.rules.len();
        let mut contexts = Vec::new();
        for name in &rule.contexts {
            match names.iter().position(|known| *known == name) {
                Some(context) => contexts.push(context),
                None => fail(format!("context '{name}' is not in 'contexts'")),
            }
        }
        let mut allow = Vec::new();
        for term in &rule.allow {
            match parse(term) {
                Ok(phrase) => allow.push(phrase),
                Err(what) => fail(what),
            }
        }
        self.rules.push(ScreenRule {
            id: rule.id.clone(),
            category: rule.category.clone(),
            clause: rule.clause.as_ref().map(|text| text.zh.clone()).unwrap_or_default(),
            rewrite: rule.rewrite.as_ref().map(|text| text.zh.clone()).unwrap_or_default(),
            goods: !WORDING.contains(&rule.category.as_str()),
            contexts,
            allow,
        });
        for (list, weight) in [
            (&rule.terms, Weight::Strong),
            (&rule.exact, Weight::Exact),
            (&rule.hidden, Weight::Hidden),
            (&rule.weak, Weight::Weak),
        ] {
            for term in list {
                let phrases = Phrase::parse(term).unwrap_or_else(|what| {
                    fail(what);
                    Vec::new()
                });
                for phrase in phrases {
                    for anchor in &phrase.anchors {
                        let anchor = anchors.entry(anchor.clone()).or_default();
                        anchor.terms.push(self.terms.len());
                        anchor.preceded |= !phrase.before.is_empty();
                        anchor.followed |= !phrase.after.is_empty();
                        anchor.disguised |= matches!(weight, Weight::Strong | Weight::Hidden);
                        anchor.alike |= anchor.disguised && phrase.anchors.len() <= MOST_ALIKE;
                    }
                    self.terms.push(Term { rule: at, weight, phrase });
                }
            }
        }
    }

    /// The rules, in the order of the packs.
    pub fn rules(&self) -> &[ScreenRule] {
        &self.rules
    }

    /// How many anchors the automaton holds.
    pub fn anchors(&self) -> usize {
        self.anchors.len()
    }

    /// Finds what `text` suggests; `category` is the listing's, empty when it has none. `found` is emptied first.
    pub fn scan(&self, text: &str, category: &str, work: &mut Workspace, found: &mut Vec<Found>) {
        found.clear();
        let Workspace { scratch, seen, room, nearby } = work;
        if self.matcher.find(text, scratch).is_empty() {
            return;
        }
        seen.clear();
        nearby.clear();
        let reading = Reading { text, atoms: scratch.folded().atoms() };
        // Each kind of each rule has its own bound, so that a flood of one word cannot hide another.
        room.clear();
        room.resize(self.rules.len(), [MOST_SEEN; 3]);
        for hit in scratch.hits() {
            let anchor = hit.id as usize;
            for &at in &self.anchors[anchor].1 {
                let Some(candidate) = self.candidate(&reading, hit, anchor, at) else { continue };
                let kind = &mut room[candidate.rule]
                    [usize::from(candidate.weak) + 2 * usize::from(!candidate.weak && candidate.score < 0.5)];
                if *kind > 0 && !self.cleared(&reading, nearby, &candidate, category) {
                    *kind -= 1;
                    seen.push(candidate);
                }
            }
        }
        if seen.is_empty() {
            return;
        }
        pair_weak(&reading, seen);
        keep_longest(seen);
        let mut counts = vec![0; self.rules.len()];
        for candidate in seen.iter() {
            counts[candidate.rule] += 1;
            if counts[candidate.rule] <= MOST {
                found.push(self.report(&reading, candidate));
            }
        }
    }

    fn candidate(&self, reading: &Reading<'_>, hit: &Hit, anchor: usize, at: usize) -> Option<Candidate> {
        let term = &self.terms[at];
        match term.weight {
            // A picture alone (💣) decorates; only beside characters of the word does it stand for one.
            _ if hit.first_atom >= hit.end_atom => return None,
            Weight::Exact | Weight::Weak if hit.changed > 0 => return None,
            Weight::Hidden if hit.changed == 0 && !hit.disguises.intersects(EVASIVE) => return None,
            _ => {}
        }
        // One disguise in a short term is a disguise; two are another word.
        let bend = hit.changed == 0 && matches!(term.weight, Weight::Strong | Weight::Hidden);
        let Place { first, end, bent } =
            reading.around(&term.phrase, hit.first_atom as usize, hit.end_atom as usize, bend)?;
        if !(reading.word_starts(first) && reading.word_starts(end)) {
            return None;
        }
        let rest = (end - first).saturating_sub((hit.end_atom - hit.first_atom) as usize);
        let weak = term.weight == Weight::Weak;
        let goods = self.rules[term.rule].goods;
        let score = trust(hit, &self.anchors[anchor].0, rest, goods, reading) - 0.15 * f64::from(bent);
        Some(Candidate { rule: term.rule, term: at, anchor, weak, paired: false, bent, hit: *hit, first, end, score })
    }

    /// Whether an allowed phrase, a context or the listing's category clears the hit.
    fn cleared(&self, reading: &Reading<'_>, nearby: &mut Nearby, c: &Candidate, category: &str) -> bool {
        let (rule, around) = (&self.rules[c.rule], &self.surroundings);
        !rule.contexts.is_empty()
            && (around.clears(&rule.contexts, reading, nearby, c.first..c.end)
                || !category.is_empty() && rule.contexts.iter().any(|at| around.has_category(*at, category)))
            || rule.allow.iter().any(|phrase| {
                (c.first.saturating_sub(ALLOW_REACH)..c.end)
                    .any(|at| reading.read(phrase, at).is_some_and(|end| end > c.first && end - at >= c.end - c.first))
            })
    }

    fn report(&self, reading: &Reading<'_>, c: &Candidate) -> Found {
        let atoms = reading.atoms;
        let (from, to) = (c.hit.first_atom as usize, c.hit.end_atom as usize);
        let codes = |range: std::ops::Range<usize>| atoms.get(range).unwrap_or(&[]).iter().map(|atom| atom.code);
        let canonical = codes(c.first..from).chain(self.anchors[c.anchor].0.chars()).chain(codes(to..c.end)).collect();
        let mut disguises = c.hit.disguises;
        let figures = |text: &str| text.bytes().filter(u8::is_ascii_digit).count();
        let own = &self.anchors[c.anchor].0;
        if own.is_ascii() && codes(from..to).filter(char::is_ascii_digit).count() > figures(own) {
            disguises |= Disguises::CONFUSABLE;
        }
        if c.bent > 0 {
            disguises |= Disguises::HOMOPHONE;
        }
        for (at, atom) in (c.first..).zip(&atoms[c.first..c.end]) {
            disguises |= atom.disguises;
            // Inside the anchor the matcher has judged the gaps; a space between two parts of a term is no disguise.
            if at > c.first && (at <= from || to <= at) {
                disguises |= atom.gap.disguises().without(Disguises::SPACE);
            }
        }
        Found {
            rule: c.rule,
            // Pictures that stand for characters have no atoms: the hit knows how far they reach.
            start: atoms[c.first].start.min(c.hit.start) as usize,
            end: atoms[c.end - 1].end.max(c.hit.end) as usize,
            score: c.score,
            canonical,
            disguises,
        }
    }
}

/// Spellings of a Latin word with one letter written as the figure that looks like it: v1agra, 0zempic. Short words are too
/// often codes.
fn figured(anchor: &str) -> Vec<String> {
    const FIGURES: &[(u8, u8)] =
        &[(b'o', b'0'), (b'i', b'1'), (b'l', b'1'), (b'e', b'3'), (b'a', b'4'), (b's', b'5'), (b't', b'7')];
    if anchor.len() < 5 || !anchor.bytes().all(|b| b.is_ascii_lowercase()) {
        return Vec::new();
    }
    let mut all = Vec::new();
    for (at, letter) in anchor.bytes().enumerate() {
        for (_, figure) in FIGURES.iter().filter(|(from, _)| *from == letter) {
            all.push(format!("{}{}{}", &anchor[..at], char::from(*figure), &anchor[at + 1..]));
        }
    }
    all
}

/// The computed disguises that an anchor is looked for in.
fn variants(anchor: &str, alike: bool) -> Variants {
    if anchor.is_ascii() || anchor.chars().count() < 2 {
        return Variants::NONE;
    }
    let mut variants = Variants::HOMOPHONE | Variants::SPLIT | Variants::DIGITS | Variants::EMOJI;
    if alike {
        variants = variants | Variants::GLYPH;
    }
    if anchor.chars().count() >= 3 {
        variants = variants | Variants::PINYIN;
    }
    variants
}

/// Keeps weak terms only where two different ones of a rule stand close together, and joins those.
fn pair_weak(reading: &Reading<'_>, seen: &mut Vec<Candidate>) {
    if !seen.iter().any(|c| c.weak) {
        return;
    }
    seen.sort_by_key(|c| (c.first, c.end, c.rule, c.term));
    let mut joined = Vec::new();
    for (i, a) in seen.iter().enumerate().filter(|(_, c)| c.weak) {
        let partner = seen[i + 1..].iter().find(|b| b.weak && b.rule == a.rule && b.term != a.term && b.first >= a.end);
        if let Some(b) = partner
            && b.first - a.end <= WEAK_REACH
            && !(a.end..=b.first).any(|at| reading.sentence_ends(at))
        {
            joined.push(Candidate { end: b.end, weak: false, paired: true, score: 0.6, ..*a });
        }
    }
    seen.retain(|c| !c.weak);
    seen.append(&mut joined);
}

/// Of overlapping candidates of one rule, or of rules with the same words, keeps the longest and surest.
fn keep_longest(seen: &mut Vec<Candidate>) {
    seen.sort_by(|a, b| {
        let sure = |c: &Candidate| (c.score >= 0.5, !c.paired, c.end - c.first);
        sure(b)
            .cmp(&sure(a))
            .then(b.score.total_cmp(&a.score))
            .then(a.hit.disguises.len().cmp(&b.hit.disguises.len()))
            .then(a.first.cmp(&b.first))
            .then((a.rule, a.term, a.hit.pattern).cmp(&(b.rule, b.term, b.hit.pattern)))
    });
    let mut kept: Vec<Candidate> = Vec::new();
    for c in seen.drain(..) {
        let inside = |k: &Candidate| k.first <= c.first && c.end <= k.end;
        let overlaps = |k: &Candidate| k.first < c.end && c.first < k.end;
        if !kept.iter().any(|k| inside(k) || k.rule == c.rule && overlaps(k)) {
            kept.push(c);
        }
    }
    kept.sort_by_key(|c| (c.first, c.end, c.rule));
    *seen = kept;
}
