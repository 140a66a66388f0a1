//! Tables: which of their rows is the header, and what that says of the cells.

use super::{FieldKind, Redaction, Redactor, Source, field_kind};

/// Rows in which a header is looked for.
const FIRST_ROWS: usize = 20;

impl Redactor {
    /// Redacts the cells of a table in place, each by the header above it or a label to its left. Cells are told as `row/column` behind the source's
    /// field, which tells the sheet.
    pub fn table(&mut self, rows: &mut [Vec<String>], source: Source<'_>) -> Vec<Redaction> {
        let kinds = cells_kinds(rows);
        let mut redactions = Vec::new();
        for (row, (cells, kinds)) in rows.iter_mut().zip(kinds).enumerate() {
            for (column, (cell, kind)) in cells.iter_mut().zip(kinds).enumerate() {
                let field = format!("{}{row}/{column}", source.field);
                let done = self.value(kind, cell, Source { field: &field, ..source });
                *cell = done.text;
                redactions.extend(done.redactions);
            }
        }
        redactions
    }
}

/// What each cell is, by the header above it or a label to its left. Titles above a header and repeated headers are rows like any other.
pub(crate) fn cells_kinds(rows: &[Vec<String>]) -> Vec<Vec<FieldKind>> {
    let tells = |row: &Vec<String>| row.iter().filter(|cell| is_label(cell)).count();
    let pairs = is_pairs(rows);
    // A row that begins with a label and its value is no header.
    let can_be = |(n, row): &(usize, &Vec<String>)| {
        let named = row.first().is_some_and(|cell| is_label(cell));
        let colon = row.iter().any(|cell| is_label(cell) && cell.trim_end().ends_with([':', '：']));
        !(colon || pairs && named || row.len() == 2 && *n > 0 && named && tells(row) == 1)
    };
    let candidates = rows.iter().take(FIRST_ROWS).enumerate().filter(can_be);
    let header = candidates.max_by_key(|(n, row)| (tells(row), usize::MAX - n));
    let header = header.map(|(n, _)| n);
    let names: &[String] = header.and_then(|n| rows.get(n)).map_or(&[], Vec::as_slice);
    rows.iter()
        .enumerate()
        .map(|(n, row)| {
            // A header, here or repeated, says what others are and is nobody's data.
            let below = header.is_some_and(|header| n > header);
            let above = header.is_some_and(|header| n < header);
            let is_header = header == Some(n) && tells(row) > 0 || below && row.as_slice() == names;
            (0..row.len())
                .map(|column| {
                    if is_header || is_label(&row[column]) && above {
                        return FieldKind::Free;
                    }
                    let name = if below { names.get(column).map_or("", String::as_str) } else { "" };
                    let left = column.checked_sub(1).map(|left| row[left].as_str());
                    kind_of(name, left)
                })
                .collect()
        })
        .collect()
}

/// Whether a table of two columns has labels down its first, as an export of a single order has.
fn is_pairs(rows: &[Vec<String>]) -> bool {
    let first = rows.iter().take(FIRST_ROWS).filter(|row| row.len() == 2);
    first.filter(|row| is_label(&row[0])).count() > 1
}

fn is_label(cell: &str) -> bool {
    cell.chars().count() <= 20 && field_kind(cell) != FieldKind::Free
}

/// What the name of a field or of the cell to its left says; `Free` where neither says anything.
fn kind_of(header: &str, left: Option<&str>) -> FieldKind {
    let own = field_kind(header);
    let label = |text: &&str| text.chars().count() <= 20;
    match left.filter(label).map(|left| field_kind(left.trim_end_matches([':', '：', ' ']))) {
        Some(FieldKind::Whole(kind)) if own == FieldKind::Free => FieldKind::Whole(kind),
        _ => own,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::privacy::Kind;

    fn rows(text: &str) -> Vec<Vec<String>> {
        text.lines().map(|line| line.split(',').map(str::to_owned).collect()).collect()
    }

    #[test]
    fn the_header_is_found_below_a_title_and_a_label_tells_its_neighbour() {
        let kinds = cells_kinds(&rows("订单导出 2026-11,,\n订单号,收货人,备注\n1,张建国,好\n"));
        assert_eq!(kinds[2], [FieldKind::Whole(Kind::Order), FieldKind::Whole(Kind::Name), FieldKind::Free]);
        assert_eq!(kinds[1], [FieldKind::Free; 3]);
        let kinds = cells_kinds(&rows("项目,内容\n收货人：,张建国\n备注,好\n"));
        assert_eq!(kinds[1][1], FieldKind::Whole(Kind::Name));
        assert_eq!(kinds[2][1], FieldKind::Free);
        let kinds = cells_kinds(&rows("收货人,张建国\n手机,13800138000\n"));
        assert_eq!((kinds[0][1], kinds[1][1]), (FieldKind::Whole(Kind::Name), FieldKind::Whole(Kind::Mobile)));
        let kinds = cells_kinds(&rows("收货人,备注\n张建国,好\n"));
        assert_eq!((kinds[0][1], kinds[1][0]), (FieldKind::Free, FieldKind::Whole(Kind::Name)));
    }
}
