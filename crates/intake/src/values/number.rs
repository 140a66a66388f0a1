//! Ratings, plain numbers and yes-or-no.

/// A plain finite number.
pub(crate) fn float(text: &str) -> Option<f64> {
    let text = text.trim();
    let looks_plain = text.bytes().next().is_some_and(|b| b.is_ascii_digit() || matches!(b, b'-' | b'+' | b'.'));
    if !looks_plain {
        return None;
    }
    text.parse().ok().filter(|value: &f64| value.is_finite())
}

/// A rating from 1 to 5: `5`, `4.0`, `5星`, `4.0 out of 5 stars`, `4/5`.
pub(crate) fn rating(text: &str) -> Option<f64> {
    let text = text.trim();
    let digits = text.bytes().take_while(|b| b.is_ascii_digit() || *b == b'.').count();
    let value: f64 = text[..digits].parse().ok()?;
    let rest = text[digits..].trim();
    let known = matches!(rest, "" | "星" | "分" | "星级" | "/5" | "/ 5" | "stars" | "star" | "颗星")
        || rest.to_ascii_lowercase().starts_with("out of 5");
    (known && (1.0..=5.0).contains(&value)).then_some(value)
}

/// Yes or no, as exports write it.
pub(crate) fn boolean(text: &str) -> Option<bool> {
    let text = text.trim();
    const YES: [&str; 9] = ["true", "1", "yes", "y", "t", "是", "有", "已退款", "verified purchase"];
    const NO: [&str; 9] = ["false", "0", "no", "n", "f", "否", "无", "未退款", "unverified"];
    if YES.iter().any(|word| word.eq_ignore_ascii_case(text)) {
        Some(true)
    } else if NO.iter().any(|word| word.eq_ignore_ascii_case(text)) {
        Some(false)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rating_is_between_one_and_five() {
        assert_eq!(rating("5"), Some(5.0));
        assert_eq!(rating("4.5 out of 5 stars"), Some(4.5));
        assert_eq!(rating("5星"), Some(5.0));
        for text in ["0", "9", "100", "", "好评", "5 apples", "-5"] {
            assert_eq!(rating(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_are_finite() {
        assert_eq!(float("-3.5"), Some(-3.5));
        for text in ["inf", "nan", "1e999", "", "1,000"] {
            assert_eq!(float(text), None, "{text}");
        }
    }

    #[test]
    fn yes_and_no_in_both_languages() {
        assert_eq!(boolean("True"), Some(true));
        assert_eq!(boolean("否"), Some(false));
        assert_eq!(boolean("maybe"), None);
    }
}
