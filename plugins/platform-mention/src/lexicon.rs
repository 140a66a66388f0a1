//! The pack made ready to search: a matcher for names and one for the words around them.

use std::collections::BTreeMap;

use huoyan_text::{Boundary, Matcher, Pattern, Variants};

use crate::pack::{Alias, AliasFile, ContextFile, Cue, DomainFile, NumberCue, PackError, RuleFile, Text, read};

/// What a pattern of the matcher is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A name: the alias and the word of it.
    Alias(usize, usize),
    /// A word around names.
    Cue(usize),
    /// A word around numbers.
    Number(usize),
    /// A number is told in pieces.
    Piece,
    /// A review says the shop asked.
    Complaint,
}

/// The texts of a pack's files, by resource name.
#[derive(Clone, Copy, Debug)]
pub struct Sources<'a> {
    /// `rules/mention`.
    pub mention: &'a str,
    /// `rules/contact`.
    pub contact: &'a str,
    /// `aliases`.
    pub aliases: &'a str,
    /// `context`.
    pub context: &'a str,
    /// `domains`.
    pub domains: &'a str,
}

/// The pack made ready.
#[derive(Debug)]
pub struct Lexicon {
    /// Finds the names.
    pub names: Matcher,
    /// Finds the words around them; looked for only in texts that need them.
    pub around: Matcher,
    /// What each pattern id is.
    pub entries: Vec<Entry>,
    /// The names.
    pub aliases: Vec<Alias>,
    /// The words around names.
    pub cues: Vec<Cue>,
    /// The words around numbers.
    pub numbers: Vec<NumberCue>,
    /// How far a complaint reaches, in characters.
    pub complaint_reach: u32,
    /// How far any word around names or numbers reaches, in characters.
    pub reach: u32,
    /// Whose domain an address is.
    domains: Vec<(String, String)>,
    /// Domains that are names of things.
    ignored: Vec<String>,
    /// The rule of each situation.
    rules: BTreeMap<String, String>,
    /// What evidence quotes of each rule.
    quotes: BTreeMap<String, Quote>,
}

/// What evidence quotes of a rule, in Chinese.
#[derive(Clone, Debug, Default)]
pub struct Quote {
    /// The clause it rests on, or empty.
    pub clause: String,
    /// The suggested rewrite, or empty.
    pub rewrite: String,
}

/// The computed disguises that an alias is looked for in.
pub(crate) fn variants_of(alias: &Alias) -> Result<Variants, PackError> {
    alias.variants.iter().try_fold(Variants::NONE, |all, name| {
        let class = Variants::named(name)
            .ok_or_else(|| PackError(format!("resource 'aliases': there is no variant class '{name}'")))?;
        Ok(all | class)
    })
}

/// The host of an address.
pub(crate) fn host(address: &str) -> &str {
    address.split(['/', ':', '?']).next().unwrap_or_default()
}

