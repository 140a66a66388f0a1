//! Days as numbers, to count with: days since 1970-01-01 in UTC.

use chrono::{Datelike, NaiveDate};

/// 1970-01-01 as chrono counts days.
const EPOCH: i32 = 719_163;

/// The day in which a moment lies, given in Unix seconds; nothing before 1970 or past 9999, where no review lies.
pub(super) fn day_of(seconds: f64) -> Option<i32> {
    let day = (seconds / 86_400.0).floor();
    (0.0..1e7).contains(&day).then_some(day as i32).filter(|day| date(*day).is_some())
}

/// The day of a moment as text; a moment in no year of ours stays a number.
pub(crate) fn day_text(seconds: f64) -> String {
    day_of(seconds).map_or_else(|| seconds.to_string(), label)
}

/// Reads `YYYY-MM-DD`.
pub(super) fn parse(text: &str) -> Option<i32> {
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.num_days_from_ce() - EPOCH;
    date(day).map(|_| day)
}

/// Writes `YYYY-MM-DD`.
pub(crate) fn label(day: i32) -> String {
    date(day).map_or_else(|| day.to_string(), |date| date.to_string())
}

fn date(day: i32) -> Option<NaiveDate> {
    let date = NaiveDate::from_num_days_from_ce_opt(day.checked_add(EPOCH)?)?;
    (1970..=9999).contains(&date.year()).then_some(date)
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
        for text in [
            "",
            "2026",
            "2026-13-01",
            "2026-02-30",
            "<b>-01-01",
            "99999999999-01-01",
            "-1-01-01",
            "2026-01--1",
            "10000-01-01",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
        for seconds in [f64::NAN, f64::INFINITY, -1.0, 1e18] {
            assert_eq!(day_of(seconds), None);
        }
    }
}
