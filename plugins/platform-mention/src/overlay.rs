//! Changes to the pack that one user of it wants: names added and taken out, phrases allowed, rules switched off.
//!
//! An overlay is compiled by itself, in well under a millisecond for a few names, and laid over the lexicon while a text is
//! judged; the pack and the automaton made of it stay as they are, so each shop of a platform may have its own.

use std::collections::{BTreeMap, BTreeSet};

use huoyan_text::{Boundary, Matcher, Pattern, Variants};
use serde::Deserialize;

use crate::lexicon::{Lexicon, variants_of};
use crate::pack::{Alias, Class, Head, Identifier, PackError, read};

/// Changes to the pack.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Overlay {
    /// Its name and age.
    pub overlay: Option<Head>,
    /// The shops whose records it is for, by `shop_id`; for all records when there are none.
    pub shops: Vec<String>,
    /// Phrases in which no name counts.
    pub allow: Vec<String>,
    /// Domains that are never reported: the shop's own.
    pub domains: Vec<String>,
    /// Ids of rules that find nothing.
    pub off: Vec<String>,
    /// What changes, by target.
    pub names: BTreeMap<String, Names>,
}

/// What changes in the names of one target.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Names {
    /// Further names, looked for in the disguises of the target's own.
    pub words: Vec<String>,
    /// How context is read; needed for a target that the pack does not have.
    pub class: Option<Class>,
    /// Names of the pack that no longer count, written as the pack writes them.
    pub remove: Vec<String>,
}

/// An overlay ready to be laid over the lexicon it was made for.
#[derive(Debug)]
pub struct Overlaid {
    /// Finds its own names and allowed phrases; pattern ids go on where the lexicon's end.
    pub(crate) matcher: Matcher,
    first: u32,
    words: Vec<Word>,
    aliases: Vec<Alias>,
    /// By entry of the lexicon, whether it no longer counts; empty when all do.
    removed: Vec<bool>,
    off: BTreeSet<String>,
    domains: Vec<String>,
}

#[derive(Clone, Copy, Debug)]
enum Word {
    Name(usize, usize),
    Allowed,
}

/// The score of a bare name of a target that the pack does not have.
const BASE: f64 = 0.5;
const VARIANTS: [&str; 4] = ["homophone", "pinyin", "split", "emoji"];

impl Overlay {
    /// Parses an overlay; `name` is used in messages.
    ///
    /// # Errors
    /// Says where the file departs from the shape.
    pub fn parse(name: &str, toml: &str) -> Result<Self, PackError> {
        read(name, toml)
    }

    /// The changes of all `parts`. Its name is that of the last, the one that errors are most likely about.
    pub fn all_of<'a>(parts: impl IntoIterator<Item = &'a Self>) -> Self {
        parts.into_iter().fold(Self::default(), |mut all, part| {
            all.merge(part);
            all
        })
    }

    fn merge(&mut self, other: &Self) {
        self.overlay = other.overlay.clone().or(self.overlay.take());
        self.allow.extend_from_slice(&other.allow);
        self.domains.extend_from_slice(&other.domains);
        self.off.extend_from_slice(&other.off);
        for (target, more) in &other.names {
            let names = self.names.entry(target.clone()).or_default();
            names.words.extend_from_slice(&more.words);
            names.remove.extend_from_slice(&more.remove);
            names.class = more.class.or(names.class);
        }
    }

    /// Whether it changes nothing.
    pub fn is_empty(&self) -> bool {
        let names = self.names.values().all(|names| names.words.is_empty() && names.remove.is_empty());
        names && self.allow.is_empty() && self.domains.is_empty() && self.off.is_empty()
    }
}

