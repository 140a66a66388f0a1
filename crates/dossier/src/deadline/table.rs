//! The calendar as it is written down, and what must be true of it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate, Weekday};
use serde::{Deserialize, Deserializer};

use super::CalendarError;
use super::calendar::{DayKind, Year};
use super::rules::Confidence;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CalendarFile {
    pub name: String,
    pub as_of: Day,
    pub source: String,
    #[serde(default)]
    pub unsettled_days: u32,
    #[serde(default)]
    year: Vec<YearEntry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct YearEntry {
    year: i32,
    notices: Vec<String>,
    confidence: Confidence,
    #[serde(default)]
    holidays: Vec<HolidayEntry>,
    #[serde(default)]
    make_up: Vec<Day>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct HolidayEntry {
    name: String,
    from: Day,
    /// The last day; the first when left out.
    to: Option<Day>,
}

/// A day in TOML, with or without quotes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Day(pub NaiveDate);

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Text(String),
            Native(toml::value::Datetime),
        }
        let text = match Written::deserialize(deserializer)? {
            Written::Text(text) => text,
            Written::Native(date) => date.to_string(),
        };
        let shaped = text.len() == 10;
        let day = NaiveDate::parse_from_str(&text, "%Y-%m-%d").ok().filter(|_| shaped);
        day.map(Self)
            .ok_or_else(|| serde::de::Error::custom(format!("'{text}' is no day; write YYYY-MM-DD, as in 2027-01-31")))
    }
}

/// Reads the years of a file and checks each day.
pub(super) fn read(text: &str) -> Result<(CalendarFile, BTreeMap<i32, Year>), CalendarError> {
    let mut file: CalendarFile =
        toml::from_str(text).map_err(|e| CalendarError::Form { detail: e.to_string().trim_end().to_owned() })?;
    let mut years = BTreeMap::new();
    for entry in std::mem::take(&mut file.year) {
        let year = entry.year;
        if !(1949..=2999).contains(&year) {
            return Err(CalendarError::Year { year });
        }
        if years.insert(year, checked(entry)?).is_some() {
            return Err(CalendarError::YearTwice { year });
        }
    }
    Ok((file, years))
}

fn checked(entry: YearEntry) -> Result<Year, CalendarError> {
    let year = entry.year;
    let inside = |day: NaiveDate| {
        if day.year() == year { Ok(day) } else { Err(CalendarError::OutsideYear { year, day }) }
    };
    let mut days = BTreeMap::<NaiveDate, DayKind>::new();
    for HolidayEntry { name, from: Day(from), to } in entry.holidays {
        let to = to.map_or(from, |Day(to)| to);
        inside(from)?;
        inside(to)?;
        if to < from {
            return Err(CalendarError::Reversed { name, from, to });
        }
        for day in from.iter_days().take_while(|day| *day <= to) {
            if let Some(DayKind::Holiday(first)) = days.insert(day, DayKind::Holiday(name.clone())) {
                return Err(CalendarError::Overlap { day, first, second: name });
            }
        }
    }
    let mut seen = BTreeSet::new();
    for Day(day) in entry.make_up {
        inside(day)?;
        if !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) {
            return Err(CalendarError::WeekdayMakeUp { day });
        }
        if !seen.insert(day) {
            return Err(CalendarError::MakeUpTwice { day });
        }
        if let Some(DayKind::Holiday(name)) = days.insert(day, DayKind::MakeUp) {
            return Err(CalendarError::MakeUpInHoliday { day, name });
        }
    }
    Ok(Year { days, notices: entry.notices, confidence: entry.confidence })
}
