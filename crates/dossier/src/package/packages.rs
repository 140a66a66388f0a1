use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use huoyan_model::Localized;
use serde::Deserialize;

use super::{Fact, Item, TableError};
use crate::case::ExhibitKind;
use crate::deadline::{Confidence, RuleSource, Rules};
use crate::timeline::Stage;

/// A sentence on the rule that an appeal rests on.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Basis {
    /// The sentence, without its full stop.
    pub text: Localized,
    /// The id of its source.
    pub source: String,
}

/// Items of which one is enough.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OneOf {
    /// Its name in files.
    pub id: String,
    /// Its name for people, with what it may be.
    pub name: Localized,
    /// The items.
    pub items: Vec<String>,
}

/// Whom a scan's findings about listings speak against.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Against {
    /// Nobody: the case is about something else.
    #[default]
    Nobody,
    /// The shop that appeals, which does not accuse itself.
    AgainstShop,
    /// Somebody else; the shop of the findings is not the one that writes.
    OfOthers,
}

/// A type of package.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Type {
    /// Its name in files.
    pub id: String,
    /// Its name for people.
    pub name: Localized,
    /// What is asked for where the case says nothing of its own; `{to}` is who is asked.
    pub ask: Localized,
    /// Whom a scan's findings about listings speak against.
    #[serde(default)]
    pub findings: Against,
    /// Rules of deadlines, the first of which whose start is known is shown.
    pub deadlines: Vec<String>,
    /// The stages of the deal that must be shown.
    #[serde(default)]
    pub stages: Vec<Stage>,
    /// Whether all exhibits must be of one deal: the same orders, buyers or reviews.
    #[serde(default)]
    pub deal: bool,
    /// Whether a demand of the buyer, where there is one, must be quoted.
    #[serde(default)]
    pub demand: bool,
    /// Items that must be there.
    pub required: Vec<String>,
    /// Items of which one is enough.
    #[serde(default)]
    pub one_of: Vec<OneOf>,
    /// Items that help.
    #[serde(default)]
    pub helpful: Vec<String>,
    /// The rules it rests on.
    pub basis: Vec<Basis>,
    /// The id of the source of this list.
    pub source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pack {
    name: String,
    as_of: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    pack: Pack,
    source: Vec<SourceEntry>,
    fact: Vec<Fact>,
    item: Vec<Item>,
    #[serde(rename = "type")]
    types: Vec<Type>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceEntry {
    id: String,
    title: String,
    as_of: String,
    confidence: Confidence,
}

/// The types of packages there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packages {
    name: String,
    as_of: String,
    sources: BTreeMap<String, RuleSource>,
    facts: Vec<Fact>,
    items: Vec<Item>,
    types: Vec<Type>,
}

