use std::collections::BTreeSet;
use std::sync::OnceLock;

use huoyan_model::Localized;
use serde::{Deserialize, Serialize};

use super::contact::{ContactHours, Unanswered};
use super::table::Day;
use super::{RuleError, due};

/// How sure a source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// One article, vague, or likely out of date.
    Low,
    /// A secondary copy, or two sources that agree.
    Medium,
    /// The text itself was read and others agree.
    High,
}

/// Where a number comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleSource {
    /// The article or law.
    pub title: String,
    /// When it was written or last known to hold, as YYYY-MM or YYYY-MM-DD.
    pub as_of: String,
    /// How sure it is.
    pub confidence: Confidence,
}

/// Who must act before the deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The shop.
    Merchant,
    /// The platform.
    Platform,
    /// The one who sent a notice of infringement.
    RightsHolder,
}

/// In what an amount is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Days of the calendar, in China.
    CalendarDays,
    /// Chinese working days.
    WorkingDays,
    /// Hours from the moment itself.
    Hours,
}

/// Which reading is worked to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Working {
    /// The one that ends first: the safe one for whoever must act.
    #[default]
    Earliest,
    /// The one that ends last: for an answer that is waited for.
    Latest,
}

/// Where the result lies from the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Direction {
    #[default]
    After,
    Before,
}

/// One way to read a rule.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReadingRule {
    pub id: String,
    pub name: Localized,
    pub amount: u32,
    /// In what it is counted, where not as the rule says.
    pub unit: Option<Unit>,
    /// Whether the start's own day is day 1.
    #[serde(default)]
    pub counts_start: bool,
    /// Whether a last day that is not worked gives way to the next working day.
    #[serde(default)]
    pub rolls: bool,
}

/// One deadline as an article or law states it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its name in commands and files.
    pub id: String,
    /// The event that starts it.
    pub starts: String,
    /// Its name for people.
    pub name: Localized,
    /// What must happen until then.
    pub text: Localized,
    /// Who must act.
    pub side: Side,
    /// In what it is counted.
    pub unit: Unit,
    #[serde(default)]
    pub(super) direction: Direction,
    #[serde(default)]
    pub(super) working: Working,
    pub(super) readings: Vec<ReadingRule>,
    /// Where it comes from.
    pub source: RuleSource,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RulesFile {
    pack: Pack,
    #[serde(default)]
    rule: Vec<Rule>,
    #[serde(default)]
    contact: Vec<ContactHours>,
    #[serde(default)]
    unanswered: Vec<Unanswered>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pack {
    name: String,
    as_of: Day,
    escalate_hours: Vec<u32>,
}

/// The deadlines there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    name: String,
    as_of: chrono::NaiveDate,
    escalate_hours: Vec<u32>,
    rules: Vec<Rule>,
    contacts: Vec<ContactHours>,
    unanswered: Vec<Unanswered>,
}

/// Ten years, in days.
const MOST: u32 = 3_650;

impl Rule {
    /// Whether it counts back from an event that is still to come.
    pub fn counts_back(&self) -> bool {
        self.direction == Direction::Before
    }
}

