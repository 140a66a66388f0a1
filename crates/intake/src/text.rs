//! Cuts a stream of bytes into rows, and rows into chunks, without looking into the rows.
//!
//! This is the only serial part of reading text, so it does as little as possible: it finds where rows end and counts
//! lines. Everything else happens in [`crate::Chunk::decode`], on any thread. All encodings that reach this point agree
//! with ASCII on line feeds, quotes and separators (UTF-16 is transcoded before), so bytes can be cut undecoded.
//!
//! What must stay true: every byte that is read becomes part of exactly one row, one bad row, or white space between.

use std::io::Read;

use crate::quarantine::{BadReason, RawRow};

/// What a splitter says of the bytes at the start of the next row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// The row is `[0, end)`; the next one begins at `next`.
    Row { end: usize, next: usize },
    /// An empty line up to `next`.
    Blank { next: usize },
    /// Punctuation between rows up to `next`.
    Skip { next: usize },
    /// The row does not end in these bytes.
    More,
    /// The input ends inside a quoted cell or an object.
    Unclosed,
}

/// Knows where a row of one format ends.
pub(crate) trait Splitter: Send {
    /// Looks at the bytes from the start of a row; `at_end` when nothing follows them.
    fn next(&mut self, bytes: &[u8], at_end: bool) -> Cut;

    /// Told after a row that never ended was given up and its first line quarantined.
    fn gave_up(&mut self) {}

    /// How a row beyond the limit is given up: by its first line, because a stray quote may have opened it (true), or as a
    /// whole, because its end is known for sure (false).
    fn may_be_opened_by_mistake(&self) -> bool {
        false
    }

    /// How many times the limit is read to find the end of a row beyond it, before its line is given up instead.
    fn patience(&self) -> usize {
        1
    }
}

/// One row a line.
#[derive(Debug)]
pub(crate) struct Lines {
    /// Line feed, or carriage return for files of an old Mac.
    pub terminator: u8,
}

impl Splitter for Lines {
    #[inline]
    fn next(&mut self, bytes: &[u8], at_end: bool) -> Cut {
        let (end, next) = match memchr::memchr(self.terminator, bytes) {
            Some(end) => (end, end + 1),
            None if at_end => (bytes.len(), bytes.len()),
            None => return Cut::More,
        };
        let end = if end > 0 && bytes[end - 1] == b'\r' { end - 1 } else { end };
        let blank = bytes[..end].iter().all(|b| matches!(b, b' ' | b'\t'));
        if blank { Cut::Blank { next } } else { Cut::Row { end, next } }
    }
}

/// Where a row lies in its chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RowSpan {
    pub start: u32,
    pub end: u32,
    /// Its first line in the input, from 1.
    pub line: u64,
}

/// Some whole rows.
#[derive(Debug, Default)]
pub(crate) struct TextBlock {
    pub bytes: Vec<u8>,
    pub rows: Vec<RowSpan>,
    /// Rows that could not even be cut out.
    pub bad: Vec<RawRow>,
    /// Empty lines.
    pub blank: u64,
}

/// The bounds of a block and of a row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub rows: usize,
    pub bytes: usize,
    pub row_bytes: usize,
}

const READ_BYTES: usize = 256 << 10;

/// Reads blocks of rows.
pub(crate) struct TextReader<R> {
    input: R,
    splitter: Box<dyn Splitter>,
    bounds: Bounds,
    /// Bytes read and not yet given out; the next row starts at `at`.
    buffer: Vec<u8>,
    line: u64,
    terminator: u8,
    ended: bool,
    /// Why the input ended before its end.
    failure: Option<BadReason>,
    /// A row beyond the limit whose end is still to come.
    discarding: Option<RawRow>,
}

impl<R: Read> TextReader<R> {
    pub fn new(input: R, splitter: Box<dyn Splitter>, terminator: u8, bounds: Bounds) -> Self {
        Self {
            input,
            splitter,
            bounds,
            buffer: Vec::new(),
            line: 1,
            terminator,
            ended: false,
            failure: None,
            discarding: None,
        }
    }

