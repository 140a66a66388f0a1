//! Fields whose whole value is personal data, by their name.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde::Deserialize;

use super::Kind;
use super::tables::folded;

#[derive(Deserialize)]
struct File {
    field: BTreeMap<Kind, Vec<String>>,
    stay: Names,
    shop: Names,
}

#[derive(Deserialize)]
struct Names {
    names: Vec<String>,
    #[serde(default)]
    blank: Vec<String>,
}

struct Fields {
    kinds: BTreeMap<String, Kind>,
    stay: BTreeSet<String>,
    shop: BTreeSet<String>,
    blank: BTreeSet<String>,
}

/// What a field's name says of its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// The whole value is of this kind.
    Whole(Kind),
    /// A part of an address that stays.
    Stays,
    /// The shop's own.
    Shop,
    /// Any text.
    Free,
}

fn bare(name: &str) -> String {
    folded(name).into_iter().collect()
}

fn fields() -> &'static Fields {
    static FIELDS: LazyLock<Fields> = LazyLock::new(|| {
        let file: File = toml::from_str(include_str!("../../data/privacy/fields.toml"))
            .expect("invariant: the committed field names can be read");
        let kinds =
            file.field.into_iter().flat_map(|(kind, names)| names.into_iter().map(move |name| (bare(&name), kind)));
        Fields {
            kinds: kinds.collect(),
            stay: file.stay.names.iter().map(|name| bare(name)).collect(),
            shop: file.shop.names.iter().map(|name| bare(name)).collect(),
            blank: file.stay.blank.into_iter().collect(),
        }
    });
    &FIELDS
}

/// What the name of a field or column says.
pub fn field_kind(name: &str) -> FieldKind {
    let fields = fields();
    let name = bare(name);
    if fields.stay.contains(&name) {
        return FieldKind::Stays;
    }
    if fields.shop.contains(&name) {
        return FieldKind::Shop;
    }
    if let Some(kind) = fields.kinds.get(&name) {
        return FieldKind::Whole(*kind);
    }
    // The longest known name at the end; short Latin ones would be ends of words.
    let starts = name.char_indices().map(|(at, _)| at).skip(1);
    let ends = starts.filter_map(|at| name.get(at..)).filter(|end| end.len() >= 5);
    ends.filter_map(|end| fields.kinds.get(end)).next().map_or(FieldKind::Free, |kind| FieldKind::Whole(*kind))
}

/// Whether a field's value says nothing.
pub(crate) fn is_blank(value: &str) -> bool {
    fields().blank.contains(value.trim().to_lowercase().as_str())
}
