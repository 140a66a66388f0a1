//! Reading a findings file that a scan wrote.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use huoyan_model::{Finding, Fingerprint};

use crate::plugins::{Failure, failure};

/// The finding with that fingerprint. Lines that are no findings (header, summary) are passed over.
pub(crate) fn find(path: &Path, fingerprint: Fingerprint) -> Result<Finding, Failure> {
    let io = |e: std::io::Error| {
        let path = path.display();
        failure((format!("{path}：无法读取：{e}"), format!("{path}: it cannot be read: {e}")))
    };
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
    let path = path.display();
    Err(failure((
        format!("{path}：没有指纹为 {wanted} 的发现；该文件是用 -o jsonl 写出的吗？"),
        format!("{path}: no finding has the fingerprint {wanted}; was it written with -o jsonl?"),
    )))
}
