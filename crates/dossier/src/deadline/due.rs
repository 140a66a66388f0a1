use chrono::{Days, NaiveDate};
use huoyan_model::Localized;
use serde::Serialize;

use super::rules::{Direction, ReadingRule, Rule, RuleSource, Side, Unit, Working};
use super::{Calendar, Confidence, DeadlineError, Flag, Instant};

/// The end of one reading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reading {
    /// The reading, such as `inclusive`.
    pub id: String,
    /// Its name for people.
    pub name: Localized,
    /// The last moment, in China's zone.
    pub due: Instant,
}

/// A deadline with all its readings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Deadline {
    /// The rule.
    pub rule: String,
    /// Its name for people.
    pub name: Localized,
    /// What must happen until then.
    pub text: Localized,
    /// Who must act.
    pub side: Side,
    /// What started it, in the zone in which it was written.
    pub start: Instant,
    /// Every reading, in the order of the rule.
    pub readings: Vec<Reading>,
    /// The moment to work to: the end of the earliest reading or, where an answer is waited for, of the latest.
    pub working: Instant,
    /// What must be said beside it, sorted.
    pub flags: Vec<Flag>,
    /// Where the rule comes from.
    pub source: RuleSource,
    /// The hours before the end at which it becomes more urgent, most first.
    pub escalate_hours: Vec<u32>,
}

impl Deadline {
    /// The first reading that has not ended yet: the next step of a rule that strikes several times.
    pub fn next(&self, now: Instant) -> Option<&Reading> {
        self.readings.iter().filter(|reading| now <= reading.due).min_by_key(|reading| reading.due)
    }
}

pub(super) fn compute(
    rule: &Rule,
    escalate_hours: &[u32],
    start: Instant,
    calendar: &Calendar,
) -> Result<Deadline, DeadlineError> {
    let out_of_range = || DeadlineError::OutOfRange { rule: rule.id.clone() };
    let (mut readings, mut flags) = (Vec::new(), Vec::new());
    for reading in &rule.readings {
        let due = match reading.unit.unwrap_or(rule.unit) {
            Unit::Hours => {
                let sign = if rule.direction == Direction::Before { -1 } else { 1 };
                start.plus_hours(sign * i64::from(reading.amount)).map(Instant::to_china)
            }
            _ => last_day(rule, reading, start.china_date(), calendar, &mut flags).and_then(Instant::end_of_day),
        };
        let due = due.ok_or_else(out_of_range)?;
        readings.push(Reading { id: reading.id.clone(), name: reading.name.clone(), due });
    }
    let ends = readings.iter().map(|reading| reading.due);
    let (first, last) = (ends.clone().min(), ends.max());
    let working = match rule.working {
        Working::Earliest => first,
        Working::Latest => last,
    };
    // Readings of one amount are answers to one question; those of several amounts are steps or a band, and no doubt.
    let doubt = rule.readings.windows(2).all(|pair| pair[0].amount == pair[1].amount);
    if doubt && first != last {
        flags.push(Flag::ReadingsDiffer);
    }
    if rule.source.confidence == Confidence::Low {
        flags.push(Flag::LowConfidence);
    }
    flags.sort();
    flags.dedup();
    Ok(Deadline {
        rule: rule.id.clone(),
        name: rule.name.clone(),
        text: rule.text.clone(),
        side: rule.side,
        start,
        readings,
        working: working.ok_or_else(out_of_range)?,
        flags,
        source: rule.source.clone(),
        escalate_hours: escalate_hours.to_vec(),
    })
}

fn last_day(
    rule: &Rule,
    reading: &ReadingRule,
    start: NaiveDate,
    calendar: &Calendar,
    flags: &mut Vec<Flag>,
) -> Option<NaiveDate> {
    // Counting the first day is counting from the day before it.
    let from = if reading.counts_start { start.pred_opt()? } else { start };
    let amount = reading.amount;
    let mut date = match (reading.unit.unwrap_or(rule.unit), rule.direction) {
        (Unit::WorkingDays, direction) => {
            let shifted = match direction {
                Direction::After => calendar.after(from, amount)?,
                Direction::Before => calendar.before(from, amount)?,
            };
            flags.extend(shifted.flags);
            shifted.date
        }
        (_, Direction::After) => from.checked_add_days(Days::new(u64::from(amount)))?,
        (_, Direction::Before) => from.checked_sub_days(Days::new(u64::from(amount)))?,
    };
    if reading.rolls {
        let shifted = calendar.on_or_after(date)?;
        flags.extend(shifted.flags);
        date = shifted.date;
    }
    Some(date)
}
