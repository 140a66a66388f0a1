//! Judges one text: which places it names, which contacts it gives, and what the words around them make of that.
//!
//! Every name has a base score; cues around it add or take away, each group of cues once; an account beside a messenger's
//! name and a disguise add. What the sum says is the finding's score, and 0.5 is where the detector stands by it. A
//! situation (`market.invite`, `mobile`, …) selects the rule: `invite` when something around the name asks people over,
//! `mention` when nothing does.

use std::cell::OnceCell;

use huoyan_text::{
    Contact, ContactKind, Disguises, Folded, Gap, Hit, Scratch, Signs, contacts, figures_from, figures_split,
    is_common_word,
};
use serde::Deserialize;

use crate::identifier::{self, Account};
use crate::lexicon::{Entry, Lexicon, host};
use crate::overlay::Overlaid;
use crate::pack::{Alias, Class, Identifier, Side};

/// Who wrote the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Voice {
    /// The shop, in a listing.
    Shop,
    /// A buyer, in a review.
    Buyer,
}

/// One thing seen in a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen<'l> {
    /// The rule's id.
    pub rule: &'l str,
    /// Confidence in [0, 1].
    pub score: f64,
    /// Where it begins, in bytes.
    pub start: u32,
    /// Where it ends, in bytes.
    pub end: u32,
    /// Which place or kind of contact.
    pub target: &'l str,
    /// How it was hidden.
    pub disguises: Disguises,
    /// The plain form.
    pub canonical: String,
    /// The groups of cues that counted.
    pub cues: Vec<&'l str>,
}

/// Working memory; one per thread.
#[derive(Clone, Debug, Default)]
pub struct Work {
    scratch: Scratch,
    hits: Vec<Hit>,
    contacts: Vec<Contact>,
}

/// Findings below this score are not worth writing even on request.
pub const FLOOR: f64 = 0.25;

/// Most findings of one text; what floods a text with names is flagged by the first.
pub const MOST: usize = 16;

/// What is added for a name whose letters were visibly tampered with.
const TAMPERED: f64 = 0.15;
/// What is taken from a spelling with replaced characters, with nothing but such, and from one that is a common word.
const REPLACED: f64 = 0.05;
const REPLACED_ALL: f64 = 0.25;
const COMMON: f64 = 0.4;
/// What is taken from a name written backwards.
const REVERSED: f64 = 0.35;
/// What an account beside a messenger's name adds.
const ACCOUNT: f64 = 0.55;
/// What a plus sign before a messenger's name adds: it asks to add somebody.
const PLUS: f64 = 0.5;
/// What is taken from a marketplace that a buyer names: comparing prices is what reviews do.
const BUYER: f64 = 0.25;

/// What is known of a text besides its words.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'a> {
    /// Who wrote it.
    pub voice: Voice,
    /// The platform the record is on, which is never a third party.
    pub own: Option<&'a str>,
    /// Changes to the lexicon, made for it.
    pub overlay: Option<&'a Overlaid>,
}

impl Setting<'_> {
    /// A text by `voice`, on no platform and with no overlay.
    pub const fn of(voice: Voice) -> Self {
        Self { voice, own: None, overlay: None }
    }
}

/// Judges `text`.
pub fn screen<'l>(lexicon: &'l Lexicon, text: &str, setting: Setting<'l>, work: &mut Work) -> Vec<Seen<'l>> {
    let Work { scratch, hits, contacts: found } = work;
    hits.clear();
    if let Some(overlay) = setting.overlay {
        hits.extend_from_slice(overlay.matcher.find(text, scratch));
    }
    let signs = lexicon.names.glance(text, scratch);
    if hits.is_empty() && !signs.patterns() && !signs.contacts() && !signs.has(Signs::MASKED) {
        return Vec::new();
    }
    scratch.fold(text);
    lexicon.names.find_signs(text, signs, scratch);
    let removed = |hit: &&Hit| setting.overlay.is_some_and(|overlay| overlay.removes(hit.id));
    hits.extend(scratch.hits().iter().filter(|hit| !removed(hit)));
    found.clear();
    if signs.contacts() {
        contacts(text, scratch.folded(), found);
    }
    let told = |hit: &Hit| lexicon.entries.get(hit.id as usize) != Some(&Entry::Piece) || signs.has(Signs::FIGURES);
    if !hits.iter().any(told) && found.is_empty() && !signs.has(Signs::MASKED) {
        return Vec::new();
    }
    if let Some(overlay) = setting.overlay {
        disallow(overlay, hits);
    }
    lexicon.around.find_folded(text, scratch);
    hits.extend_from_slice(scratch.hits());
    hits.sort_unstable_by_key(|hit| (hit.start, hit.end, hit.id));
    thin_pictures(hits);
    let longest = hits.iter().map(|hit| hit.end_atom - hit.first_atom).max().unwrap_or(0);
    let token = OnceCell::new();
    let Setting { voice, own, overlay } = setting;
    let scene = Scene { lexicon, overlay, text, folded: scratch.folded(), hits, longest, token, own, voice };
    let mut seen = Vec::new();
    for hit in scene.hits {
        if let Some((alias, word)) = scene.alias(hit) {
            seen.extend(scene.name(hit, alias, word));
        }
    }
    for contact in found {
        seen.extend(scene.contact(contact));
    }
    seen.extend(scene.masked());
    seen.extend(scene.pieces());
    if let Some(overlay) = overlay {
        seen.retain(|seen| !overlay.switches_off(seen.rule));
    }
    settle(seen)
}

