//! The first look at a text never denies what the searches behind it would find, on seeded random texts made of what
//! disguises are made of.

use huoyan_text::{Boundary, Matcher, Pattern, Scratch, Signs, Variants, contacts};

/// A small generator, so that every run sees the same texts.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n as u64) as usize
    }

    fn one<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.below(of.len())]
    }

    /// Up to `most` pieces one after the other.
    fn text(&mut self, pieces: &[&str], most: usize) -> String {
        (0..=self.below(most)).map(|_| self.one(pieces)).collect()
    }
}

/// Words in which every kind of disguise has something to do.
const WORDS: &[&str] = &[
    "微信",
    "淘宝",
    "雷管",
    "自制",
    "加v",
    "vx",
    "v信",
    "qq",
    "第1",
    "拼多多",
    "高仿",
    "电话",
    "of",
    "ak",
    "new",
    "x",
    "天",
    "枪支",
    "weixin",
    "点",
    "心",
    "企鹅",
    "nn",
    "a货",
    "3c",
];

/// What texts are put together from: the words' characters, their sounds, looks and parts, and all kinds of noise.
const PIECES: &[&str] = &[
    "微",
    "信",
    "薇",
    "芯",
    "亻",
    "言",
    "徽",
    "徵",
    "淘",
    "寶",
    "宝",
    "室",
    "雷",
    "管",
    "菅",
    "自",
    "制",
    "子",
    "字",
    "致",
    "加",
    "力",
    "口",
    "v",
    "V",
    "ｖ",
    "x",
    "X",
    "Q",
    "q",
    "vx",
    "wei",
    "xin",
    "weixin",
    "tao",
    "bao",
    "zi",
    "zhi",
    "n",
    "new",
    "fashion",
    "nan",
    "men",
    "size",
    "book",
    "office",
    "ak",
    "of",
    "qian",
    "a",
    "o",
    "l",
    "i",
    "oil",
    "拼",
    "多",
    "duo",
    "高",
    "仿",
    "墙",
    "纸",
    "枪",
    "支",
    "第",
    "一",
    "1",
    "3",
    "①",
    "⑫",
    "8",
    "0",
    "九",
    "幺",
    "勾",
    "电",
    "话",
    "☎",
    "🐧",
    "❤",
    "💎",
    " ",
    " ",
    " ",
    "-",
    ".",
    "。",
    "，",
    ",",
    "\n",
    "\u{200B}",
    "\u{301}",
    "/",
    "\\/",
    "\\",
    "点",
    "com",
    "www",
    "dot",
    "at",
    "@",
    "￥",
    "$",
    "https",
    "shop",
    "cn",
    "我",
    "的",
    "好",
    "货",
    "c",
    "鱼",
    "🐟",
    "𝓿",
    "ⅴ",
    "天",
    "13800138000",
    "xxxx",
    "aB3dE6gH9jK",
    "0571",
    "400",
    "820",
];

fn patterns(random: &mut Random) -> Vec<Pattern> {
    let variants = [
        Variants::HOMOPHONE,
        Variants::GLYPH,
        Variants::SPLIT,
        Variants::PINYIN,
        Variants::INITIALS,
        Variants::REVERSED,
        Variants::EMOJI,
        Variants::DIGITS,
    ];
    let boundaries = [Boundary::Word, Boundary::Strict, Boundary::Touch, Boundary::Start, Boundary::None];
    (0..1 + random.below(6) as u32)
        .map(|id| {
            let wanted =
                variants.iter().fold(Variants::NONE, |all, one| if random.below(2) == 0 { all } else { all | *one });
            let mut pattern = Pattern::new(id, random.one(WORDS))
                .variants(wanted)
                .max_noise(random.below(4) as u8)
                .min_exact(random.below(3) as u8)
                .boundary(boundaries[random.below(5)]);
            pattern.keep_common = random.below(2) == 0;
            pattern
        })
        .collect()
}

