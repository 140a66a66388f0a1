//! Reads tar archives member by member, without unpacking them to disk. Only regular files count; names are never used
//! as paths.

use std::io::{self, Read};
use std::sync::{Arc, Mutex, PoisonError};

const BLOCK: usize = 512;
/// Long names and their like are small.
const MOST_META: u64 = 1 << 20;

struct Inner {
    input: Box<dyn Read + Send>,
    /// Bytes of the current member still to be read, and its padding.
    left: u64,
    padding: u64,
}

/// A tar archive being read.
#[derive(Clone)]
pub(crate) struct Tar(Arc<Mutex<Inner>>);

/// The content of one member; ends with it. It must not be read once the next member was asked for.
pub(crate) struct Member(Tar);

impl Tar {
    pub fn new(input: Box<dyn Read + Send>) -> Self {
        Self(Arc::new(Mutex::new(Inner { input, left: 0, padding: 0 })))
    }

    /// The next regular file: its name and its content.
    pub fn next_member(&mut self) -> io::Result<Option<(String, Member)>> {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut long_name: Option<String> = None;
        let mut size_told: Option<u64> = None;
        loop {
            inner.skip()?;
            let mut header = [0; BLOCK];
            if !inner.fill(&mut header)? || header.iter().all(|b| *b == 0) {
                return Ok(None);
            }
            let size = number(&header[124..136])?;
            let kind = header[156];
            inner.left = size;
            inner.padding = (BLOCK as u64 - size % BLOCK as u64) % BLOCK as u64;
            match kind {
                b'L' => {
                    let name = inner.meta(size)?;
                    long_name = Some(String::from_utf8_lossy(&name).trim_end_matches('\0').to_owned());
                }
                b'x' => {
                    let records = inner.meta(size)?;
                    for (key, value) in pax(&String::from_utf8_lossy(&records)) {
                        match key {
                            "path" => long_name = Some(value.to_owned()),
                            "size" => size_told = value.parse().ok(),
                            _ => {}
                        }
                    }
                }
                b'0' | 0 | b'7' => {
                    if let Some(size) = size_told.take() {
                        inner.left = size;
                        inner.padding = (BLOCK as u64 - size % BLOCK as u64) % BLOCK as u64;
                    }
                    let name = long_name.take().unwrap_or_else(|| short_name(&header));
                    drop(inner);
                    return Ok(Some((name, Member(self.clone()))));
                }
                _ => {
                    long_name = None;
                    size_told = None;
                }
            }
        }
    }
}

impl Inner {
    /// Moves behind the current member.
    fn skip(&mut self) -> io::Result<()> {
        let rest = self.left + self.padding;
        (self.left, self.padding) = (0, 0);
        let skipped = io::copy(&mut (&mut self.input).take(rest), &mut io::sink())?;
        if skipped < rest { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
    }

    /// Fills a header; false at the end of the archive.
    fn fill(&mut self, header: &mut [u8; BLOCK]) -> io::Result<bool> {
        let mut have = 0;
        while have < BLOCK {
            match self.input.read(&mut header[have..]) {
                Ok(0) if have == 0 => return Ok(false),
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(count) => have += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    fn meta(&mut self, size: u64) -> io::Result<Vec<u8>> {
        if size > MOST_META {
            return Err(io::Error::other("a tar header of more than 1 MiB"));
        }
        let mut bytes = Vec::new();
        (&mut self.input).take(size).read_to_end(&mut bytes)?;
        self.left = 0;
        Ok(bytes)
    }
}

impl Read for Member {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut inner = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        let most = into.len().min(usize::try_from(inner.left).unwrap_or(usize::MAX));
        if most == 0 {
            return Ok(0);
        }
        let count = inner.input.read(&mut into[..most])?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        inner.left -= count as u64;
        Ok(count)
    }
}

/// An octal number, or a big-endian one when its first bit is set.
fn number(field: &[u8]) -> io::Result<u64> {
    let bad = || io::Error::other("a tar header with a broken size");
    if field[0] & 0x80 != 0 {
        let value = field[1..].iter().try_fold(0_u64, |sum, b| sum.checked_mul(256)?.checked_add(u64::from(*b)));
        return value.filter(|v| *v < 1 << 60).ok_or_else(bad);
    }
    let digits: String = field.iter().map(|b| char::from(*b)).filter(|c| !matches!(c, '\0' | ' ')).collect();
    if digits.is_empty() { Ok(0) } else { u64::from_str_radix(&digits, 8).map_err(|_| bad()) }
}

fn short_name(header: &[u8; BLOCK]) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end_matches('\0').to_owned();
    let prefix = text(&header[345..500]);
    let name = text(&header[..100]);
    let name = name.split('\0').next().unwrap_or_default();
    let prefix = prefix.split('\0').next().unwrap_or_default();
    if prefix.is_empty() || &header[257..263] != b"ustar\0" { name.to_owned() } else { format!("{prefix}/{name}") }
}

/// `length key=value\n` records.
fn pax(text: &str) -> Vec<(&str, &str)> {
    text.lines().filter_map(|line| line.split_once(' ')?.1.split_once('=')).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A tar archive of some files.
    pub(crate) fn pack(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut out = Vec::new();
        for (name, content) in files {
            let mut header = [0_u8; BLOCK];
            header[..name.len()].copy_from_slice(name.as_bytes());
            header[124..136].copy_from_slice(format!("{:011o}\0", content.len()).as_bytes());
            header[156] = b'0';
            header[257..263].copy_from_slice(b"ustar\0");
            out.extend_from_slice(&header);
            out.extend_from_slice(content);
            out.resize(out.len().next_multiple_of(BLOCK), 0);
        }
        out.resize(out.len() + 2 * BLOCK, 0);
        out
    }

    #[test]
    fn gives_each_member_whether_or_not_the_one_before_was_read() {
        let mut tar = Tar::new(Box::new(io::Cursor::new(pack(&[("a.csv", b"one"), ("b/c.csv", b"two"), ("d", b"")]))));
        let (name, _) = tar.next_member().unwrap().unwrap();
        assert_eq!(name, "a.csv");
        let (name, mut member) = tar.next_member().unwrap().unwrap();
        let mut text = String::new();
        member.read_to_string(&mut text).unwrap();
        assert_eq!((name.as_str(), text.as_str()), ("b/c.csv", "two"));
        assert_eq!(tar.next_member().unwrap().unwrap().0, "d");
        assert!(tar.next_member().unwrap().is_none());
    }

    #[test]
    fn a_cut_archive_is_an_error() {
        let packed = pack(&[("a.csv", &[b'x'; 2000])]);
        let mut tar = Tar::new(Box::new(io::Cursor::new(packed[..1000].to_vec())));
        let (_, mut member) = tar.next_member().unwrap().unwrap();
        assert!(member.read_to_end(&mut Vec::new()).is_err());
    }
}
