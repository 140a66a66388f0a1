//! WebP: a walk over the chunks of its RIFF container.

use super::{PictureError, Stripped, part};

/// The flags of `VP8X` for Exif, XMP and colour profile.
const TOLD: u8 = 0x20 | 0x08 | 0x04;

pub(super) fn strip(bytes: &[u8]) -> Result<Stripped, PictureError> {
    let size = part(bytes, 4, 4)?;
    let size = u32::from_le_bytes([size[0], size[1], size[2], size[3]]) as usize;
    let inner = part(
        bytes,
        12,
        size.checked_sub(4).ok_or(PictureError::Damaged { at: 4, why: "it is shorter than its length" })?,
    )?;
    let mut removed = Vec::new();
    let mut out = b"RIFF\0\0\0\0WEBP".to_vec();
    chunks(inner, 12, &mut out, &mut removed, true)?;
    let length = u32::try_from(out.len() - 8).map_err(|_| PictureError::Damaged { at: 4, why: "it is too long" })?;
    out[4..8].copy_from_slice(&length.to_le_bytes());
    if 12 + inner.len() < bytes.len() {
        removed.push("trailing bytes".to_owned());
    }
    Ok(Stripped { bytes: out, removed })
}

fn chunks(
    bytes: &[u8],
    base: usize,
    out: &mut Vec<u8>,
    removed: &mut Vec<String>,
    outer: bool,
) -> Result<(), PictureError> {
    let mut at = 0;
    while at < bytes.len() {
        let damaged = PictureError::Damaged { at: base + at, why: "a chunk ends too early" };
        let head = bytes.get(at..at + 8).ok_or(damaged.clone())?;
        let size = u32::from_le_bytes([head[4], head[5], head[6], head[7]]) as usize;
        let body = bytes.get(at + 8..at.saturating_add(8).saturating_add(size)).ok_or(damaged.clone())?;
        let name = &head[..4];
        match name {
            b"VP8X" if outer && !body.is_empty() => {
                let start = out.len() + 8;
                push(name, body, out);
                out[start] &= !TOLD;
            }
            b"VP8 " | b"VP8L" | b"ALPH" => push(name, body, out),
            b"ANIM" if outer => push(name, body, out),
            // A frame: sixteen bytes of place and time, then chunks again.
            b"ANMF" if outer => {
                let mut frame = body.get(..16).ok_or(damaged)?.to_vec();
                chunks(&body[16..], base + at + 24, &mut frame, removed, false)?;
                push(name, &frame, out);
            }
            _ => removed.push(String::from_utf8_lossy(name).trim().to_owned()),
        }
        at += 8 + size + size % 2;
    }
    Ok(())
}

fn push(name: &[u8], body: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(name);
    out.extend_from_slice(&(body.len() as u32).to_le_bytes());
    out.extend_from_slice(body);
    if body.len() % 2 == 1 {
        out.push(0);
    }
}
