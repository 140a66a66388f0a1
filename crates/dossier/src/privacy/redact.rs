//! Replacing what was found by tokens.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use super::commit::{Place, commit};
use super::field::{FieldKind, field_kind, is_blank};
use super::find::address_rest;
use super::tables::folded;
use super::token::{self, Language, MOST_FIGURES};
use super::{CaseKey, Context, Kind, Known, Opening, Profile, Redaction, Span, find};
use crate::bundle::hex;

/// A text without personal data, with what was done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Redacted {
    /// The copy.
    pub text: String,
    /// What was replaced, in order.
    pub redactions: Vec<Redaction>,
}

/// Where a text comes from.
#[derive(Clone, Copy, Debug, Default)]
pub struct Source<'s> {
    /// The exhibit or file.
    pub exhibit: &'s str,
    /// The field in it, empty for a whole text.
    pub field: &'s str,
}

/// Redacts the texts of one case. The same value gets the same token in all of them.
#[derive(Debug)]
pub struct Redactor {
    key: CaseKey,
    profile: Profile,
    language: Language,
    known: Option<Known>,
    /// The figures of each value's token, by kind and canonical value.
    tokens: HashMap<(Kind, String), String>,
    taken: HashMap<(Kind, String), String>,
    /// Every value that was replaced, as it stood and in its plain form, with its kind.
    values: BTreeMap<String, Kind>,
    openings: HashMap<String, Opening>,
}

/// Figures of a token unless two values of a case collide.
const FEWEST: usize = 4;

impl Redactor {
    /// For a case, with Chinese tokens, for the platform.
    pub fn new(key: CaseKey) -> Self {
        Self {
            key,
            profile: Profile::platform(),
            language: Language::default(),
            known: None,
            tokens: HashMap::new(),
            taken: HashMap::new(),
            values: BTreeMap::new(),
            openings: HashMap::new(),
        }
    }

    /// The same for another reader.
    #[must_use]
    pub fn with_profile(mut self, profile: Profile) -> Self {
        self.profile = profile;
        self
    }

    /// The same with tokens in another language.
    #[must_use]
    pub fn with_language(mut self, language: Language) -> Self {
        self.language = language;
        self
    }

    /// The same, finding these values wherever they stand. Give it the names of an order so that they are found in the chat.
    #[must_use]
    pub fn with_known(mut self, known: Known) -> Self {
        self.known = Some(known);
        self
    }

    /// What would be replaced in a text.
    pub fn spans(&self, text: &str) -> Vec<Span> {
        let mut spans = find(text, &Context { known: self.known.as_ref() });
        spans.retain(|span| self.profile.replaces(span.kind));
        spans
    }

    /// Redacts a text.
    pub fn text(&mut self, text: &str, source: Source<'_>) -> Redacted {
        let spans = self.spans(text);
        let parts = spans.into_iter().map(|span| (span.range, span.kind, span.canonical)).collect();
        self.replace(text, source, parts)
    }

    /// Redacts the value of a field, whose name may say what it is.
    pub fn field(&mut self, name: &str, value: &str, source: Source<'_>) -> Redacted {
        self.whole(field_kind(name), value, source)
    }

    fn whole(&mut self, kind: FieldKind, value: &str, source: Source<'_>) -> Redacted {
        let unchanged = || Redacted { text: value.to_owned(), redactions: Vec::new() };
        match kind {
            FieldKind::Stays => unchanged(),
            FieldKind::Shop if self.profile.replaces_shop() && !is_blank(value) => {
                self.entire(Kind::Buyer, value, source)
            }
            FieldKind::Whole(kind) if is_blank(value) || !self.profile.replaces(kind) => unchanged(),
            FieldKind::Whole(kind) => self.entire(kind, value, source),
            FieldKind::Shop | FieldKind::Free => self.text(value, source),
        }
    }

    /// Replaces a whole value but for the province and city of an address and for tokens that stand there already.
    fn entire(&mut self, kind: Kind, value: &str, source: Source<'_>) -> Redacted {
        let from = if kind == Kind::Address { address_rest(value) } else { 0 };
        let mut rest = from;
        let mut parts = Vec::new();
        let mut add = |range: Range<usize>| {
            let piece = &value[range.clone()];
            let start = range.start + piece.len() - piece.trim_start().len();
            let end = start + piece.trim().len();
            if value[start..end].chars().any(char::is_alphanumeric) {
                parts.push((start..end, kind, canonical(kind, &value[start..end])));
            }
        };
        for range in token::ranges(value) {
            if rest < range.start {
                add(rest..range.start);
            }
            rest = rest.max(range.end);
        }
        if rest < value.len() {
            add(rest..value.len());
        }
        self.replace(value, source, parts)
    }

    fn replace(&mut self, text: &str, source: Source<'_>, parts: Vec<(Range<usize>, Kind, String)>) -> Redacted {
        let mut out = Redacted { text: String::with_capacity(text.len()), redactions: Vec::new() };
        let mut from = 0;
        for (range, kind, canonical) in parts {
            let value = &text[range.clone()];
            out.text.push_str(&text[from..range.start]);
            let token = self.token(kind, &canonical);
            let start = out.text.len();
            out.text.push_str(&token);
            let place = Place { exhibit: source.exhibit, field: source.field, start, kind };
            let (opening, commitment) = commit(&self.key, &place, value);
            self.values.insert(value.to_owned(), kind);
            self.values.insert(canonical, kind);
            self.openings.insert(commitment.clone(), opening);
            out.redactions.push(Redaction {
                exhibit: source.exhibit.to_owned(),
                field: source.field.to_owned(),
                kind,
                token,
                range: start..out.text.len(),
                commitment,
            });
            from = range.end;
        }
        out.text.push_str(&text[from..]);
        out
    }

