//! Prices: `139`, `67.5`, `￥89.10`, `₹1,26,189`, `1.234,56 €`, `199元`, `1.2万`, and `-1.00` for "off the shelf".

/// What a price cell says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Price {
    /// An amount, in the currency of its sign (ISO 4217) where it carries one.
    Amount(f64, Option<&'static str>),
    /// A negative amount: exports write `-1.00` for an offer that is off the shelf.
    OffShelf,
    /// A range, a word, several numbers: no single price.
    Unclear,
}

/// Signs and words of currencies. Longer ones first where one begins another.
const CURRENCIES: &[(&str, &str)] = &[
    ("US$", "USD"),
    ("HK$", "HKD"),
    ("NT$", "TWD"),
    ("CN¥", "CNY"),
    ("RMB", "CNY"),
    ("CNY", "CNY"),
    ("USD", "USD"),
    ("EUR", "EUR"),
    ("GBP", "GBP"),
    ("INR", "INR"),
    ("JPY", "JPY"),
    ("HKD", "HKD"),
    ("人民币", "CNY"),
    ("美元", "USD"),
    ("港币", "HKD"),
    ("日元", "JPY"),
    ("Rs.", "INR"),
    ("Rs", "INR"),
    ("¥", "CNY"),
    ("￥", "CNY"),
    ("元", "CNY"),
    ("块", "CNY"),
    ("₹", "INR"),
    ("$", "USD"),
    ("＄", "USD"),
    ("€", "EUR"),
    ("£", "GBP"),
    ("円", "JPY"),
    ("₩", "KRW"),
    ("₽", "RUB"),
    ("฿", "THB"),
    ("₫", "VND"),
];

/// Reads a price.
pub(crate) fn parse(text: &str) -> Price {
    let text = text.trim();
    if let Some(value) = plain(text) {
        return Price::Amount(value, None);
    }
    let folded: String = text.chars().map(fold).filter(|c| !c.is_whitespace()).collect();
    let mut rest = folded.as_str();
    let mut currency = None;
    let mut negative = false;
    for label in ["价格", "售价", "到手价", "券后价", "券后", "原价"] {
        rest = rest.strip_prefix(label).unwrap_or(rest);
    }
    rest = rest.trim_start_matches(':');
    // A sign of the number may stand on either side of the sign of the currency.
    for _ in 0..3 {
        if let Some(after) = rest.strip_prefix('-') {
            negative = true;
            rest = after;
        } else if let Some((after, code)) = strip_currency(rest, false) {
            currency = Some(code);
            rest = after;
        }
    }
    rest = rest.strip_suffix('起').unwrap_or(rest);
    if let Some((before, code)) = strip_currency(rest, true) {
        currency = currency.or(Some(code));
        rest = before;
    }
    let (rest, factor) = match rest.strip_suffix('万') {
        Some(before) => (before, 10_000.0),
        None => (rest, 1.0),
    };
    match grouped(rest) {
        Some(value) if negative && value > 0.0 => Price::OffShelf,
        Some(value) => Price::Amount(value * factor, currency),
        None => Price::Unclear,
    }
}

/// The common case, without any allocation: digits and at most one dot.
fn plain(text: &str) -> Option<f64> {
    let simple = !text.is_empty()
        && text.len() <= 18
        && text.as_bytes()[0].is_ascii_digit()
        && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if simple { text.parse().ok() } else { None }
}

fn fold(c: char) -> char {
    match c {
        '０'..='９' | '，' | '．' | '－' | '：' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        '−' | '–' => '-',
        _ => c,
    }
}

fn strip_currency(text: &str, at_end: bool) -> Option<(&str, &'static str)> {
    CURRENCIES.iter().find_map(|&(sign, code)| {
        let at = if at_end { text.len().checked_sub(sign.len())? } else { 0 };
        let candidate = text.get(at..at + sign.len())?;
        candidate.eq_ignore_ascii_case(sign).then(|| {
            let rest = if at_end { &text[..at] } else { &text[sign.len()..] };
            (rest, code)
        })
    })
}

/// A number with groups of digits: `1,299.00`, `1,26,189`, `1.234,56`, `67,50`.
fn grouped(text: &str) -> Option<f64> {
    if text.is_empty() || text.len() > 24 || !text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b',')) {
        return None;
    }
    let last_dot = text.rfind('.');
    let last_comma = text.rfind(',');
    let decimal = match (last_dot, last_comma) {
        (Some(dot), Some(comma)) => Some(dot.max(comma)),
        (Some(dot), None) => Some(dot),
        (None, Some(comma)) if text.matches(',').count() == 1 && text.len() - comma <= 3 => Some(comma),
        _ => None,
    };
    let (whole, fraction) = match decimal {
        Some(at) => (&text[..at], &text[at + 1..]),
        None => (text, ""),
    };
    if fraction.contains(['.', ',']) {
        return None;
    }
    let mut groups = whole.split(['.', ',']);
    let first = groups.next()?;
    let rest: Vec<&str> = groups.collect();
    // Lakh grouping has groups of two but for the last; a mix of both signs as group signs is no number.
    let well_grouped = rest.is_empty()
        || ((1..=3).contains(&first.len())
            && rest.last().is_some_and(|g| g.len() == 3)
            && rest[..rest.len() - 1].iter().all(|g| g.len() == 2 || g.len() == 3)
            && !(whole.contains('.') && whole.contains(',')));
    if !well_grouped || (first.is_empty() && fraction.is_empty()) {
        return None;
    }
    let mut digits: String = whole.chars().filter(char::is_ascii_digit).collect();
    digits.push('.');
    digits.push_str(if fraction.is_empty() { "0" } else { fraction });
    if digits.starts_with('.') {
        digits.insert(0, '0');
    }
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_prices_as_people_write_them() {
        for (text, value, currency) in [
            ("139", 139.0, None),
            ("67.5", 67.5, None),
            (" ￥89.10 ", 89.1, Some("CNY")),
            ("¥ 1,299.00", 1299.0, Some("CNY")),
            ("₹32,999", 32999.0, Some("INR")),
            ("₹1,26,189", 126_189.0, Some("INR")),
            ("1.234,56 €", 1234.56, Some("EUR")),
            ("67,50", 67.5, None),
            ("１９９元", 199.0, Some("CNY")),
            ("1.2万", 12_000.0, None),
            ("券后价：59.9元", 59.9, Some("CNY")),
            ("99元起", 99.0, Some("CNY")),
            ("US$12.99", 12.99, Some("USD")),
            ("0", 0.0, None),
        ] {
            assert_eq!(parse(text), Price::Amount(value, currency), "{text}");
        }
    }

    #[test]
    fn a_negative_price_is_off_the_shelf() {
        assert_eq!(parse("-1.00"), Price::OffShelf);
        assert_eq!(parse("￥-1"), Price::OffShelf);
    }

    #[test]
    fn ranges_and_words_are_no_price() {
        for text in ["100-200", "", "面议", "1,2,3", "1.2.3", "12a", "--", "￥", "1..2", ",,", "."] {
            assert_eq!(parse(text), Price::Unclear, "{text}");
        }
    }
}
