//! The detector's judgement: from automaton hits to findings.
//!
//! A text is folded and searched once for the anchors of every term. Only where an anchor stands is the rest of its term
//! read, the rule's allowed phrases and contexts are tried, and weak terms are paired. What must stay true: a text without
//! an anchor costs one pass and allocates nothing; what is found does not depend on the order of rules or packs.

use huoyan_text::{Disguises, Hit, Scratch, sound_alike};

use crate::context::{Nearby, Surroundings};
use crate::layer::{Layer, LayerBuilder, Weight};
use crate::overlay::Overlay;
use crate::pack::{Contexts, Pack, PackError, Rule, Text};
use crate::phrase::{Node, parse};
use crate::reading::{Bent, Place, Reading};
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

impl ScreenRule {
    /// `names` are those of the contexts.
    fn new(rule: &Rule, names: &[&String], fail: &mut dyn FnMut(String)) -> Self {
        let (mut contexts, mut allow) = (Vec::new(), Vec::new());
        for name in &rule.contexts {
            match names.iter().position(|known| *known == name) {
                Some(context) => contexts.push(context),
                None => fail(format!("context '{name}' is not in 'contexts'")),
            }
        }
        for term in &rule.allow {
            match parse(term) {
                Ok(phrase) => allow.push(phrase),
                Err(what) => fail(what),
            }
        }
        let zh = |text: &Option<Text>| text.as_ref().map(|text| text.zh.clone()).unwrap_or_default();
        Self {
            id: rule.id.clone(),
            category: rule.category.clone(),
            clause: zh(&rule.clause),
            rewrite: zh(&rule.rewrite),
            goods: !WORDING.contains(&rule.category.as_str()),
            allow,
            contexts,
        }
    }
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
    /// It is an overlay's term.
    added: bool,
    rule: usize,
    term: usize,
    anchor: usize,
    weak: bool,
    /// Two weak terms together.
    paired: bool,
    /// Characters replaced beside the anchor.
    bent: Option<Bent>,
    hit: Hit,
    first: usize,
    end: usize,
    score: f64,
}

/// Rule packs ready to be applied.
#[derive(Clone, Debug)]
pub struct Screen {
    rules: Vec<ScreenRule>,
    layer: Layer,
    surroundings: Surroundings,
}

/// An [`Overlay`] ready to be laid over the screen that it was made for.
#[derive(Clone, Debug)]
pub struct Overlaid {
    /// Its own terms.
    layer: Layer,
    /// By term of the screen, whether it no longer counts; empty when all do.
    removed: Vec<bool>,
    /// Phrases that are fine in one rule, or in every.
    allow: Vec<(Option<usize>, Vec<Node>)>,
}

/// Categories of claims, made of everyday words.
const WORDING: &[&str] = &["absolute", "medical_claim", "false_discount", "incentive", "counterfeit", "other"];

