//! The first look through the case: whose names, numbers and addresses it holds, so that they are found where no word beside them tells what they are.

use std::path::Path;

use super::AssembleError;
use super::copy::{Readable, readable};
use crate::case::Case;
use crate::privacy::{FieldKind, Kind, Known, Profile, cells_kinds, field_kind};

/// Values of fields and columns that are somebody's by their name, and the buyers and orders that the case itself names; as far as the profile
/// replaces them: what stays must not hide what stands in it. `more` is known besides.
pub(super) fn known(
    case: &Case,
    folder: &Path,
    profile: &Profile,
    more: &[(Kind, String)],
) -> Result<Known, AssembleError> {
    let mut values = more.to_vec();
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
            Readable::Json(lines, _) => lines.iter().for_each(|line| gather(line, FieldKind::Free, &mut values)),
            _ => {}
        }
        values.extend(exhibit.links.buyers.iter().map(|buyer| (Kind::Buyer, buyer.clone())));
        values.extend(exhibit.links.orders.iter().map(|order| (Kind::Order, order.clone())));
        values.extend(exhibit.facts.iter().filter_map(|(name, value)| match field_kind(name) {
            FieldKind::Whole(kind @ (Kind::Order | Kind::Waybill)) => Some((kind, value.clone())),
            _ => None,
        }));
    }
    let orders = case.subjects.iter().filter(|subject| subject.kind == "order");
    values.extend(orders.map(|subject| (Kind::Order, subject.id.clone())));
    let shop = [&case.shop.id, &case.shop.name, &case.shop.contact];
    values.extend(shop.map(|shop| (Kind::Shop, shop.trim().to_owned())));
    values.retain(|(kind, _)| profile.replaces(*kind));
    // The first spelling of a value counts: who is a person and a buyer by the same name is a person.
    values.sort_by_key(|(kind, _)| !kind.is_personal());
    Ok(Known::new(values))
}

fn take(kind: FieldKind, value: &str, values: &mut Vec<(Kind, String)>) {
    let FieldKind::Whole(kind) = kind else { return };
    let value = value.trim();
    // An address as a whole is found as one; its parts alone would be words.
    let names_somebody = matches!(
        kind,
        Kind::Name | Kind::LegalPerson | Kind::Buyer | Kind::WeChat | Kind::Qq | Kind::Order | Kind::Waybill
    );
    if names_somebody && value.chars().count() <= 40 && !value.starts_with('[') {
        values.push((kind, value.to_owned()));
    }
}

fn gather(value: &serde_json::Value, kind: FieldKind, values: &mut Vec<(Kind, String)>) {
    use serde_json::Value;
    match value {
        Value::String(text) => take(kind, text, values),
        Value::Number(number) => take(kind, &number.to_string(), values),
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