#[test]
fn denies_nothing_that_is_there() {
    let (mut random, mut scratch, mut whole) = (Random(0x9E37_79B9), Scratch::new(), Scratch::new());
    let (mut found, mut denied, mut met) = (Vec::new(), 0, 0);
    for _ in 0..150 {
        let patterns = patterns(&mut random);
        let mut builder = Matcher::builder().patterns(patterns.clone());
        if random.below(3) == 0 {
            builder = builder.allow("微信").cut("北京");
        }
        let matcher = builder.build().expect("builds");
        for _ in 0..120 {
            let text = random.text(PIECES, 24);
            whole.fold(&text);
            matcher.find_folded(&text, &mut whole);
            assert_eq!(matcher.find(&text, &mut scratch), whole.hits(), "{text:?} {patterns:?}");
            let signs = matcher.glance(&text, &mut scratch);
            contacts(&text, whole.folded(), &mut found);
            assert!(signs.contacts() || found.is_empty(), "{text:?} {found:?}");
            denied += usize::from(!signs.patterns());
            met += usize::from(!whole.hits().is_empty());
        }
    }
    // The law would hold of a look that denies nothing, too, or of texts in which nothing is.
    assert!(denied > 5_000 && met > 1_500, "{denied} {met}");
}

/// Patterns with letters at every edge, and what Latin texts are made of.
const LETTERED: &[&str] = &[
    "weixin",
    "vx",
    "qq",
    "nn",
    "加vx",
    "v信",
    "a货",
    "telegram",
    "whats app",
    "line",
    "of",
    "xo",
    "book",
    "v8x",
    "ab bc",
    "new",
    "xxl",
    "微x",
];
const LATIN: &[&str] = &[
    "we", "wei", "weix", "ixin", "in", "xin", "telegram", "tele", "gram", "grams", "inline", "line", "lines", "men",
    "women", "new", "neww", "win", "web", "vx", "vxx", "qq", "q", "n", "nn", "book", "bok", "bookok", "office", "of",
    "off", "box", "xo", "oxo", "xoxo", "abc", "ab", "bc", "cab", "whats", "app", "apple", "fashion", "shirt", "tshirt",
    "com", "net", "ne", "www", "dot", "x", "xxl", "xx", "extra", "v", "V8", "8", "X", "oil", "ill", "lol", "1", "0",
    "138", "00138000", " ", " ", " ", " ", " ", " ", "-", ".", ",", "，", "。", "\n", "加", "微", "信", "货", "口",
    "\u{200B}", "\u{301}", "\\/", "\\", "ｔ", "é", "𝓿", "🐧",
];

#[test]
fn denies_no_word_that_is_there() {
    let (mut random, mut scratch, mut whole) = (Random(0xDEAD_BEEF), Scratch::new(), Scratch::new());
    let (mut found, mut denied, mut met) = (Vec::new(), 0, 0);
    for _ in 0..300 {
        let patterns: Vec<Pattern> = patterns(&mut random)
            .into_iter()
            .map(|pattern| Pattern { text: random.one(LETTERED).into(), ..pattern })
            .collect();
        let matcher = Matcher::builder().patterns(patterns.clone()).build().expect("builds");
        for _ in 0..200 {
            let text = random.text(LATIN, 16);
            whole.fold(&text);
            matcher.find_folded(&text, &mut whole);
            assert_eq!(matcher.find(&text, &mut scratch), whole.hits(), "{text:?} {patterns:?}");
            let signs = matcher.glance(&text, &mut scratch);
            contacts(&text, whole.folded(), &mut found);
            assert!(signs.contacts() || found.is_empty(), "{text:?} {found:?}");
            denied += usize::from(!signs.patterns());
            met += usize::from(!whole.hits().is_empty());
        }
    }
    assert!(denied > 10_000 && met > 5_000, "{denied} {met}");
}

#[test]
fn tells_numbers_in_pieces() {
    let matcher = Matcher::builder().pattern(Pattern::new(0, "微信")).build().expect("builds");
    let mut scratch = Scratch::new();
    let mut signs = |text: &str| matcher.glance(text, &mut scratch);
    assert!(signs("前三位138中间0013后面8000").has(Signs::FIGURES));
    assert!(signs("电话xxxxx").has(Signs::MASKED) && signs("x x-x，x").has(Signs::MASKED));
    assert!(signs("纯棉短袖 2024 new, max 3xl").is_empty());
}
