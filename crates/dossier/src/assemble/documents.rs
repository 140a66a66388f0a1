//! The files of the bundle that are about the exhibits: the case, the claims, the cover, what was replaced.

use std::path::Path;

use huoyan_model::{Locale, Localized};
use serde_json::{Value, json};

use super::copy::{CopyNote, kind_name};
use super::{AssembleError, Options, Papers, bag_path, figures as pictures, ro_crate};
use crate::bundle::{Environment, Payload};
use crate::case::Case;
use crate::page::{Block, Document};
use crate::privacy::{FieldKind, Kind, Redaction, Redactor, Source, is_digest};

/// What is said of the whole outside of the payload too.
pub(super) struct Documents {
    pub organization: String,
    pub shop_id: String,
    pub reason: String,
    pub ask: String,
    /// Exhibits that are in the bundle only in part, or not at all.
    pub withheld: Vec<String>,
}

pub(super) struct Outer<'o> {
    pub redactor: &'o mut Redactor,
    pub redactions: &'o mut Vec<Redaction>,
    pub copies: &'o [CopyNote],
    pub custody: &'o str,
    pub environment: &'o Environment,
}

impl Outer<'_> {
    pub fn write(
        self,
        case: &Case,
        papers: &Papers<'_>,
        options: &Options<'_>,
        work: &Path,
        payload: &mut Vec<Payload>,
    ) -> Result<Documents, AssembleError> {
        let told = redact_case(case, self.redactor, self.redactions);
        let mut files: Vec<(String, String)> = Vec::new();
        let composed = papers.documents.as_ref().map(|compose| compose(self.copies)).unwrap_or_default();
        for composed in composed.iter().filter(|composed| composed.sent) {
            let name = &composed.name;
            let mut document = redact_document(name, &composed.document, self.redactor, self.redactions);
            place_figures(&mut document, self.copies, options.locale);
            files.push((format!("{name}.html"), crate::page::html::render(&document, |path| picture(payload, path))));
            if let Some(render) = papers.pdf {
                let figures = work.join("figures");
                pictures::lay_out(&document, payload, &figures)?;
                let pdf = render(&document, &figures).map_err(AssembleError::Pdf)?;
                payload.push(Payload::bytes(bag_path(&format!("{name}.pdf")), pdf));
            }
        }
        files.push(("case.json".to_owned(), pretty(&told)));
        let claims: Vec<Value> = told.claims.iter().map(|claim| json!(claim)).collect();
        files.push(("claims.json".to_owned(), pretty(&json!({ "schema": "huoyan-claims/1", "claims": claims }))));
        for (name, data) in &papers.data {
            let mut data = data.clone();
            self.redactions.extend(self.redactor.json(&mut data, Source { exhibit: name, field: "" }));
            files.push((name.clone(), pretty(&data)));
        }
        let mut environment = json!(self.environment);
        self.redactions.extend(self.redactor.json(&mut environment, Source { exhibit: "environment.json", field: "" }));
        files.push(("environment.json".to_owned(), pretty(&environment)));
        files.push(("custody.jsonl".to_owned(), self.custody.to_owned()));
        for note in self.copies {
            let Some(exhibit) = case.exhibit(note.exhibit) else { continue };
            let dir = format!("{}-{}", note.exhibit, kind_name(exhibit.kind).zh);
            files.push((format!("{dir}/副本说明.json"), pretty(note)));
        }
        let mut redactions = String::new();
        for redaction in self.redactions.iter() {
            redactions.push_str(&serde_json::to_string(redaction).expect("invariant: texts are always JSON"));
            redactions.push('\n');
        }
        files.push(("redactions.jsonl".to_owned(), redactions));
        for (name, text) in files {
            payload.push(Payload::bytes(bag_path(&name), text));
        }
        let metadata = ro_crate::metadata(&told, self.copies, payload, options);
        payload.push(Payload::bytes(bag_path("ro-crate-metadata.json"), metadata));
        let type_name = |package: &str| package.replace('_', " ");
        Ok(Documents {
            organization: or(&told.shop.name, &told.shop.id),
            shop_id: told.shop.id.clone(),
            reason: papers.reason.clone().unwrap_or_else(|| type_name(&told.package)),
            ask: told.ask.clone(),
            withheld: self
                .copies
                .iter()
                .filter(|note| note.files.is_empty())
                .map(|note| note.exhibit.to_string())
                .collect(),
        })
    }
}

/// Shows in each figure the copy that goes out of its exhibit, and says what kind of copy it is.
fn place_figures(document: &mut Document, copies: &[CopyNote], locale: Locale) {
    for block in &mut document.blocks {
        let Block::Pictures { items } = block else { continue };
        for figure in items {
            let Some(note) = copies.iter().find(|note| note.exhibit.to_string() == figure.file) else { continue };
            let (open, close) = if locale == Locale::Zh { ("（", "）") } else { (" (", ")") };
            figure.caption.push_str(&format!("{open}{}{close}", note.about.get(locale)));
            if let Some(file) = note.files.first() {
                (figure.file, figure.sha256) = (file.path.clone(), file.sha256.to_string());
            }
        }
    }
}

