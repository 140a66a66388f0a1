//! Opens an input: unpacks gz, zst and xz however they are nested, digests the raw bytes, keeps to the limits.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// A way of packing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Packing {
    Gzip,
    Zstd,
    Xz,
}

impl Packing {
    pub fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Xz => "xz",
        }
    }

    fn of(head: &[u8]) -> Option<Self> {
        match head {
            [0x1f, 0x8b, ..] => Some(Self::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Self::Zstd),
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(Self::Xz),
            _ => None,
        }
    }
}

/// More layers of packing than this are taken for an attack.
const MAX_LAYERS: usize = 3;

/// Memory that an xz stream may ask for.
const XZ_MEMORY: u64 = 512 << 20;

/// zstd windows up to 2^this bytes are accepted.
const ZSTD_WINDOW_LOG: u32 = 27;

/// What is known of the raw bytes of a file, shared with the progress bar.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    hasher: Mutex<blake3::Hasher>,
    digested: AtomicU64,
    read: Arc<AtomicU64>,
}

impl Meter {
    pub fn new(read: Arc<AtomicU64>) -> Arc<Self> {
        Arc::new(Self { hasher: Mutex::default(), digested: AtomicU64::new(0), read })
    }

    /// The number of bytes that [`Self::digest`] covers.
    pub fn digested(&self) -> u64 {
        self.digested.load(Ordering::Relaxed)
    }

    /// BLAKE3 of the raw bytes read so far, in hexadecimal.
    pub fn digest(&self) -> String {
        self.hasher.lock().unwrap_or_else(PoisonError::into_inner).finalize().to_hex().to_string()
    }
}

struct Metered<R> {
    inner: R,
    meter: Arc<Meter>,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(into)?;
        self.meter.read.fetch_add(count as u64, Ordering::Relaxed);
        self.meter.digested.fetch_add(count as u64, Ordering::Relaxed);
        self.meter.hasher.lock().unwrap_or_else(PoisonError::into_inner).update(&into[..count]);
        Ok(count)
    }
}

/// A reader that fails beyond a number of bytes.
struct Limited<R> {
    inner: R,
    left: u64,
    limit: u64,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.is_empty() {
            return Ok(0);
        }
        if self.left == 0 {
            // At the limit: it is only passed when there is another byte.
            return match self.inner.read(&mut [0])? {
                0 => Ok(0),
                _ => Err(io::Error::other(format!("unpacks to more than the limit of {} bytes", self.limit))),
            };
        }
        let most = into.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let count = self.inner.read(&mut into[..most])?;
        self.left -= count as u64;
        Ok(count)
    }
}

/// A stream whose first bytes can be looked at.
pub(crate) struct Peeked {
    head: Vec<u8>,
    at: usize,
    inner: Box<dyn Read + Send>,
    ended: bool,
    error: Option<io::Error>,
}

impl Peeked {
    pub fn new(inner: Box<dyn Read + Send>) -> Self {
        Self { head: Vec::new(), at: 0, inner, ended: false, error: None }
    }

    /// The first bytes, `count` of them unless the stream is shorter or fails before.
    pub fn peek(&mut self, count: usize) -> &[u8] {
        while self.head.len() < count && !self.ended {
            let old = self.head.len();
            self.head.resize(count, 0);
            match self.inner.read(&mut self.head[old..]) {
                Ok(got) => {
                    self.head.truncate(old + got);
                    self.ended = got == 0;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => self.head.truncate(old),
                Err(error) => {
                    // Told when the reader comes to this place, not earlier: what stands before it is good.
                    self.head.truncate(old);
                    self.ended = true;
                    self.error = Some(error);
                }
            }
        }
        &self.head[..self.head.len().min(count)]
    }

    /// Whether the bytes that [`Self::peek`] gave are all there are.
    pub fn is_whole(&self) -> bool {
        self.ended
    }

    /// What kept [`Self::peek`] from reading on.
    pub fn error(&self) -> Option<&io::Error> {
        self.error.as_ref()
    }
}

impl Read for Peeked {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.at < self.head.len() {
            let count = into.len().min(self.head.len() - self.at);
            into[..count].copy_from_slice(&self.head[self.at..self.at + count]);
            self.at += count;
            if self.at == self.head.len() {
                self.head = Vec::new();
                self.at = 0;
            }
            return Ok(count);
        }
        match self.error.take() {
            Some(error) => Err(error),
            None if self.ended => Ok(0),
            None => self.inner.read(into),
        }
    }
}

/// An input, unpacked.
pub(crate) struct Stream {
    pub bytes: Peeked,
    pub packing: Vec<Packing>,
}

/// A file's raw bytes under a meter.
pub(crate) fn open_file(path: &Path, meter: Arc<Meter>) -> io::Result<Box<dyn Read + Send>> {
    Ok(Box::new(Metered { inner: File::open(path)?, meter }))
}

