//! Numbers to call.

use super::figures::{figure, letter_figure, may_be_figure, sounding_figure};
use super::{Contact, ContactKind};
use crate::{Atom, Disguises, Folded, Gap, Kind};

/// Longest stretch of figures read at once; no number comes near.
const LONGEST: usize = 48;

/// A stretch of figures, on the stack because most titles have some and few are numbers to call.
struct Run {
    digits: [Digit; LONGEST],
    len: usize,
}

impl Default for Run {
    fn default() -> Self {
        Self { digits: [Digit::default(); LONGEST], len: 0 }
    }
}

impl Run {
    fn push(&mut self, digit: Digit) {
        if let Some(slot) = self.digits.get_mut(self.len) {
            *slot = digit;
            self.len += 1;
        }
    }
}

/// One figure with the atom it is.
#[derive(Clone, Copy, Default)]
struct Digit {
    value: u8,
    atom: u32,
    disguises: Disguises,
    gap: Gap,
}

/// Figures that stand together, gaps and all.
pub(crate) const MAX_GAP: u8 = 3;

pub(super) fn find(text: &str, folded: &Folded, out: &mut Vec<Contact>) {
    let atoms = folded.atoms();
    // Seven figures make the shortest number; most titles have fewer, in any dress.
    if atoms.iter().filter(|atom| may_be_figure(atom.kind, atom.code)).take(7).count() < 7 {
        return;
    }
    let mut run = Run::default();
    let mut at = 0;
    while at < atoms.len() {
        if figure(&atoms[at]).is_none() && !starts_with_letter(atoms, at) {
            at = sounding(text, folded, at, out);
            continue;
        }
        run.len = 0;
        while at < atoms.len() && run.len < LONGEST {
            let atom = &atoms[at];
            if run.len > 0 && atom.gap.len() > MAX_GAP {
                break;
            }
            let Some((value, disguises)) = figure(atom).or_else(|| between_figures(atoms, at)) else { break };
            run.push(Digit { value, atom: at as u32, disguises, gap: atom.gap });
            at += 1;
        }
        if run.len >= 7 {
            judge(text, folded, &run.digits[..run.len], out);
        }
        if run.len == 0 {
            at += 1;
        }
    }
}

/// A letter that begins a number: l39…
fn starts_with_letter(atoms: &[Atom], at: usize) -> bool {
    let lone = at == 0 || atoms[at - 1].kind != Kind::Latin || !atoms[at].gap.is_empty();
    lone && matches!(atoms[at].code, 'l' | 'i')
        && atoms
            .get(at + 1..at + 4)
            .is_some_and(|next| next.iter().all(|a| a.gap.is_empty() && figure(a).is_some() || a.code == 'l'))
}

/// A letter that stands for a figure because figures are around it.
fn between_figures(atoms: &[Atom], at: usize) -> Option<(u8, Disguises)> {
    let found = letter_figure(&atoms[at])?;
    let like = |atom: Option<&Atom>, touching: bool| {
        atom.is_some_and(|a| touching && (figure(a).is_some() || letter_figure(a).is_some()))
    };
    let before = at > 0 && like(atoms.get(at - 1), atoms[at].gap.is_empty());
    let after = atoms.get(at + 1).is_some_and(|next| like(Some(next), next.gap.is_empty()));
    let digit_near =
        atoms[at.saturating_sub(4)..(at + 5).min(atoms.len())].iter().filter(|a| a.kind == Kind::Digit).count() >= 2;
    (digit_near && (before || after)).then_some(found)
}

