use huoyan_model::Localized;
use serde::Serialize;

/// What must be said beside a result.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case", tag = "flag")]
pub enum Flag {
    /// The days off of a year are not known; it was counted by weekends.
    UnknownYear {
        /// The year.
        year: i32,
    },
    /// The last days of the last known year, which the next notice may still move.
    UnsettledYearEnd {
        /// The year.
        year: i32,
    },
    /// The source is not sure, or may be out of date.
    LowConfidence,
    /// The readings end on different days; the rule itself does not say which is meant.
    ReadingsDiffer,
}

impl Flag {
    /// The same in both languages.
    pub fn message(&self) -> Localized {
        match self {
            Self::UnknownYear { year } => Localized::new(
                format!("{year} 年放假安排未知，按周末估算"),
                format!("days off of {year} unknown, estimated by weekends"),
            ),
            Self::UnsettledYearEnd { year } => Localized::new(
                format!("{year} 年末几天可能因次年放假通知而调整"),
                format!("the last days of {year} may still be moved by the next year's notice"),
            ),
            Self::LowConfidence => Localized::new(
                "来源可信度低，请以平台当前规则为准",
                "the source is of low confidence: check the platform's present rule",
            ),
            Self::ReadingsDiffer => Localized::new(
                "规则未写明如何起算，各读法结果不同，请按工作截止时间办理",
                "the rule does not say how to count and its readings differ: keep to the working deadline",
            ),
        }
    }
}
