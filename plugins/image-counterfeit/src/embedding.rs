//! The gallery as a user's own model sees it. A likeness alone accuses nobody: what it brings up is put to the same proof, and without
//! one it only counts together with other evidence.

use huoyan_sdk::{Error, Resource};
use serde::Deserialize;

use crate::Bytes;
use huoyan_vision::gallery::Gallery;

/// How the model is used, from the configuration.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(not(feature = "onnx"), expect(dead_code, reason = "read so that a build without the model can say so"))]
pub struct Settings {
    /// BLAKE3 of the model's file.
    digest: String,
    /// From this cosine on, a reference picture is looked at.
    #[serde(default = "near")]
    near: f64,
    size: Option<usize>,
    mean: Option<[f32; 3]>,
    std: Option<[f32; 3]>,
}

fn near() -> f64 {
    0.75
}

#[cfg(not(feature = "onnx"))]
mod without {
    use super::*;

    /// No model in this build.
    pub enum Embedding {}

    impl Embedding {
        /// Refuses a model that is asked for.
        ///
        /// # Errors
        /// When there is one.
        pub fn open(
            settings: Option<&Settings>,
            model: Option<Resource>,
            _: &[Gallery<Bytes>],
        ) -> Result<Option<Self>, Error> {
            if settings.is_some() || model.is_some() {
                return Err(Error::config(
                    "image-counterfeit was built without models; build it with `--features image-counterfeit/onnx`",
                ));
            }
            Ok(None)
        }
    }
}

#[cfg(feature = "onnx")]
mod with {
    use huoyan_vision::Suspect;
    use huoyan_vision::embed::{Input, Model, similarity};
    use rayon::prelude::*;

    use super::*;

    /// A model, and what it makes of the references.
    pub struct Embedding {
        model: Model,
        near: f32,
        /// For each gallery, the number and the point of each picture that has pixels.
        points: Vec<Vec<(u32, Vec<f32>)>>,
    }

    /// References that are looked at for one suspect.
    const LOOKED_AT: usize = 3;
    /// Most references a model is shown: each run shows it all of them anew, and compares each suspect with all.
    const MOST: usize = 100_000;

    impl Embedding {
        /// Loads the model and shows it the galleries.
        ///
        /// # Errors
        /// When only one of settings and model is given, the digest is another, or the model cannot be used.
        pub fn open(
            settings: Option<&Settings>,
            model: Option<Resource>,
            galleries: &[Gallery<Bytes>],
        ) -> Result<Option<Self>, Error> {
            let (settings, bytes) = match (settings, model) {
                (None, None) => return Ok(None),
                (Some(settings), Some(bytes)) => (settings, bytes),
                _ => return Err(Error::config("a model needs both the resource 'model' and the setting 'embedding'")),
            };
            let digest = blake3::hash(&bytes).to_hex();
            if !settings.digest.eq_ignore_ascii_case(&digest) {
                return Err(Error::config(format!(
                    "resource 'model' has the digest {digest}, the setting 'embedding.digest' says {}",
                    settings.digest
                )));
            }
            let plain = Input::default();
            let input = Input {
                size: settings.size.unwrap_or(plain.size),
                mean: settings.mean.unwrap_or(plain.mean),
                std: settings.std.unwrap_or(plain.std),
            };
            // Of a picture known by its hash alone there is nothing to show.
            let pictures: usize =
                galleries.iter().map(|gallery| gallery.pictures().filter(|(_, p)| p.is_whole()).count()).sum();
            if pictures > MOST {
                return Err(Error::config(format!(
                    "a model looks at no more than {MOST} reference pictures, the galleries hold {pictures}: leave the model out or take a \
                     smaller gallery"
                )));
            }
            let model = Model::load(&bytes, input).map_err(|e| Error::config(format!("resource 'model': {e}")))?;
            let points = galleries
                .iter()
                .map(|gallery| {
                    let numbers: Vec<u32> = gallery.pictures().map(|(number, _)| number).collect();
                    let point = |number: u32| Some((number, model.embed(gallery.proof(number)?)?));
                    numbers.into_par_iter().filter_map(point).collect()
                })
                .collect();
            Ok(Some(Self { model, near: settings.near as f32, points }))
        }

        /// The references most like a picture: gallery, number, cosine.
        pub fn alike(&self, suspect: &Suspect) -> Vec<(usize, u32, f64)> {
            let Some(point) = self.model.embed(suspect.pixels()) else { return Vec::new() };
            let mut found: Vec<(usize, u32, f64)> = Vec::new();
            for (gallery, points) in self.points.iter().enumerate() {
                for (number, other) in points {
                    let cosine = similarity(&point, other);
                    if cosine >= self.near {
                        found.push((gallery, *number, f64::from(cosine)));
                    }
                }
            }
            found.sort_by(|a, b| b.2.total_cmp(&a.2).then((a.0, a.1).cmp(&(b.0, b.1))));
            found.truncate(LOOKED_AT);
            found
        }
    }
}

#[cfg(feature = "onnx")]
pub use with::Embedding;
#[cfg(not(feature = "onnx"))]
pub use without::Embedding;