    /// Why the input ended early, once it has.
    pub fn failure(&self) -> Option<&BadReason> {
        self.failure.as_ref()
    }

    /// The next rows; nothing at the end of the input.
    pub fn next_block(&mut self) -> Option<TextBlock> {
        let mut block = TextBlock::default();
        let mut at = 0;
        loop {
            if block.rows.len() >= self.bounds.rows || at >= self.bounds.bytes {
                break;
            }
            if self.discarding.is_some() && !self.discard(&mut at, &mut block) {
                break;
            }
            if at >= self.buffer.len() {
                if self.ended {
                    break;
                }
                self.fill();
                continue;
            }
            // After a failure the last bytes are no whole row, so nothing may be taken for the end of one.
            let at_end = self.ended && self.failure.is_none();
            let rest = &self.buffer[at..];
            match self.splitter.next(rest, at_end) {
                Cut::Row { end, next } if end > self.bounds.row_bytes => {
                    let reason = BadReason::TooLong { limit: self.bounds.row_bytes as u64 };
                    if self.splitter.may_be_opened_by_mistake() {
                        self.give_up(&mut at, reason, &mut block);
                    } else {
                        block.bad.push(RawRow::new(self.line, reason, &rest[..end]));
                        self.line += self.count_lines(at, at + next);
                        at += next;
                    }
                }
                Cut::Row { end, next } => {
                    block.rows.push(RowSpan { start: at as u32, end: (at + end) as u32, line: self.line });
                    self.line += self.count_lines(at, at + next);
                    at += next;
                }
                Cut::Blank { next } => {
                    block.blank += 1;
                    self.line += self.count_lines(at, at + next);
                    at += next;
                }
                Cut::Skip { next } => {
                    self.line += self.count_lines(at, at + next);
                    at += next;
                }
                Cut::More if rest.len() > self.bounds.row_bytes.saturating_mul(self.splitter.patience()) + 2 => {
                    self.give_up(&mut at, BadReason::TooLong { limit: self.bounds.row_bytes as u64 }, &mut block);
                }
                Cut::More if !self.ended => self.fill(),
                // Only a failed input asks for more after its end.
                Cut::More => {
                    let reason = self.failure.clone().unwrap_or(BadReason::Unclosed);
                    if rest.iter().any(|b| !b.is_ascii_whitespace()) {
                        block.bad.push(RawRow::new(self.line, reason, rest));
                    }
                    at = self.buffer.len();
                }
                Cut::Unclosed => self.give_up(&mut at, BadReason::Unclosed, &mut block),
            }
        }
        if at == 0 && block.bad.is_empty() {
            return None;
        }
        let rest = self.buffer.split_off(at);
        block.bytes = std::mem::replace(&mut self.buffer, rest);
        Some(block)
    }

    fn count_lines(&self, from: usize, to: usize) -> u64 {
        memchr::memchr_iter(self.terminator, &self.buffer[from..to]).count() as u64
    }

