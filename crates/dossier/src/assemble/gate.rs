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

use super::{AssembleError, pdf_text};
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
    signer: String,
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
    /// Looks for what a redactor has replaced; `signer` is the fingerprint of the key, whose letters are nobody's.
    pub fn new(redactor: &Redactor, signer: &str) -> Self {
        let values: Vec<(String, Kind)> = redactor.values().map(|(value, kind)| (value.to_owned(), kind)).collect();
        let scanner = LeakScanner::new(values.iter().map(|(value, _)| value.as_str()));
        Self { scanner, values, signer: signer.to_owned(), found: Found::default() }
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
        Look { scanner: &self.scanner, values: &self.values, signer: &self.signer, found: Found::default() }
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
    signer: &'g str,
    found: Found,
}

impl Look<'_> {
    fn words(&mut self, place: &str, words: &[&str]) {
        for word in words {
            let mut leaks = self.scanner.bytes(word.as_bytes());
            leaks.retain(|leak| !lies_in(word.as_bytes(), usize::try_from(leak.at).unwrap_or(usize::MAX), self.signer));
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
        let mut leaks = Vec::new();
        for leak in self.scanner.read(reader)? {
            if !in_digest(reader, leak.at, self.signer)? {
                leaks.push(leak);
            }
        }
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
        let scanner = self.scanner;
        let mut leaks = Vec::new();
        let whole = pdf_text::read(bytes, MOST_UNPACKED, &mut |text| leaks.extend(scanner.bytes(text)));
        self.tell(name, &leaks, false);
        if !whole {
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

/// Whether a byte stands in a digest, or in the fingerprint of the key that signs: among thousands of their figures and letters, some are any short
/// value.
fn in_digest(reader: &mut (impl Read + Seek), at: u64, signer: &str) -> io::Result<bool> {
    const LONGEST: u64 = 128;
    let from = at.saturating_sub(LONGEST);
    reader.seek(SeekFrom::Start(from))?;
    let mut around = Vec::new();
    reader.by_ref().take(at - from + LONGEST + 1).read_to_end(&mut around)?;
    let (before, behind) =
        around.split_at(usize::try_from(at - from).map_or(around.len(), |here| here.min(around.len())));
    if lies_in(&around, before.len(), signer) {
        return Ok(true);
    }
    let digit = |byte: &&u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    let run = before.iter().rev().take_while(digit).count() + behind.iter().take_while(digit).count();
    Ok(matches!(run, 32 | 40 | 64 | 128) && behind.first().is_some_and(|byte| digit(&byte)))
}

/// Whether a place lies in a text that stands there.
fn lies_in(bytes: &[u8], at: usize, text: &str) -> bool {
    !text.is_empty() && memchr::memmem::find_iter(bytes, text).any(|start| (start..start + text.len()).contains(&at))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_within_a_digest_are_no_value() {
        let digest = "9e107d9d372bb6826bd81d3542a419d69e107d9d372bb6826bd81d3542a419d6";
        let within = |text: &str| {
            in_digest(&mut Cursor::new(text), text.find("6826").unwrap() as u64, "SHA256:abc6826/x+").unwrap()
        };
        assert!(within(&format!("\"{digest}\"")) && within(digest));
        assert!(within("指纹 SHA256:abc6826/x+") && !within("指纹 SHA256:abd6826/x+"));
        assert!(!within("加 6826 好友") && !within(&digest[..63]) && !within(&format!("{digest}0")));
    }
}
