//! Says what is being judged before it is, so that whoever finds the process dead knows the input.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::rows::Row;

/// Larger inputs than this are not written down: nobody would read them.
const MOST_BYTES: usize = 64 << 20;

/// What was being judged.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Step {
    pub(crate) detector: String,
    pub(crate) input: Vec<Value>,
}

/// Where that is written; nowhere when a law is judged in the caller's own process.
pub(crate) struct Trail(Option<PathBuf>);

impl Trail {
    pub(crate) fn none() -> Self {
        Self(None)
    }

    pub(crate) fn to(path: PathBuf) -> Self {
        Self(Some(path))
    }

    pub(crate) fn step(&mut self, detector: &str, rows: &[Row]) {
        let Some(path) = &self.0 else { return };
        let step = Step { detector: detector.to_owned(), input: rows.iter().map(Row::to_json).collect() };
        if let Ok(bytes) = serde_json::to_vec(&step)
            && bytes.len() <= MOST_BYTES
        {
            // Without a trail a crash is still told, only without its input.
            let _ = std::fs::write(path, bytes);
        }
    }

    pub(crate) fn read(path: &Path) -> Option<Step> {
        serde_json::from_slice(&std::fs::read(path).ok()?).ok()
    }
}
