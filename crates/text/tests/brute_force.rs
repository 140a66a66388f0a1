//! The search against a plain comparison, and what holds for every span, on seeded random texts.

use huoyan_text::{Boundary, Contact, Folded, Gap, Kind, Matcher, Pattern, Scratch, Variants, contacts, fold_char};

/// A small generator, so that every run sees the same texts.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n as u64) as usize
    }

    fn text(&mut self, letters: &[char], most: usize) -> String {
        (0..self.below(most)).map(|_| letters[self.below(letters.len())]).collect()
    }
}

/// Every place where the folded pattern stands in the atoms, compared atom by atom: repeats may be longer, gaps short.
fn plainly(pattern: &Pattern, folded: &Folded) -> Vec<(u32, u32)> {
    let word: Vec<char> = pattern.text.chars().map(|c| fold_char(c).1).collect();
    let mut runs: Vec<(char, usize)> = Vec::new();
    for c in word {
        match runs.last_mut() {
            Some((last, run)) if *last == c && !c.is_ascii_digit() => *run += 1,
            _ => runs.push((c, 1)),
        }
    }
    // The text's runs, cut at clause ends.
    let atoms = folded.atoms();
    let mut keys: Vec<(char, usize, usize)> = Vec::new();
    for (i, atom) in atoms.iter().enumerate() {
        match keys.last_mut() {
            Some((last, _, end))
                if *last == atom.code && !atom.code.is_ascii_digit() && !atom.gap.has(Gap::BOUNDARY) =>
            {
                *end = i + 1
            }
            _ => keys.push((atom.code, i, i + 1)),
        }
    }
    let close = |from: usize, to: usize| {
        atoms[from + 1..to].iter().all(|atom| atom.gap.len() <= pattern.max_noise && !atom.gap.has(Gap::BOUNDARY))
    };
    let mut found = Vec::new();
    for first in 0..keys.len() {
        let Some(stretch) = keys.get(first..first + runs.len()) else { continue };
        let same = stretch.iter().zip(&runs).all(|((c, from, to), (want, run))| c == want && to - from >= *run);
        if !same {
            continue;
        }
        let (head, tail) = (stretch[0], stretch[stretch.len() - 1]);
        let wide = (head.1, tail.2);
        let tight = if runs.len() == 1 { wide } else { (head.2 - runs[0].1, tail.1 + runs[runs.len() - 1].1) };
        if close(tight.0, tight.1) {
            let (from, to) = if close(wide.0, wide.1) { wide } else { tight };
            found.push((atoms[from].start, atoms[to - 1].end));
        }
    }
    found
}

#[test]
fn finds_what_a_plain_comparison_finds() {
    let letters: Vec<char> = "微微信淘宝京东多a1 .，❤\u{200B}ＡⓐV寶".chars().collect();
    let words: Vec<char> = "微信淘宝京东多a1v".chars().collect();
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let mut scratch = Scratch::new();
    for round in 0..300 {
        let mut patterns = Vec::new();
        for id in 0..1 + random.below(12) {
            let text = random.text(&words, 5);
            if !text.is_empty() {
                patterns.push(Pattern::new(id as u32, text).boundary(Boundary::None).max_noise(random.below(3) as u8));
            }
        }
        let matcher = Matcher::builder().patterns(patterns.clone()).build().unwrap();
        for _ in 0..20 {
            let text = random.text(&letters, 24);
            let mut found: Vec<_> =
                matcher.find(&text, &mut scratch).iter().map(|hit| (hit.pattern, hit.start, hit.end)).collect();
            scratch.fold(&text);
            let mut wanted: Vec<_> = patterns
                .iter()
                .enumerate()
                .flat_map(|(i, pattern)| {
                    plainly(pattern, scratch.folded()).into_iter().map(move |(a, b)| (i as u32, a, b))
                })
                .collect();
            found.sort_unstable();
            wanted.sort_unstable();
            wanted.dedup();
            assert_eq!(found, wanted, "round {round}, text {text:?}, patterns {patterns:?}");
        }
    }
}

#[test]
fn spans_lie_on_character_boundaries_whatever_the_text() {
    let all = Variants::HOMOPHONE
        | Variants::GLYPH
        | Variants::SPLIT
        | Variants::PINYIN
        | Variants::INITIALS
        | Variants::REVERSED
        | Variants::EMOJI
        | Variants::DIGITS;
    let words = ["微信", "淘宝", "拼多多", "第一", "qq", "扣扣", "加v", "小红书"];
    let patterns = words
        .iter()
        .enumerate()
        .map(|(i, word)| Pattern::new(i as u32, *word).variants(all).keep_common().min_exact(0));
    let matcher = Matcher::builder().patterns(patterns).allow("微信支付").cut("信息").build().unwrap();
    let letters: Vec<char> =
        "微信薇xin亻言扌口氵匋宝拼多1①壹⑫一38.-@点com。，\n🐧❤️\u{301}\u{200B}ＶvqQ\\/ﷺ𝓿ẞİ㈠𠀀\u{E0041}￥"
            .chars()
            .collect();
    let mut random = Random(7);
    let (mut scratch, mut found): (_, Vec<Contact>) = (Scratch::new(), Vec::new());
    for _ in 0..6_000 {
        let text = random.text(&letters, 40);
        for hit in matcher.find(&text, &mut scratch) {
            assert!(text.get(hit.range()).is_some_and(|span| !span.is_empty()), "{text:?}: {hit:?}");
            assert!(hit.end_atom as usize <= text.len());
        }
        scratch.fold(&text);
        contacts(&text, scratch.folded(), &mut found);
        for contact in &found {
            assert!(text.get(contact.range()).is_some_and(|span| !span.is_empty()), "{text:?}: {contact:?}");
        }
    }
}

#[test]
fn an_exact_hit_folds_to_its_pattern() {
    let matcher = Matcher::builder().pattern(Pattern::new(0, "微信号a1")).build().unwrap();
    let letters: Vec<char> = "微信号號aＡ1①.❤\u{200B}".chars().collect();
    let mut random = Random(99);
    let mut scratch = Scratch::new();
    let mut hits = 0;
    for _ in 0..20_000 {
        let text =
            format!("微{}信{}號{}", random.text(&letters, 3), random.text(&letters, 3), random.text(&letters, 6));
        for hit in matcher.find(&text, &mut scratch).to_vec() {
            hits += 1;
            let mut folded = Folded::new();
            folded.fold(&text[hit.range()]);
            let mut codes: Vec<char> = folded.atoms().iter().map(|atom| atom.code).collect();
            codes.dedup();
            assert_eq!(codes.iter().collect::<String>(), "微信号a1", "{text:?}");
            assert!(folded.atoms().iter().all(|atom| atom.kind != Kind::Skip));
        }
    }
    assert!(hits > 10);
}