    /// The token of a value, longer when another value of the case has the short one.
    pub fn token(&mut self, kind: Kind, canonical: &str) -> String {
        let key = (kind, canonical.to_owned());
        if let Some(figures) = self.tokens.get(&key) {
            return token::write(kind, figures, self.language);
        }
        let mac = self.key.derive("token/1", &[kind.id().as_bytes(), canonical.as_bytes()]);
        let all = hex(&mac).to_uppercase();
        let free =
            |figures: &&str| token::are_figures(figures) && !self.taken.contains_key(&(kind, (*figures).to_owned()));
        let figures = (FEWEST..=MOST_FIGURES)
            .step_by(2)
            .filter_map(|len| all.get(..len))
            .find(free)
            .expect("invariant: 256 bits of two values differ")
            .to_owned();
        self.taken.insert((kind, figures.clone()), canonical.to_owned());
        self.tokens.insert(key, figures.clone());
        token::write(kind, &figures, self.language)
    }

    /// What opens one redaction made by this redactor: disclose it, and this value alone is known.
    pub fn open(&self, redaction: &Redaction) -> Option<Opening> {
        self.openings.get(&redaction.commitment).cloned()
    }

    /// Every value that was replaced, as it stood and without its disguise, for the scan of what leaves.
    pub fn values(&self) -> impl Iterator<Item = (&str, Kind)> {
        self.values.iter().map(|(value, kind)| (value.as_str(), *kind))
    }

    /// Redacts a file name; its extension and the signs of folders stay.
    pub fn file_name(&mut self, name: &str, source: Source<'_>) -> Redacted {
        let dot = name.rfind('.').filter(|dot| name.len() - dot <= 6 && *dot > 0).unwrap_or(name.len());
        let mut out = self.text(&name[..dot], source);
        out.text.push_str(&name[dot..]);
        out
    }

    /// Redacts every text in a JSON value, keys included. Numbers in a field of persons' data become tokens too.
    pub fn json(&mut self, value: &mut serde_json::Value, exhibit: &str) -> Vec<Redaction> {
        let mut redactions = Vec::new();
        self.json_at(value, exhibit, &mut String::new(), FieldKind::Free, &mut redactions);
        redactions
    }

    fn json_at(
        &mut self,
        value: &mut serde_json::Value,
        exhibit: &str,
        pointer: &mut String,
        kind: FieldKind,
        redactions: &mut Vec<Redaction>,
    ) {
        use serde_json::Value;
        match value {
            Value::String(text) => {
                let done = self.whole(kind, text, Source { exhibit, field: pointer });
                *text = done.text;
                redactions.extend(done.redactions);
            }
            Value::Number(number) => {
                let text = number.to_string();
                let done = match kind {
                    FieldKind::Whole(_) | FieldKind::Shop => {
                        self.whole(kind, &text, Source { exhibit, field: pointer })
                    }
                    _ => self.text(&text, Source { exhibit, field: pointer }),
                };
                if done.text != text {
                    *value = Value::String(done.text);
                    redactions.extend(done.redactions);
                }
            }
            Value::Array(items) => {
                for (i, item) in items.iter_mut().enumerate() {
                    let len = pointer.len();
                    pointer.push_str(&format!("/{i}"));
                    self.json_at(item, exhibit, pointer, kind, redactions);
                    pointer.truncate(len);
                }
            }
            Value::Object(map) => {
                for (name, mut item) in std::mem::take(map) {
                    let own = field_kind(&name);
                    let len = pointer.len();
                    let renamed = self.text(&name, Source { exhibit, field: pointer });
                    redactions.extend(renamed.redactions);
                    pointer.push('/');
                    pointer.push_str(&renamed.text.replace('~', "~0").replace('/', "~1"));
                    // What stands inside a person's field is that person's, unless its name says otherwise.
                    self.json_at(
                        &mut item,
                        exhibit,
                        pointer,
                        if own == FieldKind::Free { kind } else { own },
                        redactions,
                    );
                    pointer.truncate(len);
                    map.insert(renamed.text, item);
                }
            }
            Value::Null | Value::Bool(_) => {}
        }
    }

    /// Redacts the rows of a table under their headers.
    pub fn table(&mut self, headers: &[String], rows: &mut [Vec<String>], exhibit: &str) -> Vec<Redaction> {
        let kinds: Vec<FieldKind> = headers.iter().map(|name| field_kind(name)).collect();
        let mut redactions = Vec::new();
        for (row, cells) in rows.iter_mut().enumerate() {
            for (column, cell) in cells.iter_mut().enumerate() {
                let kind = kinds.get(column).copied().unwrap_or(FieldKind::Free);
                let done = self.whole(kind, cell, Source { exhibit, field: &format!("{row}/{column}") });
                *cell = done.text;
                redactions.extend(done.redactions);
            }
        }
        redactions
    }
}

/// The plain form of a value that fills its field: as the finder would give it where it knows the value.
fn canonical(kind: Kind, value: &str) -> String {
    let spans = find(value, &Context::default());
    if let [span] = &spans[..]
        && span.kind == kind
        && span.range == (0..value.len())
    {
        return span.canonical.clone();
    }
    let codes: String = folded(value).into_iter().collect();
    if codes.is_empty() { value.to_owned() } else { codes }
}
