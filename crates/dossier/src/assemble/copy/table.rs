//! Tables as CSV: read, and written again.

/// Rows by which the delimiter is told.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_comes_back_as_it_was() {
        let text = "a,\"b,\"\"c\"\"\nd\",e\r\n1,2,3\r\n";
        let read = rows(text);
        assert_eq!(read, [vec!["a", "b,\"c\"\nd", "e"], vec!["1", "2", "3"]]);
        assert_eq!(render(&read).trim_start_matches('\u{feff}'), text);
        assert_eq!(rows("x\ty,z\n1\t2\n")[0], ["x", "y,z"]);
    }
}
