//! Joins what later stages said with the records they spoke of: last checks, owner, text, provenance.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use huoyan_host::Fault;
use huoyan_model::{RecordKind, Span};
use rayon::prelude::*;

use crate::Error;
use crate::entry::{Entry, Held, HeldUnjudged};
use crate::graph::Late;
use crate::pass::{Engine, card, text_at};
use crate::spool::{SpoolReader, Spooled};

/// Owners that later stages spoke of, by kind and key, with what was said of them.
pub(crate) type LateEntries = BTreeMap<(RecordKind, String), Entry>;

/// The kind of the records that were judged, and the key of their owner. A picture belongs to whichever of listing and
/// review has that key.
type OwnerKey = (RecordKind, String);

/// What was said of one owner, before its record is at hand.
#[derive(Default)]
struct Waiting {
    findings: Vec<Held>,
    unjudged: Vec<HeldUnjudged>,
}

/// A record that somebody waits for, with the text of the field each waiting finding points into.
struct Found {
    owner: OwnerKey,
    entry: Entry,
    texts: Vec<Option<String>>,
    fits: bool,
}

/// A picture's owner is its key up to the last `#`.
fn owner_key(kind: RecordKind, record: &str) -> OwnerKey {
    let key = match kind {
        RecordKind::Image => record.rsplit_once('#').map_or(record, |(owner, _)| owner),
        _ => record,
    };
    (kind, key.to_owned())
}

impl Engine<'_> {
    /// Finds the record of every late finding. A detector that spoke of a record that is not there, or gave a span that
    /// does not fit it, is taken out.
    pub(crate) fn join(&self, late: &mut Late, spool: &SpoolReader) -> Result<LateEntries, Error> {
        let mut waiting: BTreeMap<OwnerKey, Waiting> = BTreeMap::new();
        for (d, kind, finding) in std::mem::take(&mut late.findings) {
            let owner = owner_key(kind, &finding.record);
            waiting.entry(owner).or_default().findings.push(Held::new(d, kind, finding));
        }
        for (detector, record_kind, record, reason) in std::mem::take(&mut late.unjudged) {
            let owner = owner_key(record_kind, &record);
            let held = HeldUnjudged { detector, record_kind, record, reason };
            waiting.entry(owner).or_default().unjudged.push(held);
        }
        if waiting.is_empty() {
            return Ok(LateEntries::new());
        }
        let mut found = find(&waiting, spool)?;
        let mut out = LateEntries::new();
        for (owner, said) in waiting {
            match found.remove(&owner) {
                None => {
                    let detectors: BTreeSet<usize> = said
                        .findings
                        .iter()
                        .map(|h| h.detector)
                        .chain(said.unjudged.iter().map(|h| h.detector))
                        .collect();
                    for d in detectors {
                        self.quarantine(d, Fault::not_given(&owner.1));
                    }
                }
                Some(record) => self.attach(record, said, &mut out),
            }
        }
        for entry in out.values_mut() {
            entry.findings.retain(|held| !self.is_out(held.detector));
            entry.unjudged.retain(|held| !self.is_out(held.detector));
        }
        out.retain(|_, entry| !entry.findings.is_empty() || !entry.unjudged.is_empty());
        Ok(out)
    }

    fn attach(&self, record: Found, said: Waiting, out: &mut LateEntries) {
        let Found { entry, texts, .. } = record;
        let entry = out.entry((entry.kind, entry.key.clone())).or_insert(entry);
        for (mut held, text) in said.findings.into_iter().zip(texts) {
            if let Some(span) = held.span {
                let field = held.field.as_deref().unwrap_or_default();
                match text.as_deref().and_then(|text| at_span(text, span)) {
                    Some(matched) => held.matched = Some(matched.to_owned()),
                    None => {
                        self.quarantine(held.detector, Fault::does_not_fit(span, field));
                        continue;
                    }
                }
            }
            if self.wants.cards {
                held.field_text = text;
                held.image = picture_path(entry, &held);
            }
            entry.findings.push(held);
        }
        entry.unjudged.extend(said.unjudged);
    }
}

fn at_span(text: &str, span: Span) -> Option<&str> {
    text.get(span.0 as usize..span.1 as usize)
}

/// Looks through all kept records, in parallel, and takes for each owner the first in input order that every waiting
/// span fits; versions of a record share a key.
fn find(waiting: &BTreeMap<OwnerKey, Waiting>, spool: &SpoolReader) -> Result<BTreeMap<OwnerKey, Found>, Error> {
    let blocks: Vec<Result<Vec<Found>, Error>> =
        (0..spool.len()).into_par_iter().map(|block| Ok(find_in(waiting, &spool.read(block)?))).collect();
    let mut found: BTreeMap<OwnerKey, Found> = BTreeMap::new();
    for block in blocks {
        for candidate in block? {
            match found.get(&candidate.owner) {
                Some(first) if first.fits || !candidate.fits => {}
                _ => {
                    found.insert(candidate.owner.clone(), candidate);
                }
            }
        }
    }
    Ok(found)
}

fn find_in(waiting: &BTreeMap<OwnerKey, Waiting>, spooled: &Spooled) -> Vec<Found> {
    let mut out = Vec::new();
    for row in 0..spooled.records.num_rows() {
        for kind in [spooled.kind, RecordKind::Image] {
            let owner = (kind, spooled.key(row).to_owned());
            let Some(said) = waiting.get(&owner) else { continue };
            let texts: Vec<Option<String>> = said
                .findings
                .iter()
                .map(|held| held.field.as_deref().and_then(|field| text_at(&spooled.records, field, row)))
                .collect();
            let fits = said.findings.iter().zip(&texts).all(|(held, text)| match held.span {
                None => true,
                Some(span) => text.as_deref().is_some_and(|text| at_span(text, span).is_some()),
            });
            let entry = Entry {
                kind: spooled.kind,
                key: owner.1.clone(),
                version: spooled.version(row),
                shop: text_at(&spooled.records, "shop_id", row),
                source: spooled.source(row),
                card: card(spooled.kind, &spooled.records, row),
                findings: Vec::new(),
                scores: Vec::new(),
                unjudged: Vec::new(),
            };
            let mut entry = entry;
            entry.card.image = text_at(&spooled.records, "images", row);
            out.push(Found { owner, entry, texts, fits });
        }
    }
    out
}

/// Where the picture that was judged lies, from its owner's list of pictures and the position in its key.
fn picture_path(entry: &Entry, held: &Held) -> Option<String> {
    if held.record_kind != RecordKind::Image {
        return None;
    }
    let position: usize = held.record.rsplit_once('#')?.1.parse().ok()?;
    let uri = huoyan_intake::pictures::list(entry.card.image.as_deref()?).into_iter().nth(position)?;
    let folder = Path::new(&entry.source.file).parent()?;
    Some(folder.join(uri).to_string_lossy().into_owned())
}
