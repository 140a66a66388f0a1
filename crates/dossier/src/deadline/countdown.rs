use huoyan_model::Localized;
use serde::Serialize;

use super::{Deadline, Instant};

/// How near a deadline is. Later is more urgent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    /// Farther than every step of escalation.
    Calm,
    /// Within the n-th step of escalation, from 1.
    Step(u32),
    /// Past.
    Overdue,
}

/// What is left until a deadline, or how long it is past.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Countdown {
    /// The moment counted to.
    pub due: Instant,
    /// Seconds left; negative when past.
    pub seconds: i64,
    /// Whole days left, or past.
    pub days: u64,
    /// Hours beside the days.
    pub hours: u32,
    /// Minutes beside the hours, begun ones not counted.
    pub minutes: u32,
    /// Whether it is past. The last second itself is not.
    pub overdue: bool,
    /// How near it is.
    pub urgency: Urgency,
    /// The step of escalation that was reached, in hours before the end.
    pub within_hours: Option<u32>,
}

impl Deadline {
    /// What is left until the working deadline.
    pub fn countdown(&self, now: Instant) -> Countdown {
        Countdown::new(self.working, now, &self.escalate_hours)
    }
}

impl Countdown {
    /// What is left until `due`, with steps of escalation in hours, most first.
    pub fn new(due: Instant, now: Instant, escalate_hours: &[u32]) -> Self {
        let seconds = now.seconds_until(due);
        let overdue = now > due;
        let left = seconds.unsigned_abs();
        let reached = escalate_hours.iter().take_while(|hours| seconds <= i64::from(**hours) * 3_600).count();
        let urgency = match u32::try_from(reached).unwrap_or(u32::MAX) {
            _ if overdue => Urgency::Overdue,
            0 => Urgency::Calm,
            step => Urgency::Step(step),
        };
        let part = |unit: u64, of: u64| u32::try_from(left / unit % of).expect("invariant: below 60");
        Self {
            due,
            seconds,
            days: left / 86_400,
            hours: part(3_600, 24),
            minutes: part(60, 60),
            overdue,
            urgency,
            within_hours: reached.checked_sub(1).filter(|_| !overdue).map(|step| escalate_hours[step]),
        }
    }

    /// In words.
    pub fn text(&self) -> Localized {
        let Self { days, hours, minutes, .. } = self;
        if self.overdue {
            Localized::new(
                format!("已超期 {days} 天 {hours} 小时 {minutes} 分钟"),
                format!("overdue by {days} d {hours} h {minutes} min"),
            )
        } else {
            Localized::new(
                format!("还剩 {days} 天 {hours} 小时 {minutes} 分钟"),
                format!("{days} d {hours} h {minutes} min left"),
            )
        }
    }
}
