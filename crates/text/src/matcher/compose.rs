//! Characters taken apart and put together again: 亻言 is read as 信.

use std::collections::{HashMap, HashSet};

use crate::{Folded, Gap, Key, Kind, parts};

/// The part sequences of the characters that some pattern wants composed.
#[derive(Clone, Debug, Default)]
pub(super) struct Compositions {
    wanted: Vec<char>,
    /// By part sequence, padded with U+0000.
    whole: HashMap<[char; LONGEST], char>,
    /// Which pairs of characters begin a sequence, by hash: the trigger that spares most texts the look-up.
    begins: Vec<u64>,
    /// The first characters of the sequences.
    firsts: HashSet<char>,
}

const LONGEST: usize = 4;
const BUCKETS: usize = 1 << 18;

fn bucket(first: u32, second: u32) -> usize {
    (first << 16 ^ second).wrapping_mul(0x9E37_79B1) as usize >> 14
}

impl Compositions {
    /// Wants `c` composed.
    pub(super) fn add(&mut self, c: char) {
        self.wanted.push(c);
    }

    /// Prepares the tables.
    pub(super) fn finish(mut self) -> Self {
        self.wanted.sort_unstable();
        self.wanted.dedup();
        if !self.wanted.is_empty() {
            self.begins = vec![0; BUCKETS / 64];
        }
        for c in std::mem::take(&mut self.wanted) {
            for group in parts::decompositions(c) {
                let group: Vec<char> = group.chars().collect();
                if group.len() <= LONGEST {
                    self.sequence(&group, c);
                }
                // A character of many parts is often given by its outer ones: 彳攵 for 微.
                if let [first, _, .., last] = group[..]
                    && group.len() >= 3
                {
                    self.sequence(&[first, last], c);
                }
            }
        }
        self
    }

    fn sequence(&mut self, group: &[char], c: char) {
        let mut padded = ['\0'; LONGEST];
        padded[..group.len()].copy_from_slice(group);
        self.whole.entry(padded).or_insert(c);
        if let [first, second, ..] = group {
            let bucket = bucket(*first as u32, *second as u32);
            self.begins[bucket / 64] |= 1 << (bucket % 64);
            self.firsts.insert(*first);
        }
    }

    /// Whether a sequence begins with the folded character.
    pub(super) fn may_begin(&self, c: char) -> bool {
        self.firsts.contains(&c)
    }

    /// The characters that sequences begin with.
    pub(super) fn first_parts(&self) -> impl Iterator<Item = char> {
        self.firsts.iter().copied()
    }

    /// Whether a sequence may begin with these two folded characters; the first must be one of [`Self::may_begin`].
    #[inline]
    pub(super) fn begins(&self, first: u32, second: u32) -> bool {
        let bucket = bucket(first, second);
        self.begins[bucket / 64] & 1 << (bucket % 64) != 0
    }

    /// Writes the text with the wanted characters put together; false when there was nothing to put together.
    pub(super) fn view(&self, folded: &Folded, out: &mut Vec<Key>) -> bool {
        if self.whole.is_empty() {
            return false;
        }
        let keys = folded.keys();
        let begins = |at: usize| {
            let [first, second, ..] = &keys[at..] else { return false };
            self.begins(first.code as u32, second.code as u32)
        };
        if !(0..keys.len()).any(|at| begins(at) && self.compose(folded, &keys[at..]).is_some()) {
            return false;
        }
        out.clear();
        let mut at = 0;
        while at < keys.len() {
            let key = keys[at];
            let (key, used) = match begins(at).then(|| self.compose(folded, &keys[at..])).flatten() {
                Some((code, used)) => {
                    let atoms = keys[at..at + used].iter().map(|key| key.atoms).sum();
                    (Key { code, first: key.first, atoms, run: 1 }, used)
                }
                None => (key, 1),
            };
            match out.last_mut() {
                Some(last) if last.code == key.code && !key.code.is_ascii_digit() => {
                    last.run += key.run;
                    last.atoms += key.atoms;
                }
                _ => out.push(key),
            }
            at += used;
        }
        true
    }

    /// The character that the first parts of `keys` make, and how many keys it takes. The longest wins.
    fn compose(&self, folded: &Folded, keys: &[Key]) -> Option<(char, usize)> {
        let mut padded = ['\0'; LONGEST];
        let mut best = None;
        for (len, part) in keys.iter().take(LONGEST).enumerate() {
            let atom = &folded.atoms()[part.first as usize];
            let apart = len > 0 && (atom.gap.len() > 1 || atom.gap.has(Gap::BOUNDARY));
            if part.run != 1 || atom.kind != Kind::Han || apart {
                break;
            }
            padded[len] = part.code;
            if len > 0
                && let Some(c) = self.whole.get(&padded)
            {
                best = Some((*c, len + 1));
            }
        }
        best
    }
}
