//! The everyday characters: the first level of GB 2312-80, its 3,755 most used ones (rows 16 to 55).

use encoding_rs::GBK;

/// The text of `everyday.txt`: the characters by code point.
pub fn table() -> Vec<u8> {
    let mut characters = Vec::new();
    for row in 16..=55_u8 {
        for cell in 1..=94_u8 {
            let bytes = [0xA0 + row, 0xA0 + cell];
            let (text, _, failed) = GBK.decode(&bytes);
            // The last five cells of row 55 are empty; GBK has signs for private use there.
            characters.extend(text.chars().filter(|c| !failed && ('\u{4E00}'..='\u{9FFF}').contains(c)));
        }
    }
    characters.sort_unstable();
    let mut out = String::from("# Written by the generator: the first level of GB 2312-80, the most used characters.\n");
    for line in characters.chunks(64) {
        out.extend(line);
        out.push('\n');
    }
    out.into_bytes()
}
