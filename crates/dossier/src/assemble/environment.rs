//! What made the findings and the bundle, from the header lines of the findings in the case.

use std::path::Path;

use serde_json::Value;

use super::copy::{Readable, readable, without_folders};
use super::{AssembleError, Options};
use crate::bundle::{Component, Environment, RunHeader, Sha256};
use crate::case::{Case, ExhibitKind};

/// The tool and the machine that a bundle is made with, as the command knows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine {
    /// The tool with its version.
    pub tool: Component,
    /// The operating system and its version.
    pub os: String,
    /// Where the clock gets its time from.
    pub clock_source: String,
    /// Who runs it; may be empty.
    pub operator: String,
}

/// The environment, with the components of every run whose findings are in the case.
pub(super) fn read(case: &Case, folder: &Path, options: &Options<'_>) -> Result<Environment, AssembleError> {
    let machine = &options.machine;
    let mut environment = Environment {
        tool: machine.tool.clone(),
        os: machine.os.clone(),
        clock: options.now.to_string(),
        clock_source: machine.clock_source.clone(),
        operator: machine.operator.clone(),
        plugins: Vec::new(),
        rule_packs: Vec::new(),
        galleries: Vec::new(),
        runs: Vec::new(),
    };
    for exhibit in case.exhibits.iter().filter(|exhibit| exhibit.kind == ExhibitKind::Detection) {
        let Readable::Json(lines, _) = readable(exhibit, folder)? else { continue };
        // What was taken out of a findings file may keep its header in a field.
        let header = lines.iter().find_map(|line| {
            [line, &line["header"], &line["run"]].into_iter().find(|value| value["run_id"].is_string()).cloned()
        });
        if let Some(mut header) = header {
            without_folders(&mut header);
            take(&header, &mut environment);
        }
    }
    for components in [&mut environment.plugins, &mut environment.rule_packs, &mut environment.galleries] {
        components.sort_by(|a, b| (&a.name, &a.version, &a.digest).cmp(&(&b.name, &b.version, &b.digest)));
        components.dedup();
    }
    Ok(environment)
}

fn take(header: &Value, environment: &mut Environment) {
    for (name, text) in texts(&header["plugins"]) {
        environment.plugins.push(component(name, text));
    }
    for (name, text) in texts(&header["resources"]) {
        let component = component(name, text);
        if name.contains("gallery") {
            environment.galleries.push(component);
        } else {
            environment.rule_packs.push(component);
        }
    }
    let id = header["run_id"].as_str().unwrap_or_default().to_owned();
    if environment.runs.iter().all(|run| run.id != id) {
        let inputs = texts(&header["inputs"]).map(|(name, digest)| (name.to_owned(), blake3(digest))).collect();
        environment.runs.push(RunHeader { id, inputs, header: header.clone() });
    }
}

fn texts(map: &Value) -> impl Iterator<Item = (&str, &str)> {
    map.as_object().into_iter().flatten().filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)))
}

/// A run names what it used, and what it read, by BLAKE3 digests.
fn blake3(digest: &str) -> String {
    format!("blake3:{digest}")
}

fn component(name: &str, digest: &str) -> Component {
    let is_version = |text: &&str| text.starts_with(|c: char| c.is_ascii_digit());
    let (name, version) = match name.rsplit_once(' ') {
        Some((name, version)) if is_version(&version) => (name, version),
        _ => (name, ""),
    };
    Component { name: name.to_owned(), version: version.to_owned(), digest: Some(blake3(digest)) }
}

/// One SHA-256 over all rule packs, which `bag-info.txt` quotes: of a line for each, its digest and its name, in the order of
/// `environment.json`.
pub(super) fn rule_packs_digest(environment: &Environment) -> Option<Sha256> {
    let line = |pack: &Component| Some(format!("{} {}\n", pack.digest.as_ref()?, pack.name));
    let packs: Vec<String> = environment.rule_packs.iter().filter_map(line).collect();
    (!packs.is_empty()).then(|| Sha256::of(packs.concat().as_bytes()))
}
