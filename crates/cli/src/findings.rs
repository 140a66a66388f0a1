//! Reading a findings file that a scan wrote.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use huoyan_model::{Finding, Fingerprint};

use crate::plugins::{Failure, failure};

/// The finding with that fingerprint. Lines that are no findings (header, summary) are passed over.
pub(crate) fn find(path: &Path, fingerprint: Fingerprint) -> Result<Finding, Failure> {
    let io = |e: std::io::Error| failure(format!("{}: it cannot be read: {e}", path.display()));
    let wanted = fingerprint.to_string();
    for line in BufReader::new(File::open(path).map_err(io)?).lines() {
        let line = line.map_err(io)?;
        if line.contains(&wanted)
            && let Ok(finding) = serde_json::from_str::<Finding>(&line)
            && finding.fingerprint == fingerprint
        {
            return Ok(finding);
        }
    }
    Err(failure(format!("{}: no finding has the fingerprint {wanted}; was it written with -o jsonl?", path.display())))
}
