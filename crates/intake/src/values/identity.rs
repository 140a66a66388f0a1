//! Identities: declared ids, shops, reviewers. A masked nickname is none.

use std::borrow::Cow;

/// Whether a name was masked by the platform (`j***k`, `d**1`, `匿名用户`): grouping by it would merge different people.
pub(crate) fn is_masked(text: &str) -> bool {
    let text = text.trim();
    let stars = text.chars().filter(|c| matches!(c, '*' | '＊' | '●' | '•')).count();
    stars >= 2
        || (stars == 1 && text.chars().count() <= 3)
        || text.contains("匿名")
        || ["anonymous", "amazon customer", "a customer", "kindle customer", "guest"]
            .iter()
            .any(|name| name.eq_ignore_ascii_case(text))
}

/// An id without the marks that spreadsheets leave on it, or nothing when the text is no id.
///
/// `100015206478.0` loses its `.0`. `1.00015E+11` is refused: the digits are gone, and different records would share
/// what is left.
pub(crate) fn clean_id(text: &str) -> Option<Cow<'_, str>> {
    let text = text.trim().trim_start_matches('\u{feff}');
    let text = text.strip_prefix('\'').unwrap_or(text);
    // `="123"` is how a CSV makes a spreadsheet keep the digits.
    let text = text.strip_prefix("=\"").and_then(|t| t.strip_suffix('"')).unwrap_or(text);
    const NONE: [&str; 9] = ["null", "none", "nan", "n/a", "na", "-", "--", "undefined", "#n/a"];
    // The long ones are ids; this is asked of every record.
    if text.is_empty() || text.len() <= 9 && NONE.iter().any(|word| word.eq_ignore_ascii_case(text)) {
        return None;
    }
    if let Some(whole) = text.strip_suffix(".0")
        && !whole.is_empty()
        && whole.bytes().all(|b| b.is_ascii_digit())
    {
        return Some(Cow::Borrowed(whole));
    }
    if is_scientific(text) {
        return None;
    }
    Some(Cow::Borrowed(text))
}

fn is_scientific(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else { return false };
    mantissa.contains('.')
        && mantissa.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        && exponent.strip_prefix('+').is_some_and(|d| !d.is_empty() && d.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masked_nicknames_are_not_identities() {
        for name in ["j***k", "d**1", "钱**6", "＊＊", "匿名用户", "j*k"] {
            assert!(is_masked(name), "{name}");
        }
        for name in ["A3CIUOJXQ5VDQ2", "小明", "star*lord_of_all"] {
            assert!(!is_masked(name), "{name}");
        }
    }

    #[test]
    fn an_id_that_lost_its_digits_is_no_id() {
        assert_eq!(clean_id(" 100015206478.0 ").as_deref(), Some("100015206478"));
        assert_eq!(clean_id("A1817").as_deref(), Some("A1817"));
        assert_eq!(clean_id("=\"007\"").as_deref(), Some("007"));
        assert_eq!(clean_id("1.00015E+11"), None);
        assert_eq!(clean_id("nan"), None);
        assert_eq!(clean_id(""), None);
    }
}
