//! How characters look: the parts they are made of.
//!
//! Two characters look alike when they share a *feature*. A part that few characters have is a feature by itself (仓 of
//! 枪 and 抢), and so is the character (京, for 凉). A part that very many have, such as 氵 or 木, says little; it is one
//! only together with a part of what stands beside it (氵 and 勹 of 淘 and 洵) or with the sound (女 and *ma*). Of a
//! character of three parts or more each two are one.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::sound;

struct Parts {
    /// By character, its decompositions.
    of: HashMap<char, Vec<&'static str>>,
    /// The features of all characters, one after the other, and where those of each code point from U+3400 on begin.
    features: Vec<u32>,
    features_from: Vec<u32>,
}

/// The first code point with features, a multiple of 64.
pub(crate) const FIRST: usize = 0x3400;
const LAST: usize = 0x9FFF;

/// A part of more characters than this (some seventy parts, most of them radicals) is no feature by itself.
const MOST_WITH_PART: u32 = 150;

/// Strokes, which half of all characters have.
const STROKES: &str = "一丨丿丶乙亅乚㇆";

fn is_stroke(c: char) -> bool {
    STROKES.contains(c)
}

/// What stands beside a part in a feature of two.
const PART: u32 = 1;
const SOUND: u32 = 2;

/// A feature of two things, apart from those of one, which are code points.
fn both(kind: u32, a: u32, b: u32) -> u32 {
    let (low, high) = if kind == PART { (a.min(b), a.max(b)) } else { (a, b) };
    let spread = (low.wrapping_mul(0x9E37_79B1) ^ high.rotate_left(16)).wrapping_mul(0x85EB_CA6B).wrapping_add(kind);
    1 << 31 | spread ^ spread >> 15
}

/// Of characters drawn nearly alike (`tables/shapes.txt`) the first, of others the character itself.
#[derive(Default)]
struct Shapes {
    whole: HashMap<char, char>,
    inside: HashMap<char, char>,
}

impl Shapes {
    fn read() -> Self {
        let mut out = Self::default();
        for line in include_str!("../tables/shapes.txt").lines().filter(|line| !line.starts_with('#')) {
            let group = line.trim_start_matches('+');
            let Some(first) = group.chars().next() else { continue };
            out.whole.extend(group.chars().map(|c| (c, first)));
            if group.len() < line.len() {
                out.inside.extend(group.chars().map(|c| (c, first)));
            }
        }
        out
    }

    fn of(&self, c: char) -> char {
        self.whole.get(&c).copied().unwrap_or(c)
    }

    /// As a part of another character.
    fn of_part(&self, c: char) -> char {
        self.inside.get(&c).copied().unwrap_or(c)
    }
}

fn parts() -> &'static Parts {
    static PARTS: OnceLock<Parts> = OnceLock::new();
    PARTS.get_or_init(|| {
        let mut of: HashMap<char, Vec<&'static str>> = HashMap::new();
        for line in include_str!("../tables/parts.txt").lines().filter(|line| !line.starts_with('#')) {
            let mut fields = line.split(' ');
            if let Some(c) = fields.next().and_then(|field| field.chars().next()) {
                of.insert(c, fields.collect());
            }
        }
        let shapes = Shapes::read();
        let drawn = |c: char| shapes.of_part(c);
        let mut with_part: HashMap<char, u32> = HashMap::new();
        for groups in of.values() {
            let mut different: Vec<char> = groups.iter().flat_map(|group| group.chars()).map(drawn).collect();
            different.sort_unstable();
            different.dedup();
            different.into_iter().for_each(|part| *with_part.entry(part).or_default() += 1);
        }
        let (mut features, mut features_from) = (Vec::new(), vec![0]);
        let frequent = |part: char| with_part.get(&part).is_some_and(|with| *with > MOST_WITH_PART);
        let mut own = Vec::new();
        for c in characters() {
            own.clear();
            features_of(c, &of, &shapes, frequent, &mut own);
            own.sort_unstable();
            own.dedup();
            features.extend(&own);
            features_from.push(features.len() as u32);
        }
        Parts { of, features, features_from }
    })
}

/// Writes down the features of a character. The first decomposition names the parts in full, in all characters alike.
fn features_of(
    c: char,
    of: &HashMap<char, Vec<&'static str>>,
    shapes: &Shapes,
    frequent: impl Fn(char) -> bool,
    features: &mut Vec<u32>,
) {
    let drawn = |c: char| shapes.of_part(c);
    features.push(u32::from(shapes.of(c)));
    features.push(u32::from(drawn(c)));
    let groups = |c: char| of.get(&c).map_or(&[][..], Vec::as_slice);
    let Some(group) = groups(c).first() else { return };
    let parts: Vec<char> = group.chars().map(drawn).collect();
    let with = |kind: u32, a: char, b: u32| both(kind, u32::from(a), b);
    match parts[..] {
        [] => {}
        [one] => features.push(u32::from(one)),
        [first, second] => {
            for (part, beside) in [(first, second), (second, first)] {
                if is_stroke(part) {
                    continue;
                }
                if !frequent(part) || is_stroke(beside) {
                    features.push(u32::from(part));
                    continue;
                }
                let inside = groups(beside).iter().flat_map(|group| group.chars()).map(drawn);
                let inside = inside.chain([drawn(beside)]).filter(|inside| !is_stroke(*inside));
                features.extend(inside.map(|inside| with(PART, part, u32::from(inside))));
                let heard = sound::readings(c).into_iter().filter(|class| *class != 0);
                features.extend(heard.map(|class| with(SOUND, part, u32::from(class))));
            }
        }
        _ => {
            let solid: Vec<char> = parts.into_iter().filter(|part| !is_stroke(*part)).collect();
            for (at, a) in solid.iter().enumerate() {
                features.extend(solid[at + 1..].iter().map(|b| with(PART, *a, u32::from(*b))));
            }
        }
    }
}

/// The decompositions of a character.
pub(crate) fn decompositions(c: char) -> &'static [&'static str] {
    parts().of.get(&c).map_or(&[], Vec::as_slice)
}

/// The characters that may have features, from [`FIRST`] on.
pub(crate) fn characters() -> impl Iterator<Item = char> {
    (FIRST as u32..=LAST as u32).filter_map(char::from_u32)
}

/// A character's features, sorted: characters without a common one do not look alike.
pub(crate) fn features(c: char) -> &'static [u32] {
    let parts = parts();
    match (c as usize).checked_sub(FIRST).map(|at| (parts.features_from.get(at), parts.features_from.get(at + 1))) {
        Some((Some(first), Some(end))) => &parts.features[*first as usize..*end as usize],
        _ => &[],
    }
}

/// Whether two different characters look alike: one is the other with something added, or they share a part that tells
/// them from most others.
pub fn look_alike(a: char, b: char) -> bool {
    a != b && features(a).iter().any(|feature| features(b).contains(feature))
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
            ('烟', '炯'),
            ('刀', '刃'),
            ('药', '约'),
            ('妈', '码'),
            ('佳', '隹'),
            ('枪', '抡'),
            ('淘', '掬'),
        ] {
            assert!(look_alike(a, b) && look_alike(b, a), "{a}{b}");
        }
        // A radical is no likeness.
        for (a, b) in [('微', '宝'), ('微', '微'), ('海', '江'), ('的', '得'), ('妈', '她'), ('信', '他'), ('海', '水')]
        {
            assert!(!look_alike(a, b), "{a}{b}");
        }
    }
}
