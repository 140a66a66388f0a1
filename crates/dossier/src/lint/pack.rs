use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::OnceLock;

use huoyan_model::Localized;
use huoyan_text::{Matcher, Scratch, Variants};
use serde::{Deserialize, Serialize};

use super::pattern::{self, Ground, Hits, Pattern, Word};
use super::{Kind, Severity};
use crate::deadline::Confidence;

/// Why a pack cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PackError {
    /// Not TOML, or not in the form of a pack.
    Form {
        /// What the reader said, with the line.
        detail: String,
    },
    /// A list or rule written twice.
    Twice {
        /// Its id.
        id: String,
    },
    /// A pattern or word that cannot be read.
    Pattern {
        /// The list or rule.
        id: String,
        /// What is wrong.
        detail: String,
    },
    /// A list that is named and does not exist, or stands later than the list that is made from it.
    UnknownList {
        /// The list or rule that names it.
        id: String,
        /// Its name.
        list: String,
    },
    /// A check that the code makes has no rule with its words, or the settings are missing.
    Missing {
        /// What is missing.
        what: String,
    },
}

impl PackError {
    /// The same in both languages.
    pub fn message(&self) -> Localized {
        match self {
            Self::Form { detail } => Localized::new(
                format!("检查规则格式有误：{detail}"),
                format!("the lint pack has no valid form: {detail}"),
            ),
            Self::Twice { id } => {
                Localized::new(format!("“{id}”出现两次；请改名"), format!("'{id}' is written twice; rename one"))
            }
            Self::Pattern { id, detail } => {
                Localized::new(format!("“{id}”中的写法有误：{detail}"), format!("'{id}' cannot be read: {detail}"))
            }
            Self::UnknownList { id, list } => Localized::new(
                format!("“{id}”引用了词表“{list}”，但它之前没有这个词表"),
                format!("'{id}' names the list '{list}', which is not there before it; add it or move it up"),
            ),
            Self::Missing { what } => {
                Localized::new(format!("检查规则缺少 {what}；请补上"), format!("the lint pack lacks {what}; add it"))
            }
        }
    }
}

impl fmt::Display for PackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message().en)
    }
}

impl std::error::Error for PackError {}

/// Whose words a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// The sentences of a statement.
    Statement,
    /// The merchant's messages.
    Merchant,
    /// The buyer's messages.
    Buyer,
}

/// Where a rule comes from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleOrigin {
    /// The law, article or own method.
    pub title: String,
    /// When it was last known to hold.
    pub as_of: String,
    /// How sure it is.
    pub confidence: Confidence,
}

