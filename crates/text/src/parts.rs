//! How characters look: the parts they are made of.

use std::collections::HashMap;
use std::sync::OnceLock;

struct Parts {
    /// By character, its decompositions.
    of: HashMap<char, Vec<&'static str>>,
    /// By code point from U+3400 on, a range of `sets`.
    ranges: Vec<(u32, u32)>,
    /// Decompositions as characters, one after the other, each ended by U+0000.
    sets: Vec<char>,
    /// By code point from U+3400 on, one bit for the character itself and for each part: characters without a common bit
    /// have nothing in common.
    bits: Vec<u64>,
    /// The character itself and its different parts but single strokes, shortened to 16 bits, one after the other, and
    /// where those of each code point from U+3400 on begin.
    ids: Vec<u16>,
    ids_from: Vec<u32>,
}

fn bit(c: char) -> u64 {
    if STROKES.contains(c) {
        return 0;
    }
    1 << ((c as u32).wrapping_mul(0x9E37_79B1) >> 26)
}

const FIRST: usize = 0x3400;
const LAST: usize = 0x9FFF;

fn parts() -> &'static Parts {
    static PARTS: OnceLock<Parts> = OnceLock::new();
    PARTS.get_or_init(|| {
        let mut of = HashMap::new();
        let (mut ranges, mut sets) = (vec![(0, 0); LAST + 1 - FIRST], Vec::new());
        let mut bits: Vec<u64> = (FIRST..=LAST).map(|code| char::from_u32(code as u32).map_or(0, bit)).collect();
        for line in include_str!("../tables/parts.txt").lines().filter(|line| !line.starts_with('#')) {
            let mut fields = line.split(' ');
            let Some(c) = fields.next().and_then(|field| field.chars().next()) else { continue };
            let groups: Vec<&'static str> = fields.collect();
            if let Some(range) = (c as usize).checked_sub(FIRST).and_then(|at| ranges.get_mut(at)) {
                let first = sets.len() as u32;
                for group in &groups {
                    sets.extend(group.chars());
                    sets.push('\0');
                }
                *range = (first, sets.len() as u32);
                bits[c as usize - FIRST] |=
                    groups.iter().flat_map(|group| group.chars()).map(bit).fold(0, |a, b| a | b);
            }
            of.insert(c, groups);
        }
        let (mut ids, mut ids_from) = (Vec::new(), vec![0]);
        for (code, (first, end)) in (FIRST as u32..).zip(&ranges) {
            let own = ids.len();
            let parts = sets[*first as usize..*end as usize].iter().copied();
            for c in char::from_u32(code).into_iter().chain(parts).filter(|c| bit(*c) != 0 && *c != '\0') {
                let id = c as u16;
                if !ids[own..].contains(&id) {
                    ids.push(id);
                }
            }
            ids_from.push(ids.len() as u32);
        }
        Parts { of, ranges, sets, bits, ids, ids_from }
    })
}

/// The decompositions of a character.
pub(crate) fn decompositions(c: char) -> &'static [&'static str] {
    parts().of.get(&c).map_or(&[], Vec::as_slice)
}

/// The same as runs of characters ended by U+0000.
fn sets(c: char) -> &'static [char] {
    let parts = parts();
    let range = (c as usize).checked_sub(FIRST).and_then(|at| parts.ranges.get(at)).copied().unwrap_or((0, 0));
    &parts.sets[range.0 as usize..range.1 as usize]
}

/// A character's parts and itself as a set of bits: characters with none in common do not look alike.
pub(crate) fn bits(c: char) -> u64 {
    (c as usize).checked_sub(FIRST).and_then(|at| parts().bits.get(at)).copied().unwrap_or(0)
}

/// A character and its parts, shortened to 16 bits each: characters without a common one do not look alike.
pub(crate) fn ids(c: char) -> &'static [u16] {
    let parts = parts();
    match (c as usize).checked_sub(FIRST).map(|at| (parts.ids_from.get(at), parts.ids_from.get(at + 1))) {
        Some((Some(first), Some(end))) => &parts.ids[*first as usize..*end as usize],
        _ => &[],
    }
}

/// Whether two different characters look alike: one is the other with something added, they share their greater
/// part, or they differ in one of two parts.
pub fn look_alike(a: char, b: char) -> bool {
    if a == b {
        return false;
    }
    if bits(a) & bits(b) == 0 {
        return false;
    }
    let (of_a, of_b) = (sets(a), sets(b));
    if of_a.contains(&b) || of_b.contains(&a) {
        return true;
    }
    let groups = |set: &'static [char]| set.split(|c| *c == '\0').filter(|group| !group.is_empty());
    groups(of_a).any(|x| groups(of_b).any(|y| share(x, y)))
}

/// Strokes, which half of all characters have.
const STROKES: &str = "一丨丿丶乙亅乚㇆";

fn share(x: &[char], y: &[char]) -> bool {
    let shared = x.iter().filter(|part| y.contains(part) && !STROKES.contains(**part)).count();
    shared > 0 && 2 * shared >= x.len().max(y.len())
}

#[cfg(test)]
mod tests {
    use super::look_alike;

    #[test]
    fn sees_shared_parts() {
        for (a, b) in [
            ('微', '徽'),
            ('微', '徵'),
            ('微', '矀'),
            ('信', '伈'),
            ('京', '凉'),
            ('宝', '室'),
            ('淘', '洵'),
            ('枪', '抢'),
        ] {
            assert!(look_alike(a, b) && look_alike(b, a), "{a}{b}");
        }
        assert!(!look_alike('微', '宝') && !look_alike('微', '微'));
    }
}