/// Standard input under a meter.
pub(crate) fn open_stdin(meter: Arc<Meter>) -> Box<dyn Read + Send> {
    Box::new(Metered { inner: io::stdin(), meter })
}

/// Unpacks whatever layers of packing a stream has.
pub(crate) fn unpack(raw: Box<dyn Read + Send>, limit: u64) -> io::Result<Stream> {
    let mut bytes = Peeked::new(raw);
    let mut packing = Vec::new();
    while let Some(layer) = Packing::of(bytes.peek(6)) {
        if packing.len() == MAX_LAYERS {
            return Err(io::Error::other(format!("packed more than {MAX_LAYERS} times over")));
        }
        packing.push(layer);
        let inner = BufReader::with_capacity(128 << 10, bytes);
        let unpacked: Box<dyn Read + Send> = match layer {
            Packing::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(inner)),
            Packing::Zstd => {
                let mut decoder = zstd::stream::read::Decoder::with_buffer(inner)?;
                decoder.window_log_max(ZSTD_WINDOW_LOG)?;
                Box::new(decoder)
            }
            Packing::Xz => {
                let stream = liblzma::stream::Stream::new_auto_decoder(XZ_MEMORY, liblzma::stream::CONCATENATED)
                    .map_err(io::Error::other)?;
                Box::new(liblzma::bufread::XzDecoder::new_stream(inner, stream))
            }
        };
        bytes = Peeked::new(Box::new(Limited { inner: unpacked, left: limit, limit }));
    }
    Ok(Stream { bytes, packing })
}

/// All bytes of a stream; an error when there are more than `limit`.
pub(crate) fn read_whole(stream: &mut impl Read, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    stream.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::other(format!("larger than the limit of {limit} bytes for files read as a whole")));
    }
    Ok(bytes)
}

/// BLAKE3 of a file's raw bytes in hexadecimal: what [`crate::Ledger::digests`] tells once the file is read.
///
/// # Errors
/// What the system says of the file.
pub fn digest_file(path: &Path) -> io::Result<String> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(File::open(path)?)?;
    Ok(hasher.finalize().to_hex().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn unpacked(bytes: Vec<u8>, limit: u64) -> io::Result<(String, Vec<Packing>)> {
        let mut stream = unpack(Box::new(io::Cursor::new(bytes)), limit)?;
        let mut text = String::new();
        stream.bytes.read_to_string(&mut text)?;
        Ok((text, stream.packing))
    }

    #[test]
    fn packing_is_told_by_its_bytes() {
        assert_eq!(unpacked(b"plain".to_vec(), 100).unwrap(), ("plain".to_owned(), vec![]));
        assert_eq!(unpacked(gzip(b"a"), 100).unwrap(), ("a".to_owned(), vec![Packing::Gzip]));
        assert_eq!(unpacked(gzip(&gzip(b"a")), 100).unwrap().1, [Packing::Gzip, Packing::Gzip]);
        assert_eq!(unpacked([gzip(b"a"), gzip(b"b")].concat(), 100).unwrap().0, "ab");
        let packed = zstd::encode_all(&b"a"[..], 1).unwrap();
        assert_eq!(unpacked(packed, 100).unwrap(), ("a".to_owned(), vec![Packing::Zstd]));
        let mut encoder = liblzma::write::XzEncoder::new(Vec::new(), 1);
        encoder.write_all(b"a").unwrap();
        assert_eq!(unpacked(encoder.finish().unwrap(), 100).unwrap(), ("a".to_owned(), vec![Packing::Xz]));
    }

    #[test]
    fn a_bomb_stops_at_the_limit() {
        let error = unpacked(gzip(&[b'a'; 5000]), 1000).unwrap_err();
        assert!(error.to_string().contains("more than the limit of 1000 bytes"), "{error}");
        let nested = gzip(&gzip(&gzip(&gzip(b"a"))));
        assert!(unpacked(nested, 1000).unwrap_err().to_string().contains("3 times"));
    }

    #[test]
    fn a_cut_archive_gives_what_it_has_and_then_an_error() {
        let text: Vec<u8> = (0..200_000_u32).flat_map(|i| i.to_le_bytes()).collect();
        let mut packed = gzip(&text);
        packed.truncate(packed.len() / 2);
        let mut stream = unpack(Box::new(io::Cursor::new(packed)), u64::MAX).unwrap();
        let head = stream.bytes.peek(usize::MAX >> 40).len();
        assert!(head > 0);
        let mut got = Vec::new();
        assert!(stream.bytes.read_to_end(&mut got).is_err());
        assert!(got.len() >= head && text.starts_with(&got));
    }
}
