//! Detector `prohibited-keyword`: suspected prohibited goods and advertising claims in listings. The smallest readable
//! detector: read this one first.
//!
//! The rules are data (`rules/*.toml`, `contexts.toml`); this crate reads a term's language ([`pack`]), searches for it
//! through disguises and judges what stands about it ([`Screen`]). This file only glues that to the SDK. What must stay
//! true: every finding belongs to a rule of a pack, spans lie on character boundaries of the field, and a listing is judged
//! by its own words alone.

mod bundled;
mod config;
mod context;
mod examples;
mod frequent;
mod layer;
pub mod overlay;
pub mod pack;
mod phrase;
mod reading;
mod screen;
mod trust;

use huoyan_sdk::{Batch, CreateContext, Error, Evidence, Finding, PerShop, RecordDetector, Sink};

pub use bundled::{CONTEXTS, PACKS, bundled};
pub use config::Config;
pub use examples::{Mismatch, Report, test_examples};
pub use screen::{Found, Overlaid, Screen, ScreenRule, Workspace};

use overlay::Overlay;
use pack::{Contexts, Pack};

/// The detector: one screen made of the rule packs it was given, and the overlays over it.
pub struct ProhibitedKeyword {
    screen: Screen,
    overlays: PerShop<Overlaid>,
}

/// The fields that are searched; the category only tells what the words are about.
const FIELDS: [&str; 4] = ["title", "description", "attributes", "brand"];

impl RecordDetector for ProhibitedKeyword {
    fn create(cx: &CreateContext<'_>) -> Result<Self, Error> {
        let text = |name: &str, bytes: &[u8]| {
            String::from_utf8(bytes.to_vec()).map_err(|_| Error::config(format!("resource '{name}' is not UTF-8 text")))
        };
        let fail = |e: pack::PackError| Error::config(e.to_string());
        let (mut packs, mut overlays) = (Vec::new(), Vec::new());
        for (name, bytes) in cx.resources() {
            if name == "rules" || name.starts_with("rules/") {
                packs.push(Pack::parse(name, &text(name, &bytes)?).map_err(fail)?);
            } else if name == "overlay" || name.starts_with("overlay/") {
                overlays.push(Overlay::parse(name, &text(name, &bytes)?).map_err(fail)?);
            }
        }
        let contexts = cx.resource("contexts").ok_or_else(|| Error::config("resource 'contexts' is missing"))?;
        let contexts = Contexts::parse(&text("contexts", &contexts)?).map_err(fail)?;
        overlays.push(Config::parse(cx.config).map_err(fail)?.overlay());
        let screen = Screen::new(&packs, &contexts).map_err(fail)?;
        let shops: Vec<&[String]> = overlays.iter().map(|overlay| &*overlay.shops).collect();
        let overlays = PerShop::new(&shops, |parts| {
            let all = Overlay::all_of(parts.iter().map(|at| &overlays[*at]));
            if all.is_empty() { Ok(None) } else { screen.overlay(&all).map(Some) }
        });
        Ok(Self { overlays: overlays.map_err(fail)?, screen })
    }

    fn scan(&self, _stage: &str, batch: &Batch<'_>, sink: &mut Sink<'_>) -> Result<(), Error> {
        let (keys, categories, shops) = (batch.keys()?, batch.text("category")?, batch.text("shop_id")?);
        let (mut work, mut found) = (Workspace::new(), Vec::new());
        for field in FIELDS {
            let column = batch.text(field)?;
            for row in 0..batch.len() {
                let (Some(key), Some(text)) = (keys.get(row), column.get(row)) else { continue };
                let overlay = self.overlays.of(shops.get(row));
                self.screen.scan_with(overlay, text, categories.get(row).unwrap_or(""), &mut work, &mut found);
                for hit in &found {
                    self.report(key, (field, text), hit, sink);
                }
            }
            if !sink.is_open() {
                break;
            }
        }
        Ok(())
    }
}

impl ProhibitedKeyword {
    fn report(&self, key: &str, (field, text): (&str, &str), hit: &Found, sink: &mut Sink<'_>) {
        let rule = &self.screen.rules()[hit.rule];
        let mut evidence = Evidence::new()
            .text("category", &rule.category)
            .text("canonical", &hit.canonical)
            .texts("disguise", hit.disguises.names());
        for (name, value) in [("clause", &rule.clause), ("rewrite", &rule.rewrite)] {
            if !value.is_empty() {
                evidence = evidence.text(name, value);
            }
        }
        let finding = Finding::new(key, &rule.id, hit.score).matched(field, text, hit.start..hit.end);
        sink.finding(&finding.evidence(evidence));
    }
}

huoyan_sdk::export_record_detector!(
    ProhibitedKeyword,
    manifest = "../manifest.json",
    resources = {
        "contexts" => "../contexts.toml",
        "rules/claims" => "../rules/claims.toml",
        "rules/dangerous" => "../rules/dangerous.toml",
        "rules/drugs" => "../rules/drugs.toml",
        "rules/health" => "../rules/health.toml",
        "rules/restricted" => "../rules/restricted.toml",
        "rules/trust" => "../rules/trust.toml",
        "rules/weapons" => "../rules/weapons.toml",
    }
);
