use std::fmt;
use std::io::{self, Read, Write};
use std::sync::Arc;
use std::sync::mpsc::sync_channel;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha512};

const CHUNK: usize = 256 * 1024;
/// Below this a second thread costs more than it hashes.
const WORTH_A_THREAD: u64 = 1024 * 1024;

/// A SHA-256, written as 64 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Sha256([u8; 32]);

impl Sha256 {
    /// What stands before the first record of a chain.
    pub const ZERO: Self = Self([0; 32]);

    /// The digest of some bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(sha2::Sha256::digest(bytes).into())
    }

    /// 64 lower-case hex digits; nothing else is taken.
    pub fn parse(text: &str) -> Option<Self> {
        let mut out = [0; 32];
        decode_hex(text, &mut out).then_some(Self(out))
    }

    /// The 32 bytes.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The digest of everything that is left to read, and how many bytes it is.
    ///
    /// # Errors
    /// What reading it fails with.
    pub fn of_reader(reader: &mut dyn Read) -> io::Result<(Self, u64)> {
        let (mut hashing, mut chunk) = (Hashing::new(io::sink()), vec![0; CHUNK]);
        loop {
            match fill(reader, &mut chunk)? {
                0 => return Ok(hashing.finish()),
                filled => hashing.write_all(&chunk[..filled])?,
            }
        }
    }

    pub(crate) fn from_hasher(hasher: sha2::Sha256) -> Self {
        Self(hasher.finalize().into())
    }
}

/// Hands on what is written and takes its digest on the way.
pub(crate) struct Hashing<W> {
    inner: W,
    hasher: sha2::Sha256,
    bytes: u64,
}

impl<W> Hashing<W> {
    pub fn new(inner: W) -> Self {
        Self { inner, hasher: sha2::Sha256::new(), bytes: 0 }
    }

    /// The digest of what was written, and how many bytes it is.
    pub fn finish(self) -> (Sha256, u64) {
        (Sha256::from_hasher(self.hasher), self.bytes)
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl TryFrom<String> for Sha256 {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("'{text}' is no SHA-256: write 64 lower-case hex digits"))
    }
}

impl From<Sha256> for String {
    fn from(digest: Sha256) -> Self {
        digest.to_string()
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        out.push(DIGITS[usize::from(byte >> 4)] as char);
        out.push(DIGITS[usize::from(byte & 15)] as char);
    }
    out
}

fn decode_hex(text: &str, out: &mut [u8]) -> bool {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let text = text.as_bytes();
    text.len() == out.len() * 2
        && out.iter_mut().zip(text.chunks_exact(2)).all(|(byte, pair)| match (digit(pair[0]), digit(pair[1])) {
            (Some(high), Some(low)) => {
                *byte = high << 4 | low;
                true
            }
            _ => false,
        })
}

/// All that is said of one file: both manifests' digests, the ZIP's checksum and the length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Prints {
    pub sha256: Sha256,
    pub sha512: String,
    pub crc32: u32,
    pub bytes: u64,
}

impl Prints {
    pub fn of(bytes: &[u8]) -> Self {
        Self {
            sha256: Sha256::of(bytes),
            sha512: hex(&Sha512::digest(bytes)),
            crc32: crc32fast::hash(bytes),
            bytes: bytes.len() as u64,
        }
    }
}

/// Reads to the end once, takes all digests on the way and hands each chunk on. A long file has its SHA-512 taken beside on a second
/// thread: it costs about as much as all the rest.
pub(crate) fn read_through(
    reader: &mut dyn Read,
    expected: u64,
    mut each: impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<Prints> {
    let mut front = Front::default();
    if expected < WORTH_A_THREAD {
        let mut sha512 = Sha512::new();
        let mut chunk = vec![0; (expected as usize + 1).clamp(512, CHUNK)];
        loop {
            let filled = fill(reader, &mut chunk)?;
            if filled == 0 {
                return Ok(front.finish(sha512));
            }
            sha512.update(&chunk[..filled]);
            front.take(&chunk[..filled]);
            each(&chunk[..filled])?;
        }
    }
    std::thread::scope(|scope| {
        let (send, receive) = sync_channel::<Arc<Vec<u8>>>(4);
        let beside = scope.spawn(move || {
            let mut sha512 = Sha512::new();
            for chunk in receive {
                sha512.update(&*chunk);
            }
            sha512
        });
        loop {
            let mut chunk = vec![0; CHUNK];
            let filled = fill(reader, &mut chunk)?;
            if filled == 0 {
                break;
            }
            chunk.truncate(filled);
            let chunk = Arc::new(chunk);
            send.send(Arc::clone(&chunk)).expect("invariant: the other thread listens until the sender is dropped");
            front.take(&chunk);
            each(&chunk)?;
        }
        drop(send);
        Ok(front.finish(beside.join().expect("invariant: hashing does not panic")))
    })
}

fn fill(reader: &mut dyn Read, chunk: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < chunk.len() {
        match reader.read(&mut chunk[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

#[derive(Default)]
struct Front {
    sha256: sha2::Sha256,
    crc32: crc32fast::Hasher,
    bytes: u64,
}

impl Front {
    fn take(&mut self, chunk: &[u8]) {
        self.sha256.update(chunk);
        self.crc32.update(chunk);
        self.bytes += chunk.len() as u64;
    }

    fn finish(self, sha512: Sha512) -> Prints {
        Prints {
            sha256: Sha256::from_hasher(self.sha256),
            sha512: hex(&sha512.finalize()),
            crc32: self.crc32.finalize(),
            bytes: self.bytes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_file_has_the_digests_that_its_bytes_have() {
        for length in [0, 1, CHUNK, 3 * CHUNK + 7, 9 * CHUNK] {
            let bytes: Vec<u8> = (0..length).map(|n| ((n * 31) >> 3) as u8).collect();
            let mut copy = Vec::new();
            let prints = read_through(&mut &bytes[..], length as u64, |chunk| {
                copy.extend_from_slice(chunk);
                Ok(())
            });
            assert_eq!(prints.unwrap(), Prints::of(&bytes));
            assert_eq!(copy, bytes);
        }
    }

    #[test]
    fn only_lower_case_hex_is_a_digest() {
        let text = Sha256::of(b"x").to_string();
        assert_eq!(Sha256::parse(&text).map(|digest| digest.to_string()), Some(text.clone()));
        assert_eq!(Sha256::parse(&text.to_uppercase()), None);
        assert_eq!(Sha256::parse(&text[1..]), None);
    }
}
