//! JPEG: a walk over its segments (ISO/IEC 10918-1, annex B).

use super::{PictureError, Stripped, part};

const SOI: u8 = 0xD8;
const EOI: u8 = 0xD9;
const SOS: u8 = 0xDA;
const APP0: u8 = 0xE0;
const APP1: u8 = 0xE1;
const APP14: u8 = 0xEE;

pub(super) fn strip(bytes: &[u8]) -> Result<Stripped, PictureError> {
    let mut out = vec![0xFF, SOI];
    let mut removed = Vec::new();
    let mut at = 2;
    loop {
        if part(bytes, at, 1)? != [0xFF] {
            return Err(PictureError::Damaged { at, why: "no segment begins here" });
        }
        // Fill bytes may stand before a marker.
        while part(bytes, at + 1, 1)? == [0xFF] {
            at += 1;
        }
        let marker = part(bytes, at + 1, 1)?[0];
        match marker {
            EOI => {
                out.extend([0xFF, EOI]);
                if at + 2 < bytes.len() {
                    removed.push("trailing bytes".to_owned());
                }
                return Ok(Stripped { bytes: out, removed });
            }
            0x01 | 0xD0..=0xD7 => {
                out.extend([0xFF, marker]);
                at += 2;
            }
            _ => {
                let length = part(bytes, at + 2, 2)?;
                let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
                if length < 2 {
                    return Err(PictureError::Damaged { at, why: "a segment is shorter than its length" });
                }
                let body = part(bytes, at + 4, length - 2)?;
                let whole = part(bytes, at, length + 2)?;
                segment(marker, body, whole, &mut out, &mut removed);
                at += 2 + length;
                if marker == SOS {
                    let end = scan_end(bytes, at)?;
                    out.extend_from_slice(&bytes[at..end]);
                    at = end;
                }
            }
        }
    }
}

/// Copies a segment that pixels need, and names the others.
fn segment(marker: u8, body: &[u8], whole: &[u8], out: &mut Vec<u8>, removed: &mut Vec<String>) {
    match marker {
        // Version, unit and density; not the thumbnail.
        APP0 if body.starts_with(b"JFIF\0") && body.len() >= 14 => {
            if body.len() > 14 {
                removed.push("thumbnail".to_owned());
            }
            out.extend([0xFF, APP0, 0, 16]);
            out.extend_from_slice(&body[..12]);
            out.extend([0, 0]);
        }
        // Says how colours are coded; decoders need it.
        APP14 if body.starts_with(b"Adobe") && body.len() >= 12 => {
            out.extend([0xFF, APP14, 0, 14]);
            out.extend_from_slice(&body[..12]);
        }
        APP1 if body.starts_with(b"Exif\0") => {
            removed.push("Exif".to_owned());
            if let Some(way) = body.get(6..).and_then(orientation).filter(|way| *way != 1) {
                out.extend_from_slice(&upright(way));
            }
        }
        APP1 => removed.push("XMP".to_owned()),
        0xE2 => removed.push(if body.starts_with(b"ICC_PROFILE") { "ICC profile" } else { "APP2" }.to_owned()),
        0xED => removed.push("IPTC".to_owned()),
        0xE0..=0xEF => removed.push(format!("APP{}", marker - APP0)),
        0xFE => removed.push("comment".to_owned()),
        _ => out.extend_from_slice(whole),
    }
}

/// Where the coded data of a scan ends: at the first marker that is none of its own.
fn scan_end(bytes: &[u8], from: usize) -> Result<usize, PictureError> {
    let mut at = from;
    loop {
        let pair = part(bytes, at, 2)?;
        if pair[0] == 0xFF && !matches!(pair[1], 0x00 | 0xD0..=0xD7 | 0xFF) {
            return Ok(at);
        }
        at += 1;
    }
}

/// Which way up an Exif block says that the picture is (tag 0x0112).
pub(super) fn orientation(tiff: &[u8]) -> Option<u8> {
    let little = match tiff.get(..4)? {
        [b'I', b'I', 42, 0] => true,
        [b'M', b'M', 0, 42] => false,
        _ => return None,
    };
    let short = |at: usize| {
        let two = tiff.get(at..at + 2)?;
        Some(if little { u16::from_le_bytes([two[0], two[1]]) } else { u16::from_be_bytes([two[0], two[1]]) })
    };
    let long = |at: usize| {
        let four = tiff.get(at..at.checked_add(4)?)?;
        let four = [four[0], four[1], four[2], four[3]];
        Some(if little { u32::from_le_bytes(four) } else { u32::from_be_bytes(four) } as usize)
    };
    let first = long(4)?;
    let entries = short(first.checked_add(2).map(|_| first)?)?;
    (0..usize::from(entries))
        .find_map(|i| {
            let at = first + 2 + 12 * i;
            (short(at)? == 0x0112).then(|| short(at + 8))?.and_then(|way| u8::try_from(way).ok())
        })
        .filter(|way| (1..=8).contains(way))
}

/// An Exif segment that holds the way up and nothing else.
fn upright(way: u8) -> [u8; 36] {
    let mut out = [0; 36];
    out[..16].copy_from_slice(b"\xFF\xE1\x00\x22Exif\0\0MM\0\x2A\0\0");
    out[16..].copy_from_slice(&[0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, way, 0, 0, 0, 0, 0, 0]);
    out
}
