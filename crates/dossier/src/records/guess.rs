//! What kind of record a file is, by its columns.

use super::read::Limits;
use super::rows::{self, Maker};
use super::{Roles, chat, columns, encoding, table};
use crate::case::ExhibitKind;
use crate::lint::ExhibitId;

/// Kinds in the order in which a draw is decided.
const KINDS: [ExhibitKind; 9] = [
    ExhibitKind::Order,
    ExhibitKind::Logistics,
    ExhibitKind::Chat,
    ExhibitKind::Payment,
    ExhibitKind::AfterSale,
    ExhibitKind::Review,
    ExhibitKind::CallLog,
    ExhibitKind::PriceRecord,
    ExhibitKind::BuyerRecord,
];
/// A table with fewer known columns may be anything.
const ENOUGH: usize = 3;

/// The kind that knows most columns of a table, or a chat; `None` where that is not clear.
pub(crate) fn kind_of(media_type: &str, head: &[u8]) -> Option<ExhibitKind> {
    let text = encoding::decode(head).0;
    let limits = Limits { rows: 40, ..Limits::default() };
    match media_type {
        "text/csv" => {
            let rows = table::delimited(&text, &limits).0;
            let count = |kind: &ExhibitKind| {
                let known = rows.iter().map(|row| columns::map(*kind, &row.cells));
                let complete = known.filter(|fields| rows::missing(*kind, fields).is_empty());
                complete.map(|fields| fields.iter().flatten().count()).max().unwrap_or(0)
            };
            let best = KINDS.into_iter().rev().max_by_key(count)?;
            (count(&best) >= ENOUGH).then_some(best)
        }
        "text/plain" => {
            let roles = Roles::default();
            let mut maker = Maker::new(ExhibitKind::Chat, ExhibitId(1), &roles);
            chat::read(&text, &mut maker, limits.rows);
            (maker.rows.len() >= 2).then_some(ExhibitKind::Chat)
        }
        _ => None,
    }
}