/// Of pictures in a row, which all stand at the same place between two characters and see the same words, keeps the first
/// and the last: a text full of them stays a matter of its length.
fn thin_pictures(hits: &mut Vec<Hit>) {
    let pictured = |hit: &Hit| hit.first_atom == hit.end_atom;
    let mut kept = 0;
    let mut at = 0;
    while at < hits.len() {
        let place = hits[at].first_atom;
        let row = hits[at..].iter().take_while(|hit| pictured(hit) && hit.first_atom == place).count().max(1);
        for i in at..at + row {
            if i < at + MOST || i + MOST >= at + row {
                hits[kept] = hits[i];
                kept += 1;
            }
        }
        at += row;
    }
    hits.truncate(kept);
}

/// Takes out the names that stand inside an overlay's allowed phrases, and the phrases.
fn disallow(overlay: &Overlaid, hits: &mut Vec<Hit>) {
    let mut allowed: Vec<(u32, u32)> =
        hits.iter().filter(|hit| overlay.allows(hit.id)).map(|hit| (hit.start, hit.end)).collect();
    if allowed.is_empty() {
        return;
    }
    // In the order of their starts; what ends inside an earlier one adds nothing.
    allowed.sort_unstable_by_key(|(start, end)| (*start, std::cmp::Reverse(*end)));
    let mut reach = 0;
    allowed.retain(|(_, end)| {
        let further = reach < *end;
        reach = reach.max(*end);
        further
    });
    hits.retain(|hit| {
        let at = allowed.partition_point(|(start, _)| *start <= hit.start);
        !overlay.allows(hit.id) && at.checked_sub(1).is_none_or(|at| allowed[at].1 < hit.end)
    });
}

/// One text with all that was found in it.
struct Scene<'l, 'a> {
    lexicon: &'l Lexicon,
    overlay: Option<&'l Overlaid>,
    text: &'a str,
    folded: &'a Folded,
    /// In the order of the text.
    hits: &'a [Hit],
    /// Atoms of the longest hit.
    longest: u32,
    /// What tokens in the text are for, once asked.
    token: OnceCell<&'l str>,
    own: Option<&'a str>,
    voice: Voice,
}

