//! Points in time: RFC 3339, `2016/11/14`, `2024-04-13 12:47:17`, `2016年11月14日`, `09 1, 2016`, Unix seconds and
//! milliseconds. A time without a zone is taken as UTC, so that its day stays the day that was written.

/// What a time cell says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Time {
    /// Seconds since 1970-01-01T00:00:00Z.
    Seconds(i64),
    /// Relative to a moment nobody wrote down: `8个月前`, `yesterday`.
    Relative,
    /// Not a time.
    Unclear,
}

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// Reads a point in time.
pub(crate) fn parse(text: &str) -> Time {
    let text = text.trim();
    if text.is_empty() || text.len() > 200 {
        return Time::Unclear;
    }
    let found = if text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        bare_number(text)
    } else if text.as_bytes()[0].is_ascii_digit() {
        year_first(text).or_else(|| month_first(text)).or_else(|| month_word(text))
    } else {
        month_word(text)
    };
    match found {
        Some(seconds) => Time::Seconds(seconds),
        None if is_relative(text) => Time::Relative,
        None => Time::Unclear,
    }
}

/// Whether a text begins with a relative time, as in `8个月前\u{a0}得伟45件套`.
fn is_relative(text: &str) -> bool {
    const WORDS: [&str; 8] = ["刚刚", "今天", "昨天", "前天", "just now", "today", "yesterday", "半年前"];
    if WORDS.iter().any(|word| text.starts_with(word)) {
        return true;
    }
    let rest =
        text.trim_start_matches(|c: char| c.is_ascii_digit() || "一二三四五六七八九十两几半".contains(c)).trim_start();
    if rest.len() == text.len() {
        return false;
    }
    const UNITS: [&str; 10] =
        ["个月前", "月前", "年前", "天前", "日前", "周前", "小时前", "分钟前", "秒前", "个小时前"];
    const ENGLISH: [&str; 7] = ["second", "minute", "hour", "day", "week", "month", "year"];
    UNITS.iter().any(|unit| rest.starts_with(unit))
        || (rest.contains("ago") && ENGLISH.iter().any(|unit| rest.starts_with(unit)))
}

/// `1472688000`, `1472688000000`, `20161114`.
fn bare_number(text: &str) -> Option<i64> {
    if text.contains('.') {
        if let Some(found) = year_first(text) {
            return Some(found);
        }
        let (whole, fraction) = text.split_once('.')?;
        return if fraction.contains('.') || whole.len() < 9 { None } else { bare_number(whole) };
    }
    let number: i64 = text.parse().ok()?;
    match text.len() {
        8 => civil(number / 10_000, number / 100 % 100, number % 100),
        14 => {
            let (day, clock) = (number / 1_000_000, number % 1_000_000);
            let seconds = civil(day / 10_000, day / 100 % 100, day % 100)?;
            clock_seconds(clock / 10_000, clock / 100 % 100, clock % 100).map(|c| seconds + c)
        }
        9 | 10 => Some(number),
        // Milliseconds and microseconds of the years 2001 to 2286.
        13 => Some(number / 1_000),
        16 => Some(number / 1_000_000),
        _ => None,
    }
}

/// A number at the start of a text, and what follows it.
fn leading_number(text: &str, most_digits: usize) -> Option<(i64, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 || digits > most_digits {
        return None;
    }
    Some((text[..digits].parse().ok()?, &text[digits..]))
}

/// `2016-11-14T12:00:00+08:00`, `2016/11/14 12:00`, `2016.11.14`, `2016年11月14日 12时30分`.
fn year_first(text: &str) -> Option<i64> {
    let (year, rest) = leading_number(text, 4)?;
    if year < 1000 {
        return None;
    }
    let rest = rest.strip_prefix(['-', '/', '.', '年'])?;
    let (month, rest) = leading_number(rest.trim_start(), 2)?;
    let rest = rest.strip_prefix(['-', '/', '.', '月'])?;
    let (day, rest) = leading_number(rest.trim_start(), 2)?;
    let rest = rest.strip_prefix('日').unwrap_or(rest);
    Some(civil(year, month, day)? + time_of_day(rest)?)
}

/// `09 1, 2016` and `11/14/2016`: month, day, year. A first number above 12 makes it day, month, year.
fn month_first(text: &str) -> Option<i64> {
    let (a, rest) = leading_number(text, 2)?;
    let rest = rest.strip_prefix([' ', '/', '-', '.'])?.trim_start();
    let (b, rest) = leading_number(rest, 2)?;
    let rest = rest.strip_prefix([',', '/', '-', '.', ' '])?.trim_start();
    let (year, rest) = leading_number(rest, 4)?;
    if year < 1000 {
        return None;
    }
    let (month, day) = if a > 12 { (b, a) } else { (a, b) };
    Some(civil(year, month, day)? + time_of_day(rest)?)
}

