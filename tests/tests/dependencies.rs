//! The arrows between the crates point one way, as ARCHITECTURE.md draws them.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise, in its helpers too")]

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

const MODEL: &str = "huoyan-model";
const ABI: &str = "huoyan-abi";
const SDK: &str = "huoyan-sdk";
const TEXT: &str = "huoyan-text";
const VISION: &str = "huoyan-vision";
const INTAKE: &str = "huoyan-intake";
const HOST: &str = "huoyan-host";
const PIPELINE: &str = "huoyan-pipeline";
const REPORT: &str = "huoyan-report";
const LEDGER: &str = "huoyan-ledger";
const DOSSIER: &str = "huoyan-dossier";
const CONFORMANCE: &str = "huoyan-conformance";

/// What each crate may depend on within the workspace, tests left out.
const ARROWS: [(&str, &[&str]); 19] = [
    (ABI, &[]),
    (MODEL, &[]),
    (SDK, &[ABI]),
    (TEXT, &[]),
    (VISION, &[]),
    (INTAKE, &[MODEL]),
    (LEDGER, &[]),
    (DOSSIER, &[MODEL, TEXT]),
    (HOST, &[ABI, MODEL]),
    (CONFORMANCE, &[HOST, MODEL]),
    (REPORT, &[MODEL]),
    (PIPELINE, &[HOST, INTAKE, MODEL, REPORT]),
    ("prohibited-keyword", &[SDK, TEXT]),
    ("platform-mention", &[SDK, TEXT, VISION]),
    ("image-counterfeit", &[SDK, TEXT, VISION]),
    ("review-malice", &[SDK, LEDGER]),
    ("misbehaving", &[SDK, ABI]),
    ("two-detectors", &[SDK]),
    (
        "huoyan",
        &[
            PIPELINE,
            REPORT,
            DOSSIER,
            CONFORMANCE,
            LEDGER,
            HOST,
            INTAKE,
            MODEL,
            VISION,
            "prohibited-keyword",
            "platform-mention",
            "image-counterfeit",
            "review-malice",
        ],
    ),
];

/// Crates of the host's side that a plugin must never pull in, whatever the way.
const NOT_FOR_PLUGINS: [&str; 6] = ["arrow-array", "arrow-schema", MODEL, HOST, PIPELINE, "parquet"];

fn metadata() -> Value {
    let compiler = Command::new("rustc").arg("-vV").output().unwrap();
    let about = String::from_utf8(compiler.stdout).unwrap();
    // Crates of other platforms were never downloaded.
    let host = about.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let output = Command::new(env!("CARGO"))
        .current_dir(huoyan_tests::root())
        .args(["metadata", "--format-version", "1", "--offline", "--filter-platform", host])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Direct dependencies of each package by name, those of its tests and build left out.
fn dependencies(metadata: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let name_of: BTreeMap<&str, &str> = metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| (p["id"].as_str().unwrap(), p["name"].as_str().unwrap()))
        .collect();
    let mut by_name: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for node in metadata["resolve"]["nodes"].as_array().unwrap() {
        let own = by_name.entry(name_of[node["id"].as_str().unwrap()].to_owned()).or_default();
        for dependency in node["deps"].as_array().unwrap() {
            if dependency["dep_kinds"].as_array().unwrap().iter().any(|kind| kind["kind"].is_null()) {
                own.insert(name_of[dependency["pkg"].as_str().unwrap()].to_owned());
            }
        }
    }
    by_name
}

#[test]
fn no_crate_depends_on_one_it_must_not_know() {
    let graph = dependencies(&metadata());
    let ours: BTreeSet<&str> = ARROWS.iter().map(|(name, _)| *name).collect();
    for (name, allowed) in ARROWS {
        let actual = graph.get(name).unwrap_or_else(|| panic!("the workspace has no crate {name}"));
        for dependency in actual.iter().filter(|d| ours.contains(d.as_str())) {
            assert!(allowed.contains(&dependency.as_str()), "{name} must not depend on {dependency}");
        }
    }
}

#[test]
fn plugins_and_their_sdk_never_pull_in_arrow_or_the_host() {
    let graph = dependencies(&metadata());
    for plugin in [SDK, "prohibited-keyword", "platform-mention", "image-counterfeit", "review-malice", "misbehaving"] {
        let (mut seen, mut open) = (BTreeSet::new(), vec![plugin.to_owned()]);
        while let Some(name) = open.pop() {
            assert!(!NOT_FOR_PLUGINS.contains(&name.as_str()), "{plugin} pulls in {name}");
            if seen.insert(name.clone()) {
                open.extend(graph.get(&name).into_iter().flatten().cloned());
            }
        }
    }
}

#[test]
fn every_crate_of_the_workspace_has_its_place() {
    let metadata = metadata();
    let known: BTreeSet<&str> =
        ARROWS.iter().map(|(name, _)| *name).chain(["fixture-generator", "huoyan-tests"]).collect();
    for package in metadata["packages"].as_array().unwrap().iter().filter(|p| p["source"].is_null()) {
        let name = package["name"].as_str().unwrap();
        // Generators of committed tables and benchmarks stand outside the product.
        assert!(
            known.contains(name) || name.ends_with("-generator") || name.ends_with("-bench"),
            "{name} has no place in this test's table"
        );
    }
}
