//! QR codes in pictures: where one leads is screened as if it were written out.
//!
//! What must stay true: a code on a customer's photograph is held against nobody; a code that leads to the record's own platform is no
//! lead off it; one to an unknown address, as packs bear them, stays under 0.5.

use std::collections::BTreeMap;

use huoyan_sdk::{Batch, Error, Evidence, Finding, Sink};
use huoyan_vision::{Limits, decode, qr, sha256};
use serde::Deserialize;

use crate::pack::PackError;
use crate::screen::{Seen, Setting, Voice, Work, screen};
use crate::{PlatformMention, WORK};

/// What an address is called that belongs to nobody known.
const UNKNOWN: &str = "url";

/// What codes say where it is no plain text or web address, from the resource `picture`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Codes {
    /// How sure a lead to an unknown address is.
    unknown_address: f64,
    /// How sure a lead into another application is.
    scheme: f64,
    /// Platform to the schemes of its application.
    schemes: BTreeMap<String, Vec<String>>,
}

impl Codes {
    /// Reads the resource.
    ///
    /// # Errors
    /// When a key is unknown or a confidence is none.
    pub fn parse(text: &str) -> Result<Self, PackError> {
        let codes: Self = toml::from_str(text).map_err(|e| PackError(format!("resource 'picture': {e}")))?;
        if [codes.unknown_address, codes.scheme].iter().all(|score| (0.0..=1.0).contains(score)) {
            Ok(codes)
        } else {
            Err(PackError("resource 'picture': a confidence is not between 0 and 1".to_owned()))
        }
    }

    /// The platform whose application a code opens.
    fn opens(&self, text: &str) -> Option<&str> {
        let begins = |scheme: &String| text.get(..scheme.len()).is_some_and(|head| head.eq_ignore_ascii_case(scheme));
        self.schemes.iter().find(|(_, schemes)| schemes.iter().any(begins)).map(|(platform, _)| platform.as_str())
    }
}

/// The rule of outside addresses, which a lead into another application falls under.
const ADDRESS: &str = "PM030";

/// The strongest lead of a rule among a picture's codes.
struct Lead {
    rule: String,
    score: f64,
    target: String,
    code: usize,
}

impl PlatformMention {
    /// Stage `image`.
    pub(crate) fn scan_pictures(&self, batch: &Batch<'_>, sink: &mut Sink<'_>) -> Result<(), Error> {
        let (keys, owners, bytes) = (batch.keys()?, batch.text("owner_kind")?, batch.binary("bytes")?);
        let (platforms, shops, uris) = (batch.text("platform")?, batch.text("shop_id")?, batch.text("uri")?);
        for row in 0..batch.len() {
            if !sink.is_open() {
                break;
            }
            let (Some(key), Some(bytes)) = (keys.get(row), bytes.get(row)) else { continue };
            if owners.get(row).is_some_and(|owner| owner != "listing") {
                continue;
            }
            let picture = match decode(bytes, &Limits::default()) {
                Ok(picture) => picture,
                Err(why) => {
                    sink.unjudged(key, &why.to_string());
                    continue;
                }
            };
            let Some(codes) = qr::read(&picture) else {
                sink.unjudged(key, "it is full of code marks: whether there is a QR code was not looked at");
                continue;
            };
            if codes.is_empty() {
                continue;
            }
            let own = platforms.get(row).and_then(|name| self.lexicon.platform(name)).or(self.platform.as_deref());
            let setting = Setting { voice: Voice::Shop, own, overlay: self.overlays.of(shops.get(row)) };
            let leads = WORK.with(|work| self.leads(&codes, setting, &mut work.borrow_mut()));
            for lead in leads {
                let code = &codes[lead.code];
                let region = code.region().map(|at| at.to_string()).join(",");
                let (width, height) = (picture.width() as f64, picture.height() as f64);
                let outline =
                    code.corners.map(|[x, y]| format!("[{:.4},{:.4}]", f64::from(x) / width, f64::from(y) / height));
                let mut evidence = Evidence::new()
                    .text("target", &lead.target)
                    .text("code", &code.text)
                    .raw("region", &format!("[{region}]"))
                    .raw("outline", &format!("[{}]", outline.join(",")))
                    .number("codes", codes.len() as f64)
                    .text("sha256", &sha256(bytes));
                if let Some(uri) = uris.get(row) {
                    evidence = evidence.text("uri", uri);
                }
                if let Some(quote) = self.lexicon.quote(&lead.rule) {
                    for (name, value) in [("clause", &quote.clause), ("rewrite", &quote.rewrite)] {
                        if !value.is_empty() {
                            evidence = evidence.text(name, value);
                        }
                    }
                }
                sink.finding(&Finding::new(key, &lead.rule, lead.score).evidence(evidence));
            }
        }
        Ok(())
    }

    /// Where codes lead, by rule.
    fn leads(&self, codes: &[qr::Code], setting: Setting<'_>, work: &mut Work) -> Vec<Lead> {
        let mut leads: Vec<Lead> = Vec::new();
        let mut add =
            |rule: &str, score: f64, target: &str, code: usize| match leads.iter_mut().find(|lead| lead.rule == rule) {
                Some(known) if known.score >= score => {}
                Some(known) => *known = Lead { rule: rule.to_owned(), score, target: target.to_owned(), code },
                None => leads.push(Lead { rule: rule.to_owned(), score, target: target.to_owned(), code }),
            };
        for (i, code) in codes.iter().enumerate() {
            if let Some(platform) = self.codes.opens(&code.text) {
                let off = setting.overlay.is_some_and(|overlay| overlay.switches_off(ADDRESS));
                if setting.own != Some(platform) && !off {
                    add(ADDRESS, self.codes.scheme, platform, i);
                }
                continue;
            }
            for Seen { rule, score, target, .. } in screen(&self.lexicon, &code.text, setting, work) {
                let score = if target == UNKNOWN { score.min(self.codes.unknown_address) } else { score };
                add(rule, score, target, i);
            }
        }
        leads
    }
}
