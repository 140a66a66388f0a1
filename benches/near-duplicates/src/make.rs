//! Makes the reviews, as the head of `main.rs` says.

use std::error::Error;

use review_malice::fold::kept_chars;
use review_malice::sketch::mix;

/// One planted review in so many.
const PLANTED: usize = 50;
/// Members of five groups of 2 to 6.
const CYCLE: usize = 20;
const DAY: i64 = 86_400;
const DAYS: u64 = 400;

/// Numbers that depend on nothing but their seed.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.next() % 100 < percent
    }

    fn of<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }

    /// An index below `count`, the k-th in proportion to 1/k.
    fn harmonic(&mut self, count: usize) -> usize {
        let whole: f64 = (1..=count).map(|k| 1.0 / k as f64).sum();
        let mut left = whole * (self.next() >> 11) as f64 / (1u64 << 53) as f64;
        for k in 0..count {
            left -= 1.0 / (k + 1) as f64;
            if left < 0.0 {
                return k;
            }
        }
        count - 1
    }
}

/// A review without its text.
pub struct Review {
    pub reviewer: u64,
    pub listing: u64,
    pub time: i64,
    pub vote: u8,
}

/// The group of a planted review and how much its members were edited.
#[derive(Clone, Copy, PartialEq)]
pub struct Group {
    pub number: usize,
    pub level: usize,
}

/// What reviews are made of.
pub struct Source {
    clauses: Vec<String>,
    /// Clauses of each review of the file.
    lengths: Vec<usize>,
    defaults: Vec<String>,
    hot: Vec<String>,
}

impl Source {
    pub fn of(texts: &[String]) -> Result<Self, Box<dyn Error>> {
        let mut kept = Vec::new();
        let mut count = |text: &str| {
            kept_chars(text, &mut kept);
            kept.len()
        };
        let (mut clauses, mut lengths, mut short) = (Vec::new(), Vec::new(), Vec::new());
        for text in texts {
            let before = clauses.len();
            let parts = text.split(['，', '。', '！', '？', '；', ',', '.', '!', '?', ';', '\n', ' ', '…', '~']);
            clauses.extend(parts.filter(|part| (2..=40).contains(&count(part))).map(str::to_owned));
            lengths.push((clauses.len() - before).clamp(1, 12));
            if (4..=12).contains(&count(text)) {
                short.push(text.clone());
            }
        }
        if clauses.len() < 1_000 || short.len() < 40 {
            return Err("too few reviews: the file should have some thousands, short ones among them".into());
        }
        let mut r = Random(1);
        let defaults = (0..40).map(|_| r.of(&short).clone()).collect();
        let mut hot = Vec::new();
        while hot.len() < 60 {
            let clause = r.of(&clauses);
            if (6..=15).contains(&count(clause)) {
                hot.push(clause.clone());
            }
        }
        Ok(Self { clauses, lengths, defaults, hot })
    }

    /// The group of the n-th review, if it is planted.
    pub fn group(n: usize) -> Option<Group> {
        if !n.is_multiple_of(PLANTED) {
            return None;
        }
        let planted = n / PLANTED;
        let of_cycle = [2, 5, 9, 14, 20].iter().position(|end| planted % CYCLE < *end).unwrap_or(0);
        let number = planted / CYCLE * 5 + of_cycle;
        Some(Group { number, level: number % 3 + 1 })
    }

    /// The n-th review of so many.
    pub fn review(n: usize, count: usize) -> Review {
        let mut r = Random(mix(n as u64) ^ 0x5eed);
        let listing = 1 + r.next() % (count as u64 / 50).max(1);
        let (time, vote) = match Self::group(n) {
            Some(group) => {
                let start = mix(group.number as u64) % (DAYS - 10) * DAY as u64;
                (start as i64 + (r.next() % (10 * DAY as u64)) as i64, 0)
            }
            None => ((r.next() % (DAYS * DAY as u64)) as i64, [0, 0, 1, 2, 2, 2, 2, 2, 2, 2][r.below(10)]),
        };
        // Planted reviews of a group are on listings of their own.
        let listing = if Self::group(n).is_some() { mix(n as u64) | 1 << 63 } else { listing };
        Review { reviewer: mix(n as u64 ^ 0xacc0) | 1, listing, time: 1_700_000_000 + time, vote }
    }

    /// The n-th text.
    pub fn text(&self, n: usize) -> String {
        let mut r = Random(mix(n as u64).wrapping_mul(3));
        match Self::group(n) {
            None => self.ordinary(&mut r).join("，"),
            Some(group) => {
                let mut base = Random(mix(group.number as u64) ^ 0xba5e);
                loop {
                    let clauses = self.ordinary(&mut base);
                    if clauses.iter().map(|clause| clause.chars().count()).sum::<usize>() >= 24 {
                        return self.edited(clauses, group.level, &mut r);
                    }
                }
            }
        }
    }

    fn ordinary(&self, r: &mut Random) -> Vec<&str> {
        if r.chance(10) {
            return vec![&self.defaults[r.harmonic(self.defaults.len())]];
        }
        let count = *r.of(&self.lengths);
        let mut clauses: Vec<&str> = (0..count).map(|_| r.of(&self.clauses).as_str()).collect();
        if r.chance(20) {
            clauses.push(&self.hot[r.harmonic(self.hot.len())]);
        }
        clauses
    }

    fn word(&self, length: usize, r: &mut Random) -> String {
        let clause = r.of(&self.clauses);
        let skip = r.below(clause.chars().count().saturating_sub(length));
        clause.chars().skip(skip).take(length).collect()
    }

    fn edited(&self, clauses: Vec<&str>, level: usize, r: &mut Random) -> String {
        let mut clauses: Vec<Vec<char>> = clauses.into_iter().map(|clause| clause.chars().collect()).collect();
        let length: usize = clauses.iter().map(Vec::len).sum();
        for _ in 0..(length / 40).max(1) {
            let word = self.word(2, r);
            let i = r.below(clauses.len());
            if clauses[i].len() >= 2 {
                let at = r.below(clauses[i].len() - 1);
                clauses[i].splice(at..at + 2, word.chars());
            }
        }
        if level >= 2 {
            if r.chance(60) {
                for i in (1..clauses.len()).rev() {
                    clauses.swap(i, r.below(i + 1));
                }
            }
            let length = 3 + r.below(4);
            let phrase = self.word(length, r).chars().collect();
            let at = r.below(clauses.len() + 1);
            clauses.insert(at, phrase);
        }
        let mut out = String::new();
        for (i, clause) in clauses.iter().enumerate() {
            if i > 0 {
                out.push_str(["，", "。", "！", " ", ","][r.below(5)]);
            }
            for c in clause {
                out.push(if level >= 3 { self.disguised(*c, r) } else { *c });
                if level >= 3 && r.chance(4) {
                    out.push('·');
                }
            }
        }
        out.push_str(["", "。", "！", "~"][r.below(4)]);
        out
    }

    fn disguised(&self, c: char, r: &mut Random) -> char {
        if r.chance(2) {
            return self.word(1, r).chars().next().unwrap_or(c);
        }
        let disguise = match c {
            '货' => '貨',
            '钱' => '錢',
            '买' => '買',
            '质' => '質',
            '个' => '個',
            '这' => '這',
            '还' => '還',
            '后' => '後',
            '说' => '說',
            '发' => '發',
            '没' => '沒',
            '东' => '東',
            '给' => '給',
            '你' => '妳',
            'a'..='z' => char::from_u32(c as u32 + 0xfee0).unwrap_or(c),
            _ => return c,
        };
        if r.chance(50) { disguise } else { c }
    }
}
