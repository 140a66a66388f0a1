//! Detector `platform-mention`: who invites whom off the platform, and by what means.
//!
//! Names of platforms and messengers, phone numbers, addresses, share tokens, in the disguises they are written in, and what QR
//! codes in a listing's pictures say. What
//! is data stands in `rules/`: names, the words around them, domains, rules; [`mod@screen`] weighs them.
//!
//! What must stay true: a neutral mention (微信支付, 抖音同款) stays under 0.5 and an invitation does not; the record's own
//! platform is never a third party; a buyer who complains that the shop asked him to leave is not held against the buyer.

pub mod code;
pub mod identifier;
pub mod lexicon;
pub mod overlay;
pub mod pack;
pub mod screen;

use std::cell::RefCell;

use huoyan_sdk::{Batch, CreateContext, Error, Evidence, Finding, PerShop, RecordDetector, Sink};
use serde::Deserialize;

use crate::code::Codes;
use crate::lexicon::{Lexicon, Sources};
use crate::overlay::{Overlaid, Overlay};
use crate::pack::PackError;
use crate::screen::{Seen, Setting, Voice, Work, screen};

/// The pack the plugin carries.
pub const BUNDLED: Sources<'static> = Sources {
    mention: include_str!("../rules/mention.toml"),
    contact: include_str!("../rules/contact.toml"),
    aliases: include_str!("../rules/aliases.toml"),
    context: include_str!("../rules/context.toml"),
    domains: include_str!("../rules/domains.toml"),
};

const CODES: &str = include_str!("../rules/picture.toml");

/// The detector.
pub struct PlatformMention {
    lexicon: Lexicon,
    codes: Codes,
    /// The platform of records that do not name theirs.
    platform: Option<String>,
    overlays: PerShop<Overlaid>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Config {
    platform: Option<String>,
    allow: Vec<String>,
    domains: Vec<String>,
    off: Vec<String>,
}

thread_local! {
    // A detector has no threads of its own; each of the host's gets working memory once instead of once per batch.
    static WORK: RefCell<Work> = RefCell::default();
}

impl RecordDetector for PlatformMention {
    fn create(cx: &CreateContext<'_>) -> Result<Self, Error> {
        let config: Config =
            serde_json::from_str(cx.config).map_err(|error| Error::config(format!("platform-mention: {error}")))?;
        let given: Vec<_> = ["rules/mention", "rules/contact", "picture", "aliases", "context", "domains"]
            .into_iter()
            .map(|name| (name, cx.resource(name)))
            .collect();
        let text = |name: &str, bundled: &'static str| -> Result<&str, Error> {
            let Some((_, Some(resource))) = given.iter().find(|(known, _)| *known == name) else { return Ok(bundled) };
            std::str::from_utf8(resource).map_err(|_| Error::config(format!("resource '{name}' is not UTF-8")))
        };
        let sources = Sources {
            mention: text("rules/mention", BUNDLED.mention)?,
            contact: text("rules/contact", BUNDLED.contact)?,
            aliases: text("aliases", BUNDLED.aliases)?,
            context: text("context", BUNDLED.context)?,
            domains: text("domains", BUNDLED.domains)?,
        };
        let lexicon = Lexicon::new(&sources).map_err(|error| Error::config(error.to_string()))?;
        let platform = match &config.platform {
            None => None,
            Some(name) => Some(lexicon.platform(name).map(str::to_owned).ok_or_else(|| {
                Error::config(format!("platform '{name}' is not one of the pack's: name it as in resource 'aliases'"))
            })?),
        };
        let fail = |error: PackError| Error::config(error.to_string());
        let mut overlays = Vec::new();
        for (name, bytes) in cx.resources() {
            if name == "overlay" || name.starts_with("overlay/") {
                let text = std::str::from_utf8(&bytes)
                    .map_err(|_| Error::config(format!("resource '{name}' is not UTF-8 text")))?;
                overlays.push(Overlay::parse(name, text).map_err(fail)?);
            }
        }
        let Config { allow, domains, off, .. } = config;
        overlays.push(Overlay { allow, domains, off, ..Overlay::default() });
        let shops: Vec<&[String]> = overlays.iter().map(|overlay| &*overlay.shops).collect();
        let overlays = PerShop::new(&shops, |parts| {
            let all = Overlay::all_of(parts.iter().map(|at| &overlays[*at]));
            if all.is_empty() { Ok(None) } else { Overlaid::new(&lexicon, &all).map(Some) }
        });
        let codes = Codes::parse(text("picture", CODES)?).map_err(fail)?;
        Ok(Self { overlays: overlays.map_err(fail)?, lexicon, codes, platform })
    }

    fn scan(&self, stage: &str, batch: &Batch<'_>, sink: &mut Sink<'_>) -> Result<(), Error> {
        let (voice, fields): (_, &[&str]) = match stage {
            "listing" => (Voice::Shop, &["title", "description", "attributes"]),
            "review" => (Voice::Buyer, &["text"]),
            "image" => return self.scan_pictures(batch, sink),
            other => return Err(Error::unsupported(format!("there is no stage '{other}'"))),
        };
        let (keys, platforms) = (batch.keys()?, batch.text("platform")?);
        let shops = batch.text("shop_id")?;
        let mut columns = Vec::new();
        for field in fields {
            columns.push((*field, batch.text(field)?));
        }
        WORK.with(|work| {
            let work = &mut *work.borrow_mut();
            for row in 0..batch.len() {
                let Some(key) = keys.get(row) else { continue };
                let own = platforms.get(row).and_then(|name| self.lexicon.platform(name)).or(self.platform.as_deref());
                let setting = Setting { voice, own, overlay: self.overlays.of(shops.get(row)) };
                for (field, column) in &columns {
                    let Some(text) = column.get(row) else { continue };
                    for seen in screen(&self.lexicon, text, setting, work) {
                        self.report(key, (field, text), &seen, sink);
                    }
                }
            }
        });
        Ok(())
    }
}

impl PlatformMention {
    fn report(&self, key: &str, (field, text): (&str, &str), seen: &Seen<'_>, sink: &mut Sink<'_>) {
        let mut evidence = Evidence::new()
            .text("target", seen.target)
            .texts("disguise", seen.disguises.names())
            .text("canonical", &seen.canonical)
            .texts("cues", seen.cues.iter().copied());
        if let Some(quote) = self.lexicon.quote(seen.rule) {
            for (name, value) in [("clause", &quote.clause), ("rewrite", &quote.rewrite)] {
                if !value.is_empty() {
                    evidence = evidence.text(name, value);
                }
            }
        }
        let span = seen.start as usize..seen.end as usize;
        sink.finding(&Finding::new(key, seen.rule, seen.score).matched(field, text, span).evidence(evidence));
    }
}

huoyan_sdk::export_record_detector!(
    PlatformMention,
    manifest = "../manifest.json",
    resources = {
        "rules/mention" => "../rules/mention.toml",
        "rules/contact" => "../rules/contact.toml",
        "picture" => "../rules/picture.toml",
        "aliases" => "../rules/aliases.toml",
        "context" => "../rules/context.toml",
        "domains" => "../rules/domains.toml",
    }
);