/// A number in characters that only sound like figures: eleven of them that make a mobile number.
fn sounding(text: &str, folded: &Folded, at: usize, out: &mut Vec<Contact>) -> usize {
    let atoms = folded.atoms();
    let one = |at: usize| {
        atoms.get(at).and_then(|atom| figure(atom).or_else(|| sounding_figure(atom))).map(|(value, _)| value)
    };
    if one(at) != Some(b'1') || one(at + 1).is_none_or(|value| value < b'3') {
        return at + 1;
    }
    let mut run = Run::default();
    let mut heard = Disguises::NONE;
    for (i, atom) in atoms.iter().enumerate().skip(at).take(12) {
        if run.len > 0 && atom.gap.len() > 1 {
            break;
        }
        let Some((value, disguises)) = figure(atom).or_else(|| sounding_figure(atom)) else { break };
        heard |= disguises;
        run.push(Digit { value, atom: i as u32, disguises, gap: atom.gap });
    }
    let run = &run.digits[..run.len];
    if run.len() == 11 && mobile(run) {
        report(text, folded, ContactKind::Mobile, run, out);
        return at + 11;
    }
    at + 1
}

/// Groups of figures that touch, as (first, end) in `run`.
fn groups(run: &[Digit]) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    let mut first = 0;
    for i in 1..=run.len() {
        if i == run.len() || !run[i].gap.is_empty() {
            out.push((first, i));
            first = i;
        }
    }
    out
}

fn judge(text: &str, folded: &Folded, run: &[Digit], out: &mut Vec<Contact>) {
    let groups = groups(run);
    let mut from = 0;
    while from < groups.len() {
        let mut taken = None;
        for to in from..groups.len().min(from + 13) {
            let digits = &run[groups[from].0..groups[to].1];
            if digits.len() > 14 {
                break;
            }
            let sizes: Vec<usize> = groups[from..=to].iter().map(|(a, b)| b - a).collect();
            if let Some((kind, skip)) = shape(text, folded, digits, &sizes) {
                taken = Some((kind, groups[from].0 + skip, groups[to].1, to));
            }
        }
        match taken {
            Some((kind, first, end, to)) => {
                report(text, folded, kind, &run[first..end], out);
                from = to + 1;
            }
            None => from += 1,
        }
    }
}

/// What number groups of these sizes are, and how many leading figures are a country code.
fn shape(text: &str, folded: &Folded, digits: &[Digit], sizes: &[usize]) -> Option<(ContactKind, usize)> {
    if glued(text, folded, digits) {
        return None;
    }
    let skip = country(digits);
    let mut rest: Vec<usize> = sizes.to_vec();
    let mut left = skip;
    while left > 0 {
        let taken = left.min(rest[0]);
        rest[0] -= taken;
        left -= taken;
        if rest[0] == 0 {
            rest.remove(0);
        }
    }
    let number = &digits[skip..];
    if number.len() == 11 && mobile(number) && mobile_groups(&rest, number) {
        return Some((ContactKind::Mobile, skip));
    }
    let joint = |i: usize| separator(text, folded, number, i);
    if number.len() == 10
        && (number[0].value == b'4' || number[0].value == b'8')
        && number[1].value == b'0'
        && number[2].value == b'0'
    {
        let joined = matches!(rest[..], [3, 3, 4] | [3, 4, 3] | [3, 7])
            && (joint(3) == "-" || joint(3).is_empty() || joint(3) == " ");
        return (joined && number.iter().all(|d| !d.gap.has(Gap::BOUNDARY))).then_some((ContactKind::Service, 0));
    }
    if number[0].value == b'0' && (10..=12).contains(&number.len()) && rest.len() >= 2 && matches!(rest[0], 3 | 4) {
        let local = number.len() - rest[0];
        let first = number[rest[0]];
        let sep = joint(rest[0]);
        let joined = matches!(sep.trim(), "-" | "－" | "—" | "–" | ")" | "）" | "" | "_");
        let whole = matches!(rest[1..], [7] | [8] | [4, 4] | [3, 4] | [4, 3]);
        // 010, 02x have eight figures, the others seven or eight.
        let fits = (7..=8).contains(&local) && matches!(first.value, b'2'..=b'8') && number[1].value != b'0';
        return (joined && whole && fits && !first.gap.has(Gap::BOUNDARY)).then_some((ContactKind::Landline, 0));
    }
    None
}

