//! Whether a candidate really is the pattern: repeats, noise, clause ends, word boundaries, common words, allowed phrases.

use super::Hit;
use super::form::{Form, Role};
use crate::{Atom, Boundary, Disguises, Folded, Gap, Key, Kind, Variants, is_common_word};

/// What a search has found so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Found {
    pub hits: Vec<Hit>,
    guards: Vec<Guard>,
}

impl Found {
    pub(super) fn clear(&mut self) {
        self.hits.clear();
        self.guards.clear();
    }
}

/// The stretch of atoms that an allowed phrase covers.
#[derive(Clone, Copy, Debug)]
struct Guard {
    first: u32,
    end: u32,
    cuts: bool,
}

/// A candidate in the plain view.
pub(super) fn plain(form: Form<'_>, keys: &[Key], folded: &Folded, found: &mut Found) {
    candidate(form, keys, folded, Disguises::NONE, 0, found);
}

/// A candidate in the view of sounds: which characters were replaced, and are the replacements words of their own?
pub(super) fn sounding(form: Form<'_>, keys: &[Key], folded: &Folded, found: &mut Found) {
    let atoms = folded.atoms();
    if keys.iter().zip(form.codes.iter()).all(|(key, code)| atoms[key.first as usize].code == *code) {
        return;
    }
    let (mut replaced, mut spelled) = (0_u8, 0_u8);
    for (key, code) in keys.iter().zip(form.codes.iter()) {
        let atom = &atoms[key.first as usize];
        if atom.kind == Kind::Latin && *code != atom.code {
            spelled += 1;
        } else if atom.code != *code {
            replaced += 1;
        }
    }
    let changed = replaced + spelled;
    let len = keys.len() as u8;
    let whole = spelled == len;
    let wanted = if whole { Variants::PINYIN } else { Variants::HOMOPHONE };
    if changed == 0 || !form.variants.contains(wanted) || !whole && len - changed < form.min_exact {
        return;
    }
    let mut disguises = Disguises::NONE;
    if replaced > 0 {
        disguises |= Disguises::HOMOPHONE;
    }
    if spelled > 0 {
        disguises |= Disguises::PINYIN;
    }
    candidate(form, keys, folded, disguises, changed, found);
}

/// A candidate in the view of composed characters; one of them must have been composed.
pub(super) fn composed(form: Form<'_>, keys: &[Key], folded: &Folded, found: &mut Found) {
    if form.variants.contains(Variants::SPLIT) && keys.iter().any(|key| key.atoms != key.run) {
        candidate(form, keys, folded, Disguises::SPLIT_CHAR, 0, found);
    }
}

/// A candidate of which some characters are look-alikes.
pub(super) fn looking(form: Form<'_>, keys: &[Key], folded: &Folded, found: &mut Found) {
    let changed = keys.iter().zip(form.codes.iter()).filter(|(key, code)| key.code != **code).count() as u8;
    if keys.len() as u8 - changed >= form.min_exact.max(1) {
        candidate(form, keys, folded, Disguises::GLYPH, changed, found);
    }
}

