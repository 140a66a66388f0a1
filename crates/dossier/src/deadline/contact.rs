use chrono::Timelike;
use huoyan_model::Localized;
use serde::Deserialize;

use super::{Instant, RuleError, RuleSource};

/// When a contact of the platform is staffed, every day of the week.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContactHours {
    /// Its name in commands and files.
    pub id: String,
    /// Its name for people.
    pub name: Localized,
    /// The minute of the day in China at which it opens.
    pub opens: u32,
    /// The minute of the day at which it closes, 1440 for midnight.
    pub closes: u32,
    /// Within how many minutes an answer is promised.
    pub answer_minutes: u32,
    /// Where it comes from.
    pub source: RuleSource,
}

impl ContactHours {
    pub(super) fn check(&self) -> Result<(), RuleError> {
        if self.opens < self.closes && self.closes <= 1_440 {
            return Ok(());
        }
        let detail = Localized::new(
            format!("开放时间 {}–{} 分钟不成立；请写成当天的分钟数，最大 1440", self.opens, self.closes),
            format!("hours {} to {} are none; write minutes of one day, up to 1440", self.opens, self.closes),
        );
        Err(RuleError::Contradiction { id: self.id.clone(), detail })
    }

    /// Whether somebody is there.
    pub fn is_open(&self, now: Instant) -> bool {
        (self.opens..self.closes).contains(&minute(now))
    }

    /// When somebody is there next; `now` itself when it is open.
    pub fn next_open(&self, now: Instant) -> Option<Instant> {
        if self.is_open(now) {
            return Some(now.to_china());
        }
        let date = now.china_date();
        let date = if minute(now) < self.opens { date } else { date.succ_opt()? };
        Instant::in_china(date, chrono::NaiveTime::from_num_seconds_from_midnight_opt(self.opens * 60, 0)?)
    }
}

fn minute(now: Instant) -> u32 {
    now.china_time().num_seconds_from_midnight() / 60
}

/// How many unanswered calls within how long count as lost contact.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unanswered {
    /// Its name in commands and files.
    pub id: String,
    /// Its name for people.
    pub name: Localized,
    /// The window, in hours; a call exactly that much older is outside.
    pub window_hours: u32,
    /// So many unanswered calls within the window are lost contact.
    pub limit: usize,
    /// From so many on there must be a warning.
    pub warn: usize,
    /// Where it comes from.
    pub source: RuleSource,
}

impl Unanswered {
    /// The most unanswered calls within any window, and the call with which that number was reached first.
    pub fn worst(&self, unanswered: &[Instant]) -> (usize, Option<Instant>) {
        let mut calls = unanswered.to_vec();
        calls.sort();
        let (mut first, mut worst) = (0, (0, None));
        for (last, call) in calls.iter().enumerate() {
            while calls[first].seconds_until(*call) >= i64::from(self.window_hours) * 3_600 {
                first += 1;
            }
            if last + 1 - first > worst.0 {
                worst = (last + 1 - first, Some(*call));
            }
        }
        worst
    }
}
