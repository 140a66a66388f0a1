//! Tables: their rows, which of them is the header, and what that says of the cells.

use crate::privacy::{FieldKind, field_kind};

use super::kind_of;

/// Rows in which a header is looked for.
const FIRST_ROWS: usize = 20;

/// The rows of a delimited text. Damaged quotes end no row early: what is not understood stays text and is redacted as text.
pub(super) fn rows(text: &str) -> Vec<Vec<String>> {
    let delimiter = delimiter(text);
    let mut rows = Vec::new();
    let (mut row, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                cell.push('"');
                chars.next();
            }
            '"' if quoted => quoted = false,
            '"' if cell.is_empty() => quoted = true,
            '\r' if !quoted && chars.peek() == Some(&'\n') => {}
            '\n' | '\r' if !quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            c if c == delimiter && !quoted => row.push(std::mem::take(&mut cell)),
            c => cell.push(c),
        }
    }
    if !cell.is_empty() || !row.is_empty() {
        row.push(cell);
        rows.push(row);
    }
    rows
}

fn delimiter(text: &str) -> char {
    let lines: Vec<&str> = text.lines().take(FIRST_ROWS).collect();
    let count = |mark: char| lines.iter().map(|line| line.matches(mark).count()).sum::<usize>();
    [',', '\t', ';', '|'].into_iter().max_by_key(|mark| (count(*mark), *mark == ',')).unwrap_or(',')
}

/// Rows as CSV.
pub(super) fn render(rows: &[Vec<String>]) -> String {
    let mut out = String::from("\u{feff}");
    for row in rows {
        for (n, cell) in row.iter().enumerate() {
            if n > 0 {
                out.push(',');
            }
            if cell.contains([',', '"', '\n', '\r']) {
                out.push('"');
                out.push_str(&cell.replace('"', "\"\""));
                out.push('"');
            } else {
                out.push_str(cell);
            }
        }
        out.push_str("\r\n");
    }
    out
}

/// What each cell is, by the header above it or a label to its left. Titles above a header and repeated headers are rows like any other.
pub(in crate::assemble) fn cells_kinds(rows: &[Vec<String>]) -> Vec<Vec<FieldKind>> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::privacy::Kind;

    #[test]
    fn a_table_comes_back_as_it_was() {
        let text = "a,\"b,\"\"c\"\"\nd\",e\r\n1,2,3\r\n";
        let read = rows(text);
        assert_eq!(read, [vec!["a", "b,\"c\"\nd", "e"], vec!["1", "2", "3"]]);
        assert_eq!(render(&read).trim_start_matches('\u{feff}'), text);
        assert_eq!(rows("x\ty,z\n1\t2\n")[0], ["x", "y,z"]);
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