impl Rules {
    /// The rules that this version came with.
    pub fn built_in() -> &'static Self {
        static RULES: OnceLock<Rules> = OnceLock::new();
        RULES.get_or_init(|| {
            Self::parse(include_str!("../../data/deadlines/douyin.toml"))
                .expect("invariant: the rules that ship are read by the tests")
        })
    }

    /// Reads rules from TOML in the form of `data/deadlines/douyin.toml`.
    ///
    /// # Errors
    /// A file of another form, a rule written twice, without readings, with an amount above 3,650 or with parts that
    /// contradict each other.
    pub fn parse(text: &str) -> Result<Self, RuleError> {
        let file: RulesFile =
            toml::from_str(text).map_err(|e| RuleError::Form { detail: e.to_string().trim_end().to_owned() })?;
        let mut seen = BTreeSet::new();
        for rule in &file.rule {
            check(rule)?;
            if !seen.insert(&rule.id) {
                return Err(RuleError::Twice { id: rule.id.clone() });
            }
        }
        for contact in &file.contact {
            contact.check()?;
        }
        let mut escalate_hours = file.pack.escalate_hours;
        escalate_hours.sort_unstable_by(|a, b| b.cmp(a));
        escalate_hours.dedup();
        Ok(Self {
            name: file.pack.name,
            as_of: file.pack.as_of.0,
            escalate_hours,
            rules: file.rule,
            contacts: file.contact,
            unanswered: file.unanswered,
        })
    }

    /// The same with what `newer` states added or put in place of its own, by id.
    #[must_use]
    pub fn with(mut self, newer: Self) -> Self {
        fn merge<T>(own: &mut Vec<T>, newer: Vec<T>, id: impl Fn(&T) -> String) {
            for one in newer {
                match own.iter_mut().find(|old| id(old) == id(&one)) {
                    Some(old) => *old = one,
                    None => own.push(one),
                }
            }
        }
        merge(&mut self.rules, newer.rules, |rule| rule.id.clone());
        merge(&mut self.contacts, newer.contacts, |contact| contact.id.clone());
        merge(&mut self.unanswered, newer.unanswered, |rule| rule.id.clone());
        Self { name: newer.name, as_of: newer.as_of, escalate_hours: newer.escalate_hours, ..self }
    }

    /// The pack's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The day on which the pack was last checked.
    pub fn as_of(&self) -> chrono::NaiveDate {
        self.as_of
    }

    /// The hours before a deadline at which it becomes more urgent, most first.
    pub fn escalate_hours(&self) -> &[u32] {
        &self.escalate_hours
    }

    /// Every rule, in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter()
    }

    /// The rules that an event starts.
    pub fn started_by<'r>(&'r self, event: &'r str) -> impl Iterator<Item = &'r Rule> {
        self.rules.iter().filter(move |rule| rule.starts == event)
    }

    /// The rule with this id.
    pub fn get(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id == id)
    }

    /// When a contact of the platform is staffed, by its id.
    pub fn contact(&self, id: &str) -> Option<&ContactHours> {
        self.contacts.iter().find(|contact| contact.id == id)
    }

    /// What counts as lost contact, by its id.
    pub fn unanswered(&self, id: &str) -> Option<&Unanswered> {
        self.unanswered.iter().find(|rule| rule.id == id)
    }

    /// The deadline that a rule sets from a start, counted on a calendar.
    ///
    /// # Errors
    /// No rule with this id, or a result outside the years 1970 to 9000.
    pub fn deadline(
        &self,
        id: &str,
        start: super::Instant,
        calendar: &super::Calendar,
    ) -> Result<super::Deadline, super::DeadlineError> {
        let Some(rule) = self.get(id) else {
            let known = self.rules.iter().map(|rule| rule.id.clone()).collect();
            return Err(super::DeadlineError::UnknownRule { id: id.to_owned(), known });
        };
        due::compute(rule, &self.escalate_hours, start, calendar)
    }
}

fn check(rule: &Rule) -> Result<(), RuleError> {
    let id = || rule.id.clone();
    if rule.readings.is_empty() {
        return Err(RuleError::NoReading { id: id() });
    }
    if let Some(reading) = rule.readings.iter().find(|reading| reading.amount > MOST) {
        return Err(RuleError::TooLong { id: id(), amount: reading.amount });
    }
    let contradiction = |zh: &str, en: &str| Err(RuleError::Contradiction { id: id(), detail: Localized::new(zh, en) });
    let in_hours = |reading: &ReadingRule| reading.unit.unwrap_or(rule.unit) == Unit::Hours;
    if rule.readings.iter().any(|reading| in_hours(reading) && (reading.counts_start || reading.rolls)) {
        return contradiction(
            "按小时计算的规则没有首日，也不顺延",
            "a rule in hours has no first day and does not roll",
        );
    }
    if rule.direction == Direction::Before && rule.readings.iter().any(|reading| reading.counts_start || reading.rolls)
    {
        return contradiction(
            "倒数的规则不含首日，也不顺延",
            "a rule that counts back has no first day and does not roll",
        );
    }
    if rule.readings.iter().any(|reading| reading.counts_start && reading.amount == 0) {
        return contradiction("含首日的读法至少为 1", "a reading that counts the first day has at least 1");
    }
    Ok(())
}