/// What stands between figure `i` and the one before it, as written.
fn separator<'t>(text: &'t str, folded: &Folded, digits: &[Digit], i: usize) -> &'t str {
    let atoms = folded.atoms();
    match (i.checked_sub(1).and_then(|before| digits.get(before)), digits.get(i)) {
        (Some(before), Some(here)) => {
            text.get(atoms[before.atom as usize].end as usize..atoms[here.atom as usize].start as usize).unwrap_or("")
        }
        _ => "",
    }
}

fn country(digits: &[Digit]) -> usize {
    let starts = |with: &[u8]| digits.len() == 11 + with.len() && digits.iter().zip(with).all(|(d, w)| d.value == *w);
    if starts(b"0086") {
        4
    } else if starts(b"86") {
        2
    } else {
        0
    }
}

fn mobile(digits: &[Digit]) -> bool {
    digits.len() == 11 && digits[0].value == b'1' && (b'3'..=b'9').contains(&digits[1].value) && varied(digits)
}

/// Not one figure over and over: 11111111111 is a placeholder.
fn varied(digits: &[Digit]) -> bool {
    digits[2..].iter().any(|digit| digit.value != digits[1].value)
}

/// Whether a mobile number is written in groups of these sizes.
fn mobile_groups(sizes: &[usize], number: &[Digit]) -> bool {
    let pictures = number.iter().skip(1).filter(|d| !d.gap.is_empty()).all(|d| d.gap.has(Gap::EMOJI));
    let clauses = number.iter().skip(1).any(|d| d.gap.has(Gap::BOUNDARY));
    match sizes {
        [11] => true,
        _ if clauses => matches!(sizes, [3, 4, 4]),
        [3, 4, 4] | [3, 8] | [7, 4] | [4, 4, 3] | [4, 3, 4] | [3, 3, 5] | [5, 6] | [3, 2, 2, 2, 2] | [3, 4, 2, 2] => {
            true
        }
        _ => {
            sizes.iter().all(|size| *size == 1)
                || sizes.len() > 2 && pictures
                || sizes.iter().all(|s| *s <= 2) && sizes.len() >= 6
        }
    }
}

/// Whether the figures are part of something longer: a decimal number, a code with letters before it, a date.
fn glued(text: &str, folded: &Folded, digits: &[Digit]) -> bool {
    let (Some(head), Some(tail)) = (digits.first(), digits.last()) else { return true };
    let atoms = folded.atoms();
    let before = text[..atoms[head.atom as usize].start as usize].chars().rev().take(2).collect::<Vec<_>>();
    let after = text[atoms[tail.atom as usize].end as usize..].chars().take(2).collect::<Vec<_>>();
    let digit = |c: Option<&char>| c.is_some_and(char::is_ascii_digit);
    let one = digits.iter().skip(1).all(|d| d.gap.is_empty());
    let decimal = |c: Option<&char>| c == Some(&'.');
    one && (decimal(before.first()) && digit(before.get(1)) || decimal(after.first()) && digit(after.get(1)))
        // A standard is GB/T 13912-2002, a code ends in letters or goes on after a stroke.
        || before.first() == Some(&'/') && digit(before.get(1))
}

fn report(text: &str, folded: &Folded, kind: ContactKind, digits: &[Digit], out: &mut Vec<Contact>) {
    let atoms = folded.atoms();
    let (Some(head), Some(tail)) = (digits.first(), digits.last()) else { return };
    let mut disguises = Disguises::NONE;
    for (i, digit) in digits.iter().enumerate() {
        disguises |= digit.disguises;
        // A hyphen or a space between the groups is how numbers are written.
        let usual = matches!(separator(text, folded, digits, i), "-" | " " | "") || kind != ContactKind::Mobile;
        if i > 0 && !(usual && groups(digits).len() <= 3) {
            disguises |= digit.gap.disguises();
        }
    }
    out.push(Contact {
        kind,
        start: atoms[head.atom as usize].start,
        end: atoms[tail.atom as usize].end,
        disguises,
        canonical: digits.iter().map(|digit| char::from(digit.value)).collect(),
    });
}