/// Disguises that nobody writes by chance inside a word.
const EVASIVE: Disguises = Disguises::ZERO_WIDTH
    .and(Disguises::EMOJI_NOISE)
    .and(Disguises::EMOJI)
    .and(Disguises::SPLIT_CHAR)
    .and(Disguises::PINYIN);

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
        let (mut rules, mut builder) = (Vec::<ScreenRule>::new(), LayerBuilder::default());
        let mut wrong = Vec::new();
        for pack in packs {
            for rule in &pack.rules {
                let mut fail =
                    |what: String| wrong.push(format!("rule {} of pack '{}': {what}", rule.id, pack.pack.name));
                if rules.iter().any(|known| known.id == rule.id) {
                    fail("this id is used twice".into());
                }
                for (list, weight) in [
                    (&rule.terms, Weight::Strong),
                    (&rule.exact, Weight::Exact),
                    (&rule.hidden, Weight::Hidden),
                    (&rule.weak, Weight::Weak),
                ] {
                    for term in list {
                        builder.add(rules.len(), term, weight).unwrap_or_else(&mut fail);
                    }
                }
                rules.push(ScreenRule::new(rule, &names, &mut fail));
            }
        }
        if !wrong.is_empty() {
            return Err(PackError::new(wrong.join("; ")));
        }
        let layer = builder.build().map_err(|e| PackError::new(format!("the rule packs cannot be compiled: {e}")))?;
        Ok(Self { rules, layer, surroundings: Surroundings::new(contexts)? })
    }

    /// Makes an overlay ready. The screen stays as it is, and what this costs depends on the overlay alone.
    ///
    /// # Errors
    /// Names every rule and term of the overlay that the packs do not have, or that cannot be read.
    pub fn overlay(&self, overlay: &Overlay) -> Result<Overlaid, PackError> {
        let name = overlay.overlay.as_ref().map_or("the configuration", |head| &head.name);
        let (mut builder, mut removed, mut allow) = (LayerBuilder::default(), Vec::new(), Vec::new());
        let mut wrong = Vec::new();
        for phrase in &overlay.allow {
            match parse(phrase) {
                Ok(phrase) => allow.push((None, phrase)),
                Err(what) => wrong.push(what),
            }
        }
        for (id, change) in &overlay.rules {
            let Some(rule) = self.rules.iter().position(|rule| rule.id == *id) else {
                wrong.push(format!("there is no rule '{id}' in the rule packs; 'huoyan rules list' names them"));
                continue;
            };
            let mut fail = |what: String| wrong.push(format!("rule {id}: {what}"));
            for (list, weight) in [
                (&change.terms, Weight::Strong),
                (&change.exact, Weight::Exact),
                (&change.hidden, Weight::Hidden),
                (&change.weak, Weight::Weak),
            ] {
                for term in list {
                    builder.add(rule, term, weight).unwrap_or_else(&mut fail);
                }
            }
            for phrase in &change.allow {
                match parse(phrase) {
                    Ok(phrase) => allow.push((Some(rule), phrase)),
                    Err(what) => fail(what),
                }
            }
            if change.off || !change.remove.is_empty() {
                removed.resize(self.layer.terms.len(), false);
            }
            let mut remove = |wanted: Option<&String>| {
                let mut known = false;
                for (term, removed) in self.layer.terms.iter().zip(&mut removed) {
                    let here = term.rule == rule && wanted.is_none_or(|w| self.layer.written[term.written].1 == *w);
                    *removed |= here;
                    known |= here;
                }
                known
            };
            if change.off {
                remove(None);
            }
            for term in &change.remove {
                if !remove(Some(term)) {
                    fail(format!("it has no term '{term}' to remove; write it as the pack does"));
                }
            }
        }
        if !wrong.is_empty() {
            return Err(PackError::new(format!("overlay '{name}': {}", wrong.join("; "))));
        }
        let layer = builder.build().map_err(|e| PackError::new(format!("overlay '{name}' cannot be compiled: {e}")))?;
        Ok(Overlaid { layer, removed, allow })
    }

    /// The rules, in the order of the packs.
    pub fn rules(&self) -> &[ScreenRule] {
        &self.rules
    }

    /// How many anchors the automaton holds.
    pub fn anchors(&self) -> usize {
        self.layer.anchors.len()
    }

    /// Finds what `text` suggests; `category` is the listing's, empty when it has none. `found` is emptied first.
    pub fn scan(&self, text: &str, category: &str, work: &mut Workspace, found: &mut Vec<Found>) {
        self.scan_with(None, text, category, work, found);
    }

    /// As [`Self::scan`], with the changes of an overlay made for this screen.
    pub fn scan_with(
        &self,
        overlay: Option<&Overlaid>,
        text: &str,
        category: &str,
        work: &mut Workspace,
        found: &mut Vec<Found>,
    ) {
        found.clear();
        let Workspace { scratch, seen, room, nearby } = work;
        seen.clear();
        let mut fresh = true;
        let added = overlay.filter(|overlay| !overlay.layer.terms.is_empty()).map(|overlay| (true, &overlay.layer));
        for (added, layer) in added.into_iter().chain([(false, &self.layer)]) {
            if layer.matcher.find(text, scratch).is_empty() {
                continue;
            }
            if std::mem::take(&mut fresh) {
                nearby.clear();
                // Each kind of each rule has its own bound, so that a flood of one word cannot hide another.
                room.clear();
                room.resize(self.rules.len(), [MOST_SEEN; 3]);
            }
            let reading = Reading { text, atoms: scratch.folded().atoms() };
            for hit in scratch.hits() {
                let anchor = hit.id as usize;
                for &at in &layer.anchors[anchor].1 {
                    if !added && overlay.is_some_and(|overlay| overlay.removed.get(at) == Some(&true)) {
                        continue;
                    }
                    let Some(mut candidate) = self.candidate(layer, &reading, hit, anchor, at) else { continue };
                    candidate.added = added;
                    let kind = &mut room[candidate.rule]
                        [usize::from(candidate.weak) + 2 * usize::from(!candidate.weak && candidate.score < 0.5)];
                    if *kind > 0 && !self.cleared(overlay, &reading, nearby, &candidate, category) {
                        *kind -= 1;
                        seen.push(candidate);
                    }
                }
            }
        }
        if seen.is_empty() {
            return;
        }
        // Whichever layer folded the text last, it is the same text.
        let reading = Reading { text, atoms: scratch.folded().atoms() };
        pair_weak(&reading, seen);
        keep_longest(seen);
        let mut counts = vec![0; self.rules.len()];
        for candidate in seen.iter() {
            counts[candidate.rule] += 1;
            if counts[candidate.rule] <= MOST {
                let layer = overlay.filter(|_| candidate.added).map_or(&self.layer, |overlay| &overlay.layer);
                found.push(report(layer, &reading, candidate));
            }
        }
    }

    fn candidate(
        &self,
        layer: &Layer,
        reading: &Reading<'_>,
        hit: &Hit,
        anchor: usize,
        at: usize,
    ) -> Option<Candidate> {
        let term = &layer.terms[at];
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
        let score =
            trust(hit, &layer.anchors[anchor].0, rest, goods, reading) - if bent.is_some() { 0.15 } else { 0.0 };
        let rule = term.rule;
        Some(Candidate {
            added: false,
            rule,
            term: at,
            anchor,
            weak,
            paired: false,
            bent,
            hit: *hit,
            first,
            end,
            score,
        })
    }

    /// Whether an allowed phrase, a context or the listing's category clears the hit.
    fn cleared(
        &self,
        overlay: Option<&Overlaid>,
        reading: &Reading<'_>,
        nearby: &mut Nearby,
        c: &Candidate,
        category: &str,
    ) -> bool {
        let (rule, around) = (&self.rules[c.rule], &self.surroundings);
        !rule.contexts.is_empty()
            && (around.clears(&rule.contexts, reading, nearby, c.first..c.end)
                || !category.is_empty() && rule.contexts.iter().any(|at| around.has_category(*at, category)))
            || rule.allow.iter().any(|phrase| covered(reading, phrase, c))
            || overlay.is_some_and(|overlay| {
                let here = |of: Option<usize>| of.is_none_or(|rule| rule == c.rule);
                overlay.allow.iter().any(|(of, phrase)| here(*of) && covered(reading, phrase, c))
            })
    }
}

