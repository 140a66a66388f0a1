//! Finds the row that names the columns: the first one, one below a title, or none at all.

use super::names;
use crate::values::{number, price, time};

/// Where the header of a table stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HeaderRow {
    /// At this index among the rows that are not blank; those before it are titles.
    At(usize),
    /// There is none: the first row is a record.
    None,
}

/// Titles and notes above the header are looked for in so many rows.
const SEARCHED: usize = 12;

/// Finds the header among the first rows (blank ones left out).
pub(crate) fn find(rows: &[Vec<String>]) -> HeaderRow {
    let widest = rows.iter().map(|row| filled(row).count()).max().unwrap_or(0);
    let mut best: Option<(usize, usize)> = None;
    for (index, row) in rows.iter().take(SEARCHED).enumerate() {
        if !could_be_header(row) {
            continue;
        }
        let known = filled(row).filter(|cell| names::is_known(&names::normalise(cell))).count();
        let cells = filled(row).count();
        // One known name among several cells is not enough: a record may hold the word 商品 as well.
        let enough = known >= 2
            || (known == 1 && (cells <= 2 || cells * 2 > widest && looks_typed_below(row, &rows[index + 1..])));
        if enough && best.is_none_or(|(_, most)| known > most) {
            best = Some((index, known));
        }
    }
    if let Some((index, _)) = best {
        return HeaderRow::At(index);
    }
    // Names nobody knows: short different words above columns of numbers, dates or addresses.
    let first_wide = rows.iter().take(SEARCHED).position(|row| filled(row).count() * 2 > widest);
    match first_wide {
        Some(index) if could_be_header(&rows[index]) && looks_typed_below(&rows[index], &rows[index + 1..]) => {
            HeaderRow::At(index)
        }
        _ => HeaderRow::None,
    }
}

fn filled(row: &[String]) -> impl Iterator<Item = &str> {
    row.iter().map(|cell| cell.trim()).filter(|cell| !cell.is_empty())
}

/// Names are short, no numbers, no dates, no addresses, and differ (but for one pair: exports repeat a column).
fn could_be_header(row: &[String]) -> bool {
    let cells: Vec<&str> = filled(row).collect();
    let mut different = cells.clone();
    different.sort_unstable();
    different.dedup();
    let odd = cells.iter().filter(|cell| is_value(cell)).count();
    !cells.is_empty() && different.len() + 1 >= cells.len() && odd * 6 <= cells.len()
}

fn is_value(cell: &str) -> bool {
    let long = names::normalise(cell).chars().count() > 40;
    long || number::float(cell).is_some()
        || price::parse(cell) != price::Price::Unclear
        || time::parse(cell) != time::Time::Unclear
        || cell.contains("://")
}

/// Whether some column below holds only values of a kind that its header is not.
fn looks_typed_below(header: &[String], below: &[Vec<String>]) -> bool {
    let rows = &below[..below.len().min(50)];
    (0..header.len()).any(|column| {
        let values: Vec<&str> = rows
            .iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.trim())
            .filter(|cell| !cell.is_empty())
            .collect();
        !values.is_empty() && values.iter().all(|cell| is_value(cell))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<Vec<String>> {
        text.lines().map(|line| line.split(',').map(str::to_owned).collect()).collect()
    }

    #[test]
    fn finds_the_header_in_the_first_row_or_below_a_title() {
        assert_eq!(find(&rows("id,title,price\n1,面霜,139\n")), HeaderRow::At(0));
        assert_eq!(find(&rows("Table 1,,\n店名,地址,价格\n小店,https://a.cn,100-200\n")), HeaderRow::At(1));
        assert_eq!(find(&rows("comment,sentiment\n好,1\n")), HeaderRow::At(0));
        assert_eq!(find(&rows("foo,bar\n面霜,139\n口红,20\n")), HeaderRow::At(0));
    }

    #[test]
    fn a_first_record_is_no_header() {
        assert_eq!(
            find(&rows("7929946,手术剪刀,27.00,True,自营店\n7929916,剪刀,23.00,True,自营店\n")),
            HeaderRow::None
        );
        assert_eq!(find(&rows("￥89.10,爬虫开发实战\n￥50.70,商品\n")), HeaderRow::None);
        assert_eq!(find(&rows("1,减速器链条\n2,望远镜\n")), HeaderRow::None);
        assert_eq!(find(&rows("家 O\n用 O\n")), HeaderRow::None);
    }
}
