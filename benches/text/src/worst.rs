//! Texts of one megabyte made to be slow: skipped characters, repeats, combining marks, noise, first halves of terms, letters
//! that may be pinyin. The bundled rule packs and 10,000 sampled terms with everything on look for nothing that is there.
//! CPU time of one call, the least of three.

use crate::corpus::least;

const LENGTH: usize = 1_000_000;

const TEXTS: [(&str, &str); 16] = [
    ("zero-width characters", "\u{200b}\u{200d}\u{2060}"),
    ("combining marks", "a\u{0301}\u{0302}\u{0303}\u{0304}"),
    ("combining marks alone", "\u{0301}\u{0302}"),
    ("one character repeated", "微"),
    ("one letter repeated", "w"),
    ("two halves repeated", "微微信"),
    ("noise", "·*_-。~"),
    ("noise between halves", "微·*·"),
    ("emoji", "😀❤🐧"),
    ("letters that may be pinyin", "weixinzhangdan"),
    ("letters in small words", "wei xin a "),
    ("figures", "1380013"),
    ("figures and noise", "1-3-8-"),
    ("split characters", "亻言氵宀玉"),
    ("full width", "ＷＥＩ"),
    ("prose", "这件衣服的质量很不错，穿着很舒服，下次还会再来买。"),
];

/// A search, and how much it finds in a text.
pub type Search<'a> = &'a mut dyn FnMut(&str) -> usize;

/// Prints how fast each of `searches` goes over a megabyte of each text; a search gives how much it found.
pub fn run(searches: &mut [(&str, Search<'_>)]) {
    let heads: Vec<String> = searches.iter().map(|(name, _)| format!("{:>24}", format!("{name} MB/s"))).collect();
    println!("{:<28}{}", "1 MB of", heads.concat());
    for (name, unit) in TEXTS {
        let text = unit.repeat(LENGTH / unit.len() + 1);
        let speeds = searches.iter_mut().map(|(_, search)| {
            let (seconds, _) = least(&[text.as_str()], 3, &mut *search);
            format!("{:>24.0}", text.len() as f64 / 1e6 / seconds)
        });
        println!("{name:<28}{}", speeds.collect::<String>());
    }
}

/// 10,000 terms, some of which the texts hold halves of.
pub fn terms() -> Vec<String> {
    let common = ["微信", "淘宝", "加我", "香烟", "枪支", "第一", "最好", "免费", "医疗", "国家级"];
    let letters: Vec<char> =
        "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动".chars().collect();
    let letters = &letters;
    let made = letters
        .iter()
        .flat_map(|a| letters.iter().flat_map(move |b| letters.iter().take(7).map(move |c| format!("{a}{b}{c}"))));
    common.iter().map(|word| (*word).to_owned()).chain(made).take(10_000).collect()
}
