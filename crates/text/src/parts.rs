//! How characters look: the parts they are made of.

use std::collections::HashMap;
use std::sync::OnceLock;

struct Parts {
    /// By character, its decompositions.
    of: HashMap<char, Vec<&'static str>>,
}

fn parts() -> &'static Parts {
    static PARTS: OnceLock<Parts> = OnceLock::new();
    PARTS.get_or_init(|| {
        let mut of = HashMap::new();
        for line in include_str!("../tables/parts.txt").lines().filter(|line| !line.starts_with('#')) {
            let mut fields = line.split(' ');
            if let Some(c) = fields.next().and_then(|field| field.chars().next()) {
                of.insert(c, fields.collect());
            }
        }
        Parts { of }
    })
}

/// The decompositions of a character, each a string of parts.
pub(crate) fn decompositions(c: char) -> &'static [&'static str] {
    parts().of.get(&c).map_or(&[], Vec::as_slice)
}

/// Whether two different characters look alike: one is the other with something added, they share their greater
/// part, or they differ in one of two parts.
pub fn look_alike(a: char, b: char) -> bool {
    if a == b {
        return false;
    }
    let (of_a, of_b) = (decompositions(a), decompositions(b));
    of_a.iter().any(|group| group.chars().any(|part| part == b))
        || of_b.iter().any(|group| group.chars().any(|part| part == a))
        || of_a.iter().any(|x| of_b.iter().any(|y| share(x, y)))
}

fn share(x: &str, y: &str) -> bool {
    let (len_x, len_y) = (x.chars().count(), y.chars().count());
    let shared = x.chars().filter(|part| y.contains(*part)).count();
    2 * shared >= len_x.max(len_y)
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
