//! Folds a review to what it says, whatever way it is written.
//!
//! Full-width forms become ASCII, letters lower case, common disguises their plain character (薇 → 微), and spaces and
//! punctuation go, so that "V 信" meets "v信". Each kept character remembers where it stood in the original, which is what
//! findings point at, and which clause it belongs to, since "who asks whom" is read clause by clause.

use std::sync::LazyLock;

/// A folded text.
#[derive(Clone, Debug, Default)]
pub struct Folded {
    /// The kept characters.
    pub chars: Vec<char>,
    /// Where each kept character starts in the original, and how many bytes it took there less one, in the lowest two bits.
    at: Vec<u32>,
    /// The kept characters with which a new clause starts.
    breaks: Vec<u16>,
}

/// Longer reviews are read up to here; the rest says nothing about coordination and would only cost time.
pub const MAX_CHARS: usize = 2_000;

/// The plain character for one written in its place to slip past word filters, or in traditional script.
fn undisguised(c: char) -> char {
    match c {
        '薇' | '徵' | '溦' | '嶶' | '葳' => '微',
        '❤' | '♥' => '心',
        '叚' => '假',
        '貨' => '货',
        '銭' | '錢' => '钱',
        '騙' => '骗',
        '買' => '买',
        '賣' => '卖',
        '質' => '质',
        '評' => '评',
        '紅' => '红',
        '現' => '现',
        '傢' => '家',
        '個' => '个',
        '們' => '们',
        '這' => '这',
        '還' => '还',
        '後' => '后',
        '圖' => '图',
        '說' => '说',
        '請' => '请',
        '讓' => '让',
        '間' => '间',
        '發' => '发',
        '單' => '单',
        '電' => '电',
        '話' => '话',
        '聯' => '联',
        '繫' | '係' => '系',
        '沒' => '没',
        '爛' => '烂',
        '貴' => '贵',
        '東' => '东',
        '給' => '给',
        '裡' | '裏' => '里',
        '妳' => '你',
        '壞' => '坏',
        '價' => '价',
        '闆' => '板',
        '③' => '3',
        '⑤' => '5',
        '①' => '1',
        '②' => '2',
        '④' => '4',
        '⑥' => '6',
        '⑦' => '7',
        '⑧' => '8',
        '⑨' => '9',
        '⓪' => '0',
        '➕' => '加',
        '＋' => '+',
        'ⅴ' => 'v',
        _ => c,
    }
}

fn ideograph(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c)
}

fn plain(c: char) -> char {
    let c = match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        _ => c,
    };
    if c.is_ascii() {
        return c.to_ascii_lowercase();
    }
    let u = undisguised(c);
    if u != c || ideograph(c) {
        return u;
    }
    c.to_lowercase().next().unwrap_or(c)
}

/// Whether a character is kept: letters, digits, ideographs and the plus sign of "+v".
fn kept(c: char) -> bool {
    if c.is_ascii() {
        c == '+' || c.is_ascii_alphanumeric()
    } else {
        ideograph(c) || (!ends_clause(c) && c.is_alphanumeric())
    }
}

/// Whether a character ends a clause. Spaces do not: they are a common disguise.
fn ends_clause(c: char) -> bool {
    matches!(
        c,
        '，' | '。'
            | '！'
            | '？'
            | '；'
            | '、'
            | '…'
            | '~'
            | '～'
            | ','
            | '.'
            | '!'
            | '?'
            | ';'
            | '\n'
            | '：'
            | ':'
            | '（'
            | '）'
            | '('
            | ')'
    )
}

/// In [`PLAIN`]: a character that is left out.
const LEFT_OUT: u16 = 0;
/// In [`PLAIN`]: a character that is left out and ends a clause.
const CLAUSE_END: u16 = 1;

/// What becomes of a character: its plain form, [`LEFT_OUT`] or [`CLAUSE_END`].
fn fate(c: char) -> u32 {
    let p = plain(c);
    match (kept(p), ends_clause(c) || ends_clause(p)) {
        (true, _) => u32::from(p),
        (false, true) => u32::from(CLAUSE_END),
        (false, false) => u32::from(LEFT_OUT),
    }
}

/// The fate of each character of the basic plane, since a text asks for it at every character.
static PLAIN: LazyLock<Box<[u16]>> = LazyLock::new(|| {
    let fate = |code: u32| char::from_u32(code).map_or(0, fate);
    (0..=0xffff).map(|code| u16::try_from(fate(code)).unwrap_or(LEFT_OUT)).collect()
});

