//! Search: the first line is a pattern, the rest a text; hits lie on character boundaries, the pattern finds itself, and a
//! search leaves nothing behind that changes the next.
#![no_main]

use huoyan_text::{Boundary, Folded, Matcher, Pattern, Scratch, Variants};
use libfuzzer_sys::fuzz_target;

const ALL: Variants = Variants::HOMOPHONE
    .and(Variants::GLYPH)
    .and(Variants::SPLIT)
    .and(Variants::PINYIN)
    .and(Variants::INITIALS)
    .and(Variants::REVERSED)
    .and(Variants::EMOJI)
    .and(Variants::DIGITS);

fuzz_target!(|data: &str| {
    let Some((word, text)) = data.split_once('\n') else { return };
    let pattern = Pattern::new(0, word).variants(ALL).boundary(Boundary::None);
    let Ok(matcher) = Matcher::builder().pattern(pattern).build() else { return };
    let (mut scratch, mut fresh) = (Scratch::new(), Scratch::new());
    let hits = matcher.find(text, &mut scratch).to_vec();
    for hit in &hits {
        assert!(hit.start < hit.end && text.get(hit.range()).is_some(), "{hit:?}");
    }
    matcher.find(word, &mut scratch);
    assert_eq!(matcher.find(text, &mut scratch), hits);
    assert_eq!(matcher.find(text, &mut fresh), hits);
    let mut folded = Folded::new();
    folded.fold(word);
    let plain = folded.atoms().iter().skip(1).all(|atom| atom.gap.is_empty());
    if plain && !folded.atoms().is_empty() && folded.atoms().len() < 32 {
        assert!(!matcher.find(word, &mut fresh).is_empty(), "{word:?} does not find itself");
    }
});
