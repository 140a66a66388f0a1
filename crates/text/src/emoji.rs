//! What pictures mean when they stand in a word (`tables/pictures.txt`).

use std::sync::OnceLock;

/// Pictures with the characters they stand for, by code point.
fn meanings() -> &'static [(char, &'static str)] {
    static MEANINGS: OnceLock<Vec<(char, &str)>> = OnceLock::new();
    MEANINGS.get_or_init(|| {
        let lines = include_str!("../tables/pictures.txt").lines().filter(|line| !line.starts_with('#'));
        let mut meanings: Vec<(char, &str)> = lines
            .filter_map(|line| line.split_once(' '))
            .filter_map(|(picture, meaning)| Some((picture.chars().next()?, meaning)))
            .collect();
        meanings.sort_unstable();
        meanings
    })
}

/// The characters that a picture stands for.
pub(crate) fn meaning(c: char) -> Option<&'static str> {
    if (c as u32) < 0x2600 {
        return None;
    }
    let meanings = meanings();
    let at = meanings.binary_search_by_key(&c, |(picture, _)| *picture).ok()?;
    Some(meanings[at].1)
}

/// The pictures that stand for characters.
pub(crate) fn pictures() -> impl Iterator<Item = char> {
    meanings().iter().map(|(picture, _)| *picture)
}

#[cfg(test)]
mod tests {
    use super::{meaning, meanings};

    #[test]
    fn pictures_have_meanings() {
        assert_eq!(meaning('🐧'), Some("企鹅"));
        assert_eq!(meaning('字'), None);
    }

    #[test]
    fn each_picture_has_one_meaning() {
        assert!(meanings().windows(2).all(|two| two[0].0 < two[1].0));
        assert!(meanings().iter().all(|(picture, meaning)| *picture as u32 >= 0x2600 && !meaning.is_empty()));
    }
}
