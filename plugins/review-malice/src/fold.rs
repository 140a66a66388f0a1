//! Folds a review to what it says, whatever way it is written.
//!
//! Full-width forms become ASCII, letters lower case, common disguises their plain character (薇 → 微), and spaces and
//! punctuation go, so that "V 信" meets "v信". Each kept character remembers where it stood in the original, which is what
//! findings point at, and which clause it belongs to, since "who asks whom" is read clause by clause.

/// A folded text.
#[derive(Default)]
pub struct Folded {
    /// The kept characters, as UTF-8.
    pub text: String,
    /// The kept characters.
    pub chars: Vec<char>,
    /// Byte range of each kept character in the original.
    pub at: Vec<(u32, u32)>,
    /// The clause of each kept character, counted from 0.
    pub clause: Vec<u16>,
    /// Where each kept character starts in `text`.
    starts: Vec<u32>,
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

/// Folds a text, up to [`MAX_CHARS`] kept characters.
pub fn fold(text: &str) -> Folded {
    let room = (text.len() / 2).min(MAX_CHARS) + 1;
    let mut out = Folded {
        text: String::with_capacity(text.len().min(4 * MAX_CHARS)),
        chars: Vec::with_capacity(room),
        at: Vec::with_capacity(room),
        clause: Vec::with_capacity(room),
        starts: Vec::with_capacity(room),
    };
    let mut clause = 0u16;
    let mut open = false;
    for (i, c) in text.char_indices() {
        let p = plain(c);
        if kept(p) {
            if out.chars.len() == MAX_CHARS {
                break;
            }
            out.starts.push(out.text.len() as u32);
            out.text.push(p);
            out.chars.push(p);
            out.at.push((i as u32, (i + c.len_utf8()) as u32));
            out.clause.push(clause);
            open = true;
        } else if open && (ends_clause(c) || ends_clause(p)) {
            clause = clause.saturating_add(1);
            open = false;
        }
    }
    out
}

/// Only the kept characters of a text, as [`fold`] gives them.
pub fn kept_chars(text: &str, out: &mut Vec<char>) {
    out.clear();
    out.extend(text.chars().map(plain).filter(|c| kept(*c)).take(MAX_CHARS));
}

impl Folded {
    /// The index of the kept character that starts at this byte of `text`.
    pub fn index_of(&self, byte: usize) -> usize {
        self.starts.partition_point(|&s| (s as usize) < byte)
    }

    /// The bytes of the original that the kept characters `start..end` came from; empty when the range is.
    pub fn span(&self, start: usize, end: usize) -> (u32, u32) {
        match (self.at.get(start), end.checked_sub(1).and_then(|e| self.at.get(e))) {
            (Some(a), Some(b)) if start < end => (a.0, b.1),
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
        assert_eq!(f.text, "加vx微心abc");
        assert_eq!(f.clause, [0, 0, 0, 1, 1, 2, 2, 2]);
        let mut chars = Vec::new();
        kept_chars(text, &mut chars);
        assert_eq!(chars, f.chars);
        let (a, b) = f.span(3, 5);
        assert_eq!(&text[a as usize..b as usize], "薇❤");
        assert_eq!(f.index_of("加vx".len()), 3);
    }
}
