//! The last look before a bundle is written: does any value that was replaced stand in any byte that leaves?
//!
//! Values are looked for in every way that bytes write text: UTF-8, UTF-16, GBK, base64 at each alignment, hexadecimal, percent signs, JSON and HTML
//! escapes. Compressed streams are not opened here; hand their contents in as well.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Read};

use aho_corasick::AhoCorasick;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// How a value was written where it leaked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Encoding {
    /// UTF-8, which figures and letters share with most others.
    Utf8,
    /// UTF-16, low byte first.
    Utf16Le,
    /// UTF-16, high byte first.
    Utf16Be,
    /// GBK.
    Gbk,
    /// Base64 of UTF-8 or GBK.
    Base64,
    /// Hexadecimal of UTF-8, UTF-16 or GBK.
    Hex,
    /// Percent signs.
    Percent,
    /// `\u` escapes.
    Json,
    /// `&#` entities.
    Html,
}

/// One place where a value stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Leak {
    /// Which of the values.
    pub value: usize,
    /// The first byte.
    pub at: u64,
    /// How it is written.
    pub encoding: Encoding,
}

impl fmt::Debug for Leak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "value {} as {:?} at byte {}", self.value, self.encoding, self.at)
    }
}

struct Pattern {
    value: usize,
    encoding: Encoding,
    len: usize,
    /// Few figures, which count only where no figure touches them.
    bounded: bool,
}

/// Looks for a set of values.
pub struct LeakScanner {
    search: AhoCorasick,
    patterns: Vec<Pattern>,
    longest: usize,
}

impl fmt::Debug for LeakScanner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LeakScanner({} patterns)", self.patterns.len())
    }
}

/// Fewest characters of a value that is looked for: one character stands everywhere.
const LEAST_CHARS: usize = 2;
/// Below so many figures a number counts only by itself.
const FEW_FIGURES: usize = 10;
/// Patterns shorter than this come by chance in pictures and archives.
const SHORT: usize = 7;
/// Bytes around a short hit that must look like text.
const AROUND: usize = 12;
const CHUNK: usize = 256 * 1024;

impl LeakScanner {
    /// For these values; those of a single character are left out.
    pub fn new<'v>(values: impl IntoIterator<Item = &'v str>) -> Self {
        let mut by_bytes: BTreeMap<Vec<u8>, (usize, Encoding, bool)> = BTreeMap::new();
        for (value, text) in values.into_iter().enumerate() {
            if text.chars().count() < LEAST_CHARS {
                continue;
            }
            let bounded = text.bytes().all(|byte| byte.is_ascii_digit()) && text.len() < FEW_FIGURES;
            for (encoding, bytes) in encodings(text) {
                if bytes.len() > 3 {
                    by_bytes.entry(bytes).or_insert((value, encoding, bounded));
                }
            }
        }
        let search = AhoCorasick::new(by_bytes.keys()).expect("invariant: a case's values fit into an automaton");
        let longest = by_bytes.keys().map(Vec::len).max().unwrap_or(0);
        let patterns = by_bytes
            .iter()
            .map(|(bytes, (value, encoding, bounded))| Pattern {
                value: *value,
                encoding: *encoding,
                len: bytes.len(),
                bounded: *bounded,
            })
            .collect();
        Self { search, patterns, longest }
    }

    /// The leaks in a file's bytes, or in its name.
    pub fn bytes(&self, bytes: &[u8]) -> Vec<Leak> {
        let mut out = Vec::new();
        self.block(bytes, 0, 0..bytes.len(), &mut out);
        out
    }

    /// The leaks in what a reader yields, with bounded memory.
    ///
    /// # Errors
    /// When reading fails.
    pub fn read(&self, reader: &mut impl Read) -> io::Result<Vec<Leak>> {
        let keep = self.longest + 2 * AROUND;
        let mut buffer: Vec<u8> = Vec::with_capacity(CHUNK + 2 * keep);
        let (mut base, mut done) = (0_u64, 0_usize);
        let mut out = Vec::new();
        loop {
            let before = buffer.len();
            let more = reader.by_ref().take(CHUNK as u64).read_to_end(&mut buffer)?;
            let last = more == 0;
            // A hit is judged once all that could stand around it has been read.
            let until = if last { buffer.len() } else { buffer.len().saturating_sub(keep) };
            debug_assert!(buffer.len() == before + more);
            self.block(&buffer, base, done..until.max(done), &mut out);
            done = until.max(done);
            if last {
                return Ok(out);
            }
            let drop = done.saturating_sub(AROUND);
            buffer.drain(..drop);
            base += drop as u64;
            done -= drop;
        }
    }

    /// The leaks that begin in these places of a block.
    fn block(&self, bytes: &[u8], base: u64, starts: std::ops::Range<usize>, out: &mut Vec<Leak>) {
        if self.patterns.is_empty() || starts.is_empty() {
            return;
        }
        let end = (starts.end + self.longest).min(bytes.len());
        for hit in self.search.find_overlapping_iter(&bytes[starts.start..end]) {
            let at = starts.start + hit.start();
            let pattern = &self.patterns[hit.pattern().as_usize()];
            if at < starts.end && self.counts(bytes, at, pattern) {
                out.push(Leak { value: pattern.value, at: base + at as u64, encoding: pattern.encoding });
            }
        }
    }

    fn counts(&self, bytes: &[u8], at: usize, pattern: &Pattern) -> bool {
        let end = at + pattern.len;
        let byte = |at: Option<usize>| at.and_then(|at| bytes.get(at)).copied().unwrap_or(b' ');
        if pattern.bounded
            && matches!(pattern.encoding, Encoding::Utf8 | Encoding::Gbk)
            && (byte(at.checked_sub(1)).is_ascii_digit() || byte(Some(end)).is_ascii_digit())
        {
            return false;
        }
        if pattern.len >= SHORT {
            return true;
        }
        let around = &bytes[at.saturating_sub(AROUND)..(end + AROUND).min(bytes.len())];
        let wide = matches!(pattern.encoding, Encoding::Utf16Le | Encoding::Utf16Be);
        let control = around.iter().filter(|byte| **byte < 0x20 && !matches!(**byte, b'\t' | b'\n' | b'\r')).count();
        if wide { control <= around.len() / 2 && unit_like(bytes, at, end, pattern.encoding) } else { control == 0 }
    }
}