/// Whether the phrase stands there, overlaps the candidate and is no shorter.
fn covered(reading: &Reading<'_>, phrase: &[Node], c: &Candidate) -> bool {
    (c.first.saturating_sub(ALLOW_REACH)..c.end)
        .any(|at| reading.read(phrase, at).is_some_and(|end| end > c.first && end - at >= c.end - c.first))
}

fn report(layer: &Layer, reading: &Reading<'_>, c: &Candidate) -> Found {
    let atoms = reading.atoms;
    let (from, to) = (c.hit.first_atom as usize, c.hit.end_atom as usize);
    let codes = |range: std::ops::Range<usize>| atoms.get(range).unwrap_or(&[]).iter().map(|atom| atom.code);
    let plain = |range: std::ops::Range<usize>| {
        range.clone().zip(codes(range)).map(|(at, code)| match c.bent {
            Some(bent) if bent.at == at => bent.stands_for,
            _ => code,
        })
    };
    let canonical = plain(c.first..from).chain(layer.anchors[c.anchor].0.chars()).chain(plain(to..c.end)).collect();
    let mut disguises = c.hit.disguises;
    let figures = |text: &str| text.bytes().filter(u8::is_ascii_digit).count();
    let own = &layer.anchors[c.anchor].0;
    if own.is_ascii() && codes(from..to).filter(char::is_ascii_digit).count() > figures(own) {
        disguises |= Disguises::CONFUSABLE;
    }
    if let Some(bent) = c.bent {
        let alike = sound_alike(bent.stands_for, atoms[bent.at].code);
        disguises |= if alike { Disguises::HOMOPHONE } else { Disguises::GLYPH };
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

/// Keeps weak terms only where two different ones of a rule stand close together, and joins those.
fn pair_weak(reading: &Reading<'_>, seen: &mut Vec<Candidate>) {
    if !seen.iter().any(|c| c.weak) {
        return;
    }
    seen.sort_by_key(|c| (c.first, c.end, c.rule, c.added, c.term));
    let mut joined = Vec::new();
    for (i, a) in seen.iter().enumerate().filter(|(_, c)| c.weak) {
        let partner = seen[i + 1..]
            .iter()
            .find(|b| b.weak && b.rule == a.rule && (b.added, b.term) != (a.added, a.term) && b.first >= a.end);
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
            .then((a.rule, a.added, a.term, a.hit.pattern).cmp(&(b.rule, b.added, b.term, b.hit.pattern)))
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
