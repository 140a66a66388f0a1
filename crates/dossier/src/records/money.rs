/// An amount in fen, exactly: `129`, `¥1,299.00`, `-19.9`, `19.90元`. `None` where there is no such amount, or one with parts of a fen.
pub fn fen(text: &str) -> Option<i64> {
    let plain: String = text.chars().map(fold).filter(|c| !c.is_whitespace()).collect();
    let mut rest = plain.as_str();
    let mut negative = false;
    if let Some(inside) = rest.strip_prefix('(').and_then(|inside| inside.strip_suffix(')')) {
        (rest, negative) = (inside, true);
    }
    for _ in 0..2 {
        for sign in ["CN¥", "¥", "RMB", "CNY", "人民币"] {
            rest = rest.strip_prefix(sign).unwrap_or(rest);
        }
        if let Some(after) = rest.strip_prefix('-') {
            negative = true;
            rest = after;
        }
        rest = rest.strip_prefix('+').unwrap_or(rest);
    }
    for unit in ["元", "圆", "RMB", "CNY", "人民币"] {
        rest = rest.strip_suffix(unit).unwrap_or(rest);
    }
    let (whole, part) = rest.split_once('.').unwrap_or((rest, ""));
    let part = part.trim_end_matches('0');
    let figures = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !grouped(whole) || whole.is_empty() || part.len() > 2 || !figures(part) {
        return None;
    }
    let yuan: i64 = whole.replace(',', "").parse().ok()?;
    let fen: i64 = format!("{part:0<2}").parse().ok()?;
    let amount = yuan.checked_mul(100)?.checked_add(fen)?;
    Some(if negative { -amount } else { amount })
}

/// Figures, or figures in groups of three.
fn grouped(whole: &str) -> bool {
    let figures = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or_default();
    let rest: Vec<&str> = groups.collect();
    figures(first)
        && (rest.is_empty() || first.len() <= 3)
        && rest.iter().all(|group| group.len() == 3 && figures(group))
}

fn fold(c: char) -> char {
    match c {
        '￥' => '¥',
        '−' | '–' => '-',
        '０'..='９' | '，' | '．' | '－' | '＋' | '（' | '）' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        c => c.to_ascii_uppercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact_to_the_fen() {
        for (text, amount) in [
            ("129", 12_900),
            ("19.9", 1_990),
            ("0.29", 29),
            ("¥1,299.00", 129_900),
            ("￥ 89.10 元", 8_910),
            ("-19.90", -1_990),
            ("¥-5", -500),
            ("-¥5", -500),
            ("(5.00)", -500),
            ("１２.５", 1_250),
            ("90071992547409.93", 9_007_199_254_740_993),
            ("8.2000", 820),
            ("rmb 3", 300),
        ] {
            assert_eq!(fen(text), Some(amount), "{text}");
        }
        for text in
            ["", "-", "1.234", "1.2.3", "12a", "1,2,3", "1e3", "面议", ".5", "99999999999999999999", "NaN", "$5"]
        {
            assert_eq!(fen(text), None, "{text}");
        }
    }
}
