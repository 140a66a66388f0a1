//! PNG: a walk over its chunks.

use super::{PictureError, Stripped, part};

/// Chunks that pixels and their colours need. Words, times, profiles and private chunks are not among them.
const KEPT: [&[u8; 4]; 14] = [
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"bKGD", b"pHYs", b"acTL",
    b"fcTL", b"fdAT",
];

const SIGNATURE: [u8; 8] = [0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A];

pub(super) fn strip(bytes: &[u8]) -> Result<Stripped, PictureError> {
    if part(bytes, 0, 8)? != SIGNATURE {
        return Err(PictureError::Unknown);
    }
    let mut out = SIGNATURE.to_vec();
    let mut removed = Vec::new();
    let mut at = 8;
    loop {
        let length = part(bytes, at, 4)?;
        let length = u32::from_be_bytes([length[0], length[1], length[2], length[3]]) as usize;
        let name = part(bytes, at + 4, 4)?;
        let whole = part(bytes, at, length.saturating_add(12))?;
        if KEPT.iter().any(|kept| kept[..] == *name) {
            out.extend_from_slice(whole);
        } else if name[0].is_ascii_uppercase() {
            return Err(PictureError::Damaged { at, why: "a chunk that pixels need is unknown" });
        } else {
            removed.push(String::from_utf8_lossy(name).into_owned());
        }
        at += whole.len();
        if name == b"IEND" {
            break;
        }
    }
    if at < bytes.len() {
        removed.push("trailing bytes".to_owned());
    }
    Ok(Stripped { bytes: out, removed })
}
