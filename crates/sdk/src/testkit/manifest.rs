//! What the host would refuse of a manifest, told before it does.

use serde_json::{Map, Value};

use super::columns_of;
use super::texts;

/// A key and whether it must be there.
type Key = (&'static str, bool);

const MANIFEST: &[Key] = &[("name", true), ("version", true), ("abi", true), ("detectors", true)];
const DETECTOR: &[Key] = &[
    ("name", true),
    ("summary", true),
    ("stages", true),
    ("rules", false),
    ("resources", false),
    ("config", false),
    ("scores", false),
];
const STAGE: &[Key] = &[
    ("name", true),
    ("kind", true),
    ("reads", true),
    ("group_by", false),
    ("order_by", false),
    ("summaries", false),
    ("emits", false),
];
const RESOURCE: &[Key] = &[("name", true), ("required", false), ("summary", true)];
const TEXT: &[Key] = &[("zh", true), ("en", true)];

/// Checks the form of a manifest, and that its columns exist.
///
/// # Errors
/// The first thing that is wrong, in words.
pub(super) fn check(manifest: &Value) -> Result<(), String> {
    keys(manifest, "the manifest", MANIFEST)?;
    keys(&manifest["abi"], "\"abi\"", &[("major", true), ("minor", true)])?;
    let (major, minor) = (&manifest["abi"]["major"], &manifest["abi"]["minor"]);
    let (own_major, own_minor) = (huoyan_abi::ABI_MAJOR, huoyan_abi::ABI_MINOR);
    if *major != own_major || minor.as_u64().is_none_or(|minor| minor > u64::from(own_minor)) {
        return Err(format!("it says ABI {major}.{minor}, and this SDK builds for {own_major}.{own_minor}"));
    }
    let detectors = list(&manifest["detectors"]);
    if detectors.is_empty() {
        return Err("it declares no detector".to_owned());
    }
    for detector in detectors {
        let at = format!("detector {}", detector["name"]);
        keys(detector, &at, DETECTOR)?;
        keys(&detector["summary"], &format!("\"summary\" of {at}"), TEXT)?;
        for resource in list(&detector["resources"]) {
            let at = format!("resource {} of {at}", resource["name"]);
            keys(resource, &at, RESOURCE)?;
            keys(&resource["summary"], &format!("\"summary\" of {at}"), TEXT)?;
        }
        if list(&detector["stages"]).is_empty() {
            return Err(format!("{at} declares no stage"));
        }
        for stage in list(&detector["stages"]) {
            stage_of(stage, &format!("stage {} of {at}", stage["name"]))?;
        }
    }
    Ok(())
}

fn stage_of(stage: &Value, at: &str) -> Result<(), String> {
    keys(stage, at, STAGE)?;
    let kind = &stage["kind"];
    if !["record", "group", "corpus"].iter().any(|known| kind == known) {
        return Err(format!("{at} is of kind {kind}; the kinds are record, group, corpus"));
    }
    let reads = &stage["reads"];
    keys(reads, &format!("\"reads\" of {at}"), &[("record", false), ("columns", false), ("stages", false)])?;
    let Some(record) = reads["record"].as_str() else {
        if list(&reads["stages"]).is_empty() {
            return Err(format!("{at} must read either one kind of record or earlier stages"));
        }
        return Ok(());
    };
    let known = columns_of(record);
    if known.is_empty() {
        return Err(format!("{at} reads '{record}' records; the kinds are listing, review, image"));
    }
    let by = [&stage["group_by"], &stage["order_by"]].into_iter().filter_map(Value::as_str);
    for column in texts(&reads["columns"]).into_iter().chain(by) {
        if !known.iter().any(|(name, _)| *name == column) {
            let all: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
            let all = all.join(" ");
            return Err(format!("{at} reads '{column}', which is no column of {record} records; they have: {all}"));
        }
    }
    if kind == "group" && stage["group_by"].is_null() {
        return Err(format!("{at} groups records but has no group_by"));
    }
    Ok(())
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// Demands an object with these keys and no others.
fn keys(value: &Value, at: &str, keys: &[Key]) -> Result<(), String> {
    let none = Map::new();
    let object = value.as_object().unwrap_or(&none);
    if let Some((missing, _)) = keys.iter().find(|(key, needed)| *needed && !object.contains_key(*key)) {
        return Err(format!("{at} has no \"{missing}\""));
    }
    let known = || keys.iter().map(|(key, _)| *key).collect::<Vec<_>>().join(" ");
    match object.keys().find(|key| !keys.iter().any(|(known, _)| known == key)) {
        Some(odd) => Err(format!("{at} has a key \"{odd}\", which nobody reads; there are: {}", known())),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_the_host_would_refuse_is_told_with_what_there_is() {
        let good: Value = serde_json::from_str(include_str!("../doc_manifest.json")).expect("JSON");
        assert_eq!(check(&good), Ok(()));
        let with = |path: &str, value: Option<Value>| {
            let mut manifest = good.clone();
            let (parent, key) = path.rsplit_once('/').expect("a path");
            let object = manifest.pointer_mut(parent).and_then(Value::as_object_mut).expect("an object");
            match value {
                Some(value) => object.insert(key.to_owned(), value),
                None => object.remove(key),
            };
            check(&manifest).err().unwrap_or_default()
        };
        let stage = "/detectors/0/stages/0";
        for (told, expected) in [
            (with("/abi", None), "the manifest has no \"abi\""),
            (with("/abi/minor", Some(json!(7))), "it says ABI 1.7"),
            (with("/abi/major", Some(json!(2))), "it says ABI 2.0"),
            (with("/detectors/0/summary", None), "detector \"shouting\" has no \"summary\""),
            (with("/detectors/0/summary/zh", None), "has no \"zh\""),
            (
                with("/detectors/0/ruls", Some(json!([]))),
                "has a key \"ruls\", which nobody reads; there are: name summary",
            ),
            (with(&format!("{stage}/kind"), Some(json!("rows"))), "the kinds are record, group, corpus"),
            (with(&format!("{stage}/kind"), Some(json!("group"))), "has no group_by"),
            (
                with(&format!("{stage}/reads/columns"), Some(json!(["titel"]))),
                "reads 'titel', which is no column of listing records; they have: id",
            ),
            (with(&format!("{stage}/reads/record"), Some(json!("shop"))), "the kinds are listing, review, image"),
            (with(&format!("{stage}/reads/record"), None), "must read either"),
            (with("/detectors", Some(json!([]))), "declares no detector"),
        ] {
            assert!(told.contains(expected), "{told}");
        }
    }
}
