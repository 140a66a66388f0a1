//! Once its working memory is warm, a search allocates nothing, whatever the text hides.

use huoyan_text::{Folded, Matcher, Pattern, Scratch, Variants, contacts};

const TEXTS: &[&str] = &[
    "微信",
    "加薇❤信 abc8866，亻言号同步",
    "徽信／ＷＥＩＸＩＮ／wei xin／v·x／信微",
    "①③⑧ 零零一三 8000，lucky点com，￥aB3dE6gH9jK￥",
    "🐧 886612345 𝔀𝓮𝓲𝔁𝓲𝓷 w\u{301}e\u{200B}i",
    "这件衣服的质量很不错，穿着很舒服，下次还会再来买。",
    "",
];

#[test]
fn a_warm_search_allocates_nothing() {
    let variants = Variants::HOMOPHONE
        | Variants::GLYPH
        | Variants::SPLIT
        | Variants::PINYIN
        | Variants::INITIALS
        | Variants::REVERSED
        | Variants::EMOJI
        | Variants::DIGITS;
    let words = ["微信", "淘宝", "企鹅", "质量", "舒服"];
    let patterns = (0..).zip(words).map(|(id, word)| Pattern::new(id, word).variants(variants));
    let matcher = Matcher::builder().patterns(patterns).build().expect("the patterns are valid");
    let (mut scratch, mut folded, mut found) = (Scratch::new(), Folded::new(), Vec::new());
    let mut pass = || {
        let mut hits = 0;
        for text in TEXTS {
            hits += matcher.find(text, &mut scratch).len();
            folded.fold(text);
            let signs = matcher.glance(text, &mut scratch);
            assert_eq!(signs, matcher.glance(text, &mut scratch));
        }
        hits
    };
    let warm = pass();
    let mut again = 0;
    let cost = allocation_counter::measure(|| again = pass());
    assert!(warm > 8 && again == warm, "{warm} hits, then {again}");
    assert_eq!(cost.count_total, 0, "{cost:?}");
    // Contacts own their canonical forms, so what allocates is what is found.
    let innocent = "没有联系方式的一句话，长 138 厘米";
    folded.fold(innocent);
    let cost = allocation_counter::measure(|| contacts(innocent, &folded, &mut found));
    assert!(found.is_empty());
    assert_eq!(cost.count_total, 0, "{cost:?}");
}