fn candidate(form: Form<'_>, keys: &[Key], folded: &Folded, how: Disguises, changed: u8, found: &mut Found) {
    let mut repeated = false;
    if form.single {
        repeated = keys.iter().any(|key| key.run > 1);
    } else {
        for (at, key) in keys.iter().enumerate() {
            if key.run < form.run(at) {
                return;
            }
            repeated |= key.run > form.run(at);
        }
    }
    let (Some(head), Some(tail)) = (keys.first(), keys.last()) else { return };
    // The whole runs are what a reader sees as the word; the tight stretch leaves the surplus at both ends to its neighbours.
    let wide = (head.first, tail.first + tail.atoms);
    let surplus = |key: &Key, run: u32| if key.atoms == key.run { key.run.saturating_sub(run) } else { 0 };
    let last = form.codes.len() - 1;
    let tight =
        if last == 0 { wide } else { (wide.0 + surplus(head, form.run(0)), wide.1 - surplus(tail, form.run(last))) };
    let atoms = folded.atoms();
    let noise_of = |(first, end): (u32, u32)| noise(&atoms[first as usize + 1..end as usize], form.max_noise);
    let Some(inner) = noise_of(tight) else { return };
    let edges = |stretch: (u32, u32)| bounded(folded, stretch, form.boundary, !inner.is_empty());
    // A changed spelling may have other edges than the form's own.
    if (form.edged() || changed > 0) && form.boundary != Boundary::None && !edges(tight) && !edges(wide) {
        return;
    }
    if form.role != Role::Pattern {
        found.guards.push(Guard { first: tight.0, end: tight.1, cuts: form.role == Role::Cut });
        return;
    }
    let common = changed > 0 && common(form, keys, atoms, tight);
    if common && !form.keep_common {
        return;
    }
    // Repeats beyond the pattern's own belong to the hit only when no more than noise parts them from it.
    let (first_atom, end_atom) = if wide == tight || noise_of(wide).is_some() { wide } else { tight };
    let span = &atoms[first_atom as usize..end_atom as usize];
    let mut disguises = form.disguises | how;
    for (i, atom) in span.iter().enumerate() {
        disguises |= atom.disguises;
        if i > 0 {
            disguises |= atom.gap.disguises();
        }
    }
    if repeated {
        disguises |= Disguises::REPEAT;
    }
    let (start, end) = (span[0].start, span[span.len() - 1].end);
    found.hits.push(Hit {
        id: form.id,
        pattern: form.pattern,
        start,
        end,
        disguises,
        changed,
        common,
        first_atom,
        end_atom,
        tight,
    });
}

/// The gaps inside a word joined, or `None` when they are more than noise.
fn noise(inside: &[Atom], max: u8) -> Option<Disguises> {
    let mut joined = Disguises::NONE;
    for atom in inside {
        if atom.gap.is_empty() {
            continue;
        }
        if atom.gap.len() > max || atom.gap.has(Gap::BOUNDARY) {
            return None;
        }
        joined |= atom.gap.disguises();
    }
    Some(joined)
}

/// Whether letters and figures at the edges of a stretch are edges of words.
fn bounded(folded: &Folded, (first, end): (u32, u32), boundary: Boundary, spaced: bool) -> bool {
    let (first, end) = (first as usize, end as usize);
    let atoms = folded.atoms();
    let touches = |a: Kind, b: Kind| match (a, b) {
        (Kind::Latin, Kind::Latin) | (Kind::Digit, Kind::Digit) => true,
        (Kind::Latin, Kind::Digit) | (Kind::Digit, Kind::Latin) => boundary == Boundary::Strict,
        _ => false,
    };
    // Beside a word written apart, a lone letter one space away is part of a longer such word.
    let apart = spaced && matches!(boundary, Boundary::Word | Boundary::Strict);
    let near = |gap: Gap, other: usize| {
        gap.is_empty() || apart && gap.len() <= 1 && !gap.has(Gap::BOUNDARY) && alone(folded, other)
    };
    let before = first > 0 && touches(atoms[first - 1].kind, atoms[first].kind) && near(atoms[first].gap, first - 1);
    // Masked figures (QQxxxxxxxx) are figures, not the rest of the word.
    let masked = |at: usize| atoms.get(at..at + 5).is_some_and(|five| five.iter().all(|atom| atom.code == 'x'));
    let after = boundary != Boundary::Start
        && end < atoms.len()
        && !masked(end)
        && touches(atoms[end - 1].kind, atoms[end].kind)
        && near(atoms[end].gap, end);
    !before && !after
}

/// Whether the atom stands apart from its neighbours on both sides, as the letters of a word written apart do.
fn alone(folded: &Folded, at: usize) -> bool {
    !folded.gap_before(at).is_empty() && !folded.gap_before(at + 1).is_empty()
}

/// Whether a replaced character of the candidate belongs to a common word where it stands, or the candidate is cut out of
/// common words at either end.
fn common(form: Form<'_>, keys: &[Key], atoms: &[Atom], (first, end): (u32, u32)) -> bool {
    let across = |at: u32| {
        // A word of two characters with the edge between them, or of three with the edge inside.
        let at = at as usize;
        (at.saturating_sub(2)..at)
            .any(|from| (at + 1..=at + 2).any(|to| to - from <= 3 && to <= atoms.len() && is_word(&atoms[from..to])))
    };
    if across(first) || across(end) {
        return true;
    }
    keys.iter().zip(form.codes.iter()).any(|(key, code)| {
        let at = key.first as usize;
        atoms[at].code != *code && atoms[at].kind == Kind::Han && in_common_word(atoms, at)
    })
}

