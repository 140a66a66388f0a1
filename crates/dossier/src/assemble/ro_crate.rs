//! `ro-crate-metadata.json`: the same list of files for programs that read RO-Crate 1.1. Nobody needs it to read the case.

use serde_json::{Value, json};

use super::{CopyNote, Options};
use crate::bundle::Payload;
use crate::case::Case;

pub(super) fn metadata(case: &Case, copies: &[CopyNote], payload: &[Payload], options: &Options<'_>) -> String {
    let mut paths: Vec<&str> = payload.iter().map(|file| file.path.as_str()).collect();
    paths.sort_unstable();
    let mut graph = vec![
        json!({
            "@id": "ro-crate-metadata.json",
            "@type": "CreativeWork",
            "about": {"@id": "./"},
            "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
        }),
        json!({
            "@id": "./",
            "@type": "Dataset",
            "name": case.id,
            "description": format!("Appeal evidence, {}", case.package),
            "datePublished": options.now.to_string(),
            "license": "Evidence in an appeal; not for further publication",
            "hasPart": paths.iter().map(|path| json!({"@id": path})).collect::<Vec<_>>(),
        }),
    ];
    for path in paths {
        let note = copies.iter().find(|note| note.files.iter().any(|file| file.path == path));
        let mut entry = json!({"@id": path, "@type": "File", "name": path});
        if let Some(note) = note {
            entry["description"] = Value::from(note.about.en.clone());
            entry["identifier"] = Value::from(note.exhibit.to_string());
            entry["isBasedOn"] = Value::from(format!("urn:sha256:{}", note.original_sha256));
        }
        graph.push(entry);
    }
    let document = json!({"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": graph});
    let mut text = serde_json::to_string_pretty(&document).expect("invariant: texts are always JSON");
    text.push('\n');
    text
}