/// One rule of the lint.
#[derive(Clone, Debug)]
pub struct LintRule {
    /// Its name.
    pub id: String,
    /// Whose words it is about.
    pub scope: Vec<Scope>,
    /// What its findings are about.
    pub kind: Kind,
    /// How much they matter.
    pub severity: Severity,
    /// Why they matter.
    pub reason: Localized,
    /// What to do.
    pub suggestion: Localized,
    /// Where it comes from.
    pub source: RuleOrigin,
    /// Texts in which it finds something.
    pub positive: Vec<String>,
    /// Texts in which it finds nothing.
    pub negative: Vec<String>,
    pub(super) patterns: Vec<Pattern>,
    pub(super) unless_before: Vec<String>,
    pub(super) unless_touching: Vec<String>,
    pub(super) unless_inside: Vec<String>,
    pub(super) unless_after: Vec<String>,
    pub(super) unless_in_sentence: Vec<String>,
    pub(super) reach: usize,
    pub(super) in_quotes: bool,
    pub(super) across: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PackFile {
    #[serde(rename = "pack")]
    _pack: PackHead,
    settings: Option<Settings>,
    #[serde(default)]
    list: Vec<ListEntry>,
    #[serde(default)]
    rule: Vec<RuleEntry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PackHead {
    #[serde(rename = "name")]
    _name: String,
    #[serde(rename = "as_of")]
    _as_of: String,
    #[serde(rename = "source")]
    _source: String,
    #[serde(rename = "confidence")]
    _confidence: Confidence,
}

/// The numbers of the lint.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    /// From so many exclamation marks in a row on they are a run.
    pub exclamation_run: usize,
    /// Lines of at most so many letters and figures without an end mark are headings.
    pub heading: usize,
    /// An offer ties to pressure at most so many messages away …
    pub tie_messages: usize,
    /// … and so many minutes.
    pub tie_minutes: i64,
    /// The ends of names that make a link without a scheme.
    pub domains: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ListEntry {
    id: String,
    #[serde(default)]
    words: Vec<String>,
    /// Longer words in which a word of the list does not count.
    #[serde(default)]
    except: Vec<String>,
    /// Places that count as words of the list, made from lists before it.
    #[serde(default)]
    patterns: Vec<String>,
    /// The disguises in which its words are also looked for.
    #[serde(default)]
    variants: Vec<String>,
    /// Whether its words speak only of their own clause, up to a comma.
    #[serde(default)]
    clause: bool,
    /// Runs of at least so many letters and figures also count.
    run: Option<usize>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleEntry {
    id: String,
    scope: Vec<Scope>,
    kind: Kind,
    severity: Severity,
    #[serde(default)]
    patterns: Vec<String>,
    #[serde(default)]
    unless_before: Vec<String>,
    #[serde(default)]
    unless_touching: Vec<String>,
    #[serde(default)]
    unless_inside: Vec<String>,
    #[serde(default)]
    unless_after: Vec<String>,
    #[serde(default)]
    unless_in_sentence: Vec<String>,
    #[serde(default = "eight")]
    reach: usize,
    #[serde(default)]
    in_quotes: bool,
    /// Whether its patterns may run over the end of a sentence.
    #[serde(default)]
    across: bool,
    reason: Localized,
    suggestion: Localized,
    source: RuleOrigin,
    positive: Vec<String>,
    negative: Vec<String>,
}

fn eight() -> usize {
    8
}

#[derive(Clone, Debug)]
struct List {
    id: String,
    patterns: Vec<Pattern>,
    run: Option<usize>,
    clause: bool,
}

/// Lists and rules ready to be used.
#[derive(Clone, Debug)]
pub struct LintPack {
    lists: Vec<List>,
    /// The words of all lists by their first character.
    words: BTreeMap<char, Vec<(usize, Word)>>,
    /// The longer words in which those do not count.
    except: BTreeMap<char, Vec<(usize, Word)>>,
    disguised: Matcher,
    rules: Vec<LintRule>,
    pub(super) settings: Settings,
}

/// What the code checks without patterns; the pack gives the words.
const CHECKS: &[Kind] =
    &[Kind::Unsupported, Kind::UnknownExhibit, Kind::UnusedExhibit, Kind::Exclamation, Kind::ExternalLink];
/// The lists that the code asks for.
const LISTS: &[&str] =
    &["says", "other_party", "own_party", "offer", "request", "connective", "not_a_fact", "cites_a_rule"];

impl LintPack {
    /// The pack that this version came with.
    pub fn built_in() -> &'static Self {
        static PACK: OnceLock<LintPack> = OnceLock::new();
        PACK.get_or_init(|| {
            Self::parse(&[
                include_str!("../../data/lint/words.toml"),
                include_str!("../../data/lint/statement.toml"),
                include_str!("../../data/lint/chat.toml"),
            ])
            .expect("invariant: the pack that ships is read by the tests")
        })
    }

    /// Reads a pack from its files, in the form of `data/lint/`; lists may use those of files before.
    ///
    /// # Errors
    /// A file of another form, a list or rule written twice or not there, a pattern that cannot be read.
    pub fn parse(files: &[&str]) -> Result<Self, PackError> {
        let (mut lists, mut rules, mut settings) = (Vec::new(), Vec::new(), None);
        for text in files {
            let file: PackFile =
                toml::from_str(text).map_err(|e| PackError::Form { detail: e.to_string().trim_end().to_owned() })?;
            lists.extend(file.list);
            rules.extend(file.rule);
            settings = settings.or(file.settings);
        }
        let missing = |what: &str| PackError::Missing { what: what.to_owned() };
        let mut pack = Self {
            lists: Vec::new(),
            words: BTreeMap::new(),
            except: BTreeMap::new(),
            disguised: matcher(&lists)?,
            rules: Vec::new(),
            settings: settings.ok_or_else(|| missing("[settings]"))?,
        };
        let mut known = BTreeSet::new();
        for list in lists {
            pack.add_list(list, &mut known)?;
        }
        for rule in rules {
            pack.add_rule(rule, &known)?;
        }
        if let Some(list) = LISTS.iter().find(|list| !known.contains(**list)) {
            return Err(missing(&format!("[[list]] id = \"{list}\"")));
        }
        if let Some(kind) = CHECKS.iter().find(|kind| pack.rule_of(**kind).is_none()) {
            return Err(missing(&format!("[[rule]] kind = {kind:?}")));
        }
        Ok(pack)
    }

    /// Every rule, in the order of the files.
    pub fn rules(&self) -> impl Iterator<Item = &LintRule> {
        self.rules.iter()
    }

    pub(super) fn rule_of(&self, kind: Kind) -> Option<&LintRule> {
        self.rules.iter().find(|rule| rule.kind == kind && rule.patterns.is_empty())
    }

    pub(super) fn is_clause_bound(&self, list: &str) -> bool {
        self.lists.iter().any(|known| known.id == list && known.clause)
    }

    fn add_list(&mut self, entry: ListEntry, known: &mut BTreeSet<String>) -> Result<(), PackError> {
        let ListEntry { id, words, except, patterns, run, clause, .. } = entry;
        let unreadable =
            |word: &String| PackError::Pattern { id: id.clone(), detail: format!("'{word}' has no letter or figure") };
        for (words, index) in [(&words, &mut self.words), (&except, &mut self.except)] {
            for word in words {
                let made = Word::new(word).ok_or_else(|| unreadable(word))?;
                index.entry(made.first()).or_default().push((self.lists.len(), made));
            }
        }
        let patterns = read_patterns(&id, &patterns, known)?;
        if !known.insert(id.clone()) {
            return Err(PackError::Twice { id });
        }
        self.lists.push(List { id, patterns, run, clause });
        Ok(())
    }

    fn add_rule(&mut self, entry: RuleEntry, known: &BTreeSet<String>) -> Result<(), PackError> {
        if self.rules.iter().any(|rule| rule.id == entry.id) {
            return Err(PackError::Twice { id: entry.id });
        }
        let lists = [
            &entry.unless_before,
            &entry.unless_touching,
            &entry.unless_inside,
            &entry.unless_after,
            &entry.unless_in_sentence,
        ];
        if let Some(list) = lists.into_iter().flatten().find(|list| !known.contains(*list)) {
            return Err(PackError::UnknownList { id: entry.id, list: list.clone() });
        }
        let patterns = read_patterns(&entry.id, &entry.patterns, known)?;
        self.rules.push(LintRule {
            id: entry.id,
            scope: entry.scope,
            kind: entry.kind,
            severity: entry.severity,
            reason: entry.reason,
            suggestion: entry.suggestion,
            source: entry.source,
            positive: entry.positive,
            negative: entry.negative,
            patterns,
            unless_before: entry.unless_before,
            unless_touching: entry.unless_touching,
            unless_inside: entry.unless_inside,
            unless_after: entry.unless_after,
            unless_in_sentence: entry.unless_in_sentence,
            reach: entry.reach,
            in_quotes: entry.in_quotes,
            across: entry.across,
        });
        Ok(())
    }

    /// Where the words of every list stand in the text that `scratch` has just folded.
    pub(super) fn hits(&self, text: &str, scratch: &mut Scratch, sentence_of: &[usize]) -> Hits {
        self.disguised.find_folded(text, scratch);
        let atoms = scratch.folded().atoms();
        let mut places = vec![BTreeSet::new(); self.lists.len()];
        let mut spared = vec![Vec::new(); self.lists.len()];
        for hit in scratch.hits() {
            places[hit.id as usize].insert((hit.first_atom as usize, hit.end_atom as usize));
        }
        for (begin, atom) in atoms.iter().enumerate() {
            for (list, word) in self.words.get(&atom.code).into_iter().flatten() {
                places[*list].extend(word.at(text, atoms, begin).map(|end| (begin, end)));
            }
            for (list, word) in self.except.get(&atom.code).into_iter().flatten() {
                spared[*list].extend(word.at(text, atoms, begin).map(|end| (begin, end)));
            }
        }
        let ground = Ground::new(text, atoms, sentence_of);
        let mut hits = Hits::new();
        for ((list, mut places), spared) in self.lists.iter().zip(places).zip(spared) {
            for pattern in &list.patterns {
                places.extend(pattern.find(&ground, &hits, false));
            }
            if let Some(least) = list.run {
                places.extend(pattern::runs(atoms).filter(|(begin, end)| end - begin >= least));
            }
            places.retain(|(begin, end)| !spared.iter().any(|(first, last)| first <= begin && end <= last));
            if !places.is_empty() {
                hits.insert(list.id.clone(), places.into_iter().collect());
            }
        }
        hits
    }
}

fn read_patterns(id: &str, patterns: &[String], known: &BTreeSet<String>) -> Result<Vec<Pattern>, PackError> {
    let mut read = Vec::new();
    for text in patterns {
        let pattern = Pattern::parse(text).map_err(|detail| PackError::Pattern { id: id.to_owned(), detail })?;
        if let Some(list) = pattern.lists().find(|list| !known.contains(*list)) {
            return Err(PackError::UnknownList { id: id.to_owned(), list: list.to_owned() });
        }
        read.push(pattern);
    }
    Ok(read)
}

fn matcher(lists: &[ListEntry]) -> Result<Matcher, PackError> {
    let mut builder = Matcher::builder();
    for (number, list) in (0_u32..).zip(lists) {
        let mut variants = Variants::NONE;
        for name in &list.variants {
            let detail = || format!("there is no disguise '{name}'");
            let variant =
                Variants::named(name).ok_or_else(|| PackError::Pattern { id: list.id.clone(), detail: detail() })?;
            variants = variants.and(variant);
        }
        if variants != Variants::NONE {
            builder = builder
                .patterns(list.words.iter().map(|word| huoyan_text::Pattern::new(number, word).variants(variants)));
        }
    }
    builder.build().map_err(|e| PackError::Pattern { id: "variants".to_owned(), detail: e.to_string() })
}
