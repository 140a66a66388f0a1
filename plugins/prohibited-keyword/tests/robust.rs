//! Whatever the text, spans are sound, results repeat, and time stays bounded.

use prohibited_keyword::{PACKS, Workspace, bundled};

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
    for round in 0..4000 {
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