impl Overlaid {
    /// Makes `overlay` ready. What this costs depends on the overlay alone.
    ///
    /// # Errors
    /// Names everything in the overlay that the pack does not have or that cannot be searched for.
    pub fn new(lexicon: &Lexicon, overlay: &Overlay) -> Result<Self, PackError> {
        let name = overlay.overlay.as_ref().map_or("the configuration", |head| &head.name);
        let mut wrong = Vec::new();
        let first = lexicon.entries.len() as u32;
        let (mut words, mut aliases, mut removed) = (Vec::new(), Vec::new(), Vec::new());
        let mut builder = Matcher::builder();
        for (target, names) in &overlay.names {
            let known = lexicon.aliases.iter().find(|alias| alias.target == *target && !alias.slang);
            let alias = match (known, names.class) {
                (Some(alias), class) => {
                    Alias { words: names.words.clone(), class: class.unwrap_or(alias.class), ..alias.clone() }
                }
                (None, Some(class)) => Alias {
                    target: target.clone(),
                    class,
                    words: names.words.clone(),
                    base: BASE,
                    variants: VARIANTS.map(str::to_owned).into(),
                    slang: false,
                    open: false,
                    strict: false,
                    id: Identifier::Any,
                },
                (None, None) => {
                    wrong.push(format!(
                        "the pack has no target '{target}': give its class (market, social, messenger …)"
                    ));
                    continue;
                }
            };
            for (at, word) in alias.words.iter().enumerate() {
                let id = first + words.len() as u32;
                words.push(Word::Name(aliases.len(), at));
                let boundary = if alias.strict { Boundary::Strict } else { Boundary::Word };
                let mut pattern = Pattern::new(id, word).variants(variants_of(&alias)?).boundary(boundary).max_noise(3);
                (pattern.keep_common, pattern.min_exact) = (true, 0);
                builder = builder.pattern(pattern);
            }
            aliases.push(alias);
            for word in &names.remove {
                removed.resize(lexicon.entries.len(), false);
                if !lexicon.mark(target, word, &mut removed) {
                    wrong.push(format!("target '{target}' has no name '{word}' to remove; write it as the pack does"));
                }
            }
        }
        for phrase in &overlay.allow {
            let id = first + words.len() as u32;
            words.push(Word::Allowed);
            builder = builder.pattern(Pattern::new(id, phrase).variants(Variants::NONE).max_noise(0));
        }
        for rule in overlay.off.iter().filter(|rule| !lexicon.has_rule(rule)) {
            wrong.push(format!("there is no rule '{rule}' in the pack; 'huoyan rules list' names them"));
        }
        if !wrong.is_empty() {
            return Err(PackError(format!("overlay '{name}': {}", wrong.join("; "))));
        }
        let matcher = builder.build().map_err(|error| PackError(format!("overlay '{name}': {error}")))?;
        let (off, domains) = (overlay.off.iter().cloned().collect(), overlay.domains.clone());
        Ok(Self { matcher, first, words, aliases, removed, off, domains })
    }

    /// The name that a pattern id is, when it is one of the overlay's names.
    pub(crate) fn name(&self, id: u32) -> Option<(&Alias, &str)> {
        match self.words.get(id.checked_sub(self.first)? as usize)? {
            Word::Name(alias, word) => {
                let alias = &self.aliases[*alias];
                Some((alias, &alias.words[*word]))
            }
            Word::Allowed => None,
        }
    }

    /// Whether a pattern id is an allowed phrase.
    pub(crate) fn allows(&self, id: u32) -> bool {
        let word = id.checked_sub(self.first).and_then(|at| self.words.get(at as usize));
        matches!(word, Some(Word::Allowed))
    }

    /// Whether the lexicon's name of that id no longer counts.
    pub(crate) fn removes(&self, id: u32) -> bool {
        self.removed.get(id as usize) == Some(&true)
    }

    /// Whether the rule finds nothing.
    pub(crate) fn switches_off(&self, rule: &str) -> bool {
        self.off.contains(rule)
    }

    /// Whether an address is one of the shop's own domains.
    pub(crate) fn owns(&self, host: &str) -> bool {
        self.domains
            .iter()
            .any(|domain| host.strip_suffix(domain.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')))
    }
}
