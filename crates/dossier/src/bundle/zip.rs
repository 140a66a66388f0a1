//! The one shape of ZIP file that a part has: stored, sorted, every field that could vary fixed.
//!
//! Layout and names of the fields as in PKWARE's APPNOTE 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16.

mod read;
mod write;

pub(crate) use read::{Zip, looks_like_zip, mentions};
pub(crate) use write::ZipWriter;

const LOCAL: [u8; 4] = *b"PK\x03\x04";
const CENTRAL: [u8; 4] = *b"PK\x01\x02";
const END: [u8; 4] = *b"PK\x05\x06";
const LOCAL_LEN: u64 = 30;
const CENTRAL_LEN: u64 = 46;
const END_LEN: u64 = 22;
/// Version 2.0, names in UTF-8, stored, 1980-01-01 00:00.
const COMMON: [u8; 10] = [20, 0, 0, 8, 0, 0, 0, 0, 0x21, 0];
/// Made on Unix by version 2.0, so that the file mode below counts.
const MADE_BY: [u8; 2] = [20, 3];
/// A regular file, mode 0644.
const MODE: u32 = 0o100_644 << 16;

/// One file of the archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub name: String,
    pub crc32: u32,
    pub bytes: u32,
    /// Where its local header begins.
    pub at: u32,
}

impl Entry {
    fn facts(&self) -> Vec<u8> {
        let mut out = COMMON.to_vec();
        out.extend(self.crc32.to_le_bytes());
        out.extend(self.bytes.to_le_bytes());
        out.extend(self.bytes.to_le_bytes());
        out.extend((self.name.len() as u16).to_le_bytes());
        out.extend([0; 2]);
        out
    }

    fn local(&self) -> Vec<u8> {
        [&LOCAL[..], &self.facts(), self.name.as_bytes()].concat()
    }

    fn central(&self) -> Vec<u8> {
        let mut out = [&CENTRAL[..], &MADE_BY, &self.facts(), &[0; 6]].concat();
        out.extend(MODE.to_le_bytes());
        out.extend(self.at.to_le_bytes());
        out.extend(self.name.as_bytes());
        out
    }

    fn data_at(&self) -> u64 {
        u64::from(self.at) + LOCAL_LEN + self.name.len() as u64
    }

    fn end(&self) -> u64 {
        self.data_at() + u64::from(self.bytes)
    }
}

fn end_record(entries: usize, central_at: u32, central_len: u32) -> Vec<u8> {
    let count = (entries as u16).to_le_bytes();
    let mut out = [&END[..], &[0; 4], &count, &count].concat();
    out.extend(central_len.to_le_bytes());
    out.extend(central_at.to_le_bytes());
    out.extend([0; 2]);
    out
}
