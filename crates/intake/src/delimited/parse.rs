//! Reads the cells of one record.
//!
//! A quote counts only at the start of a cell; doubled, it stands for itself; what follows the closing quote up to the
//! separator belongs to the cell as it is. These are the rules of Python's `csv`, which most exports come from.

use std::borrow::Cow;

/// Cells of one record, appended to `cells`.
pub(crate) fn cells<'a>(row: &'a str, separator: u8, quotes: bool, cells: &mut Vec<Cow<'a, str>>) {
    let bytes = row.as_bytes();
    let mut at = 0;
    loop {
        if quotes && bytes.get(at) == Some(&b'"') {
            let (cell, next) = quoted(row, at, separator);
            cells.push(cell);
            at = next;
        } else {
            let end = memchr::memchr(separator, &bytes[at..]).map_or(bytes.len(), |found| at + found);
            cells.push(Cow::Borrowed(&row[at..end]));
            at = end;
        }
        if at >= bytes.len() {
            return;
        }
        // The separator; a record that ends with one has an empty last cell.
        at += 1;
        if at == bytes.len() {
            cells.push(Cow::Borrowed(""));
            return;
        }
    }
}

/// A cell that begins with a quote at `start`, and where its separator stands.
fn quoted(row: &str, start: usize, separator: u8) -> (Cow<'_, str>, usize) {
    let bytes = row.as_bytes();
    let mut from = start + 1;
    let mut owned: Option<String> = None;
    loop {
        let Some(found) = memchr::memchr(b'"', &bytes[from..]) else {
            // Never closed (the splitter gave up on quotes): the rest of the record is the cell.
            return (finish(owned, &row[from..]), bytes.len());
        };
        let quote = from + found;
        if bytes.get(quote + 1) == Some(&b'"') {
            owned.get_or_insert_default().push_str(&row[from..=quote]);
            from = quote + 2;
            continue;
        }
        let end = memchr::memchr(separator, &bytes[quote + 1..]).map_or(bytes.len(), |found| quote + 1 + found);
        if quote + 1 == end {
            return (finish(owned, &row[from..quote]), end);
        }
        let mut text = owned.unwrap_or_default();
        text.push_str(&row[from..quote]);
        text.push_str(&row[quote + 1..end]);
        return (Cow::Owned(text), end);
    }
}

fn finish(owned: Option<String>, tail: &str) -> Cow<'_, str> {
    match owned {
        Some(mut text) => {
            text.push_str(tail);
            Cow::Owned(text)
        }
        None => Cow::Borrowed(tail),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(row: &str) -> Vec<String> {
        let mut out = Vec::new();
        cells(row, b',', true, &mut out);
        out.into_iter().map(Cow::into_owned).collect()
    }

    #[test]
    fn reads_plain_and_quoted_cells() {
        assert_eq!(read("a,b,c"), ["a", "b", "c"]);
        assert_eq!(read("\"a,\"\"b\"\"\nc\",d"), ["a,\"b\"\nc", "d"]);
        assert_eq!(read("\"\",x,\"\""), ["", "x", ""]);
    }

    #[test]
    fn a_separator_at_the_end_makes_an_empty_cell() {
        assert_eq!(read("a,"), ["a", ""]);
        assert_eq!(read(","), ["", ""]);
        assert_eq!(read(""), [""]);
    }

    #[test]
    fn stray_quotes_stay() {
        assert_eq!(read("6\" pipe,b"), ["6\" pipe", "b"]);
        assert_eq!(read("\"GoPro\"@en,b"), ["GoPro@en", "b"]);
        assert_eq!(read("\"never closed,b"), ["never closed,b"]);
    }
}