impl Lexicon {
    /// Reads a pack and makes it ready.
    ///
    /// # Errors
    /// Names the file and what is wrong in it: a syntax error, an unknown variant class, a situation with two rules.
    pub fn new(sources: &Sources<'_>) -> Result<Self, PackError> {
        let AliasFile { alias: aliases } = read("aliases", sources.aliases)?;
        let context: ContextFile = read("context", sources.context)?;
        let domains: DomainFile = read("domains", sources.domains)?;
        let (mut rules, mut quotes) = (BTreeMap::new(), BTreeMap::new());
        for (name, text) in [("rules/mention", sources.mention), ("rules/contact", sources.contact)] {
            for rule in read::<RuleFile>(name, text)?.rule {
                let zh = |text: Option<Text>| text.map(|text| text.zh).unwrap_or_default();
                quotes.insert(rule.id.clone(), Quote { clause: zh(rule.clause), rewrite: zh(rule.rewrite) });
                for when in rule.when {
                    if let Some(other) = rules.insert(when.clone(), rule.id.clone()) {
                        return Err(PackError(format!(
                            "resource '{name}': '{when}' has two rules, {other} and {}",
                            rule.id
                        )));
                    }
                }
            }
        }
        let mut entries = Vec::new();
        let mut patterns = Vec::new();
        let mut add = |entry: Entry, word: &str, patterns: &mut Vec<Pattern>| {
            let pattern = Pattern::new(entries.len() as u32, word);
            entries.push(entry);
            patterns.push(pattern);
        };
        for (i, alias) in aliases.iter().enumerate() {
            let variants = variants_of(alias)?;
            for (at, word) in alias.words.iter().enumerate() {
                add(Entry::Alias(i, at), word, &mut patterns);
                if let Some(pattern) = patterns.last_mut() {
                    pattern.variants = variants;
                    pattern.keep_common = true;
                    pattern.min_exact = 0;
                    pattern.boundary = if alias.strict { Boundary::Strict } else { Boundary::Word };
                    // One sign alone has no inside for noise; two short ones must stand close.
                    pattern.max_noise = 3;
                }
            }
        }
        let exact = |pattern: &mut Pattern| pattern.max_noise = 0;
        // A number told in pieces has words of its own, which must be seen where no name stands.
        for word in &context.pieces.words {
            add(Entry::Piece, word, &mut patterns);
            patterns.last_mut().into_iter().for_each(exact);
        }
        let names = patterns.len();
        for (i, cue) in context.cue.iter().enumerate() {
            for word in &cue.words {
                add(Entry::Cue(i), word, &mut patterns);
                // 力口 and ➕ ask to add somebody as well as 加 does.
                if let Some(pattern) = patterns.last_mut() {
                    if word == "加" {
                        pattern.variants = Variants::SPLIT | Variants::EMOJI;
                    }
                    pattern.max_noise = 1;
                }
            }
        }
        for (i, cue) in context.number.iter().enumerate() {
            for word in &cue.words {
                add(Entry::Number(i), word, &mut patterns);
                patterns.last_mut().into_iter().for_each(|pattern| {
                    pattern.max_noise = 1;
                    pattern.variants = Variants::EMOJI;
                });
            }
        }
        for word in &context.complaint.words {
            add(Entry::Complaint, word, &mut patterns);
            patterns.last_mut().into_iter().for_each(exact);
        }
        let around = patterns.split_off(names);
        let mut builder = Matcher::builder().patterns(patterns);
        for phrase in &context.allow.phrases {
            builder = builder.allow(phrase);
        }
        for word in &context.allow.cuts {
            builder = builder.cut(word);
        }
        let failed = |error| PackError(format!("resources 'aliases' and 'context': {error}"));
        let names = builder.build().map_err(failed)?;
        let around = Matcher::builder().patterns(around).build().map_err(failed)?;
        let mut by_domain: Vec<(String, String)> = domains
            .domains
            .into_iter()
            .flat_map(|(target, domains)| domains.into_iter().map(move |domain| (domain, target.clone())))
            .collect();
        // The longest domain speaks first: qm.qq.com before qq.com.
        by_domain.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then(a.cmp(b)));
        let reaches = context.cue.iter().map(|cue| cue.reach).chain(context.number.iter().map(|cue| cue.reach));
        Ok(Self {
            reach: reaches.fold(context.complaint.reach, u32::max),
            names,
            around,
            entries,
            aliases,
            cues: context.cue,
            numbers: context.number,
            complaint_reach: context.complaint.reach,
            domains: by_domain,
            ignored: context.address.ignore,
            rules,
            quotes,
        })
    }

    /// Marks the entries that are this name of the target; false when there is none.
    pub(crate) fn mark(&self, target: &str, word: &str, marks: &mut [bool]) -> bool {
        let mut known = false;
        for (entry, mark) in self.entries.iter().zip(marks) {
            if let Entry::Alias(alias, at) = *entry {
                let alias = &self.aliases[alias];
                let here = alias.target == target && alias.words[at] == word;
                *mark |= here;
                known |= here;
            }
        }
        known
    }

    /// Whether the pack has a rule of this id.
    pub(crate) fn has_rule(&self, id: &str) -> bool {
        self.rules.values().any(|known| known == id)
    }

    /// What evidence quotes of a rule.
    pub fn quote(&self, id: &str) -> Option<&Quote> {
        self.quotes.get(id)
    }

    /// The rule of a situation.
    pub fn rule(&self, when: &str) -> Option<&str> {
        self.rules.get(when).map(String::as_str)
    }

    /// Whose domain the address is, `url` when nobody's; `None` when it is the name of a thing.
    pub fn domain(&self, address: &str) -> Option<&str> {
        let host = host(address);
        if self.ignored.iter().any(|ignored| ignored == host) {
            return None;
        }
        let found = self.domains.iter().find(|(domain, _)| {
            host.strip_suffix(domain.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        });
        Some(found.map_or("url", |(_, target)| target))
    }

    /// The platform that a name in a record's `platform` field is; `None` for an unknown one.
    pub fn platform(&self, name: &str) -> Option<&str> {
        let name = name.trim().to_lowercase();
        let alias = self.aliases.iter().find(|alias| alias.target == name || alias.words.contains(&name))?;
        Some(&alias.target)
    }
}
