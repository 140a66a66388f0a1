//! Finds where records end.

use crate::text::{Cut, Lines, Splitter};

/// After so many quotes that nothing closed, quotes of this file are taken for plain characters.
const MOST_UNCLOSED: u32 = 32;

/// Splits records of cells; a quoted cell may hold line feeds.
#[derive(Debug)]
pub(crate) struct Records {
    pub separator: u8,
    pub terminator: u8,
    pub quotes: bool,
    unclosed: u32,
}

impl Records {
    pub fn new(separator: u8, terminator: u8, quotes: bool) -> Self {
        Self { separator, terminator, quotes, unclosed: 0 }
    }
}

impl Splitter for Records {
    fn next(&mut self, bytes: &[u8], at_end: bool) -> Cut {
        let mut lines = Lines { terminator: self.terminator };
        let line = lines.next(bytes, at_end);
        // Most records have no quote: their line is all there is to look at.
        let line_end = match line {
            Cut::Row { end, .. } => end,
            Cut::More => bytes.len(),
            _ => return line,
        };
        if !self.quotes || memchr::memchr(b'"', &bytes[..line_end]).is_none() {
            return line;
        }
        let mut at = 0;
        loop {
            // At the start of a cell.
            if bytes.get(at) == Some(&b'"') {
                at += 1;
                loop {
                    match memchr::memchr(b'"', &bytes[at..]) {
                        None => return if at_end { Cut::Unclosed } else { Cut::More },
                        Some(found) => at += found + 1,
                    }
                    if bytes.get(at) == Some(&b'"') {
                        at += 1;
                    } else if at == bytes.len() && !at_end {
                        return Cut::More;
                    } else {
                        break;
                    }
                }
            }
            match memchr::memchr2(self.separator, self.terminator, &bytes[at..]) {
                Some(found) if bytes[at + found] == self.separator => at += found + 1,
                Some(found) => {
                    let next = at + found + 1;
                    let end = if next >= 2 && bytes[next - 2] == b'\r' { next - 2 } else { next - 1 };
                    return Cut::Row { end, next };
                }
                None if at_end => {
                    let end = if bytes.last() == Some(&b'\r') { bytes.len() - 1 } else { bytes.len() };
                    return Cut::Row { end, next: bytes.len() };
                }
                None => return Cut::More,
            }
        }
    }

    fn may_be_opened_by_mistake(&self) -> bool {
        self.quotes
    }

    fn gave_up(&mut self) {
        self.unclosed += 1;
        if self.unclosed >= MOST_UNCLOSED {
            self.quotes = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::tests::split_all;

    fn split(text: &str) -> Vec<String> {
        split_all(Records::new(b',', b'\n', true), text.as_bytes())
    }

    #[test]
    fn a_quoted_cell_may_hold_line_feeds() {
        assert_eq!(split("a,\"b\r\nc\"\r\nd,e\r\n"), ["a,\"b\r\nc\"", "d,e"]);
        assert_eq!(split("a,\"b\"\"\n\"\"c\"\nd,e"), ["a,\"b\"\"\n\"\"c\"", "d,e"]);
    }

    #[test]
    fn a_quote_inside_a_cell_opens_nothing() {
        assert_eq!(split("6\" pipe,a\nb,c\n"), ["6\" pipe,a", "b,c"]);
    }

    #[test]
    fn a_quote_that_nothing_closes_costs_one_line() {
        assert_eq!(split("a,b\nc,\"d\ne,f\ng,h\n"), ["a,b", "e,f", "g,h"]);
    }
}
