//! The last gate: every value that was replaced, looked for in every byte that leaves.
//!
//! Compressed streams are opened where the format is one of the common ones: ZIP (and with it XLSX, DOCX), the streams of a PDF with the strings in
//! them put together, gzip. What cannot be looked into is told by its name: what is sealed, films, archives in archives, PDFs whose fonts are not simple.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use huoyan_model::Localized;

use super::AssembleError;
use crate::bundle::{Payload, Source};
use crate::privacy::{Encoding, Kind, Leak, LeakScanner, Redactor};

/// Unpacked bytes that are looked through in one file; an archive may claim more than any disk holds.
const MOST_UNPACKED: u64 = 1 << 30;
/// Longer PDF files are looked through as they are, with a word about it.
const MOST_PDF: u64 = 96 << 20;
/// Shorter writings of a value come by chance in the bytes of a video.
const LONG_ENOUGH: usize = 7;

pub(super) struct Gate {
    scanner: LeakScanner,
    values: Vec<(String, Kind)>,
    found: Found,
}

#[derive(Default)]
struct Found {
    places: Vec<Localized>,
    warnings: Vec<Localized>,
    unseen: BTreeSet<String>,
}

/// What the gate says of a bundle in which nothing leaked.
pub(super) struct Passed {
    /// What its maker should know.
    pub warnings: Vec<Localized>,
    /// Files that could not be looked into, or not wholly.
    pub unseen: Vec<String>,
}

impl Gate {
    pub fn new(redactor: &Redactor) -> Self {
        let values: Vec<(String, Kind)> = redactor.values().map(|(value, kind)| (value.to_owned(), kind)).collect();
        let scanner = LeakScanner::new(values.iter().map(|(value, _)| value.as_str()));
        Self { scanner, values, found: Found::default() }
    }

    /// Texts that leave outside of files.
    pub fn words(&mut self, place: &str, words: &[&str]) {
        let mut look = self.look();
        look.words(place, words);
        let found = look.found;
        self.take(found);
    }

    /// Names and bytes of files. They are looked through side by side and told in their order.
    pub fn files(&mut self, files: &[Payload]) -> Result<(), AssembleError> {
        let next = AtomicUsize::new(0);
        let workers = std::thread::available_parallelism().map_or(1, usize::from).min(MOST_WORKERS);
        let work = || {
            let mut done = Vec::new();
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                let Some(file) = files.get(n) else { return done };
                let mut look = self.look();
                let looked = look.file(file).map(|()| look.found);
                done.push((n, looked));
            }
        };
        let mut done: Vec<(usize, Result<Found, AssembleError>)> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
            threads.into_iter().flat_map(|thread| thread.join().expect("invariant: looking never panics")).collect()
        });
        done.sort_by_key(|(n, _)| *n);
        for (_, found) in done {
            self.take(found?);
        }
        Ok(())
    }

    /// Nothing leaked, with what its maker should know; or every place where something would.
    pub fn finish(self) -> Result<Passed, AssembleError> {
        let Found { places, warnings, unseen } = self.found;
        if !places.is_empty() {
            return Err(AssembleError::Leak { places });
        }
        Ok(Passed { warnings, unseen: unseen.into_iter().collect() })
    }

    fn look(&self) -> Look<'_> {
        Look { scanner: &self.scanner, values: &self.values, found: Found::default() }
    }

    fn take(&mut self, found: Found) {
        for (all, new) in [(&mut self.found.places, found.places), (&mut self.found.warnings, found.warnings)] {
            let room = MOST_TOLD.saturating_sub(all.len());
            all.extend(new.into_iter().take(room));
        }
        self.found.unseen.extend(found.unseen);
    }
}

/// More readers than this wait for one disk.
const MOST_WORKERS: usize = 4;

/// One file being looked through.
struct Look<'g> {
    scanner: &'g LeakScanner,
    values: &'g [(String, Kind)],
    found: Found,
}

