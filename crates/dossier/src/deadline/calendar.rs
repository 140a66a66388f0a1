use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use chrono::{Datelike, NaiveDate, TimeDelta, Weekday};

use super::rules::Confidence;
use super::{CalendarError, Flag, table};

/// What a day is for those who work Mondays to Fridays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DayKind {
    /// A Monday to Friday in no holiday.
    Weekday,
    /// A Saturday or Sunday that is neither in a holiday nor made up for.
    Weekend,
    /// A day off by notice, with its name.
    Holiday(String),
    /// A Saturday or Sunday that is worked.
    MakeUp,
}

impl DayKind {
    /// Whether it is worked.
    pub fn is_working(&self) -> bool {
        matches!(self, Self::Weekday | Self::MakeUp)
    }
}

/// A year as the notices set it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Year {
    /// The days that are not as their weekday says.
    pub days: BTreeMap<NaiveDate, DayKind>,
    pub notices: Vec<String>,
    pub confidence: Confidence,
}

/// A day reached by counting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shifted {
    /// The day.
    pub date: NaiveDate,
    /// What must be said of the days that were counted through.
    pub flags: Vec<Flag>,
}

/// Which days are worked, year by year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    name: String,
    as_of: NaiveDate,
    source: String,
    unsettled_days: u32,
    years: BTreeMap<i32, Year>,
}

impl Calendar {
    /// The calendar of mainland China that this version came with, 2004 to 2026.
    pub fn built_in() -> &'static Self {
        static CALENDAR: OnceLock<Calendar> = OnceLock::new();
        CALENDAR.get_or_init(|| {
            Self::parse(include_str!("../../data/calendar/china.toml"))
                .expect("invariant: the calendar that ships is read by the tests")
        })
    }

    /// Reads a calendar from TOML in the form of `data/calendar/china.toml`.
    ///
    /// # Errors
    /// A file of another form, a year written twice, a day outside its year, holidays that overlap, a make-up day that is a
    /// weekday, written twice or in a holiday.
    pub fn parse(text: &str) -> Result<Self, CalendarError> {
        let (file, years) = table::read(text)?;
        let table::CalendarFile { name, as_of, source, unsettled_days, .. } = file;
        Ok(Self { name, as_of: as_of.0, source, unsettled_days, years })
    }

    /// The same with the years of `newer` added or put in place of its own.
    #[must_use]
    pub fn with(mut self, newer: Self) -> Self {
        self.years.extend(newer.years);
        // A file with one year in it need not say again how long a year's end stays unsettled.
        let unsettled_days = self.unsettled_days.max(newer.unsettled_days);
        Self { years: self.years, unsettled_days, ..newer }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The day on which it was last checked.
    pub fn as_of(&self) -> NaiveDate {
        self.as_of
    }

    /// Where its days come from.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The years that it knows, in order.
    pub fn years(&self) -> impl Iterator<Item = i32> {
        self.years.keys().copied()
    }

    /// The notices that set a year, and how sure the table is of it; `None` for a year that it does not know.
    pub fn notices(&self, year: i32) -> Option<(&[String], Confidence)> {
        self.years.get(&year).map(|year| (year.notices.as_slice(), year.confidence))
    }

    /// What a day is; by its weekday alone in a year that is not known ([`Self::flag`] tells).
    pub fn kind(&self, date: NaiveDate) -> DayKind {
        let set = self.years.get(&date.year()).and_then(|year| year.days.get(&date));
        set.cloned().unwrap_or(match date.weekday() {
            Weekday::Sat | Weekday::Sun => DayKind::Weekend,
            _ => DayKind::Weekday,
        })
    }

    /// Whether a day is worked, as far as is known.
    pub fn is_working(&self, date: NaiveDate) -> bool {
        let set = self.years.get(&date.year()).and_then(|year| year.days.get(&date));
        set.map_or(!matches!(date.weekday(), Weekday::Sat | Weekday::Sun), DayKind::is_working)
    }

    /// What must be said when a day is counted.
    pub fn flag(&self, date: NaiveDate) -> Option<Flag> {
        let year = date.year();
        if !self.years.contains_key(&year) {
            return Some(Flag::UnknownYear { year });
        }
        let left = NaiveDate::from_ymd_opt(year, 12, 31).map_or(0, |last| (last - date).num_days());
        let unsettled = left < i64::from(self.unsettled_days) && !self.years.contains_key(&(year + 1));
        unsettled.then_some(Flag::UnsettledYearEnd { year })
    }

    /// The `amount`-th working day after `start`. The start itself never counts, whether or not it is worked: day 1 is the
    /// first working day after it. No working days give the start. `None` when the calendar of the world ends before.
    pub fn after(&self, start: NaiveDate, amount: u32) -> Option<Shifted> {
        self.step(start, amount, TimeDelta::days(1))
    }

    /// The `amount`-th working day before `start`, which never counts.
    pub fn before(&self, start: NaiveDate, amount: u32) -> Option<Shifted> {
        self.step(start, amount, TimeDelta::days(-1))
    }

    /// The day itself when it is worked, else the next one that is.
    pub fn on_or_after(&self, date: NaiveDate) -> Option<Shifted> {
        self.after(date.pred_opt()?, 1)
    }

    fn step(&self, start: NaiveDate, amount: u32, day: TimeDelta) -> Option<Shifted> {
        let (mut date, mut left, mut flags) = (start, amount, BTreeSet::new());
        while left > 0 {
            date = date.checked_add_signed(day)?;
            flags.extend(self.flag(date));
            left -= u32::from(self.is_working(date));
        }
        Some(Shifted { date, flags: flags.into_iter().collect() })
    }
}
