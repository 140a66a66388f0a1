use std::fmt;

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat, TimeDelta, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::DeadlineError;

/// China has one zone and, since 1992, no summer time.
const CHINA_SECONDS: i32 = 8 * 3_600;

pub(super) fn china() -> FixedOffset {
    FixedOffset::east_opt(CHINA_SECONDS).expect("invariant: eight hours are less than a day")
}

/// A moment with the zone in which it was written. Compared and ordered by time alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(DateTime<FixedOffset>);

impl Instant {
    /// The years that moments may lie in; far enough from the ends that days can be added without a check.
    const YEARS: std::ops::RangeInclusive<i32> = 1970..=9_000;

    /// Reads RFC 3339, as in `2026-11-22T18:30:00+08:00`. The zone must be there: without it a deadline can be a day off.
    ///
    /// # Errors
    /// Text that is no such moment, or a year outside 1970 to 9000.
    pub fn parse(text: &str) -> Result<Self, DeadlineError> {
        let wrong = || DeadlineError::Moment { text: text.chars().take(64).collect() };
        let parsed = DateTime::parse_from_rfc3339(text.trim()).map_err(|_| wrong())?;
        if Self::YEARS.contains(&parsed.year()) { Ok(Self(parsed)) } else { Err(wrong()) }
    }

    /// A moment as a system's clock tells it, in China's zone.
    pub fn from_unix_seconds(seconds: i64) -> Option<Self> {
        let moment = DateTime::from_timestamp(seconds, 0)?.with_timezone(&china());
        Self::YEARS.contains(&moment.year()).then_some(Self(moment))
    }

    /// A moment of a day in China. `None` outside the years 1970 to 9000.
    pub fn in_china(date: NaiveDate, time: NaiveTime) -> Option<Self> {
        if !Self::YEARS.contains(&date.year()) {
            return None;
        }
        NaiveDateTime::new(date, time).and_local_timezone(china()).single().map(Self)
    }

    /// The last second of a day in China.
    pub fn end_of_day(date: NaiveDate) -> Option<Self> {
        Self::in_china(date, NaiveTime::from_hms_opt(23, 59, 59)?)
    }

    /// The day in China on which the moment lies.
    pub fn china_date(self) -> NaiveDate {
        self.0.with_timezone(&china()).date_naive()
    }

    /// The time of day in China.
    pub fn china_time(self) -> NaiveTime {
        self.0.with_timezone(&china()).time()
    }

    /// The same moment written in China's zone.
    #[must_use]
    pub fn to_china(self) -> Self {
        Self(self.0.with_timezone(&china()))
    }

    /// The moment so many hours later, or earlier; `None` outside the years 1970 to 9000.
    pub fn plus_hours(self, hours: i64) -> Option<Self> {
        let moved = self.0.checked_add_signed(TimeDelta::try_hours(hours)?)?;
        Self::YEARS.contains(&moved.year()).then_some(Self(moved))
    }

    /// Seconds from this moment to `other`, negative when that is earlier.
    pub fn seconds_until(self, other: Self) -> i64 {
        other.0.timestamp() - self.0.timestamp()
    }

    /// Seconds since 1970.
    pub(crate) fn epoch(self) -> i64 {
        self.0.timestamp()
    }

    /// As RFC 5545 writes a moment in UTC: `20261122T103000Z`.
    pub(super) fn compact_utc(self) -> String {
        self.0.with_timezone(&Utc).format("%Y%m%dT%H%M%SZ").to_string()
    }
}

/// RFC 3339 with the zone kept and whole seconds.
impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_rfc3339_opts(SecondsFormat::Secs, false))
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_zone_and_knows_the_day_in_china() {
        let evening_in_london = Instant::parse("2026-11-22T18:30:00+00:00").unwrap();
        assert_eq!(evening_in_london.to_string(), "2026-11-22T18:30:00+00:00");
        assert_eq!(evening_in_london.china_date().to_string(), "2026-11-23");
        assert_eq!(evening_in_london.to_china().to_string(), "2026-11-23T02:30:00+08:00");
        assert_eq!(evening_in_london, evening_in_london.to_china());
    }

    #[test]
    fn refuses_a_moment_without_a_zone_or_without_sense() {
        for text in ["2026-11-22T18:30:00", "2026-11-22", "2026-02-30T00:00:00+08:00", "22.11.2026", "", "今天"] {
            assert!(Instant::parse(text).is_err(), "{text}");
        }
        assert!(Instant::parse("1969-12-31T00:00:00Z").is_err());
        assert!(Instant::parse("9999-12-31T00:00:00Z").is_err());
    }
}
