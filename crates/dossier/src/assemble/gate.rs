//! The last gate: every value that was replaced, looked for in every byte that leaves.
//!
//! Compressed streams are opened where the format is one of the common ones: ZIP (and with it XLSX, DOCX), the streams of a PDF with the strings in
//! them put together, gzip. What is sealed is not looked into: it is sealed.

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
    pub fn finish(self) -> Result<Vec<Localized>, AssembleError> {
        let Found { places, warnings } = self.found;
        if places.is_empty() { Ok(warnings) } else { Err(AssembleError::Leak { places }) }
    }

    fn look(&self) -> Look<'_> {
        Look { scanner: &self.scanner, values: &self.values, found: Found::default() }
    }

    fn take(&mut self, found: Found) {
        for (all, new) in [(&mut self.found.places, found.places), (&mut self.found.warnings, found.warnings)] {
            let room = MOST_TOLD.saturating_sub(all.len());
            all.extend(new.into_iter().take(room));
        }
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
                self.found.warnings.push(Localized::new(
                    format!("{name}：文件过大，未检查其中的压缩内容"),
                    format!("{name}: too long to look into its compressed streams"),
                ));
                return Ok(());
            }
            let mut bytes = Vec::new();
            reader.read_to_end(&mut bytes)?;
            self.pdf(name, &bytes);
        } else if head.starts_with(&[0x1f, 0x8b]) {
            let mut inflated = flate2::read::MultiGzDecoder::new(reader).take(MOST_UNPACKED);
            if let Ok(leaks) = self.scanner.read(&mut inflated) {
                self.tell(name, &leaks, false);
            }
        }
        Ok(())
    }

    fn zip(&mut self, name: &str, reader: &mut (impl Read + Seek)) -> io::Result<()> {
        let unreadable = |gate: &mut Self| {
            gate.found.warnings.push(Localized::new(
                format!("{name}：其中有无法解压的内容，未能检查"),
                format!("{name}: something in it cannot be unpacked and was not looked through"),
            ));
        };
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
            let mut counted = Counted { inner: &mut entry, left };
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
            let mut leaks = self.scanner.bytes(&content);
            leaks.extend(self.scanner.bytes(&strings(&content)));
            self.tell(name, &leaks, false);
            at = (end + b"endstream".len()).min(bytes.len());
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
                        b'\\' => at += 1,
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
        assert_eq!(strings(b"(a\\)b(c)d) << /X 1 >>"), b"abcd");
    }
}