impl<'l> Scene<'l, '_> {
    /// What a hit is; nothing when it is the overlay's.
    fn entry(&self, hit: &Hit) -> Option<Entry> {
        self.lexicon.entries.get(hit.id as usize).copied()
    }

    /// The name that a hit is.
    fn alias(&self, hit: &Hit) -> Option<(&'l Alias, &'l str)> {
        match self.entry(hit) {
            Some(Entry::Alias(alias, word)) => {
                let alias = &self.lexicon.aliases[alias];
                Some((alias, &alias.words[word]))
            }
            Some(_) => None,
            None => self.overlay?.name(hit.id),
        }
    }

    fn name(&self, hit: &Hit, alias: &'l Alias, word: &str) -> Option<Seen<'l>> {
        if self.is_own(&alias.target) {
            return None;
        }
        if alias.open && !self.ends_open(hit) {
            return None;
        }
        let mut score = alias.base;
        let mut disguises = hit.disguises;
        if alias.slang {
            disguises |= Disguises::SLANG;
        }
        if tampered(hit.disguises) {
            score += TAMPERED;
        }
        if hit.changed > 0 {
            let all =
                hit.end_atom - hit.first_atom == u32::from(hit.changed) && !hit.disguises.contains(Disguises::PINYIN);
            score -= if hit.common {
                COMMON
            } else if all {
                REPLACED_ALL
            } else {
                REPLACED
            };
        }
        if hit.disguises.contains(Disguises::REVERSED) {
            score -= REVERSED;
            if self.is_word(hit) {
                score -= COMMON * 0.75;
            }
        }
        let (cues, weight) = self.weigh(hit, alias.class);
        score += weight;
        let mut invites = !cues.is_empty() && weight > 0.0;
        let (mut start, mut end) = (hit.start, hit.end);
        let mut canonical = word.to_owned();
        let account = self.account(hit, alias);
        if alias.id == Identifier::Colon && account.is_none() && !self.plus_before(hit) {
            // A single sign says nothing by itself, and emoticons are full of such signs: (^ω^).
            return None;
        }
        if let Some(account) = account {
            score += ACCOUNT;
            invites = true;
            disguises |= account.disguises;
            let atoms = self.folded.atoms();
            start = start.min(atoms[account.first_atom].start);
            end = end.max(atoms[account.end_atom - 1].end);
            canonical = format!("{canonical} {}", account.canonical);
        }
        let mut situation = format!("{}.{}", alias.class.as_str(), if invites { "invite" } else { "mention" });
        if self.voice == Voice::Buyer {
            if self.complains(hit) {
                situation = "complaint".to_owned();
                score = score.min(0.45);
            } else if !invites {
                // Where somebody bought is part of an honest account; without an invitation it is held against nobody.
                score = (score - BUYER).min(0.45);
            } else if alias.class == Class::Market {
                score -= BUYER;
            }
        }
        let target = &alias.target;
        let specific = format!("{situation}.{target}");
        let rule = self.lexicon.rule(&specific).or_else(|| self.lexicon.rule(&situation))?;
        seen(rule, score, start, end, target, disguises, canonical, cues)
    }

    /// The hits that can be near enough to matter to atoms `first..end`: a text full of names stays a matter of its length.
    fn around(&self, first: u32, end: u32) -> &[Hit] {
        let reach = self.lexicon.reach;
        let from = self.hits.partition_point(|hit| hit.first_atom.saturating_add(self.longest + reach) < first);
        let to = self.hits.partition_point(|hit| hit.first_atom <= end.saturating_add(reach));
        &self.hits[from..to]
    }

    fn is_own(&self, target: &str) -> bool {
        // Tmall shops are on Taobao and the reverse.
        fn house(name: &str) -> &str {
            if name == "tmall" { "taobao" } else { name }
        }
        self.own.is_some_and(|own| house(own) == house(target))
    }

    /// Whether the name ends where a word ends.
    fn ends_open(&self, hit: &Hit) -> bool {
        let end = hit.end_atom as usize;
        let Some(next) = self.folded.atoms().get(end) else { return true };
        if !next.gap.is_empty() || !next.code.is_alphabetic() || next.code.is_ascii_alphanumeric() {
            return true;
        }
        "哦呀吧了哈啊吗看聊问拿领详咨同进私发拉送即可".contains(next.code)
            || self.around(hit.end_atom, hit.end_atom).iter().any(|cue| {
                cue.first_atom as usize == end
                    && matches!(self.entry(cue), Some(Entry::Cue(cue)) if self.lexicon.cues[cue].weight > 0.0)
            })
    }

    /// The groups of cues that count for a name, and their sum.
    fn weigh(&self, hit: &Hit, class: Class) -> (Vec<&'l str>, f64) {
        let mut counted: Vec<(&'l str, f64)> = Vec::new();
        let mut count = |group: &'l str, weight: f64| match counted.iter_mut().find(|(known, _)| *known == group) {
            Some((_, best)) if weight.abs() > best.abs() => *best = weight,
            Some(_) => {}
            None => counted.push((group, weight)),
        };
        for other in self.around(hit.first_atom, hit.end_atom) {
            let Some(Entry::Cue(cue)) = self.entry(other) else { continue };
            let cue = &self.lexicon.cues[cue];
            if !cue.classes.contains(&class) || cue.voice.is_some_and(|voice| voice != self.voice) {
                continue;
            }
            // What may be an ordinary word is taken for a name only by words that touch it.
            let reach = if hit.changed > 0 && (hit.common || replaced_all(hit)) { 0 } else { cue.reach };
            let before = cue.side != Side::After && self.near(other.end_atom, hit.first_atom, reach);
            let after = cue.side != Side::Before && self.near(hit.end_atom, other.first_atom, reach);
            // What makes an ordinary thing of a name stands right beside it: 微信支付, not 微信，支付.
            let beside = |from: u32, to: u32| (from..=to).all(|at| self.folded.gap_before(at as usize).is_empty());
            let touches = cue.weight > 0.0
                || before && beside(other.end_atom, hit.first_atom)
                || after && beside(hit.end_atom, other.first_atom);
            if (before || after) && touches {
                count(&cue.group, cue.weight);
            }
        }
        if class == Class::Messenger && self.plus_before(hit) {
            count("invite", PLUS);
        }
        let sum = counted.iter().map(|(_, weight)| weight).sum();
        counted.retain(|(_, weight)| *weight > 0.0);
        counted.sort_unstable_by_key(|(group, _)| *group);
        (counted.into_iter().map(|(group, _)| group).collect(), sum)
    }

    /// Whether the text at the hit is a common word.
    fn is_word(&self, hit: &Hit) -> bool {
        let atoms = &self.folded.atoms()[hit.first_atom as usize..hit.end_atom as usize];
        let mut word = ['\0'; 4];
        atoms.len() <= word.len() && {
            word.iter_mut().zip(atoms).for_each(|(slot, atom)| *slot = atom.code);
            is_common_word(&word[..atoms.len()])
        }
    }

    /// Whether atom `to` follows atom `from` within `reach` characters and the same clause.
    fn near(&self, from: u32, to: u32, reach: u32) -> bool {
        from <= to
            && to - from <= reach
            && (from..=to).all(|at| !self.folded.gap_before(at as usize).has(Gap::BOUNDARY))
    }

    /// A plus sign asks to add somebody: +V.
    fn plus_before(&self, hit: &Hit) -> bool {
        let before = self.text[..hit.start as usize].trim_end();
        let bare = before.trim_end_matches(['+', '＋', '➕', '✚']);
        // T+V, 3+1: between letters and figures it only joins.
        bare.len() < before.len() && !bare.ends_with(|c: char| c.is_ascii_alphanumeric())
    }

    fn account(&self, hit: &Hit, alias: &Alias) -> Option<Account> {
        if !matches!(alias.class, Class::Messenger | Class::Contact) {
            return None;
        }
        let found = identifier::after(self.text, self.folded, hit.end_atom as usize, alias.id);
        // A number told before the name: 893… Q, 139…（微信号）.
        let written_before = alias.target == "qq" || alias.base >= 0.4;
        found.or_else(|| written_before.then(|| identifier::before(self.folded, hit.first_atom as usize)).flatten())
    }

    fn complains(&self, hit: &Hit) -> bool {
        self.around(hit.first_atom, hit.end_atom).iter().any(|other| {
            self.entry(other) == Some(Entry::Complaint)
                && other.first_atom <= hit.end_atom
                && hit.first_atom.saturating_sub(other.end_atom) <= self.lexicon.complaint_reach
        })
    }

    fn contact(&self, contact: &Contact) -> Option<Seen<'l>> {
        let lexicon = self.lexicon;
        let (situation, mut score, target) = match contact.kind {
            ContactKind::Mobile => ("mobile", 0.6, "phone"),
            ContactKind::Landline => ("landline", 0.6, "phone"),
            ContactKind::Service => ("service", 0.55, "phone"),
            ContactKind::Email => ("email", 0.8, "email"),
            ContactKind::Url if self.overlay.is_some_and(|overlay| overlay.owns(host(&contact.canonical))) => {
                return None;
            }
            ContactKind::Url => ("url", 0.7, lexicon.domain(&contact.canonical)?),
            ContactKind::Ip => ("url", 0.6, "url"),
            ContactKind::ShareToken => ("token", 0.75, *self.token.get_or_init(|| self.token_target())),
        };
        if self.is_own(target) {
            return None;
        }
        let mut cues = Vec::new();
        if target == "phone" {
            let weight = self.number_weight(contact);
            score += weight;
            if weight > 0.0 {
                cues.push("number");
            }
        }
        if !contact.disguises.is_empty() {
            score += TAMPERED;
        }
        let rule = lexicon.rule(situation)?;
        seen(rule, score, contact.start, contact.end, target, contact.disguises, contact.canonical.clone(), cues)
    }

    /// What the words before a number say about it.
    fn number_weight(&self, contact: &Contact) -> f64 {
        let atoms = self.folded.atoms();
        let first = atoms.partition_point(|atom| atom.end <= contact.start) as u32;
        let (mut good, mut bad) = (0.0_f64, 0.0_f64);
        for other in self.around(first, first) {
            let Some(Entry::Number(cue)) = self.entry(other) else { continue };
            let cue = &self.lexicon.numbers[cue];
            if self.near(other.end_atom, first, cue.reach) {
                good = good.max(cue.weight);
                bad = bad.min(cue.weight);
            }
        }
        good + bad
    }

    /// Whose app a token is for: the nearest marketplace or social platform named in the text, else Taobao, which the
    /// form of the token comes from.
    fn token_target(&self) -> &'l str {
        let named = self.hits.iter().find_map(|hit| match self.alias(hit) {
            Some((alias, _)) if hit.changed == 0 && !hit.disguises.contains(Disguises::REVERSED) => {
                (alias.class == Class::Market && alias.target != "other" && alias.base > 0.3)
                    .then_some(alias.target.as_str())
            }
            _ => None,
        });
        named.unwrap_or("taobao")
    }

    /// A number whose figures are masked, after words that announce one: 电话xxxxxxxxxxx.
    fn masked(&self) -> Option<Seen<'l>> {
        let atoms = self.folded.atoms();
        let announced = self.hits.iter().filter(
            |hit| matches!(self.entry(hit), Some(Entry::Number(cue)) if self.lexicon.numbers[cue].weight > 0.0),
        );
        for hit in announced {
            let at = hit.end_atom as usize;
            if atoms.get(at).is_none_or(|atom| atom.code != 'x' && atom.code != '1' && atom.code != '0') {
                continue;
            }
            let Some(figures) = figures_from(self.folded, at, 1, true, 7) else { continue };
            let masked = figures.digits.bytes().filter(|b| *b == b'x').count();
            if (7..=12).contains(&figures.digits.len()) && masked >= 4 {
                let end = atoms[figures.end_atom - 1].end;
                let rule = self.lexicon.rule("mobile")?;
                return seen(rule, 0.55, hit.start, end, "phone", figures.disguises, figures.digits, vec!["number"]);
            }
        }
        None
    }

    /// A number told in pieces: 前三位139中间1234后面5678.
    fn pieces(&self) -> Option<Seen<'l>> {
        let mut told = self.hits.iter().filter(|hit| self.entry(hit) == Some(Entry::Piece));
        let (first, _second) = (told.next()?, told.next()?);
        let figures = figures_split(self.folded, first.end_atom as usize, 40, 6);
        let mobile = figures.digits.len() == 11 && figures.digits.starts_with('1');
        if !mobile || figures.disguises.is_empty() {
            return None;
        }
        let atoms = self.folded.atoms();
        let end = atoms[figures.end_atom - 1].end;
        seen(
            self.lexicon.rule("mobile")?,
            0.8,
            first.start,
            end,
            "phone",
            figures.disguises,
            figures.digits,
            vec!["pieces"],
        )
    }
}

