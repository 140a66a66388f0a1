use std::io::{self, Read, Seek, SeekFrom, Write};

use super::{Entry, end_record};
use crate::bundle::digest::{Prints, read_through};

/// Writes entries as they come; names must ascend, or the reader refuses the archive.
pub(crate) struct ZipWriter<W> {
    out: W,
    at: u64,
    entries: Vec<Entry>,
}

impl<W: Write + Seek> ZipWriter<W> {
    pub fn new(out: W) -> Self {
        Self { out, at: 0, entries: Vec::new() }
    }

    pub fn bytes(&mut self, name: &str, bytes: &[u8]) -> io::Result<Prints> {
        let prints = Prints::of(bytes);
        let entry = self.entry(name, &prints)?;
        self.out.write_all(&entry.local())?;
        self.out.write_all(bytes)?;
        self.push(entry)?;
        Ok(prints)
    }

    /// Copies a reader of an expected length; its checksum is filled in afterwards.
    pub fn stream(&mut self, name: &str, reader: &mut dyn Read, expected: u64) -> io::Result<Prints> {
        let unknown = Prints { crc32: 0, bytes: 0, ..Prints::of(b"") };
        let header = self.entry(name, &unknown)?.local();
        self.out.write_all(&header)?;
        let out = &mut self.out;
        let prints = read_through(reader, expected, |chunk| out.write_all(chunk))?;
        let entry = self.entry(name, &prints)?;
        self.out.seek(SeekFrom::Start(self.at))?;
        self.out.write_all(&entry.local())?;
        self.out.seek(SeekFrom::Start(entry.end()))?;
        self.push(entry)?;
        Ok(prints)
    }

    pub fn finish(mut self) -> io::Result<W> {
        let central: Vec<u8> = self.entries.iter().flat_map(Entry::central).collect();
        self.out.write_all(&central)?;
        let end = end_record(self.entries.len(), small(self.at)?, small(central.len() as u64)?);
        self.out.write_all(&end)?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn entry(&self, name: &str, prints: &Prints) -> io::Result<Entry> {
        let (bytes, at) = (small(prints.bytes)?, small(self.at)?);
        Ok(Entry { name: name.to_owned(), crc32: prints.crc32, bytes, at })
    }

    fn push(&mut self, entry: Entry) -> io::Result<()> {
        self.at = entry.end();
        self.entries.push(entry);
        if self.entries.len() > usize::from(u16::MAX) - 1 {
            return Err(io::Error::other("more than 65,534 files in one ZIP; lower the limit of a part"));
        }
        Ok(())
    }
}

fn small(n: u64) -> io::Result<u32> {
    u32::try_from(n)
        .ok()
        .filter(|n| *n < u32::MAX)
        .ok_or_else(|| io::Error::other("more than 4 GiB in one ZIP; lower the limit of a part"))
}