/// `Sep 1, 2016`, `1 September 2016`, `Reviewed in India on 1 September 2016`.
fn month_word(text: &str) -> Option<i64> {
    let lower = text.to_ascii_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty()).collect();
    let at = words.iter().position(|word| {
        word.len() >= 3 && word.bytes().all(|b| b.is_ascii_alphabetic()) && month_number(word).is_some()
    })?;
    let month = month_number(words[at])?;
    let number = |index: Option<usize>| -> Option<i64> {
        let word = words.get(index?)?;
        word.trim_end_matches(['s', 't', 'n', 'd', 'r', 'h']).parse().ok()
    };
    let before = number(at.checked_sub(1));
    let after = number(Some(at + 1));
    let (day, year) = match (before, after, number(Some(at + 2))) {
        (_, Some(day @ 1..=31), Some(year @ 1000..=9999)) => (day, year),
        (Some(day @ 1..=31), Some(year @ 1000..=9999), _) => (day, year),
        _ => return None,
    };
    civil(year, month, day)
}

fn month_number(word: &str) -> Option<i64> {
    const FULL: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let at = FULL.iter().position(|full| *full == word).or_else(|| MONTHS.iter().position(|short| *short == word));
    at.or_else(|| (word == "sept").then_some(8)).map(|index| index as i64 + 1)
}

/// What follows a date: nothing, or a clock, maybe with a fraction and a zone. Anything else makes it no time.
fn time_of_day(text: &str) -> Option<i64> {
    let text = text.trim_start_matches(['T', 't', ' ', ',', '\u{a0}']);
    if text.is_empty() {
        return Some(0);
    }
    let (hour, rest) = leading_number(text, 2)?;
    let rest = rest.strip_prefix([':', '时', '点'])?;
    let (minute, rest) = leading_number(rest, 2)?;
    let rest = rest.strip_prefix('分').unwrap_or(rest);
    let (second, rest) = match rest.strip_prefix(':').unwrap_or(rest) {
        rest if rest.starts_with(|c: char| c.is_ascii_digit()) => leading_number(rest, 2)?,
        rest => (0, rest),
    };
    let rest = rest.strip_prefix('秒').unwrap_or(rest);
    let rest = match rest.strip_prefix('.') {
        Some(fraction) => fraction.trim_start_matches(|c: char| c.is_ascii_digit()),
        None => rest,
    };
    let clock = clock_seconds(hour, minute, second)?;
    zone_seconds(rest.trim()).map(|zone| clock - zone)
}

fn zone_seconds(text: &str) -> Option<i64> {
    let text = text.strip_prefix("UTC").or_else(|| text.strip_prefix("GMT")).unwrap_or(text).trim_start();
    match text {
        "" | "Z" | "z" => return Some(0),
        "CST" => return Some(8 * 3600),
        _ => {}
    }
    let sign = match text.as_bytes()[0] {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let digits: String = text[1..].chars().filter(|c| *c != ':').collect();
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let number: i64 = digits.parse().ok()?;
    let (hours, minutes) = match digits.len() {
        1 | 2 => (number, 0),
        4 => (number / 100, number % 100),
        _ => return None,
    };
    (hours <= 18 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

fn clock_seconds(hour: i64, minute: i64, second: i64) -> Option<i64> {
    (hour <= 24 && minute < 60 && second <= 60).then_some(hour * 3600 + minute * 60 + second)
}

/// Seconds of midnight UTC of a day of the Gregorian calendar (Howard Hinnant, "chrono-compatible low-level date
/// algorithms", days_from_civil).
pub(crate) fn civil(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let longest = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return None,
    };
    if !(1900..=2200).contains(&year) || day < 1 || day > longest {
        return None;
    }
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let year_of_era = y - era * 400;
    let day_of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some((era * 146_097 + day_of_era - 719_468) * 86_400)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_dates_of_real_exports() {
        for (text, seconds) in [
            ("1970-01-01", 0),
            ("2016/11/14", 1_479_081_600),
            ("2016年11月14日", 1_479_081_600),
            ("2016.11.14", 1_479_081_600),
            ("20161114", 1_479_081_600),
            ("2024-04-13 12:47:17", 1_713_012_437),
            ("2024-04-13T12:47:17.250Z", 1_713_012_437),
            ("2024-04-13T20:47:17+08:00", 1_713_012_437),
            ("20240413124717", 1_713_012_437),
            ("09 1, 2016", 1_472_688_000),
            ("Sep 1, 2016", 1_472_688_000),
            ("September 1st, 2016", 1_472_688_000),
            ("Reviewed in India on 1 September 2016", 1_472_688_000),
            ("1472688000", 1_472_688_000),
            ("1472688000123", 1_472_688_000),
            ("1472688000.0", 1_472_688_000),
            ("2000-02-29", 951_782_400),
        ] {
            assert_eq!(parse(text), Time::Seconds(seconds), "{text}");
        }
    }

    #[test]
    fn a_relative_date_is_told_apart_from_nonsense() {
        for text in ["8个月前\u{a0}得伟45件套批头", "昨天", "3天前", "2 weeks ago", "半年前"] {
            assert_eq!(parse(text), Time::Relative, "{text}");
        }
        for text in
            ["", "2016-13-01", "2016-02-30", "2023-02-29", "好评", "8", "12345678901234567890", "2016-11-14 25:00"]
        {
            assert_eq!(parse(text), Time::Unclear, "{text}");
        }
    }
}