/// Whether the UTF-16 units beside a hit are those of text.
fn unit_like(bytes: &[u8], at: usize, end: usize, encoding: Encoding) -> bool {
    let text = |pair: Option<&[u8]>| {
        pair.is_none_or(|pair| {
            let unit = if encoding == Encoding::Utf16Le { u16::from_le_bytes([pair[0], pair[1]]) } else { u16::from_be_bytes([pair[0], pair[1]]) };
            matches!(unit, 9 | 10 | 13 | 0x20..=0x7E | 0xB7 | 0x2000..=0x206F | 0x3000..=0x303F | 0x4E00..=0x9FFF | 0xFF00..=0xFFEF)
        })
    };
    let before = (1..=2).all(|k| text(at.checked_sub(2 * k).and_then(|from| bytes.get(from..from + 2))));
    before && (0..2).all(|k| text(bytes.get(end + 2 * k..end + 2 * k + 2)))
}

/// Every way to write a value.
fn encodings(text: &str) -> Vec<(Encoding, Vec<u8>)> {
    let mut out: Vec<(Encoding, Vec<u8>)> = vec![(Encoding::Utf8, text.as_bytes().to_vec())];
    if text.to_lowercase() != text || text.to_uppercase() != text {
        out.push((Encoding::Utf8, text.to_lowercase().into_bytes()));
        out.push((Encoding::Utf8, text.to_uppercase().into_bytes()));
    }
    let le: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let be: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let (gbk, _, lost) = encoding_rs::GBK.encode(text);
    let mut raw = vec![text.as_bytes().to_vec(), le.clone(), be.clone()];
    if !lost {
        raw.push(gbk.to_vec());
        out.push((Encoding::Gbk, gbk.to_vec()));
    }
    out.push((Encoding::Utf16Le, le));
    out.push((Encoding::Utf16Be, be));
    for bytes in &raw {
        for shift in 0..3 {
            out.extend(base64_at(bytes, shift));
        }
        let lower: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        out.push((Encoding::Hex, lower.to_uppercase().into_bytes()));
        out.push((Encoding::Hex, lower.into_bytes()));
    }
    for bytes in [text.as_bytes(), &gbk] {
        for all in [false, true] {
            let percent: String = bytes
                .iter()
                .map(|byte| {
                    if byte.is_ascii_alphanumeric() && !all {
                        char::from(*byte).to_string()
                    } else {
                        format!("%{byte:02X}")
                    }
                })
                .collect();
            out.push((Encoding::Percent, percent.to_lowercase().into_bytes()));
            out.push((Encoding::Percent, percent.into_bytes()));
        }
    }
    for all in [false, true] {
        let plain = |c: char| c.is_ascii_alphanumeric() && !all;
        let json = |upper: bool| -> String {
            let mut out = String::new();
            for c in text.chars() {
                if plain(c) {
                    out.push(c);
                    continue;
                }
                for unit in c.encode_utf16(&mut [0; 2]) {
                    out += &if upper { format!("\\u{unit:04X}") } else { format!("\\u{unit:04x}") };
                }
            }
            out
        };
        out.push((Encoding::Json, json(true).into_bytes()));
        out.push((Encoding::Json, json(false).into_bytes()));
        let html = |write: &dyn Fn(u32) -> String| {
            text.chars().map(|c| if plain(c) { c.to_string() } else { write(c as u32) }).collect::<String>()
        };
        out.push((Encoding::Html, html(&|code| format!("&#{code};")).into_bytes()));
        out.push((Encoding::Html, html(&|code| format!("&#x{code:x};")).into_bytes()));
        out.push((Encoding::Html, html(&|code| format!("&#x{code:X};")).into_bytes()));
    }
    out
}

