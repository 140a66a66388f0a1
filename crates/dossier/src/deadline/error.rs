use std::fmt;

use chrono::NaiveDate;
use huoyan_model::Localized;

/// Why a deadline cannot be computed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeadlineError {
    /// Not a moment with its zone.
    Moment {
        /// The text, its first 64 characters.
        text: String,
    },
    /// No such rule.
    UnknownRule {
        /// What was asked for.
        id: String,
        /// What there is.
        known: Vec<String>,
    },
    /// The result lies outside the years that can be counted.
    OutOfRange {
        /// The rule.
        rule: String,
    },
}

impl DeadlineError {
    /// The same in both languages.
    pub fn message(&self) -> Localized {
        match self {
            Self::Moment { text } => Localized::new(
                format!("“{text}”不是带时区的时刻；请写成 2026-11-22T18:30:00+08:00"),
                format!("'{text}' is no moment with a zone; write it as in 2026-11-22T18:30:00+08:00"),
            ),
            Self::UnknownRule { id, known } => Localized::new(
                format!("没有期限规则“{id}”；可用：{}", known.join("、")),
                format!("there is no deadline rule '{id}'; there are {}", known.join(", ")),
            ),
            Self::OutOfRange { rule } => Localized::new(
                format!("期限“{rule}”的结果超出 1970 至 9000 年；请检查起始时刻"),
                format!("the result of '{rule}' lies outside the years 1970 to 9000; check the start"),
            ),
        }
    }
}

impl fmt::Display for DeadlineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message().en)
    }
}

impl std::error::Error for DeadlineError {}

/// Why a calendar file cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CalendarError {
    /// Not TOML, or not in the form of a calendar.
    Form {
        /// What the reader said, with the line.
        detail: String,
    },
    /// A year that no notice can be about.
    Year {
        /// The year.
        year: i32,
    },
    /// A year written twice.
    YearTwice {
        /// The year.
        year: i32,
    },
    /// A day listed under a year in which it does not lie.
    OutsideYear {
        /// The year.
        year: i32,
        /// The day.
        day: NaiveDate,
    },
    /// A holiday that ends before it begins.
    Reversed {
        /// Its name.
        name: String,
        /// Its first day.
        from: NaiveDate,
        /// Its last day.
        to: NaiveDate,
    },
    /// A day in two holidays.
    Overlap {
        /// The day.
        day: NaiveDate,
        /// The first holiday.
        first: String,
        /// The other.
        second: String,
    },
    /// A make-up day from Monday to Friday, which is worked anyway.
    WeekdayMakeUp {
        /// The day.
        day: NaiveDate,
    },
    /// A make-up day written twice.
    MakeUpTwice {
        /// The day.
        day: NaiveDate,
    },
    /// A make-up day in a holiday.
    MakeUpInHoliday {
        /// The day.
        day: NaiveDate,
        /// The holiday.
        name: String,
    },
}

impl CalendarError {
    /// The same in both languages.
    pub fn message(&self) -> Localized {
        match self {
            Self::Form { detail } => Localized::new(
                format!("日历文件格式有误：{detail}"),
                format!("the calendar file has no valid form: {detail}"),
            ),
            Self::Year { year } => Localized::new(
                format!("日历中的年份 {year} 不在 1949 至 2999 年之间"),
                format!("year {year} of the calendar is not between 1949 and 2999"),
            ),
            Self::YearTwice { year } => Localized::new(
                format!("日历中 {year} 年出现两次；请合并"),
                format!("year {year} stands in the calendar twice; join the two"),
            ),
            Self::OutsideYear { year, day } => Localized::new(
                format!("{day} 写在 {year} 年之下；请移到它所在的年份"),
                format!("{day} is listed under {year}; move it to the year in which it lies"),
            ),
            Self::Reversed { name, from, to } => Localized::new(
                format!("“{name}”从 {from} 到 {to}，结束早于开始；请对调"),
                format!("'{name}' goes from {from} to {to}, which is earlier; swap the two"),
            ),
            Self::Overlap { day, first, second } => Localized::new(
                format!("{day} 同时属于“{first}”和“{second}”；请只留一个"),
                format!("{day} is in '{first}' and in '{second}'; leave it in one"),
            ),
            Self::WeekdayMakeUp { day } => Localized::new(
                format!("调休上班日 {day} 不是星期六或星期日，本来就上班；请检查日期"),
                format!("make-up day {day} is no Saturday or Sunday, so it is worked anyway; check the date"),
            ),
            Self::MakeUpTwice { day } => Localized::new(
                format!("调休上班日 {day} 出现两次；请删去一个"),
                format!("make-up day {day} is written twice; remove one"),
            ),
            Self::MakeUpInHoliday { day, name } => Localized::new(
                format!("{day} 既是调休上班日又属于“{name}”；请检查日期"),
                format!("{day} is a make-up day and in '{name}'; check the date"),
            ),
        }
    }
}

impl fmt::Display for CalendarError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message().en)
    }
}

impl std::error::Error for CalendarError {}

/// Why a file of deadline rules cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RuleError {
    /// Not TOML, or not in the form of a rule file.
    Form {
        /// What the reader said, with the line.
        detail: String,
    },
    /// A rule written twice.
    Twice {
        /// Its id.
        id: String,
    },
    /// A rule without a reading.
    NoReading {
        /// Its id.
        id: String,
    },
    /// A rule whose amount is greater than any deadline has.
    TooLong {
        /// Its id.
        id: String,
        /// The amount.
        amount: u32,
    },
    /// A rule whose parts contradict each other.
    Contradiction {
        /// Its id.
        id: String,
        /// What contradicts.
        detail: Localized,
    },
}

impl RuleError {
    /// The same in both languages.
    pub fn message(&self) -> Localized {
        match self {
            Self::Form { detail } => Localized::new(
                format!("期限文件格式有误：{detail}"),
                format!("the deadline file has no valid form: {detail}"),
            ),
            Self::Twice { id } => Localized::new(
                format!("期限规则“{id}”出现两次；请改名"),
                format!("rule '{id}' is written twice; rename one"),
            ),
            Self::NoReading { id } => Localized::new(
                format!("期限规则“{id}”没有读法；请至少写一种"),
                format!("rule '{id}' has no reading; write at least one"),
            ),
            Self::TooLong { id, amount } => Localized::new(
                format!("期限规则“{id}”的数量 {amount} 超过 3650；请检查单位"),
                format!("rule '{id}' has an amount of {amount}, above 3650; check the unit"),
            ),
            Self::Contradiction { id, detail } => {
                Localized::new(format!("期限规则“{id}”：{}", detail.zh), format!("rule '{id}': {}", detail.en))
            }
        }
    }
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message().en)
    }
}

impl std::error::Error for RuleError {}
