//! Makes an input smaller as long as it still shows what is wrong.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::rows::Row;

/// How much trying an input is worth.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    pub(crate) tries: usize,
    pub(crate) time: Duration,
}

/// The smallest input found for which `wrong` holds. First fewer rows (in ever smaller stretches), then fewer columns, then
/// halves of texts.
pub(crate) fn shrink(rows: Vec<Row>, effort: Effort, wrong: impl FnMut(&[Row]) -> bool) -> Vec<Row> {
    // The clock only bounds the search; what is found is wrong whenever it ends.
    let mut search = Search { wrong, tries: effort.tries, until: Instant::now() + effort.time };
    let mut rows = search.fewer_rows(rows);
    for at in 0..rows.len() {
        let names: Vec<&'static str> = rows[at].values.keys().copied().collect();
        for name in names {
            if search.spent() {
                return rows;
            }
            let mut without = rows.clone();
            without[at].values.remove(name);
            if search.still_wrong(&without) {
                rows = without;
            } else {
                rows = search.shorter_text(rows, at, name);
            }
        }
    }
    rows
}

struct Search<W> {
    wrong: W,
    tries: usize,
    until: Instant,
}

impl<W: FnMut(&[Row]) -> bool> Search<W> {
    /// Making a candidate costs too, so every loop asks this first.
    fn spent(&self) -> bool {
        self.tries == 0 || Instant::now() >= self.until
    }

    fn still_wrong(&mut self, rows: &[Row]) -> bool {
        if self.spent() {
            return false;
        }
        self.tries -= 1;
        (self.wrong)(rows)
    }

    fn fewer_rows(&mut self, mut rows: Vec<Row>) -> Vec<Row> {
        if rows.is_empty() || self.still_wrong(&[]) {
            return Vec::new();
        }
        let mut size = rows.len().div_ceil(2);
        loop {
            let mut start = 0;
            while start < rows.len() && rows.len() > 1 {
                if self.spent() {
                    return rows;
                }
                let end = (start + size).min(rows.len());
                let rest: Vec<Row> = rows[..start].iter().chain(&rows[end..]).cloned().collect();
                if !rest.is_empty() && self.still_wrong(&rest) {
                    rows = rest;
                } else {
                    start = end;
                }
            }
            if size <= 1 {
                return rows;
            }
            size = size.min(rows.len()).div_ceil(2);
        }
    }

    fn shorter_text(&mut self, mut rows: Vec<Row>, at: usize, name: &'static str) -> Vec<Row> {
        let Some(text) = rows[at].text(name) else { return rows };
        let mut chars: Vec<char> = text.chars().collect();
        let mut size = chars.len().div_ceil(2);
        while size > 0 && !chars.is_empty() {
            let mut start = 0;
            while start < chars.len() {
                if self.spent() {
                    return rows;
                }
                let end = (start + size).min(chars.len());
                let rest: String = chars[..start].iter().chain(&chars[end..]).collect();
                let mut shorter = rows.clone();
                shorter[at].values.insert(name, Value::String(rest));
                if self.still_wrong(&shorter) {
                    rows = shorter;
                    chars.drain(start..end);
                } else {
                    start = end;
                }
            }
            size /= 2;
        }
        rows
    }
}

#[cfg(test)]
mod tests {
    use huoyan_model::RecordKind;

    use super::*;

    #[test]
    fn the_one_row_and_the_one_character_are_found() {
        let rows: Vec<Row> = (0..1000)
            .map(|i| {
                let title = if i == 637 { "很长的标题\u{0}还有后文" } else { "无关" };
                Row::new(RecordKind::Listing, i.to_string()).with("title", title.into()).with("price", 1.0.into())
            })
            .collect();
        let effort = Effort { tries: 10_000, time: Duration::from_secs(60) };
        let small =
            shrink(rows, effort, |rows| rows.iter().any(|r| r.text("title").is_some_and(|t| t.contains('\u{0}'))));
        assert_eq!(small, [Row::new(RecordKind::Listing, "637").with("title", "\u{0}".into())]);
    }

    #[test]
    fn two_rows_that_only_together_are_wrong_both_stay() {
        let rows: Vec<Row> = (0..100).map(|i| Row::new(RecordKind::Listing, i.to_string())).collect();
        let effort = Effort { tries: 10_000, time: Duration::from_secs(60) };
        let has = |rows: &[Row], key: &str| rows.iter().any(|row| row.key == key);
        let small = shrink(rows, effort, |rows| has(rows, "3") && has(rows, "98"));
        assert_eq!(small.iter().map(|row| row.key.as_str()).collect::<Vec<_>>(), ["3", "98"]);
    }

    #[test]
    fn without_effort_the_input_stays_as_it_is() {
        let rows = vec![Row::new(RecordKind::Listing, "a"), Row::new(RecordKind::Listing, "b")];
        let effort = Effort { tries: 0, time: Duration::ZERO };
        assert_eq!(shrink(rows.clone(), effort, |_| true), rows);
    }
}