/// What base64 writes for these bytes alone when `shift` bytes of a group of three stand before them.
fn base64_at(bytes: &[u8], shift: usize) -> Vec<(Encoding, Vec<u8>)> {
    let mut padded = vec![0; shift];
    padded.extend_from_slice(bytes);
    // The first sign that no byte before takes part in, and the last that no byte behind does.
    let first = (shift * 8).div_ceil(6);
    let last = padded.len() * 8 / 6;
    let mut out = Vec::new();
    for written in [STANDARD_NO_PAD.encode(&padded), URL_SAFE_NO_PAD.encode(&padded)] {
        if let Some(part) = written.get(first..last).filter(|part| part.len() > 5) {
            out.push((Encoding::Base64, part.as_bytes().to_vec()));
        }
    }
    out
}

/// The leaks of these values in some bytes; for more than one file make a [`LeakScanner`].
pub fn leaks(bytes: &[u8], values: &[&str]) -> Vec<Leak> {
    LeakScanner::new(values.iter().copied()).bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sees_a_value_in_every_writing() {
        for value in ["13800138000", "张建国", "文三路478号", "lucky@qq.com"] {
            for (encoding, bytes) in encodings(value) {
                let mut file = "一些文字 some text ".as_bytes().to_vec();
                if matches!(encoding, Encoding::Utf16Le | Encoding::Utf16Be) {
                    file.clear();
                }
                file.extend(bytes);
                assert!(!leaks(&file, &[value]).is_empty(), "{value} as {encoding:?}");
            }
            for shift in 0..3 {
                let text = format!("{}{value}尾", "x".repeat(shift));
                assert!(
                    !leaks(STANDARD_NO_PAD.encode(text).as_bytes(), &[value]).is_empty(),
                    "{value} shifted by {shift}"
                );
            }
        }
    }

    #[test]
    fn other_bytes_are_no_leaks() {
        assert!(leaks("订单号 69234567890".as_bytes(), &["34567"]).is_empty(), "inside a longer number");
        assert!(leaks("张建军".as_bytes(), &["张建国"]).is_empty());
        assert!(leaks("张先生".as_bytes(), &["张"]).is_empty(), "one character stands everywhere");
        assert!(leaks(b"", &["13800138000"]).is_empty());
    }

    #[test]
    fn a_stream_gives_what_the_whole_gives() {
        let mut file = vec![b'.'; 3 * CHUNK];
        for at in [0, CHUNK - 5, CHUNK + 20, 2 * CHUNK - 11, 3 * CHUNK - 11] {
            file[at..at + 11].copy_from_slice(b"13800138000");
        }
        let scanner = LeakScanner::new(["13800138000"]);
        let whole = scanner.bytes(&file);
        assert_eq!(whole.len(), 5);
        assert_eq!(scanner.read(&mut &file[..]).unwrap(), whole);
    }
}