    fn fill(&mut self) {
        let old = self.buffer.len();
        self.buffer.resize(old + READ_BYTES, 0);
        let got = loop {
            match self.input.read(&mut self.buffer[old..]) {
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        match got {
            Ok(count) => {
                self.buffer.truncate(old + count);
                self.ended = count == 0;
            }
            Err(error) => {
                self.buffer.truncate(old);
                self.ended = true;
                self.failure = Some(BadReason::Unreadable { message: error.to_string() });
            }
        }
    }

    /// Quarantines the first line of a row that never ends and goes on behind it.
    fn give_up(&mut self, at: &mut usize, reason: BadReason, block: &mut TextBlock) {
        self.splitter.gave_up();
        let rest = &self.buffer[*at..];
        match memchr::memchr(self.terminator, rest) {
            Some(end) => {
                block.bad.push(RawRow::new(self.line, reason, &rest[..end]));
                self.line += 1;
                *at += end + 1;
            }
            None => {
                self.discarding = Some(RawRow::new(self.line, reason, rest));
                *at = self.buffer.len();
            }
        }
    }

    /// Drops bytes up to the end of the line of a row beyond the limit; false when more must be read in a next block.
    fn discard(&mut self, at: &mut usize, block: &mut TextBlock) -> bool {
        loop {
            let rest = &self.buffer[*at..];
            let (end, done) = match memchr::memchr(self.terminator, rest) {
                Some(end) => (end, true),
                None => (rest.len(), self.ended),
            };
            if let Some(row) = &mut self.discarding {
                row.extend(&rest[..end]);
            }
            if done {
                self.line += 1;
                *at = (*at + end + 1).min(self.buffer.len());
                block.bad.extend(self.discarding.take());
                return true;
            }
            // What is discarded is not kept: the buffer stays small however long the row is.
            self.buffer.truncate(*at);
            self.fill();
            if *at >= self.bounds.bytes {
                return false;
            }
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds { rows: 4096, bytes: 4 << 20, row_bytes: 1 << 20 };

    fn blocks(splitter: impl Splitter + 'static, text: &[u8], bounds: Bounds) -> Vec<TextBlock> {
        let mut reader = TextReader::new(text, Box::new(splitter), b'\n', bounds);
        std::iter::from_fn(|| reader.next_block()).collect()
    }

    /// Every row of a text.
    pub(crate) fn split_all(splitter: impl Splitter + 'static, text: &[u8]) -> Vec<String> {
        let mut rows = Vec::new();
        for block in blocks(splitter, text, BOUNDS) {
            for row in &block.rows {
                let bytes = &block.bytes[row.start as usize..row.end as usize];
                rows.push(String::from_utf8_lossy(bytes).into_owned());
            }
        }
        rows
    }

    #[test]
    fn lines_end_with_or_without_a_carriage_return_and_blank_ones_are_counted() {
        assert_eq!(split_all(Lines { terminator: b'\n' }, b"a\r\nb\n\r\n  \nc"), ["a", "b", "c"]);
        assert_eq!(blocks(Lines { terminator: b'\n' }, b"a\r\nb\n\r\n  \nc", BOUNDS)[0].blank, 2);
    }

    #[test]
    fn a_block_ends_at_its_row_limit_and_lines_go_on_counting() {
        let blocks = blocks(Lines { terminator: b'\n' }, b"a\n\nb\nc\n", Bounds { rows: 2, ..BOUNDS });
        let lines: Vec<Vec<u64>> = blocks.iter().map(|b| b.rows.iter().map(|r| r.line).collect()).collect();
        assert_eq!(lines, [vec![1, 3], vec![4]]);
    }

    #[test]
    fn a_row_beyond_the_limit_is_quarantined_and_reading_goes_on() {
        let text = [b"a\n".to_vec(), vec![b'x'; 3 << 20], b"\nb\n".to_vec()].concat();
        let blocks = blocks(Lines { terminator: b'\n' }, &text, BOUNDS);
        let bad: Vec<_> = blocks.iter().flat_map(|b| &b.bad).collect();
        assert_eq!(bad.len(), 1);
        assert_eq!((bad[0].line, bad[0].raw_len), (2, 3 << 20));
        let lines: Vec<u64> = blocks.iter().flat_map(|b| &b.rows).map(|r| r.line).collect();
        assert_eq!(lines, [1, 3]);
    }

    #[test]
    fn what_follows_a_read_error_is_one_bad_row() {
        struct Broken(u32);
        impl Read for Broken {
            fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
                self.0 += 1;
                if self.0 == 1 {
                    into[..7].copy_from_slice(b"a\nb\nhal");
                    return Ok(7);
                }
                Err(std::io::Error::other("the stream is cut"))
            }
        }
        let mut reader = TextReader::new(Broken(0), Box::new(Lines { terminator: b'\n' }), b'\n', BOUNDS);
        let block = reader.next_block().unwrap();
        assert_eq!(block.rows.len(), 2);
        assert_eq!(block.bad.len(), 1);
        assert_eq!(block.bad[0].raw, b"hal");
        assert!(reader.next_block().is_none());
        assert!(reader.failure().is_some());
    }
}
