//! The name of a new case: the day, and a number that no case beside it has.

use std::fs;
use std::io::Read as _;
use std::path::Path;

use huoyan_dossier::deadline::Instant;
use serde_json::Value;

/// No more folders are looked into.
const MOST: usize = 10_000;
/// No longer case is read for its name.
const LONGEST: u64 = 16 << 20;

/// The next free `CASE-YYYYMMDD-NNNN` among the cases that lie beside `out`.
pub(super) fn next(out: &Path, now: Instant) -> String {
    let day = now.china_date().to_string().replace('-', "");
    let start = format!("CASE-{day}-");
    let parent = out.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let beside = fs::read_dir(parent).into_iter().flatten().flatten().take(MOST);
    let numbers =
        beside.filter_map(|entry| id(&entry.path().join("case.json"))?.strip_prefix(&start)?.parse::<u32>().ok());
    format!("{start}{:04}", numbers.max().unwrap_or(0).saturating_add(1))
}

fn id(file: &Path) -> Option<String> {
    // A pipe of that name would be waited for.
    if !fs::symlink_metadata(file).ok()?.is_file() {
        return None;
    }
    let mut text = String::new();
    fs::File::open(file).ok()?.take(LONGEST).read_to_string(&mut text).ok()?;
    serde_json::from_str::<Value>(&text).ok()?["id"].as_str().map(str::to_owned)
}
