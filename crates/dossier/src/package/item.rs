use chrono::NaiveDate;
use huoyan_model::Localized;
use serde::{Deserialize, Serialize};

use crate::case::{Exhibit, ExhibitKind, Party};
use crate::timeline::Stage;

/// What stands on papers that are valid for good.
const WITHOUT_END: [&str; 3] = ["长期", "长期有效", "永久"];
/// The fact that tells until when a paper is valid.
const VALID_UNTIL: &str = "valid_until";

/// One of the three things that a reader of evidence looks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Principle {
    /// The whole course is shown, without gaps.
    Continuity,
    /// Every exhibit belongs to the matter, and every claim has one.
    Relevance,
    /// A third person bears it out.
    Corroboration,
}

impl Principle {
    /// All three, in the order in which they are told.
    pub const ALL: [Self; 3] = [Self::Continuity, Self::Relevance, Self::Corroboration];

    /// Its name for people.
    pub fn name(self) -> Localized {
        match self {
            Self::Continuity => Localized::new("连续性", "continuity"),
            Self::Relevance => Localized::new("关联性", "relevance"),
            Self::Corroboration => Localized::new("第三方佐证", "corroboration"),
        }
    }
}

/// Something that can be noted on an exhibit and is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    /// Its key in [`Exhibit::facts`].
    pub id: String,
    /// Its name for people.
    pub name: Localized,
    /// Whether it is a day.
    #[serde(default)]
    pub date: bool,
}

/// Something that a third person wants to see.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Its name in files.
    pub id: String,
    /// Its name for people.
    pub name: Localized,
    /// Its name with the days of the deal as `{from}` and `{to}`, where they are known.
    pub dated: Option<Localized>,
    /// An exhibit of any of these kinds answers it …
    pub kinds: Vec<ExhibitKind>,
    /// … when it comes from any of these; from anybody when empty …
    #[serde(default)]
    pub from: Vec<Party>,
    /// … and carries all of these facts.
    #[serde(default)]
    pub needs: Vec<String>,
    /// What it serves.
    pub principle: Principle,
    /// The stages of a deal that it shows.
    #[serde(default)]
    pub covers: Vec<Stage>,
    /// Why it is wanted.
    pub why: Localized,
    /// How to get it.
    pub how: Localized,
    /// The id of its source.
    pub source: String,
}

impl Fact {
    /// Whether the value can be meant: any text, and a day where it is one. `None` of them are checked for what they say.
    pub fn takes(&self, value: &str) -> bool {
        !self.date || WITHOUT_END.contains(&value) || day(value).is_some()
    }
}

/// A day, in the ways in which people write one.
pub(crate) fn day(text: &str) -> Option<NaiveDate> {
    let forms = ["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日"];
    forms.iter().find_map(|form| NaiveDate::parse_from_str(text.trim(), form).ok())
}

impl Item {
    /// Whether an exhibit is of the right kind, whoever it comes from.
    pub fn is_like(&self, exhibit: &Exhibit) -> bool {
        self.kinds.contains(&exhibit.kind)
    }

    /// Whether an exhibit is of the right kind and party; its facts are another matter.
    pub fn takes(&self, exhibit: &Exhibit) -> bool {
        self.is_like(exhibit) && (self.from.is_empty() || self.from.contains(&exhibit.source.party))
    }

    /// The facts that the exhibit lacks, in the order of the table.
    pub fn lacking<'i>(&'i self, exhibit: &'i Exhibit) -> impl Iterator<Item = &'i str> {
        let has = |fact: &String| exhibit.facts.get(fact).is_some_and(|value| !value.trim().is_empty());
        self.needs.iter().filter(move |fact| !has(fact)).map(String::as_str)
    }

    /// The day on which a paper that must be valid ended, if before this one.
    pub fn ended(&self, exhibit: &Exhibit, before: NaiveDate) -> Option<NaiveDate> {
        let asked = self.needs.iter().any(|fact| fact == VALID_UNTIL);
        let until = exhibit.facts.get(VALID_UNTIL).filter(|_| asked)?;
        day(until).filter(|until| *until < before)
    }

    /// Whether an exhibit answers it.
    pub fn is_answered_by(&self, exhibit: &Exhibit) -> bool {
        self.takes(exhibit) && self.lacking(exhibit).next().is_none()
    }
}
