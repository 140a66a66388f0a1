//! Whether a candidate really is the pattern: repeats, noise, clause ends, word boundaries, allowed phrases.

use super::build::{Form, Role};
use super::{Guard, Hit};
use crate::{Atom, Boundary, Disguises, Folded, Gap, Kind};

/// Checks `form` at key `first` and notes a hit or a guard.
pub(super) fn candidate(form: &Form, folded: &Folded, first: usize, hits: &mut Vec<Hit>, guards: &mut Vec<Guard>) {
    let keys = &folded.keys()[first..first + form.runs.len()];
    let mut repeated = false;
    for (key, run) in keys.iter().zip(&form.runs) {
        if key.run < *run {
            return;
        }
        repeated |= key.run > *run;
    }
    let (head, tail) = (keys[0], keys[keys.len() - 1]);
    // The whole runs are what a reader sees as the word; the tight stretch leaves the surplus at both ends to its neighbours.
    let (wide_first, wide_end) = (head.first, tail.first + tail.run);
    let last = form.runs.len() - 1;
    let (tight_first, tight_end) = if last == 0 {
        (head.first, head.first + head.run)
    } else {
        (head.first + head.run - form.runs[0], tail.first + form.runs[last])
    };
    let atoms = folded.atoms();
    let inside = &atoms[tight_first as usize + 1..tight_end as usize];
    let Some(gaps) = noise(inside, form.max_noise) else { return };
    if form.boundary != Boundary::None
        && !(bounded(folded, tight_first as usize, tight_end as usize, form.boundary, !gaps.is_empty())
            || bounded(folded, wide_first as usize, wide_end as usize, form.boundary, !gaps.is_empty()))
    {
        return;
    }
    if form.role != Role::Pattern {
        guards.push(Guard { first: tight_first, end: tight_end, cuts: form.role == Role::Cut });
        return;
    }
    // The surplus of a run counts only when nothing but the run's own noise parts it from the rest.
    let surplus = atoms[wide_first as usize + 1..wide_end as usize].iter().all(|atom| atom.gap.len() <= form.max_noise);
    let (first_atom, end_atom) = if surplus { (wide_first, wide_end) } else { (tight_first, tight_end) };
    let span = &atoms[first_atom as usize..end_atom as usize];
    let mut disguises = form.disguises;
    for (i, atom) in span.iter().enumerate() {
        disguises |= atom.disguises;
        if i > 0 {
            disguises |= atom.gap.disguises();
        }
    }
    if repeated {
        disguises |= Disguises::REPEAT;
    }
    hits.push(Hit {
        id: form.id,
        pattern: form.pattern,
        start: span[0].start,
        end: span[span.len() - 1].end,
        disguises,
        changed: form.changed,
        first_atom,
        end_atom,
        tight: (tight_first, tight_end),
    });
}

/// The gaps inside a word joined, or `None` when they are more than noise. Noise inside a run of letters must be regular:
/// `w e c h a t` is a word written apart, `we chat` is two words that happen to meet.
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

/// Whether letters and figures at the edges of `[first, end)` are edges of words.
fn bounded(folded: &Folded, first: usize, end: usize, boundary: Boundary, spaced: bool) -> bool {
    let atoms = folded.atoms();
    let touches = |a: Kind, b: Kind| match (a, b) {
        (Kind::Latin, Kind::Latin) | (Kind::Digit, Kind::Digit) => true,
        (Kind::Latin, Kind::Digit) | (Kind::Digit, Kind::Latin) => boundary == Boundary::Strict,
        _ => false,
    };
    // In a word written apart a single space is no edge any more.
    let joined = |gap: Gap| gap.is_empty() || spaced && gap.len() <= 1 && !gap.has(Gap::BOUNDARY);
    let before = first > 0 && {
        let (left, right) = (&atoms[first - 1], &atoms[first]);
        touches(left.kind, right.kind) && (right.gap.is_empty() || joined(right.gap) && alone(folded, first - 1))
    };
    let after = end < atoms.len() && {
        let (left, right) = (&atoms[end - 1], &atoms[end]);
        touches(left.kind, right.kind) && (right.gap.is_empty() || joined(right.gap) && alone(folded, end))
    };
    !before && !after
}

/// Whether the atom stands apart from its neighbours on both sides, as the letters of a word written apart do.
fn alone(folded: &Folded, at: usize) -> bool {
    !folded.gap_before(at).is_empty() && !folded.gap_before(at + 1).is_empty()
}

/// Drops what allowed phrases cover, then equal hits, and sorts.
pub(super) fn settle(hits: &mut Vec<Hit>, guards: &[Guard], atoms: &[Atom]) {
    if !guards.is_empty() {
        hits.retain_mut(|hit| guards.iter().all(|guard| spares(guard, hit, atoms)));
    }
    hits.sort_unstable_by_key(|hit| (hit.start, hit.end, hit.pattern, hit.disguises.len(), hit.changed));
    hits.dedup_by_key(|hit| (hit.start, hit.end, hit.pattern));
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
    if cut(hit.first_atom) || guard.first <= hit.first_atom && hit.first_atom < guard.end && guard.end <= first {
        hit.first_atom = first;
        hit.start = atoms[first as usize].start;
    }
    if cut(hit.end_atom) {
        hit.end_atom = end;
        hit.end = atoms[end as usize - 1].end;
    }
    true
}

#[cfg(test)]
mod tests {
    use crate::{Matcher, Pattern, Scratch};

    fn found(words: &[&str], allow: &[&str], cut: &[&str], text: &str) -> Vec<String> {
        let mut builder = Matcher::builder();
        for (id, word) in words.iter().enumerate() {
            builder = builder.pattern(Pattern::new(id as u32, *word));
        }
        builder = allow.iter().fold(builder, |builder, phrase| builder.allow(phrase));
        builder = cut.iter().fold(builder, |builder, word| builder.cut(word));
        let matcher = builder.build().unwrap();
        let mut scratch = Scratch::new();
        matcher.find(text, &mut scratch).iter().map(|hit| text[hit.range()].to_owned()).collect()
    }

    #[test]
    fn finds_through_noise_width_and_repeats() {
        assert_eq!(found(&["微信"], &[], &[], "加微❤️信，微 信、微微信信 微。信"), ["微❤️信", "微 信", "微微信信"]);
        assert_eq!(found(&["拼多多"], &[], &[], "拼.多.多 拼多 拼多多彩"), ["拼.多.多", "拼多多"]);
        assert_eq!(found(&["qq"], &[], &[], "Q.Q 糖ＱＱＱ 果q"), ["Q.Q", "ＱＱＱ"]);
    }

    #[test]
    fn letters_need_word_boundaries() {
        assert_eq!(found(&["vx"], &[], &[], "加vx abc, v-x pvx vxl，v x，a v x b"), ["vx", "v-x", "v x"]);
    }

    #[test]
    fn allowed_phrase_beats_the_shorter_word_inside_it() {
        assert_eq!(found(&["微信"], &["微信支付"], &[], "微信支付 加微信"), ["微信"]);
        assert_eq!(found(&["京东"], &[], &["北京", "东路"], "北京东路 京东 北京京东"), ["京东", "京东"]);
    }
}