impl Look<'_> {
    fn words(&mut self, place: &str, words: &[&str]) {
        for word in words {
            let leaks = self.scanner.bytes(word.as_bytes());
            self.tell(place, &leaks, false);
        }
    }

    fn file(&mut self, file: &Payload) -> Result<(), AssembleError> {
        let name = file.path.as_str();
        self.words(name, &[name]);
        if name.starts_with("sealed/") {
            self.unseen(name);
            return Ok(());
        }
        match &file.source {
            Source::Bytes(bytes) => self.stream(name, bytes.len() as u64, &mut Cursor::new(bytes)),
            Source::File(path) => {
                let opened = File::open(path).map_err(AssembleError::io(path))?;
                let len = opened.metadata().map_err(AssembleError::io(path))?.len();
                self.stream(name, len, &mut BufReader::new(opened))
            }
        }
        .map_err(AssembleError::io(Path::new(name)))
    }

    fn stream(&mut self, name: &str, len: u64, reader: &mut (impl Read + Seek)) -> io::Result<()> {
        let mut head = Vec::new();
        reader.by_ref().take(4096).read_to_end(&mut head)?;
        reader.seek(SeekFrom::Start(0))?;
        // Made of chance: pictures, films, archives.
        let noise = head.contains(&0);
        let leaks = self.scanner.read(reader)?;
        self.tell(name, &leaks, noise);
        reader.seek(SeekFrom::Start(0))?;
        if head.starts_with(b"PK\x03\x04") {
            self.zip(name, reader)?;
        } else if head.starts_with(b"%PDF") {
            if len > MOST_PDF {
                self.unseen(name);
                return Ok(());
            }
            let mut bytes = Vec::new();
            reader.read_to_end(&mut bytes)?;
            self.pdf(name, &bytes);
        } else if head.starts_with(&[0x1f, 0x8b]) {
            let mut inflated = flate2::read::MultiGzDecoder::new(reader).take(MOST_UNPACKED);
            match self.scanner.read(&mut inflated) {
                Ok(leaks) if inflated.limit() > 0 => self.tell(name, &leaks, false),
                Ok(leaks) => {
                    self.tell(name, &leaks, false);
                    self.unseen(name);
                }
                Err(_) => self.unseen(name),
            }
        } else if noise && !is_picture(&head) {
            self.unseen(name);
        }
        Ok(())
    }

    fn unseen(&mut self, name: &str) {
        self.found.unseen.insert(name.to_owned());
    }

    fn zip(&mut self, name: &str, reader: &mut (impl Read + Seek)) -> io::Result<()> {
        let unreadable = |gate: &mut Self| gate.unseen(name);
        let Ok(mut archive) = zip::ZipArchive::new(reader) else {
            unreadable(self);
            return Ok(());
        };
        let mut left = MOST_UNPACKED;
        for n in 0..archive.len() {
            let Ok(mut entry) = archive.by_index(n) else {
                unreadable(self);
                continue;
            };
            let place = format!("{name} › {n}");
            let leaks = self.scanner.bytes(entry.name_raw());
            self.tell(&place, &leaks, false);
            let mut start = Vec::new();
            if entry.by_ref().take(4).read_to_end(&mut start).is_err() || is_packed(&start) {
                unreadable(self);
            }
            let mut counted = Counted { inner: start.chain(&mut entry), left };
            match self.scanner.read(&mut counted) {
                Ok(leaks) => self.tell(&place, &leaks, false),
                Err(_) => unreadable(self),
            }
            left = counted.left;
        }
        Ok(())
    }

    fn pdf(&mut self, name: &str, bytes: &[u8]) {
        let mut at = 0;
        let mut left = MOST_UNPACKED;
        let mut seen = is_plain_pdf(bytes);
        while let Some(found) = find(&bytes[at..], b"stream") {
            let mut begin = at + found + b"stream".len();
            begin += usize::from(bytes.get(begin) == Some(&b'\r'));
            begin += usize::from(bytes.get(begin) == Some(&b'\n'));
            let end = find(&bytes[begin..], b"endstream").map_or(bytes.len(), |len| begin + len);
            let mut content = Vec::new();
            let inflated = flate2::read::ZlibDecoder::new(&bytes[begin..end]).take(left.min(64 << 20));
            // What ends early is looked through as far as it goes.
            let _ = { inflated }.read_to_end(&mut content);
            if content.is_empty() {
                content.extend_from_slice(&bytes[begin..end]);
            }
            left = left.saturating_sub(content.len() as u64);
            seen &= is_plain_pdf(&content) && left > 0;
            let mut leaks = self.scanner.bytes(&content);
            leaks.extend(self.scanner.bytes(&strings(&content)));
            self.tell(name, &leaks, false);
            at = (end + b"endstream".len()).min(bytes.len());
        }
        if !seen {
            self.unseen(name);
        }
    }

    fn tell(&mut self, place: &str, leaks: &[Leak], noise: bool) {
        for leak in leaks {
            let (value, kind) = &self.values[leak.value];
            let short = written(value, leak.encoding) < LONG_ENOUGH;
            // A name of a file may be what leaks; then it is not shown.
            let shown = if self.scanner.bytes(place.as_bytes()).is_empty() { place } else { "(file name)" };
            let told = Localized::new(
                format!("{shown} 第 {} 字节处有一个{}（{:?}）", leak.at, kind.zh(), leak.encoding),
                format!("{shown}: a {} at byte {} ({:?})", kind.en(), leak.at, leak.encoding),
            );
            let list = if noise && short { &mut self.found.warnings } else { &mut self.found.places };
            if list.len() < MOST_TOLD && !list.contains(&told) {
                list.push(told);
            }
        }
    }
}