fn is_word(atoms: &[Atom]) -> bool {
    let mut word = ['\0'; 4];
    for (i, atom) in atoms.iter().enumerate() {
        if i >= word.len() || atom.kind != Kind::Han || i > 0 && !atom.gap.is_empty() {
            return false;
        }
        word[i] = atom.code;
    }
    is_common_word(&word[..atoms.len()])
}

fn in_common_word(atoms: &[Atom], at: usize) -> bool {
    let mut word = ['\0'; 4];
    for first in at.saturating_sub(3)..=at {
        for (len, atom) in atoms[first..].iter().take(4).enumerate() {
            if atom.kind != Kind::Han || len > 0 && !atom.gap.is_empty() {
                break;
            }
            word[len] = atom.code;
            if first + len >= at && len > 0 && is_common_word(&word[..=len]) {
                return true;
            }
        }
    }
    false
}

/// Drops what allowed phrases cover, then equal hits, and sorts.
pub(super) fn settle(found: &mut Found, atoms: &[Atom]) {
    let Found { hits, guards } = found;
    if !guards.is_empty() {
        // Only guards about a hit can matter to it, of however many the text has.
        guards.sort_unstable_by_key(|guard| (guard.first, guard.end));
        let longest = guards.iter().map(|guard| guard.end - guard.first).max().unwrap_or(0);
        hits.retain_mut(|hit| {
            let (first, end) = (hit.first_atom, hit.end_atom);
            let begins = guards.partition_point(|guard| guard.first.saturating_add(longest) <= first);
            guards[begins..].iter().take_while(|guard| guard.first < end).all(|guard| spares(guard, hit, atoms))
        });
    }
    sort(hits);
}

fn sort(hits: &mut Vec<Hit>) {
    if hits.len() < 2 {
        return;
    }
    hits.sort_unstable_by_key(|hit| (hit.start, hit.end, hit.pattern, hit.changed, hit.disguises.len(), hit.tight));
    hits.dedup_by_key(|hit| (hit.start, hit.end, hit.pattern));
}

/// Adds the hits of the text read with its pictures that need a picture, with their places in the text read without.
pub(super) fn carry_over(aside: &Found, folded: &Folded, found: &mut Found) {
    let atoms = folded.atoms();
    let pictured = aside.hits.iter().filter(|hit| hit.disguises.contains(Disguises::EMOJI));
    for hit in pictured {
        let first_atom = atoms.partition_point(|atom| atom.end <= hit.start) as u32;
        let end_atom = atoms.partition_point(|atom| atom.start < hit.end) as u32;
        found.hits.push(Hit { first_atom, end_atom, tight: (first_atom, end_atom), ..*hit });
    }
    sort(&mut found.hits);
}

/// Whether the guard leaves the hit standing; takes from the hit what repeats belong to the guarded word.
fn spares(guard: &Guard, hit: &mut Hit, atoms: &[Atom]) -> bool {
    let (first, end) = hit.tight;
    let same = guard.first == first && guard.end == end;
    if guard.first <= first && end <= guard.end && !(guard.cuts && same) {
        return false;
    }
    if !guard.cuts {
        return true;
    }
    let cut = |at: u32| guard.first < at && at < guard.end;
    if cut(first) || cut(end) {
        return false;
    }
    if guard.first <= hit.first_atom && hit.first_atom < guard.end && guard.end <= first {
        hit.first_atom = first;
        hit.start = atoms[first as usize].start;
        hit.disguises = hit.disguises.without(Disguises::REPEAT);
    }
    if end <= guard.first && guard.first < hit.end_atom {
        hit.end_atom = end;
        hit.end = atoms[end as usize - 1].end;
        hit.disguises = hit.disguises.without(Disguises::REPEAT);
    }
    true
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