/// The bytes of a copy that goes out.
pub(super) fn picture(payload: &[Payload], path: &str) -> Option<Vec<u8>> {
    let file = payload.iter().find(|file| file.path.as_str() == path)?;
    match &file.source {
        crate::bundle::Source::Bytes(bytes) => Some(bytes.clone()),
        crate::bundle::Source::File(path) => std::fs::read(path).ok(),
    }
}

fn or(text: &str, other: &str) -> String {
    if text.trim().is_empty() { other.to_owned() } else { text.trim().to_owned() }
}

fn pretty(value: &impl serde::Serialize) -> String {
    let mut text = serde_json::to_string_pretty(value).expect("invariant: texts and numbers are always JSON");
    text.push('\n');
    text
}

/// The case as it may be shown: every text of it redacted, numbers and digests as they are.
pub(super) fn redact_case(case: &Case, redactor: &mut Redactor, redactions: &mut Vec<Redaction>) -> Case {
    let mut told = case.clone();
    let mut say = |kind: FieldKind, text: &mut String, field: String| {
        if is_digest(text) {
            return;
        }
        let done = redactor.value(kind, text, Source { exhibit: "case.json", field: &field });
        *text = done.text;
        redactions.extend(done.redactions);
    };
    say(FieldKind::Shop, &mut told.shop.id, "/shop/id".to_owned());
    say(FieldKind::Shop, &mut told.shop.name, "/shop/name".to_owned());
    say(FieldKind::Shop, &mut told.shop.contact, "/shop/contact".to_owned());
    say(FieldKind::Free, &mut told.ask, "/ask".to_owned());
    for (n, subject) in told.subjects.iter_mut().enumerate() {
        let kind = if subject.kind == "order" { FieldKind::Whole(Kind::Order) } else { FieldKind::Free };
        say(kind, &mut subject.id, format!("/subjects/{n}/id"));
    }
    for (n, claim) in told.claims.iter_mut().enumerate() {
        say(FieldKind::Free, &mut claim.text, format!("/claims/{n}/text"));
    }
    for (n, exhibit) in told.exhibits.iter_mut().enumerate() {
        let at = |field: &str| format!("/exhibits/{n}/{field}");
        say(FieldKind::Free, &mut exhibit.title, at("title"));
        say(FieldKind::Free, &mut exhibit.source.system, at("source/system"));
        say(FieldKind::Free, &mut exhibit.source.uri, at("source/uri"));
        say(FieldKind::Free, &mut exhibit.captured_by, at("captured_by"));
        say(FieldKind::Free, &mut exhibit.method, at("method"));
        let name = exhibit.file.rfind('/').map_or(0, |slash| slash + 1);
        let (mut stem, ending) = split_name(&exhibit.file[name..]);
        say(FieldKind::Free, &mut stem, at("file"));
        exhibit.file = format!("{}{stem}{ending}", &exhibit.file[..name]);
        let links = &mut exhibit.links;
        for (list, kind, name) in [
            (&mut links.orders, FieldKind::Whole(Kind::Order), "orders"),
            (&mut links.buyers, FieldKind::Whole(Kind::Buyer), "buyers"),
            (&mut links.reviews, FieldKind::Free, "reviews"),
            (&mut links.listings, FieldKind::Free, "listings"),
        ] {
            for (m, id) in list.iter_mut().enumerate() {
                say(kind, id, at(&format!("links/{name}/{m}")));
            }
        }
        for (fact, text) in &mut exhibit.facts {
            say(crate::privacy::field_kind(fact), text, at(&format!("facts/{fact}")));
        }
    }
    told
}

fn split_name(name: &str) -> (String, String) {
    let dot = name.rfind('.').filter(|dot| name.len() - dot <= 6 && *dot > 0).unwrap_or(name.len());
    (name[..dot].to_owned(), name[dot..].to_owned())
}

/// A document, redacted text by text: what it says came from many places. Its form is its own.
fn redact_document(
    name: &str,
    document: &Document,
    redactor: &mut Redactor,
    redactions: &mut Vec<Redaction>,
) -> Document {
    let mut document = document.clone();
    document.each_text(|field, text| {
        if is_digest(text) {
            return;
        }
        let done = redactor.text(text, Source { exhibit: name, field });
        *text = done.text;
        redactions.extend(done.redactions);
    });
    document
}

/// One language of a text for people.
pub(super) fn pick(locale: Locale, zh: impl Into<String>, en: impl Into<String>) -> String {
    Localized::new(zh, en).get(locale).to_owned()
}
