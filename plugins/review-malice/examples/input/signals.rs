//! Signals of all reviews of a file, by way of findings, as a user's own calibration reads them.

use std::error::Error;

use huoyan_sdk::Resource;
use huoyan_sdk::testkit::{Shape, run};
use review_malice::signal::{COUNT, Signal};
use review_malice::{MANIFEST, RESOURCES, ReviewMalice};
use serde_json::Value;

/// One review.
pub struct Signals {
    /// Its key.
    pub record: String,
    /// Its side of the model.
    pub side: String,
    /// Its stars, 0 for none.
    pub stars: f64,
    /// Its stratum.
    pub stratum: Option<String>,
    /// Its signals.
    pub values: [f32; COUNT],
}

/// The signals of a file's reviews under a model, in the order of their keys.
pub fn signals(path: &str, model: &'static str) -> Result<Vec<Signals>, Box<dyn Error>> {
    let reviews = crate::input::reviews(path)?;
    let mut resources: Vec<(&str, Resource)> = RESOURCES.to_vec();
    resources.retain(|(name, _)| *name != "model");
    resources.push(("model", Resource::from_static(model.as_bytes())));
    let config = r#"{"report_from":0}"#;
    let out = run::<ReviewMalice>(MANIFEST, config, &resources, &[("review", &reviews)], Shape::default())?;
    let mut all = Vec::new();
    for finding in out.findings {
        let evidence: Value = serde_json::from_str(&finding.evidence)?;
        let mut values = [0.0; COUNT];
        for (at, signal) in Signal::ALL.iter().enumerate() {
            values[at] = evidence["signals"][signal.as_str()].as_f64().unwrap_or(0.0) as f32;
        }
        all.push(Signals {
            record: finding.record,
            side: evidence["side"].as_str().unwrap_or_default().to_owned(),
            stars: evidence["review"]["stars"].as_f64().unwrap_or(0.0),
            stratum: evidence["stratum"].as_str().map(str::to_owned),
            values,
        });
    }
    all.sort_by(|a, b| a.record.cmp(&b.record));
    Ok(all)
}
