//! A second writer of ZIP files, in which every field can be made to lie.

use super::Tree;

/// An entry with all its fields.
#[derive(Clone)]
pub struct Raw {
    pub name: Vec<u8>,
    pub local_name: Option<Vec<u8>>,
    pub bytes: Vec<u8>,
    pub flags: u16,
    pub method: u16,
    pub time: u16,
    pub crc32: u32,
    pub local_size: u32,
    pub size: u32,
    pub stored_size: u32,
    pub mode: u32,
    pub extra: Vec<u8>,
    pub comment: Vec<u8>,
    pub disk: u16,
    /// Bytes before the local header.
    pub gap: Vec<u8>,
    /// Where the directory says it is, if not where it is.
    pub claimed_at: Option<u32>,
}

impl Raw {
    pub fn new(name: &str, bytes: &[u8]) -> Self {
        Self {
            name: name.as_bytes().to_vec(),
            local_name: None,
            bytes: bytes.to_vec(),
            flags: 0x800,
            method: 0,
            time: 0,
            crc32: crc32fast::hash(bytes),
            local_size: bytes.len() as u32,
            size: bytes.len() as u32,
            stored_size: bytes.len() as u32,
            mode: 0o100_644,
            extra: Vec::new(),
            comment: Vec::new(),
            disk: 0,
            gap: Vec::new(),
            claimed_at: None,
        }
    }
}

pub fn entries(folder: &str, tree: &Tree) -> Vec<Raw> {
    tree.iter().map(|(name, bytes)| Raw::new(&format!("{folder}/{name}"), bytes)).collect()
}

pub fn write(entries: &[Raw]) -> Vec<u8> {
    let (mut out, mut central) = (Vec::new(), Vec::new());
    for entry in entries {
        out.extend(&entry.gap);
        let at = out.len() as u32;
        let local_name = entry.local_name.as_ref().unwrap_or(&entry.name);
        out.extend(b"PK\x03\x04");
        numbers(&mut out, &[20, entry.flags, entry.method, entry.time, 0x21]);
        longs(&mut out, &[entry.crc32, entry.stored_size, entry.local_size]);
        numbers(&mut out, &[local_name.len() as u16, 0]);
        out.extend(local_name);
        out.extend(&entry.bytes);
        central.extend(b"PK\x01\x02");
        numbers(&mut central, &[0x0314, 20, entry.flags, entry.method, entry.time, 0x21]);
        longs(&mut central, &[entry.crc32, entry.stored_size, entry.size]);
        let lengths = [entry.name.len(), entry.extra.len(), entry.comment.len()].map(|n| n as u16);
        numbers(&mut central, &lengths);
        numbers(&mut central, &[entry.disk, 0]);
        longs(&mut central, &[entry.mode << 16, entry.claimed_at.unwrap_or(at)]);
        central.extend(&entry.name);
        central.extend(&entry.extra);
        central.extend(&entry.comment);
    }
    let at = out.len() as u32;
    out.extend(&central);
    out.extend(end(entries.len() as u16, central.len() as u32, at));
    out
}

pub fn end(count: u16, size: u32, at: u32) -> Vec<u8> {
    let mut out = b"PK\x05\x06".to_vec();
    numbers(&mut out, &[0, 0, count, count]);
    longs(&mut out, &[size, at]);
    numbers(&mut out, &[0]);
    out
}

/// The folder and the files of an archive of the one shape.
pub fn read(zip: &[u8]) -> (String, Tree) {
    let long = |at: usize| u32::from_le_bytes(zip[at..at + 4].try_into().unwrap()) as usize;
    let short = |at: usize| u16::from_le_bytes(zip[at..at + 2].try_into().unwrap()) as usize;
    let (mut at, mut tree, mut top) = (0, Tree::new(), String::new());
    while zip[at..].starts_with(b"PK\x03\x04") {
        let (size, name) = (long(at + 22), short(at + 26));
        let data = at + 30 + name;
        let full = std::str::from_utf8(&zip[at + 30..data]).unwrap();
        let (folder, name) = full.split_once('/').unwrap();
        top = folder.to_owned();
        tree.insert(name.to_owned(), zip[data..data + size].to_vec());
        at = data + size;
    }
    (top, tree)
}

fn numbers(out: &mut Vec<u8>, all: &[u16]) {
    all.iter().for_each(|n| out.extend(n.to_le_bytes()));
}

fn longs(out: &mut Vec<u8>, all: &[u32]) {
    all.iter().for_each(|n| out.extend(n.to_le_bytes()));
}