/// Whether nothing of the name itself is left, other than in pinyin.
fn replaced_all(hit: &Hit) -> bool {
    hit.end_atom - hit.first_atom == u32::from(hit.changed) && !hit.disguises.contains(Disguises::PINYIN)
}

/// Whether letters or characters were made to look other than they are, beyond another width or an older form.
fn tampered(disguises: Disguises) -> bool {
    let usual = Disguises::FULLWIDTH
        | Disguises::TRADITIONAL
        | Disguises::SPACE
        | Disguises::HOMOPHONE
        | Disguises::GLYPH
        | Disguises::PINYIN
        | Disguises::INITIALS
        | Disguises::REVERSED
        | Disguises::REPEAT
        | Disguises::NOISE;
    !disguises.without(usual).is_empty()
}

#[expect(
    clippy::too_many_arguments,
    reason = "a constructor of a flat record, called in three places beside each other"
)]
fn seen<'l>(
    rule: &'l str,
    score: f64,
    start: u32,
    end: u32,
    target: &'l str,
    disguises: Disguises,
    canonical: String,
    cues: Vec<&'l str>,
) -> Option<Seen<'l>> {
    // Rounded, so that sums of weights do not depend on the order they are added in.
    let score = (score.clamp(0.0, 0.97) * 1000.0).round() / 1000.0;
    (score >= FLOOR).then_some(Seen { rule, score, start, end, target, disguises, canonical, cues })
}

/// Keeps the best of what overlaps, in the order of the text.
fn settle(mut seen: Vec<Seen<'_>>) -> Vec<Seen<'_>> {
    seen.sort_by(|a, b| {
        let by_score = b.score.total_cmp(&a.score);
        by_score
            .then((b.end - b.start).cmp(&(a.end - a.start)))
            .then(a.start.cmp(&b.start))
            .then(a.rule.cmp(b.rule))
            .then(a.target.cmp(b.target))
    });
    let mut kept: Vec<Seen<'_>> = Vec::new();
    for candidate in seen {
        let covered = kept.iter().any(|other| other.start < candidate.end && candidate.start < other.end);
        if !covered && kept.len() < MOST {
            kept.push(candidate);
        }
    }
    kept.sort_by_key(|seen| (seen.start, seen.end));
    kept
}