#[inline]
fn look_up(table: &[u16], c: char) -> u32 {
    table.get(c as usize).map_or_else(|| fate(c), |fate| u32::from(*fate))
}

/// Folds a text, up to [`MAX_CHARS`] kept characters.
pub fn fold(text: &str) -> Folded {
    let mut out = Folded::default();
    out.read(text);
    out
}

/// Only the kept characters of a text, as [`fold`] gives them.
pub fn kept_chars(text: &str, out: &mut Vec<char>) {
    let table: &[u16] = &PLAIN;
    out.clear();
    out.reserve(text.len().min(MAX_CHARS));
    for c in text.chars() {
        let fate = look_up(table, c);
        if fate > u32::from(CLAUSE_END) {
            if out.len() == MAX_CHARS {
                break;
            }
            out.push(char::from_u32(fate).unwrap_or(c));
        }
    }
}

impl Folded {
    /// Folds another text into the same buffers.
    pub fn read(&mut self, text: &str) {
        let table: &[u16] = &PLAIN;
        let Self { chars, at, breaks } = self;
        let room = text.len().min(MAX_CHARS);
        chars.clear();
        chars.reserve(room);
        at.clear();
        at.reserve(room);
        breaks.clear();
        let mut ended = false;
        // Two bits of a position say how long the character is; nobody writes a review of a gigabyte.
        for (i, c) in text.char_indices().take_while(|(i, _)| *i < 1 << 30) {
            let fate = look_up(table, c);
            if fate > u32::from(CLAUSE_END) {
                if chars.len() == MAX_CHARS {
                    break;
                }
                if ended {
                    breaks.push(chars.len() as u16);
                    ended = false;
                }
                chars.push(char::from_u32(fate).unwrap_or(c));
                at.push((i as u32) << 2 | (c.len_utf8() as u32 - 1));
            } else {
                ended |= fate == u32::from(CLAUSE_END) && !chars.is_empty();
            }
        }
    }

    /// Whether two kept characters stand in the same clause.
    pub fn same_clause(&self, a: usize, b: usize) -> bool {
        let before = |i: usize| self.breaks.partition_point(|start| usize::from(*start) <= i);
        before(a) == before(b)
    }

    /// The bytes of the original that the kept characters `start..end` came from; empty when the range is. An `end` past
    /// the text means its end.
    pub fn span(&self, start: usize, end: usize) -> (u32, u32) {
        let end = end.min(self.at.len());
        match (self.at.get(start), end.checked_sub(1).and_then(|e| self.at.get(e))) {
            (Some(a), Some(b)) if start < end => (a >> 2, (b >> 2) + (b & 3) + 1),
            _ => (0, 0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_width_case_spacing_and_disguises_and_points_back() {
        let text = "加 ＶX：薇❤，ABC";
        let f = fold(text);
        assert_eq!(f.chars.iter().collect::<String>(), "加vx微心abc");
        let clauses: Vec<usize> = (0..8).map(|i| (0..=i).rev().take_while(|j| f.same_clause(i, *j)).count()).collect();
        assert_eq!(clauses, [1, 2, 3, 1, 2, 1, 2, 3]);
        let mut chars = Vec::new();
        kept_chars(text, &mut chars);
        assert_eq!(chars, f.chars);
        let (a, b) = f.span(3, 5);
        assert_eq!(&text[a as usize..b as usize], "薇❤");
        assert_eq!(f.span(7, 99), f.span(7, 8));
        assert_eq!(f.span(8, 9), (0, 0));
    }

    #[test]
    fn the_table_says_what_the_rules_say() {
        for c in (0..=0x2_ffff).filter_map(char::from_u32) {
            assert_eq!(look_up(&PLAIN, c), fate(c), "{c:?}");
        }
    }

    #[test]
    fn buffers_keep_nothing_of_the_text_before() {
        let mut f = fold("一，二，三，四");
        f.read("五六，七");
        assert_eq!(f.chars, ['五', '六', '七']);
        assert!(f.same_clause(0, 1) && !f.same_clause(1, 2));
        assert_eq!(f.span(2, 3), (9, 12));
    }

    #[test]
    fn a_text_is_read_up_to_the_limit() {
        let f = fold(&"好，".repeat(MAX_CHARS + 10));
        assert_eq!(f.chars.len(), MAX_CHARS);
        assert_eq!(f.span(MAX_CHARS - 1, MAX_CHARS), (6 * (MAX_CHARS as u32 - 1), 6 * (MAX_CHARS as u32 - 1) + 3));
    }
}
