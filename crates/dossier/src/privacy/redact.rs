//! Replacing what was found by tokens.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use super::commit::{Place, commit};
use super::field::{FieldKind, is_blank};
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

    /// Redacts the value of a field of which its name told this. What stays is looked into all the same: a phone number may stand behind an
    /// order's, or be a nickname.
    pub fn value(&mut self, kind: FieldKind, value: &str, source: Source<'_>) -> Redacted {
        match kind {
            FieldKind::Whole(_) | FieldKind::Shop if is_blank(value) => {
                Redacted { text: value.to_owned(), redactions: Vec::new() }
            }
            FieldKind::Shop if self.profile.replaces(Kind::Shop) => self.entire(Kind::Shop, value, source),
            FieldKind::Whole(kind) if self.profile.replaces(kind) => self.entire(kind, value, source),
            FieldKind::Whole(Kind::Order) => self.labelled("订单号：", value, source),
            FieldKind::Whole(Kind::Waybill) => self.labelled("运单号：", value, source),
            FieldKind::Stays => {
                let spans = self.spans(value).into_iter().filter(|span| span.kind != Kind::Address);
                let parts = spans.map(|span| (span.range, span.kind, span.canonical)).collect();
                self.replace(value, source, parts)
            }
            FieldKind::Whole(_) | FieldKind::Shop | FieldKind::Free => self.text(value, source),
        }
    }

    /// Redacts a text as if this label stood before it, which says that the first number stays.
    fn labelled(&mut self, label: &str, value: &str, source: Source<'_>) -> Redacted {
        let spans = self.spans(&format!("{label}{value}")).into_iter();
        let parts = spans.filter_map(|span| {
            let start = span.range.start.checked_sub(label.len())?;
            Some((start..span.range.end - label.len(), span.kind, span.canonical))
        });
        let parts = parts.collect();
        self.replace(value, source, parts)
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
