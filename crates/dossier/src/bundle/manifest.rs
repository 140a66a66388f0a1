use std::collections::BTreeMap;

use super::Sha256;

/// `DIGEST  PATH` lines in the order of the paths.
pub(crate) fn render<'a>(entries: impl Iterator<Item = (&'a str, String)>) -> String {
    let sorted: BTreeMap<&str, String> = entries.collect();
    sorted.iter().map(|(path, digest)| format!("{digest}  {path}\n")).collect()
}

/// Reads a manifest of the shape that [`render`] makes, and no other; else the number of the first line that is not.
pub(crate) fn parse(text: &str, digest_len: usize) -> Result<BTreeMap<String, String>, usize> {
    let mut entries = BTreeMap::new();
    let mut last = String::new();
    if !text.is_empty() && !text.ends_with('\n') {
        return Err(text.lines().count());
    }
    for (n, line) in text.split_terminator('\n').enumerate() {
        let (digest, path) = line.split_once("  ").ok_or(n + 1)?;
        let is_hex = digest.len() == digest_len && digest.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if !is_hex || path.is_empty() || *path <= *last {
            return Err(n + 1);
        }
        last.clear();
        last.push_str(path);
        entries.insert(path.to_owned(), digest.to_owned());
    }
    Ok(entries)
}

/// The tag manifest over the files given.
pub(crate) fn tag_manifest(files: &[(&str, &[u8])]) -> String {
    render(files.iter().map(|(name, bytes)| (*name, Sha256::of(bytes).to_string())))
}
