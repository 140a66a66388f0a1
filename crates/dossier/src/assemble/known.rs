//! The first look through the case: whose names, numbers and addresses it holds, so that they are found where no word beside them tells what they are.

use std::path::Path;

use super::AssembleError;
use super::copy::{Readable, cells_kinds, readable};
use crate::case::Case;
use crate::privacy::{FieldKind, Kind, Known, field_kind};

/// Values of fields and columns that are somebody's by their name, and the buyers and orders that the case itself names.
pub(super) fn known(case: &Case, folder: &Path) -> Result<Known, AssembleError> {
    let mut values = Vec::new();
    for exhibit in &case.exhibits {
        match readable(exhibit, folder)? {
            Readable::Tables(tables) => {
                for (_, rows) in tables {
                    for (row, kinds) in rows.iter().zip(cells_kinds(&rows)) {
                        for (cell, kind) in row.iter().zip(kinds) {
                            take(kind, cell, &mut values);
                        }
                    }
                }
            }
            Readable::Json(lines) => lines.iter().for_each(|line| gather(line, FieldKind::Free, &mut values)),
            _ => {}
        }
        for buyer in &exhibit.links.buyers {
            values.push((Kind::Buyer, buyer.clone()));
        }
    }
    // The first spelling of a value counts: who is a person and a buyer by the same name is a person.
    values.sort_by_key(|(kind, _)| !kind.is_personal());
    Ok(Known::new(values))
}

fn take(kind: FieldKind, value: &str, values: &mut Vec<(Kind, String)>) {
    let FieldKind::Whole(kind) = kind else { return };
    let value = value.trim();
    // An address as a whole is found as one; its parts alone would be words.
    let names_somebody = matches!(kind, Kind::Name | Kind::LegalPerson | Kind::Buyer | Kind::WeChat | Kind::Qq);
    if names_somebody && value.chars().count() <= 40 && !value.starts_with('[') {
        values.push((kind, value.to_owned()));
    }
}

fn gather(value: &serde_json::Value, kind: FieldKind, values: &mut Vec<(Kind, String)>) {
    use serde_json::Value;
    match value {
        Value::String(text) => take(kind, text, values),
        Value::Array(items) => items.iter().for_each(|item| gather(item, kind, values)),
        Value::Object(map) => {
            for (name, item) in map {
                let own = field_kind(name);
                gather(item, if own == FieldKind::Free { kind } else { own }, values);
            }
        }
        _ => {}
    }
}
