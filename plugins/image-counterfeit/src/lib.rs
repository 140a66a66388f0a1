//! Detector `image-counterfeit`: a brand's own pictures in shops that may not use them, however edited; names made to be
//! taken for the brand's; prices far under the brand's; the same picture in several shops.
//!
//! | stage | sees | says |
//! |---|---|---|
//! | `image` | each picture | IC001 copy of an official picture, IC002 the same print photographed anew; rows for `near` and `together` |
//! | `listing` | each listing | IC003 look-alike name, IC004 price far under the brand's; rows for `together` |
//! | `near` | pictures that share a part of their hash | rows: who has nearly the same picture in another shop |
//! | `copies` | all such rows of a picture | IC005 same picture in several shops |
//! | `together` | all that is said of a listing | IC006 suspected counterfeit, with what each kind of evidence counts |
//!
//! What must stay true: an authorised shop is not flagged; a picture in a review accuses nobody; without a gallery the
//! other rules still work; a picture that cannot be decoded is `unjudged` with its reason.

pub mod brands;
pub mod embedding;
pub mod fold;
pub mod listing;
pub mod names;
pub mod near;
pub mod picture;
mod tasks;
pub mod together;

use std::collections::BTreeMap;
use std::sync::Arc;

use huoyan_sdk::{CreateContext, Detector, Error, Grouped, Resource, Task, TaskContext};
use huoyan_vision::gallery::{Gallery, GalleryError};
use serde::Deserialize;

use crate::brands::Brands;
use crate::embedding::{Embedding, Settings};
use crate::together::{TogetherFold, Weights, Wording};

/// The manifest, for tests and measurements without a host.
pub const MANIFEST: &str = include_str!("../manifest.json");

const RULES: Resource = Resource::from_static(include_bytes!("../rules/counterfeit.toml"));

/// A mapped gallery.
pub struct Bytes(Resource);

impl AsRef<[u8]> for Bytes {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// The detector.
pub struct ImageCounterfeit {
    /// Reference pictures; none without the resource.
    pub galleries: Vec<Gallery<Bytes>>,
    /// Who may sell what; none without the resource.
    pub brands: Brands,
    /// Words that say a title speaks of a spare part, folded.
    pub accessory: Vec<String>,
    /// Words with which counterfeits are offered, folded.
    pub wording: Vec<Wording>,
    /// What each kind of evidence counts.
    pub weights: Weights,
    /// The user's own model and what it makes of the galleries.
    pub embedding: Option<Embedding>,
    /// What the user set.
    pub config: Config,
}

/// The detector's configuration.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// A price below this share of the brand's own is far under it.
    pub price_ratio: f64,
    /// From so many other shops with the same picture on, near copies are stood by.
    pub near_shops: usize,
    /// Matches below this score are not written.
    pub report_from: f64,
    /// How the user's own model is used.
    pub embedding: Option<Settings>,
}

impl Default for Config {
    fn default() -> Self {
        Self { price_ratio: 0.4, near_shops: 3, report_from: 0.2, embedding: None }
    }
}

/// Galleries up to this size are compared with their digests before they are used, which takes about 0.1 s; larger ones by
/// `huoyan gallery verify`.
const VERIFIED: u64 = 256 << 20;

/// Opens the galleries, whose files are the resources `gallery/NAME/FILE`.
fn galleries(cx: &CreateContext<'_>) -> Result<Vec<Gallery<Bytes>>, Error> {
    let mut folders: BTreeMap<&str, BTreeMap<&str, Resource>> = BTreeMap::new();
    for (name, resource) in cx.resources() {
        if name == "gallery" {
            return Err(Error::config(
                "resource 'gallery': a gallery is a folder; make it with `huoyan gallery build`",
            ));
        }
        let Some((folder, file)) = name.strip_prefix("gallery/").and_then(|rest| rest.split_once('/')) else {
            continue;
        };
        folders.entry(folder).or_default().insert(file, resource);
    }
    let open = |(folder, files): (&str, BTreeMap<&str, Resource>)| {
        let fail = |e: GalleryError| Error::config(format!("resource 'gallery/{folder}': {e}"));
        let gallery = Gallery::open(|name| {
            let missing = || GalleryError::Io(name.into(), std::io::ErrorKind::NotFound.into());
            files.get(name).map(|resource| Bytes(resource.clone())).ok_or_else(missing)
        });
        let gallery = gallery.map_err(fail)?;
        if gallery.size() <= VERIFIED {
            gallery.verify().map_err(fail)?;
        }
        Ok(gallery)
    };
    folders.into_iter().map(open).collect()
}

#[derive(Deserialize)]
struct Rules {
    accessory: Accessory,
    together: Weights,
    #[serde(default)]
    wording: Vec<Wording>,
}

#[derive(Deserialize)]
struct Accessory {
    words: Vec<String>,
}

impl Detector for ImageCounterfeit {
    fn create(cx: &CreateContext<'_>) -> Result<Self, Error> {
        let config: Config =
            serde_json::from_str(cx.config).map_err(|e| Error::config(format!("image-counterfeit: {e}")))?;
        let galleries = galleries(cx)?;
        let embedding = Embedding::open(config.embedding.as_ref(), cx.resource("model"), &galleries)?;
        let utf8 = |name: &str, resource: &Resource| {
            let text = String::from_utf8(resource.to_vec());
            text.map_err(|_| Error::config(format!("resource '{name}' is not UTF-8")))
        };
        let brands = match cx.resource("brands") {
            Some(resource) => Brands::parse(&utf8("brands", &resource)?).map_err(Error::config)?,
            None => Brands::default(),
        };
        let rules = utf8("rules/counterfeit", &cx.resource("rules/counterfeit").unwrap_or(RULES))?;
        let rules: Rules = toml::from_str(&rules).map_err(|e| Error::config(format!("rules/counterfeit: {e}")))?;
        let accessory = rules.accessory.words.iter().map(|w| fold::folded(w)).collect();
        let wording = rules.wording.into_iter().map(Wording::folded).collect();
        Ok(Self { galleries, brands, accessory, wording, weights: rules.together, embedding, config })
    }

    fn open(self: &Arc<Self>, stage: &str, _: &TaskContext<'_>) -> Result<Box<dyn Task>, Error> {
        match stage {
            "image" => Ok(Box::new(tasks::ImageTask(Arc::clone(self)))),
            "listing" => Ok(Box::new(tasks::ListingTask(Arc::clone(self)))),
            "near" => Ok(Box::new(Grouped::new(near::NearFold::default()))),
            "copies" => Ok(Box::new(Grouped::new(near::CopiesFold::new(Arc::clone(self))))),
            "together" => Ok(Box::new(Grouped::new(TogetherFold::new(Arc::clone(self))))),
            other => Err(Error::unsupported(format!("image-counterfeit has no stage '{other}'"))),
        }
    }

    fn merge(&self, stage: &str, _: &[u8], _: &[u8]) -> Result<Vec<u8>, Error> {
        Err(Error::unsupported(format!("stage '{stage}' of image-counterfeit has no summary")))
    }
}

huoyan_sdk::export_detector!(
    ImageCounterfeit,
    manifest = "../manifest.json",
    resources = { "rules/counterfeit" => "../rules/counterfeit.toml" }
);