impl Packages {
    /// The types that this version came with.
    pub fn built_in() -> &'static Self {
        static PACKAGES: OnceLock<Packages> = OnceLock::new();
        PACKAGES.get_or_init(|| {
            Self::parse(include_str!("../../data/packages.toml"))
                .expect("invariant: the packages that ship are read by the tests")
        })
    }

    /// Reads types from TOML in the form of `data/packages.toml`.
    ///
    /// # Errors
    /// A file of another form, an id written twice, a name that stands for nothing, or a list that must not be empty.
    pub fn parse(text: &str) -> Result<Self, TableError> {
        let File { pack, source, fact, item, types } =
            toml::from_str(text).map_err(|e| TableError::Form { detail: e.to_string().trim_end().to_owned() })?;
        once(source.iter().map(|entry| &entry.id))?;
        let sources = source
            .into_iter()
            .map(|SourceEntry { id, title, as_of, confidence }| (id, RuleSource { title, as_of, confidence }))
            .collect();
        let made = Self { name: pack.name, as_of: pack.as_of, sources, facts: fact, items: item, types };
        made.check()?;
        Ok(made)
    }

    /// The table's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The day on which it was last checked.
    pub fn as_of(&self) -> &str {
        &self.as_of
    }

    /// Every type, in the order of the table.
    pub fn iter(&self) -> impl Iterator<Item = &Type> {
        self.types.iter()
    }

    /// The type with this id.
    pub fn get(&self, id: &str) -> Option<&Type> {
        self.types.iter().find(|package| package.id == id)
    }

    /// The item with this id.
    pub fn item(&self, id: &str) -> Option<&Item> {
        self.items.iter().find(|item| item.id == id)
    }

    /// The items with these ids; what stands for nothing is left out.
    pub fn items<'p>(&'p self, ids: &'p [String]) -> impl Iterator<Item = &'p Item> {
        ids.iter().filter_map(|id| self.item(id))
    }

    /// A fact's name for people; its id where the table has none.
    pub fn fact_name(&self, id: &str) -> Localized {
        self.facts.iter().find(|fact| fact.id == id).map_or_else(|| id.into(), |fact| fact.name.clone())
    }

    /// Every fact, in the order of the table.
    pub fn facts(&self) -> impl Iterator<Item = &Fact> {
        self.facts.iter()
    }

    /// The facts that items ask for of exhibits of this kind.
    pub fn facts_of(&self, kind: ExhibitKind) -> BTreeSet<&str> {
        let items = self.items.iter().filter(|item| item.kinds.contains(&kind));
        items.flat_map(|item| &item.needs).map(String::as_str).collect()
    }

    /// Where something comes from.
    pub fn source(&self, id: &str) -> Option<&RuleSource> {
        self.sources.get(id)
    }

    fn check(&self) -> Result<(), TableError> {
        once(self.facts.iter().map(|fact| &fact.id))?;
        once(self.items.iter().map(|item| &item.id))?;
        once(self.types.iter().map(|package| &package.id))?;
        for item in &self.items {
            self.known_source(&item.id, &item.source)?;
            if item.kinds.is_empty() {
                return Err(TableError::Empty { at: item.id.clone(), what: "kinds" });
            }
            let known = |name: &String| self.facts.iter().any(|fact| fact.id == *name);
            all(&item.id, "fact", &item.needs, known)?;
        }
        self.types.iter().try_for_each(|package| self.check_type(package))
    }

    fn check_type(&self, package: &Type) -> Result<(), TableError> {
        let at = &package.id;
        let empty = |what| Err(TableError::Empty { at: at.clone(), what });
        let known = |name: &String| self.item(name).is_some();
        if package.required.is_empty() {
            return empty("required");
        }
        if package.basis.is_empty() {
            return empty("basis");
        }
        all(at, "item", &package.required, known)?;
        all(at, "item", &package.helpful, known)?;
        all(at, "deadline", &package.deadlines, |rule| Rules::built_in().get(rule).is_some())?;
        let groups = package.one_of.iter().flat_map(|group| &group.items);
        once(package.required.iter().chain(&package.helpful))?;
        once(package.required.iter().chain(package.one_of.iter().map(|group| &group.id)))?;
        once(package.required.iter().chain(groups))?;
        for group in &package.one_of {
            all(&format!("{at}.{}", group.id), "item", &group.items, known)?;
            if group.items.len() < 2 {
                return Err(TableError::Empty { at: format!("{at}.{}", group.id), what: "second item" });
            }
        }
        self.known_source(at, &package.source)?;
        package.basis.iter().try_for_each(|basis| self.known_source(at, &basis.source))
    }

    fn known_source(&self, at: &str, name: &String) -> Result<(), TableError> {
        all(at, "source", std::slice::from_ref(name), |name| self.source(name).is_some())
    }
}

fn all(at: &str, what: &'static str, names: &[String], known: impl Fn(&String) -> bool) -> Result<(), TableError> {
    match names.iter().find(|name| !known(name)) {
        Some(name) => Err(TableError::Unknown { at: at.to_owned(), what, name: name.clone() }),
        None => Ok(()),
    }
}

/// That no id comes twice.
pub(super) fn once<'i>(ids: impl Iterator<Item = &'i String>) -> Result<(), TableError> {
    let mut seen = BTreeSet::new();
    for id in ids {
        if !seen.insert(id) {
            return Err(TableError::Twice { id: id.clone() });
        }
    }
    Ok(())
}