fn is_picture(head: &[u8]) -> bool {
    head.starts_with(&[0xFF, 0xD8])
        || head.starts_with(b"\x89PNG")
        || head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP")
}

/// Whether something begins as a file that would have to be opened in its turn.
fn is_packed(start: &[u8]) -> bool {
    start.starts_with(b"PK\x03\x04") || start.starts_with(b"%PDF") || start.starts_with(&[0x1f, 0x8b])
}

/// Whether nothing in these bytes says that a PDF's text is written in the numbers of a font's glyphs, is encrypted, or is packed in a way that is not
/// undone here. Names are compared as nearly all programs write them.
fn is_plain_pdf(bytes: &[u8]) -> bool {
    const HIDING: [&[u8]; 9] = [
        b"/Type0",
        b"/Identity-H",
        b"/Identity-V",
        b"/Type3",
        b"/Differences",
        b"/Encrypt",
        b"/LZWDecode",
        b"/ASCII85Decode",
        b"/ASCIIHexDecode",
    ];
    HIDING.iter().all(|name| find(bytes, name).is_none())
}

/// So many places are told.
const MOST_TOLD: usize = 20;

/// About how many bytes a value takes in a writing.
fn written(value: &str, encoding: Encoding) -> usize {
    match encoding {
        Encoding::Utf16Le | Encoding::Utf16Be => 2 * value.chars().count(),
        Encoding::Gbk => value.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum(),
        _ => value.len(),
    }
}

struct Counted<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Err(io::Error::other("too much to unpack"));
        }
        let read = self.inner.read(buffer)?;
        self.left = self.left.saturating_sub(read as u64);
        Ok(read)
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

/// The strings of a page's commands, one behind the other: a number may be set figure by figure.
fn strings(content: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < content.len() {
        match content[at] {
            b'(' => {
                let mut depth = 1;
                at += 1;
                while at < content.len() && depth > 0 {
                    match content[at] {
                        b'\\' => {
                            let octal = content[at + 1..].iter().take(3).take_while(|byte| matches!(byte, b'0'..=b'7'));
                            let code = octal.clone().fold(0_u32, |code, digit| code * 8 + u32::from(digit - b'0'));
                            match (octal.count(), content.get(at + 1)) {
                                (0, Some(byte @ (b'(' | b')' | b'\\'))) => {
                                    out.push(*byte);
                                    at += 1;
                                }
                                (0, _) => at += 1,
                                (digits, _) => {
                                    out.push(code as u8);
                                    at += digits;
                                }
                            }
                        }
                        b'(' => depth += 1,
                        b')' => depth -= 1,
                        byte => out.push(byte),
                    }
                    at += 1;
                }
            }
            b'<' if content.get(at + 1) != Some(&b'<') => {
                let end = content[at..].iter().position(|byte| *byte == b'>').map_or(content.len(), |len| at + len);
                let digits: Vec<u8> = content[at + 1..end].iter().copied().filter(u8::is_ascii_hexdigit).collect();
                for pair in digits.chunks_exact(2) {
                    let byte = std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok());
                    out.extend(byte);
                }
                at = end + 1;
            }
            _ => at += 1,
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_set_figure_by_figure_is_put_together() {
        assert_eq!(strings(b"BT [(138) -20 (0013) 5 (8000)] TJ <4142> Tj ET"), b"13800138000AB");
        assert_eq!(strings(b"(a\\)b(c)d) << /X 1 >>"), b"a)bcd");
        assert_eq!(
            strings(b"(\\061\\063812\\0635\\n678\\\\) (\\"),
            b"1381235678\\",
            "figures may be written as octal codes"
        );
    }
}
