//! Whatever the text, spans are sound, results repeat, and time stays bounded.

use prohibited_keyword::pack::{Contexts, Pack};
use prohibited_keyword::{CONTEXTS, PACKS, Screen, Workspace, bundled};

/// A small generator (xorshift), so that a failure can be repeated.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }
}

#[test]
fn spans_lie_on_character_boundaries_and_results_repeat() {
    let screen = bundled().expect("the bundled packs compile");
    // Pieces of the packs themselves, cut anywhere, mixed with what hides words.
    let source: Vec<char> = PACKS.iter().flat_map(|(_, toml)| toml.chars()).collect();
    let noise = [
        "", " ", "·", "❤", "🔫", "💊", "\u{200B}", "\u{301}", "。", "，", "\n", "①", "Ａ", "薇", "𝐓", "0", "木仓",
        "zui",
    ];
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let (mut work, mut found) = (Workspace::new(), Vec::new());
    let (mut fresh, mut again) = (Workspace::new(), Vec::new());
    let mut hits = 0;
    for round in 0..5000 {
        let mut text = String::new();
        for _ in 0..dice.below(12) {
            let from = dice.below(source.len());
            text.extend(&source[from..(from + dice.below(8)).min(source.len())]);
            text.push_str(noise[dice.below(noise.len())]);
        }
        screen.scan(&text, "", &mut work, &mut found);
        if round % 8 == 0 {
            fresh = Workspace::new();
        }
        screen.scan(&text, "", &mut fresh, &mut again);
        assert_eq!(found, again, "{text}");
        for hit in &found {
            assert!(hit.start < hit.end && text.get(hit.start..hit.end).is_some(), "{hit:?} in {text}");
            assert!((0.0..=1.0).contains(&hit.score));
        }
        hits += found.len();
    }
    assert!(hits > 1000, "the generator makes too few hits to mean anything: {hits}");
}

#[test]
fn a_flood_of_hits_is_bounded_and_hides_nothing() {
    let screen = bundled().expect("the bundled packs compile");
    let (mut work, mut found) = (Workspace::new(), Vec::new());
    let flood = format!("{}出售雷管炸药", "同款大牌复刻 第一次 ".repeat(5_000));
    screen.scan(&flood, "", &mut work, &mut found);
    assert!(found.len() < 400);
    assert!(found.iter().any(|hit| flood[hit.start..hit.end].contains("雷管")));
}

/// What `fuzz/fuzz_targets/rule_pack.rs` looks for with more time: a spoilt file is refused in words or compiles.
#[test]
fn a_spoilt_rule_pack_is_refused_or_compiles() {
    let contexts = Contexts::parse(CONTEXTS).expect("the bundled contexts are valid");
    let pieces = ["", "(", ")", "|", "{..3}", "{..999}", "?", "\"", "]", "[[rule]]\n", "=", "\\", "\u{0}", "❤", "#"];
    let mut dice = Dice(0x0123_4567_89AB_CDEF);
    let (mut refused, mut compiled) = (0, 0);
    for _ in 0..150 {
        let (name, toml) = PACKS[dice.below(PACKS.len())];
        let mut letters: Vec<char> = toml.chars().collect();
        for _ in 0..=dice.below(2) {
            let at = dice.below(letters.len());
            let cut = at..(at + dice.below(3)).min(letters.len());
            letters.splice(cut, pieces[dice.below(pieces.len())].chars());
        }
        let spoilt: String = letters.into_iter().collect();
        let screen = Pack::parse(name, &spoilt).and_then(|pack| Screen::new(&[pack], &contexts));
        match screen {
            Ok(screen) => {
                compiled += 1;
                let text: String = spoilt.chars().take(1000).collect();
                screen.scan(&text, "", &mut Workspace::new(), &mut Vec::new());
            }
            Err(error) => {
                refused += 1;
                assert!(!error.to_string().is_empty());
            }
        }
    }
    assert!(refused > 20 && compiled > 20, "{refused} refused, {compiled} compiled");
}
