//! Days as numbers, to count with: days since 1970-01-01 in UTC.

/// The last day of the year 9999.
const LAST: i32 = 2_932_896;

/// The day in which a moment lies, given in Unix seconds; nothing before 1970 or past 9999, where no review lies.
pub(super) fn day_of(seconds: f64) -> Option<i32> {
    let day = (seconds / 86_400.0).floor();
    (0.0..=f64::from(LAST)).contains(&day).then_some(day as i32)
}

/// The day of a moment as text; a moment in no year of ours stays a number.
pub(crate) fn day_text(seconds: f64) -> String {
    day_of(seconds).map_or_else(|| seconds.to_string(), label)
}

/// Reads `YYYY-MM-DD`.
pub(super) fn parse(text: &str) -> Option<i32> {
    let mut parts = text.splitn(3, '-').map(|part| part.parse::<i32>().ok().filter(|part| *part >= 0));
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    if !(1970..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": years start in March, so that leap days end them.
    let year = if month <= 2 { year - 1 } else { year };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let (era, of_era) = (year / 400, year % 400);
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + day_of_year - 719_468).filter(|day| *day <= LAST)
}

/// Writes `YYYY-MM-DD`.
pub(crate) fn label(day: i32) -> String {
    let days = day.clamp(0, LAST) + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i32::from(month <= 2);
    format!("{year:04}-{month:02}-{:02}", of_year - (153 * shifted + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_and_written() {
        for text in ["1970-01-01", "2000-02-29", "2024-03-01", "2026-11-22", "9999-12-31"] {
            assert_eq!(label(parse(text).unwrap()), text);
        }
        assert_eq!(parse("2026-11-22").unwrap() - parse("2026-11-20").unwrap(), 2);
        assert_eq!(day_of(1_795_305_599.0).map(label).as_deref(), Some("2026-11-21"));
        assert_eq!(day_of(1_795_305_600.0).map(label).as_deref(), Some("2026-11-22"));
    }

    #[test]
    fn what_is_no_day_is_none() {
        for text in ["", "2026", "2026-13-01", "<b>-01-01", "99999999999-01-01", "-1-01-01", "2026-01--1"] {
            assert_eq!(parse(text), None, "{text}");
        }
        for seconds in [f64::NAN, f64::INFINITY, -1.0, 1e18] {
            assert_eq!(day_of(seconds), None);
        }
    }
}
